"""What tests and simulation ask of a store in memory beside what is listed for people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs
import msgspec

from dsl import calendar
from interpreter.store.connection import Connection
from interpreter.store.messages import NewMessage
from interpreter.tally import Tally

_decode = msgspec.json.Decoder(dict[str, Any]).decode
_decode_list = msgspec.json.Decoder(list[Any]).decode


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

    def clear(self) -> None:
        """As if nothing had ever been written."""
        found = self._connection.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '*sqlite_*'")
        with self._connection.transaction():
            for (table,) in found:
                self._connection.execute(f"DELETE FROM {table}")

    def send_all(self, now: int) -> list[int]:
        """Everything still to be delivered counts as sent; the ids in the order of delivery."""
        # Said once more in the words of the index: SQLite does not see that the one implies the other.
        found = self._connection.rows(
            "SELECT id FROM message WHERE state = 'planned' AND state IN ('planned', 'sending') ORDER BY transactional DESC, id"
        )
        self._connection.executemany(
            "UPDATE message SET state = 'sent', times = json_set(coalesce(times, '{}'), '$.sent', ?) WHERE id = ?",
            ((now, row[0]) for row in found),
        )
        self._connection.execute("DELETE FROM outbox")
        return [row[0] for row in found]

    def add_sent(self, messages: Iterable[NewMessage]) -> None:
        """Messages that were decided on and left in the same tick."""
        self._connection.insert(
            "INSERT OR FAIL INTO message (id, kind, customer, journey, version, step, scenario, template, channel, recipient, subject, "
            "order_key, at, state, reason, transactional, staff, deadline, times) VALUES (?)",
            [
                (
                    m.id, m.kind, m.customer, m.journey, m.version, m.step, m.scenario, m.template, m.channel, m.recipient, m.subject,
                    m.order, m.at, "sent" if m.state == "planned" else m.state, m.reason, m.transactional, m.staff, m.deadline,
                    f'{{"sent":{m.at}}}' if m.state == "planned" else None,
                )
                for m in messages
            ],
        )  # fmt: skip

    def made_facts(self) -> list[MadeFact]:
        """The facts that steps made, in order."""
        rows = self._connection.rows(
            "SELECT op, customer, at, data FROM fact "
            "WHERE actor = 'scenario' AND batch LIKE 'tick %' AND op <> 'message.status' ORDER BY id"
        )
        return [MadeFact(op, customer, at, _decode(data)) for op, customer, at, data in rows]

    def tally(self, zone: str) -> Tally:
        """What the report of a simulation says, in numbers; `zone`: where days begin."""
        rows = self._connection.rows
        found = Tally()
        of = "count(*) FROM journey j JOIN scenario s ON s.id = j.scenario"
        found.started.update(dict(rows(f"SELECT s.name, {of} GROUP BY 1")))
        found.waiting.update(dict(rows(f"SELECT s.name, {of} WHERE j.due_at IS NOT NULL GROUP BY 1")))
        for *outcome, count in rows(
            "SELECT s.name, outcome, reason, count(*) FROM decision d JOIN scenario s ON s.id = d.scenario GROUP BY 1, 2, 3"
        ):
            found.outcomes[tuple(outcome)] += count
        for scenario, detail in rows(
            "SELECT s.name, detail FROM decision d JOIN scenario s ON s.id = d.scenario "
            "WHERE outcome = 'stopped' AND reason = 'condition' AND detail IS NOT NULL"
        ):
            found.gates[scenario, _decode_list(detail)[-1][0]] += 1
        for *letter, count in rows(
            "SELECT s.name, template, channel, m.state, reason, count(*) FROM message m JOIN scenario s ON s.id = m.scenario "
            "WHERE kind = 'message' GROUP BY 1, 2, 3, 4, 5"
        ):
            found.letters[tuple(letter)] += count
        # No day begins within a quarter of an hour.
        for scenario, quarter, count in rows(
            "SELECT s.name, at / 900, count(*) FROM message m JOIN scenario s ON s.id = m.scenario "
            "WHERE kind = 'message' AND m.state = 'sent' GROUP BY 1, 2"
        ):
            found.sent[scenario, calendar.local(quarter * 900, zone)[0]] += count
        return found
