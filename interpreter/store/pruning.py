"""Thinning out what is kept only to be told: old lines of the ledger, what old facts said, old visits (`cli.md` §2, `scn prune`).

What decides anything stays: journeys, messages, actions, orders, customers, what limits count, and of every fact its key, so that the same
file taken in again still changes nothing. Changes of points stay too, spent and burnt ones: conditions count them (`any change within 1y`),
and by the shop's own id of one it is known that it was paid. Goals whose time ended before are watched no longer.

Work goes in small transactions, each whole in itself: a tick gets its turn between two of them, and whoever is killed has pruned a part.
"""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import msgspec

from interpreter.put_right import CONTACTS
from interpreter.store.connection import Connection
from interpreter.store.facts import HANDLED

#: Rows looked at together: a few milliseconds of the one writer's turn.
CHUNK = 2_000

#: The single value that says from when on everything is still there.
MARK = "pruned"

#: A journey whose story is still going on; the end of its goal's time is compared with `?`.
_OPEN = "j.due_at IS NOT NULL OR j.goal_until >= ?"

_OLD_DECISIONS = (
    "FROM decision WHERE id > ? AND id <= ? AND at < ? "
    f"AND NOT EXISTS (SELECT 1 FROM journey j WHERE j.id = decision.journey AND ({_OPEN}))"
)

_OLD_SESSIONS = (
    "FROM belonging WHERE customer > ? AND customer <= ? AND kind = 'session' "
    "AND json_extract(CAST(document AS TEXT), '$.ended_at') < ? AND NOT EXISTS (SELECT 1 FROM journey j "
    f"WHERE j.customer = belonging.customer AND ({_OPEN}) AND json_extract(j.more, '$.about.session') = belonging.key)"
)

_decode = msgspec.json.Decoder(dict).decode
_encode = msgspec.json.Encoder().encode


@attrs.define(slots=True)
class Pruned:
    """How much went."""

    decisions: int = 0
    payloads: int = 0
    """Facts of which only the key and the date are left."""
    sessions: int = 0
    """Visits that ended before."""


