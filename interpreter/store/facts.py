"""Facts: the log of all that came in, and the inbox of what is still to be handled."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

import msgspec

from interpreter.facts import Fact
from interpreter.store.connection import Connection

COLUMNS = "id, op, key, customer, at, received, batch, actor, data"
_OF_INBOX = ", ".join(f"f.{name}" for name in COLUMNS.split(", "))
#: The condition that leaves out what still stands in the inbox.
HANDLED = "NOT EXISTS (SELECT 1 FROM inbox WHERE inbox.received = fact.received AND inbox.fact = fact.id)"

#: A place in the inbox: when a fact was received, and its id.
Place = tuple[int, int]
#: Before every fact.
FIRST: Place = (-(1 << 63), 0)

encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(dict[str, Any]).decode


def _fact(row: tuple[Any, ...]) -> Fact:
    number, op, key, customer, at, received, batch, actor, data = row
    return Fact(number, op, key, customer, at, received, batch, actor, decode(data))


class Facts:
    """What came in."""

    def __init__(self, connection: Connection) -> None:
        """Over an open database."""
        self._connection = connection

    def add(self, facts: Sequence[Fact], *, durable: bool = True) -> list[bool]:
        """Store facts in the order given (their ids are set here); for each: new, or its key was known already."""
        connection = self._connection
        with connection.transaction(durable=durable):
            first = connection.next_id("fact")
            for number, fact in enumerate(facts, first):
                fact.id = number
            # A bytearray: see `entities.py`.
            stored = connection.insert(
                f"INSERT OR FAIL INTO fact ({COLUMNS}) VALUES (?) ON CONFLICT (key) DO NOTHING",
                [(f.id, f.op, f.key, f.customer, f.at, f.received, f.batch, f.actor, bytearray(encode(f.data))) for f in facts],
            )
            if stored == len(facts):
                new = [True] * len(facts)
                connection.insert("INSERT OR FAIL INTO inbox VALUES (?)", [(fact.received, fact.id) for fact in facts])
            else:
                kept = {row[0] for row in connection.rows("SELECT id FROM fact WHERE id >= ?", (first,))}
                new = [fact.id in kept for fact in facts]
                connection.insert("INSERT OR FAIL INTO inbox VALUES (?)", [(fact.received, fact.id) for fact in facts if fact.id in kept])
        return new

    def pending(self, now: int, limit: int) -> list[Fact]:
        """The next facts to handle, in order of arrival: received at or before `now`."""
        found = self._connection.rows(
            f"SELECT {_OF_INBOX} FROM inbox i CROSS JOIN fact f ON f.id = i.fact WHERE i.received <= ? ORDER BY i.received, i.fact LIMIT ?",
            (now, limit),
        )
        return [_fact(row) for row in found]

    def many(self, now: int, many: int) -> bool:
        """Whether more than so many are to be handled."""
        return self._connection.row("SELECT 1 FROM inbox WHERE received <= ? ORDER BY received LIMIT 1 OFFSET ?", (now, many)) is not None

    def ends(self, now: int, size: int, most: int) -> list[Place]:
        """Where each run of so many facts to handle ends, for whole runs only."""
        found: list[Place] = []
        while len(found) < most:
            start = found[-1] if found else FIRST
            end = self._connection.row(
                "SELECT received, fact FROM inbox WHERE (received, fact) > (?, ?) AND received <= ? "
                "ORDER BY received, fact LIMIT 1 OFFSET ?",
                (*start, now, size - 1),
            )
            if end is None:
                break
            found.append(end)
        return found

    def between(self, start: Place | None, end: Place) -> list[Fact]:
        """The facts to handle behind one place, up to and with another."""
        found = self._connection.rows(
            f"SELECT {_OF_INBOX} FROM inbox i CROSS JOIN fact f ON f.id = i.fact "
            "WHERE (i.received, i.fact) > (?, ?) AND (i.received, i.fact) <= (?, ?) ORDER BY i.received, i.fact",
            (*(start or FIRST), *end),
        )
        return [_fact(row) for row in found]

    def handled(self, facts: Sequence[Fact]) -> int:
        """These are done: the first ones of the inbox, up to the last of them. How many those were."""
        if not facts:
            return 0
        return self._connection.execute("DELETE FROM inbox WHERE (received, fact) <= (?, ?)", (facts[-1].received, facts[-1].id))

    def drop(self, facts: Iterable[int]) -> None:
        """Of these nothing is kept."""
        self._connection.executemany("DELETE FROM fact WHERE id = ?", [(number,) for number in facts])

    def next_received(self) -> int | None:
        """When the next unhandled fact arrives, or arrived."""
        found = self._connection.value("SELECT received FROM inbox ORDER BY received LIMIT 1")
        return None if found is None else int(found)

    def by_id(self, ids: Iterable[int]) -> dict[int, Fact]:
        """Facts by their ids."""
        found = self._connection.rows_in(f"SELECT {COLUMNS} FROM fact WHERE id IN (?)", list(ids))
        return {row[0]: _fact(row) for row in found}

    def count_from(self, first: int) -> int:
        """How many there are with this id or a later one."""
        return int(self._connection.value("SELECT count(*) FROM fact WHERE id >= ?", (first,)))

    def recorded(self, after: int, limit: int) -> list[Fact]:
        """The next facts by id, handled or not."""
        found = self._connection.rows(f"SELECT {COLUMNS} FROM fact WHERE id > ? ORDER BY id LIMIT ?", (after, limit))
        return [_fact(row) for row in found]
