"""Every distinct zone history, every change of its clocks 2015 to 2030, every question: `python -m tests.time.soak_time [WALKS]`.

A walk is six days around a change, asked at every minute within three hours of it and at every 37th of the others. WALKS: about so
many of them, evenly chosen; without it all. `JOBS`: processes, two if it is not set. Also what the ordinary suite takes for granted:
read every six hours, the histories are the same; and `dsl.civil.zones` knows every change that the database writes down, of all years.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC
from datetime import datetime
from multiprocessing import get_context

from dsl.calendar import offset
from tests.time.histories import AROUND
from tests.time.histories import HOUR
from tests.time.histories import Walk
from tests.time.histories import copies
from tests.time.histories import database_of_the_package
from tests.time.histories import histories
from tests.time.questions import Examiner
from tests.time.test_database import written_changes

EVERY = 37
LEAP_DAY = int(datetime(2024, 2, 29, 12, tzinfo=UTC).timestamp()) // 60


def taken_for_granted(_: object) -> tuple[int, list[str]]:
    """How many questions that was, and what is wrong."""
    wrong = [] if histories(step=6 * HOUR) == histories() else ["time: read more often, there are more changes"]
    asked = 1
    for text, (zone, *_) in copies().items():
        for at, before, after in written_changes(text):
            asked += 2
            if (offset(at - 1, zone), offset(at, zone)) != (before, after):
                wrong.append(f"time: {zone}: the offset at {datetime.fromtimestamp(at, UTC)}")
    return asked, wrong


def walked(place: tuple[str, int]) -> tuple[int, list[str]]:
    """The same of one walk; it ends with the first wrong answer."""
    zone, change = place
    close = range(change - 3 * HOUR, change + 3 * HOUR)
    far = (*range(change - AROUND + HOUR, close.start, EVERY), *range(close.stop, change + AROUND - HOUR, EVERY))
    examiner = Examiner(Walk(zone, change))
    try:
        examiner.everything(sorted((*close, *far)), crons=31)
    except AssertionError as problem:
        return examiner.asked, [f"time: {problem}"]
    return examiner.asked, []


def main(wanted: int | None) -> int:
    """The exit code."""
    began, asked, defects = time.monotonic(), 0, 0
    with database_of_the_package():
        known = histories()
        places = [(history.zone, change) for history in known for change in (*history.changes, LEAP_DAY)]
        places = places[:: max(1, len(places) // wanted)] if wanted else places
        with get_context("fork").Pool(int(os.environ.get("JOBS", "2"))) as pool:
            granted = pool.map_async(taken_for_granted, [None])
            for questions, wrong in (*pool.imap_unordered(walked, places, chunksize=4), *granted.get()):
                asked += questions
                defects += len(wrong)
                for problem in wrong:
                    sys.stdout.write(f"{problem}\n")
    seconds = time.monotonic() - began
    sys.stdout.write(f"time: {len(known)} zone histories, {len(places)} walks, {asked} questions in {seconds:.0f} s, defects {defects}\n")
    return bool(defects)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else None))
