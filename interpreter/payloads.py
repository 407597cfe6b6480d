"""What each operation may carry (`events.md` §2.1): the types msgspec checks at the door, and its findings in the marketer's words.

Whatever an entity carries beyond these is a field of the shop's own and may hold any JSON value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

Id = str | int
Number = int | float

#: How people say yes and no. Where a channel is expected neither is one, though a table may well have them there.
YES = frozenset({"true", "yes", "1", "да", "истина"})
NO = frozenset({"false", "no", "0", "нет", "ложь"})

#: Where a fact of a customer names channels.
CONSENTS = ("subscribed", "unsubscribed", "pending")
#: What to write instead of yes and no.
UNDER_WHICH = "under `subscribed` where it was agreed to, and under `unsubscribed` where it was not"


class Customer(msgspec.Struct):
    """`customer.*`: fields stand beside the envelope."""

    customer: Id
    email: str | None = None
    phone: Id | None = None
    push: str | None = None
    webpush: str | None = None
    name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    birthday: str | None = None
    sex: str | None = None
    city: str | None = None
    zone: Id | None = None
    timezone: str | None = None
    email_confirmed: bool | str | None = None
    phone_confirmed: bool | str | None = None
    created_at: str | None = None
    subscribed: list[str] | None = None
    unsubscribed: list[str] | None = None
    pending: list[str] | None = None


class Erase(msgspec.Struct):
    """`customer.erase`"""

    customer: Id


class ContactConfirmed(msgspec.Struct):
    """`contact.confirm`: the contact by its value, or the customer's own of that kind."""

    kind: str
    value: Id | None = None
    customer: Id | None = None


class ContactValidity(msgspec.Struct):
    """`contact.validity`"""

    kind: str
    valid: bool
    invalid_until: str | None = None
    value: Id | None = None
    customer: Id | None = None


class Subscription(msgspec.Struct):
    """`subscription.set`: of a channel, or of one topic of it."""

    customer: Id
    channel: str
    status: str
    topic: str | None = None
    explicit: bool = True


class Line(msgspec.Struct):
    """A line of an order. Without an id its product names it."""

    id: Id | None = None
    product: Id | None = None
    quantity: Number | None = None
    price: Number | None = None
    status: str | None = None
    delivered_at: str | None = None
    promo: Id | None = None


class Order(msgspec.Struct):
    """An order, whole or the part of it that changed."""

    id: Id
    status: str | None = None
    total: Number | None = None
    created_at: str | None = None
    updated_at: str | None = None
    email: str | None = None
    phone: Id | None = None
    delivery_date: str | None = None
    promo: Id | None = None
    lines: list[Line] | None = None


class OrderCreate(msgspec.Struct):
    """`order.create`"""

    customer: Id
    order: Order


class OrderChange(msgspec.Struct):
    """`order.update`, `order.status`"""

    order: Order
    customer: Id | None = None


class Action(msgspec.Struct):
    """`action.issue`: fields of the action stand beside the envelope."""

    customer: Id
    template: str
    order: Id | None = None
    products: list[Id] | None = None


class MessageStatus(msgspec.Struct):
    """`message.status`: what the provider says of one message."""

    message: Id
    status: str
    to: str | None = None
    hard: bool = True


#: Every operation of this release and what it carries.
PAYLOADS: Mapping[str, type[msgspec.Struct]] = {
    "customer.register": Customer,
    "customer.register_or_enrich": Customer,
    "customer.import": Customer,
    "customer.create_and_subscribe": Customer,
    "customer.edit": Customer,
    "customer.erase": Erase,
    "contact.confirm": ContactConfirmed,
    "contact.validity": ContactValidity,
    "subscription.set": Subscription,
    "order.create": OrderCreate,
    "order.update": OrderChange,
    "order.status": OrderChange,
    "action.issue": Action,
    "message.status": MessageStatus,
}

# --------------------------------------------------------------------------------------------------------- sentences


_EXPECTED = {
    "str": "text",
    "int": "a whole number",
    "int | str": "an id (text or a whole number)",
    "int | float": "a number",
    "bool": "`true` or `false`",
    "bool | str": '`true`, `false` or `"pending"`',
    "array": "a list",
    "object": "an object in braces",
}
_FINDING = re.compile(r"Expected `(?P<wanted>[^`]+)`, got `[^`]+`(?: - at `\$\.?(?P<path>.*)`)?$")
_MISSING = re.compile(r"Object missing required field `(?P<field>\w+)`(?: - at `\$\.?(?P<path>.*)`)?$")
_PLACE = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


def explain(problem: msgspec.ValidationError, found: Any) -> tuple[str, str]:
    """Where the mistake is and what was expected there, from what msgspec says of the value `found`."""
    text = str(problem)
    if missing := _MISSING.match(text):
        place = missing["path"] or ""
        return f"{place}.{missing['field']}".lstrip("."), f"expected {_wanted_field(missing['field'])}, found nothing"
    finding = _FINDING.match(text)
    assert finding, text
    path = finding["path"] or ""
    if path.partition("[")[0] in CONSENTS:
        return path, no_channel(_value_at(found, path), whole=path in CONSENTS)
    if finding["wanted"] == "bool | null":
        return path, f"expected `true`, `false` or `null` (not known), found {shown(_value_at(found, path))}"
    wanted = finding["wanted"].removesuffix(" | null")
    return path, f"expected {_EXPECTED[wanted]}, found {shown(_value_at(found, path))}"


def no_channel(value: Any, *, whole: bool = False) -> str:
    """What is wrong with a value where channels belong, or with one of them; of what may mean yes or no, where to say it."""
    expected = (
        'a list of channels such as `["email"]` or topics such as `["email/news"]`'
        if whole
        else "a channel such as `email` or a topic such as `email/news`"
    )
    truth = isinstance(value, dict) or str(value).strip().casefold() in YES | NO
    return f"expected {expected}, found {shown(value)}" + (f"; write the channel {UNDER_WHICH}" if truth else "")


def _wanted_field(field: str) -> str:
    return {
        "customer": "the external id of the customer",
        "order": "the order, at least its id",
        "product": "the product, at least its id",
        "into": "the external id of the customer who stays",
        "from": "a list of external ids",
        "id": "an id (text or a whole number)",
        "status": "a status",
        "kind": "`email`, `phone`, `push` or `webpush`",
        "valid": "`true` or `false`",
        "channel": "a channel such as `email`",
        "template": "the name of the action's template",
        "message": "the id of the message",
        "pool": "the pool of promo codes",
        "segment": "the name of the segment",
        "codes": "a list of promo codes",
        "code": "the promo code",
        "list": "the name of the list",
        "products": "the products, at least their ids",
        "category": "the name of the category",
        "account": "the name of the balance",
        "number": "the number of the card",
        "old": "the number of the card that is replaced",
        "new": "the number of the card that replaces it",
    }[field]


def _value_at(value: Any, path: str) -> Any:
    for name, number in _PLACE.findall(path):
        value = value[int(number)] if number else value[name]
    return value


def shown(value: Any) -> str:
    """A value as it stands in the JSON, cut to what fits into a sentence."""
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= 40 else text[:39] + "…"
