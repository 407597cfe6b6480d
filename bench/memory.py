"""What several processes hold together."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Event
from threading import Thread
from typing import Self


class Together:
    """The most memory, in MB, that all processes under this one and its launcher have held at the same time: looked at twice a second.

    Pages that several share count once; where nobody tells, it is 0.
    """

    def __init__(self) -> None:
        self.peak = 0.0
        self.most = 1
        """How many there were."""
        self._over = Event()
        self._thread = Thread(target=self._watch)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *how: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.5):
            found = [one for launcher in children(os.getpid()) for child in children(launcher) for one in (child, *children(child))]
            self.most = max(self.most, len(found))
            self.peak = max(self.peak, sum(map(memory, found)))


def children(process: int) -> list[int]:
    """By their numbers; empty where nobody tells."""
    try:
        threads = list(Path(f"/proc/{process}/task").iterdir())
        return [int(child) for thread in threads for child in (thread / "children").read_text().split()]
    except OSError:
        return []


def memory(process: int) -> float:
    """MB, what it shares with others divided among them; 0: it is gone, or nobody tells."""
    try:
        rows = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(row.split()[1]) / 1024 for row in rows if row.startswith("Pss:")), 0)
