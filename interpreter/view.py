"""What one journey may read while it decides: its customer, what triggered it, history, and the moments that windows start from."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from typing import Protocol

import attrs

from interpreter.entities import Action
from interpreter.entities import Customer
from interpreter.entities import Line
from interpreter.entities import Message
from interpreter.entities import Order


class Facts(Protocol):
    """The project's own knowledge that conditions need."""

    def category(self, status: str) -> str | None:
        """The category of a status: placed, paid, delivered, cancelled, returned."""

    def field_type(self, entity: str, field: str) -> str | None:
        """`date`, `number` … for a field, where the catalog or a `define field` says."""

    def contact_kind(self, channel: str) -> str:
        """Which contact a channel writes to: `email`, `phone`, `push`, `webpush`."""

    def topic(self, template: str) -> str | None:
        """The topic of a template, if it has one."""


@attrs.define(slots=True, eq=False)
class View:
    """What a journey sees at one moment. All moments in seconds since 1970 UTC."""

    project: Facts
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
    read_orders: Callable[[], Sequence[Order]] = attrs.field(default=tuple)
    read_messages: Callable[[], Sequence[Message]] = attrs.field(default=tuple)
    read_actions: Callable[[], Sequence[Action]] = attrs.field(default=tuple)

    def orders(self) -> Sequence[Order]:
        """All orders of the customer."""
        return self.read_orders()

    def messages(self) -> Sequence[Message]:
        """The messages of the customer, oldest first."""
        return self.read_messages()

    def actions(self) -> Sequence[Action]:
        """The actions of the customer, oldest first."""
        return self.read_actions()
