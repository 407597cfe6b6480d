"""Civil time, pure: waits, times of day, quiet hours, windows. The door to zones, moments as text and schedules too.

An instant is an `int`, seconds since 1970 UTC; a zone is its name; a day is the ordinal of its date.
The rules: `engine.md` §2, `domain.md` §3, `language.md` §2.2.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from collections.abc import Iterable
from datetime import date
from functools import cache
from functools import lru_cache

from dsl.civil.moments import duration_text
from dsl.civil.moments import iso
from dsl.civil.moments import moment_of
from dsl.civil.moments import parse_duration
from dsl.civil.moments import parse_moment
from dsl.civil.schedules import cron_problem
from dsl.civil.schedules import last_run
from dsl.civil.schedules import next_run
from dsl.civil.schedules import yearly
from dsl.civil.zones import DAY
from dsl.civil.zones import EPOCH_DAY
from dsl.civil.zones import WEEKDAYS
from dsl.civil.zones import instant
from dsl.civil.zones import known_zone
from dsl.civil.zones import local
from dsl.civil.zones import next_change
from dsl.civil.zones import no_change
from dsl.civil.zones import offset
from dsl.civil.zones import shift_day
from dsl.civil.zones import weekday_of
from dsl.nodes import Duration
from dsl.nodes import Quiet
from dsl.nodes import QuietRange

__all__ = [
    "DAY",
    "WEEKDAYS",
    "Holidays",
    "add",
    "add_exact",
    "covers_whole_day",
    "cron_problem",
    "duration_text",
    "holiday_checker",
    "instant",
    "iso",
    "known_zone",
    "last_run",
    "local",
    "midnight",
    "moment_of",
    "next_run",
    "next_time",
    "next_weekday",
    "offset",
    "parse_duration",
    "parse_moment",
    "quiet_spell",
    "quiet_until",
    "shift_day",
    "start_of",
    "subtract_exact",
    "weekday_of",
    "yearly",
]

#: Whether a date is a public holiday.
Holidays = Callable[[date], bool]
#: Quiet hours that do not end within so many days never do.
_ENDLESS_DAYS = 400
_WEEK = 7 * DAY
#: 5 January 1970, the first Monday.
_MONDAY = 4 * DAY

# -------------------------------------------------------------------------------------------------------- arithmetic


def add(at: int, duration: Duration, zone: str) -> int:
    """An instant so much later, or earlier: months and days at the same wall-clock time (month ends clamp), then exact seconds.

    `wait 1d` over a change of the clocks ends at the same time of day. Raises ValueError outside the years 1 to 9999.
    """
    if duration.days > 0 and not duration.months and no_change(at, at + duration.days * DAY, zone):
        return at + duration.days * DAY + duration.seconds
    if duration.months or duration.days:
        day, seconds = local(at, zone)
        at = instant(shift_day(day, duration), seconds, zone)
    return at + duration.seconds


def add_exact(at: int, duration: Duration, zone: str) -> int:
    """As `add`, with a day of exactly 24 hours: the length of windows (`within 1d`, `language.md` §2.3). Months keep to the calendar."""
    if duration.months:
        at = add(at, Duration(months=duration.months), zone)
    return at + duration.days * DAY + duration.seconds


def subtract_exact(at: int, duration: Duration, zone: str) -> int:
    """The start of the window of that length that ends at an instant."""
    return add_exact(at, -duration, zone)


def midnight(day: date | int, zone: str) -> int:
    """The first instant of a date in a zone; where the clocks skip midnight, the moment they skip to."""
    return instant(day, 0, zone)


def next_time(at: int, seconds: int, zone: str) -> int:
    """The next moment when the wall clock shows a time of day, `at` included: `wait until 10:00`. Skipped: the moment after the gap."""
    return _next_showing(at, seconds, DAY, zone)


def next_weekday(at: int, weekday: str, seconds: int | None, zone: str) -> int:
    """`wait until monday 10:00`: the next such moment, `at` included. Without a time: when the day starts; `at` if it has begun."""
    number = WEEKDAYS.index(weekday)
    if seconds is not None:
        return _next_showing(at, _MONDAY + number * DAY + seconds, _WEEK, zone)
    today, _ = local(at, zone)
    ahead = (number - weekday_of(today)) % 7
    return instant(today + ahead, 0, zone) if ahead else at


def _next_showing(at: int, wall: int, period: int, zone: str) -> int:
    """The first moment, `at` included, when the clock shows a time that comes back once a period, or has just skipped it."""
    while True:
        before, ahead = offset(at - 1, zone), offset(at, zone)
        if (wall - at - before) % period < ahead - before:
            return at
        found = at + (wall - at - ahead) % period
        change = next_change(at, found, zone)
        if change is None:
            return found
        at = change


def start_of(period: str, at: int, zone: str) -> int:
    """The midnight that began the `day`, `week` (Monday), `month` or `year` of an instant: `limit 1 per customer each day` (L-7)."""
    day, _ = local(at, zone)
    if period == "week":
        day -= weekday_of(day)
    elif period == "month":
        day = date.fromordinal(day).replace(day=1).toordinal()
    elif period == "year":
        day = date.fromordinal(day).replace(month=1, day=1).toordinal()
    return instant(day, 0, zone)


# ------------------------------------------------------------------------------------------------------- quiet hours


def quiet_until(at: int, quiets: tuple[Quiet, ...], zone: str, is_holiday: Holidays | None = None) -> int | None:
    """None if an instant is not quiet under any of them, else the first instant after it when none is.

    The wall clock decides, also when it shows a time twice. Ranges are half-open (T-Q3, T-Q4); one over midnight is of the day it starts.
    Raises ValueError if it stays quiet for 400 days on end (`covers_whole_day` tells beforehand).
    """
    return quiet_spell(at, quiets, zone, is_holiday)[0]


def quiet_spell(at: int, quiets: tuple[Quiet, ...], zone: str, is_holiday: Holidays | None = None) -> tuple[int | None, int]:
    """What `quiet_until` says of an instant, and a later one up to which it says the same."""
    every_week = _every_week(quiets)
    moment = at
    while moment <= at + _ENDLESS_DAYS * DAY:
        week, seconds = divmod(moment + offset(moment, zone) - _MONDAY, _WEEK)
        edges = _week(quiets, week, is_holiday) if every_week is None else every_week
        index = bisect_right(edges, seconds)
        if index % 2 == 0:
            if moment > at:
                return moment, moment
            until = moment + (edges[index] if index < len(edges) else _WEEK) - seconds
            return None, next_change(moment, until, zone) or until
        end = moment + edges[index] - seconds
        # Wall clock and seconds run alike only up to the next change of the clocks; then look again.
        moment = next_change(moment, end, zone) or end
    raise ValueError("the quiet hours never end")


def covers_whole_day(quiets: tuple[Quiet, ...]) -> bool:
    """Whether no moment of any day is left to act in: the check `quiet-all-day`. Tried with every, no, and every other day a holiday."""
    calendars: tuple[Holidays, ...] = (lambda _: False, lambda _: True, lambda day: day.toordinal() % 2 == 0)
    for is_holiday in calendars:
        try:
            quiet_until(0, quiets, "UTC", is_holiday)
        except ValueError:
            continue
        return False
    return True


#: Quiet hours as moments of a week, in seconds of wall clock since its Monday: begin, end, begin, end …, none touching another.
_Edges = tuple[int, ...]


@lru_cache(maxsize=1024)
def _every_week(quiets: tuple[Quiet, ...]) -> _Edges | None:
    """The quiet hours of any week; None: holidays make a difference."""
    named = any("holidays" in written.days for quiet in quiets for written in quiet.ranges)
    return None if named else _week(quiets, 0, None)


@lru_cache(maxsize=1024)
def _week(quiets: tuple[Quiet, ...], week: int, is_holiday: Holidays | None) -> _Edges:
    """The quiet hours of a week, counted from 5 January 1970; together, of several."""
    first = EPOCH_DAY + (_MONDAY + week * _WEEK) // DAY
    found: list[tuple[int, int]] = []
    for quiet in quiets:
        # The night before Monday is Sunday's.
        inside = (
            _span(written, day, first)
            for written in quiet.ranges
            for day in range(first - 1, first + 7)
            if _counts(written, day, is_holiday)
        )
        edges = _united(inside)
        if quiet.only:
            edges = edges[1:] if edges[:1] == (0,) else (0, *edges)
            edges = edges[:-1] if edges[-1:] == (_WEEK,) else (*edges, _WEEK)
        found += zip(edges[::2], edges[1::2], strict=True)
    return _united(found)


def _counts(written: QuietRange, day: int, is_holiday: Holidays | None) -> bool:
    if not written.days or WEEKDAYS[weekday_of(day)][:3] in written.days:
        return True
    return "holidays" in written.days and is_holiday is not None and is_holiday(date.fromordinal(day))


def _span(written: QuietRange, day: int, first: int) -> tuple[int, int]:
    """A range of a day, in seconds since the first day. An end that is not after its start is tomorrow's (`domain.md` §3.5)."""
    start, end = written.start or 0, DAY if written.end is None else written.end
    midnight_before = (day - first) * DAY
    return midnight_before + start, midnight_before + (end if end > start else end + DAY)


def _united(spans: Iterable[tuple[int, int]]) -> _Edges:
    edges: list[int] = []
    for start, end in sorted((max(start, 0), min(end, _WEEK)) for start, end in spans if start < _WEEK and end > 0):
        if edges and start <= edges[-1]:
            edges[-1] = max(edges[-1], end)
        else:
            edges += (start, end)
    return tuple(edges)


@cache
def holiday_checker(country: str) -> Holidays:
    """Whether a date is a public holiday of a country, `RU`, or a part of it, `DE-BY`. Raises ValueError for an unknown country."""
    from holidays import country_holidays

    name, _, part = country.partition("-")
    try:
        known = country_holidays(name.upper(), subdiv=part.upper() or None)
    except NotImplementedError:
        raise ValueError(
            f"no holidays are known for `{country}`, expected a country such as `RU` or a part of it such as `DE-BY`"
        ) from None
    return cache(lambda day: day in known)
