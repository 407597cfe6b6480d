"""For the checks of time: a week of quiet hours as minutes, and the hours that a change of the clocks touches."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Sequence
from functools import lru_cache

from dsl import nodes
from dsl.calendar import WEEKDAYS
from dsl.calendar import quiet_until

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
    """Whether a time of day is quiet on each of these days of the week (none given: on every day), holidays aside."""
    days = [WEEKDAYS.index(day) for day in weekdays] or range(7)
    return all(quiet_until(_MONDAY + day * _DAY + seconds, quiets, "UTC") is not None for day in days)


@lru_cache(maxsize=256)
def calendar_quiet(quiets: tuple[nodes.Quiet, ...]) -> tuple[tuple[int, int], ...]:
    """The stretches of quiet in a common week, in minutes from Monday; one that begins in it may end after it. Empty: never, or always."""
    found: list[tuple[int, int]] = []
    at = _MONDAY
    edges = sorted({edge for quiet in quiets for part in quiet.ranges for edge in (part.start or 0, part.end or 0)} | {0})
    starts = [at + day * _DAY + edge for day in range(7) for edge in edges]
    for start in starts:
        try:
            end = quiet_until(start, quiets, "UTC")
        except ValueError:
            return ()
        if end is not None:
            found.append(((start - _MONDAY) // 60, (end - _MONDAY) // 60))
    return tuple(found)


def longest(stretches: Sequence[tuple[int, int]]) -> int | None:
    """The longest stretch in minutes; None: there is none."""
    return max((end - start for start, end in stretches), default=None)


@lru_cache(maxsize=16)
def unsteady_hours(zone: str) -> tuple[tuple[int, int], ...]:
    """Times of day that a change of the clocks skips or repeats, in seconds since midnight, half-open. By the changes of 2024 and 2025."""
    from dsl.zones import known_zone
    from dsl.zones import local
    from dsl.zones import next_change

    if not known_zone(zone):
        return ()
    found: set[tuple[int, int]] = set()
    at, until = 1_704_067_200, 1_704_067_200 + 731 * _DAY
    while (change := next_change(at, until, zone)) is not None:
        before, after = (local(change - 1, zone)[1] + 1) % _DAY, local(change, zone)[1]
        found.add((min(before, after), max(before, after)))
        at = change
    return tuple(sorted(found))
