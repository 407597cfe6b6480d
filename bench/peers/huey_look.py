"""What a consumer of Huey does first: is anything due?"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

# It imports the driver of PostgreSQL where there is one; here there is one only for the others.
sys.modules["psycopg"] = None  # type: ignore[assignment]

from huey import SqliteHuey  # noqa: E402 - behind the line above


def look(folder: str) -> None:
    """One look into its schedule."""
    found = SqliteHuey("bench", filename=str(Path(folder) / "huey.db"), results=False, fsync=False).read_schedule(datetime.now())
    assert not found
