"""Products, and what customers have of them and beside them: the part of it in memory while one batch is handled, and what changed.

As in `Shop`, what was looked for and not found is known to be absent, and what nobody looked for raises `NeverLoadedError`.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping

from interpreter.belongings import NOBODY
from interpreter.belongings import Belonging
from interpreter.entities import Product
from interpreter.loaded import Absent
from interpreter.loaded import Loaded

#: A row: customer, kind, key.
Place = tuple[int, str, str]
_NONE: Mapping[str, Belonging] = {}


class Holdings:
    """Of whoever is loaded. What is given out is shared: whoever changes it says so with `put`."""

    def __init__(self) -> None:
        """Nothing known yet."""
        self._of: dict[tuple[int, str], dict[str, Belonging]] = Loaded()
        self._new: set[int] = set()
        """Customers who were not there: they have what is put, and nothing else."""
        self._owners: dict[tuple[str, str], set[int]] = Loaded()
        self._products: dict[str, Product | None] = Loaded()
        self._are_all = False
        self.changed: dict[Place, Belonging | None] = {}
        """To be written; None: to be taken away."""
        self.changed_products: dict[str, Product] = {}
        self.touched: set[int] = set()
        """Whose something changed, also where that is no event: segments are asked about them."""

    # ---------------------------------------------------------------------------------------------- what the store found

    def know_all(self) -> None:
        """There is no store, and no products."""
        self._products, self._are_all = Absent(), True

    def know(self, customers: Iterable[int], kinds: Collection[str], found: Iterable[tuple[int, Belonging]]) -> None:
        """All that these customers have of these kinds. What is in memory already counts."""
        fresh = {(customer, kind) for customer in customers for kind in kinds if (customer, kind) not in self._of}
        for place in fresh:
            self._of[place] = {}
        for customer, thing in found:
            if (customer, thing.kind) in fresh:
                self._of[customer, thing.kind][thing.key] = thing

    def know_owners(self, kind: str, abouts: Iterable[str], found: Iterable[tuple[str, int]]) -> None:
        """Who has something of this kind about each of these."""
        fresh = {about for about in abouts if (kind, about) not in self._owners}
        for about in fresh:
            self._owners[kind, about] = set()
        for about, customer in found:
            if about in fresh:
                self._owners[kind, about].add(customer)

    def know_public(self, kind: str, found: Iterable[Belonging]) -> None:
        """Of what is nobody's, the ones that were looked for."""
        public = self._of.setdefault((NOBODY, kind), {})
        for thing in found:
            if (NOBODY, kind, thing.key) not in self.changed:
                public[thing.key] = thing

    def know_products(self, keys: Iterable[str], found: Iterable[Product]) -> None:
        """Products found for these ids."""
        for key in keys:
            self._products.setdefault(key, None)
        for product in found:
            if self._products.get(product.key) is None:
                self._products[product.key] = product

    def begin(self, customer: int) -> None:
        """A customer who was not there: he has nothing."""
        self._new.add(customer)

    # ------------------------------------------------------------------------------------------------------------ asking

    def knows(self, customer: int, kind: str) -> bool:
        """Whether all of a kind is in memory."""
        return (customer, kind) in self._of or customer in self._new

    def of(self, customer: int, kind: str) -> Mapping[str, Belonging]:
        """What a customer has of a kind, by key."""
        if customer in self._new:
            return self._of.get((customer, kind), _NONE)
        return self._of[customer, kind]

    def owners(self, kind: str, about: str) -> list[int]:
        """Who has something of a kind about this, by our own ids."""
        return sorted(self._owners[kind, about])

    def knows_product(self, key: str) -> bool:
        """Whether it was looked for."""
        return self._are_all or key in self._products

    def products_named(self) -> Iterable[str]:
        """The products of everything in memory."""
        return (named for of_kind in self._of.values() for thing in of_kind.values() for named in thing.products)

    def product(self, key: str) -> Product | None:
        """By the shop's own id."""
        return self._products[key]

    # ---------------------------------------------------------------------------------------------------------- changing

    def put(self, customer: int, thing: Belonging) -> None:
        """He has it, new or changed; to be written."""
        if customer in self._new or customer == NOBODY:
            self._of.setdefault((customer, thing.kind), {})
        if (customer, thing.kind) in self._of:
            self._of[customer, thing.kind][thing.key] = thing
        self.changed[customer, thing.kind, thing.key] = thing
        self.touched.add(customer)
        if thing.about is not None and (thing.kind, thing.about) in self._owners:
            self._owners[thing.kind, thing.about].add(customer)

    def drop(self, customer: int, thing: Belonging) -> None:
        """He has it no more."""
        known = self._of.get((customer, thing.kind), {})
        known.pop(thing.key, None)
        self.changed[customer, thing.kind, thing.key] = None
        self.touched.add(customer)
        owners = self._owners.get((thing.kind, thing.about)) if thing.about is not None else None
        if owners is not None and not any(other.about == thing.about for other in known.values()):
            owners.discard(customer)

    def new_product(self, key: str, at: int) -> Product:
        """A product that was not there."""
        product = self._products[key] = Product(key, added_at=at)
        self.product_changed(product)
        return product

    def product_changed(self, product: Product) -> None:
        """To be written."""
        self.changed_products[product.key] = product
