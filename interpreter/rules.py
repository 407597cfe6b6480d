"""Everything a tick must know of the text: the compiled scenarios and the terms they share."""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from datetime import date
from functools import cached_property

import attrs

from dsl import calendar
from dsl import nodes
from dsl.calendar import holiday_checker
from dsl.catalog import CATEGORIES
from dsl.catalog import ENTITIES
from dsl.catalog import EVENTS
from dsl.offers import COUNTED
from dsl.offers import Offer
from dsl.project import Placed
from dsl.project import Project
from dsl.project import TemplateTable
from dsl.source import Source
from interpreter.belongings import Item
from interpreter.belongings import ProductView
from interpreter.compiler import compile_scenario
from interpreter.conditions import Condition
from interpreter.conditions import compile as compile_condition
from interpreter.expressions.reading import Scope
from interpreter.program import Scenario
from interpreter.segments import Segment
from interpreter.segments import compile_segments
from interpreter.view import Cap

#: What is only looked for where somebody listens for it, by words that stand in a text which does.
_SELDOM = tuple(
    (re.compile(rf"\b({words})\b"), frozenset(kinds))
    for words, kinds in (
        ("in list|in views", (kind for kind in EVENTS if kind.startswith(("list.", "views.")))),
        ("bought", ("product.bought",)),
        ("product action", ("product.action",)),
        ("formed", ("message.formed",)),
        ("sent", ("message.sent",)),
        ("failed", ("message.failed",)),
        ("product", ("products",)),
    )
)
_OF_DELIVERY = frozenset({"message.sent", "message.failed"})
_FIELD = re.compile(r"\bproduct\.(\w+)")


def _never(_: date) -> bool:
    return False


