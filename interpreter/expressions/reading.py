"""What a dotted name reads: `order.total`, `customer.email`, `this.order.id`, `line.order.status`. Names are `events.md` §1.1."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from operator import attrgetter
from typing import Any
from typing import Protocol

from dsl import calendar
from dsl.catalog import ENTITIES
from dsl.catalog import Type
from dsl.forms import Fixed
from dsl.forms import Record
from dsl.forms import evolve
from dsl.forms import part
from dsl.vocabulary import Vocabulary
from interpreter.entities import Contact
from interpreter.entities import Customer
from interpreter.entities import Line
from interpreter.entities import Order
from interpreter.entities import Product
from interpreter.expressions.operands import Candidates
from interpreter.expressions.operands import Get
from interpreter.expressions.operands import Operand
from interpreter.view import View

Reader = Callable[[Any], Any]


class Words(Protocol):
    """What the shop added to the catalog, as a project has it."""

    @property
    def vocabulary(self) -> Vocabulary:
        """The words of `define`."""


class Scope(Record):
    """Where expressions are compiled: the project whose words they use."""

    project: Words
    codes: frozenset[str] = frozenset()
    """Names under which the scenario gives out promo codes."""


# ------------------------------------------------------------------------------------------------------------ fields


def _contact(kind: str) -> Reader:
    def read(customer: Customer) -> str | None:
        contact: Contact | None = customer.contacts.get(kind)
        return None if contact is None else contact.value

    return read


def _confirmed(kind: str) -> Reader:
    def read(customer: Customer) -> bool:
        contact: Contact | None = customer.contacts.get(kind)
        return contact is not None and contact.confirmation == "confirmed"

    return read


def _created(customer: Customer) -> int | None:
    return customer.created_at or None


def _lines(order: Order) -> list[Line]:
    return list(order.lines.values())


def _listed(name: str) -> Reader:
    """A collection, as a list like any other."""
    return lambda thing: list(getattr(thing, name))


#: Fields that are no custom fields, by entity.
_OWN: Mapping[str, Mapping[str, Reader]] = {
    "customer": {
        "id": attrgetter("key"),
        "email": _contact("email"),
        "phone": _contact("phone"),
        "email_confirmed": _confirmed("email"),
        "phone_confirmed": _confirmed("phone"),
        "timezone": attrgetter("timezone"),
        "created_at": _created,
    },
    "order": {
        "id": attrgetter("key"),
        "lines": _lines,
        **{name: attrgetter(name) for name in ("status", "total", "created_at", "updated_at", "email", "phone")},
    },
    "line": {name: attrgetter(name) for name in ("id", "product", "quantity", "price", "status", "delivered_at")},
    "action": {name: attrgetter(name) for name in ("template", "at", "actor", "order")},
    "message": {name: attrgetter(name) for name in ("template", "channel", "state", "at")},
    "item": {name: attrgetter(name) for name in ("list", "product", "quantity", "price", "added_at")},
    "view": {"product": attrgetter("product"), "price": attrgetter("price"), "at": attrgetter("seen_at")},
    "session": {
        "started_at": attrgetter("started_at"),
        "ended_at": attrgetter("ended_at"),
        **{name: _listed(name) for name in ("added", "viewed", "categories")},
    },
    "change": {
        "kind": attrgetter("what"),
        **{name: attrgetter(name) for name in ("account", "amount", "remaining", "available_from", "expires_at")},
    },
    "promo": {name: attrgetter(name) for name in ("code", "pool", "issued_at", "valid_until", "redeemed_at")},
    "card": {name: attrgetter(name) for name in ("number", "type", "status")},
    "code": {"kind": attrgetter("purpose"), **{name: attrgetter(name) for name in ("value", "expires_at")}},
}
_WITH_CUSTOM_FIELDS = frozenset({"customer", "order", "line", "action", "card"})
#: Entities with the id of a product in them.
NAMING_PRODUCTS = frozenset({"line", "item", "view"})
#: What differs from zone to zone.
_REGIONAL = frozenset({"price", "old_price", "available"})


def reader_of(entity: str, name: str) -> Reader | None:
    """How a field of an entity is read; None: it has none of that name, and none of its own."""
    own = _OWN[entity].get(name)
    if own is not None:
        return own
    return (lambda thing: thing.fields.get(name)) if entity in _WITH_CUSTOM_FIELDS else None


# ------------------------------------------------------------------------------------------------------------- roots


class Root(Fixed):
    """A word a dotted name may start with: which entity it means, and how to come by it."""

    entity: str
    get: Get
    order: Get | None = None
    """Of a line: its order."""
    family: str | None = None
    """The facts that must be loaded for it; None for a candidate: those are loaded for the noun."""


class Place(Fixed):
    """A place in the text where names mean something: the journey's own entities, and the candidates of the filters around it."""

    scope: Scope
    roots: Mapping[str, Root]
    depth: int = 0
    """How many candidates are given."""
    reads: set[str] = part(factory=set)
    """The families of facts that have been asked for; shared by all places of one expression."""

    def inside(self, noun: str) -> Place:
        """Within `( )` after a noun: the noun is the candidate, and so is its product. A line comes with its order."""
        slot = self.depth
        order: Get | None = (lambda _, row: row[slot + 1]) if noun == "line" else None
        roots = {**self.roots, noun: Root(noun, lambda _, row: row[slot], order)}
        if noun in NAMING_PRODUCTS:
            roots["product"] = Root("product", lambda view, row: view.product(row[slot].product), family="products")
        return evolve(self, roots=roots, depth=slot + (2 if noun == "line" else 1))


