"""Journeys, what limits count, and the ledger of decisions."""

from __future__ import annotations

import json
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any

import msgspec

from interpreter.journey import Journey
from interpreter.journey import Key
from interpreter.journey import State
from interpreter.store.connection import Connection

#: How it began is only told: nobody who decides asks for it.
_READ = (
    "id, scenario, version, customer, order_key, fact, started, context_time, step, inside, state, due_at, skip, more, goal_until, goal_at"
)
#: Before any moment.
EVER = -(2**62)

#: Journeys looked at together where an edit asks each for its messages.
TOGETHER = 50_000

_STATES = {str(state): state for state in State}


class _More(msgspec.Struct, omit_defaults=True):
    """What few journeys have, and what only one that is still open needs."""

    message: int | None = None
    held_since: int | None = None
    held: int = 0
    acted: bool = False
    reached_at: int | None = None
    last_send: int | None = None
    heard: tuple[tuple[str, int], ...] = ()
    about: dict[str, str] | None = None


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_More).decode


_number = attrgetter("id")


def _journey(row: tuple[Any, ...]) -> Journey:
    number, scenario, version, customer, order, fact, started, at, step, inside, state, due_at, skip, more, goal_until, goal_at = row
    journey = Journey(number, scenario, version, customer, order, fact, None, started, at, step, inside == 1, _STATES[state], None, due_at)
    if skip is not None:
        journey.skip = tuple(json.loads(skip))
    if goal_until is not None or goal_at is not None:
        journey.goal_until, journey.goal_at = goal_until, goal_at
    if more is not None:
        found = _decode(more)
        journey.message, journey.held_since, journey.held, journey.acted = found.message, found.held_since, found.held, found.acted
        journey.reached_at, journey.last_send, journey.heard, journey.about = found.reached_at, found.last_send, found.heard, found.about
    return journey


def _ended(row: tuple[Any, ...]) -> Journey:
    """One that may have ended."""
    journey = _journey(row[:-2])
    journey.reason, journey.finished_at = row[-2:]
    return journey


def _more(j: Journey) -> str | None:
    """None for nearly all: those that have not acted yet, and those that have ended."""
    if j.due_at is None and j.goal_until is None:
        return None if j.message is None and j.about is None else _encode(_More(j.message, about=j.about)).decode()
    if j.message is None and j.about is None and j.reached_at is None and j.held_since is None and not j.heard:
        return None
    return _encode(_More(j.message, j.held_since, j.held, j.acted, j.reached_at, j.last_send, j.heard, j.about)).decode()


