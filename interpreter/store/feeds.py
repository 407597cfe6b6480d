"""Feeds: what was loaded last of each, to compare with; and the load that is on its way, until it is whole.

What is on its way stands in tables of this connection alone, on the disk when it is much: nobody waits for it, and nothing of it is
left when it comes to nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

from interpreter.store.connection import Connection

#: `hash` stays NULL where nothing is to be remembered: it is what was known already, or not to be understood.
_BEGIN = (
    "DROP TABLE IF EXISTS temp.feed_load",
    "DROP TABLE IF EXISTS temp.feed_part",
    "CREATE TEMP TABLE feed_load (product TEXT PRIMARY KEY, line INTEGER NOT NULL, hash BLOB, names TEXT) WITHOUT ROWID",
    "CREATE TEMP TABLE feed_part (id INTEGER PRIMARY KEY, data BLOB NOT NULL)",
)
#: An empty digest: gone already. What it had said stays known, so that it is emptied if the product comes back without.
_GONE = "source = ? AND hash <> x'' AND NOT EXISTS (SELECT 1 FROM temp.feed_load l WHERE l.product = feed.product)"


class Feeds:
    """What feeds said last."""

    def __init__(self, connection: Connection) -> None:
        """Over an open database."""
        self._connection = connection

    def begin(self) -> None:
        """A load, in place of any other on its way."""
        for statement in _BEGIN:
            self._connection.execute(statement)

    def known(self, source: str, products: Sequence[str]) -> Mapping[str, tuple[bytes, str]]:
        """What was loaded last of these: a digest of all that was said, and the names of what was."""
        found = self._connection.rows_in("SELECT product, hash, names FROM feed WHERE source = ? AND product IN (?)", products, (source,))
        return {product: (digest, names) for product, digest, names in found}

    def listed(self, products: Sequence[str]) -> Mapping[str, int]:
        """Those that the load on its way has had already, each with its line."""
        return dict(self._connection.rows_in("SELECT product, line FROM temp.feed_load WHERE product IN (?)", products))

    def put_on_list(self, products: Sequence[tuple[str, int]]) -> None:
        """The load has these, in these lines."""
        self._connection.insert("INSERT OR FAIL INTO temp.feed_load (product, line) VALUES (?)", products)

    def changed(self, products: Iterable[tuple[str, bytes, str]]) -> None:
        """What is to be remembered of products on the list: digest and names."""
        rows = [(digest, names, product) for product, digest, names in products]
        self._connection.executemany("UPDATE temp.feed_load SET hash = ?, names = ? WHERE product = ?", rows)

    def put_part(self, data: bytes) -> None:
        """A part of what the load will tell."""
        self._connection.execute("INSERT INTO temp.feed_part (data) VALUES (?)", (data,))

    def parts(self) -> Iterator[bytes]:
        """All parts, in order."""
        last = 0
        while row := self._connection.row("SELECT id, data FROM temp.feed_part WHERE id > ? ORDER BY id LIMIT 1", (last,)):
            last = row[0]
            yield row[1]

    def gone(self, source: str, after: str, limit: int) -> list[str]:
        """The next products that were there at the last load and are not in this one."""
        statement = f"SELECT product FROM feed WHERE {_GONE} AND product > ? ORDER BY product LIMIT ?"
        return [row[0] for row in self._connection.rows(statement, (source, after, limit))]

    def sizes(self, source: str) -> tuple[int, int]:
        """How many products the load on its way has, and how many the last one had."""
        now = self._connection.value("SELECT count(*) FROM temp.feed_load")
        return now, self._connection.value("SELECT count(*) FROM feed WHERE source = ? AND hash <> x''", (source,))

    def settle(self, source: str, *, whole: bool) -> None:
        """The load is what was loaded last; `whole`: what it does not have is gone. In a transaction."""
        self._connection.execute(
            "INSERT OR REPLACE INTO feed SELECT ?, product, hash, names FROM temp.feed_load WHERE hash IS NOT NULL", (source,)
        )
        if whole:
            self._connection.execute(f"UPDATE feed SET hash = x'' WHERE {_GONE}", (source,))
