"""Which scenarios have run, since when, under which text; and the few single values of the state."""

from __future__ import annotations

import attrs

from interpreter.store.connection import Connection


@attrs.define(slots=True)
class ScenarioRow:
    """What is remembered of a scenario. Moments in seconds since 1970 UTC."""

    id: int
    name: str
    version: int
    state: str
    """`running`, `paused` or `gone`"""
    launched: int | None
    """When a tick first saw it running."""
    next_run: int | None
    """When its next `every` comes."""
    drawn_as: str
    """The name it had first."""

    @property
    def place_of_pass(self) -> str:
        """The single value that holds how far its pass over the customers has come."""
        return f"pass {self.id}"


class Scenarios:
    """The memory of launches and versions."""

    def __init__(self, connection: Connection) -> None:
        """Over an open database."""
        self._connection = connection

    def all(self) -> list[ScenarioRow]:
        """Every scenario ever seen."""
        return [
            ScenarioRow(*row)
            for row in self._connection.rows("SELECT id, name, version, state, launched, next_run, drawn_as FROM scenario ORDER BY id")
        ]

    def add(self, name: str) -> ScenarioRow:
        """A new scenario, not running yet."""
        row = ScenarioRow(self._connection.next_id("scenario"), name, 0, "paused", None, None, name)
        self._connection.execute(
            "INSERT INTO scenario VALUES (?,?,?,?,?,?,?)",
            (row.id, row.name, row.version, row.state, row.launched, row.next_run, row.drawn_as),
        )
        return row

    def rename(self, row: ScenarioRow, name: str) -> None:
        """A scenario has another name from now on; what is listed under the old one comes along."""
        row.name = name
        self.save(row)

    def save(self, row: ScenarioRow) -> None:
        """Write a changed row."""
        self._connection.execute(
            "UPDATE scenario SET name = ?, version = ?, state = ?, launched = ?, next_run = ? WHERE id = ?",
            (row.name, row.version, row.state, row.launched, row.next_run, row.id),
        )

    def versions(self) -> dict[int, tuple[int, str, str]]:
        """Version -> (scenario, hash, text)."""
        return {row[0]: row[1:] for row in self._connection.rows("SELECT id, scenario, hash, text FROM version ORDER BY id")}

    def add_version(self, scenario: int, digest: str, text: str, now: int) -> int:
        """Keep a text."""
        number = self._connection.next_id("version")
        self._connection.execute("INSERT INTO version VALUES (?,?,?,?,?)", (number, scenario, digest, text, now))
        return number

    def intervals(self) -> dict[int, list[tuple[int, int | None]]]:
        """Scenario -> when it was running: [since, until)."""
        found: dict[int, list[tuple[int, int | None]]] = {}
        for scenario, since, until in self._connection.rows("SELECT scenario, since, until FROM interval ORDER BY scenario, since"):
            found.setdefault(scenario, []).append((since, until))
        return found

    def open_interval(self, scenario: int, now: int) -> None:
        """It runs from now on."""
        self._connection.execute("INSERT OR IGNORE INTO interval VALUES (?, ?, NULL)", (scenario, now))
        self._connection.execute("UPDATE interval SET until = NULL WHERE scenario = ? AND since = ?", (scenario, now))

    def close_interval(self, scenario: int, now: int) -> None:
        """It runs no longer."""
        self._connection.execute("UPDATE interval SET until = ? WHERE scenario = ? AND until IS NULL", (now, scenario))

    def next_run(self) -> int | None:
        """When the next `every` of any running scenario comes."""
        return self._connection.value("SELECT min(next_run) FROM scenario WHERE state = 'running'")  # type: ignore[no-any-return]

    def first_launch(self) -> int | None:
        """When the first scenario was launched; None: none yet."""
        return self._connection.value("SELECT min(launched) FROM scenario")  # type: ignore[no-any-return]

    def get(self, name: str) -> str | None:
        """A single value."""
        return self._connection.value("SELECT value FROM meta WHERE name = ?", (name,))  # type: ignore[no-any-return]

    def set(self, name: str, value: str | None) -> None:
        """Keep a single value; None forgets it."""
        if value is None:
            self._connection.execute("DELETE FROM meta WHERE name = ?", (name,))
        else:
            self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))
