"""`every`: missed passes, killed passes, launches (`domain.md` S34, `engine.md` §1)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.house import House

DAILY = "scenario s\n  every day at 10:00\n  send letter by email\n"


@pytest.mark.example("X34.1")
def test_the_first_pass_is_the_next_moment_behind_the_launch():
    shop = House(DAILY)
    shop.customer("ann")
    shop.tick("06-01 17:00")
    shop.run("06-01 17:01", "06-02 09:59")
    assert shop.messages() == []
    shop.run("06-02 10:00", "06-02 12:00")
    assert shop.messages() == ["06-02 10:00 letter to ann"]


@pytest.mark.example("X34.5")
def test_a_pass_that_cron_missed_is_made_late_for_its_own_moment():
    shop = House(DAILY.replace("  send", "  wait 1h\n  send"))
    shop.customer("ann")
    shop.run("06-01 09:00", "06-01 09:55")
    shop.tick("06-01 10:40")
    assert shop.journeys() == ["ann waiting 06-01 11:00"], "T is ten o'clock"
    shop.run("06-01 10:41", "06-01 23:00")
    assert shop.messages() == ["06-01 11:00 letter to ann"]


@pytest.mark.example("X34.5")
def test_several_missed_passes_collapse_into_one():
    shop = House(DAILY)
    shop.customer("ann")
    shop.tick("06-01 09:00")
    shop.tick("06-05 10:40")
    shop.run("06-05 10:41", "06-06 12:00")
    assert shop.messages() == ["06-05 10:40 letter to ann", "06-06 10:00 letter to ann"]


@pytest.mark.example("X34.5")
def test_only_within_relevance():
    shop = House(DAILY.replace("day at", "monday at").replace("  send", "  valid 2h\n  send"))
    shop.customer("ann")
    shop.tick("06-01 09:00")
    shop.tick("06-03 12:01")
    assert shop.journeys() == ["ann stopped (expired)"]


def test_a_killed_pass_goes_on_where_it_was_and_starts_nobody_twice(tmp_path, monkeypatch):
    monkeypatch.setattr("interpreter.phases.passes.CHUNK", 2)
    everybody = [f"c{number}" for number in range(7)]
    shop = House(DAILY, tmp_path / "scn.db")
    shop.customer(*everybody)
    shop.tick("06-01 09:00")
    for number in range(5, 60, 6):
        with shop.killed_at(number):
            shop.tick("06-01 10:00")
    shop.tick("06-01 10:30")
    assert sorted(message.split()[-1] for message in shop.messages()) == everybody
    shop.run("06-01 10:31", "06-02 09:00")
    assert len(shop.messages()) == len(everybody)


def cut_short(path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    """A pass of 06-01 10:00 that has started ann and nobody else."""
    monkeypatch.setattr("interpreter.phases.passes.CHUNK", 1)
    shop = House(DAILY, path)
    shop.customer("ann", "bob")
    shop.tick("06-01 09:00")
    number = 0
    while shop.store.scenarios.get("pass 1") is None:
        number += 1
        with shop.killed_at(number):
            shop.tick("06-01 10:00")
    return shop


def test_the_pass_that_is_due_behind_a_killed_one_is_made_in_the_same_tick(tmp_path, monkeypatch):
    shop = cut_short(tmp_path / "scn.db", monkeypatch)
    shop.tick("06-04 10:00")
    assert shop.messages() == ["06-04 10:00 letter to ann", "06-04 10:00 letter to bob"]


def test_a_pause_ends_a_pass_that_was_cut_short(tmp_path, monkeypatch):
    shop = cut_short(tmp_path / "scn.db", monkeypatch)
    for at, text in (("06-01 10:05", DAILY.replace("scenario s", "scenario s\n  paused")), ("06-01 10:10", DAILY)):
        shop.edit(text)
        shop.tick(at)
    shop.tick("06-02 10:00")
    assert shop.messages() == ["06-01 10:10 letter to ann", "06-02 10:00 letter to ann", "06-02 10:00 letter to bob"]
    assert shop.journeys() == ["ann finished", "ann finished", "bob finished"]


def test_a_pause_over_a_pass_skips_it():
    shop = House(DAILY)
    shop.customer("ann")
    shop.tick("06-01 09:00")
    shop.edit(DAILY.replace("scenario s", "scenario s\n  paused"))
    shop.run("06-01 09:30", "06-01 11:00")
    shop.edit(DAILY)
    shop.run("06-01 11:30", "06-02 12:00")
    assert shop.messages() == ["06-02 10:00 letter to ann"]


def test_the_products_that_a_pass_asks_about_are_loaded_for_it():
    shop = House("scenario s\n  every day at 10:00 where any view (view.product.price < 90)\n  send letter by email\n")
    shop.customer("ann", "bob", at="06-01 00:00")
    shop.fact("06-01 09:00", "product.update", product={"id": "P", "price": 50})
    shop.fact("06-01 09:00", "product.view", customer="ann", product="P")
    shop.run("06-01 09:00", "06-01 11:00")
    assert shop.messages() == ["06-01 10:00 letter to ann"]
