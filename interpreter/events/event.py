"""What a trigger recognises in a fact, with everything that journeys started by it may ask for."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Container
from collections.abc import Mapping
from typing import Any
from typing import Protocol

import msgspec

from dsl import nodes
from interpreter.entities import Action
from interpreter.entities import Customer
from interpreter.entities import Line
from interpreter.entities import Message
from interpreter.entities import Order
from interpreter.facts import Fact


class Words(Protocol):
    """What the project says of the shop's words."""

    @property
    def heard(self) -> Collection[str]:
        """The kinds of event that anybody listens for."""

    @property
    def product_fields(self) -> frozenset[str]:
        """The fields of products that triggers choose."""

    @property
    def asked_of_products(self) -> Collection[str]:
        """The kinds of what customers have of whose products segments ask more than which they are."""

    def category(self, status: str) -> str | None:
        """The category of a status: placed, paid, delivered, cancelled, returned."""

    timezone: str
    """The project's zone."""

    def topic(self, template: str) -> str | None:
        """The topic of a template, if it has one."""

    def is_recalculated(self, segment: str) -> bool:
        """Whether a segment follows from a condition."""

    def tier_of(self, segment: str) -> tuple[str, ...]:
        """The other segments of its tier."""

    def pool(self, name: str) -> nodes.DefinePromo | None:
        """What `define promo` says of a pool of codes."""

    def confirms(self, kind: str) -> bool:
        """Whether customers are asked to confirm contacts of a kind."""

    def keeps_price(self, name: str) -> bool:
        """Whether a list keeps the price at which a product was put in."""


Statuses = frozenset[str | None]
NONE: Statuses = frozenset()
#: Of each line that moved: its status before and now.
Moves = tuple[tuple[str | None, str | None], ...]
#: Entities by the word of the language: `product`, `item`, `view`, `session`, `change`, `promo`, `card`, `code`.
Things = Mapping[str, Any]
_NO_THINGS: Things = {}


class Event(msgspec.Struct, frozen=True, eq=False):
    """Something that happened to a customer, by one fact."""

    kind: str
    """As in the catalog: `order.status`."""
    customer: Customer
    at: int
    """The fact's own date, seconds since 1970 UTC: T of a journey that starts by it."""
    fact: int | None
    actor: str
    order: Order | None = None
    origin: Fact | None = None
    """Of orders and registrations: the fact, which `action.…` means in a scenario it starts."""
    later_change: bool = False
    """The order has a change with a later date already: starts nothing (`domain.md` §3.3)."""
    line: Line | None = None
    done: Action | None = None
    """Of `action`: the action itself."""
    message: Message | None = None
    before: Statuses = NONE
    """Of `order.status`: which statuses the lines that came with the order had; none: the order just appeared."""
    after: Statuses = NONE
    """Of `order.status`: which they have now."""
    moves: Moves = ()
    """Of `line.status`: status before and now of each line that moved."""
    changed: frozenset[str] = frozenset()
    """Of customer events: names of the fields that changed."""
    channel: str | None = None
    topic: str | None = None
    status: str | None = None
    """Of `subscription` and `card.status`: the new one."""
    name: str | None = None
    """Of lists, segments, accounts, pools: which one."""
    things: Things = _NO_THINGS
    """What else it is about: each has a `key`, by which journeys that it starts find it again."""
    promised_at: int | None = None
    """Of points that became available: when they came in; a scenario must have run then too (`domain.md` §3.9)."""
    previous: Any = None
    """Of a changed product: what it was at the same source (A-06); of its fields: those that changed at the same time already (A-04).
    Of `card.replaced`: the old card."""

    @property
    def subject(self) -> object:
        """What it is about: one fact may be two events of a kind, about two products or two customers.

        A product in two of his lists is one product.
        """
        if self.line is None and not self.things:
            return self.customer.id
        line = None if self.line is None else self.line.id
        return self.customer.id, line, *(thing.key for word, thing in self.things.items() if word != "item" or "product" not in self.things)

    @property
    def action(self) -> Action | None:
        """What `action.…` means."""
        if self.origin is None:
            return self.done
        return trigger_action(self.origin, self.customer, self.order.key if self.order is not None else None)


class _Everything:
    def __contains__(self, _: object) -> bool:
        return True


#: The kinds of event somebody listens for, where that is not known.
EVERYTHING: Container[str] = _Everything()
#: Stands for every event that nobody listens for: it is counted, and there is nothing more to know of it.
UNHEARD = Event("", Customer(0, ""), 0, None, "")

#: Whether a trigger means an event of its kind.
Matcher = Callable[[Event], bool]


def trigger_action(fact: Fact, customer: Customer, order: str | None = None) -> Action:
    """What `action.…` means in a scenario started by a fact: the action itself, else one named after the operation (`domain.md` §2.5)."""
    if fact.op == "balance.mature" and fact.data:
        # What was done is the accrual; that its points can be spent now only follows from it.
        fact = msgspec.structs.replace(fact, op="balance.change", actor=fact.data["actor"], data=fact.data["told"])
    return Action(fact.id, customer.id, action_template(fact), fact.at, fact.actor, order, action_fields(fact))


def action_template(fact: Fact) -> str:
    """That of the action a fact issues: its own where it may name one, else the operation."""
    return str((fact.op.startswith(_NAMING_TEMPLATES) and fact.data.get("template")) or fact.op)


def action_fields(fact: Fact) -> dict[str, Any]:
    """Everything else the fact says of the action; products by their ids."""
    fields = {name: value for name, value in fact.data.items() if name not in {"order", "template"}}
    if fact.op.startswith("list.") and fact.op != "list.clear":
        fields["products"] = [product["id"] for product in fields["products"]]
    elif fact.op == "product.view":
        fields["products"] = [fields.pop("product")]
    return fields


#: Operations that may name the template of the action they issue.
_NAMING_TEMPLATES = ("action.", "list.", "product.view", "category.")
