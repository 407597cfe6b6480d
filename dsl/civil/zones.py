"""Zones: the offset of a moment, the wall clock of an instant and back. `calendar.py` builds on this; others import from there.

An instant is an `int`, seconds since 1970 UTC; a day is the ordinal of its date (`date.toordinal`); a time of day counts from midnight.
The offsets of a whole UTC day are learnt once from the tz database and kept, so that a conversion is one look into a dictionary.
"""

from __future__ import annotations

from bisect import bisect_right
from calendar import monthrange
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from functools import cache
from zoneinfo import ZoneInfo
from zoneinfo import ZoneInfoNotFoundError

from dsl.nodes import Duration

DAY = 86_400
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
EPOCH_DAY = date(1970, 1, 1).toordinal()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: No zone was ever further from UTC than this.
_FURTHEST = 16 * 3600
#: What a day holds: its offset; on a day when the clocks change, the moments of change and the offsets before and after each.
_DayOffsets = int | tuple[tuple[int, ...], tuple[int, ...]]
_learnt: dict[str, dict[int, _DayOffsets]] = {}


@cache
def _zone_info(zone: str) -> ZoneInfo:
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"unknown time zone `{zone}`, expected a name such as `Europe/Moscow`") from None


def known_zone(zone: str) -> bool:
    """Whether the tz database has a zone of this name (`Europe/Moscow`, not `MSK`)."""
    try:
        _zone_info(zone)
    except ValueError:
        return False
    return True


def offset(at: int, zone: str) -> int:
    """Seconds to add to UTC to get the wall clock of a zone. Raises ValueError for an unknown zone or a moment beyond the year 9999."""
    try:
        found = _learnt[zone][at // DAY]
    except KeyError:
        found = _learn(at // DAY, zone)
    if found.__class__ is int:
        return found
    changes, offsets = found  # type: ignore[misc]
    return offsets[bisect_right(changes, at)]


def next_change(at: int, until: int, zone: str) -> int | None:
    """The first moment in (at, until] when the clocks of a zone change; None if they do not."""
    for day in range(at // DAY, until // DAY + 1):
        found = _offsets_of(day, zone)
        if not isinstance(found, int):
            for change in found[0]:
                if at < change <= until:
                    return change
    return None


def local(at: int, zone: str) -> tuple[int, int]:
    """What calendar and wall clock of a zone show at an instant: the ordinal of the date, and seconds since midnight."""
    days, seconds = divmod(at + offset(at, zone), DAY)
    return days + EPOCH_DAY, seconds


def instant(day: date | int, seconds: int, zone: str) -> int:
    """The instant of a local time. One that does not exist moves to the first that does; twice: the first (`engine.md` §2)."""
    return instants(day, seconds, zone)[0]


def instants(day: date | int, seconds: int, zone: str) -> tuple[int, ...]:
    """Every instant of a local time: one; two where the clocks go back; where they skip it, the one moment they skip to."""
    ordinal = day if isinstance(day, int) else day.toordinal()
    wall = (ordinal - EPOCH_DAY) * DAY + seconds
    first, last = (wall - _FURTHEST) // DAY, (wall + _FURTHEST) // DAY
    days = [_offsets_of(number, zone) for number in range(first, last + 1)]
    usual = days[0]
    if isinstance(usual, int) and days.count(usual) == len(days):
        return (wall - usual,)
    return _instants_near_a_change(wall, first, days)


def shift_day(day: int, duration: Duration) -> int:
    """A date moved by the months (31 January + 1mo = the last of February), then by the days of a duration; its seconds are left out."""
    if duration.months:
        start = date.fromordinal(day)
        years, month = divmod(start.month - 1 + duration.months, 12)
        year = start.year + years
        if not 1 <= year <= 9999:
            raise ValueError("the moment lies outside the years 1 to 9999")
        day = date(year, month + 1, min(start.day, monthrange(year, month + 1)[1])).toordinal()
    return day + duration.days


def weekday_of(day: int) -> int:
    """The day of the week of a date; Monday = 0, as in `WEEKDAYS`."""
    return (day + 6) % 7


def _instants_near_a_change(wall: int, first: int, days: list[_DayOffsets]) -> tuple[int, ...]:
    starts: list[int] = []
    offsets: list[int] = []
    for number, found in enumerate(days, start=first):
        changes, values = ((), (found,)) if isinstance(found, int) else found
        for start, value in zip((number * DAY, *changes), values, strict=True):
            if not offsets or offsets[-1] != value:
                starts.append(start)
                offsets.append(value)
    ends = [*starts[1:], (first + len(days)) * DAY]
    pieces = list(zip(starts, ends, offsets, strict=True))
    found_at = tuple(wall - value for start, end, value in pieces if start <= wall - value < end)
    return found_at or (next(start for start, _, value in pieces if start + value > wall),)


def _offsets_of(day: int, zone: str) -> _DayOffsets:
    try:
        return _learnt[zone][day]
    except KeyError:
        return _learn(day, zone)


def _learn(day: int, zone: str) -> _DayOffsets:
    """Asks the tz database for one UTC day. Changes are looked for in each third of it: no zone changes its clocks twice in eight hours."""
    info = _zone_info(zone)
    try:
        marks = [(_EPOCH + timedelta(seconds=day * DAY + hour * 3600)) for hour in (0, 8, 16)]
        marks.append(marks[-1] + timedelta(hours=8))
        values = [_exact_offset(mark, info) for mark in marks]
    except OverflowError:
        raise ValueError("the moment lies outside the years 1 to 9999") from None
    changes: list[int] = []
    offsets = [values[0]]
    for index in range(3):
        if values[index] != values[index + 1]:
            low, high = (int((mark - _EPOCH).total_seconds()) for mark in (marks[index], marks[index + 1]))
            while high - low > 1:
                middle = (low + high) // 2
                if _exact_offset(_EPOCH + timedelta(seconds=middle), info) == values[index]:
                    low = middle
                else:
                    high = middle
            changes.append(high)
            offsets.append(values[index + 1])
    found: _DayOffsets = (tuple(changes), tuple(offsets)) if changes else offsets[0]
    _learnt.setdefault(zone, {})[day] = found
    return found


def _exact_offset(moment: datetime, info: ZoneInfo) -> int:
    difference = moment.astimezone(info).utcoffset()
    assert difference is not None
    return difference.days * DAY + difference.seconds
