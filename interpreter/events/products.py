"""Products: what feeds say of them (`domain.md` §2.4), and whom a change concerns: those who have it in a list (E05) or looked at it (E07).

A change is what became different at one source, the main feed or the feed of a zone. Which source a customer hears
is decided for each attribute, by the product as it is after the change (`domain.md` ZL0 to ZL4, ZV0 to ZV2; A-06).
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec

from dsl import nodes
from dsl.catalog import ResolvedEvent
from interpreter.belongings import Awaited
from interpreter.belongings import Item
from interpreter.belongings import ProductView
from interpreter.entities import Action
from interpreter.entities import Customer
from interpreter.entities import Product
from interpreter.entities import Regional
from interpreter.entities import Together
from interpreter.events.event import Event
from interpreter.events.event import Matcher
from interpreter.events.event import Words
from interpreter.facts import Fact
from interpreter.operations.products import rows
from interpreter.shop import Shop

#: What a feed may say of a product that is no field of the shop's own; of a zone only the first three.
_REGIONAL = ("price", "old_price", "available")
_MAIN = (*_REGIONAL, "name", "url", "picture", "category", "expiry", "added_at")
#: What is the same everywhere: a feed of a zone fills it in where the main feed says nothing.
_SAME = frozenset(_MAIN) - frozenset(_REGIONAL)

#: What became different: name -> before and now.
Differences = Mapping[str, tuple[Any, Any]]
_NOTHING: Differences = {}
_ANYTHING: Differences = {"": (None, None)}


class Change(msgspec.Struct, frozen=True):
    """What one fact did to one product at its source."""

    product: Product
    zone: str | None
    """The source; None: the main feed."""
    names: Differences
    earlier: frozenset[str]
    """What changed there at the same time already, in the same batch (A-04)."""


# ------------------------------------------------------------------------------------------------------------ the shop


def apply(fact: Fact, shop: Shop, project: Words) -> list[Event]:
    """`product.update`, `product.feed`: events for everybody in memory whom a change concerns. What is the same already changes nothing."""
    events: list[Event] = []
    for key, row in sorted(rows(fact.op, fact.data).items()):
        if project.asked_of_products and _differs(shop.holdings.product(key), row, fact):
            for kind in project.asked_of_products:
                shop.holdings.touched.update(shop.holdings.owners(kind, key))
        change = _put(fact, key, row, shop, project)
        if change is None:
            continue
        verbs = _verbs(change.names, project)
        for family, (kind, holders) in _FAMILIES.items():
            if any(verb.startswith(family) for verb in verbs):
                for number in shop.holdings.owners(kind, key):
                    events += holders(fact, change, shop.customer_by_id(number), shop, verbs)
        shop.followed.update(shop.holdings.owners(Awaited.kind, key))
    return events


def reached(facts: Sequence[Fact], product: Callable[[str], Product | None], project: Words) -> list[tuple[str, str]]:
    """(kind, product): whose owners these facts may concern. `product`: as it is before the first of them."""
    said: dict[str, list[tuple[Fact, dict[str, Any] | None]]] = {}
    for fact in facts:
        for key, row in rows(fact.op, fact.data).items():
            said.setdefault(key, []).append((fact, row))
    found: set[tuple[str, str]] = set()
    for key, several in said.items():
        if len(several) == 1:
            [(fact, row)] = several
            names = _differences(product(key), row, fact)
            verbs = _verbs(names, project)
            different = _differs(product(key), row, fact)
        else:
            # What the second of them finds is what the first has made of it: anything may change.
            names, verbs, different = _ANYTHING, _all_verbs(project), True
        if names:
            found.add((Awaited.kind, key))
        if different:
            found.update((kind, key) for kind in project.asked_of_products)
        found.update((kind, key) for family, (kind, _) in _FAMILIES.items() if any(verb.startswith(family) for verb in verbs))
    return sorted(found, key=_turn)


def _turn(pair: tuple[str, str]) -> tuple[str, str]:
    """In the order in which `apply` asks."""
    return pair[1], pair[0]


def _put(fact: Fact, key: str, row: dict[str, Any] | None, shop: Shop, project: Words) -> Change | None:
    """Puts the news into the product. None: nothing became different that anybody could hear of."""
    product, zone = shop.holdings.product(key), fact.data.get("zone")
    names = _differences(product, row, fact)
    fills = _fills(product, row, zone)
    known = product is not None and (zone is None or zone in product.zones)
    # The record of a zone is one, also when it says nothing (ZL3); and it goes when the feed has it no more.
    if (row is None and not known) or (known and not names and not fills and (row is not None or zone is None)):
        if known and _late(product, fact):
            shop.note(fact.id, f"the product `{key}` has news of a later date: nothing that is known already was changed")
        return None
    if product is None:
        product = shop.holdings.new_product(key, fact.at)
    shop.holdings.product_changed(product)
    if row is None and zone is not None:
        del product.zones[zone]
        return Change(product, zone, names, frozenset()) if names else None
    late = _late(product, fact)
    source = product if zone is None else product.zones.setdefault(zone, Regional())
    for name, (_, now) in names.items():
        _set(source, name, now)
    for name in fills:
        _set(product, name, (row or {})[name])
    if late:
        return None
    source.updated_at = fact.at
    earlier: frozenset[str] = frozenset()
    if names and _fields_heard(names, project):
        together = source.together
        if together is not None and (together.batch, together.at) == (fact.batch, fact.at):
            earlier = frozenset(together.names)
        source.together = Together(fact.batch, fact.at, tuple(sorted({*earlier, *names})))
    return Change(product, zone, names, earlier) if names else None


def _differences(product: Product | None, row: dict[str, Any] | None, fact: Fact) -> Differences:
    """What a fact makes different at its source. Of news older than the latest only what nothing is known of, and never the stock."""
    zone = fact.data.get("zone")
    source = product if zone is None or product is None else product.zones.get(zone)
    if row is None:
        # Of the main feed: it is not known any more whether it is in stock, the rest stays. Of a zone: all it said.
        gone = {} if source is None else {name: getattr(source, name) for name in _REGIONAL} | source.fields
        return {name: (was, None) for name, was in gone.items() if was is not None and (zone is not None or name == "available")}
    own = _MAIN if zone is None else _REGIONAL
    late = product is not None and _late(product, fact)
    found = {}
    for name, now in row.items():
        if name == "id" or (zone is not None and name in _SAME):
            continue
        was = None if source is None else getattr(source, name) if name in own else source.fields.get(name)
        if was != now and (name != "added_at" or now is not None) and not (late and (was is not None or name == "available")):
            found[name] = (was, now)
    return found


def _differs(product: Product | None, row: dict[str, Any] | None, fact: Fact) -> bool:
    """Whether a fact says anything new, also where nobody could hear of it."""
    return bool(_differences(product, row, fact) or _fills(product, row, fact.data.get("zone")))


def _fills(product: Product | None, row: dict[str, Any] | None, zone: str | None) -> list[str]:
    """What the feed of a zone says that is the same everywhere, where the main feed says nothing."""
    if zone is None or row is None:
        return []
    return [name for name in row if name in _SAME and row[name] is not None and (product is None or not getattr(product, name))]


def _late(product: Product | None, fact: Fact) -> bool:
    """Whether the source has news of a later date."""
    zone = fact.data.get("zone")
    source = product if zone is None or product is None else product.zones.get(zone)
    return source is not None and fact.at < source.updated_at


def _set(source: Product | Regional, name: str, value: Any) -> None:
    if name in (_MAIN if isinstance(source, Product) else _REGIONAL):
        setattr(source, name, value)
    elif value is None:
        source.fields.pop(name, None)
    else:
        source.fields[name] = value


# ------------------------------------------------------------------------------------------------------------- whom


def _verbs(names: Differences, project: Words) -> Collection[str]:
    """The kinds of event that somebody listens for and that these changes may be."""
    if not names:
        return ()
    found = []
    was, now = names.get("available", (None, None))
    if now is True:
        found.append("restocked")
    elif now is False:
        found.append("sold_out")
    was, now = names.get("price", (None, None))
    if was is not None and now is not None:
        found.append("price_drops" if now < was else "price_rises")
    if _fields_heard(names, project):
        found.append("field")
    return [kind for verb in found for kind in (f"list.{verb}", f"views.{verb}") if kind in project.heard]


def _all_verbs(project: Words) -> Collection[str]:
    verbs = ("restocked", "sold_out", "price_drops", "price_rises", "field")
    return [kind for verb in verbs for kind in (f"list.{verb}", f"views.{verb}") if kind in project.heard]


def _fields_heard(names: Differences, project: Words) -> bool:
    return not project.product_fields.isdisjoint(names)


def _listens(product: Product, name: str, own: str | None, source: str | None, *, lists: bool) -> bool:
    """Whether a customer of the zone `own` hears what a source says of an attribute. `lists`: by the rules ZL0 to ZL4, else ZV0 to ZV2."""
    if own is None:
        return source is None
    regional = product.zones.get(own)
    if regional is None:
        return source is None and not (lists and product.zones)
    value = getattr(regional, name) if name in _REGIONAL else regional.fields.get(name)
    return source == (own if value is not None else None)


def _heard(change: Change, customer: Customer, verbs: Collection[str], family: str) -> Iterator[tuple[str, frozenset[str]]]:
    """The kinds of event that a change is for a customer, with the names of what changed for him."""
    if customer.erased:
        return
    own, lists = customer.fields.get("zone"), family == "list."
    names = frozenset(name for name in change.names if _listens(change.product, name, own, change.zone, lists=lists))
    for kind in verbs:
        verb = kind.removeprefix(family)
        if verb != kind and (names if verb == "field" else _ABOUT[verb] in names):
            yield kind, names


_ABOUT = {"restocked": "available", "sold_out": "available", "price_drops": "price", "price_rises": "price"}


def _of_lists(fact: Fact, change: Change, customer: Customer, shop: Shop, verbs: Collection[str]) -> Iterator[Event]:
    """For each list that has the product: the latest first."""
    product = change.product
    found = [item for item in shop.holdings.of(customer.id, "item").values() if isinstance(item, Item) and item.product == product.key]
    found.sort(key=lambda item: (-item.added_at, item.list))
    for kind, names in _heard(change, customer, verbs, "list."):
        for item in found:
            things = {"product": product, "item": item}
            yield _event(kind, fact, change, customer, names, things, name=item.list)


def _of_views(fact: Fact, change: Change, customer: Customer, shop: Shop, verbs: Collection[str]) -> Iterator[Event]:
    """Once, however often he looked (A-11)."""
    view = shop.holdings.of(customer.id, "view").get(change.product.key)
    if isinstance(view, ProductView):
        for kind, names in _heard(change, customer, verbs, "views."):
            things = {"product": change.product, "view": view}
            yield _event(kind, fact, change, customer, names, things, done=look(view, customer))


def _event(
    kind: str,
    fact: Fact,
    change: Change,
    customer: Customer,
    names: frozenset[str],
    things: Mapping[str, Any],
    name: str | None = None,
    done: Action | None = None,
) -> Event:
    previous = change.earlier if kind.endswith(".field") else change.names[_ABOUT[kind.partition(".")[2]]][0]
    return Event(
        kind, customer, fact.at, fact.id, fact.actor, done=done, name=name, things=things, changed=names, previous=previous
    )  # fmt: skip


def look(view: ProductView, customer: Customer) -> Action:
    """What `action.…` means in a scenario about a product that was looked at: the latest look."""
    return Action(0, customer.id, "product.view", view.seen_at, fields={"product": view.product, "price": view.price})


#: By what the kinds of event begin with: what is asked who has it, and who of them hears.
_FAMILIES: Mapping[str, tuple[str, Callable[[Fact, Change, Customer, Shop, Collection[str]], Iterator[Event]]]] = {
    "list.": ("item", _of_lists),
    "views.": ("view", _of_views),
}


# ------------------------------------------------------------------------------------------------------------ matches


def matcher(trigger: ResolvedEvent, _: Words) -> Matcher:
    """In the list that is named, if one is; by how much, or which fields."""
    wanted = trigger.list_name
    means = _MEANS[trigger.kind.key.partition(".")[2]](trigger)
    return lambda event: (wanted is None or event.name == wanted) and means(event)


def _always(_: ResolvedEvent) -> Matcher:
    return lambda _: True


def _moved(trigger: ResolvedEvent) -> Matcher:
    """By so much or more from the price he put it in with, or saw it at; without one there is nothing to compare (X05c.7, X07c.4)."""
    falls, amount = trigger.kind.key.endswith("drops"), trigger.amount

    def moved(event: Event) -> bool:
        thing = event.things.get("item") or event.things["view"]
        now = event.things["product"].at_zone("price", event.customer.fields.get("zone"))
        if thing.price is None or now is None:
            return False
        reference, price = Decimal(str(thing.price)), Decimal(str(now))
        by = reference - price if falls else price - reference
        wanted = reference * Decimal(str(amount.value)) / 100 if isinstance(amount, nodes.Percent) else Decimal(str(amount))
        return by > 0 and by >= wanted

    return moved


def _chosen(trigger: ResolvedEvent) -> Matcher:
    """Several chosen ones at the same time are one change."""
    fields = frozenset(trigger.fields)
    return lambda event: not fields.isdisjoint(event.changed) and fields.isdisjoint(event.previous)


_MEANS: Mapping[str, Callable[[ResolvedEvent], Matcher]] = {
    "restocked": _always,
    "sold_out": _always,
    "price_drops": _moved,
    "price_rises": _moved,
    "field": _chosen,
}
