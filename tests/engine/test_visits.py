"""Lists and visits in the engine: over kills and pauses, when people are erased and things vanish."""

from __future__ import annotations

import pytest

from interpreter.phases.erasure import erase
from tests.engine.house import House
from tests.engine.house import moment

SHOP = """
scenario ended
  on session ended
  send come_back by email

scenario put_in
  on product added to list "cart"
  wait 1h
  if item is set
  send still_there by email
"""


def opened(path=None) -> House:
    shop = House(SHOP, path)
    shop.tick("06-01 00:00")
    shop.customer("ann")
    return shop


def everything(shop: House) -> str:
    tables = [row[0] for row in shop.store.connection.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return "\n".join(repr(row) for table in tables for row in shop.store.connection.rows(f"SELECT * FROM {table}"))


def test_a_visit_ends_once_however_often_the_process_is_killed(tmp_path):
    shop = opened(tmp_path / "scn.db")
    shop.fact("06-01 12:00", "session.activity", customer="ann")
    shop.fact("06-01 12:10", "session.activity", customer="ann")
    for number in (3, 9, 15, 25, 40):
        with shop.killed_at(number):
            shop.run("06-01 12:00", "06-01 13:30")
    shop.run("06-01 12:00", "06-01 14:00")
    assert shop.messages() == ["06-01 12:40 come_back to ann"]
    assert shop.store.connection.value("SELECT started FROM journey") == moment("06-01 12:40")


def test_a_late_tick_does_not_move_the_end():
    shop = opened()
    shop.fact("06-01 12:00", "session.activity", customer="ann")
    shop.tick("06-01 12:00")
    shop.tick("06-01 20:00")
    assert shop.store.connection.value("SELECT started FROM journey") == moment("06-01 12:30")


def test_a_visit_that_ends_while_the_scenario_is_paused_starts_nothing():
    shop = opened()
    shop.fact("06-01 12:00", "session.activity", customer="ann")
    shop.fact("06-01 12:00", "list.add", customer="ann", list="cart", product="P")
    shop.tick("06-01 12:00")
    shop.edit(SHOP.replace("  on ", "  paused\n  on "))
    shop.run("06-01 12:01", "06-01 13:30")
    shop.edit(SHOP)
    shop.run("06-01 13:31", "06-01 14:00")
    assert shop.messages() == ["06-01 13:31 still_there to ann"]
    assert shop.refused() == ["ann paused"]


def test_what_was_taken_out_meanwhile_is_missing():
    shop = opened()
    shop.fact("06-01 12:00", "list.add", customer="ann", list="cart", products=["P", "Q"])
    shop.fact("06-01 12:30", "list.remove", customer="ann", list="cart", product="P")
    shop.run("06-01 12:00", "06-01 13:30")
    assert sorted(line.split(" ", 1)[1] for line in shop.journeys()) == ["finished", "stopped (condition)"]


@pytest.mark.parametrize("by_fact", [True, False])
def test_nothing_of_what_he_looked_at_stays_of_somebody_erased(by_fact):
    shop = opened()
    shop.fact("06-01 12:00", "session.activity", customer="ann")
    shop.fact("06-01 12:01", "product.view", customer="ann", product="secret-look")
    shop.fact("06-01 12:02", "category.view", customer="ann", category="secret-shelf")
    shop.fact("06-01 12:03", "list.add", customer="ann", list="cart", product="secret-wish")
    shop.tick("06-01 12:05")
    assert all(f"secret-{word}" in everything(shop) for word in ("look", "shelf", "wish"))
    if by_fact:
        shop.fact("06-01 12:06", "customer.erase", customer="ann")
        shop.tick("06-01 12:06")
    else:
        customer = shop.store.entities.customers(keys=["ann"])[0]
        with shop.store.transaction():
            erase(shop.store, customer, moment("06-01 12:06"), inbox=True)
    shop.run("06-01 12:07", "06-01 14:00")
    assert not [word for word in ("secret", "'ann'", '"ann"') if word in everything(shop)]
    assert shop.store.connection.value("SELECT count(*) FROM customer") == 1
    assert shop.messages() == []


def test_the_same_fact_twice_changes_nothing():
    shop = opened()
    for _ in range(2):
        shop.fact("06-01 12:00", "list.add", customer="ann", list="cart", product="P", key="k")
    shop.tick("06-01 12:00")
    assert len(shop.journeys()) == 1


def test_a_step_without_a_product_fails_and_says_so():
    shop = House('on action "go" add to list "cart"\n')
    shop.tick("06-01 00:00")
    shop.customer("ann")
    shop.go("06-01 12:00")
    report = shop.tick("06-01 12:00")
    assert [line.split(" ", 1)[1] for line in shop.journeys()] == ["failed (value)"]
    assert any("there is no product to add" in note for note in report.notes.values())
