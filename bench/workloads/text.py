"""W6: `scn validate`, as an editor or a commit hook starts it."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from bench import shop
from bench.harness import Bench
from bench.harness import Piece
from bench.harness import Sample
from bench.launch import run
from bench.launch import scn
from bench.workloads.idle import median

ONE = "one file, cold start"
THOUSAND = "1,000 scenarios in as many files"
FULL = 1_000
STARTS = 7


def pieces(bench: Bench) -> list[Piece]:
    """scn, and what Python with its parser costs at least."""
    count = bench.count(FULL)
    return [
        Piece("W6", ONE, "scn", "ms", _one, items=1),
        Piece("W6", ONE, "python + lark", "ms", _lark, note="`python -c 'import lark'`"),
        Piece("W6", THOUSAND, "scn", "s", partial(_many, count), items=count),
    ]


def _one(folder: Path) -> Sample:
    (folder / "one.scn").write_text(shop.SCENARIO)
    found = [scn("validate", "one.scn", cwd=folder) for _ in range(STARTS)]
    return median(found)


def _lark(folder: Path) -> Sample:
    return median([run(sys.executable, "-c", "import lark", cwd=folder) for _ in range(STARTS)])


def _many(count: int, folder: Path) -> Sample:
    body = "\n".join(f"  {line}" for line in shop.SCENARIO.splitlines())
    for number in range(count):
        (folder / f"s{number}.scn").write_text(f"scenario s{number}\n{body.replace('review_request', f'letter_{number}')}\n")
    done = scn("validate", cwd=folder)
    return Sample(done.seconds, done.peak, done.cpu / count)
