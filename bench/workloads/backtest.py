"""W5: `scn simulate`: ten scenarios over three months of a shop."""

from __future__ import annotations

import os
import re
from functools import partial
from pathlib import Path
from threading import Event
from threading import Thread
from typing import Self

from bench import history
from bench.harness import Bench
from bench.harness import Piece
from bench.harness import Sample
from bench.launch import scn
from bench.launch import work

FULL = 1_000_000
SIMULATE = "ten scenarios over 1,000,000 facts of 90 days, about a journey a fact"


def pieces(bench: Bench) -> list[Piece]:
    """scn: nobody else has such a thing."""
    count = bench.count(FULL)
    return [Piece("W5", SIMULATE, "scn", "s", partial(_simulated, bench, count), partial(_ready, bench, count), count, rounds=1)]


def _ready(bench: Bench, count: int) -> Path:
    return bench.prepared(f"history-{count}", lambda place: work("history", "facts", history.shop(place), folder=str(place), count=count))


def _simulated(bench: Bench, count: int, _folder: Path) -> Sample:
    place = _ready(bench, count)
    with Together() as together:
        done = scn("simulate", "--facts", str(place / "facts.jsonl"), cwd=place)
    started = sum(int(found.replace(",", "")) for found in re.findall(r"^ +started +([\d,]+)", done.out, re.MULTILINE))
    extra = {"facts a second": count / done.seconds, "journeys a fact": started / count, "processes": float(together.most)}
    # Pages that several share count once; where nobody tells, it is the largest process alone.
    return Sample(done.seconds, max(done.peak, together.peak), done.cpu / count, extra)


class Together:
    """The most memory, in MB, that all processes under this one and its launcher have held at the same time: looked at twice a second."""

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
