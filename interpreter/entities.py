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
    """`none` (nothing is known), `pending` or `confirmed`"""
    invalid_until: int | None = None
    """From when on it counts as valid again."""


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
    awaited: dict[str, str] = msgspec.field(default_factory=dict)
    """By kind: a further contact that waits to be confirmed, and takes the place of the main one when it is."""
    fields: Fields = msgspec.field(default_factory=dict)
    erased: bool = False
    merged_into: int | None = None
    """Whose this record became part of; it counts as erased, and nothing else is left of it."""


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
    promos: dict[str, list[str]] = msgspec.field(default_factory=dict)
    """Code -> the lines it applies to."""
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


class Together(msgspec.Struct):
    """What changed of a product at one time, in one batch (`domain.md` A-04): a further change of that time is not another one."""

    batch: str
    at: int
    names: tuple[str, ...]


class Regional(msgspec.Struct, omit_defaults=True):
    """What a feed of one zone says of a product; an attribute may be empty though there is a record (`domain.md` ZL3)."""

    price: int | float | None = None
    old_price: int | float | None = None
    available: bool | None = None
    updated_at: int = 0
    fields: Fields = msgspec.field(default_factory=dict)
    together: Together | None = None


class Product(msgspec.Struct, omit_defaults=True):
    """Something the shop sells, as its main feed has it, and what the feeds of zones say of it."""

    key: str
    """The shop's own id."""
    name: str | None = None
    url: str | None = None
    picture: str | None = None
    category: str | None = None
    price: int | float | None = None
    old_price: int | float | None = None
    available: bool | None = None
    """None: nothing is known."""
    expiry: str | None = None
    """How long it lasts after delivery, ISO 8601: `P2M`."""
    added_at: int = 0
    updated_at: int = 0
    """The latest change in the main feed, by the source's own dates."""
    fields: Fields = msgspec.field(default_factory=dict)
    zones: dict[str, Regional] = msgspec.field(default_factory=dict)
    together: Together | None = None
    """Of the main feed."""

    def at_zone(self, name: str, zone: str | None) -> Any:
        """`price`, `old_price` or `available` for a customer of a zone: that of the zone, where it says one."""
        regional = self.zones.get(zone) if zone is not None else None
        value = getattr(regional, name) if regional is not None else None
        return getattr(self, name) if value is None else value

    def field(self, name: str, zone: str | None) -> Any:
        """A field of the shop's own, as `at_zone`."""
        regional = self.zones.get(zone) if zone is not None else None
        value = regional.fields.get(name) if regional is not None else None
        return self.fields.get(name) if value is None else value
