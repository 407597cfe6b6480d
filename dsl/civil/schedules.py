"""When `every …` runs: days, weekdays, months, cron, a date of the customer. The only importer of croniter; `calendar.py` is the door.

Times of day are wall clock of the given zone, the project's (`engine.md` §2). One that is skipped runs right after the gap,
one that comes twice runs the first time.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from datetime import datetime
from datetime import timedelta

from dsl.civil.zones import DAY
from dsl.civil.zones import WEEKDAYS
from dsl.civil.zones import instant
from dsl.civil.zones import local
from dsl.civil.zones import month_length
from dsl.civil.zones import offset
from dsl.civil.zones import shift_day
from dsl.nodes import Duration
from dsl.nodes import Schedule

#: The rarest run of a schedule by days is monthly.
_FAR = 63


def next_run(schedule: Schedule, after: int, zone: str) -> int:
    """The first run strictly after an instant (X34.1). Raises ValueError for a cron line that cannot be read or never runs.

    A month without that day runs on its last. `year on …` differs for each customer: see `yearly`.
    """
    day, seconds = local(after, zone)
    if schedule.unit == "cron":
        runs = _cron(schedule.cron, _wall(day, seconds))
        found = _instant(runs(True), zone)
        while found <= after:
            found = _instant(runs(True), zone)
        return found
    return next(run for number in range(day, day + _FAR) if (run := _run_on(number, schedule, zone)) is not None and run > after)


def last_run(schedule: Schedule, upto: int, zone: str) -> int | None:
    """The latest run at or before an instant; several missed passes collapse into this one (X34.5). None if there was none."""
    day, seconds = local(upto, zone)
    if schedule.unit == "cron":
        # When the clocks went back, a later time of day may have come before.
        shown = _wall(day, seconds) + timedelta(seconds=max(0, offset(upto - DAY, zone) - offset(upto, zone)) + 1)
        runs = _cron(schedule.cron, shown)
        try:
            found = _instant(runs(False), zone)
            while found > upto:
                found = _instant(runs(False), zone)
        except ValueError:
            return None
        return found
    return next(
        (run for number in range(day + 1, day - _FAR, -1) if (run := _run_on(number, schedule, zone)) is not None and run <= upto), None
    )


def yearly(value: date, shift: Duration | None, seconds: int, after: int, zone: str) -> int:
    """`every year on customer.birthday - 7d at 10:00`: the first strictly after an instant. 29 February is 28 February in common years."""
    moved = shift or Duration()
    this_year = date.fromordinal(local(after, zone)[0]).year
    away = 2 + (abs(moved.months) * 31 + abs(moved.days)) // 365
    runs = []
    for year in range(max(1, this_year - away), min(9999, this_year + away) + 1):
        last = month_length(year, value.month)
        day = shift_day(date(year, value.month, min(value.day, last)).toordinal(), moved)
        runs.append(instant(day, seconds, zone) + moved.seconds)
    return min(run for run in runs if run > after)


def cron_problem(text: str) -> str | None:
    """What is wrong with a cron line, in a sentence; None if it runs."""
    try:
        next_run(Schedule("cron", cron=text), 0, "UTC")
    except ValueError as problem:
        return str(problem)
    return None


def _run_on(day: int, schedule: Schedule, zone: str) -> int | None:
    """The run of a day, by its ordinal; None if it has none."""
    today = date.fromordinal(day)
    if schedule.unit == "weekday":
        runs = WEEKDAYS[today.weekday()] in schedule.weekdays
    elif schedule.unit == "month":
        last = month_length(today.year, today.month)
        wanted = last if schedule.day in (None, -1) else min(schedule.day or last, last)
        runs = today.day == wanted
    elif schedule.unit == "day":
        runs = True
    else:
        raise ValueError("a yearly date is another one for each customer")
    return instant(day, schedule.at.seconds if schedule.at else 0, zone) if runs else None


def _wall(day: int, seconds: int) -> datetime:
    return datetime.fromordinal(day) + timedelta(seconds=seconds)


def _instant(wall: datetime, zone: str) -> int:
    return instant(wall.toordinal(), wall.hour * 3600 + wall.minute * 60 + wall.second, zone)


def _cron(text: str, start: datetime) -> Callable[[bool], datetime]:
    """A function that gives the next (True) or the previous (False) time of day of a cron line, from a wall-clock time on."""
    from croniter import CroniterBadDateError
    from croniter import croniter

    fields = text.split()
    # croniter also knows seconds and years, and `h` and `r` for one chosen by chance. Runs are whole minutes, the same in every replay.
    by_chance = any(item[:1] in ("h", "r") for field in fields for item in field.lower().split(","))
    try:
        if by_chance or (len(fields) != 5 and not text.startswith("@")):
            raise ValueError  # noqa: TRY301 - told in one sentence with the mistakes that croniter finds
        runs = croniter(text, start)
    except (ValueError, KeyError, AttributeError, TypeError):
        raise ValueError(f"expected a cron line of five parts such as `0 10 * * 1-5`, found `{text}`") from None

    def step(forward: bool) -> datetime:
        try:
            found = runs.get_next(datetime) if forward else runs.get_prev(datetime)
        except (CroniterBadDateError, OverflowError):
            raise ValueError(f"the cron line `{text}` never runs") from None
        assert isinstance(found, datetime)
        return found

    return step
