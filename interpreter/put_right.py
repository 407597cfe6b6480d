"""What the door does to a payload beyond types: one shape for what may be written in several ways, and checks of single values."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from dsl import calendar
from dsl.calendar import known_zone
from dsl.calendar import parse_moment
from dsl.catalog import CHANNELS
from dsl.catalog import SUBSCRIPTION_STATUSES
from dsl.catalog import written_list
from dsl.spelling import closest
from interpreter.payloads import NO
from interpreter.payloads import YES
from interpreter.payloads import Order
from interpreter.payloads import no_channel
from interpreter.payloads import shown

MAX_ID = 200

CONTACTS = ("email", "phone", "push", "webpush")
#: What a provider may say of a message.
MESSAGE_STATUSES = ("delivered", "opened", "clicked", "bounced", "complained", "unsubscribed")

_ORDER_FIELDS = tuple(name for name in Order.__struct_fields__ if name != "id")
_BESIDE = frozenset(_ORDER_FIELDS)
#: What few orders and lines say, and what then is looked at.
_RARE_IN_ORDERS = frozenset({"email", "phone", "created_at", "delivery_date", "promo"})
_RARE_IN_LINES = frozenset({"promo", "delivered_at"})
#: Dates beyond are mistakes of a clock or of a unit (milliseconds).
_EARLIEST, _LATEST = parse_moment("1900-01-01", "UTC"), parse_moment("2200-01-01", "UTC")


class Refused(Exception):  # noqa: N818 - caught inside the door only; outside it is a `Rejection`
    """A mistake on its way out of the depth of a fact."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(message)
        self.path = path
        self.message = message


# ------------------------------------------------------------------------------------------------------ single values


def identifier(value: Any, path: str) -> str:
    """An id as text; a whole number counts as its digits."""
    if type(value) is int:
        return str(value)
    if type(value) is not str:
        raise Refused(path, f"expected an id (text or a whole number), found {shown(value)}")
    text = value.strip()
    if not text or len(text) > MAX_ID or not text.isprintable():
        raise Refused(path, f"expected an id of 1 to {MAX_ID} visible characters, found {shown(value)}")
    return text


def moment(value: Any, path: str, zone: str) -> int:
    """Seconds since 1970 UTC; text without an offset is read in `zone`."""
    if type(value) is not str:
        raise Refused(path, f"expected a moment such as `2024-06-05T23:00:00+03:00`, found {shown(value)}")
    try:
        found = parse_moment(value, zone)
    except ValueError:
        like = "a moment such as `2024-06-05T23:00:00+03:00` or a date such as `2024-06-05`"
        raise Refused(path, f"expected {like}, found {shown(value)}") from None
    if not _EARLIEST <= found < _LATEST:
        raise Refused(path, f"expected a moment between the years 1900 and 2200, found {shown(value)}")
    return found


def end(value: str, path: str, at: int) -> int:
    """Until when: a duration (`5m`, `PT5M`) from when the fact happened, in days of 24 hours."""
    try:
        return calendar.add_exact(at, calendar.parse_duration(value), "UTC")
    except ValueError:
        raise Refused(path, f"expected a duration such as `5m` or `30d`, found {shown(value)}") from None


def _date(value: str, path: str) -> None:
    try:
        date.fromisoformat(value[:10])
        parse_moment(value, "UTC")
    except ValueError:
        raise Refused(path, f"expected a date such as `2024-06-05`, found {shown(value)}") from None


def _one_of(value: str, path: str, words: Iterable[str]) -> None:
    if value not in words:
        raise Refused(path, f"expected {written_list(words)}, found {shown(value)}")


def _contact(value: str, path: str) -> str | None:
    """A contact as it is kept; an empty one is none. No control character ever reaches the head of a letter."""
    text = value.strip()
    if len(text) > (MAX_ID if path.endswith(("email", "phone")) else 4096) or not text.isprintable():
        raise Refused(path, f"expected an address of visible characters in one line, found {shown(value)}")
    return text or None


def _node(value: str, path: str) -> None:
    """A channel, or `channel/topic`. A misspelt known channel would lose a consent or, worse, its end."""
    channel, slash, topic = value.partition("/")
    if not channel.strip() or (slash and not topic.strip()) or channel.strip().casefold() in YES | NO:
        raise Refused(path, no_channel(value))
    if channel in CHANNELS:
        return
    near = closest(channel, CHANNELS)
    if near:
        raise Refused(path, f"unknown channel {shown(channel)}, did you mean `{near}`?")


# -------------------------------------------------------------------------------------------------------------- shape


def shape(operation: str, data: dict[str, Any]) -> None:
    """Before types are checked: what may be written in several ways gets its one form, so that an order is always an object."""
    if operation.startswith("order."):
        order = data.get("order")
        if type(order) is str or type(order) is int:
            data["order"] = order = {"id": order}
        if type(order) is dict and not _BESIDE.isdisjoint(data):
            for name in _ORDER_FIELDS:
                if name in data:
                    order.setdefault(name, data.pop(name))


