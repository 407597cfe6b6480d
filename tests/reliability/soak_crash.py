"""Crash anywhere, all of it: every statement, every call of a channel, every write of every command; then kills by the clock.

`python -m tests.reliability.soak_crash [N]`: N places of each kind in both stories; without it all of them, which takes some hours.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from collections.abc import Iterable
from itertools import product
from pathlib import Path
from random import Random

from tests.reliability.families import FAMILIES
from tests.reliability.kills import Baseline
from tests.reliability.story import WEEK
from tests.reliability.world import KINDS
from tests.reliability.world import VARIANTS
from tests.reliability.world import Point

#: Kills by the clock, and pairs of failures, where all places are asked for.
RANDOM = 500
#: The longest a line of the story takes, in seconds.
LONGEST = 0.2


def main() -> int:
    """One line for each part; 0 when nothing was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("points", nargs="?", type=int, help="places of each kind; without it all")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    random, defects = Random(given.seed), 0
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None
    for story, variant in product((WEEK, FAMILIES), VARIANTS):
        name = f"{story.name} {variant.name}"
        with tempfile.TemporaryDirectory(dir=memory) as folder:
            told = Baseline(Path(folder), variant, story)
            for kind in KINDS:
                places = told.points(kind)
                chosen = sorted(random.sample(range(len(places)), min(given.points or len(places), len(places))))
                defects += part(f"{name} {kind}", told.check, (places[place] for place in chosen))
            count = given.points or RANDOM
            runs = [place for place in told.points("statement", "disk", "channel") if story.actions[place[0]].is_run]
            pairs = (
                (*random.choice(runs), Point("disk", random.randrange(1, 300)), Point("statement", random.randrange(1, 300)))
                for _ in range(count)
            )
            defects += part(f"{name} twice", told.check, pairs)
            moments = ((random.randrange(len(story.actions)), random.uniform(0, LONGEST)) for _ in range(count))
            defects += part(f"{name} clock", told.check_moment, moments)
    return 1 if defects else 0


def part(name: str, check: Callable[..., None], places: Iterable[tuple[object, ...]]) -> int:
    """All places of a kind; how many defects."""
    started, count, defects = time.monotonic(), 0, 0
    for place in places:
        count += 1
        try:
            check(*place)
        except AssertionError as problem:
            defects += 1
            print(f"{name} {place}:\n{problem}", file=sys.stderr)
    print(f"{name}: {count:,} places, defects {defects}, {time.monotonic() - started:.0f} s", flush=True)
    return defects


if __name__ == "__main__":
    sys.exit(main())
