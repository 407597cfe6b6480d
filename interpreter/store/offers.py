"""What was bought, counted for offers (`domain.md` §5.3): by day, and what with what; and the lists that are made once a day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

import msgspec

from interpreter.store.connection import Connection

#: Of the products bought together with one, those that count as candidates.
TOGETHER = 30
#: An order of more different products says nothing of what goes with what.
LARGEST = 50

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[tuple[str, int]]).decode
_products = msgspec.json.Decoder(tuple[str, ...]).decode

#: What is kept only for offers.
_TABLES = ("counted", "sold", "bought_with", "offer")

#: What an order counts for: (its own number, the day it was made, its different products in order).
Counted = tuple[int, int, tuple[str, ...]]


class Offers:
    """The counts, and the lists made of them."""

    def __init__(self, connection: Connection) -> None:
        """Over an open database."""
        self._connection = connection

    # ------------------------------------------------------------------------------------------------------ counting

    def count(self, orders: Iterable[Counted]) -> None:
        """Count orders as they are now, instead of how they were counted before."""
        wanted = {number: (day, products) for number, day, products in orders}
        before = {
            number: (day, _products(products))
            for number, day, products in self._connection.rows_in(
                "SELECT orders, day, products FROM counted WHERE orders IN (?)", list(wanted)
            )
        }
        sold: Counter[tuple[int, str]] = Counter()
        together: Counter[tuple[str, str]] = Counter()
        kept, gone = [], []
        for number, (day, products) in wanted.items():
            known = before.get(number, (day, ()))
            if known == (day, products):
                continue
            _add(sold, together, known, -1)
            _add(sold, together, (day, products), 1)
            if products:
                kept.append((number, day, _encode(products)))
            else:
                gone.append((number,))
        write = self._connection.executemany
        write("INSERT OR REPLACE INTO counted VALUES (?, ?, ?)", kept)
        write("DELETE FROM counted WHERE orders = ?", gone)
        more = "ON CONFLICT DO UPDATE SET count = count + excluded.count"
        write(f"INSERT INTO sold VALUES (?, ?, ?) {more}", [(*place, by) for place, by in sorted(sold.items()) if by])
        write(f"INSERT INTO bought_with VALUES (?, ?, ?) {more}", [(*place, by) for place, by in sorted(together.items()) if by])
        write("DELETE FROM sold WHERE day = ? AND product = ? AND count <= 0", [place for place, by in sold.items() if by < 0])
        write("DELETE FROM bought_with WHERE product = ? AND other = ? AND count <= 0", [place for place, by in together.items() if by < 0])

    def clear(self) -> None:
        """Nothing asks for it any more."""
        for table in _TABLES:
            self._connection.execute(f"DELETE FROM {table}")

    # -------------------------------------------------------------------------------------------------------- asking

    def bought_with(self, products: Iterable[str]) -> dict[str, list[tuple[str, int]]]:
        """Product -> those most often bought together with it, and how often."""
        found: dict[str, list[tuple[str, int]]] = {}
        for product, other, count in self._connection.rows_in(
            "SELECT product, other, count FROM (SELECT product, other, count, row_number() OVER "
            "(PARTITION BY product ORDER BY count DESC, other) AS place FROM bought_with WHERE product IN (?)) "
            f"WHERE place <= {TOGETHER}",
            sorted(products),
        ):
            found.setdefault(product, []).append((other, count))
        return found

    def sold_since(self, day: int) -> Iterator[tuple[str, int]]:
        """In how many orders each product was, from a day on."""
        yield from self._connection.rows("SELECT product, sum(count) FROM sold WHERE day >= ? GROUP BY product", (day,))

    def made(self, names: Iterable[str], day: int) -> set[str]:
        """Of these lists, those made on a day."""
        found = self._connection.rows_in("SELECT name, made FROM offer WHERE name IN (?)", sorted(names))
        return {name for name, made in found if made == day}

    def lists(self, names: Iterable[str]) -> dict[str, list[tuple[str, int]]]:
        """Lists by name: products, each with its place among all that were sold."""
        found = self._connection.rows_in("SELECT name, products FROM offer WHERE name IN (?)", sorted(names))
        return {name: _decode(products) for name, products in found}

    def keep(self, lists: Mapping[str, Sequence[tuple[str, int]]], day: int, *, instead_of: str | None = None) -> None:
        """Keep lists; `instead_of`: of all that begin like this."""
        if instead_of is not None:
            self._connection.execute("DELETE FROM offer WHERE substr(name, 1, ?) = ?", (len(instead_of), instead_of))
        rows = [(name, day, _encode(products)) for name, products in sorted(lists.items())]
        self._connection.executemany("INSERT OR REPLACE INTO offer VALUES (?, ?, ?)", rows)


def _add(sold: Counter[tuple[int, str]], together: Counter[tuple[str, str]], counted: tuple[int, tuple[str, ...]], by: int) -> None:
    day, products = counted
    for product in products:
        sold[day, product] += by
    if len(products) <= LARGEST:
        for one in products:
            for other in products:
                if one != other:
                    together[one, other] += by
