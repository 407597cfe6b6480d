"""What holds for every moment of every zone, whatever the clocks do. Drawn near their changes more often than not."""

from __future__ import annotations

from datetime import date

from hypothesis import assume
from hypothesis import given
from hypothesis import strategies as st

from dsl import calendar
from dsl.nodes import Duration
from dsl.nodes import Quiet
from dsl.nodes import QuietRange
from dsl.nodes import Schedule
from dsl.nodes import TimeOfDay
from tests.time.histories import FIRST
from tests.time.histories import LAST
from tests.time.histories import NAMED
from tests.time.histories import changes
from tests.time.histories import database_of_the_package

DAY = 86_400
with database_of_the_package():
    CHANGES = {zone: changes(zone) for zone in NAMED}
#: No clock of those years was moved by more.
FURTHEST = 3 * 3600


@st.composite
def places(draw: st.DrawFn) -> tuple[int, str]:
    """A second in a zone."""
    zone = draw(st.sampled_from(NAMED))
    anywhere = st.integers(FIRST * 60, LAST * 60)
    if not CHANGES[zone]:
        return draw(anywhere), zone
    near = st.builds(lambda change, seconds: change * 60 + seconds, st.sampled_from(CHANGES[zone]), st.integers(-2 * DAY, 2 * DAY))
    return draw(near | near | anywhere), zone


later = st.integers(0, 3 * DAY) | st.integers(0, 2 * 3600)
times = st.integers(0, 1439).map(lambda minute: minute * 60)
weekdays = st.sampled_from(calendar.WEEKDAYS)
waits = st.builds(Duration, st.integers(0, 14), st.integers(0, 40), st.sampled_from([0, 0, 1800, 90_000]))
spans = st.builds(
    QuietRange, times, times, st.lists(st.sampled_from(["mon", "tue", "wed", "sat", "sun", "holidays"]), max_size=3, unique=True).map(tuple)
)
quiets = st.lists(st.builds(Quiet, st.lists(spans, min_size=1, max_size=2).map(tuple), st.booleans()), min_size=1, max_size=2).map(tuple)
schedules = st.one_of(
    times.map(lambda time: Schedule("day", TimeOfDay(time))),
    st.builds(lambda time, day: Schedule("weekday", TimeOfDay(time), (day,)), times, weekdays),
    st.builds(lambda time, day: Schedule("month", TimeOfDay(time), day=day), times, st.sampled_from([1, 30, 31, -1])),
    st.sampled_from(["30 2 * * *", "*/15 * * * *", "0 0 * * 0", "59 23 28-31 * *"]).map(lambda text: Schedule("cron", cron=text)),
)


def on_fives(day: date) -> bool:
    return day.toordinal() % 5 == 0


def quiet_end(at: int, rules: tuple[Quiet, ...], zone: str) -> int | None:
    """As `quiet_until`; rules that leave no minute are another test's."""
    try:
        return calendar.quiet_until(at, rules, zone, on_fives)
    except ValueError:
        assume(False)
        raise


# --------------------------------------------------------------------------------------------------------------- monotone


@given(places(), later, times, weekdays)
def test_who_starts_later_never_meets_a_time_of_day_earlier(place, more, time, weekday):
    at, zone = place
    assert calendar.next_time(at, time, zone) <= calendar.next_time(at + more, time, zone)
    assert calendar.next_weekday(at, weekday, time, zone) <= calendar.next_weekday(at + more, weekday, time, zone)


@given(places(), later, waits)
def test_who_starts_later_on_the_clock_never_ends_a_wait_earlier(place, more, wait):
    """On the clock: in the hour that comes twice, 02:10 is later than the first 02:50, and a day from it ends at 02:10."""
    at, zone = place
    assume(calendar.local(at, zone) <= calendar.local(at + more, zone))
    assert calendar.add(at, wait, zone) <= calendar.add(at + more, wait, zone)


@given(places(), later, quiets)
def test_who_comes_later_is_never_let_go_earlier(place, more, rules):
    at, zone = place
    first, second = quiet_end(at, rules, zone), quiet_end(at + more, rules, zone)
    assert (at if first is None else first) <= (at + more if second is None else second)


@given(places(), later, schedules)
def test_who_asks_later_never_hears_of_an_earlier_run(place, more, schedule):
    at, zone = place
    assert calendar.next_run(schedule, at, zone) <= calendar.next_run(schedule, at + more, zone)
    before, after = calendar.last_run(schedule, at, zone), calendar.last_run(schedule, at + more, zone)
    assert before is not None
    assert after is not None
    assert before <= after


