"""Products, and what customers have beside orders: one row each, the searched columns beside the document."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

import msgspec

from interpreter.belongings import KINDS
from interpreter.belongings import NOBODY
from interpreter.belongings import Belonging
from interpreter.entities import Product
from interpreter.store.connection import Connection

_encode = msgspec.json.Encoder().encode
_decoders = {kind: msgspec.json.Decoder(one).decode for kind, one in KINDS.items()}
_product = msgspec.json.Decoder(Product).decode


class Belongings:
    """What customers have."""

    def __init__(self, connection: Connection) -> None:
        """Over an open database."""
        self._connection = connection

    def of(self, customers: Sequence[int], kinds: Collection[str]) -> Iterator[tuple[int, Belonging]]:
        """All that these customers have of these kinds, by customer and key."""
        names = ",".join(f"'{kind}'" for kind in sorted(KINDS.keys() & kinds))
        for customer, kind, document in self._connection.rows_in(
            f"SELECT customer, kind, document FROM belonging WHERE customer IN (?) AND kind IN ({names}) ORDER BY customer, kind, key",
            customers,
        ):
            yield customer, _decoders[kind](document)

    def owners(self, kind: str, abouts: Sequence[str]) -> Iterator[tuple[str, int]]:
        """Who has something of a kind about each of these."""
        yield from self._connection.rows_in(
            f"SELECT about, customer FROM belonging WHERE kind = '{KINDS[kind].kind}' AND about IN (?)",
            abouts,
        )

    def public(self, kind: str, abouts: Sequence[str]) -> list[Belonging]:
        """What is nobody's and about one of these."""
        found = self._connection.rows_in(
            f"SELECT document FROM belonging WHERE kind = '{KINDS[kind].kind}' AND customer = {NOBODY} AND about IN (?)",
            abouts,
        )
        return [_decoders[kind](row[0]) for row in found]

    def count_owners(self, kind: str, abouts: Sequence[str]) -> Iterator[tuple[str, int]]:
        """How many things of a kind there are about each of these."""
        yield from self._connection.rows_in(
            f"SELECT about, count(*) FROM belonging WHERE kind = '{KINDS[kind].kind}' AND about IN (?) GROUP BY about",
            abouts,
        )

    def members(self, kind: str, about: str, after: int, limit: int) -> list[int]:
        """The next of those who have something of a kind about this, by our own ids."""
        found = self._connection.rows(
            "SELECT DISTINCT customer FROM belonging WHERE kind = ? AND about = ? AND customer > ? ORDER BY customer LIMIT ?",
            (kind, about, after, limit),
        )
        return [row[0] for row in found]

    def first(self, customer: int, kind: str, about: str, limit: int) -> list[Belonging]:
        """The first ones of a customer that are about this, by key."""
        found = self._connection.rows(
            "SELECT document FROM belonging WHERE kind = ? AND about = ? AND customer = ? ORDER BY key LIMIT ?",
            (kind, about, customer, limit),
        )
        return [_decoders[kind](row[0]) for row in found]

    def count(self, customer: int, kind: str, about: str) -> int:
        """How many a customer has of a kind about this."""
        return int(
            self._connection.value("SELECT count(*) FROM belonging WHERE kind = ? AND about = ? AND customer = ?", (kind, about, customer))
        )

    def save(self, changed: Mapping[tuple[int, str, str], Belonging | None]) -> None:
        """Write what is new or changed, take away what is gone (None)."""
        gone = [place for place, thing in changed.items() if thing is None]
        kept = [(*place, thing.about, _encode(thing)) for place in sorted(changed) if (thing := changed[place]) is not None]
        self._connection.executemany("DELETE FROM belonging WHERE customer = ? AND kind = ? AND key = ?", gone)
        # One by one: what replaces several rows at once can be taken back alone, at the price of a copy of every page.
        self._connection.executemany("INSERT OR REPLACE INTO belonging VALUES (?, ?, ?, ?, ?)", kept)

    def forget(self, kind: str, about: str) -> None:
        """Nobody has anything of this kind about it any more."""
        self._connection.execute("DELETE FROM belonging WHERE kind = ? AND about = ?", (kind, about))

    def products(self, keys: Iterable[str]) -> list[Product]:
        """Products by the shop's own ids."""
        return [_product(row[0]) for row in self._connection.rows_in("SELECT document FROM product WHERE key IN (?)", list(keys))]

    def all_products(self, after: str, limit: int) -> list[Product]:
        """The next products by id."""
        found = self._connection.rows("SELECT document FROM product WHERE key > ? ORDER BY key LIMIT ?", (after, limit))
        return [_product(row[0]) for row in found]

    def save_products(self, products: Iterable[Product]) -> None:
        """Write products, new or changed."""
        self._connection.executemany("INSERT OR REPLACE INTO product VALUES (?, ?)", [(one.key, _encode(one)) for one in products])
