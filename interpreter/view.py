"""What one journey may read while it decides: its customer, what triggered it, history, and the moments that windows start from."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import Protocol

import msgspec

from dsl import nodes
from dsl.forms import Record
from dsl.offers import Offer
from interpreter.belongings import Belonging
from interpreter.entities import Action
from interpreter.entities import Customer
from interpreter.entities import Line
from interpreter.entities import Message
from interpreter.entities import Order
from interpreter.entities import Product
from interpreter.journey import Key


class Terms(Protocol):
    """What the project says beside the scenario: its words, policies and zones."""

    timezone: str
    """The project's zone."""

    @property
    def caps(self) -> Sequence[Cap]:
        """The caps of the project."""

    def category(self, status: str) -> str | None:
        """The category of a status: placed, paid, delivered, cancelled, returned."""

    def field_type(self, entity: str, field: str) -> str | None:
        """`date`, `number` … for a field, where the catalog or a `define field` says."""

    def topic(self, template: str) -> str | None:
        """The topic of a template, if it has one."""

    def quiet_zone(self, zone: str) -> str:
        """On whose clock quiet hours are read, for a customer in `zone`."""

    def quiet_end(self, now: int, quiet: tuple[nodes.Quiet, ...], zone: str) -> int | None:
        """When it is not quiet any more for a customer in `zone`; None: it is not quiet now. Raises ValueError: that never ends."""

    def policy_quiet(self, channel: str) -> tuple[nodes.Quiet, ...]:
        """The quiet hours that policies lay on a channel."""

    def fixed_holdout(self, scenario: str, customer: str) -> bool | None:
        """In a test: whether the customer is in the control group; None: drawn."""

    def fixed_arm(self, split: str, customer: str) -> str | None:
        """In a test: the arm the customer takes; None: drawn."""


class History(Protocol):
    """What happened before, of whoever is loaded."""

    def orders_of(self, customer: int) -> Sequence[Order]:
        """All orders of a customer."""

    def messages_of(self, customer: int) -> Sequence[Message]:
        """The messages of a customer, oldest first."""

    def actions_of(self, customer: int) -> Sequence[Action]:
        """The actions of a customer, oldest first."""

    def of(self, customer: int, kind: str) -> Mapping[str, Belonging]:
        """What a customer has of a kind, by key."""

    def product(self, key: str) -> Product | None:
        """By the shop's own id."""

    def offered(self, offer: Offer, view: View) -> Sequence[Product]:
        """What a template may offer to the customer of a view."""

    def applications(self, scenario: int, key: Key) -> Mapping[int, int]:
        """What a limit of a scenario counts under a key: unit -> moment."""


class NoHistory:
    """Nothing happened before."""

    def orders_of(self, _: int) -> Sequence[Order]:
        """None."""
        return ()

    def messages_of(self, _: int) -> Sequence[Message]:
        """None."""
        return ()

    def actions_of(self, _: int) -> Sequence[Action]:
        """None."""
        return ()

    def of(self, _: int, __: str) -> Mapping[str, Belonging]:
        """None."""
        return {}

    def product(self, _: str) -> Product | None:
        """None."""
        return None

    def offered(self, _: Offer, __: View) -> Sequence[Product]:
        """None."""
        return ()

    def applications(self, _: int, __: Key) -> Mapping[int, int]:
        """None."""
        return {}


class Cap(Record):
    """`policy cap N messages within D [else hold D]`"""

    count: int
    channel: str | None
    """None: messages of every channel."""
    within: nodes.Duration
    hold: nodes.Duration | None


class View(msgspec.Struct, eq=False):
    """What a journey sees at one moment. All moments in seconds since 1970 UTC."""

    project: Terms
    now: int
    context_time: int
    started: int
    zone: str
    """The customer's zone, else the project's."""
    customer: Customer
    order: Order | None = None
    line: Line | None = None
    action: Action | None = None
    message: Message | None = None
    things: Mapping[str, Any] = {}
    """What else triggered: `product`, `item`, `view`, `session`, `change`, `promo`, `card`, `code`; None: it is gone."""
    last_send: int | None = None
    this: View | None = None
    """In the filter of a later event (`stop on`, `goal`, `wait up to`): what the journey itself sees, `this.order.…`."""
    history: History = msgspec.field(default_factory=NoHistory)
    scenario: int = 0
    """Whose limits are asked for."""

    def applications(self, key: Key) -> Mapping[int, int]:
        """What a limit counts under a key: unit -> moment."""
        return self.history.applications(self.scenario, key)

    def orders(self) -> Sequence[Order]:
        """All orders of the customer."""
        return self.history.orders_of(self.customer.id)

    def messages(self) -> Sequence[Message]:
        """The messages of the customer, oldest first."""
        return self.history.messages_of(self.customer.id)

    def actions(self) -> Sequence[Action]:
        """The actions of the customer, oldest first."""
        return self.history.actions_of(self.customer.id)

    def of(self, kind: str) -> Mapping[str, Belonging]:
        """What the customer has of a kind, by key."""
        return self.history.of(self.customer.id, kind)

    def product(self, key: str | None) -> Product | None:
        """By the shop's own id; of one that nobody told us about only that is known."""
        return None if key is None else self.history.product(key) or Product(key)

    @property
    def price_zone(self) -> str | None:
        """The zone whose prices and stock the customer sees; None: those of the main feed."""
        return self.customer.fields.get("zone")
