"""Journeys, what limits count, and the ledger of decisions."""

from __future__ import annotations

import json
from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

from interpreter.journey import Journey
from interpreter.journey import State
from interpreter.store.connection import Connection

FIELDS = [
    "id",
    "scenario",
    "version",
    "customer",
    "order_key",
    "fact",
    "message",
    "started",
    "context_time",
    "step",
    "inside",
    "state",
    "reason",
    "due_at",
    "held_since",
    "held",
    "acted",
    "reached_at",
    "last_send",
    "goal_until",
    "goal_at",
    "skip",
    "finished_at",
    "heard",
]
COLUMNS = ", ".join(FIELDS)
_STATES = {str(state): state for state in State}


def _journey(row: tuple[Any, ...]) -> Journey:
    skip = tuple(json.loads(row[21])) if row[21] else ()
    heard = tuple((step, at) for step, at in json.loads(row[23])) if row[23] else ()
    return Journey(*[*row[:10], bool(row[10]), _STATES[row[11]], *row[12:16], bool(row[16]), *row[17:21], skip, row[22], heard])


def _steps(steps: tuple[str, ...]) -> str | None:
    return json.dumps(steps, ensure_ascii=False) if steps else None


def _row(journey: Journey) -> tuple[Any, ...]:
    j = journey
    return (
        j.id,
        j.scenario,
        j.version,
        j.customer,
        j.order,
        j.fact,
        j.message,
        j.started,
        j.context_time,
        j.step,
        j.inside,
        j.state.value,
        j.reason,
        j.due_at,
        j.held_since,
        j.held,
        j.acted,
        j.reached_at,
        j.last_send,
        j.goal_until,
        j.goal_at,
        _steps(j.skip),
        j.finished_at,
        json.dumps(j.heard) if j.heard else None,
    )


class Journeys:
    """Where every passage stands."""

    def __init__(self, connection: Connection) -> None:
        """Over an open database."""
        self._connection = connection

    def due(self, now: int, scenarios: Sequence[int] | None, limit: int) -> list[Journey]:
        """The next journeys due at or before `now`, by due time and id; of these scenarios only, if given."""
        only = "" if scenarios is None else f" AND scenario IN ({','.join(map(str, scenarios))})"
        found = self._connection.rows(
            f"SELECT {COLUMNS} FROM journey WHERE due_at <= ? AND parked = 0{only} ORDER BY due_at, id LIMIT ?",
            (now, limit),
        )
        return [_journey(row) for row in found]

    def next_due(self) -> int | None:
        """When the next journey is due."""
        found = self._connection.value("SELECT due_at FROM journey WHERE due_at IS NOT NULL AND parked = 0 ORDER BY due_at, id LIMIT 1")
        return None if found is None else int(found)

    def watching(self, customers: Sequence[int]) -> list[Journey]:
        """Journeys of these customers that an event may concern: open ones, and ended ones whose goal still counts."""
        found = self._connection.rows_in(
            f"SELECT {COLUMNS} FROM journey WHERE customer IN (?) AND (due_at IS NOT NULL OR goal_until IS NOT NULL)",
            customers,
        )
        return [_journey(row) for row in found]

    def save(self, new: Iterable[Journey], changed: Iterable[Journey]) -> None:
        """Write journeys."""
        marks = ",".join("?" * len(FIELDS))
        self._connection.executemany(f"INSERT INTO journey ({COLUMNS}) VALUES ({marks})", map(_row, new))
        settings = ", ".join(f"{name} = ?" for name in FIELDS[8:])
        self._connection.executemany(
            f"UPDATE journey SET version = ?, {settings} WHERE id = ?",
            ((row[2], *row[8:], row[0]) for row in map(_row, changed)),
        )

    def park(self, scenario: int, *, parked: bool) -> None:
        """Put the journeys of a scenario aside while it is paused or gone, or take them up again."""
        self._connection.execute("UPDATE journey SET parked = ? WHERE scenario = ? AND due_at IS NOT NULL", (parked, scenario))

    def waiting_at(self, version: int) -> list[tuple[int, tuple[str, ...]]]:
        """Where journeys of a version stand: the step, and what they are to leave out."""
        found = self._connection.rows("SELECT DISTINCT step, skip FROM journey WHERE version = ? AND due_at IS NOT NULL", (version,))
        return [(step, tuple(json.loads(skip)) if skip else ()) for step, skip in found]

    def carry(self, place: tuple[int, int, tuple[str, ...]], to: tuple[int, int, tuple[str, ...]]) -> None:
        """Move the journeys that stand at one (version, step, what to leave out) to another."""
        (version, step, skip), (to_version, to_step, to_skip) = place, to
        self._connection.execute(
            "UPDATE journey SET version = ?, step = ?, skip = ? WHERE version = ? AND step = ? AND skip IS ? AND due_at IS NOT NULL",
            (to_version, to_step, _steps(to_skip), version, step, _steps(skip)),
        )

    def reached(self, version: int) -> list[tuple[int, int]]:
        """Open journeys of a version without a conversion: (id, when the first step group was reached)."""
        return self._connection.rows(
            "SELECT id, reached_at FROM journey WHERE version = ? AND due_at IS NOT NULL AND reached_at IS NOT NULL AND goal_at IS NULL",
            (version,),
        )

    def set_goals(self, rows: Iterable[tuple[int, int]]) -> None:
        """Until when goals count: (moment, id)."""
        self._connection.executemany("UPDATE journey SET goal_until = ? WHERE id = ?", rows)

    def count_for_scenario(self, scenario: int) -> None:
        """A limit over all customers was written: it counts every application, also those from before it."""
        self._connection.execute(
            "INSERT OR REPLACE INTO application (scenario, key, unit, at) SELECT scenario, 'scenario', unit, max(at) FROM application "
            "WHERE scenario = ? AND key LIKE 'customer %' GROUP BY scenario, unit",
            (scenario,),
        )

    def applications(self, scenario: int, keys: Sequence[str]) -> dict[str, dict[int, int]]:
        """For each key: the units that count, with their moments."""
        counted: dict[str, dict[int, int]] = {key: {} for key in keys}
        for key, unit, at in self._connection.rows_in(
            f"SELECT key, unit, at FROM application WHERE scenario = {scenario:d} AND key IN (?)",
            list(counted),
        ):
            counted[key][unit] = at
        return counted

    def save_applications(self, rows: Iterable[tuple[int, str, int, int]]) -> None:
        """Count (scenario, key, unit, moment); the same unit again moves its moment."""
        self._connection.executemany("INSERT OR REPLACE INTO application VALUES (?,?,?,?)", rows)

    def record(self, rows: Iterable[Sequence[object]]) -> None:
        """Append decisions: at, customer, scenario, version, journey, fact, outcome, reason, detail."""
        self._connection.executemany(
            "INSERT INTO decision (at, customer, scenario, version, journey, fact, outcome, reason, detail) VALUES (?,?,?,?,?,?,?,?,?)",
            rows,
        )
