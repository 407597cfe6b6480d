"""Civil time: waits, times of day, quiet hours, schedules, against examples of `domain.md` and against a slow reader of the tz database."""

from __future__ import annotations

from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from dsl import calendar
from dsl.calendar import iso
from dsl.calendar import parse_moment
from dsl.nodes import Duration
from dsl.nodes import Quiet
from dsl.nodes import QuietRange
from dsl.nodes import Schedule
from dsl.nodes import TimeOfDay

MOSCOW = "Europe/Moscow"
NEW_YORK = "America/New_York"
DAY = 86_400


def hm(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 3600 + int(minutes) * 60


def quiet(*ranges: str, only: bool = False) -> tuple[Quiet, ...]:
    """`22:00-09:00 sat sun`, `holidays`, …"""
    parsed = []
    for text in ranges:
        first, *rest = text.split()
        if "-" in first:
            start, end = first.split("-")
            parsed.append(QuietRange(hm(start), hm(end), tuple(rest)))
        else:
            parsed.append(QuietRange(days=(first, *rest)))
    return (Quiet(tuple(parsed), only),)


def at(text: str, zone: str = MOSCOW) -> int:
    return parse_moment(text, zone)


def show(moment: int | None, zone: str = MOSCOW) -> str | None:
    return None if moment is None else iso(moment, zone)[:16].replace("T", " ")


# ----------------------------------------------------------------------------------------------------------- oracle

#: Odd offsets, changes of half an hour, of a day, at midnight, and the usual ones.
ZONES = [
    "Europe/Moscow",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
    "Asia/Vladivostok",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Africa/Casablanca",
    "Antarctica/Troll",
    "Asia/Gaza",
    "UTC",
]


def slow_wall(moment: int, zone: str) -> datetime:
    return datetime.fromtimestamp(moment, ZoneInfo(zone)).replace(tzinfo=None)


def changes(zone: str) -> list[int]:
    """The hours between 1985 and 2035 in which the clocks change."""
    found = []
    for moment in range(473_385_600, 2_051_222_400, 5 * DAY):
        if slow_wall(moment, zone) - slow_wall(moment - 5 * DAY, zone) != timedelta(days=5):
            low, high = moment - 5 * DAY, moment
            while high - low > 60:
                middle = (low + high) // 120 * 60
                if slow_wall(middle, zone) - slow_wall(low, zone) == timedelta(seconds=middle - low):
                    low = middle
                else:
                    high = middle
            found.append(high)
    return found


CHANGES = {zone: changes(zone) for zone in ZONES}


@st.composite
def places(draw: st.DrawFn) -> tuple[int, str]:
    """A whole minute in a zone, more often than not near a change of its clocks."""
    zone = draw(st.sampled_from(ZONES))
    anywhere = st.integers(473_385_600 // 60, 2_051_222_400 // 60).map(lambda minute: minute * 60)
    if not CHANGES[zone]:
        return draw(anywhere), zone
    near = st.builds(lambda change, minutes: change + minutes * 60, st.sampled_from(CHANGES[zone]), st.integers(-1600, 1600))
    return draw(anywhere | near | near), zone


minutes_of_day = st.integers(0, 1439).map(lambda minute: minute * 60)


# ------------------------------------------------------------------------------------------------------------- zones


def test_the_oracle_knows_changes():
    assert len(CHANGES[NEW_YORK]) == 100
    assert CHANGES["UTC"] == []


@given(places(), st.integers(0, 59))
def test_local_is_what_the_tz_database_says(place, second):
    moment, zone = place
    moment += second
    day, seconds = calendar.local(moment, zone)
    wall = slow_wall(moment, zone)
    assert (date.fromordinal(day), seconds) == (wall.date(), wall.hour * 3600 + wall.minute * 60 + wall.second)


@given(places())
def test_the_instant_of_a_wall_clock_time_is_the_first_one_that_shows_it_or_the_end_of_the_gap(place):
    moment, zone = place
    wall = slow_wall(moment, zone)
    near = [calendar.instant(wall.date() + timedelta(days=days), hm("02:30"), zone) for days in (-1, 0, 1)]
    for days, found in zip((-1, 0, 1), near, strict=True):
        wanted = datetime.combine(wall.date() + timedelta(days=days), datetime.min.time()) + timedelta(hours=2, minutes=30)
        # From long before on, the first minute that shows it, or the first that shows something later.
        first = next(minute for minute in range(found - 1600 * 60, found + 60, 60) if slow_wall(minute, zone) >= wanted)
        assert found == first


@pytest.mark.parametrize(
    ("local_time", "zone", "instant"),
    [
        ("2024-03-10 02:30", NEW_YORK, "2024-03-10T03:00:00-04:00"),  # does not exist: the first that does
        ("2024-11-03 01:30", NEW_YORK, "2024-11-03T01:30:00-04:00"),  # exists twice: the first
        ("2018-11-04 00:00", "America/Sao_Paulo", "2018-11-04T01:00:00-02:00"),  # no midnight on that day
        ("2011-12-30 12:00", "Pacific/Apia", "2011-12-31T00:00:00+14:00"),  # the whole day was skipped
        ("2024-10-06 02:15", "Australia/Lord_Howe", "2024-10-06T02:30:00+11:00"),  # half an hour
        ("2024-06-05 23:00", "Asia/Kathmandu", "2024-06-05T23:00:00+05:45"),
        ("1890-01-01", MOSCOW, "1890-01-01T00:00:00+02:30:17"),
    ],
)
def test_instants_of_odd_local_times(local_time, zone, instant):
    assert iso(at(local_time, zone), zone) == instant


def test_midnight_that_is_skipped_is_the_first_moment_of_the_day():
    assert iso(calendar.midnight(date(2018, 11, 4), "America/Sao_Paulo"), "America/Sao_Paulo") == "2018-11-04T01:00:00-02:00"


@pytest.mark.parametrize(
    ("zone", "known"), [(MOSCOW, True), ("UTC", True), ("Mars/Base", False), ("", False), ("../etc/passwd", False), ("Europe", False)]
)
def test_known_zones(zone, known):
    assert calendar.known_zone(zone) is known


def test_an_unknown_zone_is_said_in_a_sentence():
    with pytest.raises(ValueError, match="unknown time zone `Mars/Base`"):
        calendar.local(0, "Mars/Base")


# -------------------------------------------------------------------------------------------------------- arithmetic


@pytest.mark.parametrize(
    ("start", "duration", "zone", "end"),
    [
        ("2024-06-06 20:00", Duration(days=3), MOSCOW, "2024-06-09 20:00"),  # T-R2
        ("2024-06-06 20:00", Duration(days=7), MOSCOW, "2024-06-13 20:00"),  # T-R7
        ("2024-08-01 22:01", Duration(days=3), MOSCOW, "2024-08-04 22:01"),  # T-R8
        ("2024-12-02 12:00", Duration(days=-1), MOSCOW, "2024-12-01 12:00"),  # T-R9
        ("2024-06-01 10:00", Duration(months=2, days=-7), MOSCOW, "2024-07-25 10:00"),  # C06: P2M, a week before
        ("2024-01-31 10:00", Duration(months=1), MOSCOW, "2024-02-29 10:00"),
        ("2024-03-31 10:00", Duration(months=-1), MOSCOW, "2024-02-29 10:00"),
        ("2024-02-29 10:00", Duration(months=12), MOSCOW, "2025-02-28 10:00"),
        ("2024-12-31 10:00", Duration(months=2), MOSCOW, "2025-02-28 10:00"),
        ("2024-03-09 20:00", Duration(days=1), NEW_YORK, "2024-03-10 20:00"),  # 20:00 stays 20:00 over the March change
        ("2024-03-09 20:00", Duration(seconds=DAY), NEW_YORK, "2024-03-10 21:00"),  # 24h are 24 hours
        ("2024-03-09 02:30", Duration(days=1), NEW_YORK, "2024-03-10 03:00"),
        ("2024-03-30 09:00", Duration(days=1), "Europe/Berlin", "2024-03-31 09:00"),
        ("2024-10-26 09:00", Duration(days=1), "Europe/Berlin", "2024-10-27 09:00"),
        ("2024-03-09 20:00", Duration(days=1, seconds=3600), NEW_YORK, "2024-03-10 21:00"),
    ],
)
def test_add(start, duration, zone, end):
    assert show(calendar.add(at(start, zone), duration, zone), zone) == end


def test_exact_seconds_do_not_touch_the_second_showing_of_an_hour():
    second = at("2024-11-03T01:30:00-05:00")
    assert calendar.add(second, Duration(seconds=60), NEW_YORK) == second + 60
    assert calendar.add(second, Duration(), NEW_YORK) == second


@pytest.mark.parametrize(
    ("end", "duration", "start"),
    [
        ("2024-03-10 20:00", Duration(days=1), "2024-03-09 19:00"),  # exactly 24 hours over the change
        ("2024-06-20 12:00", Duration(seconds=DAY), "2024-06-19 12:00"),  # D-2
        ("2024-03-31 12:00", Duration(months=1), "2024-02-29 12:00"),
        ("2024-06-30 12:00", Duration(months=12, days=1), "2023-06-29 12:00"),
    ],
)
def test_windows_are_exact(end, duration, start):
    assert show(calendar.subtract_exact(at(end, NEW_YORK), duration, NEW_YORK), NEW_YORK) == start


@pytest.mark.parametrize("duration", [Duration(months=12 * 9000), Duration(days=10**7), Duration(days=-(10**6))])
def test_a_moment_beyond_all_calendars_is_a_sentence(duration):
    with pytest.raises(ValueError, match="outside the years 1 to 9999"):
        calendar.add(at("2024-01-01"), duration, MOSCOW)


@given(places(), st.integers(-400, 400), st.integers(-(10**6), 10**6))
def test_days_then_seconds(place, days, seconds):
    moment, zone = place
    moved = calendar.add(moment, Duration(days=days), zone)
    assert calendar.add(moment, Duration(days=days, seconds=seconds), zone) == moved + seconds
    wall = slow_wall(moment, zone) + timedelta(days=days)
    # The same wall-clock time, unless that time is skipped on the day.
    assert slow_wall(moved, zone) == wall or slow_wall(moved - 60, zone) < wall < slow_wall(moved, zone)


# ------------------------------------------------------------------------------------------------------ times of day


@pytest.mark.parametrize(
    ("start", "time", "zone", "found"),
    [
        ("2024-06-08 09:59", "10:00", MOSCOW, "2024-06-08 10:00"),
        ("2024-06-08 10:00", "10:00", MOSCOW, "2024-06-08 10:00"),  # T itself included
        ("2024-06-08 10:01", "10:00", MOSCOW, "2024-06-09 10:00"),
        ("2024-03-09 21:00", "20:00", NEW_YORK, "2024-03-10 20:00"),
        ("2024-03-30 10:00", "09:00", "Europe/Berlin", "2024-03-31 09:00"),
        ("2024-03-10 01:00", "02:30", NEW_YORK, "2024-03-10 03:00"),
        ("2024-03-10 03:00", "02:30", NEW_YORK, "2024-03-10 03:00"),
        ("2024-03-10 03:01", "02:30", NEW_YORK, "2024-03-11 02:30"),
    ],
)
def test_next_time(start, time, zone, found):
    assert show(calendar.next_time(at(start, zone), hm(time), zone), zone) == found


def test_next_time_where_the_clocks_go_back_over_midnight():
    """At 00:01 they went back to 23:01 of the day before, which came a second time."""
    start = at("2006-10-29T00:00:30-02:30")
    assert iso(calendar.next_time(start, hm("23:30"), "America/St_Johns"), "America/St_Johns") == "2006-10-28T23:30:00-03:30"


@settings(deadline=None)
@given(places(), minutes_of_day)
def test_next_time_is_the_first_minute_that_shows_it(place, seconds):
    moment, zone = place
    found = calendar.next_time(moment, seconds, zone)

    def shows(minute: int) -> bool:
        wall, before = slow_wall(minute, zone), slow_wall(minute - 60, zone)
        if wall.hour * 3600 + wall.minute * 60 == seconds:
            return True
        skipped = [before + timedelta(minutes=count) for count in range(1, int((wall - before).total_seconds()) // 60)]
        return any(time.hour * 3600 + time.minute * 60 == seconds for time in skipped)

    assert found == next(minute for minute in range(moment, moment + 4 * DAY, 60) if shows(minute))


@pytest.mark.parametrize(
    ("start", "weekday", "time", "zone", "found"),
    [
        ("2024-06-08 12:00", "monday", "08:00", "Asia/Vladivostok", "2024-06-10 08:00"),
        ("2024-06-10 08:00", "monday", "08:00", "Asia/Vladivostok", "2024-06-10 08:00"),
        ("2024-06-10 08:01", "monday", "08:00", "Asia/Vladivostok", "2024-06-17 08:00"),
        ("2024-06-08 12:00", "monday", None, MOSCOW, "2024-06-10 00:00"),
        ("2024-06-10 12:00", "monday", None, MOSCOW, "2024-06-10 12:00"),  # it is Monday already
        ("2024-03-08 12:00", "sunday", "02:30", NEW_YORK, "2024-03-10 03:00"),
    ],
)
def test_next_weekday(start, weekday, time, zone, found):
    assert show(calendar.next_weekday(at(start, zone), weekday, time and hm(time), zone), zone) == found


def test_monday_morning_in_vladivostok_is_sunday_in_utc():
    found = calendar.next_weekday(at("2024-06-08T12:00Z"), "monday", hm("08:00"), "Asia/Vladivostok")
    assert iso(found, "UTC") == "2024-06-09T22:00:00+00:00"


@pytest.mark.parametrize(
    ("period", "start"),
    [("day", "2024-06-13 00:00"), ("week", "2024-06-10 00:00"), ("month", "2024-06-01 00:00"), ("year", "2024-01-01 00:00")],
)
def test_start_of(period, start):
    assert show(calendar.start_of(period, at("2024-06-13 23:50"), MOSCOW)) == start


def test_calendar_days_part_at_midnight():
    """L-7: applied 06-01 23:50, the event of 06-02 00:10 is another day."""
    assert calendar.start_of("day", at("2024-06-01 23:50"), MOSCOW) < calendar.start_of("day", at("2024-06-02 00:10"), MOSCOW)


# ------------------------------------------------------------------------------------------------------- quiet hours

NIGHT = quiet("22:00-09:00")


@pytest.mark.parametrize(
    ("moment", "quiets", "until"),
    [
        ("2024-06-08 15:00", NIGHT, None),  # T-Q1
        ("2024-06-08 23:30", NIGHT, "2024-06-09 09:00"),  # T-Q2
        ("2024-06-08 22:00", NIGHT, "2024-06-09 09:00"),  # T-Q3
        ("2024-06-09 09:00", NIGHT, None),  # T-Q4
        ("2024-06-09 08:59:59", NIGHT, "2024-06-09 09:00"),  # T-Q5
        ("2024-06-08 22:00", quiet("22:00-08:00"), "2024-06-09 08:00"),  # T-Q7
        ("2024-06-08 21:59:59", NIGHT, None),
        ("2024-06-08 23:00", quiet("22:00-06:00"), "2024-06-09 06:00"),
        ("2024-06-08 05:00", quiet("22:00-06:00"), "2024-06-08 06:00"),
        ("2024-06-08 12:00", quiet("sat", "sun"), "2024-06-10 00:00"),  # a Saturday
        ("2024-06-08 12:00", quiet("22:00-09:00", "sat", "sun"), "2024-06-10 09:00"),
        ("2024-06-07 22:30", quiet("22:00-09:00 sat sun"), None),  # Friday night is not Saturday's
        ("2024-06-08 22:30", quiet("22:00-09:00 sat sun"), "2024-06-09 09:00"),
        ("2024-06-10 08:00", quiet("22:00-09:00 sat sun"), "2024-06-10 09:00"),  # Monday morning is Sunday's night
        ("2024-06-08 08:00", quiet("22:00-09:00 sat sun"), None),
        ("2024-06-12 12:00", quiet("holidays"), "2024-06-13 00:00"),
        ("2024-06-13 08:00", quiet("22:00-09:00 holidays"), "2024-06-13 09:00"),
        ("2024-06-08 23:30", quiet("10:00-20:00", only=True), "2024-06-09 10:00"),
        ("2024-06-08 20:00", quiet("10:00-20:00", only=True), "2024-06-09 10:00"),
        ("2024-06-08 10:00", quiet("10:00-20:00", only=True), None),
        ("2024-06-08 12:00", quiet("10:00-20:00 mon tue wed thu fri", only=True), "2024-06-10 10:00"),
        ("2024-06-08 12:00", quiet("holidays", only=True), "2024-06-12 00:00"),
        ("2024-06-08 23:30", NIGHT + quiet("08:00-12:00"), "2024-06-09 12:00"),  # several add up
        ("2024-06-08 23:30", NIGHT + quiet("12:00-13:00", only=True), "2024-06-09 12:00"),
        ("2024-06-08 23:30", (), None),
    ],
)
def test_quiet_until(moment, quiets, until):
    assert show(calendar.quiet_until(at(moment), quiets, MOSCOW, lambda day: day == date(2024, 6, 12))) == until


@pytest.mark.parametrize(
    ("moment", "zone", "quiets", "until"),
    [
        ("2024-03-09T23:00-05:00", NEW_YORK, quiet("20:00-09:00"), "2024-03-10T09:00:00-04:00"),
        ("2024-03-10T01:30-05:00", NEW_YORK, quiet("01:00-02:30"), "2024-03-10T03:00:00-04:00"),  # ends in the gap
        ("2024-11-03T01:30-04:00", NEW_YORK, quiet("01:00-02:00"), "2024-11-03T02:00:00-05:00"),  # lasts two hours
        ("2024-11-03T01:10-05:00", NEW_YORK, quiet("22:00-01:15"), "2024-11-03T01:15:00-05:00"),  # the clock shows it again
        ("2018-11-03T23:30-03:00", "America/Sao_Paulo", quiet("sat"), "2018-11-04T01:00:00-02:00"),
        ("2011-12-29T23:30-10:00", "Pacific/Apia", quiet("22:00-09:00"), "2011-12-31T09:00:00+14:00"),
    ],
)
def test_quiet_over_a_change_of_the_clocks(moment, zone, quiets, until):
    assert iso(calendar.quiet_until(at(moment), quiets, zone) or 0, zone) == until


ranges = st.builds(
    QuietRange,
    minutes_of_day,
    minutes_of_day | st.just(DAY),
    st.sampled_from([(), (), ("sat", "sun"), ("mon", "holidays"), ("holidays",)]),
) | st.sampled_from([QuietRange(days=("sun",)), QuietRange(days=("holidays",))])
some_quiets = st.lists(st.builds(Quiet, st.lists(ranges, min_size=1, max_size=2).map(tuple), st.booleans()), min_size=1, max_size=2).map(
    tuple
)


def on_tens(day: date) -> bool:
    """Every tenth day is a holiday, for the oracle."""
    return day.toordinal() % 10 == 0


def slow_quiet(minute: int, quiets: tuple[Quiet, ...], zone: str) -> bool:
    wall = slow_wall(minute, zone)
    seconds = wall.hour * 3600 + wall.minute * 60

    def counts(written: QuietRange, day: date) -> bool:
        return not written.days or day.strftime("%a").lower() in written.days or ("holidays" in written.days and on_tens(day))

    def inside(written: QuietRange) -> bool:
        start, end = written.start or 0, written.end if written.end is not None else DAY
        if end > start:
            return start <= seconds < end and counts(written, wall.date())
        return (seconds >= start and counts(written, wall.date())) or (seconds < end and counts(written, wall.date() - timedelta(days=1)))

    return any(any(inside(written) for written in quiet.ranges) != quiet.only for quiet in quiets)


@settings(deadline=None)
@given(places(), some_quiets)
@example((at("2024-11-03T01:10-05:00"), NEW_YORK), quiet("22:00-01:15"))
def test_quiet_until_is_the_first_minute_that_is_not_quiet(place, quiets):
    moment, zone = place
    days = 15
    slow = next((minute for minute in range(moment, moment + days * DAY, 60) if not slow_quiet(minute, quiets, zone)), None)
    try:
        found = calendar.quiet_until(moment, quiets, zone, on_tens)
    except ValueError:
        assert slow is None
        return
    if slow is None:
        assert found is not None
        assert found >= moment + days * DAY
    else:
        assert (moment if found is None else found) == slow


@settings(deadline=None)
@given(places(), some_quiets, st.floats(0, 1))
@example((at("2024-11-03T00:10-04:00"), NEW_YORK), quiet("22:00-01:15"), 0.999)
def test_what_is_said_of_a_moment_in_quiet_hours_holds_for_its_whole_spell(place, quiets, share):
    moment, zone = place
    try:
        end, until = calendar.quiet_spell(moment, quiets, zone, on_tens)
    except ValueError:
        return
    assert until > moment
    assert end in {None, until}
    for later in (moment + int((until - 1 - moment) * share), until - 1):
        assert calendar.quiet_until(later, quiets, zone, on_tens) == end


@pytest.mark.parametrize(
    ("quiets", "covers"),
    [
        (NIGHT, False),
        (quiet("10:00-10:00"), True),
        (quiet("00:00-24:00"), True),
        (quiet("09:00-22:00", "22:00-09:00"), True),
        (quiet("09:00-22:00") + NIGHT, True),
        (quiet("09:00-21:59") + NIGHT, False),
        (quiet("sat", "sun"), False),
        (quiet("sat", "sun", "mon", "tue", "wed", "thu", "fri"), True),
        (quiet("holidays"), False),
        (quiet("holidays", only=True), False),
        (quiet("10:00-12:00", only=True) + quiet("10:00-12:00"), True),
        ((), False),
    ],
)
def test_covers_whole_day(quiets, covers):
    assert calendar.covers_whole_day(quiets) is covers


def test_quiet_hours_without_end_are_said():
    with pytest.raises(ValueError, match="the quiet hours never end"):
        calendar.quiet_until(0, quiet("10:00-10:00"), MOSCOW)


def test_holidays_by_country():
    assert calendar.holiday_checker("RU")(date(2024, 6, 12))
    assert not calendar.holiday_checker("RU")(date(2024, 6, 13))
    assert calendar.holiday_checker("DE-BY")(date(2024, 1, 6))
    with pytest.raises(ValueError, match="no holidays are known for `Atlantis`"):
        calendar.holiday_checker("Atlantis")
    with pytest.raises(ValueError, match="no holidays are known for `DE-XX`"):
        calendar.holiday_checker("DE-XX")


# --------------------------------------------------------------------------------------------------------- schedules

TEN = TimeOfDay(hm("10:00"))
DAILY = Schedule("day", TEN)


@pytest.mark.parametrize(
    ("schedule", "after", "zone", "run"),
    [
        (DAILY, "2024-06-01 17:00", MOSCOW, "2024-06-02 10:00"),  # X34.1
        (DAILY, "2024-06-01 10:00", MOSCOW, "2024-06-02 10:00"),  # strictly after
        (DAILY, "2024-06-01 09:59:59", MOSCOW, "2024-06-01 10:00"),
        (Schedule("month", TimeOfDay(hm("09:00")), day=-1), "2024-02-01", MOSCOW, "2024-02-29 09:00"),  # X34.3
        (Schedule("month", TEN, day=1), "2024-02-01 10:00", MOSCOW, "2024-03-01 10:00"),
        (Schedule("month", TEN, day=31), "2024-04-01", MOSCOW, "2024-04-30 10:00"),  # every month: the last day stands in
        (Schedule("weekday", TEN, ("monday",)), "2024-06-08", MOSCOW, "2024-06-10 10:00"),
        (Schedule("weekday", TEN, ("monday", "thursday")), "2024-06-10 10:00", MOSCOW, "2024-06-13 10:00"),
        (Schedule("weekday", TimeOfDay(hm("08:00")), ("monday",)), "2024-06-08", "Asia/Vladivostok", "2024-06-10 08:00"),
        (Schedule("day", TimeOfDay(hm("20:00"))), "2024-03-09 21:00", NEW_YORK, "2024-03-10 20:00"),
        (Schedule("day", TimeOfDay(hm("02:30"))), "2024-03-10 00:00", NEW_YORK, "2024-03-10 03:00"),
        (Schedule("cron", cron="0 10 * * 1-5"), "2024-06-07 10:00", MOSCOW, "2024-06-10 10:00"),
        (Schedule("cron", cron="30 2 * * *"), "2024-03-10 00:00", NEW_YORK, "2024-03-10 03:00"),
        (Schedule("cron", cron="*/15 * * * *"), "2024-06-07 10:00", MOSCOW, "2024-06-07 10:15"),
        (Schedule("cron", cron="0 0 29 2 *"), "2024-03-01", MOSCOW, "2028-02-29 00:00"),
    ],
)
def test_next_run(schedule, after, zone, run):
    assert show(calendar.next_run(schedule, at(after, zone), zone), zone) == run


def test_missed_passes_collapse_into_the_last():
    """X34.5: cron was down 09:55–10:40, one pass at 10:40 with T = 10:00."""
    assert show(calendar.last_run(DAILY, at("2024-06-02 10:40"), MOSCOW)) == "2024-06-02 10:00"
    assert show(calendar.last_run(DAILY, at("2024-06-09 09:55"), MOSCOW)) == "2024-06-08 10:00"
    assert show(calendar.last_run(DAILY, at("2024-06-09 10:00"), MOSCOW)) == "2024-06-09 10:00"


def test_a_time_that_comes_twice_runs_once():
    daily = Schedule("day", TimeOfDay(hm("01:30")))
    for schedule in (daily, Schedule("cron", cron="30 1 * * *")):
        first = calendar.next_run(schedule, at("2024-11-03 00:00", NEW_YORK), NEW_YORK)
        assert iso(first, NEW_YORK) == "2024-11-03T01:30:00-04:00"
        assert show(calendar.next_run(schedule, first, NEW_YORK), NEW_YORK) == "2024-11-04 01:30"
        assert calendar.last_run(schedule, first + 3600, NEW_YORK) == first
        assert calendar.last_run(schedule, at("2024-11-03T01:10-05:00"), NEW_YORK) == first


schedules = st.one_of(
    minutes_of_day.map(lambda time: Schedule("day", TimeOfDay(time))),
    st.builds(
        lambda time, days: Schedule("weekday", TimeOfDay(time), tuple(days)),
        minutes_of_day,
        st.sets(st.sampled_from(calendar.WEEKDAYS), min_size=1),
    ),
    st.builds(lambda time, day: Schedule("month", TimeOfDay(time), day=day), minutes_of_day, st.sampled_from([1, 15, 29, 30, 31, -1])),
    st.sampled_from(["0 10 * * 1-5", "*/20 * * * *", "30 2 * * *", "15 0,12 1 * *", "45 23 * * sun"]).map(
        lambda text: Schedule("cron", cron=text)
    ),
)


@settings(deadline=None)
@given(places(), schedules)
def test_last_run_and_next_run_agree(place, schedule):
    moment, zone = place
    run = calendar.next_run(schedule, moment, zone)
    assert run > moment
    assert calendar.last_run(schedule, run, zone) == run
    before = calendar.last_run(schedule, run - 1, zone)
    assert before is not None
    assert before <= moment
    assert calendar.next_run(schedule, before, zone) == run


@pytest.mark.parametrize("text", ["0 10 * *", "61 * * * *", "x", "", "H 10 * * *", "0 r(1-5) * * *", "0 0 10 * * *", "0 10 * * mån"])
def test_cron_lines_that_cannot_be_read(text):
    assert f"found `{text}`" in (calendar.cron_problem(text) or "")


def test_cron_line_that_never_runs():
    assert calendar.cron_problem("0 0 30 2 *") == "the cron line `0 0 30 2 *` never runs"
    assert calendar.cron_problem("0 10 * * mon-fri") is None
    with pytest.raises(ValueError, match="never runs"):
        calendar.next_run(Schedule("cron", cron="0 0 30 2 *"), 0, MOSCOW)


@pytest.mark.parametrize(
    ("birthday", "shift", "after", "run"),
    [
        (date(1990, 6, 10), None, "2024-06-01", "2024-06-10 10:00"),
        (date(1990, 6, 10), None, "2024-06-10 10:00", "2025-06-10 10:00"),
        (date(1990, 6, 10), Duration(days=-7), "2024-06-01", "2024-06-03 10:00"),
        (date(1990, 6, 10), Duration(days=-7), "2024-06-03 10:00", "2025-06-03 10:00"),
        (date(1990, 1, 3), Duration(days=-7), "2024-06-01", "2024-12-27 10:00"),
        (date(2000, 2, 29), None, "2024-03-01", "2025-02-28 10:00"),
        (date(2000, 2, 29), None, "2024-01-01", "2024-02-29 10:00"),
        (date(2000, 12, 31), Duration(months=14), "2024-06-01", "2025-02-28 10:00"),
    ],
)
def test_yearly(birthday, shift, after, run):
    assert show(calendar.yearly(birthday, shift, hm("10:00"), at(after), MOSCOW)) == run


# -------------------------------------------------------------------------------------------------------------- text


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-06-05T23:00:00+03:00", "2024-06-05T20:00:00+00:00"),
        ("2024-06-05T23:00:00Z", "2024-06-05T23:00:00+00:00"),
        ("2024-06-05T23:00", "2024-06-05T20:00:00+00:00"),  # the project's zone
        ("2024-06-05 23:00:05.987", "2024-06-05T20:00:05+00:00"),  # fractions are cut off
        ("2024-06-05", "2024-06-04T21:00:00+00:00"),  # midnight
        ("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59+00:00"),
    ],
)
def test_parse_moment(text, moment):
    assert iso(parse_moment(text, MOSCOW), "UTC") == moment


@pytest.mark.parametrize("text", ["", "yesterday", "05.06.2024", "2024-13-01", "2024-06-05T25:00", "1717534800"])
def test_a_moment_that_cannot_be_read(text):
    with pytest.raises(ValueError, match="expected a moment such as") as caught:
        parse_moment(text, MOSCOW)
    assert f"found `{text}`" in str(caught.value)


@given(places(), st.integers(0, 59))
def test_iso_reads_back(place, second):
    moment, zone = place
    assert parse_moment(iso(moment + second, zone), "UTC") == moment + second
    assert datetime.fromisoformat(iso(moment, zone)).astimezone(UTC).timestamp() == moment


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("30s", Duration(seconds=30)),
        ("5m", Duration(seconds=300)),
        ("2h", Duration(seconds=7200)),
        ("7d", Duration(days=7)),
        ("2w", Duration(days=14)),
        ("1mo", Duration(months=1)),
        ("1y", Duration(months=12)),
        ("1d12h", Duration(days=1, seconds=43200)),
        ("P2M", Duration(months=2)),
        ("P1Y2M3DT4H5M6S", Duration(14, 3, 14706)),
        ("PT5M", Duration(seconds=300)),
    ],
)
def test_parse_duration(text, duration):
    assert calendar.parse_duration(text) == duration


@pytest.mark.parametrize("text", ["", "5", "5min", "2 days", "d", "-1d", "P", "PT", "P1DT", "P5"])
def test_a_duration_that_cannot_be_read(text):
    with pytest.raises(ValueError, match="expected a duration such as"):
        calendar.parse_duration(text)


@given(st.builds(Duration, st.integers(0, 100), st.integers(0, 1000), st.integers(0, 10**6)))
def test_duration_text_reads_back(duration):
    assert calendar.parse_duration(calendar.duration_text(duration)) == duration


def test_duration_text():
    assert calendar.duration_text(Duration(14, 3, 90061)) == "1y2mo3d25h1m1s"
    assert calendar.duration_text(Duration()) == "0s"
    assert calendar.duration_text(Duration(days=-7)) == "-7d"
    assert calendar.duration_text(Duration(months=1, days=-1)) == "1mo -1d"
