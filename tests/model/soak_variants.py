"""Random histories run in other ways: small batches, every minute, a process for each tick, beside somebody else, as a simulation.

`python -m tests.model.soak_variants [N]`, or `make soak`. A fiftieth of N: one history is run in eight ways, one of them minute by minute.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import attrs

from tests.model import variants
from tests.model.cases import Case
from tests.model.cases import cases
from tests.model.versus import Stores

TOGETHER = 5
FIRST_SEED = 500_000
DAY = 86_400


def problems(case: Case, stores: Stores, folder: Path, counted: Counter[str]) -> list[str]:
    """In which ways it decides otherwise."""
    short = attrs.evolve(case, end=case.start + 2 * DAY)
    found = {
        "by one": variants.small_batches(case, stores, 1),
        "by two": variants.small_batches(case, stores, 2),
        "by three": variants.small_batches(case, stores, 3),
        "ticks apart": variants.ticks_apart(case, stores),
        "every minute": variants.every_minute(short, stores),
        "somebody else": variants.somebody_else(case, stores),
        "simulated": variants.simulated(case, stores, folder),
        "in shares": variants.in_shares(case, folder, 1)[1],
    }
    counted.update(found.keys())
    return [f"{name}\n{problem}" for name, problem in found.items() if problem is not None]


def main(wanted: int) -> int:
    """The exit code."""
    began = time.monotonic()
    number = defects = 0
    counted: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        stores = Stores()
        for seed in range(FIRST_SEED, FIRST_SEED + max(1, wanted // 50 // TOGETHER)):
            for history, case in enumerate(cases(seed, TOGETHER)):
                number += 1
                for problem in problems(case, stores, Path(folder), counted):
                    defects += 1
                    print(f"project {seed}, history {history}\n{case.shown()}\n{problem}\n", flush=True)
    seconds = time.monotonic() - began
    print(f"variants: {number} histories in {len(counted)} other ways, {counted.total()} runs in {seconds:.0f} s, defects {defects}")
    return bool(defects)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000))
