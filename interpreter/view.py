"""What one journey may read while it decides: its customer, what triggered it, history, and the moments that windows start from."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from datetime import date
from typing import Protocol

import attrs

from dsl import nodes
from interpreter.entities import Action
from interpreter.entities import Customer
from interpreter.entities import Line
from interpreter.entities import Message
from interpreter.entities import Order


class Terms(Protocol):
    """What the project says beside the scenario: its words, policies and zones."""

    timezone: str
    """The project's zone."""

    @property
    def caps(self) -> Sequence[Cap]:
        """The caps of the project."""

    @property
    def is_holiday(self) -> Callable[[date], bool]:
        """Whether a day is a holiday."""

    def category(self, status: str) -> str | None:
        """The category of a status: placed, paid, delivered, cancelled, returned."""

    def field_type(self, entity: str, field: str) -> str | None:
        """`date`, `number` … for a field, where the catalog or a `define field` says."""

    def contact_kind(self, channel: str) -> str:
        """Which contact a channel writes to: `email`, `phone`, `push`, `webpush`."""

    def topic(self, template: str) -> str | None:
        """The topic of a template, if it has one."""

    def quiet_zone(self, zone: str) -> str:
        """On whose clock quiet hours are read, for a customer in `zone`."""

    def policy_quiet(self, channel: str) -> tuple[nodes.Quiet, ...]:
        """The quiet hours that policies lay on a channel."""

    def fixed_holdout(self, scenario: str, customer: str) -> bool | None:
        """In a test: whether the customer is in the control group; None: drawn."""

    def fixed_arm(self, split: str, customer: str) -> str | None:
        """In a test: the arm the customer takes; None: drawn."""


@attrs.frozen(slots=True)
class Cap:
    """`policy cap N messages within D [else hold D]`"""

    count: int
    channel: str | None
    """None: messages of every channel."""
    within: nodes.Duration
    hold: nodes.Duration | None


def _none(_: str) -> Mapping[int, int]:
    return {}


@attrs.define(slots=True, eq=False)
class View:
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
    last_send: int | None = None
    this: View | None = None
    """In the filter of a later event (`stop on`, `goal`, `wait up to`): what the journey itself sees, `this.order.…`."""
    read_orders: Callable[[], Sequence[Order]] = attrs.field(default=tuple)
    read_messages: Callable[[], Sequence[Message]] = attrs.field(default=tuple)
    read_actions: Callable[[], Sequence[Action]] = attrs.field(default=tuple)

    read_applications: Callable[[str], Mapping[int, int]] = attrs.field(default=_none)

    def applications(self, key: str) -> Mapping[int, int]:
        """What a limit counts under a key: unit -> moment."""
        return self.read_applications(key)

    def orders(self) -> Sequence[Order]:
        """All orders of the customer."""
        return self.read_orders()

    def messages(self) -> Sequence[Message]:
        """The messages of the customer, oldest first."""
        return self.read_messages()

    def actions(self) -> Sequence[Action]:
        """The actions of the customer, oldest first."""
        return self.read_actions()
