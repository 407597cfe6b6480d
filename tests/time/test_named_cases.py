"""Clocks as customers meet them, end to end: a scenario, what came in, and the minute in which the letter leaves.

The first four are what other programs of this kind are known to get wrong.
"""

from __future__ import annotations

import zoneinfo
from importlib.resources import files

import pytest

from interpreter.facts import Fact
from interpreter.facts import Rejection
from tests.time.histories import database_of_the_package
from tests.time.shop import Shop
from tests.time.shop import letter
from tests.time.shop import taken_in

MOSCOW, BERLIN, NEW_YORK, VLADIVOSTOK = "Europe/Moscow", "Europe/Berlin", "America/New_York", "Asia/Vladivostok"


# ------------------------------------------------------------------------------------- what others are known to get wrong


def test_monday_eight_in_vladivostok_is_her_monday():
    """It is Sunday 22:00 in UTC, and Monday 01:00 at the shop."""
    assert letter("wait until monday 08:00", "2024-06-08T12:00+03:00", VLADIVOSTOK) == "2024-06-10T08:00+10:00"
    assert letter("wait until monday 08:00", "2024-06-10T00:30+03:00", VLADIVOSTOK) == "2024-06-10T08:00+10:00"
    assert letter("wait until monday 08:00", "2024-06-10T01:00+03:00", VLADIVOSTOK) == "2024-06-10T08:00+10:00"
    assert letter("wait until monday 08:00", "2024-06-10T01:01+03:00", VLADIVOSTOK) == "2024-06-17T08:00+10:00"


@pytest.mark.parametrize("steps", ["wait 1d", "wait 1d at 20:00", "wait 12h wait until 20:00", "wait until sunday 20:00"])
def test_twenty_oclock_in_new_york_stays_twenty_oclock_over_the_march_change(steps):
    assert letter(steps, "2024-03-09T20:00-05:00", NEW_YORK) == "2024-03-10T20:00-04:00"


def test_a_week_and_a_month_over_the_march_change_end_at_the_same_time_of_day():
    assert letter("wait 1w", "2024-03-05T20:00-05:00", NEW_YORK) == "2024-03-12T20:00-04:00"
    assert letter("wait 1mo", "2024-02-20T20:00-05:00", NEW_YORK) == "2024-03-20T20:00-04:00"


def test_twenty_four_hours_over_the_march_change_are_twenty_four_hours():
    assert letter("wait 24h", "2024-03-09T20:00-05:00", NEW_YORK) == "2024-03-10T21:00-04:00"
    assert letter("wait 24h", "2024-11-02T20:00-04:00", NEW_YORK) == "2024-11-03T19:00-05:00"


def test_nine_in_berlin_stays_nine_over_both_changes():
    assert letter("wait 1d at 09:00", "2024-03-30T08:00+01:00", BERLIN) == "2024-03-31T09:00+02:00"
    assert letter("wait 1d", "2024-03-30T09:00+01:00", BERLIN) == "2024-03-31T09:00+02:00"
    assert letter("wait 1d", "2024-10-26T09:00+02:00", BERLIN) == "2024-10-27T09:00+01:00"
    assert letter("wait 1d at 09:00", "2024-10-26T08:00+02:00", BERLIN) == "2024-10-27T09:00+01:00"


def test_quiet_hours_entered_at_twenty_three_end_the_next_morning():
    assert letter("wait 1h quiet 22:00-06:00", "2024-06-08T22:00+03:00", MOSCOW) == "2024-06-09T06:00+03:00"
    assert letter("wait 1h quiet 22:00-06:00", "2024-06-08T21:00+03:00", MOSCOW) == "2024-06-09T06:00+03:00"
    assert letter("wait 1h quiet 22:00-06:00", "2024-06-08T20:59+03:00", MOSCOW) == "2024-06-08T21:59+03:00"
    assert letter("wait 1h quiet 22:00-06:00", "2024-06-09T05:00+03:00", MOSCOW) == "2024-06-09T06:00+03:00"


# ------------------------------------------------------------------------------------------------------------ whose clock


def test_quiet_hours_are_hers_not_the_shops():
    """23:30 in Moscow is 06:30 of the next day in Vladivostok: there the night is nearly over."""
    assert letter("wait 1h quiet 22:00-09:00", "2024-06-08T22:30+03:00", VLADIVOSTOK) == "2024-06-09T09:00+10:00"
    assert letter("wait 1h quiet 22:00-09:00", "2024-06-08T14:00+03:00", VLADIVOSTOK) == "2024-06-09T09:00+10:00"
    assert letter("wait 1h quiet 22:00-09:00", "2024-06-08T03:00+03:00", VLADIVOSTOK) == "2024-06-08T11:00+10:00"


