"""Who is asked about an event: known from the texts alone, and nobody is left out by it."""

from __future__ import annotations

import pytest

from tests.engine.house import House

NOBODY = 'scenario s on action "go" send letter by email'
DATED = "scenario s on order created wait until order.delivery_date send letter by email"
LISTENERS = (
    'scenario s on order.status -> "paid" send letter by email',
    "scenario s on order created send letter by email",
    "scenario s on order changed send letter by email",
    'scenario s on any line.status -> "paid" send letter by email',
    "scenario s on order created stop on order changed wait 30d send letter by email",
    DATED,
)


def bought(text: str) -> House:
    """Ann orders a thing, pays for it, and has it sent."""
    shop = House(text)
    shop.tick("06-01 11:00")
    shop.customer("ann")
    line = {"id": "1", "product": "p"}
    shop.fact(
        "06-01 12:00", "order.create", customer="ann", order={"id": "7", "status": "new", "lines": [line], "delivery_date": "2024-06-09"}
    )
    shop.fact("06-01 12:10", "order.status", order="7", status="paid")
    shop.fact("06-01 12:20", "order.update", order={"id": "7", "status": "sent", "delivery_date": "2024-06-05"})
    return shop


@pytest.mark.parametrize("text", LISTENERS)
def test_all_events_are_counted_whoever_listens(text):
    report = bought(text).tick("06-01 13:00")
    assert (report.facts, report.events) == (4, bought(NOBODY).tick("06-01 13:00").events)


def test_a_date_is_followed_though_nobody_listens_for_what_moves_it():
    shop = bought(DATED)
    shop.tick("06-01 13:00")
    assert shop.journeys() == ["ann waiting 06-05 00:00"]


@pytest.mark.parametrize(
    ("triggers", "count"),
    [
        (('on order.status -> "paid"',), 1),
        (('on order.status -> "new"', 'on order.status -> "paid" | "sent"'), 3),
        (('on order.status -> "gone"', "on order.status -> category paid"), 1),
        (('on order.status -> "paid"', "on order.status -> category paid"), 1),
        (('on order.status -> "gone"', 'on action "paid"'), 0),
    ],
)
def test_triggers_that_name_statuses_start_by_these_and_no_others(triggers, count):
    shop = bought(f'define category paid "paid"\nscenario s {" ".join(triggers)} wait 30d send letter by email')
    assert shop.tick("06-01 13:00").started == count


def test_of_several_scenarios_each_hears_the_word_it_names_in_the_order_of_the_texts():
    texts = {
        "b": 'on order.status -> "paid"',
        "a": 'on order.status -> "new" | "paid"',
        "c": 'on order.status -> "sent"',
        "d": "on order created",
    }
    shop = bought("\n".join(f"scenario {name} {trigger} wait 30d send letter by email" for name, trigger in texts.items()))
    shop.tick("06-01 13:00")
    assert [row.scenario for row in shop.store.listing.journeys()] == ["d", "a", "b", "a", "c"]