class Journeys:
    """Where every passage stands."""

    def __init__(self, connection: Connection) -> None:
        """Over an open database."""
        self._connection = connection

    def due(self, now: int, scenarios: Sequence[int] | None, limit: int, share: tuple[int, int] = (0, 1)) -> list[Journey]:
        """The next journeys due at or before `now`, by due time and id; of these scenarios only, if given.

        `share`: only of those customers whose number, divided by the second, leaves the first.
        """
        only = _of(scenarios) + (f" AND customer % {share[1]} = {share[0]}" if share[1] > 1 else "")
        found = self._connection.rows(
            f"SELECT {_READ} FROM journey WHERE due_at <= ? AND parked = 0{only} ORDER BY due_at, id LIMIT ?",
            (now, limit),
        )
        return [_journey(row) for row in found]

    def versions_due(self, now: int, scenarios: Sequence[int] | None) -> set[int]:
        """By which texts they go."""
        found = self._connection.rows(f"SELECT DISTINCT version FROM journey WHERE due_at <= ? AND parked = 0{_of(scenarios)}", (now,))
        return {version for (version,) in found}

    def many_due(self, now: int, scenarios: Sequence[int] | None, many: int) -> bool:
        """Whether more than so many are."""
        found = self._connection.row(
            f"SELECT 1 FROM journey WHERE due_at <= ? AND parked = 0{_of(scenarios)} ORDER BY due_at LIMIT 1 OFFSET ?", (now, many)
        )
        return found is not None

    def next_due(self) -> int | None:
        """When the next journey is due."""
        found = self._connection.value("SELECT due_at FROM journey WHERE due_at IS NOT NULL AND parked = 0 ORDER BY due_at, id LIMIT 1")
        return None if found is None else int(found)

    def watching(self, customers: Sequence[int], since: int = EVER) -> list[Journey]:
        """Journeys of these customers that an event from `since` on may concern: open ones, and ended ones whose goal counts until then."""
        found = self._connection.rows_in(
            # The first brackets are those of the index.
            f"SELECT {_READ}, reason, finished_at FROM journey WHERE customer IN (?) AND (due_at IS NOT NULL OR goal_until IS NOT NULL) "
            "AND (due_at IS NOT NULL OR goal_until >= ?)",
            customers,
            after=(since,),
        )
        return [_ended(row) for row in found]

    def save(self, new: Iterable[Journey], changed: Iterable[Journey]) -> None:
        """Write journeys."""
        added = list(new)
        plain: list[tuple[object, ...]] = []
        rare: list[tuple[object, ...]] = []
        for j in added:
            begun = (
                j.id, j.scenario, j.version, j.customer, j.order, j.fact, j.begun_at, j.begun_by, j.started, j.context_time, j.step,
                1 if j.inside else 0, j.state.text, j.due_at,
            )  # fmt: skip
            more = _more(j)
            if more is None:
                plain.append(begun)
            else:
                rare.append((*begun, more))
        columns = "id, scenario, version, customer, order_key, fact, begun_at, begun_by, started, context_time, step, inside, state, due_at"
        self._connection.insert(f"INSERT OR FAIL INTO journey ({columns}) VALUES (?)", plain)
        self._connection.insert(f"INSERT OR FAIL INTO journey ({columns}, more) VALUES (?)", rare)
        # One that began and ended in the same batch.
        ended = [j for j in added if j.reason is not None or j.finished_at is not None or j.goal_until is not None or j.goal_at is not None]
        over: list[tuple[object, ...]] = []
        going: list[tuple[object, ...]] = []
        # In the order of the table: those that fell due together are scattered over it.
        for j in sorted((*ended, *changed), key=_number):
            row = (j.context_time, j.step, j.state.text, _more(j), j.reason, j.finished_at)
            if j.due_at is None and j.goal_until is None and j.goal_at is None:
                over.append((*row, j.id))
            else:
                going.append((*row, j.inside, j.due_at, j.goal_until, j.goal_at, j.id))
        # Most of those that act have ended: what nobody looks for any more is said as a constant, and stands in no index.
        self._connection.executemany(
            "UPDATE journey SET context_time = ?, step = ?, state = ?, more = ?, reason = ?, finished_at = ?, "
            "inside = 0, due_at = NULL, goal_until = NULL, goal_at = NULL WHERE id = ?",
            over,
        )
        self._connection.executemany(
            "UPDATE journey SET context_time = ?, step = ?, state = ?, more = ?, reason = ?, finished_at = ?, "
            "inside = ?, due_at = ?, goal_until = ?, goal_at = ? WHERE id = ?",
            going,
        )

    def park(self, scenario: int, *, parked: bool) -> None:
        """Put the journeys of a scenario aside while it is paused or gone, or take them up again."""
        self._connection.execute("UPDATE journey SET parked = ? WHERE scenario = ? AND due_at IS NOT NULL", (parked, scenario))

    def standing(self, scenario: int) -> dict[int, list[tuple[int, tuple[str, ...]]]]:
        """Where journeys of a scenario stand: for each version the steps, each with what is to be left out."""
        found: dict[int, list[tuple[int, tuple[str, ...]]]] = {}
        for version, step, skip in self._connection.rows(
            "SELECT DISTINCT version, step, skip FROM journey WHERE scenario = ? AND due_at IS NOT NULL ORDER BY version, step, skip",
            (scenario,),
        ):
            found.setdefault(version, []).append((step, _read_steps(skip)))
        return found

    def carry(self, place: tuple[int, int, tuple[str, ...]], to: tuple[int, int, tuple[str, ...]]) -> None:
        """Move the journeys that stand at one (version, step, what to leave out) to another."""
        (version, step, skip), (to_version, to_step, to_skip) = place, to
        self._connection.execute(
            "UPDATE journey SET version = ?, step = ?, skip = ? WHERE version = ? AND step = ? AND skip IS ? AND due_at IS NOT NULL",
            (to_version, to_step, _steps(to_skip), version, step, _steps(skip)),
        )

    def senders(self, version: int) -> Iterator[list[tuple[int, int, tuple[str, ...], tuple[int, ...]]]]:
        """Open journeys of a version that made messages under it, some at a time: id, step, what to leave out, steps of the messages."""
        highest = self._connection.value("SELECT max(id) FROM journey") or 0
        for first in range(0, highest, TOGETHER):
            found: dict[tuple[int, int, str | None], list[int]] = {}
            for *journey, step in self._connection.rows(
                "SELECT j.id, j.step, j.skip, m.step FROM journey j "
                "JOIN message m ON m.customer = j.customer AND m.journey = j.id AND m.version = j.version "
                "WHERE j.id > ? AND j.id <= ? AND j.version = ? AND j.due_at IS NOT NULL",
                (first, first + TOGETHER, version),
            ):
                found.setdefault(tuple(journey), []).append(step)
            yield [(number, at, _read_steps(skip), tuple(sorted(sent))) for (number, at, skip), sent in found.items()]

    def move(self, rows: Iterable[tuple[int, tuple[int, int, tuple[str, ...]]]]) -> None:
        """Move journeys, by id, to a (version, step, what to leave out)."""
        self._connection.executemany(
            "UPDATE journey SET version = ?, step = ?, skip = ? WHERE id = ?",
            [(version, step, _steps(skip), number) for number, (version, step, skip) in rows],
        )

    def reached(self, version: int) -> list[tuple[int, int]]:
        """Open journeys of a version without a conversion: (id, when the first step group was reached)."""
        return self._connection.rows(
            "SELECT id, json_extract(more, '$.reached_at') AS reached FROM journey "
            "WHERE version = ? AND due_at IS NOT NULL AND goal_at IS NULL AND reached IS NOT NULL",
            (version,),
        )

    def set_goals(self, rows: Iterable[tuple[int, int]]) -> None:
        """Until when goals count: (moment, id)."""
        self._connection.executemany("UPDATE journey SET goal_until = ? WHERE id = ?", rows)

    def count_for_scenario(self, scenario: int) -> None:
        """A limit over all customers was written: it counts every application, also those from before it."""
        self._connection.execute(
            "INSERT OR REPLACE INTO application (scenario, key, unit, at) SELECT scenario, 'scenario', unit, max(at) FROM application "
            "WHERE scenario = ? AND typeof(key) = 'integer' GROUP BY scenario, unit",
            (scenario,),
        )

    def applications(self, scenario: int, keys: Sequence[Key]) -> dict[Key, dict[int, int]]:
        """For each key: the units that count, with their moments."""
        counted: dict[Key, dict[int, int]] = {key: {} for key in keys}
        for key, unit, at in self._connection.rows_in(
            f"SELECT key, unit, at FROM application WHERE scenario = {scenario:d} AND key IN (?)",
            list(counted),
        ):
            counted[key][unit] = at
        return counted

    def save_applications(self, new: Sequence[tuple[int, Key, int, int]], moved: Sequence[tuple[int, Key, int, int]]) -> None:
        """Count (scenario, key, unit, moment); `moved`: counted already, those of `new` among them, with a later moment."""
        self._connection.insert("INSERT OR FAIL INTO application VALUES (?)", new)
        self._connection.executemany(
            "UPDATE application SET at = ? WHERE scenario = ? AND key = ? AND unit = ?", [(at, *place) for *place, at in moved]
        )

    def record(self, rows: Sequence[Sequence[object]]) -> None:
        """Append decisions: at, customer, scenario, version, journey, fact, outcome, reason, detail."""
        self._connection.insert(
            "INSERT OR FAIL INTO decision (at, customer, scenario, version, journey, fact, outcome, reason, detail) VALUES (?)", rows
        )


def _of(scenarios: Sequence[int] | None) -> str:
    return "" if scenarios is None else f" AND scenario IN ({','.join(map(str, scenarios))})"


@lru_cache(maxsize=1024)  # a few are the same for hundreds of thousands
def _steps(steps: tuple[str, ...]) -> str | None:
    return json.dumps(steps, ensure_ascii=False) if steps else None


@lru_cache(maxsize=1024)
def _read_steps(text: str | None) -> tuple[str, ...]:
    return tuple(json.loads(text)) if text else ()
