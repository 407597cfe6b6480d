"""Everything customers can have, under several runners, with a clock that stands behind, and from a restored copy."""

from __future__ import annotations

import pytest

from interpreter import cli
from tests.reliability.families import FAMILIES
from tests.reliability.families import wrong_codes
from tests.reliability.kills import ENDED
from tests.reliability.kills import difference
from tests.reliability.story import Action
from tests.reliability.world import VARIANTS
from tests.reliability.world import World

#: The line whose run is watched: codes run out, points come, visits end, owners are gone through by two.
BUSY = 6


def play(world: World, actions: tuple[Action, ...]) -> None:
    for action in actions:
        assert world.do(action) in ENDED, world.said()
        assert "Traceback" not in world.said()


@pytest.fixture(scope="module")
def busy(tmp_path_factory) -> World:
    """Before the line."""
    world = World.new(tmp_path_factory.mktemp("busy") / "world", VARIANTS[0], FAMILIES)
    play(world, FAMILIES.actions[:BUSY])
    return world


@pytest.fixture(scope="module")
def told(busy, tmp_path_factory) -> World:
    """Behind it, undisturbed."""
    world = busy.copy(tmp_path_factory.mktemp("told") / "world")
    play(world, FAMILIES.actions[BUSY : BUSY + 1])
    return world


@pytest.fixture
def world(busy, tmp_path) -> World:
    return busy.copy(tmp_path / "world")


def test_two_runners_at_once_decide_once(world, told):
    processes = [world.begin(FAMILIES.actions[BUSY]) for _ in range(2)]
    assert {world.wait(process) for process in processes} <= ENDED
    play(world, FAMILIES.actions[BUSY : BUSY + 1])
    assert difference(world.state(), told.state()) == ""
    assert sorted(world.delivered()) == sorted(told.delivered())
    assert wrong_codes(world.state()) == ""


def test_a_clock_that_goes_back_takes_nothing_back(world, told):
    play(world, FAMILIES.actions[BUSY : BUSY + 1])
    assert world.fork(lambda: cli.main(["run", "--tick", "--now", "2026-03-02T11:30"])) == 2
    assert "is behind the last tick" in world.said()
    assert world.fork(lambda: cli.main(["run", "--tick"]), "2026-03-02T11:30") == 0
    assert difference(world.state(), told.state()) == ""


def test_a_copy_that_is_restored_gives_the_same_codes_and_points_to_the_same_customers(world, told):
    """The salt of made codes is in the copy, and so is what was planned."""
    assert world.fork(lambda: cli.main(["backup", "early.db"])) == 0
    play(world, FAMILIES.actions[BUSY : BUSY + 1])
    for path in world.shop.glob("scn.db*"):
        path.unlink()
    (world.shop / "early.db").rename(world.shop / "scn.db")
    play(world, FAMILIES.actions[BUSY : BUSY + 1])
    assert difference(world.state(), told.state()) == ""
    assert wrong_codes(world.state()) == ""


def test_the_file_of_codes_that_comes_in_again_gives_no_code_a_second_time(world):
    """All of it, and while somebody's are forgotten."""
    play(world, FAMILIES.actions[BUSY:])
    given = world.look("SELECT key, customer FROM belonging WHERE kind = 'promo' AND key LIKE 'W-%'")
    assert sorted(given) == [("W-1", 1), ("W-2", 0), ("W-3", 3), ("W-4", 6), ("W-5", 7)]
