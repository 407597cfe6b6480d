"""Who may be written to: `reachable C`, `subscribed C`, and why a message cannot go (`language.md` §2.3, `domain.md` §4.2, K-1 … K-6)."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterable

from dsl.catalog import CHANNELS
from interpreter.entities import Contact
from interpreter.entities import Customer
from interpreter.entities import Order
from interpreter.facts import is_address

#: A call with a code: nobody subscribes to it (`domain.md` §4.2).
_WITHOUT_CONSENT = frozenset({"flash"})

#: Channel -> the contact it writes to; a device is one of its own channel.
_CONTACTS = {name: name if channel.contact == "device" else channel.contact for name, channel in CHANNELS.items()}


def contact_kind(channel: str) -> str:
    """Which contact a channel writes to: `email`, `phone`, `push`, `webpush`."""
    return _CONTACTS.get(channel, channel)


def reachable(customer: Customer, channel: str) -> str | None:
    """None: contact present and valid; else `unreachable` or `invalid_contact`."""
    contact = _contact(customer, channel)
    if contact is None:
        return "unreachable"
    return None if contact.valid else "invalid_contact"


def subscribed(customer: Customer, channel: str, topic: str | None) -> str | None:
    """None: reachable, and consents; else `unreachable`, `invalid_contact` or `no_consent`.

    A topic decides where one is named; one nobody has decided on follows its channel (`domain.md` §2.6).
    Explicit and implicit are equal.
    """
    return _reason(customer, _contact(customer, channel), channel, topic)


def refusal(
    customer: Customer, order: Order | None, channel: str, topic: str | None, *, transactional: bool, asks: Collection[str] = ()
) -> tuple[str | None, str | None]:
    """Why a message by a channel cannot go, or where it goes: (reason, None) or (None, address).

    A transactional one needs a contact and nothing more, the order's own before the customer's (K-4, `engine.md` §9).
    `asks`: the kinds of contact of which it asks the one that waits to be confirmed, where there is one.
    """
    contact = _contact(customer, channel)
    if transactional:
        kind = contact_kind(channel)
        awaited = customer.awaited.get(kind) if kind in asks else None
        for given in (_order_contact(order, kind), awaited, contact.value if contact else None):
            if given and is_address(kind, given):
                return None, given
        return "unreachable", None
    reason = _reason(customer, contact, channel, topic)
    return (reason, None) if reason is not None or contact is None else (None, contact.value)


def refusals(customer: Customer, channels: Iterable[str], topic: str | None, *, transactional: bool) -> tuple[tuple[str, str], ...]:
    """What a message asked of each of its channels, as one would write it, and why the answer was no: for the ledger."""
    if transactional:
        return tuple((f"reachable {channel}", "unreachable") for channel in channels)
    behind = f' to "{topic}"' if topic is not None else ""
    return tuple((f"subscribed {channel}{behind}", subscribed(customer, channel, topic) or "yes") for channel in channels)


def _reason(customer: Customer, contact: Contact | None, channel: str, topic: str | None) -> str | None:
    if contact is None:
        return "unreachable"
    if not contact.valid:
        return "invalid_contact"
    if channel in _WITHOUT_CONSENT:
        return None
    known = customer.subscriptions
    found = known.get(f"{channel}/{topic}") if topic is not None else None
    found = found or known.get(channel)
    return None if found is not None and found.status == "subscribed" else "no_consent"


def _contact(customer: Customer, channel: str) -> Contact | None:
    """The main contact of a channel; one that waits to take its place is none (K-5)."""
    contact = customer.contacts.get(_CONTACTS.get(channel, channel))
    if contact is None or not contact.value or customer.erased:
        return None
    return contact


def _order_contact(order: Order | None, kind: str) -> str | None:
    if order is None:
        return None
    return order.email if kind == "email" else order.phone if kind == "phone" else None
