"""Killed anywhere, and continued by a fresh process: the same as if nothing had been (`engine.md` §5).

A few places of each kind; `make soak` goes through all of them.
"""

from __future__ import annotations

from random import Random

import pytest

from tests.reliability import disk
from tests.reliability.families import FAMILIES
from tests.reliability.kills import Baseline
from tests.reliability.story import WEEK
from tests.reliability.world import KINDS
from tests.reliability.world import VARIANTS
from tests.reliability.world import Point

#: Places of each kind and variant in the ordinary suite: each is a tenth of a second.
SAMPLE = 1

pytestmark = pytest.mark.skipif(not disk.available(), reason="this Python hides the functions of SQLite")


#: Of the second story the channels that take no keys: what is in doubt there is more.
TOLD = [(WEEK, VARIANTS[0]), (WEEK, VARIANTS[1]), (FAMILIES, VARIANTS[0])]


#: The disk is the same for channels that take keys; the soak does not take that for granted.
WITH_KEYS = ("statement", "channel", "power")
PLACES = [(told, kind) for told in TOLD for kind in (WITH_KEYS if told[1].takes_keys else KINDS)]


def _name(told: object) -> str | None:
    return f"{told[0].name}-{told[1].name}" if isinstance(told, tuple) else None


@pytest.fixture(scope="module")
def told(request, tmp_path_factory) -> Baseline:
    story, variant = request.param
    return Baseline(tmp_path_factory.mktemp(variant.name), variant, story)


@pytest.mark.parametrize(("told", "kind"), PLACES, indirect=["told"], ids=_name)
def test_a_process_fails_anywhere_and_the_next_one_goes_on(told, kind):
    places = told.points(kind)
    for number, point in Random(kind).sample(places, SAMPLE):
        told.check(number, point)


@pytest.mark.parametrize("told", TOLD, indirect=True, ids=_name)
def test_the_next_process_fails_too(told):
    places = [(number, point) for number, point in told.points("statement", "disk") if told.story.actions[number].is_run]
    random = Random("again")
    for number, point in random.sample(places, 1):
        told.check(number, point, Point("disk", random.randrange(1, 60)), Point("statement", random.randrange(1, 60)))


@pytest.mark.parametrize("command", ["ingest", "backup", "forget"])
@pytest.mark.parametrize("told", [told for told in TOLD if not told[1].takes_keys], indirect=True, ids=_name)
def test_a_command_may_fail_with_half_of_its_last_page_written(told, command):
    """What channels can do is all one to it."""
    line = next(number for number, action in enumerate(told.story.actions) if action.line.startswith(command))
    told.check(line, Point("torn", told.tallies[line]["disk"] - 1))