@attrs.define(slots=False, eq=False)
class Rules:
    """A checked project, compiled. `Terms` of every view."""

    project: Project
    timezone: str = "UTC"
    quiet_by_project: bool = False
    """Quiet hours on the project's clock instead of the customer's."""
    launched: bool = False
    """The last tick ran these same files: what is remembered of the scenarios is as they are."""
    fixed_arms: dict[tuple[str, str], str] = attrs.field(factory=dict)
    """In tests: (split, customer) -> arm."""
    fixed_holdouts: dict[tuple[str, str], bool] | None = None
    """In tests: (scenario, customer) -> in the control group; who is not named is not in it."""
    _compiled: dict[str, Scenario] = attrs.field(factory=dict, init=False)
    _types: dict[tuple[str, str], str | None] = attrs.field(factory=dict, init=False)
    _spells: dict[tuple[tuple[nodes.Quiet, ...], str], tuple[int, int, int | None]] = attrs.field(factory=dict, init=False)
    """Of quiet hours in a zone: from when to when the last answer holds, and that answer."""
    _heard_too: frozenset[str] = attrs.field(default=frozenset(), init=False)
    _fields_too: frozenset[str] = attrs.field(default=frozenset(), init=False)
    """What texts that are not today's listen for."""

    # ----------------------------------------------------------------------------------------------------- scenarios

    @cached_property
    def scenarios(self) -> Mapping[str, Scenario]:
        """The scenarios of the working copy, by name."""
        return {name: self.compile(placed) for name, placed in self.project.scenarios.items()}

    @cached_property
    def heard(self) -> frozenset[str]:
        """The kinds of event by which a scenario starts, stops, goes on or reaches its goal."""
        return self._heard_too.union(
            listener.event.kind.key for scenario in self.scenarios.values() for listener in (*scenario.triggers, *scenario.listened_for)
        )

    @property
    def hears_of_delivery(self) -> bool:
        """Whether anybody listens for what becomes of messages."""
        return not _OF_DELIVERY.isdisjoint(self.heard)

    def hear_too(self, texts: Iterable[str]) -> None:
        """Journeys may go by texts that are not today's: what these listen for, rather too much of it than a text compiled for nothing."""
        for text in texts:
            self._heard_too = self._heard_too.union(*(kinds for words, kinds in _SELDOM if words.search(text)))
            self._fields_too = self._fields_too.union(_FIELD.findall(text))
        for name in ("heard", "asked", "product_fields"):
            vars(self).pop(name, None)

    @cached_property
    def asked(self) -> frozenset[str]:
        """What is heard, and `products` where anything reads what is known of them: by this it is decided what facts need loaded."""
        reads = self.segment_reads.union(*(one.reads | one.start_reads | one.watch_reads for one in self.scenarios.values()))
        return self.heard | {"products"} if "products" in reads else self.heard

    @cached_property
    def product_fields(self) -> frozenset[str]:
        """The fields of products whose changes a scenario listens for."""
        listeners = (one for scenario in self.scenarios.values() for one in (*scenario.triggers, *scenario.listened_for))
        return self._fields_too.union(
            field for one in listeners if one.event.kind.key in {"list.field", "views.field"} for field in one.event.fields
        )

    @cached_property
    def offers(self) -> frozenset[Offer]:
        """What templates offer."""
        return frozenset().union(*(scenario.offers for scenario in self.scenarios.values()))

    @cached_property
    def counts_orders(self) -> bool:
        """Whether anything is offered by what was ordered."""
        return any(offer.name in COUNTED for offer in self.offers)

    @cached_property
    def product_segments(self) -> Mapping[str, Condition]:
        """The product segments, by name: what a product must be."""
        return {name: compile_condition(node.where, Scope(self.project)) for name, node in self.project.vocabulary.products.items()}

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """Those that recalculate themselves; who is asked for stands before who asks."""
        return compile_segments((placed.node for placed in self.project.segments.values()), Scope(self.project))

    @cached_property
    def segment_reads(self) -> frozenset[str]:
        """The families of facts that segments look at; none where there are no segments."""
        reads = (segment.condition.reads for segment in self.segments)
        return frozenset({"segment"}).union(*reads) if self.segments else frozenset()

    @cached_property
    def asked_of_products(self) -> frozenset[str]:
        """The kinds of what customers have of whose products segments ask more than which they are."""
        reads = self.segment_reads
        return reads & {Item.kind, ProductView.kind} if "products" in reads else frozenset()

    def is_recalculated(self, segment: str) -> bool:
        """Whether a segment follows from a condition."""
        return segment in self.project.segments

    def tier_of(self, segment: str) -> tuple[str, ...]:
        """The other segments of its tier: a customer is in one of them at most."""
        known = self.project.vocabulary.segments
        tier = known.get(segment)
        return () if tier is None else tuple(name for name, other in known.items() if other == tier and name != segment)

    def compile(self, placed: Placed[nodes.Scenario]) -> Scenario:
        """One scenario of this project, or an older text of it."""
        return compile_scenario(placed.node, Scope(self.project), self.templates, self.project.surroundings.valid)

    def compile_text(self, name: str, text: str) -> Scenario:
        """An older text of a scenario, with the words of today's project."""
        if text not in self._compiled:
            from dsl.parser import parse

            source = Source(f"{name}.scn", text)
            found = [node for node in parse(source).file.statements if isinstance(node, nodes.Scenario)]
            self._compiled[text] = self.compile(Placed(source, found[0]))
        return self._compiled[text]

    @property
    def templates(self) -> Mapping[str, TemplateTable]:
        """What is known of each template."""
        return self.project.surroundings.templates or {}

    # --------------------------------------------------------------------------------------------------------- terms

    @cached_property
    def caps(self) -> tuple[Cap, ...]:
        """The caps of the project."""
        policies = (placed.node for placed in self.project.policies)
        return tuple(
            Cap(policy.count, policy.channel.text if policy.channel else None, policy.within, policy.hold)
            for policy in policies
            if isinstance(policy, nodes.PolicyCap)
        )

    @cached_property
    def is_holiday(self) -> Callable[[date], bool]:
        """Whether a day is a holiday in the project's country."""
        country = self.project.surroundings.holidays
        return holiday_checker(country) if country else _never

    @cached_property
    def _quiet(self) -> dict[str, tuple[nodes.Quiet, ...]]:
        return {}

    def policy_quiet(self, channel: str) -> tuple[nodes.Quiet, ...]:
        """The quiet hours that policies lay on a channel."""
        if channel not in self._quiet:
            policies = (placed.node for placed in self.project.policies)
            self._quiet[channel] = tuple(
                policy.quiet
                for policy in policies
                if isinstance(policy, nodes.PolicyQuiet) and (not policy.channels or any(name.text == channel for name in policy.channels))
            )
        return self._quiet[channel]

    def quiet_end(self, now: int, quiet: tuple[nodes.Quiet, ...], zone: str) -> int | None:
        """When it is not quiet any more for a customer in `zone`; None: it is not quiet now. Raises ValueError: that never ends.

        Every act asks, and for hours the answer is the same.
        """
        spell = self._spells.get((quiet, zone))
        if spell is not None and spell[0] <= now < spell[1]:
            return spell[2]
        end, until = calendar.quiet_spell(now, quiet, self.quiet_zone(zone), self.is_holiday)
        self._spells[quiet, zone] = (now, until, end)
        return end

    def quiet_zone(self, zone: str) -> str:
        """On whose clock quiet hours are read, for a customer in `zone`."""
        return self.timezone if self.quiet_by_project else zone

    @cached_property
    def _categories(self) -> Mapping[str, str | None]:
        named = (*CATEGORIES, *self.project.vocabulary.categories)
        return {status: self.project.status_category(status) for status in named}

    def category(self, status: str) -> str | None:
        """The category of a status."""
        return self._categories.get(status)

    def keeps_price(self, name: str) -> bool:
        """Whether a list keeps the price at which a product was put in; one that nobody defined does."""
        return self.project.vocabulary.lists.get(name, True)

    def field_type(self, entity: str, field: str) -> str | None:
        """The type of a field, where the catalog or a `define field` says."""
        place = (entity, field)
        if place not in self._types:
            self._types[place] = self._field_type(entity, field)
        return self._types[place]

    def _field_type(self, entity: str, field: str) -> str | None:
        defined = self.project.vocabulary.fields.get(f"{entity}.{field}")
        if defined is not None:
            return defined.value
        known = ENTITIES.get(entity)
        row = known.fields.get(field) if known else None
        return row.type.value if row else None

    def pool(self, name: str) -> nodes.DefinePromo | None:
        """What `define promo` says of a pool of codes."""
        return self.project.vocabulary.promos.get(name)

    def topic(self, template: str) -> str | None:
        """The topic of a template, if it has one."""
        known = self.templates.get(template)
        return known.topic if known else None

    def confirms(self, kind: str) -> bool:
        """Whether customers are asked to confirm contacts of a kind."""
        return kind in self.project.surroundings.confirm

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics the project knows: defined, or named by a template."""
        named = (template.topic for template in self.templates.values())
        return tuple(dict.fromkeys([*self.project.vocabulary.topics, *(topic for topic in named if topic)]))

    def fixed_holdout(self, scenario: str, customer: str) -> bool | None:
        """In a test: whether the customer is in the control group; None: drawn."""
        return None if self.fixed_holdouts is None else self.fixed_holdouts.get((scenario, customer), False)

    def fixed_arm(self, split: str, customer: str) -> str | None:
        """In a test: the arm the customer takes; None: drawn."""
        return self.fixed_arms.get((split, customer))
