"""Every distinct zone history, every change of its clocks 2015 to 2030, every question: `python -m tests.time.soak_time` from the root.

Every minute within three hours of a change, every 37th of the other three days either side. Also what the ordinary suite takes
for granted: read hour by hour, the histories are the same; and every change that the database writes down, of all years.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC
from datetime import datetime

from dsl.calendar import offset
from tests.time.histories import AROUND
from tests.time.histories import HOUR
from tests.time.histories import Walk
from tests.time.histories import copies
from tests.time.histories import database_of_the_package
from tests.time.histories import histories
from tests.time.questions import Examiner
from tests.time.test_database import written_changes


def main() -> int:
    """The whole product; exit code 1 and the question where an answer is wrong."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--zones", default="", help="only histories with a zone whose name contains this")
    options.add_argument("--every", type=int, default=37, help="away from the change, ask at every so many minutes (default: 37)")
    chosen = options.parse_args()
    with database_of_the_package():
        wrong = _taken_for_granted()
        known = [history for history in histories() if any(chosen.zones in name for name in history.aliases)]
        asked = walks = 0
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


def _taken_for_granted() -> int:
    """How much of it is wrong."""
    wrong = [] if histories(step=HOUR) == histories() else ["hour by hour there are more changes"]
    written = {names[0]: list(written_changes(text)) for text, names in copies().items()}
    for zone, found in written.items():
        for at, before, after in found:
            if (offset(at - 1, zone), offset(at, zone)) != (before, after):
                wrong.append(f"{zone}: the offset at {datetime.fromtimestamp(at, UTC)}")
    for problem in wrong:
        sys.stdout.write(f"wrong: {problem}\n")
    sys.stdout.write(f"{len(written)} zones, {sum(map(len, written.values()))} changes of all years, {len(wrong)} wrong\n")
    return len(wrong)


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