def test_quiet_hours_are_the_shops_where_the_project_wants_it():
    steps = "wait 1h quiet 22:00-09:00"
    assert letter(steps, "2024-06-08T22:30+03:00", VLADIVOSTOK, quiet_by_project=True) == "2024-06-09T16:00+10:00"
    assert letter(steps, "2024-06-08T14:00+03:00", VLADIVOSTOK, quiet_by_project=True) == "2024-06-08T22:00+10:00"


def test_the_shops_quiet_hours_leave_waits_on_her_clock():
    found = letter("wait 1d at 10:00 quiet 22:00-09:00", "2024-06-08T12:00+03:00", VLADIVOSTOK, quiet_by_project=True)
    assert found == "2024-06-10T16:00+10:00", "10:00 of hers is 03:00 at the shop, which is quiet until 09:00"


def test_without_a_zone_of_her_own_the_shops_clock_counts():
    assert letter("wait 1d at 10:00", "2024-03-30T08:00", None, project=BERLIN) == "2024-03-31T10:00+02:00"
    assert letter("wait 1h quiet 22:00-09:00", "2024-03-30T22:00", None, project=BERLIN) == "2024-03-31T09:00+02:00"


def test_policies_of_quiet_are_read_on_her_clock_too():
    shop = Shop('policy quiet 22:00-09:00\nscenario s\n  on action "go"\n  send letter by email\n')
    shop.customer("ann", VLADIVOSTOK)
    shop.customer("bob")
    shop.engine.tick(1_717_800_000)
    shop.go("2024-06-08T18:00+03:00", "ann")
    shop.go("2024-06-08T18:00+03:00", "bob")
    shop.run("2024-06-08T18:00+03:00", "2024-06-10T00:00+03:00")
    assert shop.letters(MOSCOW) == ["2024-06-08T18:00+03:00", "2024-06-09T02:00+03:00"]


# ------------------------------------------------------------------------------------------------------------- odd zones


def test_moscow_knows_no_summer_time():
    for start, end in (("2024-03-30T09:00", "2024-03-31T09:00+03:00"), ("2024-10-26T09:00", "2024-10-27T09:00+03:00")):
        assert letter("wait 1d", start, MOSCOW) == letter("wait 24h", start, MOSCOW) == end


def test_kathmandu_is_five_hours_and_three_quarters_ahead():
    assert letter("wait until 10:00", "2024-06-08T04:14Z", "Asia/Kathmandu") == "2024-06-08T10:00+05:45"
    assert letter("wait until 10:00", "2024-06-08T04:16Z", "Asia/Kathmandu") == "2024-06-09T10:00+05:45"
    assert letter("wait 1h quiet 22:00-09:00", "2024-06-08T15:15Z", "Asia/Kathmandu") == "2024-06-09T09:00+05:45"


def test_lord_howe_changes_by_half_an_hour():
    zone = "Australia/Lord_Howe"
    assert letter("wait 1d", "2024-10-05T20:00+10:30", zone) == "2024-10-06T20:00+11:00"
    assert letter("wait 1d", "2024-10-05T02:15+10:30", zone) == "2024-10-06T02:30+11:00", "02:15 is skipped"
    assert letter("wait until 02:29", "2024-10-06T01:00+10:30", zone) == "2024-10-06T02:30+11:00"
    assert letter("wait until 01:45", "2024-04-07T00:00+11:00", zone) == "2024-04-07T01:45+11:00", "the first of two"


def test_casablanca_leaves_its_summer_time_for_ramadan():
    zone = "Africa/Casablanca"
    assert letter("wait 1d at 20:00", "2024-03-09T10:00+01:00", zone) == "2024-03-10T20:00+00:00"
    assert letter("wait 1mo", "2024-03-10T20:00+00:00", zone) == "2024-04-10T20:00+00:00"
    assert letter("wait 1mo", "2024-03-20T20:00+00:00", zone) == "2024-04-20T20:00+01:00"
    assert letter("wait 1h quiet 22:00-09:00", "2024-04-13T22:00+00:00", zone) == "2024-04-14T09:00+01:00"


