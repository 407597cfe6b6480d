"""Who takes part beside scn, and how."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import attrs

from bench.launch import work
from bench.shop import copied


@attrs.frozen
class Peer:
    """How a contender takes part. Its counts are smaller where it is slow: its rate is what counts."""

    name: str
    module: str
    few_in: int
    few_due: int
    few_scattered: int = 10_000
    """Due ones in W4."""
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
    note_scattered: str = ""

    def missing(self) -> str:
        """Why it cannot be measured here; empty: it can."""
        absent = [name for name in self.needs if find_spec(name) is None]
        if absent:
            return f"{', '.join(absent)} not installed (`make bench` installs the extra `bench`)"
        if self.postgres:
            from bench import postgres

            return postgres.missing()
        return ""

    def prepared(self, place: Path, function: str, count: int) -> None:
        """One of its set-up functions, in a folder that is empty. Raises BrokenError."""
        if self.postgres:
            from bench import postgres

            postgres.create(place)
        work(self.module, function, place, folder=str(place), count=count)
        if self.postgres:
            postgres.settle(place)

    def copied(self, place: Path, folder: Path) -> Path:
        """What was prepared once more, to be spoilt."""
        if self.postgres:
            from bench import postgres

            postgres.create(folder, like=place)
            return folder
        return copied(place, folder)

    def spoilt(self, folder: Path) -> None:
        """The copy is not needed any more."""
        if self.postgres:
            from bench import postgres

            postgres.drop(folder)


SERVER = "processor time and memory of the server are not in its own"
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
    Peer(
        "huey",
        "peers.huey",
        8_000,
        8_000,
        needs=("huey",),
        idles=True,
        scatters=True,
        note_in="SqliteHuey(fsync=False), a task with an eta for each order, kept in its queue: its consumer has yet to move it "
        "into its schedule; no bulk call",
        note_due="its consumer, 2 worker threads",
        note_idle="process start, and a look into its schedule",
    ),
    Peer(
        "apscheduler",
        "peers.apscheduler",
        4_000,
        4_000,
        needs=("apscheduler", "sqlalchemy"),
        note_in="SQLAlchemyJobStore on SQLite in WAL, a date job for each order; it has no bulk call",
        note_due="BackgroundScheduler, a pool of 2 threads",
    ),
    Peer(
        "dbos",
        "peers.dbos",
        1_000,
        1_000,
        needs=("dbos",),
        note_in="on SQLite in WAL, a delayed workflow for each order; it has no bulk call for delayed ones",
        note_due="its executor, 10 workflows at a time, the letter a step",
    ),
    Peer(
        "dbos-pg",
        "peers.dbos",
        1_000,
        1_000,
        needs=("dbos", "psycopg"),
        postgres=True,
        note_in="on PostgreSQL, a delayed workflow for each order; it has no bulk call for delayed ones; " + SERVER,
        note_due="its executor, 10 workflows at a time, the letter a step",
    ),
    Peer(
        "procrastinate",
        "peers.procrastinate",
        40_000,
        2_000,
        few_scattered=200,
        needs=("procrastinate", "psycopg_pool"),
        postgres=True,
        idles=True,
        scatters=True,
        note_in="on PostgreSQL, `batch_defer` of 2,000; " + SERVER,
        note_due="its worker, 16 tasks at a time",
        note_idle="process start, and a worker that finds nothing",
        note_scattered="200 due instead of 10,000: each look for the next one passes by all that wait before it",
    ),
)


def others() -> tuple[Peer, ...]:
    """Everybody but scn."""
    return PEERS
