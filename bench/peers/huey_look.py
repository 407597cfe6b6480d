"""What a consumer of Huey does first: is anything due?"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from huey import SqliteHuey


def look(folder: str) -> None:
    """One look into its schedule."""
    found = SqliteHuey("bench", filename=str(Path(folder) / "huey.db"), results=False, fsync=False).read_schedule(datetime.now())
    assert not found
