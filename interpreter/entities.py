"""What the facts are about, as the engine holds it: customers, orders, lines, messages, actions.

Every moment is in seconds since 1970 UTC. Each entity is one row: the columns that are searched stand beside a JSON document of the rest;
these classes are both the thing in memory and the shape of that document. `fields` holds whatever else the shop told us
(custom fields), as it came: text, number, boolean, list, or None once it was emptied.
"""

from __future__ import annotations

from typing import Any

import msgspec

Fields = dict[str, Any]


class Contact(msgspec.Struct, omit_defaults=True):
    """An address of a customer: `email`, `phone`, `push`, `webpush`. Absent: no entry at all."""

    value: str
    valid: bool = True
    confirmation: str = "none"
    """`none`, `pending` or `confirmed`"""


class Subscription(msgspec.Struct, omit_defaults=True):
    """The consent of one channel, or of one topic of a channel (`domain.md` §2.6)."""

    status: str
    """`subscribed`, `unsubscribed` or `pending`"""
    explicit: bool = True
    """False: it follows from the level above."""
    at: int = 0


class Customer(msgspec.Struct, omit_defaults=True):
    """A person who may get messages."""

    id: int
    key: str
    """The external id: identity."""
    created_at: int = 0
    timezone: str | None = None
    contacts: dict[str, Contact] = msgspec.field(default_factory=dict)
    subscriptions: dict[str, Subscription] = msgspec.field(default_factory=dict)
    """By `email` or `email/news`."""
    fields: Fields = msgspec.field(default_factory=dict)
    erased: bool = False


class Line(msgspec.Struct, omit_defaults=True):
    """A position of an order."""

    id: str
    product: str | None = None
    quantity: int | float = 1
    price: int | float | None = None
    status: str | None = None
    original: bool = False
    """Came with the creation of the order: only these count for "all lines" (`domain.md` §2.3)."""
    delivered_at: int | None = None
    updated_at: int = 0
    """The latest date at which something was said of this line: older news do not overwrite it."""
    fields: Fields = msgspec.field(default_factory=dict)


class Order(msgspec.Struct, omit_defaults=True):
    """An order and its lines in their latest state."""

    id: int
    key: str
    customer: int
    created_at: int
    updated_at: int
    """The latest date of its changes, by the source's own dates."""
    status: str | None = None
    """The status all lines that came with the creation share, else the last one given to the order as a whole."""
    given_status: str | None = None
    """The last status given to the order as a whole, by the source's own dates."""
    given_at: int = 0
    """When `given_status` was given."""
    total: int | float | None = None
    email: str | None = None
    phone: str | None = None
    lines: dict[str, Line] = msgspec.field(default_factory=dict)
    fields: Fields = msgspec.field(default_factory=dict)
    facts: list[int] = msgspec.field(default_factory=list)
    """What has been said of it, in order: "since created" counts it again from the first fact on."""


class Action(msgspec.Struct, omit_defaults=True):
    """Something the customer did, or was done to him: a template name and a date."""

    id: int
    customer: int
    template: str
    at: int
    actor: str = "customer"
    order: str | None = None
    """The order's own id."""
    fields: Fields = msgspec.field(default_factory=dict)


class Message(msgspec.Struct, omit_defaults=True):
    """One message to one customer, from the decision on."""

    id: int
    customer: int
    template: str
    channel: str | None
    """None: no channel could be had, the message was skipped."""
    at: int
    """The decision moment."""
    state: str
    transactional: bool = False
    staff: bool = False
    """A notice to staff: not a message to the customer; conditions and caps pass over it."""
    journey: int = 0
    order: str | None = None
    times: dict[str, int] = msgspec.field(default_factory=dict)
    """When each further state came: `sent`, `delivered`, `opened`, `clicked`, …"""