def top(scope: Scope) -> Place:
    """Outside all filters."""
    return Place(scope, _ROOTS)


def _thing(word: str, entity: str | None = None) -> Root:
    return Root(entity or word, lambda view, _: view.things.get(word), family=entity or word)


def _product(view: View, _: Candidates) -> Product | None:
    """The one that triggered, else that of the line."""
    product: Product | None = view.things.get("product")
    return product or (view.product(view.line.product) if view.line is not None else None)


def product_value(product: Product, name: str, view: View) -> Any:
    """A field of a product as the customer sees it: in his zone where that says something, else in the main feed (`domain.md` §5.2)."""
    if name == "expires":
        return expires(product, view)
    if name in _REGIONAL:
        return product.at_zone(name, view.price_zone)
    if name in _OF_PRODUCT:
        return getattr(product, name)
    return product.key if name == "id" else product.field(name, view.price_zone)


#: Fields of a product that are the same everywhere and no fields of the shop's own.
_OF_PRODUCT = frozenset({"name", "url", "picture", "category", "expiry", "added_at"})


def expires(product: Product, view: View) -> int | None:
    """Delivery, or the date of the event, plus how long it lasts (`domain.md` A-19)."""
    if product.expiry is None:
        return None
    delivered = view.line.delivered_at if view.line is not None else None
    try:
        return calendar.add(view.started if delivered is None else delivered, calendar.parse_duration(product.expiry), view.zone)
    except ValueError:
        return None


_ROOTS: Mapping[str, Root] = {
    "customer": Root("customer", lambda view, _: view.customer, family="customer"),
    "order": Root("order", lambda view, _: view.order, family="order"),
    "line": Root("line", lambda view, _: view.line, lambda view, _: view.order, family="order"),
    "product": Root("product", _product, family="products"),
    "action": Root("action", lambda view, _: view.action, family="action"),
    "message": Root("message", lambda view, _: view.message, family="message"),
    **{word: _thing(word) for word in ("item", "view", "session", "change", "promo", "card", "code")},
}


def _journeys(root: Root) -> Root:
    """`this.order`: the journey's own, also where an event brings another one."""
    get, order = root.get, root.order
    return Root(
        root.entity,
        lambda view, row: get(view.this or view, row),
        (lambda view, row: order(view.this or view, row)) if order is not None else None,
        root.family,
    )


_THIS = {word: _journeys(root) for word, root in _ROOTS.items()}
_MISSING = Operand(lambda _, __: None, Type.ANY)
_NOW = Operand(lambda view, _: view.now, Type.MOMENT)


def field(path: tuple[str, ...], place: Place) -> Operand:
    """A dotted name compiled. What is not kept is missing."""
    if path == ("now",):
        return _NOW
    roots = place.roots
    if path[0] == "this":
        roots, path = _THIS, path[1:]
    root = roots.get(path[0]) if path else None
    if root is None and path and path[0] in place.scope.codes:
        root = _thing(path[0], "promo")
    if root is None:
        return _MISSING
    if root.family is not None:
        place.reads.add(root.family)
    names = path[1:]
    if names and names[0] == "order" and root.order is not None:
        root, names = Root("order", root.order), names[1:]
    elif len(names) > 1 and names[0] == "product" and root.entity in NAMING_PRODUCTS:
        place.reads.add("products")
        root, names = Root("product", _its_product(root.get)), names[1:]
    if not names:
        return Operand(root.get, Type.ENTITY)
    return _of_entity(root, names, place.scope.project.vocabulary)


def _of_entity(root: Root, names: tuple[str, ...], vocabulary: Vocabulary) -> Operand:
    entity, name = root.entity, names[0]
    if entity == "product":
        get = _of_product(root.get, name)
    else:
        reader = reader_of(entity, name)
        if reader is None:
            return _MISSING
        get = _through(root.get, reader)
    if len(names) > 1:
        return Operand(_deeper(get, names[1:]), Type.ANY)
    row = ENTITIES[entity].fields.get(name)
    return Operand(get, vocabulary.fields.get(f"{entity}.{name}") or (row.type if row else Type.ANY))


def _its_product(get: Get) -> Get:
    """The product of a line, an item, a look."""

    def read(view: View, row: Candidates) -> Product | None:
        thing = get(view, row)
        return None if thing is None else view.product(thing.product)

    return read


def _of_product(get: Get, name: str) -> Get:
    def read(view: View, row: Candidates) -> Any:
        product = get(view, row)
        return None if product is None else product_value(product, name, view)

    return read


def _through(get: Get, reader: Reader) -> Get:
    def read(view: View, row: Candidates) -> Any:
        thing = get(view, row)
        return None if thing is None else reader(thing)

    return read


def _deeper(get: Get, names: tuple[str, ...]) -> Get:
    """Into the objects a custom field may hold."""

    def read(view: View, row: Candidates) -> Any:
        value = get(view, row)
        for name in names:
            value = value.get(name) if isinstance(value, dict) else None
        return value

    return read