@pytest.mark.parametrize(
    ("zone", "eve", "morning", "weekday"),
    [
        ("America/Sao_Paulo", "2018-11-03T12:00-03:00", "2018-11-04T01:00-02:00", "sunday"),
        ("Asia/Beirut", "2024-03-30T12:00+02:00", "2024-03-31T01:00+03:00", "sunday"),
        ("Africa/Cairo", "2024-04-25T12:00+02:00", "2024-04-26T01:00+03:00", "friday"),
        ("America/Asuncion", "2024-10-05T12:00-04:00", "2024-10-06T01:00-03:00", "sunday"),
    ],
)
def test_a_day_without_a_midnight_begins_at_one(zone, eve, morning, weekday):
    assert letter("wait until 00:00", eve, zone) == morning
    assert letter("wait until 00:30", eve, zone) == morning
    assert letter(f"wait until {weekday}", eve, zone) == morning
    assert letter("wait 1h quiet 13:00-00:30", eve, zone) == morning
    assert letter("wait 1h only 00:15-08:00", eve, zone) == morning


def test_a_zone_that_moves_by_two_hours():
    zone = "Antarctica/Troll"
    assert letter("wait 1d", "2024-03-30T12:00+00:00", zone) == "2024-03-31T12:00+02:00"
    assert letter("wait 1d", "2024-03-30T01:30+00:00", zone) == "2024-03-31T03:00+02:00"
    assert letter("wait 1d", "2024-03-30T02:30+00:00", zone) == "2024-03-31T03:00+02:00"
    assert letter("wait 15m quiet 00:00-02:30", "2024-03-31T00:15+00:00", zone) == "2024-03-31T03:00+02:00"


@pytest.mark.parametrize(
    ("zone", "steps", "start", "end"),
    [
        ("Asia/Pyongyang", "wait until 23:45", "2018-05-04T22:00+08:30", "2018-05-05T00:00+09:00"),  # half an hour skipped before midnight
        ("Asia/Pyongyang", "wait until 23:45", "2015-08-14T22:00+09:00", "2015-08-14T23:45+09:00"),  # it comes a second time
        ("Europe/Volgograd", "wait 1d at 09:00", "2018-10-27T09:00+03:00", "2018-10-28T09:00+04:00"),
        ("Europe/Volgograd", "wait 1d at 09:00", "2020-12-26T09:00+04:00", "2020-12-27T09:00+03:00"),
        ("America/Caracas", "wait 1d", "2016-04-30T02:45-04:30", "2016-05-01T03:00-04:00"),
        ("Africa/Juba", "wait 1d", "2021-01-30T23:30+03:00", "2021-01-31T23:30+03:00"),  # comes twice
        ("Africa/Juba", "wait 2d", "2021-01-30T23:30+03:00", "2021-02-01T23:30+02:00"),
        ("Asia/Gaza", "wait 1d", "2024-04-19T02:30+02:00", "2024-04-20T03:00+03:00"),
        (
            "America/St_Johns",
            "wait until saturday 23:30",
            "2006-10-29T00:00-02:30",
            "2006-10-28T23:30-03:30",
        ),  # at 00:01 it is Saturday again
        ("Pacific/Apia", "wait 1d", "2011-12-29T12:00-10:00", "2011-12-31T00:00+14:00"),  # the 30th did not happen
        ("Pacific/Apia", "wait 2d", "2011-12-29T12:00-10:00", "2011-12-31T12:00+14:00"),
        ("Pacific/Apia", "wait 1h quiet 22:00-09:00", "2011-12-29T22:00-10:00", "2011-12-31T09:00+14:00"),
    ],
)
def test_governments_change_their_minds(zone, steps, start, end):
    assert letter(steps, start, zone) == end


# ------------------------------------------------------------------------------- times that do not exist, or exist twice


def test_a_time_that_does_not_exist_moves_to_the_first_that_does():
    assert letter("wait 1d", "2024-03-30T02:30+01:00", BERLIN) == "2024-03-31T03:00+02:00"
    assert letter("wait until 02:30", "2024-03-31T00:00+01:00", BERLIN) == "2024-03-31T03:00+02:00"
    assert letter("wait until sunday 02:30", "2024-03-30T00:00+01:00", BERLIN) == "2024-03-31T03:00+02:00"


def test_a_time_that_exists_twice_means_the_first():
    assert letter("wait 1d", "2024-10-26T02:30+02:00", BERLIN) == "2024-10-27T02:30+02:00"
    assert letter("wait until 02:30", "2024-10-27T00:00+02:00", BERLIN) == "2024-10-27T02:30+02:00"
    assert letter("wait until sunday 02:30", "2024-10-26T00:00+02:00", BERLIN) == "2024-10-27T02:30+02:00"


def test_a_day_after_a_moment_written_as_a_time_that_did_not_exist():
    """Without an offset, 02:30 of that night is read as 03:00, and it stays 03:00 on the next day."""
    assert letter("wait 1d", "2024-03-31T02:30", BERLIN, project=BERLIN) == "2024-04-01T03:00+02:00"
    assert letter("wait 0s", "2024-03-31T02:30", BERLIN, project=BERLIN) == "2024-03-31T03:00+02:00"


