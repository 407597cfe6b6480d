"""What must be in memory before facts are handled: who and what they are about, and what those have that the handling looks at."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping

import msgspec

from interpreter.facts import Fact
from interpreter.facts import contact_key
from interpreter.operations.products import CHANGING
from interpreter.operations.products import rows

#: Whose doings are those of the customer on the site: what comes out of a file says nothing else unless it is told.
ON_SITE = frozenset({"customer", "import"})


class Needs(msgspec.Struct, frozen=True):
    """What the store is asked for. The customers of orders, messages and belongings found are needed with them."""

    customers: set[str] = msgspec.field(default_factory=set)
    """External ids."""
    contacts: set[tuple[str, str]] = msgspec.field(default_factory=set)
    """(kind, value as by `contact_key`)"""
    orders: set[str] = msgspec.field(default_factory=set)
    messages: set[int] = msgspec.field(default_factory=set)
    products: set[str] = msgspec.field(default_factory=set)
    kinds: set[str] = msgspec.field(default_factory=set)
    """What these customers have of these kinds."""
    owners: set[tuple[str, str]] = msgspec.field(default_factory=set)
    """Whoever has something of a kind about this, and all that they have of that kind."""
    issues: list[tuple[str, str]] = msgspec.field(default_factory=list)
    """Pools that a code is taken from, each with what a made one is drawn by."""
    lines: set[str] = msgspec.field(default_factory=set)
    """Of these orders the products too."""
    changing: list[Fact] = msgspec.field(default_factory=list)
    """Facts that change products: of those that become different, whoever has something about them."""
    products_of: set[str] = msgspec.field(default_factory=set)
    """The products of what they have of these kinds."""


def needs(facts: Iterable[Fact], heard: Collection[str] = ()) -> Needs:
    """Which entities the handling of facts asks for; `heard`: what anybody listens for, as `Rules.asked`."""
    found = Needs()
    for fact in facts:
        family = fact.op.partition(".")[0]
        if fact.customer is not None and family != "message":
            found.customers.add(fact.customer)
        more = _MORE.get(fact.op) or _MORE.get(family)
        if more is not None:
            more(fact, found, heard)
    return found


def _order(fact: Fact, found: Needs, heard: Collection[str]) -> None:
    order = fact.data["order"]
    found.orders.add(order["id"])
    lines = order.get("lines") or ()
    if order.get("promo") is not None:
        found.owners.add(("promo", order["promo"]))
    for line in lines:
        if line.get("promo") is not None:
            found.owners.add(("promo", line["promo"]))
    if "product.bought" in heard or "products" in heard:
        found.lines.add(order["id"])
        found.products.update(line["product"] for line in lines if line.get("product") is not None)


def _product(fact: Fact, found: Needs, _: Collection[str]) -> None:
    if fact.op in CHANGING:
        found.products.update(rows(fact.op, fact.data))
        found.changing.append(fact)


def _promo(fact: Fact, found: Needs, _: Collection[str]) -> None:
    if fact.op == "promo.load":
        found.owners.update(("promo", one) for one in fact.data["codes"])
        return
    code = fact.data.get("code")
    if code is not None:
        found.owners.add(("promo", code))
    if fact.op == "promo.redeem" and fact.data.get("order") is not None:
        found.orders.add(fact.data["order"])
    if fact.op == "promo.issue":
        found.kinds.add("promo")
        if code is None:
            found.issues.append((fact.data["pool"], str(fact.id)))


def _message(fact: Fact, found: Needs, _: Collection[str]) -> None:
    found.messages.add(fact.data["message"])


def _customer(fact: Fact, found: Needs, _: Collection[str]) -> None:
    # Who is to be erased is known by his id alone.
    kinds = () if fact.op == "customer.erase" else ("email", "phone")
    found.contacts.update((kind, contact_key(kind, fact.data[kind])) for kind in kinds if fact.data.get(kind))


def _merge(fact: Fact, found: Needs, _: Collection[str]) -> None:
    found.customers.update(fact.data["from"])


def _contact(fact: Fact, found: Needs, _: Collection[str]) -> None:
    if fact.data.get("value"):
        found.contacts.add((fact.data["kind"], contact_key(fact.data["kind"], fact.data["value"])))


def _action(fact: Fact, found: Needs, _: Collection[str]) -> None:
    found.products.update(fact.data.get("products") or ())


def _list(fact: Fact, found: Needs, heard: Collection[str]) -> None:
    found.kinds.update(("item", "left"))
    if fact.op != "list.clear":
        found.products.update(product["id"] for product in fact.data["products"])
    # Whoever is put out of a list was perhaps not named.
    if "product.action" in heard and fact.op in {"list.set", "list.clear"}:
        found.products_of.add("item")
    if fact.actor in ON_SITE:
        found.kinds.add("session")


def _view(fact: Fact, found: Needs, _: Collection[str]) -> None:
    found.kinds.add("view")
    found.products.add(fact.data["product"])
    _visit(fact, found, _)


def _visit(fact: Fact, found: Needs, _: Collection[str]) -> None:
    if fact.actor in ON_SITE:
        found.kinds.add("session")


def _session(_: Fact, found: Needs, __: Collection[str]) -> None:
    found.kinds.add("session")


def _balance(_: Fact, found: Needs, __: Collection[str]) -> None:
    found.kinds.update(("account", "change"))


def _card(fact: Fact, found: Needs, _: Collection[str]) -> None:
    found.kinds.add("card")
    found.owners.update(("card", fact.data[name]) for name in (("old", "new") if fact.op == "card.replace" else ("number",)))


def _code(_: Fact, found: Needs, __: Collection[str]) -> None:
    found.kinds.add("code")


def _segment(_: Fact, found: Needs, __: Collection[str]) -> None:
    found.kinds.add("segment")


#: By the first word of the operation, or by the whole of it where a family shares that word with another.
_MORE: Mapping[str, Callable[[Fact, Needs, Collection[str]], None]] = {
    "action": _action,
    "category": _visit,
    "balance": _balance,
    "card": _card,
    "code": _code,
    "contact": _contact,
    "customer": _customer,
    "list": _list,
    "customer.merge": _merge,
    "message": _message,
    "order": _order,
    "product.view": _view,
    "promo": _promo,
    "product": _product,
    "session": _session,
    "segment": _segment,
}
