"""Civil time the slow way: `zoneinfo`, and walks from day to day and from minute to minute (`engine.md` §2).

Moments are seconds since 1970 UTC; a zone is its name.
"""

from __future__ import annotations

from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from dsl import nodes

MINUTE = 60
DAY = 86_400
EPOCH = datetime(1970, 1, 1)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class EndlessQuietError(Exception):
    """No minute of the next 400 days may be used."""


@lru_cache(maxsize=100_000)
def wall(at: int, zone: str) -> datetime:
    """What the clock on the wall shows."""
    return datetime.fromtimestamp(at, UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


@lru_cache(maxsize=100_000)
def moment(shown: datetime, zone: str) -> int:
    """When the clock on the wall shows this for the first time; a time that is skipped moves to the first one there is."""
    guess = int(shown.replace(tzinfo=ZoneInfo(zone), fold=0).timestamp())
    if wall(guess, zone) == shown:
        return guess
    guess = guess // MINUTE * MINUTE
    while wall(guess - MINUTE, zone) >= shown:
        guess -= MINUTE
    return guess


def at_time(day: date, seconds: int, zone: str) -> int:
    """A time of day, in seconds since midnight."""
    return moment(datetime(day.year, day.month, day.day) + timedelta(seconds=seconds), zone)


def midnight(day: date, zone: str) -> int:
    """When a day begins."""
    return at_time(day, 0, zone)


def shift_months(shown: datetime, months: int) -> datetime:
    """The same day of another month, or that month's last."""
    number = shown.year * 12 + shown.month - 1 + months
    year, month = divmod(number, 12)
    day = shown.day
    while True:
        try:
            return shown.replace(year=year, month=month + 1, day=day)
        except ValueError:
            day -= 1


def add(at: int, length: nodes.Duration, zone: str) -> int:
    """Months and days by the calendar, at the same time of day; the rest exactly."""
    if length.months or length.days:
        shown = shift_months(wall(at, zone), length.months) + timedelta(days=length.days)
        at = moment(shown, zone)
    return at + length.seconds


def add_exact(at: int, length: nodes.Duration, zone: str) -> int:
    """Where the question is how much: a day has 24 hours. Months keep to the calendar."""
    if length.months:
        at = moment(shift_months(wall(at, zone), length.months), zone)
    return at + length.days * DAY + length.seconds


def back_exact(at: int, length: nodes.Duration, zone: str) -> int:
    """The same backwards."""
    return add_exact(at, -length, zone)


def times_on(day: date, seconds: int, zone: str) -> list[int]:
    """Every moment of a day at which the clock shows that time: who comes between the first and the second has the second before him."""
    shown = datetime(day.year, day.month, day.day) + timedelta(seconds=seconds)
    later = int(shown.replace(tzinfo=ZoneInfo(zone), fold=1).timestamp())
    return sorted({moment(shown, zone), later} if wall(later, zone) == shown else {moment(shown, zone)})


def next_time(at: int, seconds: int, zone: str) -> int:
    """The next moment when the clock on the wall shows that time, `at` included."""
    day = wall(at, zone).date()
    days = (day + timedelta(days=number) for number in range(-1, 3))
    return min(found for day in days for found in times_on(day, seconds, zone) if found >= at)


def next_weekday(at: int, weekday: str, seconds: int | None, zone: str) -> int:
    """The next such weekday at that time, `at` included; without a time when the day begins, or at once if it is that day."""
    day = wall(at, zone).date()
    if seconds is None and WEEKDAYS[day.weekday()] == weekday:
        return at
    while WEEKDAYS[day.weekday()] != weekday or times_on(day, seconds or 0, zone)[-1] < at:
        day += timedelta(days=1)
    return min(found for found in times_on(day, seconds or 0, zone) if found >= at)


def start_of(unit: str, at: int, zone: str) -> int:
    """When the calendar day, week, month or year of a moment began."""
    day = wall(at, zone).date()
    if unit == "week":
        day -= timedelta(days=day.weekday())
    if unit in {"month", "year"}:
        day = day.replace(day=1)
    if unit == "year":
        day = day.replace(month=1)
    return midnight(day, zone)


# --------------------------------------------------------------------------------------------------------- quiet hours


def is_quiet(quiet: nodes.Quiet, shown: datetime) -> bool:
    """Whether the clock on the wall shows a quiet time. No day is a holiday here."""
    inside = any(_within(one, shown) for one in quiet.ranges)
    return not inside if quiet.only else inside


def _within(hours: nodes.QuietRange, shown: datetime) -> bool:
    seconds = shown.hour * 3600 + shown.minute * 60 + shown.second
    today, yesterday = DAYS[shown.weekday()], DAYS[(shown.weekday() - 1) % 7]
    of_today = not hours.days or today in hours.days
    if hours.start is None or hours.end is None:
        return of_today
    if hours.start < hours.end:
        return of_today and hours.start <= seconds < hours.end
    # Over midnight it belongs to the day it starts on.
    of_yesterday = not hours.days or yesterday in hours.days
    return (of_today and seconds >= hours.start) or (of_yesterday and seconds < hours.end)


@lru_cache(maxsize=100_000)
def quiet_until(at: int, quiets: tuple[nodes.Quiet, ...], zone: str) -> int | None:
    """The first minute at which nothing of this is quiet; None: it is not quiet now. Raises EndlessQuietError."""
    last = at + 400 * DAY
    found = at
    while any(is_quiet(quiet, wall(found, zone)) for quiet in quiets):
        found = (found // MINUTE + 1) * MINUTE
        if found > last:
            raise EndlessQuietError
    return None if found == at else found


# ----------------------------------------------------------------------------------------------------------- schedules


def runs(schedule: nodes.Schedule, since: int, until: int, zone: str) -> list[int]:
    """Every moment of a schedule in (since, until], in the project's zone. A yearly one runs every day: each customer has his own date."""
    found = []
    day = wall(since, zone).date() - timedelta(days=1)
    while midnight(day, zone) <= until:
        if _runs_on(schedule, day):
            seconds = schedule.at.seconds if schedule.at else 0
            found.append(at_time(day, seconds, zone))
        day += timedelta(days=1)
    return [at for at in found if since < at <= until]


def next_run(schedule: nodes.Schedule, after: int, zone: str) -> int:
    """The first moment of a schedule behind another."""
    until = after + 3 * DAY
    while not (found := runs(schedule, after, until, zone)):
        until += 20 * DAY
    return found[0]


def _runs_on(schedule: nodes.Schedule, day: date) -> bool:
    if schedule.unit == "weekday":
        return WEEKDAYS[day.weekday()] in schedule.weekdays
    if schedule.unit == "month":
        last = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        return day.day == (last.day if schedule.day == -1 else min(schedule.day or 1, last.day))
    return True


def yearly_runs(born: date, schedule: nodes.Schedule, since: int, until: int, zone: str) -> list[int]:
    """Every moment in (since, until] of a date that comes every year, moved by the schedule's shift."""
    found = []
    for year in range(wall(since, zone).year - 1, wall(until, zone).year + 2):
        day = born.replace(year=year) if (born.month, born.day) != (2, 29) else _end_of_february(year)
        shift = schedule.shift or nodes.Duration()
        shown = shift_months(datetime(day.year, day.month, day.day), shift.months) + timedelta(days=shift.days)
        found.append(at_time(shown.date(), schedule.at.seconds if schedule.at else 0, zone))
    return [at for at in found if since < at <= until]


def _end_of_february(year: int) -> date:
    return date(year, 3, 1) - timedelta(days=1)
