"""What a template may read about one journey: `customer`, `order`, `line`, `action`, `message`, and a few words about the send itself."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from dsl.calendar import DAY
from dsl.catalog import ENTITIES
from dsl.offers import OF_PRODUCT
from dsl.offers import RECOMMENDATIONS
from dsl.offers import SEGMENT
from dsl.offers import Offer
from interpreter.belongings import BETWEEN
from interpreter.belongings import Account
from interpreter.belongings import Belonging
from interpreter.delivery.moments import from_seconds
from interpreter.delivery.moments import from_text
from interpreter.delivery.readable import MISSING
from interpreter.delivery.readable import Expiring
from interpreter.delivery.readable import Popular
from interpreter.delivery.readable import Readable
from interpreter.entities import Action
from interpreter.entities import Customer
from interpreter.entities import Line
from interpreter.entities import Message
from interpreter.entities import Order
from interpreter.entities import Product
from interpreter.expressions.belonging import burning
from interpreter.expressions.reading import product_value
from interpreter.expressions.reading import reader_of
from interpreter.view import View

#: Types of fields that are shown as dates.
_DATES = ("date", "moment")


def values(
    view: View,
    *,
    scenario: str,
    template: str,
    more: Mapping[str, Any] | None = None,
    unsubscribe_url: str = "",
    project: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The names of one message. Moments become dates and times of the customer's zone; `more`: the `with` values and issued codes.

    An entity that the journey does not have is no name at all, so that a template which needs it fails and says so.
    """
    given: dict[str, Any] = {
        "customer": _customer(view, view.customer),
        SEGMENT: Readable(lambda name: _offered(view, Offer(SEGMENT, segment=name)), SEGMENT),
        "scenario": scenario,
        "template": template,
        "unsubscribe_url": unsubscribe_url,
        "now": _moment(view, view.now),
        "project": _of_mapping(project or {}),
    }
    if view.order is not None:
        given["order"] = _order(view, view.order)
    if view.line is not None:
        given["line"] = _line(view, view.line, view.order)
    if view.action is not None:
        given["action"] = _entity(view, "action", view.action, view.action.template)
    if view.message is not None:
        given["message"] = _message(view, view.message)
    if view.line is not None and view.line.product is not None:
        given["product"] = _product(view, view.line.product)
    for word, thing in view.things.items():
        if thing is not None:
            given[word] = _thing(view, thing)
    if "product" in given:
        given["product"] = _with_recommendations(view, given["product"])
    for name, value in (more or {}).items():
        given[name] = _of_mapping(value) if isinstance(value, Mapping) else value
    return given


def _customer(view: View, customer: Customer) -> Readable:
    return _entity(view, "customer", customer, customer.key)


def _with_recommendations(view: View, product: Readable) -> Readable:
    """The product that a scenario is about: what goes with it can be offered too."""
    offered = Readable(lambda name: _offered(view, Offer(name)) if name in OF_PRODUCT else MISSING, "recommendations")
    return Readable(lambda name: offered if name == "recommendations" else product.read(name), product.shown)


def _balances(view: View) -> Readable:
    """By name; of one on which nothing ever came or went nothing stands there."""

    def read(name: str) -> Readable:
        account = view.of("account").get(name)
        kept = account if isinstance(account, Account) else Account(name)
        found = {"available": kept.available, "blocked": kept.blocked, "expiring": Expiring(lambda days: _expiring(view, name, days))}
        return Readable(lambda field: found.get(field, MISSING), str(kept.available))

    return Readable(read, "balances")


def _expiring(view: View, account: str, days: int | None) -> list[Readable]:
    until = None if days is None else view.now + days * DAY
    return [_thing(view, change) for change in burning(view, account, until)]


def _recommendations(view: View) -> Readable:
    def read(name: str) -> Any:
        if name == "popular":
            return Popular(lambda offer: _offered(view, offer))
        return _offered(view, Offer(name)) if name in RECOMMENDATIONS else MISSING

    return Readable(read, "recommendations")


def _offered(view: View, offer: Offer) -> list[Readable]:
    return [_thing(view, product) for product in view.history.offered(offer, view)]


def _order(view: View, order: Order) -> Readable:
    return _entity(view, "order", order, order.key)


def _line(view: View, line: Line, order: Order | None) -> Readable:
    found = _entity(view, "line", line, line.id)
    if order is None:
        return found
    return Readable(lambda name: _order(view, order) if name == "order" else found.read(name), found.shown)


