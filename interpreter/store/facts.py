"""Facts: the inbox and the log in one table."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

import msgspec

from interpreter.facts import Fact
from interpreter.store.connection import Connection

COLUMNS = "id, op, key, customer, at, received, batch, actor, data"
encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(dict).decode


def _fact(row: tuple[Any, ...]) -> Fact:
    return Fact(*[*row[:8], decode(row[8])])


class Facts:
    """What came in."""

    def __init__(self, connection: Connection) -> None:
        """Over an open database."""
        self._connection = connection

    def add(self, facts: Sequence[Fact], *, durable: bool = True) -> list[bool]:
        """Store facts in the order given (their ids are set here); for each: new, or its key was known already."""
        new: list[bool] = []
        known: set[str] = set()
        with self._connection.transaction(durable=durable):
            keys = [fact.key for fact in facts if fact.key is not None]
            known.update(row[0] for row in self._connection.rows_in("SELECT key FROM fact WHERE key IN (?)", keys))
            number = self._connection.next_id("fact")
            rows = []
            for fact in facts:
                fresh = fact.key is None or fact.key not in known
                new.append(fresh)
                if not fresh:
                    continue
                if fact.key is not None:
                    known.add(fact.key)
                fact.id = number
                number += 1
                rows.append((fact.id, fact.op, fact.key, fact.customer, fact.at, fact.received, fact.batch, fact.actor, encode(fact.data)))
            self._connection.executemany(f"INSERT INTO fact ({COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?)", rows)
        return new

    def pending(self, now: int, limit: int) -> list[Fact]:
        """The next facts to handle, in order of arrival: received at or before `now`."""
        found = self._connection.rows(
            f"SELECT {COLUMNS} FROM fact WHERE handled = 0 AND received <= ? ORDER BY received, id LIMIT ?",
            (now, limit),
        )
        return [_fact(row) for row in found]

    def handled(self, facts: Iterable[Fact]) -> None:
        """These are done."""
        self._connection.executemany("UPDATE fact SET handled = 1 WHERE id = ?", [(fact.id,) for fact in facts])

    def next_received(self) -> int | None:
        """When the next unhandled fact arrives, or arrived."""
        found = self._connection.value("SELECT received FROM fact WHERE handled = 0 ORDER BY received LIMIT 1")
        return None if found is None else int(found)

    def by_id(self, ids: Sequence[int]) -> dict[int, Fact]:
        """Facts by their ids."""
        found = self._connection.rows_in(f"SELECT {COLUMNS} FROM fact WHERE id IN (?)", ids)
        return {row[0]: _fact(row) for row in found}

    def of_order(self, key: str) -> list[Fact]:
        """Every fact of an order, in the order they were handled."""
        ids = [row[0] for row in self._connection.rows("SELECT fact FROM order_fact WHERE order_key = ? ORDER BY fact", (key,))]
        facts = self.by_id(ids)
        return sorted((facts[number] for number in ids if number in facts), key=lambda fact: (fact.received, fact.id))

    def link_orders(self, links: Iterable[tuple[str, int]]) -> None:
        """Remember which facts changed which order (its id, the fact)."""
        self._connection.executemany("INSERT OR IGNORE INTO order_fact VALUES (?, ?)", links)

    def recorded(self, after: int, limit: int) -> list[Fact]:
        """The next facts by id, handled or not."""
        found = self._connection.rows(f"SELECT {COLUMNS} FROM fact WHERE id > ? ORDER BY id LIMIT ?", (after, limit))
        return [_fact(row) for row in found]
