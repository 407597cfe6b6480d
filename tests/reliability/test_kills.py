"""Killed anywhere, and continued by a fresh process: the same as if nothing had been (`engine.md` §5).

A few places of each kind; `make soak` goes through all of them.
"""

from __future__ import annotations

from random import Random

import pytest

from tests.reliability import disk
from tests.reliability.kills import Baseline
from tests.reliability.story import ACTIONS
from tests.reliability.world import KINDS
from tests.reliability.world import VARIANTS
from tests.reliability.world import Point

#: Places of each kind and variant in the ordinary suite: each is a tenth of a second.
SAMPLE = 1

pytestmark = pytest.mark.skipif(not disk.available(), reason="this Python hides the functions of SQLite")


@pytest.fixture(scope="module", params=VARIANTS, ids=lambda variant: variant.name)
def told(request, tmp_path_factory) -> Baseline:
    return Baseline(tmp_path_factory.mktemp(request.param.name), request.param)


@pytest.mark.parametrize("kind", KINDS)
def test_a_process_fails_anywhere_and_the_next_one_goes_on(told, kind):
    if told.variant.takes_keys and kind not in {"statement", "channel", "power"}:
        pytest.skip("the disk is the same for channels that take keys; the soak does not take that for granted")
    places = told.points(kind)
    for number, point in Random(kind).sample(places, SAMPLE):
        told.check(number, point)


def test_the_next_process_fails_too(told):
    places = [(number, point) for number, point in told.points("statement", "disk") if ACTIONS[number].is_run]
    random = Random("again")
    for number, point in random.sample(places, 1):
        told.check(number, point, Point("disk", random.randrange(1, 60)), Point("statement", random.randrange(1, 60)))


@pytest.mark.parametrize("command", ["ingest", "backup", "forget"])
def test_a_command_may_fail_with_half_of_its_last_page_written(told, command):
    if told.variant.takes_keys:
        pytest.skip("what channels can do is all one to it")
    line = next(number for number, action in enumerate(ACTIONS) if action.line.startswith(command))
    told.check(line, Point("torn", told.tallies[line]["disk"] - 1))
