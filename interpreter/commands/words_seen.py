"""For `scn doctor`: words of the shop in the data that no `define` knows, and words of the scenarios that no fact has ever brought."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

import attrs

from dsl import nodes
from dsl.catalog import CATEGORIES
from dsl.catalog import ENTITIES
from dsl.catalog import OPERATIONS
from dsl.catalog import ResolvedEvent
from dsl.checks._words import event_names
from dsl.checks._words import names_of
from dsl.meaning.reading import everywhere
from dsl.meaning.reading import readings
from dsl.project import Project
from dsl.spelling import closest
from interpreter.belongings import Account
from interpreter.belongings import Belonging
from interpreter.belongings import Item
from interpreter.belongings import Membership
from interpreter.belongings import Promo
from interpreter.entities import Action
from interpreter.entities import Order
from interpreter.entities import Product
from interpreter.facts import Fact

#: Different words of one kind that are kept; a source that puts a number into each would fill the memory.
_KEPT = 10_000
#: Words that are told.
_TOLD = 5


@attrs.frozen(slots=True)
class Kind:
    """A kind of word."""

    word: str
    plural: str
    of: str
    """What is counted, in the singular."""
    define: str


STATUS = Kind("status", "statuses", "order", "define status order")
LIST = Kind("list", "lists", "line", "define list")
ACTION = Kind("action", "actions", "action", "define action")
BALANCE = Kind("balance", "balances", "account", "define balance")
POOL = Kind("promo pool", "promo pools", "code", "define promo")
SEGMENT = Kind("segment", "segments", "customer", "define segment")
TOPIC = Kind("topic", "topics", "", "define topic")
CATEGORY = Kind("product category", "product categories", "product", "")
FIELD = Kind("product field", "product fields", "product", "")
KINDS = (STATUS, CATEGORY, FIELD, LIST, ACTION, BALANCE, POOL, SEGMENT, TOPIC)


class Seen:
    """The words of a database, gathered while it is read anyway."""

    def __init__(self) -> None:
        self.counts: dict[Kind, Counter[str]] = {kind: Counter() for kind in KINDS}
        self._told: Counter[str] = Counter()
        """Statuses that came at any time."""

    def order(self, order: Order) -> None:
        """Each status it or one of its lines has, once."""
        for status in {order.status, *(line.status for line in order.lines.values())}:
            self._add(self.counts[STATUS], status)

    def action(self, action: Action) -> None:
        """Its template, unless an operation left it."""
        if action.template not in OPERATIONS:
            self._add(self.counts[ACTION], action.template)

    def belonging(self, found: Belonging) -> None:
        """What a customer has."""
        match found:
            case Item(list=name):
                self._add(self.counts[LIST], name)
            case Account(name=name):
                self._add(self.counts[BALANCE], name)
            case Promo(pool=name):
                self._add(self.counts[POOL], name)
            case Membership(segment=name):
                self._add(self.counts[SEGMENT], name)

    def product(self, product: Product) -> None:
        """Its category, and its fields that are the shop's own, in any zone."""
        self._add(self.counts[CATEGORY], product.category)
        for name in {*product.fields, *(name for zone in product.zones.values() for name in zone.fields)}:
            self._add(self.counts[FIELD], name)

    def fact(self, fact: Fact) -> None:
        """What came in; an order keeps only its latest status."""
        if fact.op.startswith("order."):
            for told in _statuses(fact.data):
                self._add(self._told, told)

    def topics(self, topics: Iterable[str]) -> None:
        """Those that somebody was subscribed to."""
        for topic in topics:
            self._add(self.counts[TOPIC], topic)

    def ever(self, kind: Kind) -> set[str]:
        """Every word of a kind."""
        return {*self.counts[kind], *(self._told if kind is STATUS else ())}

    @staticmethod
    def _add(counter: Counter[str], word: str | None) -> None:
        if word and (word in counter or len(counter) < _KEPT):
            counter[word] += 1


def _statuses(data: Any) -> Iterator[str]:
    waiting = [data]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            if isinstance(one.get("status"), str):
                yield one["status"]
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


