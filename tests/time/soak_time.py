"""Every distinct zone history, every change of its clocks 2015 to 2030, every question: `python -m tests.time.soak_time` from the root.

Every minute within three hours of a change, every seventh of the other three days either side. Also what the ordinary suite and
`dsl.civil.zones` take for granted: no two changes within six days, read hour by hour; and no second change within half an hour.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC
from datetime import datetime

from tests.time.histories import AROUND
from tests.time.histories import DAY
from tests.time.histories import HOUR
from tests.time.histories import Walk
from tests.time.histories import database_of_the_package
from tests.time.histories import histories
from tests.time.questions import Examiner


def main() -> int:
    """The whole product; exit code 1 and the question where an answer is wrong."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--zones", default="", help="only histories with a zone whose name contains this")
    options.add_argument("--every", type=int, default=7, help="away from the change, ask at every so many minutes (default: 7)")
    chosen = options.parse_args()
    with database_of_the_package():
        known = [history for history in histories() if any(chosen.zones in name for name in history.aliases)]
        wrong = asked = walks = 0
        for number, history in enumerate(known, start=1):
            problems, more = _closely(history.zone, history.changes, chosen.every)
            wrong += len(problems)
            asked += more
            walks += len(history.changes) + 1
            for problem in problems:
                sys.stdout.write(f"wrong: {problem}\n")
            told = f"{number}/{len(known)} {history.zone}: {len(history.changes)} changes; {asked} questions so far, {wrong} wrong\n"
            sys.stdout.write(told)
            sys.stdout.flush()
    names = sum(len(history.aliases) for history in known)
    sys.stdout.write(f"{len(known)} zone histories ({names} names), {walks} walks of six days, {asked} questions, {wrong} wrong answers\n")
    return 1 if wrong else 0


def _closely(zone: str, changes: tuple[int, ...], every: int) -> tuple[list[str], int]:
    problems, asked = [], 0
    leap_day = int(datetime(2024, 2, 29, 12, tzinfo=UTC).timestamp()) // 60
    for change in (*changes, leap_day):
        close = range(change - 3 * HOUR, change + 3 * HOUR)
        far = (*range(change - AROUND + HOUR, close.start, every), *range(close.stop, change + AROUND - HOUR, every))
        examiner = Examiner(Walk(zone, change))
        try:
            examiner.everything(sorted((*close, *far)), crons=31)
        except AssertionError as problem:
            problems.append(str(problem))
        asked += examiner.asked
    return problems, asked


if __name__ == "__main__":
    raise SystemExit(main())
