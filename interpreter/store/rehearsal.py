"""What tests and simulation ask of a store in memory beside what is listed for people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs
import msgspec

from interpreter.store.connection import Connection
from interpreter.store.messages import NewMessage

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

    def outcomes(self) -> list[tuple[str, str, str | None, int]]:
        """The ledger in numbers: (scenario, outcome, reason, how many)."""
        return self._connection.rows(
            "SELECT s.name, outcome, reason, count(*) FROM decision d JOIN scenario s ON s.id = d.scenario GROUP BY 1, 2, 3 "
            "UNION ALL SELECT s.name, 'started', begun_by, count(*) FROM journey j JOIN scenario s ON s.id = j.scenario GROUP BY 1, 2, 3 "
            "ORDER BY 4 DESC, 3"
        )

    def failed_gates(self) -> list[tuple[str, int, int]]:
        """Where journeys stopped by a condition: (scenario, step, how many)."""
        counted: dict[tuple[str, int], int] = {}
        for scenario, detail in self._connection.rows(
            "SELECT s.name, detail FROM decision d JOIN scenario s ON s.id = d.scenario WHERE outcome = 'stopped' AND reason = 'condition'"
        ):
            place = (scenario, _decode_list(detail)[-1][0])
            counted[place] = counted.get(place, 0) + 1
        return sorted(((*place, count) for place, count in counted.items()), key=lambda row: (row[0], row[1]))

    def message_counts(self) -> list[tuple[str, str, str | None, str, str | None, int]]:
        """Messages in numbers: (scenario, template, channel, state, reason, how many)."""
        return self._connection.rows(
            "SELECT s.name, template, channel, m.state, reason, count(*) FROM message m JOIN scenario s ON s.id = m.scenario "
            "WHERE kind = 'message' "
            "GROUP BY 1, 2, 3, 4, 5 ORDER BY 6 DESC, 2, 3, 5"
        )

    def sent_at(self) -> list[tuple[str, int]]:
        """(scenario, moment) of every message that was sent, by moment."""
        return self._connection.rows(
            "SELECT s.name, at FROM message m JOIN scenario s ON s.id = m.scenario WHERE kind = 'message' AND m.state = 'sent' ORDER BY at"
        )

    def waiting(self) -> dict[str, int]:
        """Journeys that have not ended, by scenario."""
        return dict(
            self._connection.rows(
                "SELECT s.name, count(*) FROM journey j JOIN scenario s ON s.id = j.scenario WHERE j.due_at IS NOT NULL GROUP BY 1"
            )
        )