def test_a_day_after_either_of_two_equal_times():
    assert letter("wait 1d", "2024-10-27T02:30", BERLIN, project=BERLIN) == "2024-10-28T02:30+01:00"
    assert letter("wait 1d", "2024-10-27T02:30+01:00", BERLIN) == "2024-10-28T02:30+01:00"
    assert letter("wait 0s", "2024-10-27T02:30", BERLIN, project=BERLIN) == "2024-10-27T02:30+02:00"
    assert letter("wait 30m", "2024-10-27T02:45+02:00", BERLIN) == "2024-10-27T02:15+01:00"


def test_it_is_quiet_again_when_a_quiet_hour_comes_again():
    steps = "wait 30m quiet 22:00-02:30"
    assert letter(steps, "2024-10-26T23:00+02:00", BERLIN) == "2024-10-27T02:30+02:00"
    assert letter(steps, "2024-10-27T02:35+02:00", BERLIN) == "2024-10-27T02:30+01:00", "03:05 became 02:05"


def test_quiet_hours_that_begin_in_a_gap_begin_behind_it():
    assert letter("wait 10m quiet 02:30-07:00", "2024-03-31T01:50+01:00", BERLIN) == "2024-03-31T07:00+02:00"
    assert letter("wait 10m quiet 02:00-03:00", "2024-03-31T01:50+01:00", BERLIN) == "2024-03-31T03:00+02:00"


# ------------------------------------------------------------------------------------------------- month ends, leap days


def test_a_month_after_the_31st_of_january_is_the_last_of_february():
    assert letter("wait 1mo", "2024-01-31T10:00+03:00", MOSCOW) == "2024-02-29T10:00+03:00"
    assert letter("wait 1mo", "2023-01-31T10:00+03:00", MOSCOW) == "2023-02-28T10:00+03:00"
    assert letter("wait 2mo", "2023-12-31T10:00+03:00", MOSCOW) == "2024-02-29T10:00+03:00"


def test_months_are_counted_on_her_calendar():
    """At the shop it is still the 30th of January; with her the 31st has begun."""
    assert letter("wait 1mo", "2024-01-30T23:00+03:00", VLADIVOSTOK) == "2024-02-29T06:00+10:00"


@pytest.mark.parametrize("wait", ["1y", "12mo"])
def test_a_year_after_the_leap_day_is_the_28th_of_february(wait):
    assert letter(f"wait {wait}", "2024-02-29T10:00+03:00", MOSCOW) == "2025-02-28T10:00+03:00"


def test_a_day_after_the_28th_of_february_may_be_the_29th():
    assert letter("wait 1d", "2024-02-28T10:00+03:00", MOSCOW) == "2024-02-29T10:00+03:00"
    assert letter("wait 1d", "2023-02-28T10:00+03:00", MOSCOW) == "2023-03-01T10:00+03:00"
    assert letter("wait 1y", "2023-02-28T10:00+03:00", MOSCOW) == "2024-02-28T10:00+03:00"


# ---------------------------------------------------------------------------------------- schedules, days, windows of days


def sent(schedule: str, zone: str, first: str, last: str, more: str = "") -> list[str]:
    shop = Shop(f"scenario s\n  every {schedule}\n  send letter by email\n{more}", zone)
    shop.customer("ann", "Asia/Tokyo")
    shop.run(first, last)
    return shop.letters(zone)


@pytest.mark.parametrize("schedule", ["day at 02:30", '"30 2 * * *"'])
def test_a_daily_schedule_runs_once_a_day_over_both_changes(schedule):
    assert sent(schedule, BERLIN, "2024-03-29T12:00", "2024-04-01T12:00") == [
        "2024-03-30T02:30+01:00",
        "2024-03-31T03:00+02:00",
        "2024-04-01T02:30+02:00",
    ]
    assert sent(schedule, BERLIN, "2024-10-25T12:00", "2024-10-28T12:00") == [
        "2024-10-26T02:30+02:00",
        "2024-10-27T02:30+02:00",
        "2024-10-28T02:30+01:00",
    ]


def test_a_weekly_schedule_keeps_its_time_of_day():
    assert sent("sunday at 20:00", NEW_YORK, "2024-03-01T00:00", "2024-03-18T00:00") == [
        "2024-03-03T20:00-05:00",
        "2024-03-10T20:00-04:00",
        "2024-03-17T20:00-04:00",
    ]