def notes(project: Project, seen: Seen) -> Iterator[tuple[str, str]]:
    """Sentences and hints, kind by kind."""
    defined = _defined(project)
    for kind in KINDS:
        known = defined[kind]
        strange = {word: count for word, count in seen.counts[kind].most_common() if known and word not in known}
        if strange:
            counted = {word: f" ({count:,} {kind.of}{'' if count == 1 else 's'})" if kind.of else "" for word, count in strange.items()}
            shown = [f"`{word}`{counted[word]}" for word in strange]
            near = next((f"; `{word}` may mean `{right}`" for word in strange if (right := closest(word, known))), "")
            hint = f"put the source right, or add them to `{kind.define}`{near}"
            yield f"{kind.plural} in the data that no `{kind.define}` has: {_some(shown)}", hint
    for kind, asked in _asked(project).items():
        ever = seen.ever(kind)
        never = sorted(asked - ever)
        if ever and never:
            meant = closest(never[0], ever)
            hint = f"did you mean `{meant}`?" if meant else f"seen so far: {_some([f'`{word}`' for word in _often(seen, kind)])}"
            what = kind.word if len(never) == 1 else kind.plural
            yield f"the scenarios ask for the {what} {_some([f'`{word}`' for word in never])}, never seen in the data", hint


def _often(seen: Seen, kind: Kind) -> list[str]:
    found = [word for word, _ in seen.counts[kind].most_common()]
    return [*found, *sorted(seen.ever(kind) - {*found})]


def _some(words: list[str]) -> str:
    more = f" and {len(words) - _TOLD:,} more" if len(words) > _TOLD else ""
    return ", ".join(words[:_TOLD]) + more


def _defined(project: Project) -> dict[Kind, set[str]]:
    """The words of `define`; none where a kind is not defined."""
    words = project.vocabulary
    statuses = {*words.statuses, *words.categories}
    return {
        STATUS: {*statuses, *CATEGORIES} if words.statuses else set(),
        # What is in the shop is no mistake: nobody defines it.
        CATEGORY: set(),
        FIELD: set(),
        LIST: set(words.lists),
        ACTION: set(words.actions),
        BALANCE: set(words.balances),
        POOL: set(words.promos),
        SEGMENT: {*words.segments, *project.segments} if words.segments else set(),
        TOPIC: set(words.topics),
    }


def _categories(project: Project) -> set[str]:
    """What the category of a product is compared with."""
    asked = [(one.left, [one.right]) for _, one in everywhere(project, nodes.Compare)]
    asked += [(one.operand, [*one.choices]) for _, one in everywhere(project, nodes.OneOf)]
    return {
        value.value
        for field, values in asked
        if isinstance(field, nodes.Field) and field.path[-2:] == ("product", "category")
        for value in values
        if isinstance(value, nodes.Literal) and isinstance(value.value, str)
    }


def _asked(project: Project) -> dict[Kind, set[str]]:
    """Words that scenarios wait for or compare with, without those their own steps write."""
    statuses: set[str] = set()
    fields = {field.path[-1] for _, field in everywhere(project, nodes.Field) if field.path[-2:-1] == ("product",)}
    for reading in readings(project):
        for _, event in reading.events:
            if isinstance(event, ResolvedEvent) and event.kind.key in {"list.field", "views.field"}:
                fields |= {*event.fields}
            if isinstance(event, ResolvedEvent) and event.kind.key in {"order.status", "line.status"}:
                statuses |= {*event.to, *event.from_}
    steps = [*everywhere(project, nodes.AddTo)]
    written = {
        STATUS: {
            step.value.value
            for _, step in everywhere(project, nodes.Set)
            if isinstance(step.value, nodes.Literal) and isinstance(step.value.value, str)
        },
        LIST: {step.name.text for _, step in steps if step.kind == "list"},
        BALANCE: {step.account.text for _, step in everywhere(project, nodes.Award)},
        SEGMENT: {step.name.text for _, step in steps if step.kind == "segment"} | {*project.segments},
    }
    found = {
        STATUS: statuses,
        CATEGORY: _categories(project),
        FIELD: fields - ENTITIES["product"].fields.keys(),
        LIST: {name.text for _, name in names_of(project, (nodes.Event, "list_name"), (nodes.InList, "name"))}
        | {name.text for _, name in event_names(project, "list.changed")},
        ACTION: {name.text for _, name in event_names(project, "action", "product.action")} - {*OPERATIONS},
        BALANCE: {name.text for _, name in names_of(project, (nodes.BalanceOf, "account"))}
        | {name.text for _, name in event_names(project, "balance.negative", "balance.available", "balance.changed")},
        SEGMENT: {name.text for _, name in names_of(project, (nodes.InSegment, "name"), (nodes.Every, "segment"))}
        | {name.text for _, name in event_names(project, "segment.entered", "segment.left")},
        TOPIC: {name.text for _, name in names_of(project, (nodes.Subscribed, "topic"), (nodes.Event, "topic"))},
    }
    return {kind: words - written.get(kind, set()) for kind, words in found.items()}