def values(operation: str, data: dict[str, Any], zone: str) -> None:
    """After types are checked: ids become text, moments of scn seconds; what has a right type and yet no meaning is refused."""
    family, _, verb = operation.partition(".")
    if family == "order":
        _order(data["order"], zone, needs_status=verb == "status")
    elif family == "customer" and verb != "erase":
        _customer(data, zone)
    elif family == "contact":
        _contact_fact(data, zone)
    elif family == "subscription":
        _one_of(data["status"], "status", SUBSCRIPTION_STATUSES)
        _node(data["channel"], "channel")
    elif family == "action":
        data["template"] = identifier(data["template"], "template")
        if data.get("order") is not None:
            data["order"] = identifier(data["order"], "order")
        if data.get("products") is not None:
            products = (identifier(one, f"products[{index}]") for index, one in enumerate(data["products"]))
            data["products"] = list(dict.fromkeys(products))
    elif family == "message":
        if not str(data["message"]).isdecimal() or len(str(data["message"])) > 18:
            raise Refused("message", f"expected the id of a message, a whole number, found {shown(data['message'])}")
        data["message"] = int(data["message"])
        _one_of(data["status"], "status", MESSAGE_STATUSES)


def _customer(data: dict[str, Any], zone: str) -> None:
    for kind in CONTACTS:
        if data.get(kind) is not None:
            data[kind] = _contact(str(data[kind]), kind)
        said = data.get(f"{kind}_confirmed")
        if said is not None and not isinstance(said, bool) and said != "pending":
            raise Refused(f"{kind}_confirmed", f'expected `true`, `false` or `"pending"`, found {shown(said)}')
    if data.get("zone") is not None:
        data["zone"] = str(data["zone"])
    if data.get("timezone") is not None and not known_zone(data["timezone"]):
        raise Refused("timezone", f"expected a time zone such as `Europe/Moscow`, found {shown(data['timezone'])}")
    if data.get("birthday"):
        _date(data["birthday"], "birthday")
    if data.get("created_at") is not None:
        data["created_at"] = moment(data["created_at"], "created_at", zone)
    for status in SUBSCRIPTION_STATUSES:
        for index, node in enumerate(data.get(status) or ()):
            _node(node, f"{status}[{index}]")


def _contact_fact(data: dict[str, Any], zone: str) -> None:
    _one_of(data["kind"], "kind", CONTACTS)
    if data.get("value") is not None:
        data["value"] = _contact(str(data["value"]), "value")
    if data.get("invalid_until") is not None:
        if data.get("valid"):
            raise Refused("invalid_until", "expected it beside `valid: false`, found it beside `valid: true`")
        data["invalid_until"] = moment(data["invalid_until"], "invalid_until", zone)
    if data.get("value") is None and data.get("customer") is None:
        raise Refused("value", "expected the contact, or in `customer` whose contact it is, found neither")


def _order(order: dict[str, Any], zone: str, *, needs_status: bool) -> None:
    order["id"] = identifier(order["id"], "order.id")
    if not _RARE_IN_ORDERS.isdisjoint(order):
        for kind in ("email", "phone"):
            if order.get(kind) is not None:
                order[kind] = _contact(str(order[kind]), f"order.{kind}")
        if order.get("created_at") is not None:
            order["created_at"] = moment(order["created_at"], "order.created_at", zone)
        if order.get("delivery_date"):
            _date(order["delivery_date"], "order.delivery_date")
        _promo(order, "order")
    lines = order.get("lines") or ()
    seen: set[str] = set()
    for index, line in enumerate(lines):
        path = f"order.lines[{index}]"
        product, number = line.get("product"), line.get("id")
        if product is not None:
            product = line["product"] = identifier(product, f"{path}.product")
        elif number is None:
            raise Refused(f"{path}.id", "expected an id, or a product to know the line by, found neither")
        number = line["id"] = product if number is None else identifier(number, f"{path}.id")
        if number in seen:
            raise Refused(f"{path}.id", f"expected every line once, found {shown(number)} again; give each line an id of its own")
        seen.add(number)
        if not _RARE_IN_LINES.isdisjoint(line):
            _promo(line, path)
            if line.get("delivered_at") is not None:
                line["delivered_at"] = moment(line["delivered_at"], f"{path}.delivered_at", zone)
    if needs_status and order.get("status") is None and not any(line.get("status") is not None for line in lines):
        raise Refused("order.status", "expected a status of the order or of its lines, found nothing")


def _promo(thing: dict[str, Any], path: str) -> None:
    """The code that an order or a line was made with; none is as if nothing was said."""
    if "promo" in thing:
        if thing["promo"] is None:
            del thing["promo"]
        else:
            thing["promo"] = identifier(thing["promo"], f"{path}.promo")