def test_a_monthly_schedule_finds_the_last_day():
    assert sent("month on last day at 00:00", "Asia/Beirut", "2024-02-01T00:00", "2024-04-01T00:00") == [
        "2024-02-29T00:00+02:00",
        "2024-03-31T01:00+03:00",
    ]


def test_a_calendar_day_of_a_limit_has_twenty_three_or_twenty_five_hours():
    shop = Shop('scenario s\n  on action "go"\n  send letter by email\n  limit 1 per customer each day\n', BERLIN)
    shop.customer("ann", NEW_YORK)
    shop.engine.tick(1_711_000_000)
    for at in ("2024-03-31T00:00", "2024-03-31T23:59", "2024-04-01T00:00", "2024-10-27T00:00", "2024-10-27T23:59", "2024-10-28T00:00"):
        shop.go(at)
    shop.run("2024-03-30T12:00", "2024-10-29T00:00")
    assert shop.letters(BERLIN) == [
        "2024-03-31T00:00+01:00",
        "2024-04-01T00:00+02:00",
        "2024-10-27T00:00+02:00",
        "2024-10-28T00:00+01:00",
    ]


def test_an_active_window_ends_with_the_last_minute_of_its_last_day():
    text = 'scenario s\n  on action "go"\n  active from 2024-03-31 to 2024-03-31\n  send letter by email\n'
    shop = Shop(text, "Asia/Beirut")
    shop.customer("ann", NEW_YORK)
    shop.engine.tick(1_711_000_000)
    for at in ("2024-03-30T23:59", "2024-03-31T01:00", "2024-03-31T23:59", "2024-04-01T00:00"):
        shop.go(at)
    shop.run("2024-03-30T12:00", "2024-04-02T00:00")
    assert shop.letters("Asia/Beirut") == ["2024-03-31T01:00+03:00", "2024-03-31T23:59+03:00"]


# --------------------------------------------------------------------------------------------------------- names of zones


UNKNOWN = [
    "Mars/Base",
    "MSK",
    "Europe",
    "Europe/Moskow",
    "europe/moscow",
    "Europe/Moscow ",
    "UTC+3",
    "GMT+03:00",
    "",
    "А/Б",
    "Europe/Mos\0cow",
]


@pytest.mark.parametrize("name", UNKNOWN)
def test_a_zone_that_the_database_does_not_know_is_a_mistake_of_the_data(name):
    found = taken_in({"op": "customer.edit", "customer": "ann", "timezone": name})
    assert isinstance(found, Rejection)
    assert str(found).startswith("timezone: expected a time zone such as `Europe/Moscow`, found ")


@pytest.mark.parametrize("name", ["localtime", "posixrules", "right/Europe/Moscow", "posix/Europe/Moscow", "zone1970.tab"])
def test_what_one_machine_has_among_its_zones_is_no_zone(tmp_path, name):
    """`right/…` counts leap seconds, `localtime` is whatever the machine is set to: elsewhere the same facts would mean other moments."""
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(files("tzdata").joinpath("zoneinfo", "Europe", "Moscow").read_bytes())
    with database_of_the_package(str(tmp_path)):
        assert zoneinfo.ZoneInfo(name)
        assert isinstance(taken_in({"op": "customer.edit", "customer": "ann", "timezone": name}), Rejection)


@pytest.mark.parametrize("name", ["Europe/Moscow", "UTC", "Etc/GMT+3", "EST5EDT", "Asia/Calcutta", "America/Argentina/Buenos_Aires", None])
def test_names_that_the_database_knows_are_taken(name):
    assert isinstance(taken_in({"op": "customer.edit", "customer": "ann", "timezone": name}), Fact)


@pytest.mark.parametrize("value", [3, 3.5, True, ["Europe/Moscow"], {"name": "Europe/Moscow"}])
def test_a_zone_that_is_no_text_is_a_mistake_of_the_data(value):
    assert isinstance(taken_in({"op": "customer.edit", "customer": "ann", "timezone": value}), Rejection)


@pytest.mark.parametrize(
    ("old", "new"),
    [("Europe/Kiev", "Europe/Kyiv"), ("Asia/Calcutta", "Asia/Kolkata"), ("America/Godthab", "America/Nuuk"), ("US/Eastern", NEW_YORK)],
)
def test_the_old_name_of_a_zone_is_as_good_as_the_new_one(old, new):
    for start in ("2024-03-09T12:00Z", "2024-03-30T12:00Z", "2024-06-01T12:00Z", "2024-10-26T12:00Z"):
        assert letter("wait 1d at 10:00 quiet 08:00-11:00", start, old) == letter("wait 1d at 10:00 quiet 08:00-11:00", start, new)
