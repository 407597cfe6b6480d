"""Tens of thousands of random histories: the engine against the model. `python -m tests.model.soak_model [N]`, or `make soak`.

The first history in which they part is made as small as it gets and printed. SEED=: where to begin; JOBS=: processes.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from multiprocessing import get_context

from tests.model.cases import Case
from tests.model.cases import cases
from tests.model.shrinking import smallest
from tests.model.versus import Decided
from tests.model.versus import ModelEngine
from tests.model.versus import RealEngine
from tests.model.versus import Stores
from tests.model.versus import parted
from tests.model.versus import play

#: Histories of one project.
TOGETHER = 20
#: Projects that a process takes at once.
CHUNK = 5

Covered = Counter[tuple[str, ...]]


def differs(case: Case, stores: Stores) -> tuple[str | None, Decided | None]:
    """Where they part, and what the engine decided."""
    try:
        found = play(case, RealEngine(case.zone, stores.empty()))
        meant = play(case, ModelEngine(case.zone))
    except Exception as problem:  # noqa: BLE001 - whatever it is, its history is wanted
        return f"{type(problem).__name__}: {problem}", None
    return parted(case, found, meant), found


def chunk(first: int) -> tuple[int, Covered, list[str]]:
    """Some projects: how many histories, what happened in them, and the defects in words."""
    stores, covered, defects = Stores(), Covered(), []
    number = 0
    for seed in range(first, first + CHUNK):
        for history, case in enumerate(cases(seed, TOGETHER)):
            number += 1
            problem, found = differs(case, stores)
            if found is None:
                stores = Stores()
            else:
                count(case, found, covered)
            if problem is not None:
                defects.append(described(case, f"project {seed}, history {history}"))
    return number, covered, defects


def described(case: Case, name: str) -> str:
    """The case made small."""
    stores = [Stores()]

    def fails(smaller: Case) -> bool:
        problem, found = differs(smaller, stores[0])
        if found is None:
            stores[0] = Stores()
        return problem is not None

    small = smallest(case, fails)
    problem, _ = differs(small, Stores())
    return f"{name}\n{small.shown()}\n{problem}\n"


def count(case: Case, found: Decided, covered: Covered) -> None:
    """What there was in it."""
    covered["histories", "with edits"] += len(case.files) > 1
    covered["histories", "with outages"] += bool(case.outages)
    covered["histories", "with a late fact"] += any(getattr(one, "at", one.received) < one.received for one in case.history)
    covered["histories", "with a journey"] += bool(found.journeys)
    covered["histories", "with a message sent"] += any(row[6] != "skipped" for row in found.messages)
    for row in found.messages:
        covered["message", row[6], row[7] or ""] += 1
    for row in found.journeys:
        covered["journey", row[4], row[5] or ""] += 1
        covered["journey", "reached its goal"] += row[9] is not None
    for row in found.refused:
        covered["refused", row[3]] += 1


def firsts(wanted: int, seed: int) -> Iterator[int]:
    """Where each chunk begins."""
    return (seed + number * CHUNK for number in range(-(-wanted // (TOGETHER * CHUNK))))


def main(wanted: int) -> int:
    """The exit code."""
    seed, jobs = int(os.environ.get("SEED", "0")), int(os.environ.get("JOBS", "2"))
    began = time.monotonic()
    number, covered, defects = 0, Covered(), []
    with get_context("fork").Pool(jobs) as pool:
        for some, what, problems in pool.imap_unordered(chunk, firsts(wanted, seed)):
            number += some
            covered += what
            defects += problems
            for problem in problems:
                print(problem, flush=True)
    for words, times in sorted(covered.items()):
        print(f"{times:>9}  {' '.join(words)}")
    seconds = time.monotonic() - began
    print(f"model: {number} histories of {number // TOGETHER} projects in {seconds:.0f} s, defects {len(defects)}")
    return bool(defects)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000))
