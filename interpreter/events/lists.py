"""Lists of products: what was put in (E06a), what changed (E06b), and the action that did it (E08, E09)."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from operator import itemgetter

import attrs
from msgspec.structs import replace

from dsl.catalog import ResolvedEvent
from interpreter.belongings import Item
from interpreter.belongings import Left
from interpreter.entities import Customer
from interpreter.events import sessions
from interpreter.events.actions import issued
from interpreter.events.actions import product_of
from interpreter.events.event import Event
from interpreter.events.event import Matcher
from interpreter.events.event import Words
from interpreter.events.who import who
from interpreter.facts import Fact
from interpreter.needs import ON_SITE
from interpreter.shop import Shop

Number = int | float

#: Facts that say of every product whether it is in the list.
_WHOLE = frozenset({"list.set", "list.clear"})
#: Products of one list of which it is remembered that they left: enough for what comes late.
REMEMBERED = 100


def apply(fact: Fact, shop: Shop, project: Words) -> list[Event]:
    """`list.*`: `customer.created`, `list.added` for each new line, `list.changed` once, and the action. None where nothing changed.

    What is older than the last change of a line says nothing of it, also where the change was that it left.
    """
    customer, events = who(fact, shop)
    if customer is None:
        return []
    name: str = fact.data["list"]
    items = shop.holdings.of(customer.id, "item").values()
    held = {item.product: item for item in items if isinstance(item, Item) and item.list == name}
    change = _Change(fact, shop, customer, keeps_price=project.keeps_price(name))
    told = any(item.told_in == fact.batch and item.changed_at == fact.at for item in held.values())
    for product, (quantity, price) in _wanted(fact, held).items():
        change.line(product, held.get(product), quantity, price)
    change.keep_left(whole=fact.op in _WHOLE)
    if fact.actor in ON_SITE:
        sessions.stayed(fact, customer, shop, added=change.added)
    return events + change.events(told=told)


def _wanted(fact: Fact, held: Mapping[str, Item]) -> dict[str, tuple[Number, Number | None]]:
    """How many of each product shall be in the list, and the price that was said; in the order of the fact, those that leave at the end."""
    verb = fact.op.partition(".")[2]
    wanted: dict[str, tuple[Number, Number | None]] = {}
    for product in () if verb == "clear" else fact.data["products"]:
        key: str = product["id"]
        before, said = held.get(key), product.get("quantity")
        there = 0 if before is None else before.quantity
        if verb == "add":
            quantity = there + (1 if said is None else said)
        elif verb == "remove":
            quantity = 0 if said is None else max(there - said, 0)
        else:
            quantity = (there or 1) if said is None else said
        wanted[key] = quantity, product.get("price")
    if verb in ("set", "clear"):
        wanted |= {key: (0, None) for key in held if key not in wanted}
    return wanted


@attrs.define(slots=True)
class _Change:
    """What one fact does to a list."""

    fact: Fact
    shop: Shop
    customer: Customer
    keeps_price: bool = attrs.field(kw_only=True)
    added: list[Item] = attrs.field(factory=list)
    corrected: list[Item] = attrs.field(factory=list)
    touched: list[str] = attrs.field(factory=list)
    """The products of all lines that changed, those that left too."""
    removed: bool = False
    left: list[str] = attrs.field(factory=list)
    """Products that are not in the list from now on, also those that were not before."""

    def line(self, product: str, before: Item | None, quantity: Number, price: Number | None) -> None:
        """There shall be so many of a product; none: it leaves the list."""
        fact, holdings = self.fact, self.shop.holdings
        if before is None:
            if quantity <= 0:
                if fact.op != "list.add":
                    self.left.append(product)
            elif fact.at >= self.known_left().since(product):
                item = Item(fact.data["list"], product, quantity, self.reference(product, price), fact.at, fact.at)
                self.added.append(item)
                self.touched.append(product)
                holdings.put(self.customer.id, item)
            return
        if fact.at < before.changed_at:
            return
        if quantity <= 0:
            self.removed = True
            self.left.append(product)
            self.touched.append(product)
            holdings.drop(self.customer.id, before)
            return
        price = before.price if price is None or not self.keeps_price else price
        if quantity != before.quantity or price != before.price:
            item = replace(before, quantity=quantity, price=price, changed_at=fact.at, told_in=None)
            self.corrected.append(item)
            self.touched.append(product)
            holdings.put(self.customer.id, item)

    def known_left(self) -> Left:
        """What is known of products that are not in the list."""
        found = self.shop.holdings.of(self.customer.id, Left.kind).get(self.fact.data["list"])
        return found if isinstance(found, Left) else Left(self.fact.data["list"])

    def keep_left(self, *, whole: bool) -> None:
        """Remembers what left; `whole`: all that is in the list was said."""
        at, known = self.fact.at, self.known_left()
        if whole:
            if at > known.whole:
                later = {product: left for product, left in known.gone.items() if left > at}
                self.shop.holdings.put(self.customer.id, Left(known.list, at, later))
        elif news := {product: at for product in self.left if at > known.since(product)}:
            latest = sorted((known.gone | news).items(), key=itemgetter(1))[-REMEMBERED:]
            self.shop.holdings.put(self.customer.id, Left(known.list, known.whole, dict(latest)))

    def reference(self, product: str, price: Number | None) -> Number | None:
        """With which price it is put in: the one given, else the product's own in the customer's zone (`domain.md` E05c)."""
        if not self.keeps_price:
            return None
        if price is not None:
            return price
        found: Number | None = product_of(self.shop, product).at_zone("price", self.customer.fields.get("zone"))
        return found

    def events(self, *, told: bool) -> list[Event]:
        """`told`: a fact of the same batch and moment said already that the list changed."""
        if not self.touched:
            return []
        events = [self._about("list.added", item) for item in self.added]
        # Something that leaves makes no change, also when something else comes with the same fact.
        if not self.removed and not told:
            first = next(item for item in _both(self.added, self.corrected) if item.product == self.touched[0])
            first.told_in = self.fact.batch
            events.append(self._about("list.changed", first))
        return events + issued(self.fact, self.customer, self.shop, self.touched)

    def _about(self, kind: str, item: Item) -> Event:
        fact, things = self.fact, {"item": item, "product": product_of(self.shop, item.product)}
        return Event(kind, self.customer, fact.at, fact.id, fact.actor, name=item.list, things=things)


def _both(added: Iterable[Item], corrected: Iterable[Item]) -> list[Item]:
    return [*added, *corrected]


def matcher(trigger: ResolvedEvent, _project: Words) -> Matcher:
    """`on product added to list "cart"`, `on list "cart" changed`"""
    return lambda event: event.name == trigger.list_name
