"""W5: `scn simulate`: ten scenarios over three months of a shop."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

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
    done = scn("simulate", "--facts", str(place / "facts.jsonl"), cwd=place)
    started = sum(int(found.replace(",", "")) for found in re.findall(r"^ +started +([\d,]+)", done.out, re.MULTILINE))
    extra = {"facts a second": count / done.seconds, "journeys a fact": started / count, "processes": float(done.processes)}
    return Sample(done.seconds, done.peak, done.cpu / count, extra)
