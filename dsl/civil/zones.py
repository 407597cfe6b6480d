"""Zones: the offset of a moment, the wall clock of an instant and back. `calendar.py` builds on this; others import from there.

An instant is an `int`, seconds since 1970 UTC; a day is the ordinal of its date (`date.toordinal`); a time of day counts from midnight.
The changes of about a year are learnt once from the tz database and kept as plain numbers: a conversion is one search among very few.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from dsl.nodes import Duration

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

DAY = 86_400
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
EPOCH_DAY = date(1970, 1, 1).toordinal()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_DAY = date.max.toordinal()
#: The tz database is asked for moments of which every zone has a date of the years 1 to 9999.
_FIRST = (2 - EPOCH_DAY) * DAY
_LAST = (_LAST_DAY - EPOCH_DAY) * DAY
_OUTSIDE = "the moment lies outside the years 1 to 9999"

#: Moments are learnt by the stretch of 2^25 seconds, about 388 days; `at >> _STRETCH` is the number of one.
_STRETCH = 25
#: Two readings with the same offset so close together have no change between them: none was ever undone within six days.
_STEP = 1 << 18
#: Moments of change; the offsets before, between and after them; what the clocks showed when each of these ended.
_Pieces = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]


@lru_cache(maxsize=64)
def _zone_info(zone: str) -> ZoneInfo:
    from zoneinfo import ZoneInfo
    from zoneinfo import ZoneInfoNotFoundError

    try:
        # On a machine there may be more than the tz database has: `localtime`, `posix/…`, `right/…` with leap seconds. Nowhere else.
        if zone[:1].isupper():
            return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    raise ValueError(f"unknown time zone `{zone}`, expected a name such as `Europe/Moscow`")


@lru_cache(maxsize=1024)
def known_zone(zone: str) -> bool:
    """Whether the tz database has a zone of this name (`Europe/Moscow`, not `MSK`)."""
    try:
        _zone_info(zone)
    except ValueError:
        return False
    return True


def offset(at: int, zone: str) -> int:
    """Seconds to add to UTC to get the wall clock of a zone. Raises ValueError for an unknown zone or a moment beyond the year 9999."""
    changes, offsets, _ = _pieces(zone, at >> _STRETCH)
    return offsets[bisect_right(changes, at)]


def next_change(at: int, until: int, zone: str) -> int | None:
    """The first moment in (at, until] when the clocks of a zone change; None if they do not."""
    for number in range(at >> _STRETCH, (until >> _STRETCH) + 1):
        changes, _, _ = _pieces(zone, number)
        index = bisect_right(changes, at)
        if index < len(changes) and changes[index] <= until:
            return changes[index]
    return None


def no_change(at: int, until: int, zone: str) -> bool:
    """Whether one look shows that no clock of a zone changes in (at, until]: as for most waits."""
    number = at >> _STRETCH
    changes, _, _ = _pieces(zone, number)
    # Around the end of the calendar the date itself is to be looked at.
    same = until >> _STRETCH == number and until + DAY < _LAST
    return same and (not changes or bisect_right(changes, at) == bisect_right(changes, until))


def local(at: int, zone: str) -> tuple[int, int]:
    """What calendar and wall clock of a zone show at an instant: the ordinal of the date, and seconds since midnight."""
    changes, offsets, _ = _pieces(zone, at >> _STRETCH)
    days, seconds = divmod(at + offsets[bisect_right(changes, at)], DAY)
    return days + EPOCH_DAY, seconds


def instant(day: date | int, seconds: int, zone: str) -> int:
    """The instant of a local time. One that does not exist moves to the first that does; twice: the first (`engine.md` §2)."""
    wall = ((day if isinstance(day, int) else day.toordinal()) - EPOCH_DAY) * DAY + seconds
    changes, offsets, ends = _pieces(zone, wall >> _STRETCH)
    # The first piece that ends after that time shows it, unless it begins with a later one.
    index = bisect_right(ends, wall)
    found = wall - offsets[index]
    return max(found, changes[index - 1]) if index else found


def month_length(year: int, month: int) -> int:
    """How many days a month has. (The standard library says it too, and imports locales for it.)"""
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def shift_day(day: int, duration: Duration) -> int:
    """A date moved by the months (31 January + 1mo = the last of February), then by the days of a duration; its seconds are left out."""
    if duration.months:
        start = date.fromordinal(day)
        years, month = divmod(start.month - 1 + duration.months, 12)
        year = start.year + years
        if not 1 <= year <= 9999:
            raise ValueError(_OUTSIDE)
        day = date(year, month + 1, min(start.day, month_length(year, month + 1))).toordinal()
    day += duration.days
    if not 1 <= day <= _LAST_DAY:
        raise ValueError(_OUTSIDE)
    return day


def weekday_of(day: int) -> int:
    """The day of the week of a date; Monday = 0, as in `WEEKDAYS`."""
    return (day + 6) % 7


@lru_cache(maxsize=4096)
def _pieces(zone: str, number: int) -> _Pieces:
    """One stretch and a step on either side, so that it also has the neighbourhood of every local time within it.

    What is kept is bounded: about 2 MB when every zone of the world is asked for ten years.
    """
    first, last = (number << _STRETCH) - _STEP, (number + 1 << _STRETCH) + _STEP
    info = None if zone == "UTC" else _zone_info(zone)
    if last <= _FIRST or first >= _LAST:
        raise ValueError(_OUTSIDE)
    if info is None:  # nothing to learn, and the tz database takes longer to open than a small file to check
        return (), (0,), ()
    marks = range(max(first, _FIRST), min(last, _LAST) + 1, _STEP)
    changes: list[int] = []
    offsets = [_exact_offset(marks[0], info)]
    for before, mark in pairwise((*marks, min(last, _LAST))):
        if (found := _exact_offset(mark, info)) != offsets[-1]:
            changes.append(_change_between(before, mark, info))
            offsets.append(found)
    return tuple(changes), tuple(offsets), tuple(change + shown for change, shown in zip(changes, offsets, strict=False))


def _change_between(low: int, high: int, info: ZoneInfo) -> int:
    before = _exact_offset(low, info)
    while high - low > 1:
        middle = (low + high) // 2
        if _exact_offset(middle, info) == before:
            low = middle
        else:
            high = middle
    return high


def _exact_offset(moment: int, info: ZoneInfo) -> int:
    difference = (_EPOCH + timedelta(seconds=moment)).astimezone(info).utcoffset()
    assert difference is not None
    return difference.days * DAY + difference.seconds
