"""What tests and simulation ask of a store in memory beside what is listed for people."""

from __future__ import annotations

from typing import Any

import attrs
import msgspec

from interpreter.store.connection import Connection

_decode = msgspec.json.Decoder(dict[str, Any]).decode


@attrs.frozen(slots=True)
class MadeFact:
    """A fact that a `set` made; `at` in seconds since 1970 UTC."""

    op: str
    customer: str | None
    at: int
    data: dict[str, Any]


class Rehearsed:
    """The store of a rehearsal."""

    def __init__(self, connection: Connection) -> None:
        """Over an open database."""
        self._connection = connection

    def send_all(self, now: int) -> list[int]:
        """Everything still to be delivered counts as sent; the ids in the order of delivery."""
        found = self._connection.rows("SELECT id FROM message WHERE state = 'planned' ORDER BY transactional DESC, id")
        self._connection.executemany(
            "UPDATE message SET state = 'sent', times = json_set(coalesce(times, '{}'), '$.sent', ?) WHERE id = ?",
            ((now, row[0]) for row in found),
        )
        self._connection.execute("DELETE FROM outbox")
        return [row[0] for row in found]

    def made_facts(self) -> list[MadeFact]:
        """The facts that steps made, in order."""
        rows = self._connection.rows(
            "SELECT op, customer, at, data FROM fact "
            "WHERE actor = 'scenario' AND batch LIKE 'tick %' AND op <> 'message.status' ORDER BY id"
        )
        return [MadeFact(op, customer, at, _decode(data)) for op, customer, at, data in rows]
