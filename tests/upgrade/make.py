"""`python -m tests.upgrade.make`: keeps a database of today's schema as text, before a migration is added."""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from interpreter.cli import main
from interpreter.store.schema import VERSION
from tests.upgrade import history

FOLDER = Path(__file__).parent


def kept(number: int) -> Path:
    """The database of a schema, as text."""
    return FOLDER / f"schema_{number}.sql"


def dump(database: Path) -> Iterator[str]:
    """A database as statements; its format is no part of what SQLite itself writes down."""
    connection = sqlite3.connect(database)
    yield from connection.iterdump()
    yield f"PRAGMA user_version = {connection.execute('PRAGMA user_version').fetchone()[0]};"
    connection.close()


def make(path: Path) -> None:
    """Play the history up to its middle and keep what is there."""
    with tempfile.TemporaryDirectory() as name, history.gateway() as server:
        root = Path(name)
        os.chdir(root)
        history.open_shop(root)
        history.before(lambda *arguments: main([str(word) for word in arguments]), root, server)
        path.write_text("\n".join(dump(root / "scn.db")) + "\n", encoding="utf-8")
        os.chdir(FOLDER)


if __name__ == "__main__":
    if kept(VERSION).exists():
        sys.exit(f"{kept(VERSION).name} is there already: what was released stays as it was")
    make(kept(VERSION))