class Pruning:
    """Prunes one database. `before`: seconds since 1970 UTC; what is from then on stays."""

    def __init__(self, connection: Connection, before: int, *, dry: bool = False) -> None:
        """`dry`: only count."""
        self._connection = connection
        self._before = before
        self._dry = dry
        self.pruned = Pruned()

    def steps(self) -> Iterator[None]:
        """Work; between two steps nothing is locked. Raises DatabaseError; what went until then is gone for good."""
        if not self._dry:
            with self._connection.transaction():
                mark = max(self._before, pruned_before(self._connection) or self._before)
                self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (MARK, str(mark)))
        yield from self._decisions()
        yield from self._payloads()
        yield from self._sessions()
        if not self._dry:
            yield from self._goals()

    # --------------------------------------------------------------------------------------------------------- ledger

    def _decisions(self) -> Iterator[None]:
        last = 0
        while found := self._connection.rows("SELECT id, at FROM decision WHERE id > ? ORDER BY id LIMIT ?", (last, CHUNK)):
            # The ledger is written in order of time.
            if all(at >= self._before for _, at in found):
                return
            bounds = (last, found[-1][0], self._before, self._before)
            last = found[-1][0]
            if self._dry:
                self.pruned.decisions += self._connection.value(f"SELECT count(*) {_OLD_DECISIONS}", bounds)
            else:
                with self._connection.transaction():
                    self._keep_counts(bounds)
                    self.pruned.decisions += self._connection.execute(f"DELETE {_OLD_DECISIONS}", bounds)
            yield

    def _keep_counts(self, bounds: tuple[int, ...]) -> None:
        """What is told no more is still counted: by the number of the scenario, so that a rename takes it along."""
        counted = self._connection.rows(f"SELECT scenario, outcome, reason, count(*) {_OLD_DECISIONS} GROUP BY 1, 2, 3", bounds)
        for scenario, outcome, reason, count in counted:
            name = f"{MARK} {scenario} {outcome} {reason or ''}"
            kept = self._connection.value("SELECT value FROM meta WHERE name = ?", (name,))
            self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, str(int(kept or 0) + count)))

    # ---------------------------------------------------------------------------------------------------------- facts

    def _payloads(self) -> Iterator[None]:
        highest = self._connection.value("SELECT max(id) FROM fact") or 0
        needed = self._needed()
        orders = self._connection.value("SELECT 1 FROM version WHERE text LIKE '%since created%' LIMIT 1") is not None
        for first in range(0, highest, CHUNK):
            found = self._connection.rows(
                f"SELECT id, op, data FROM fact WHERE id > ? AND id <= ? AND {HANDLED} AND received < ? AND length(data) > 2",
                (first, min(first + CHUNK, highest), self._before),
            )
            left = []
            for number, op, data in found:
                # What happened to an order is told again to whoever counts it since its creation.
                if number in needed or (orders and op.startswith("order.")):
                    continue
                fields = _decode(data)
                rest = _rest(op, fields)
                if rest != fields:
                    left.append((_encode(rest), number))
            if left and not self._dry:
                with self._connection.transaction():
                    # Who was erased since it was read stays erased.
                    self._connection.executemany("UPDATE fact SET data = ? WHERE id = ? AND length(data) > 2", left)
            self.pruned.payloads += len(left)
            yield

    def _needed(self) -> set[int]:
        """Old facts that somebody still reads: the inbox, journeys that started by them, the ledger for what it refused.

        In this order, so that a tick that handles one of them meanwhile takes it out of one list only when it is in the next.
        """
        queries: tuple[tuple[str, tuple[int, ...]], ...] = (
            ("SELECT fact FROM inbox WHERE received < ?", (self._before,)),
            (
                f"SELECT f.id FROM journey j JOIN fact f ON f.id = j.fact WHERE ({_OPEN}) AND f.received < ?",
                (self._before, self._before),
            ),
            (
                "SELECT f.id FROM decision d JOIN fact f ON f.id = d.fact WHERE d.journey IS NULL AND d.at >= ? AND f.received < ?",
                (self._before, self._before),
            ),
        )
        return {row[0] for query, values in queries for row in self._connection.rows(query, values)}

    # --------------------------------------------------------------------------------------------------------- visits

    def _sessions(self) -> Iterator[None]:
        """Visits that ended before, unless a journey that one of them began is still going on."""
        highest = self._connection.value("SELECT max(id) FROM customer") or 0
        for first in range(0, highest, CHUNK):
            bounds = (first, min(first + CHUNK, highest), self._before, self._before)
            if self._dry:
                self.pruned.sessions += self._connection.value(f"SELECT count(*) {_OLD_SESSIONS}", bounds)
            else:
                with self._connection.transaction():
                    self.pruned.sessions += self._connection.execute(f"DELETE {_OLD_SESSIONS}", bounds)
            yield

    # ---------------------------------------------------------------------------------------------------------- goals

    def _goals(self) -> Iterator[None]:
        """Journeys that ended, and whose time for their goal did too, are no longer watched for late facts: only for those already here."""
        highest = self._connection.value("SELECT max(id) FROM journey") or 0
        here = self._connection.value("SELECT min(f.at) FROM inbox i JOIN fact f ON f.id = i.fact")
        before = self._before if here is None else min(self._before, here)
        over = "WHERE id > ? AND id <= ? AND due_at IS NULL AND goal_until < ?"
        for first in range(0, highest, CHUNK):
            bounds = (first, first + CHUNK, before)
            if self._connection.value(f"SELECT 1 FROM journey {over} LIMIT 1", bounds):
                with self._connection.transaction():
                    self._connection.execute(f"UPDATE journey SET goal_until = NULL {over}", bounds)
            yield


def _rest(op: str, fields: dict[str, object]) -> dict[str, object]:
    """What stays of a fact: the addresses of a customer, by which `scn forget` finds all that is about him."""
    return {kind: fields[kind] for kind in CONTACTS if kind in fields} if op.startswith("customer.") else {}


def pruned_before(connection: Connection) -> int | None:
    """From when on everything is still there; None: nothing was ever pruned."""
    kept = connection.value("SELECT value FROM meta WHERE name = ?", (MARK,))
    return None if kept is None else int(kept)


def pruned_counts(connection: Connection) -> dict[tuple[str, str, str | None], int]:
    """What was pruned from the ledger in numbers: (scenario, outcome, reason) -> how many."""
    names = {str(number): name for number, name in connection.rows("SELECT id, name FROM scenario")}
    found = {}
    for key, value in connection.rows("SELECT name, value FROM meta WHERE name LIKE ?", (f"{MARK} %",)):
        _, scenario, outcome, reason = key.split(" ", 3)
        found[names.get(scenario, ""), outcome, reason or None] = int(value)
    return found


def free_bytes(connection: Connection) -> int:
    """Room within the file that new rows will fill."""
    return int(connection.value("PRAGMA freelist_count") * connection.value("PRAGMA page_size"))


def give_back(connection: Connection) -> None:
    """Write the file anew without that room. Nobody else can write meanwhile. Raises DatabaseError."""
    connection.execute("VACUUM")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
