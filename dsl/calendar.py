"""Civil time, pure: waits, times of day, quiet hours, windows. The door to zones, moments as text and schedules too.

An instant is an `int`, seconds since 1970 UTC; a zone is its name; a day is the ordinal of its date.
The rules: `engine.md` §2, `domain.md` §3, `language.md` §2.2.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache
from functools import lru_cache

import attrs

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
from dsl.civil.zones import WEEKDAYS
from dsl.civil.zones import instant
from dsl.civil.zones import instants
from dsl.civil.zones import known_zone
from dsl.civil.zones import local
from dsl.civil.zones import next_change
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

# -------------------------------------------------------------------------------------------------------- arithmetic


def add(at: int, duration: Duration, zone: str) -> int:
    """An instant so much later, or earlier: months and days at the same wall-clock time (month ends clamp), then exact seconds.

    `wait 1d` over a change of the clocks ends at the same time of day. Raises ValueError outside the years 1 to 9999.
    """
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
    today, _ = local(at, zone)
    moments = (moment for day in (today - 1, today, today + 1, today + 2) for moment in instants(day, seconds, zone))
    return min(moment for moment in moments if moment >= at)


def next_weekday(at: int, weekday: str, seconds: int | None, zone: str) -> int:
    """`wait until monday 10:00`: the next such moment, `at` included. Without a time: when the day starts; `at` if it has begun."""
    today, _ = local(at, zone)
    ahead = (WEEKDAYS.index(weekday) - weekday_of(today)) % 7
    if seconds is None:
        return instant(today + ahead, 0, zone) if ahead else at
    moments = (moment for day in (today + ahead, today + ahead + 7) for moment in instants(day, seconds, zone))
    return min(moment for moment in moments if moment >= at)


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
    rules = _rules(quiets)
    moment = at
    while moment <= at + _ENDLESS_DAYS * DAY:
        day, seconds = local(moment, zone)
        left = max([rule.left(day, seconds, is_holiday) for rule in rules], default=0)
        if not left:
            return None if moment == at else moment
        # Wall clock and seconds run alike only up to the next change of the clocks; then look again.
        moment = next_change(moment, moment + left, zone) or moment + left
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


@attrs.frozen(slots=True)
class _Span:
    """A range of quiet hours, ready to be asked: from `start` for `length` seconds of wall clock, on days of the week or holidays."""

    start: int
    length: int
    weekdays: frozenset[int]
    holidays: bool

    @classmethod
    def of(cls, written: QuietRange) -> _Span:
        weekdays = frozenset(number for number, name in enumerate(WEEKDAYS) if not written.days or name[:3] in written.days)
        holidays = "holidays" in written.days
        if written.start is None or written.end is None:
            return cls(0, DAY, weekdays, holidays)
        # An end that is not after its start is tomorrow's (`domain.md` §3.5).
        length = written.end - written.start
        return cls(written.start, length if length > 0 else length + DAY, weekdays, holidays)

    def starts_on(self, day: int, is_holiday: Holidays | None) -> bool:
        return weekday_of(day) in self.weekdays or (self.holidays and is_holiday is not None and is_holiday(date.fromordinal(day)))

    def left(self, day: int, seconds: int, is_holiday: Holidays | None) -> int:
        """Seconds of wall clock until it ends; 0 outside it."""
        end = self.start + self.length
        if self.start <= seconds < end and self.starts_on(day, is_holiday):
            return end - seconds
        if seconds + DAY < end and self.starts_on(day - 1, is_holiday):
            return end - DAY - seconds
        return 0

    def ahead(self, day: int, seconds: int, is_holiday: Holidays | None) -> int:
        """Seconds of wall clock until it next starts; the length of the search if it does not."""
        for days in range(_ENDLESS_DAYS):
            distance = self.start + days * DAY - seconds
            if distance > 0 and self.starts_on(day + days, is_holiday):
                return distance
        return _ENDLESS_DAYS * DAY


@attrs.frozen(slots=True)
class _Rule:
    spans: tuple[_Span, ...]
    only: bool

    def left(self, day: int, seconds: int, is_holiday: Holidays | None) -> int:
        """Seconds of wall clock for which it stays quiet, at least; 0 when it is not."""
        inside = max((span.left(day, seconds, is_holiday) for span in self.spans), default=0)
        if not self.only:
            return inside
        return 0 if inside else min(span.ahead(day, seconds, is_holiday) for span in self.spans)


@lru_cache(maxsize=1024)
def _rules(quiets: tuple[Quiet, ...]) -> tuple[_Rule, ...]:
    return tuple(_Rule(tuple(_Span.of(written) for written in quiet.ranges), quiet.only) for quiet in quiets)


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
