"""What came in, read by who tests how it came in."""

from __future__ import annotations

from pathlib import Path

from interpreter.facts import Fact
from interpreter.store.sqlite import open_store

NOW = 1_717_600_000
TOML = '[project]\ntimezone = "Europe/Moscow"\n'


def stored(project: Path) -> list[Fact]:
    """All facts that wait, in order."""
    store = open_store(f"sqlite:{project / 'scn.db'}")
    try:
        return list(store.facts.pending(10**10, 100_000))
    finally:
        store.close()