# ---------------------------------------------------------------------------------------------------- never before its time


@given(places(), waits, times, weekdays, schedules)
def test_nothing_comes_before_it_was_asked_for(place, wait, time, weekday, schedule):
    at, zone = place
    assert calendar.next_time(at, time, zone) >= at
    assert calendar.next_weekday(at, weekday, time, zone) >= at
    assert calendar.next_weekday(at, weekday, None, zone) >= at
    assert calendar.next_run(schedule, at, zone) > at
    shortest = wait.months * 28 * DAY + wait.days * DAY + wait.seconds
    assert calendar.add(at, wait, zone) >= at + shortest - (FURTHEST if wait.months or wait.days else 0)
    assert calendar.add(at, Duration(seconds=wait.seconds), zone) == at + wait.seconds


@given(places(), times, weekdays)
def test_a_time_of_day_is_never_further_than_its_period(place, time, weekday):
    at, zone = place
    assert calendar.next_time(at, time, zone) - at <= DAY + FURTHEST
    assert calendar.next_weekday(at, weekday, time, zone) - at <= 7 * DAY + FURTHEST


# ----------------------------------------------------------------------------------------------------------- quiet hours


@given(places(), quiets)
def test_the_end_of_quiet_hours_is_not_quiet(place, rules):
    at, zone = place
    end = quiet_end(at, rules, zone)
    if end is not None:
        assert end > at
        assert quiet_end(end, rules, zone) is None


@given(places(), quiets, st.floats(0, 1, exclude_max=True))
def test_until_its_end_it_stays_quiet(place, rules, part):
    at, zone = place
    end = quiet_end(at, rules, zone)
    if end is not None:
        assert quiet_end(at + int((end - at) * part), rules, zone) == end
        assert quiet_end(end - 1, rules, zone) == end


@given(places(), quiets, quiets)
def test_more_quiet_hours_never_let_go_earlier(place, rules, more):
    at, zone = place
    one, both = quiet_end(at, rules, zone), quiet_end(at, (*rules, *more), zone)
    assert (at if one is None else one) <= (at if both is None else both)


# --------------------------------------------------------------------------------------------------------- times of day


@given(places(), times, weekdays)
def test_the_clock_shows_what_was_asked_for_or_has_just_skipped_it(place, time, weekday):
    at, zone = place
    for found in (calendar.next_time(at, time, zone), calendar.next_weekday(at, weekday, time, zone)):
        day, shown = calendar.local(found, zone)
        before = calendar.local(found - 1, zone)
        if shown != time:
            skipped = (day - before[0]) * DAY + shown - before[1] - 1
            assert 0 < (shown - time) % DAY <= skipped


@given(places(), waits)
def test_a_wait_in_days_keeps_the_time_of_day_unless_it_is_skipped(place, wait):
    at, zone = place
    found = calendar.add(at, Duration(wait.months, wait.days), zone)
    wanted, shown, before = (calendar.local(moment, zone) for moment in (at, found, found - 1))
    assert shown[1] == wanted[1] or before[1] < wanted[1] < shown[1] or before[0] < shown[0]


@given(places(), times, weekdays)
def test_asking_again_at_the_answer_gives_the_answer(place, time, weekday):
    at, zone = place
    found = calendar.next_time(at, time, zone)
    assert calendar.next_time(found, time, zone) == found
    found = calendar.next_weekday(at, weekday, time, zone)
    assert calendar.next_weekday(found, weekday, time, zone) == found
    for period in ("day", "week", "month", "year"):
        begun = calendar.start_of(period, at, zone)
        assert begun <= at
        assert calendar.start_of(period, begun, zone) == begun


@given(places(), schedules)
def test_between_two_runs_the_last_one_is_the_first_of_them(place, schedule):
    at, zone = place
    run = calendar.next_run(schedule, at, zone)
    following = calendar.next_run(schedule, run, zone)
    assert calendar.last_run(schedule, following - 1, zone) == run
    assert calendar.last_run(schedule, run, zone) == run


@given(places())
def test_a_moment_is_the_first_that_is_called_so_or_an_hour_comes_again(place):
    at, zone = place
    first = calendar.instant(*calendar.local(at, zone), zone)
    assert calendar.local(first, zone) == calendar.local(at, zone)
    assert at - FURTHEST <= first <= at
