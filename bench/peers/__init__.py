"""What one would take instead: one file for each, with the same work in it. Every function there runs in a process of its own.

`ready(folder, count)`: people are known, in a table of the same database. `take_in(folder, facts, count)`: W1.
`due(folder, count)`: tasks wait that are due now. `handle_due(folder, count)`: W2. `many(folder, count)`: tasks wait for days.
`look(folder)`: W3. `scattered(folder, due, waiting)`: for W4, some of those that wait are due.
"""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path

import attrs

from bench.launch import work


@attrs.frozen
class Peer:
    """How a contender takes part. Its counts are smaller where it is slow: its rate is what counts."""

    name: str
    module: str
    few_in: int
    few_due: int
    few_many: int = 1_000_000
    needs: tuple[str, ...] = ()
    """Packages."""
    postgres: bool = False
    idles: bool = False
    """Takes part in W3."""
    scatters: bool = False
    """Takes part in W4."""
    note_in: str = ""
    note_due: str = ""
    note_idle: str = ""

    def missing(self) -> str:
        """Why it cannot be measured here; empty: it can."""
        absent = [name for name in self.needs if find_spec(name) is None]
        if absent:
            return f"{', '.join(absent)} not installed (`make bench` installs the extra `bench`)"
        if self.postgres:
            from bench import postgres

            return postgres.missing()
        return ""

    def prepared(self, place: Path, function: str, **arguments: int) -> None:
        """One of its set-up functions, in a folder that is empty. Raises BrokenError."""
        if self.postgres:
            from bench import postgres

            postgres.create(place)
        work(self.module, function, place, folder=str(place), **arguments)
        if self.postgres:
            postgres.settle(place)

    def copied(self, place: Path, folder: Path) -> Path:
        """What was prepared once more, to be spoilt."""
        if self.postgres:
            from bench import postgres

            postgres.create(folder, like=place)
            return folder
        shutil.copytree(place, folder, dirs_exist_ok=True)
        return folder

    def spoilt(self, folder: Path) -> None:
        """The copy is not needed any more."""
        if self.postgres:
            from bench import postgres

            postgres.drop(folder)


PEERS = (
    Peer(
        "raw",
        "peers.raw",
        200_000,
        200_000,
        scatters=True,
        note_in="executemany of the same rows, 2,000 a transaction; no parsing, no decision",
        note_due="select, insert, update of the same rows by key, 2,000 a transaction; no decision",
    ),
)


def others() -> tuple[Peer, ...]:
    """Everybody but scn."""
    return PEERS
