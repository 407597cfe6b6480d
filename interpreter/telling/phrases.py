"""Lengths of time, hours and schedules as a person says them."""

from __future__ import annotations

from collections.abc import Iterable

from dsl import nodes
from dsl.printer import print_node

_DAYS = {"mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "fri": "Friday", "sat": "Saturday", "sun": "Sunday"}


def length(duration: nodes.Duration) -> str:
    """`1 day 12 hours`"""
    hours, seconds = divmod(duration.seconds, 3600)
    minutes, seconds = divmod(seconds, 60)
    years, months = divmod(duration.months, 12)
    parts = ((years, "year"), (months, "month"), (duration.days, "day"), (hours, "hour"), (minutes, "minute"), (seconds, "second"))
    return " ".join(f"{number} {word}{'' if number == 1 else 's'}" for number, word in parts if number) or "no time"


def clock(seconds: int) -> str:
    """`09:00`, `09:00:30`"""
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    return f"{hours:02d}:{minutes:02d}" + (f":{rest:02d}" if rest else "")


def hours(quiet: nodes.Quiet) -> str:
    """`not 22:00-09:00 on Saturday and Sunday`, `only 10:00-20:00`"""
    return ("only " if quiet.only else "not ") + ", ".join(_range(each) for each in quiet.ranges)


def schedule(when: nodes.Schedule) -> str:
    """`every Monday at 10:00`"""
    at = f" at {clock(when.at.seconds)}" if when.at else ""
    match when.unit:
        case "day":
            return f"every day{at}"
        case "weekday":
            return f"every {joined(day.capitalize() for day in when.weekdays)}{at}"
        case "month":
            return f"every month on {'its last day' if when.day == -1 else f'day {when.day}'}{at}"
        case "year":
            day = print_node(when.field) if when.field else ""
            if when.shift:
                before = min(when.shift.months, when.shift.days, when.shift.seconds) < 0
                day = f"{length(-when.shift if before else when.shift)} {'before' if before else 'after'} {day}"
            return f"every year on {day}{at} (for 29 February: 28 February in other years)"
        case _:
            return f'by the cron rule "{when.cron}"'


def joined(words: Iterable[str], last: str = "and") -> str:
    """`a, b and c`"""
    *most, end = words
    return f"{', '.join(most)} {last} {end}" if most else end


def _range(each: nodes.QuietRange) -> str:
    named = [_DAYS.get(day, day) for day in each.days]
    if each.start is None or each.end is None:
        return joined(named)
    text = f"{clock(each.start)}-{clock(each.end)}"
    return f"{text} on {joined(named)}" if named else text
