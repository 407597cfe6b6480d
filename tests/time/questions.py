"""What is asked of `dsl.calendar` on a walk over a change of the clocks, and what the walk answers."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta

import attrs

from dsl import calendar
from dsl.nodes import Active
from dsl.nodes import Duration
from dsl.nodes import Schedule
from dsl.nodes import TimeOfDay
from interpreter.phases.schedules import is_active
from tests.time.histories import DAY
from tests.time.histories import HOUR
from tests.time.histories import Walk
from tests.time.histories import shown
from tests.time.quiet_rules import RULES
from tests.time.quiet_rules import is_holiday
from tests.time.quiet_rules import minute_of

WAITS = (
    Duration(days=1),
    Duration(days=2),
    Duration(days=7),
    Duration(days=-1),
    Duration(days=30),
    Duration(months=1),
    Duration(months=-1),
    Duration(months=12),
    Duration(months=1, days=-3),
    Duration(days=1, seconds=9000),
)
TIMES = tuple(minute_of(text) for text in ("00:00", "00:30", "01:30", "02:00", "02:30", "03:00", "08:00", "09:00", "20:00", "23:30"))
#: A schedule, the days it has runs on, and their times of day.
SCHEDULES: tuple[tuple[Schedule, Callable[[date], bool], tuple[int, ...]], ...] = (
    *((Schedule("day", TimeOfDay(time * 60)), lambda _: True, (time,)) for time in TIMES),
    (Schedule("weekday", TimeOfDay(9000), ("sunday", "thursday")), lambda day: day.weekday() in (6, 3), (150,)),
    (Schedule("weekday", TimeOfDay(0), ("sunday",)), lambda day: day.weekday() == 6, (0,)),
    (Schedule("month", TimeOfDay(1800), day=-1), lambda day: (day + timedelta(1)).day == 1, (30,)),
    (Schedule("month", TimeOfDay(1800), day=1), lambda day: day.day == 1, (30,)),
)
CRONS: tuple[tuple[Schedule, Callable[[date], bool], tuple[int, ...]], ...] = (
    (Schedule("cron", cron="30 2 * * *"), lambda _: True, (150,)),
    (Schedule("cron", cron="*/20 * * * *"), lambda _: True, tuple(range(0, DAY, 20))),
    (Schedule("cron", cron="15 0,12 * * 1-5"), lambda day: day.weekday() < 5, (15, 735)),
)


class WrongAnswerError(AssertionError):
    """The calendar said something else than the clocks."""


@attrs.define
class Examiner:
    """Asks on one walk, and counts."""

    walk: Walk
    asked: int = 0
    showings: dict[int, list[tuple[int, int]]] = attrs.field(init=False)
    """Of times of day, the usual ones and those about the change: when the clocks come to them."""

    def __attrs_post_init__(self) -> None:
        change = len(self.walk.shown) // 2
        edges = {(self.walk.shown[at] + more) % DAY for at in (change - 1, change) for more in (-30, 0, 30)}
        self.showings = self.walk.showings(frozenset({*TIMES, *edges}))

    def same(self, found: int | None, expected: int | None, *question: object) -> None:
        self.asked += 1
        if found != expected:
            self.wrong(found, expected, question)

    def same_or_later(self, found: int | None, expected: int | None, *question: object) -> None:
        """Nothing expected: the answer lies behind these days."""
        self.asked += 1
        if (found is None or found < self.walk.last * 60) if expected is None else found != expected * 60:
            self.wrong(found, None if expected is None else expected * 60, question)

    def wrong(self, found: int | None, expected: int | None, question: tuple[object, ...]) -> None:
        told = [str(datetime.fromtimestamp(at, UTC)) if isinstance(at, int) else "none or later" for at in (expected, found)]
        raise WrongAnswerError(f"{self.walk.zone}: {' '.join(map(str, question))}: expected {told[0]}, found {told[1]}")

    # ------------------------------------------------------------------------------------------------------- questions

    def everything(self, minutes: Iterable[int], *, crons: int = 7) -> None:
        """All questions at all of these minutes of the walk; `crons`: of cron lines only at every so many of them."""
        asked = list(minutes)
        self.clocks(asked)
        self.waits(asked)
        self.times(asked)
        self.quiet(asked)
        self.schedules(asked, SCHEDULES)
        self.schedules(asked[::crons], CRONS)

    def clocks(self, minutes: list[int]) -> None:
        """What a moment is called, and when a day begins."""
        walk, zone = self.walk, self.walk.zone
        for minute in minutes:
            wall = walk.shown[minute - walk.first]
            at = minute * 60 + 59
            day, seconds = calendar.local(at, zone)
            self.same(day * DAY * 60 + seconds, wall * 60 + 59, "what is shown at", minute)
            text = datetime.fromordinal(wall // DAY) + timedelta(minutes=wall % DAY)
            self.same(calendar.iso(at, zone).startswith(text.isoformat()[:16]), True, "the text of", minute)
            self.same(calendar.parse_moment(calendar.iso(at, zone), "UTC"), at, "the text of, read again,", minute)
            first = walk.first_showing(wall)
            self.same(calendar.parse_moment(text.isoformat(), zone), None if first is None else first * 60, "the moment of", text)
            begun = walk.first_showing(wall // DAY * DAY)
            if begun is not None and begun <= minute:
                self.same(calendar.start_of("day", at, zone), begun * 60, "the day began of", minute)
                self.same(is_active(_only(wall // DAY), at, zone), True, "active all day at", minute)
                self.same(is_active(_only(wall // DAY), begun * 60 - 1, zone), False, "active before the day of", minute)
            week = walk.first_showing((wall // DAY - (wall // DAY - 1) % 7) * DAY)
            if week is not None and week <= minute:
                self.same(calendar.start_of("week", at, zone), week * 60, "the week began of", minute)

    def waits(self, minutes: list[int]) -> None:
        """Waits in hours, days, weeks and months that end in these days; and the time of day after them."""
        walk, zone = self.walk, self.walk.zone
        for number, minute in enumerate(minutes):
            second = number % 60
            at = minute * 60 + second
            self.same(calendar.add(at, Duration(seconds=7200), zone), at + 7200, "2h from", minute)
            for wait in WAITS:
                start = minute - wait.months * 43830 - wait.days * DAY
                wall = moved(shown(start, zone), wait)
                end = walk.first_showing(wall)
                if end is None:
                    continue
                late = second if walk.shown[end - walk.first] == wall else 0
                found = calendar.add(start * 60 + second, wait, zone)
                self.same(found, end * 60 + late + wait.seconds, wait, "from", start)
                if not wait.seconds:
                    time = TIMES[number % len(TIMES)]
                    then = next((at for at, _ in self.showings[time] if at * 60 >= found), None)
                    self.same_or_later(calendar.next_time(found, time * 60, zone), then, wait, "at", time, "from", start)

    def times(self, minutes: list[int]) -> None:
        """`wait until HH:MM` and `wait until monday HH:MM`."""
        walk, zone = self.walk, self.walk.zone
        for time, found in self.showings.items():
            days = [[(at, wall) for at, wall in found if (wall // DAY - 1) % 7 == weekday] for weekday in range(7)]
            for number, minute in enumerate(minutes):
                second = 0 if number % 3 else -30
                at = minute * 60 + second
                then = next((at for at, _ in found if at >= minute), None)
                self.same_or_later(calendar.next_time(at, time * 60, zone), then, "until", time, "from", minute)
                weekday = number % 7
                then = next((at for at, _ in days[weekday] if at >= minute), None)
                name = calendar.WEEKDAYS[weekday]
                self.same_or_later(calendar.next_weekday(at, name, time * 60, zone), then, "until", name, time, "from", minute)
        for number, minute in enumerate(minutes):
            name, wall = calendar.WEEKDAYS[number % 7], walk.shown[minute - walk.first]
            ahead = (number - (wall // DAY - 1)) % 7
            then = walk.first_showing((wall // DAY + ahead) * DAY) if ahead else minute
            self.same_or_later(calendar.next_weekday(minute * 60, name, None, zone), then, "until", name, "from", minute)

    def quiet(self, minutes: list[int]) -> None:
        """When it is quiet, and when it is over."""
        walk, zone = self.walk, self.walk.zone
        for rule in RULES:
            flags = rule.minutes(walk)
            for number, minute in enumerate(minutes):
                at = minute * 60 + number % 60
                found = calendar.quiet_until(at, rule.nodes, zone, is_holiday)
                if flags[minute - walk.first]:
                    free = flags.find(0, minute - walk.first)
                    self.same_or_later(found, walk.first + free if free >= 0 else None, "quiet", rule.text, "at", minute)
                else:
                    self.same(found, None, "quiet", rule.text, "at", minute)

    def schedules(self, minutes: list[int], schedules: Iterable[tuple[Schedule, Callable[[date], bool], tuple[int, ...]]]) -> None:
        """`every …`: a run is the first minute that shows its time, or a later one, of each day that has one."""
        walk, zone = self.walk, self.walk.zone
        days = range(walk.latest[0] // DAY, walk.latest[-1] // DAY + 1)
        for schedule, has_run, times in schedules:
            walls = [day * DAY + time for day in days if has_run(date.fromordinal(day)) for time in times]
            runs = sorted({run for wall in walls if (run := walk.first_showing(wall)) is not None})
            for minute in minutes:
                then = next((run for run in runs if run > minute), None)
                self.same_or_later(calendar.next_run(schedule, minute * 60, zone), then, "next", schedule, "after", minute)
                before = next((run for run in reversed(runs) if run <= minute), None)
                if before is not None:
                    self.same(calendar.last_run(schedule, minute * 60 + 30, zone), before * 60, "last", schedule, "up to", minute)


def _only(day: int) -> Active:
    return Active(date.fromordinal(day), date.fromordinal(day))


def moved(wall: int, wait: Duration) -> int:
    """What the clocks should show after a wait: months first, the last day of a shorter one, then days."""
    day = date.fromordinal(wall // DAY)
    year, month = day.year, day.month
    for _ in range(abs(wait.months)):
        month += 1 if wait.months > 0 else -1
        year, month = (year + 1, 1) if month == 13 else (year - 1, 12) if month == 0 else (year, month)
    number = day.day
    while True:
        try:
            return (date(year, month, number).toordinal() + wait.days) * DAY + wall % DAY
        except ValueError:
            number -= 1


def near(change: int, chance: list[int]) -> list[int]:
    """Minutes worth asking at around a change, and some by chance (−1500 to 1500)."""
    close = (-180, -121, -120, -90, -61, -60, -31, -30, -1, 0, 1, 15, 30, 45, 59, 60, 90, 119, 120, 179, 180, 181)
    days = (-DAY - HOUR, -DAY, -DAY + 30, -10 * HOUR, 10 * HOUR, DAY - 30, DAY, DAY + HOUR)
    return sorted(change + minutes for minutes in (*close, *days, *chance))
