"""Every distinct zone history of the tz database, around the changes of its clocks 2015 to 2030, against a walk minute by minute.

Here every change of thirty named zones and some of each other history; all of them, and many more questions, in `make soak`.
"""

from __future__ import annotations

import random
from datetime import UTC
from datetime import datetime

import pytest

from dsl import calendar
from dsl.nodes import Duration
from dsl.nodes import Quiet
from tests.time.histories import LAST
from tests.time.histories import NAMED
from tests.time.histories import History
from tests.time.histories import Walk
from tests.time.histories import histories
from tests.time.questions import Examiner
from tests.time.questions import WrongAnswerError
from tests.time.questions import near

#: So many walks in one test: a failure names the zone and the question, and no test takes long.
PARTS = 12


@pytest.fixture(scope="module")
def known(database) -> list[History]:
    return histories()


def examined(zone: str, middle: int) -> int:
    chance = random.Random(f"{zone} {middle}")
    examiner = Examiner(Walk(zone, middle, step=30))
    minutes = near(middle, [chance.randint(-1500, 1500) for _ in range(2)])
    examiner.everything(chance.sample(minutes, 3), crons=3)
    return examiner.asked


def test_the_histories_are_all_of_them(known):
    """An old package of zones, or a reader that sees no changes, would let everything else pass."""
    names = {name for history in known for name in history.aliases}
    assert set(NAMED) <= names
    assert len(names) > 590
    assert len(known) > 100
    assert sum(len(history.changes) for history in known) > 1300
    by_zone = {history.zone: history for history in known}
    assert len(by_zone["Europe/Berlin"].changes) == 32
    assert len(by_zone["Asia/Pyongyang"].changes) == 2
    assert by_zone["Europe/Moscow"].changes == ()
    assert max(change for history in known for change in history.changes) < LAST


@pytest.mark.parametrize("part", range(PARTS))
def test_every_change_of_the_named_zones(known, part):
    walks = [(history.zone, change) for history in known if history.zone in NAMED for change in history.changes]
    assert sum(examined(zone, change) for zone, change in walks[part::PARTS]) > 5000


@pytest.mark.parametrize("part", range(PARTS))
def test_some_changes_of_every_history(known, part):
    others = [history for history in known if history.zone not in NAMED]
    walks = [(history.zone, change) for history in others for change in history.changes[:: max(1, len(history.changes) // 2)]]
    assert sum(examined(zone, change) for zone, change in walks[part::PARTS]) > 1000


@pytest.mark.parametrize("part", range(4))
def test_month_ends_and_the_leap_day_of_every_history(known, part):
    noon = int(datetime(2024, 2, 29, 12, tzinfo=UTC).timestamp()) // 60
    assert sum(examined(history.zone, noon) for history in known[part::4]) > 1000


# ----------------------------------------------------------------------------------------------- would it notice at all?


def _days_of_24_hours(at: int, wait: Duration, zone: str) -> int:
    return at + wait.months * 30 * 86_400 + wait.days * 86_400 + wait.seconds


def _by_the_offset_of_now(at: int, seconds: int, zone: str) -> int:
    return at + (seconds - at - calendar.offset(at, zone)) % 86_400


def _quiet_by_the_offset_of_now(at: int, quiets: tuple[Quiet, ...], zone: str, is_holiday: calendar.Holidays) -> int | None:
    ahead = calendar.offset(at, zone)
    end = QUIET_UNTIL(at + ahead, quiets, "UTC", is_holiday)
    return None if end is None else end - ahead


def _the_second_of_two(day: int, seconds: int, zone: str) -> int:
    first = INSTANT(day, seconds, zone)
    second = first + 3600
    return second if calendar.local(second, zone) == (day, seconds) else first


QUIET_UNTIL, INSTANT = calendar.quiet_until, calendar.instant


@pytest.mark.parametrize(
    ("name", "mistaken"),
    [
        ("add", _days_of_24_hours),
        ("next_time", _by_the_offset_of_now),
        ("quiet_until", _quiet_by_the_offset_of_now),
        ("instant", _the_second_of_two),
    ],
)
def test_the_usual_mistakes_are_noticed(monkeypatch, known, name, mistaken):
    monkeypatch.setattr(calendar, name, mistaken)
    berlin = next(history for history in known if history.zone == "Europe/Berlin")
    with pytest.raises(WrongAnswerError):
        sum(examined("Europe/Berlin", change) for change in berlin.changes)
