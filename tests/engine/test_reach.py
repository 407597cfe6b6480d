"""A changed product reaches everybody who has it, however many at a time, and each of them once."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
from unittest.mock import patch

import pytest

from interpreter.belongings import Item
from interpreter.belongings import ProductView
from interpreter.facts import Fact
from interpreter.phases import reach
from interpreter.phases.intake import Intake
from tests.engine.house import House
from tests.engine.house import moment

BACK = 'on product restocked in list "wishlist"\n  send back by email\n'
BOTH = """
scenario back
  on product restocked in list
  send back by email
scenario seen
  on product restocked in views
  send seen by email
scenario dated
  on action "go"
  wait 1d
"""
EVERYBODY = ("ann", "bob", "cat", "dan", "eve", "fay", "gil")


@pytest.fixture(autouse=True)
def few() -> Iterator[None]:
    """So few fit into memory."""
    with patch.object(reach, "OWNERS", 3):
        yield


def filled(house: House, *products: str, at: str = "06-01 10:00") -> House:
    """Everybody has them in the wishlist."""
    house.customer(*EVERYBODY)
    house.tick(at)
    with house.store.transaction():
        numbers = {customer.key: customer.id for customer in house.store.entities.customers(keys=EVERYBODY)}
        house.store.belongings.save(
            {(number, "item", thing.key): thing for number in numbers.values() for thing in (Item("wishlist", key) for key in products)}
        )
    return house


def back(house: House) -> list[str]:
    return sorted(text.split()[-1] for text in house.messages())


def test_one_product_that_many_have():
    house = filled(House(BACK), "P")
    house.fact("06-02 10:00", "product.update", product="P", available=True)
    report = house.tick("06-02 10:00")
    assert back(house) == list(EVERYBODY)
    assert (report.facts, report.events, report.started) == (1, 7, 7)
    [product] = house.store.belongings.products(["P"])
    assert product.available is True
    assert house.tick("06-02 10:01").facts == 0


def test_one_feed_of_several_products_and_several_kinds_of_owners():
    house = filled(House(BOTH), "P", "Q")
    with house.store.transaction():
        [ann] = house.store.entities.customers(keys=["ann"])
        house.store.belongings.save({(ann.id, "view", key): ProductView(key, 0) for key in ("P", "Q", "R")})
    house.fact("06-02 10:00", "product.feed", products=[{"id": key, "available": True} for key in "PQR"])
    house.tick("06-02 10:00")
    assert back(house) == sorted([*EVERYBODY, *EVERYBODY, "ann", "ann", "ann"])


def test_what_comes_behind_waits_until_all_are_through():
    """Whoever takes it out of his list a second later had it when it came back."""
    house = filled(House(BACK), "P")
    house.fact("06-02 10:00:00", "product.update", product="P", available=True)
    house.fact("06-02 10:00:00", "product.update", product="P", available=False)
    house.fact("06-02 10:00:01", "product.update", product="P", available=True)
    house.fact("06-02 10:00:02", "customer.erase", customer="gil")
    house.tick("06-02 10:01")
    letters = [text.split()[-1] for text in house.messages()]
    assert [letters.count(name) for name in EVERYBODY[:-1]] == [2] * 6


def test_a_batch_ends_before_it_reaches_too_many():
    house = filled(House(BACK), "P")
    house.fact("06-02 10:00", "product.update", product="Q", available=True)
    house.go("06-02 10:00")
    house.fact("06-02 10:00", "product.update", product="P", available=True)
    house.go("06-02 10:00")
    taken: list[list[str]] = []
    take = Intake.take

    def watched(self: Intake, facts: Sequence[Fact]) -> None:
        taken.append([fact.op for fact in facts])
        take(self, facts)

    with patch.object(Intake, "take", watched):
        house.tick("06-02 10:00")
    assert taken == [["product.update", "action.issue"], *[["product.update"]] * 3, ["action.issue"]]
    assert back(house) == list(EVERYBODY)


def test_killed_anywhere_each_is_reached_once(tmp_path):
    for number in range(1, 300, 9):
        house = filled(House(BACK, tmp_path / f"{number}.db"), "P")
        house.fact("06-02 10:00", "product.update", product="P", available=True)
        through = []
        with house.killed_at(number):
            through.append(house.tick("06-02 10:00"))
        if through:
            break
        house.tick("06-02 10:01")
        assert back(house) == list(EVERYBODY), number
        house.store.close()
    assert number > 20, "the process died many a time"


def test_a_stop_in_between_is_gone_on_from():
    house = filled(House(BACK), "P")
    house.fact("06-02 10:00", "product.update", product="P", available=True)
    house.engine.stopping = lambda: True
    house.tick("06-02 10:00")
    assert [row.state for row in house.store.listing.journeys()] == ["waiting"] * 3
    house.engine.stopping = bool
    house.fact("06-02 09:00", "product.update", product="Q", available=True)
    house.tick("06-02 10:01")
    assert back(house) == list(EVERYBODY)


def test_journeys_that_wait_for_a_date_of_it_are_reached_like_everybody():
    house = House("on product bought\n  wait until product.expires - 1d\n  send out by email\n")
    house.customer(*EVERYBODY)
    house.fact("06-01 09:00", "product.update", product="P", expiry="P20D")
    house.tick("06-01 09:30")
    for name in EVERYBODY:
        line = {"id": "L", "product": "P", "status": "delivered"}
        house.fact("06-01 10:00", "order.create", customer=name, order={"id": name, "lines": [line]})
    house.tick("06-01 10:00")
    house.fact("06-02 10:00", "product.update", product="P", expiry="P5D")
    house.tick("06-02 10:00")
    assert {text.split()[-2:][1] for text in house.journeys()} == {"10:00"}
    assert all("06-05 10:00" in text for text in house.journeys())
    house.tick("06-05 10:00")
    assert back(house) == list(EVERYBODY)
    assert house.store.connection.value("SELECT count(*) FROM belonging WHERE kind = 'awaited'") == 0


def test_whoever_stops_waiting_is_not_looked_for_any_more():
    house = House('on product bought\n  stop on action "go"\n  wait until product.expires - 1d\n  send out by email\n')
    house.customer("ann")
    house.fact("06-01 09:00", "product.update", product="P", expiry="P20D")
    line = {"id": "L", "product": "P", "status": "delivered"}
    house.tick("06-01 09:00")
    house.fact("06-01 10:00", "order.create", customer="ann", order={"id": "1", "lines": [line]})
    house.tick("06-01 10:00")
    assert house.store.connection.value("SELECT count(*) FROM belonging WHERE kind = 'awaited'") == 1
    house.go("06-01 11:00")
    house.tick("06-01 11:00")
    assert house.journeys() == ["ann stopped (exit)"]
    assert house.store.connection.value("SELECT count(*) FROM belonging WHERE kind = 'awaited'") == 0


def test_a_feed_in_which_nothing_changed_asks_for_nobody():
    house = filled(House(BACK), "P", "Q")
    house.fact("06-02 10:00", "product.feed", products=[{"id": "P", "available": True}, {"id": "Q", "price": 5}])
    house.tick("06-02 10:00")
    house.fact("06-03 10:00", "product.feed", products=[{"id": "P", "available": True}, {"id": "Q", "price": 5}])
    asked: list[str] = []
    house.store.connection.sqlite.set_trace_callback(asked.append)
    house.tick("06-03 10:00")
    house.store.connection.sqlite.set_trace_callback(None)
    assert not [text for text in asked if "FROM customer " in text or "FROM belonging" in text or "INTO product" in text]


def test_facts_of_a_rehearsal_that_reach_too_many_go_alone():
    assert reach.affordable(House(BACK).store, House(BACK).engine.rules, []) == 0
    house = filled(House(BACK), "P", "Q")
    for key in ("N", "P", "Q"):
        house.fact("06-02 10:00", "product.update", product=key, available=True)
    facts = house.store.facts.pending(moment("06-02 10:00"), 10)
    assert reach.affordable(house.store, house.engine.rules, facts) == 1
