"""Who is offered what: from counts and lists to the products of one customer. Everything here is decided by the facts alone."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

from interpreter.belongings import ProductView
from interpreter.entities import Order
from interpreter.entities import Product
from interpreter.offers.counting import bought
from interpreter.offers.lists import Place
from interpreter.rules import Rules
from interpreter.view import View

DAY = 86_400
#: What a customer did longer ago says nothing of him any more.
RECENT = 90 * DAY
LATELY = 14 * DAY

#: Behind every place of a list.
NOWHERE = 1 << 62

#: A product by its id, if it may be offered; None: it may not.
Offerable = Callable[[str], Product | None]
Together = Mapping[str, Sequence[tuple[str, int]]]


def last_order(view: View) -> Order | None:
    """The order that changed last."""
    return max(view.orders(), key=lambda order: (order.updated_at, order.id), default=None)


def products_of(order: Order) -> list[str]:
    """Its different products, in the order of its lines."""
    return list(dict.fromkeys(line.product for line in order.lines.values() if line.product is not None))


def ever_bought(view: View, rules: Rules) -> set[str]:
    """What the customer bought."""
    return {product for order in view.orders() for product in bought(order, rules)}


def related(view: View, together: Together, offerable: Offerable) -> Iterator[Product]:
    """What is bought together with the products of his last order; a dearer product has more of the places."""
    order = last_order(view)
    if order is None:
        return
    own = products_of(order)
    queues = {key: _by_count(view, together.get(key, ()), offerable, {*own}) for key in own}
    weights = {key: _price_of(order, key, view) or 1 for key in own}
    given = dict.fromkeys(own, 0)
    seen: set[str] = set()
    while queues:
        # The next place goes to whoever has the most price for each place it would then have.
        key = min(queues, key=lambda one: (-weights[one] / (given[one] + 1), -weights[one], one))
        found = next((product for product in queues[key] if product.key not in seen), None)
        if found is None:
            del queues[key]
            continue
        given[key] += 1
        seen.add(found.key)
        yield found


def matching(
    view: View,
    matches: Mapping[str, Sequence[tuple[str, int]]],
    together: Together,
    of_category: Callable[[str], Sequence[Place]],
    offerable: Offerable,
    rules: Rules,
) -> Iterator[Product]:
    """Of the categories that go with those of his last order so many each: most often bought together, then what is popular there."""
    order = last_order(view)
    if order is None:
        return
    own, seen = products_of(order), ever_bought(view, rules)
    for key in sorted(own, key=lambda one: (-(_price_of(order, one, view) or 0), one)):
        product = view.product(key)
        for category, count in matches.get(product.category or "", ()) if product is not None else ():
            places, counts = dict(of_category(category)), dict(together.get(key, ()))
            fitting = [found for one in {*places, *counts} - seen if (found := offerable(one)) is not None and found.category == category]
            rank = {one.key: (-counts.get(one.key, 0), places.get(one.key, NOWHERE), -_price(one, view), one.key) for one in fitting}
            for found in sorted(fitting, key=lambda one: rank[one.key])[:count]:
                seen.add(found.key)
                yield found


def popular(view: View, places: Iterable[Place], offerable: Offerable, rules: Rules) -> Iterator[Product]:
    """What many ordered and he did not."""
    own = ever_bought(view, rules)
    yield from (product for key, _ in places if key not in own and (product := offerable(key)) is not None)


def subject(view: View) -> str | None:
    """The product that a scenario is about."""
    product: Product | None = view.things.get("product")
    if product is not None:
        return product.key
    return None if view.line is None else view.line.product


def going_with(view: View, together: Together, offerable: Offerable) -> Iterator[Product]:
    """What is bought together with the product."""
    key = subject(view)
    return iter(()) if key is None else _by_count(view, together.get(key, ()), offerable, {key})


def similar(view: View, of_category: Callable[[str], Sequence[Place]], offerable: Offerable) -> Iterator[Product]:
    """What is popular in the category of the product."""
    key = subject(view)
    product = view.product(key)
    for other, _ in of_category(product.category) if product is not None and product.category is not None else ():
        found = offerable(other)
        if other != key and found is not None:
            yield found


def lately(view: View) -> set[str]:
    """What he ordered or looked at lately."""
    since = view.now - RECENT
    keys = {key for order in view.orders() if order.updated_at >= since for key in products_of(order)}
    return keys | {one.product for one in view.of("view").values() if isinstance(one, ProductView) and one.seen_at >= since}


def his_categories(view: View) -> set[str]:
    """The categories of that."""
    found = (view.product(key) for key in lately(view))
    return {product.category for product in found if product is not None and product.category is not None}


def viewed(view: View) -> list[str]:
    """What he looked at, the latest first."""
    looks = [one for one in view.of("view").values() if isinstance(one, ProductView) and one.seen_at >= view.now - LATELY]
    return [one.product for one in sorted(looks, key=lambda one: (-one.seen_at, one.product))]


def _by_count(view: View, counts: Iterable[tuple[str, int]], offerable: Offerable, without: Collection[str]) -> Iterator[Product]:
    found = [(product, count) for key, count in counts if key not in without and (product := offerable(key)) is not None]
    return iter([one for one, count in sorted(found, key=lambda pair: (-pair[1], -_price(pair[0], view), pair[0].key))])


def _price(product: Product, view: View) -> float:
    price = product.at_zone("price", view.price_zone)
    return price if isinstance(price, (int, float)) else 0


def _price_of(order: Order, key: str, view: View) -> float:
    """What a product cost in an order, else what it costs now."""
    known = max((line.price or 0 for line in order.lines.values() if line.product == key), default=0)
    product = view.product(key)
    return known or (_price(product, view) if product is not None else 0)
