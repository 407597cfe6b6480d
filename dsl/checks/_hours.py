"""For the checks of time: a week of quiet hours as minutes, and the hours that a change of the clocks touches.

The calendar is imported where it is asked: a project without quiet hours starts faster.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

from dsl import nodes

_DAY = 86_400
#: 5 January 1970 was a Monday.
_MONDAY = 4 * _DAY
_WEEK = 7 * _DAY


def clock(seconds: int) -> str:
    """A time of day as written: `09:00`."""
    return f"{seconds // 3600:02}:{seconds % 3600 // 60:02}"


def length(minutes: int) -> str:
    """A length of time as written: `11h`, `1d12h`, `30m`."""
    days, rest = divmod(minutes, 1440)
    hours, left = divmod(rest, 60)
    return "".join(f"{count}{unit}" for count, unit in ((days, "d"), (hours, "h"), (left, "m")) if count) or "0m"


def always_quiet(seconds: int, quiets: tuple[nodes.Quiet, ...], weekdays: Collection[str]) -> bool:
    """Whether a time of day is quiet on each of these days of the week (none given: on every day), holidays aside.

    Quiet hours that never end are told by another check: False.
    """
    from dsl.calendar import WEEKDAYS
    from dsl.calendar import quiet_until

    days = [WEEKDAYS.index(day) for day in weekdays] or range(7)
    try:
        return all(quiet_until(_MONDAY + day * _DAY + seconds, quiets, "UTC") is not None for day in days)
    except ValueError:
        return False


@lru_cache(maxsize=256)
def longest(quiets: tuple[nodes.Quiet, ...], times: tuple[int, ...] = ()) -> int:
    """How long it can stay quiet without a pause, in minutes of a common week; 0 for quiet hours that never end: another check tells.

    times: the only times of day, in seconds, when something comes due; none given: any.
    """
    from dsl.calendar import quiet_until

    edges = {edge for quiet in quiets for part in quiet.ranges for edge in (part.start or 0, part.end or 0)}
    found = [0]
    for start in (_MONDAY + day * _DAY + seconds for day in range(7) for seconds in times or sorted({0, *edges})):
        try:
            end = quiet_until(start, quiets, "UTC")
        except ValueError:
            return 0
        found.append((end - start) // 60 if end is not None else 0)
    return max(found)


@lru_cache(maxsize=16)
def unsteady_hours(zone: str) -> tuple[tuple[int, int], ...]:
    """Times of day that a change of the clocks skips or repeats, in seconds since midnight, half-open. By the changes of 2024 and 2025."""
    from dsl.civil.zones import known_zone
    from dsl.civil.zones import local
    from dsl.civil.zones import next_change

    if not known_zone(zone):
        return ()
    found: set[tuple[int, int]] = set()
    at, until = 1_704_067_200, 1_704_067_200 + 731 * _DAY
    while (change := next_change(at, until, zone)) is not None:
        before, after = local(change - 1, zone)[1] + 1, local(change, zone)[1]
        # A change at midnight: 24:00 is 00:00 of the next day when the clocks go on, and stays 24:00 when they go back.
        before -= _DAY if before - after > _DAY // 2 else 0
        found.add((min(before, after), max(before, after)))
        at = change
    return tuple(sorted(found))


def covers_whole_day(quiets: tuple[nodes.Quiet, ...]) -> bool:
    """Whether no moment of any day is left to act in."""
    from dsl import calendar

    return calendar.covers_whole_day(quiets)
