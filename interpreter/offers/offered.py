"""The offers of one batch: what its templates need is loaded once for all of it, each customer's is chosen when his letter is written."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from itertools import islice

from dsl.offers import MOST
from dsl.offers import OF_PRODUCT
from dsl.offers import SEGMENT
from dsl.offers import Offer
from interpreter.entities import Product
from interpreter.holdings import Holdings
from interpreter.offers import choosing
from interpreter.offers import lists
from interpreter.offers.counting import day_of
from interpreter.rules import Rules
from interpreter.store.sqlite import Store
from interpreter.view import View

_BY_ORDER = frozenset({"related_to_last_order", "category_match"})


class NotNamedError(Exception):
    """A template came by an offer in a way that nobody could see before: a sentence."""


class Offered:
    """What can be offered in a batch."""

    def __init__(self, store: Store, rules: Rules, holdings: Holdings, know_products: Callable[[Iterable[str]], None]) -> None:
        """Nothing loaded yet. `know_products`: loads products where they are not in memory."""
        self._store = store
        self._rules = rules
        self._holdings = holdings
        self._know_products = know_products
        self._together: dict[str, list[tuple[str, int]]] = {}
        self._lists: dict[str, list[lists.Place]] = {}
        self._day = 0

    # ------------------------------------------------------------------------------------------------------- loading

    def load(self, asked: Mapping[Offer, Collection[View]], now: int, write: Callable[[], None] | None) -> None:
        """What these offers need for these customers. `write`: puts into the store what is only in memory; None: nothing is kept."""
        self._load_lists(asked, now, write)
        views = [view for offer, those in asked.items() for view in those if offer.name == "personal"]
        self._know_products({key for view in views for key in choosing.lately(view)})
        categories = {category for view in views for category in choosing.his_categories(view)}
        named = {
            key for offer, those in asked.items() if offer.name == "recently_viewed" for view in those for key in choosing.viewed(view)
        }
        orders = [choosing.last_order(view) for offer, those in asked.items() if offer.name in _BY_ORDER for view in those]
        subjects = (choosing.subject(view) for offer, those in asked.items() if offer.name in OF_PRODUCT for view in those)
        about = {key for key in subjects if key is not None}
        self._know_products(about)
        categories.update(product.category for key in about if (product := self._holdings.product(key)) is not None and product.category)
        ordered = about.union(key for order in orders if order is not None for key in choosing.products_of(order))
        if ordered:
            self._together = self._store.offers.bought_with(ordered)
            self._know_products(ordered)
            if any(offer.name == "category_match" for offer in asked):
                own = {product.category for key in ordered if (product := self._holdings.product(key)) is not None}
                categories.update(category for one in own for category, _ in self._matches.get(one or "", ()))
            named.update(other for found in self._together.values() for other, _ in found)
        missing = {lists.of_category(category) for category in categories} - self._lists.keys()
        if missing:
            self._lists.update(self._store.offers.lists(missing))
        named.update(key for name in self._used(asked, categories) for key, _ in self._lists.get(name, ()))
        self._know_products(named)

    def _used(self, asked: Iterable[Offer], categories: Iterable[str]) -> Iterator[str]:
        yield from (name for offer in asked if (name := lists.name_of(offer)) is not None)
        yield from map(lists.of_category, categories)

    def _load_lists(self, asked: Iterable[Offer], now: int, write: Callable[[], None] | None) -> None:
        """The lists of today; where there are none yet they are made."""
        wanted = lists.wanted(asked)
        day = day_of(now, self._rules)
        if day != self._day:
            self._lists, self._day = {}, day
        missing = wanted.keys() - self._lists.keys()
        if not missing:
            return
        store = self._store.offers
        stale = sorted(missing - store.made(missing, day))
        if stale and write is not None:
            write()
        making = lists.Making(self._store, self._rules, now, day)
        for name in stale:
            offer = wanted[name]
            if offer is None:
                found = making.categories()
            elif offer.name == SEGMENT:
                found = {name: making.segment(offer.segment or "")}
            elif offer.name == "personal":
                found = {name: making.popular(lists.PERSONAL_DAYS)}
            else:
                found = {name: making.popular(offer.days, offer.segment)}
            if write is not None:
                store.keep(found, day, instead_of=lists.of_category("") if offer is None else None)
            else:
                self._lists.update(found)
        self._lists.update(store.lists(missing - self._lists.keys()))

    @property
    def _matches(self) -> Mapping[str, tuple[tuple[str, int], ...]]:
        return self._rules.project.surroundings.category_match or {}

    # ------------------------------------------------------------------------------------------------------ choosing

    def of(self, offer: Offer, view: View) -> list[Product]:
        """What the customer of a view is offered."""
        return list(islice(self._of(offer, view), MOST))

    def _of(self, offer: Offer, view: View) -> Iterable[Product]:
        rules, zone = self._rules, view.price_zone

        def offerable(key: str) -> Product | None:
            product = self._holdings.product(key)
            return None if product is None or product.at_zone("available", zone) is False else product

        match offer.name:
            case "related_to_last_order":
                return choosing.related(view, self._together, offerable)
            case "category_match":
                return choosing.matching(view, self._matches, self._together, self._of_category, offerable, rules)
            case "popular":
                return choosing.popular(view, self._of_list(offer), offerable, rules)
            case "personal":
                categories = choosing.his_categories(view)
                if not categories:
                    return choosing.popular(view, self._of_list(offer), offerable, rules)
                places = sorted((place for one in categories for place in self._of_category(one)), key=lambda place: place[1])
                return choosing.popular(view, places, offerable, rules)
            case "related":
                return choosing.going_with(view, self._together, offerable)
            case "similar":
                return choosing.similar(view, self._of_category, offerable)
            case "recently_viewed":
                return (product for key in choosing.viewed(view) if (product := offerable(key)) is not None)
            case _:
                return (product for key, _ in self._of_list(offer) if (product := offerable(key)) is not None)

    def _of_list(self, offer: Offer) -> list[lists.Place]:
        name = lists.name_of(offer)
        if name not in self._lists:
            raise NotNamedError("what is offered must be named in the template itself: `customer.recommendations.popular(days=7)`")
        return self._lists[name]

    def _of_category(self, category: str) -> list[lists.Place]:
        return self._lists.get(lists.of_category(category), [])