def _product(view: View, key: str | None) -> Readable | None:
    product = view.product(key)
    return None if product is None else _thing(view, product)


def _thing(view: View, thing: Product | Belonging) -> Readable:
    """A product, or what the customer has: names and values as in conditions, moments as dates."""
    read: Callable[[str], Any]
    read = partial(_of_product, view, thing) if isinstance(thing, Product) else partial(_of_belonging, view, thing)
    return Readable(read, thing.key.rpartition(BETWEEN)[2])


def _of_product(view: View, product: Product, name: str) -> Any:
    if name not in ENTITIES["product"].fields and product.field(name, view.price_zone) is None:
        return MISSING
    return _shown(view, "product", name, product_value(product, name, view))


def _of_belonging(view: View, thing: Belonging, name: str) -> Any:
    if name == "product" and thing.products:
        return _product(view, thing.products[0])
    reader = reader_of(thing.kind, name)
    return MISSING if reader is None else _shown(view, thing.kind, name, reader(thing))


def _shown(view: View, word: str, name: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_thing(view, one) if isinstance(one, Belonging) else one for one in value]
    return _date(view, value) if isinstance(value, (str, int)) and view.project.field_type(word, name) in _DATES else value


def _message(view: View, message: Message) -> Readable:
    table = _FIELDS["message"]
    return Readable(lambda name: table[name](view, message) if name in table else MISSING, str(message.id))


def _entity(view: View, kind: str, entity: Customer | Order | Line | Action, shown: str) -> Readable:
    return Readable(partial(_read, view, kind, _FIELDS[kind], entity), shown)


def _read(view: View, kind: str, table: Mapping[str, Callable[[View, Any], Any]], entity: Any, name: str) -> Any:
    field = table.get(name)
    if field is not None:
        return field(view, entity)
    value = entity.fields.get(name, MISSING)
    if isinstance(value, (str, int)) and view.project.field_type(kind, name) in _DATES:
        return _date(view, value)
    return value


def _of_mapping(mapping: Mapping[str, Any]) -> Readable:
    return Readable(lambda name: mapping.get(name, MISSING), str(next(iter(mapping.values()), "")))


def _moment(view: View, at: int | None) -> datetime | None:
    return None if at is None else from_seconds(at, ZoneInfo(view.zone))


def _date(view: View, value: str | int) -> Any:
    """A date field as the shop wrote it: seconds since 1970 UTC, `2026-05-01`, or ISO 8601 with a time; anything else stays text."""
    return _moment(view, value) if isinstance(value, int) else from_text(value, ZoneInfo(view.zone)) or value


def _contact(kind: str) -> Callable[[View, Customer], str | None]:
    def read(_view: View, customer: Customer) -> str | None:
        contact = customer.contacts.get(kind)
        return None if contact is None else contact.value

    return read


_FIELDS: dict[str, dict[str, Callable[[View, Any], Any]]] = {
    "customer": {
        "id": lambda _, customer: customer.key,
        "email": _contact("email"),
        "phone": _contact("phone"),
        "timezone": lambda view, _: view.zone,
        "created_at": lambda view, customer: _moment(view, customer.created_at),
        "recommendations": lambda view, _: _recommendations(view),
        "balances": lambda view, _: _balances(view),
    },
    "order": {
        "id": lambda _, order: order.key,
        "status": lambda _, order: order.status,
        "total": lambda _, order: order.total,
        "email": lambda _, order: order.email,
        "phone": lambda _, order: order.phone,
        "created_at": lambda view, order: _moment(view, order.created_at),
        "updated_at": lambda view, order: _moment(view, order.updated_at),
        "lines": lambda view, order: [_line(view, line, order) for line in order.lines.values()],
    },
    "line": {
        "id": lambda _, line: line.id,
        "product": lambda view, line: _product(view, line.product),
        "quantity": lambda _, line: line.quantity,
        "price": lambda _, line: line.price,
        "status": lambda _, line: line.status,
        "delivered_at": lambda view, line: _moment(view, line.delivered_at),
    },
    "action": {
        "template": lambda _, action: action.template,
        "at": lambda view, action: _moment(view, action.at),
        "actor": lambda _, action: action.actor,
        "order": lambda _, action: action.order,
    },
    "message": {
        "template": lambda _, message: message.template,
        "channel": lambda _, message: message.channel,
        "state": lambda _, message: message.state,
        "at": lambda view, message: _moment(view, message.at),
    },
}
