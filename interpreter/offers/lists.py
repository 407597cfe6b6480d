"""The lists that are made once a day, when the first letter of that day asks for them: what is popular, also in each category; segments."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from heapq import nsmallest
from itertools import islice

from dsl.offers import SEGMENT
from dsl.offers import Offer
from interpreter.conditions import Condition
from interpreter.entities import Customer
from interpreter.entities import Product
from interpreter.rules import Rules
from interpreter.store.sqlite import Store
from interpreter.view import View

#: Products of a list: more than anybody is offered, for each leaves out what he has, and what is not to be had where he is.
LENGTH = 500
#: Of the list of one category.
SHORT = 30
#: Products looked at together.
CHUNK = 1_000

#: The days that personal recommendations go by.
PERSONAL_DAYS = 90

#: Before the name of a category, and the list that says that they were made.
_CATEGORY = "category "
CATEGORIES = "categories"

#: A product, and its place among those that were sold.
Place = tuple[str, int]


def name_of(offer: Offer) -> str | None:
    """The list that an offer goes by; None: none."""
    match offer.name:
        case "popular":
            return f"popular {offer.days}" if offer.segment is None else f"popular {offer.days} {offer.segment}"
        case "personal":
            return f"popular {PERSONAL_DAYS}"
        case name if name == SEGMENT:
            return f"segment {offer.segment}"
        case _:
            return None


def of_category(category: str) -> str:
    """The list of a category."""
    return _CATEGORY + category


class Making:
    """Makes lists as of one moment."""

    def __init__(self, store: Store, rules: Rules, now: int, day: int) -> None:
        """`day`: the number of the day of `now` in the project's zone."""
        self._store = store
        self._rules = rules
        self._now = now
        self._day = day
        self._ranked: dict[int, list[str]] = {}

    def popular(self, days: int, segment: str | None = None) -> list[Place]:
        """What was in the most orders; of a segment only what belongs to it."""
        condition = None if segment is None else self._rules.product_segments.get(segment)
        if segment is not None and condition is None:
            return []
        found = (place for product, place in self._known(days) if condition is None or self._is(condition, product) for place in [place])
        return list(islice(found, LENGTH))

    def categories(self) -> dict[str, list[Place]]:
        """What is popular in each category."""
        found: dict[str, list[Place]] = {CATEGORIES: []}
        for product, place in self._known(PERSONAL_DAYS):
            if product.category is not None:
                of = found.setdefault(of_category(product.category), [])
                if len(of) < SHORT:
                    of.append(place)
        return found

    def segment(self, name: str) -> list[Place]:
        """The products of a segment, the newest first."""
        condition = self._rules.product_segments.get(name)
        if condition is None:
            return []
        fitting = ((-product.added_at, product.key) for product in self._all() if _somewhere(product) and self._is(condition, product))
        return [(key, place) for place, (_, key) in enumerate(nsmallest(LENGTH, fitting))]

    def _known(self, days: int) -> Iterator[tuple[Product, Place]]:
        """What was sold and is to be had somewhere, by its place."""
        ranked = self._ranking(days)
        for start in range(0, len(ranked), CHUNK):
            part = ranked[start : start + CHUNK]
            found = {product.key: product for product in self._store.belongings.products(part)}
            for place, key in enumerate(part, start):
                product = found.get(key)
                if product is not None and _somewhere(product):
                    yield product, (key, place)

    def _ranking(self, days: int) -> Sequence[str]:
        """Everything sold: by orders, then by how many customers looked at it, then by id."""
        if days not in self._ranked:
            sold = dict(self._store.offers.sold_since(self._day - days + 1))
            looks = dict(self._store.belongings.count_owners("view", list(sold)))
            self._ranked[days] = sorted(sold, key=lambda key: (-sold[key], -looks.get(key, 0), key))
        return self._ranked[days]

    def _all(self) -> Iterator[Product]:
        after = ""
        while found := self._store.belongings.all_products(after, CHUNK):
            yield from found
            after = found[-1].key

    def _is(self, condition: Condition, product: Product) -> bool:
        """Whether a product belongs to a segment, as the main feed has it."""
        zone = self._rules.timezone
        view = View(self._rules, self._now, self._now, self._now, zone, Customer(0, ""), things={"product": product})
        return condition.test(view)


def _somewhere(product: Product) -> bool:
    """Whether it may be had in the main feed or in a zone: it is not out of stock there."""
    return product.available is not False or any(one.available for one in product.zones.values())


def wanted(offers: Iterable[Offer]) -> dict[str, Offer | None]:
    """The lists that offers go by, with an offer for each; None: all categories."""
    found: dict[str, Offer | None] = {}
    for offer in offers:
        name = name_of(offer)
        if name is not None:
            found[name] = offer
        if offer.name in {"personal", "category_match", "similar"}:
            found[CATEGORIES] = None
    return found
