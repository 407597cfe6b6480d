"""One look at a database: is there anything to do? Imports nothing that an idle tick would pay for."""

from __future__ import annotations

import os
import sqlite3

#: The moments at which something is to be done; the least of them decides. A message without a time is due at once.
_NEXT = """
SELECT min(at) FROM (
    SELECT * FROM (SELECT received AS at FROM inbox ORDER BY received LIMIT 1)
    UNION ALL SELECT * FROM (SELECT due_at FROM journey WHERE due_at IS NOT NULL AND parked = 0 ORDER BY due_at, id LIMIT 1)
    UNION ALL SELECT min(next_run) FROM scenario WHERE state = 'running'
    UNION ALL SELECT min(coalesce(retry_at, 0)) FROM message WHERE state IN ('planned', 'sending'))
"""


def is_idle(path: str, version: int, files: str, now: int) -> bool:
    """Whether a tick at `now` has nothing to do; then that moment is remembered as the last tick's.

    `files`: the signature of the scenario files. Any doubt (no database, another format, a locked file) is a no:
    the full tick finds the words for it.
    """
    if not os.path.exists(path):  # noqa: PTH110 - pathlib would cost more than the look itself
        return False
    try:
        connection = sqlite3.connect(path, isolation_level=None, timeout=0.1)
        try:
            if connection.execute("PRAGMA user_version").fetchone()[0] != version:
                return False
            kept = dict(connection.execute("SELECT name, value FROM meta WHERE name IN ('files', 'now')"))
            due = connection.execute(_NEXT).fetchone()[0]
            if kept.get("files") != files or int(kept.get("now", now + 1)) > now or (due is not None and due <= now):
                return False
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('now', ?)", (str(now),))
            return True
        finally:
            connection.close()
    except sqlite3.Error:
        return False
