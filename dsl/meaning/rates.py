"""How often a limit or a schedule lets something happen within a time. Every rounding errs upwards."""

from __future__ import annotations

from math import ceil
from math import inf

from dsl import nodes

DAY = 86_400
WEEK = 7 * DAY
#: In seconds, never more than a real one has.
_PERIODS = {"day": DAY, "week": WEEK, "month": 28 * DAY, "year": 365 * DAY}


def most(limit: nodes.Limit, window: float) -> float:
    """How often a limit lets something happen within a time; a calendar day or week may begin anew inside it."""
    if limit.each:
        return limit.count * (ceil(window / _PERIODS[limit.each]) + 1) if window < inf else inf
    if limit.within is None:
        return limit.count
    return limit.count * ceil(window / max(shortest(limit.within), 60)) if window < inf else inf


def runs(schedule: nodes.Schedule, window: float) -> float:
    """How often a schedule comes round within a time."""
    if window == inf:
        return inf
    match schedule.unit:
        case "weekday":
            return len(schedule.weekdays) * ceil(window / WEEK)
        case "cron":
            return _cron_runs(schedule.cron) * ceil(window / DAY)
        case unit:
            return ceil(window / _PERIODS[unit])


#: Whole lines by name, of those that come more often than once a day.
_NAMED = {"@hourly": 24}


def _cron_runs(line: str) -> int:
    """Runs on one day: its minutes times its hours."""
    parts = line.split()
    if len(parts) == 1:
        return _NAMED.get(line, 1)
    found = 1
    for part, values in zip(parts, (60, 24), strict=False):
        found *= _values(part, values)
    return found


def _values(part: str, all_of_them: int) -> int:
    """How many values a part of a cron line has, at most: `9-18`, `*/15`, `0,30`."""
    found = 0
    for one in part.split(","):
        span, _, step = one.partition("/")
        low, _, high = span.partition("-")
        many = all_of_them
        if _is_number(low) and _is_number(high):
            many = int(high) - int(low) + 1
        elif _is_number(low) and not step:
            many = 1
        found += ceil(max(many, 1) / max(int(step), 1)) if _is_number(step) else max(many, 1)
    return min(found, all_of_them)


def _is_number(text: str) -> bool:
    return text.isdecimal() and len(text) <= 2


def shortest(length: nodes.Duration) -> int:
    """In seconds, with months of 28 days."""
    return length.months * 28 * DAY + length.days * DAY + length.seconds


def longest(length: nodes.Duration) -> int:
    """In seconds, with months of 31 days."""
    return length.months * 31 * DAY + length.days * DAY + length.seconds
