"""Checks of time: quiet hours that swallow what they should only delay, and hours that the clocks skip."""

from __future__ import annotations

import pytest

from dsl.forms import evolve
from tests.dsl.example_shop import SHOP
from tests.dsl.example_shop import findings
from tests.dsl.example_shop import names


def scenario(*lines, start="on customer registered", before=""):
    text = before + start + "\n" + "".join(f"  {line}\n" for line in lines)
    return text + "  if subscribed email\n  send welcome\n  limit 1 per customer within 300d\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (scenario("quiet 00:00-00:00"), True),
        (scenario("quiet 00:00-12:00, 12:00-00:00"), True),
        (scenario("quiet mon-sun"), True),
        (scenario("quiet 22:00-09:00"), False),
        (scenario("quiet sat-sun"), False),
        (scenario("only 10:00-11:00"), False),
        (scenario("wait 1d quiet 00:00-00:00"), True),
        (scenario("only 10:00-11:00", before="policy quiet 09:00-12:00\n\n"), True),
        (scenario("only 10:00-11:00", before="policy quiet 09:00-12:00 for sms\n\n"), False),
        (scenario(before="policy quiet 00:00-00:00\n\n"), True),
    ],
)
def test_no_moment_left(text, expected):
    assert ("quiet-all-day" in names(text)) is expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["wait 3d at 23:00 quiet 22:00-09:00"], True),
        (["quiet 22:00-09:00", "wait 3d at 23:00"], True),
        (["wait until 08:59 quiet 22:00-09:00"], True),
        (["wait until 09:00 quiet 22:00-09:00"], False),
        (["wait until sunday 10:00 quiet sun"], True),
        (["wait until monday 10:00 quiet sun"], False),
        (["wait 3d at 10:00 quiet 09:00-12:00 sat-sun"], False),
        (["wait 3d at 20:00 only 10:00-19:00"], True),
        (["wait 3d at 10:00"], False),
    ],
)
def test_a_fixed_time_in_quiet_hours(lines, expected):
    assert ("time-in-quiet" in names(scenario(*lines))) is expected


@pytest.mark.parametrize(
    ("start", "lines", "expected"),
    [
        ("every day at 23:00", ["quiet 22:00-09:00"], True),
        ("every day at 10:00", ["quiet 22:00-09:00"], False),
        ("every monday at 12:00", ["quiet mon"], True),
        ("every day at 12:00", ["quiet mon"], False),
        ("every day at 23:00", ["quiet 22:00-09:00", "wait 12h"], False),
    ],
)
def test_a_start_in_the_quiet_hours_of_its_first_message(start, lines, expected):
    assert ("time-in-quiet" in names(scenario(*lines, start=start))) is expected


@pytest.mark.parametrize(
    ("start", "lines", "expected"),
    [
        ("every day at 20:00", ["wait 4h quiet 22:00-09:00"], True),
        ("every day at 20:00", ["wait 1d4h quiet 22:00-09:00"], True),
        ("every day at 20:00", ["wait 14h quiet 22:00-09:00"], False),
        ("every day at 20:00", ["wait 4h", "wait 10h quiet 22:00-09:00"], False),
        ("on customer registered", ["wait 4h quiet 22:00-09:00"], False),
        ("on customer registered", ["wait until 20:00", "wait 4h quiet 22:00-09:00"], True),
        ("on customer registered", ["wait until 20:00", "set order.x 1", "wait 4h quiet 22:00-09:00"], False),
        ("every monday at 20:00", ["wait 4h quiet 22:00-09:00 sat-sun"], False),
        ('every "0 20 * * *"', ["wait 4h quiet 22:00-09:00"], False),
    ],
)
def test_a_wait_that_always_ends_in_quiet_hours(start, lines, expected):
    assert ("wait-into-quiet" in names(scenario(*lines, start=start))) is expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["quiet 22:00-09:00"], False),
        (["valid 10h", "quiet 22:00-09:00"], True),
        (["valid 11h", "quiet 22:00-09:00"], False),
        (["quiet sat-sun"], True),
        (["valid 2d", "quiet sat-sun"], False),
        (["valid 2d", "quiet sat-sun, 22:00-09:00"], True),
        (["valid 1h", "wait 1d quiet 22:00-09:00"], True),
        (["valid 1h", "wait 1d at 10:00 quiet 22:00-09:00"], False),
        (["wait until 10:00 quiet 22:00-09:00, sun"], False),
        (["valid 3h", "only 10:00-20:00"], True),
    ],
)
def test_quiet_longer_than_valid(lines, expected):
    assert ("quiet-longer-than-valid" in names(scenario(*lines))) is expected


def test_the_quiet_hours_of_a_policy_are_added():
    """T-Q6: with a relevance of 6 h the night outlasts it."""
    text = scenario("valid 6h", before="policy quiet 22:00-09:00\n\n")
    [found] = findings(text)
    assert found.check == "quiet-longer-than-valid"
    assert found.message == "it can stay quiet for 11h, and what is held longer than `valid 6h` is never sent"
    assert text[found.span.start : found.span.end] == "valid 6h"


def test_a_policy_holds_no_transactional_letter():
    text = "policy quiet 22:00-09:00\n\non order created\n  transactional\n  valid 1h\n  send receipt\n"
    assert names(text) == []


@pytest.mark.parametrize(
    ("zone", "line", "expected"),
    [
        ("Europe/Berlin", "wait 1d at 02:30", True),
        ("Europe/Berlin", "wait 1d at 02:00", True),
        ("Europe/Berlin", "wait 1d at 03:00", False),
        ("Europe/Berlin", "wait 1d at 01:59", False),
        ("Europe/Berlin", "wait until 02:30", True),
        ("Europe/Berlin", "quiet 22:00-02:30", True),
        ("Europe/Berlin", "quiet 22:00-09:00", False),
        ("Europe/Moscow", "wait 1d at 02:30", False),
        ("America/New_York", "wait 1d at 01:30", True),
        ("America/New_York", "wait 1d at 02:30", True),
        ("America/Santiago", "wait 1d at 00:30", True),
        ("America/Santiago", "wait 1d at 23:30", True),
        ("America/Santiago", "wait 1d at 22:30", False),
        ("Nowhere/At_All", "wait 1d at 02:30", False),
        ("UTC", "wait 1d at 02:30", False),
    ],
)
def test_hours_that_the_clocks_skip_or_repeat(zone, line, expected):
    around = evolve(SHOP, timezone=zone)
    assert ("clock-change" in names(scenario(line), surroundings=around)) is expected


def test_schedules_are_looked_at_too():
    assert names(scenario(start="every monday at 02:30")) == ["clock-change"]
