"""A shop for scn: the folder of a project, its people registered, its orders waiting."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from bench import loads
from bench.launch import BrokenError
from bench.launch import scn

SCENARIO = """on order.status -> "shipped"
  wait 7d quiet 22:00-09:00
  if subscribed email
  send review_request
  limit 1 per customer
"""
FILE = 'kind = "file"'
CONSOLE = 'kind = "console"'


def project(folder: Path, channel: str = FILE) -> Path:
    """A shop with one scenario and its template."""
    (folder / "templates/review_request").mkdir(parents=True, exist_ok=True)
    settings(folder, channel)
    (folder / "reviews.scn").write_text(SCENARIO)
    (folder / "templates/review_request/meta.toml").write_text('subject = "How was order {{ order.id }}?"\n')
    (folder / "templates/review_request/email.html").write_text(
        "<p>Dear {{ customer.first_name }}, how do you like it?</p><p><a href='{{ unsubscribe_url }}'>Unsubscribe</a></p>\n"
    )
    return folder


def settings(folder: Path, channel: str) -> None:
    """`scn.toml` with one channel."""
    (folder / "scn.toml").write_text(
        f'[project]\ntimezone = "Europe/Moscow"\nvalid = "2d"\n[channels.email]\nfrom = "Shop <hello@shop.example>"\n{channel}\n'
    )


def tick(folder: Path, now: int) -> dict[str, int]:
    """One tick, unmeasured."""
    return scn("run", "--tick", "--now", loads.iso(now), "--format", "json", cwd=folder).said


def launched(folder: Path, people: int, start: int = loads.START) -> Path:
    """The scenario is launched, the people are known."""
    tick(project(folder), start - 7200)
    if people:
        facts = loads.write(folder / "people.jsonl", loads.customers(people, start))
        scn("ingest", "--received", loads.iso(start - 3600), facts.name, cwd=folder)
        facts.unlink()
        tick(folder, start - 3600)
    settle(folder)
    return folder


def waiting(folder: Path, count: int, start: int = loads.START, *, early: int = 0) -> Path:
    """And each of them has an order, whose letter waits a week."""
    launched(folder, count, start)
    facts = loads.write(folder / "orders.jsonl", loads.orders(count, start, early=early))
    scn("ingest", "--received", loads.iso(start), facts.name, cwd=folder)
    facts.unlink()
    same(tick(folder, start)["started"], count, "journeys wait")
    settle(folder)
    return folder


def settle(folder: Path) -> None:
    """Everything from the WAL into the file, so that a copy is whole and sizes can be compared."""
    with closing(sqlite3.connect(folder / "scn.db")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def copied(folder: Path, to: Path) -> Path:
    """The same shop once more, to be spoilt."""
    shutil.copytree(folder, to, dirs_exist_ok=True)
    # Else what is measured waits for the disk to have the copy.
    os.sync()
    return to


def same(found: int, wanted: int, what: str) -> None:
    """A figure counts only if the work was done. Raises BrokenError."""
    if found != wanted:
        raise BrokenError(f"{what}: {found:,} instead of {wanted:,}")


def sizes(folder: Path) -> tuple[int, dict[str, tuple[int, int]]]:
    """Bytes of the database, and of each table with its indexes (bytes, rows) where SQLite can tell."""
    settle(folder)
    with closing(sqlite3.connect(folder / "scn.db")) as database:
        total = (folder / "scn.db").stat().st_size
        try:
            found = database.execute("SELECT s.tbl_name, sum(d.pgsize) FROM dbstat d JOIN sqlite_schema s ON s.name = d.name GROUP BY 1")
            tables = {str(name): int(size) for name, size in found}
        except sqlite3.Error:
            return total, {}
        return total, {name: (size, database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]) for name, size in tables.items()}


def per_row(tables: dict[str, tuple[int, int]], *names: str) -> dict[str, float]:
    """What a row of each of these tables takes on the disk, with its part of the indexes."""
    return {f"bytes per row of {name}": tables[name][0] / tables[name][1] for name in names if tables.get(name, (0, 0))[1]}
