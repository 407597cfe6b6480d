"""Launches, pauses and what came before: `engine.md` §2, `domain.md` §3.7."""

from __future__ import annotations

import pytest

from tests.engine.house import House

SEND = 'scenario s on action "go" send letter by email'
WAIT = 'scenario s on action "go" wait 30m send letter by email'
NOTHING = 'scenario other on action "other" send other by email'


def paused(text: str) -> str:
    return text.replace("scenario s", "scenario s paused")


def test_facts_from_before_the_launch_start_nothing_and_are_counted():
    shop = House(SEND)
    shop.customer("ann")
    for hour in ("09", "10", "11"):
        shop.go(f"06-01 {hour}:00")
    report = shop.tick("06-01 12:00")
    assert report.refused == {"before_launch": 3}
    assert report.too_early == 3
    assert shop.messages() == []
    shop.go("06-01 12:05")
    assert shop.tick("06-01 12:06").refused == {}
    assert shop.messages() == ["06-01 12:06 letter to ann"]


def test_a_fact_received_at_the_launching_ticks_own_now_is_inside():
    shop = House(SEND)
    shop.customer("ann")
    shop.go("06-01 12:00")
    shop.tick("06-01 12:00")
    assert shop.messages() == ["06-01 12:00 letter to ann"]


def test_what_happened_before_the_launch_but_arrived_behind_it_is_inside():
    shop = House(WAIT)
    shop.customer("ann")
    shop.tick("06-01 12:00")
    shop.go("06-01 11:50", received="06-01 12:10")
    shop.run("06-01 12:01", "06-01 13:00")
    assert shop.messages() == ["06-01 12:20 letter to ann"]


def test_only_what_arrives_while_it_runs_starts_journeys():
    """Launched 12:52, stopped 12:59: only facts received in [12:52, 12:59) (`domain.md` §3.7)."""
    shop = House(SEND)
    shop.customer("ann", "bob", "cat", "dan", "eve")
    shop.go("06-01 12:51", "ann")
    shop.tick("06-01 12:52")
    shop.go("06-01 12:58", "bob")
    # No tick comes between the fact and the stop: it was received while the scenario ran.
    shop.edit(paused(SEND))
    shop.go("06-01 12:59", "cat")
    shop.go("06-01 13:00", "dan")
    shop.tick("06-01 12:59")
    shop.tick("06-01 13:00")
    assert shop.refused() == ["ann before_launch", "cat paused", "dan paused"]
    shop.edit(SEND)
    shop.go("06-01 13:10", "eve")
    shop.tick("06-01 13:10")
    assert shop.messages() == ["06-01 13:10 letter to bob", "06-01 13:10 letter to eve"]


def test_a_pause_is_no_new_launch_for_the_count_per_order():
    """Stop and relaunch do not reset the count (`domain.md` §3.6)."""
    shop = House('scenario s on order.status -> "delivered" send letter by email limit 1 per order')
    shop.customer("ann")
    shop.tick("05-05 00:00")
    text = 'scenario s on order.status -> "delivered" send letter by email limit 1 per order'
    shop.fact("05-07 10:00", "order.update", customer="ann", order={"id": 9, "status": "delivered"})
    shop.tick("05-07 10:00")
    shop.edit(text.replace("scenario s", "scenario s paused"))
    shop.tick("05-07 11:00")
    shop.edit(text)
    shop.tick("05-07 12:00")
    shop.fact("05-08 10:00", "order.update", customer="ann", order={"id": 9, "status": "returned"})
    shop.fact("05-09 10:00", "order.update", customer="ann", order={"id": 9, "status": "delivered"})
    shop.run("05-08 10:00", "05-10 00:00")
    assert shop.messages() == ["05-07 10:00 letter to ann"]


@pytest.mark.parametrize("text", [paused(WAIT), NOTHING], ids=["paused", "deleted"])
def test_who_waits_stays_put_and_goes_on_when_it_is_back(text):
    """The source ends the run whose wait ends meanwhile; here it stays put (`engine.md` §9)."""
    shop = House(WAIT)
    shop.customer("ann")
    shop.tick("06-01 12:00")
    shop.go("06-01 12:30")
    shop.tick("06-01 12:30")
    shop.edit(text)
    shop.run("06-01 12:45", "06-01 15:00")
    assert shop.messages() == []
    assert shop.journeys() == ["ann waiting 06-01 13:00"]
    shop.edit(WAIT)
    shop.run("06-01 15:05", "06-01 16:00")
    assert shop.messages() == ["06-01 15:05 letter to ann"]


def test_whose_relevance_ran_out_while_it_was_paused_has_expired():
    shop = House(WAIT)
    shop.customer("ann")
    shop.tick("06-01 12:00")
    shop.go("06-01 12:30")
    shop.tick("06-01 12:30")
    shop.edit(paused(WAIT))
    shop.tick("06-01 12:45")
    shop.edit(WAIT)
    shop.tick("06-03 12:45")
    assert shop.journeys() == ["ann stopped (expired)"]


def test_a_paused_scenario_still_notices_for_those_who_wait():
    text = 'scenario s on action "go" stop on action "stop" wait 1d send letter by email'
    shop = House(text)
    shop.customer("ann")
    shop.tick("06-01 12:00")
    shop.go("06-01 12:30")
    shop.tick("06-01 12:30")
    shop.edit(paused(text))
    shop.go("06-01 14:00", template="stop")
    shop.run("06-01 13:00", "06-01 15:00")
    assert shop.journeys() == ["ann stopped (exit)"]


def test_a_date_that_changes_while_it_is_paused_is_followed():
    text = "define field customer.renewal date scenario s on action go wait until customer.renewal send letter by email"
    text = text.replace("scenario", "\nscenario").replace("action go", 'action "go"')
    shop = House(text)
    shop.customer("ann", renewal="2024-06-10")
    shop.tick("06-01 12:00")
    shop.go("06-01 12:30")
    shop.tick("06-01 12:30")
    shop.edit(paused(text))
    shop.fact("06-02 10:00", "customer.edit", customer="ann", renewal="2024-06-12")
    shop.run("06-02 10:00", "06-03 00:00")
    assert shop.journeys() == ["ann waiting 06-12 00:00"]


def test_a_scenario_whose_first_tick_sees_it_paused_is_launched_when_it_is_not():
    shop = House(paused(SEND))
    shop.customer("ann")
    shop.tick("06-01 12:00")
    shop.go("06-01 12:30")
    assert shop.tick("06-01 12:30").refused == {"before_launch": 1}
    shop.edit(SEND)
    shop.go("06-01 13:00")
    shop.tick("06-01 13:00")
    assert shop.messages() == ["06-01 13:00 letter to ann"]


def test_whoever_waits_in_a_scenario_that_is_gone_is_stopped_by_its_exit():
    text = SEND.replace("send", 'stop on action "stop" wait 2d send')
    shop = House(text)
    shop.customer("ann")
    shop.tick("06-01 12:00")
    shop.go("06-01 12:30")
    shop.tick("06-01 12:30")
    shop.edit("segment nobody where customer.vip")
    shop.go("06-01 14:00", template="stop")
    shop.run("06-01 13:00", "06-01 15:00")
    assert shop.journeys() == ["ann stopped (exit)"]


@pytest.mark.example("T-C2")
@pytest.mark.parametrize("ticks", [["06-04 23:01", "06-05 12:00"], ["06-05 12:00"]])
def test_what_happened_to_an_order_counts_since_its_creation_however_late_the_tick(ticks):
    """The first transition came before the scenario was active; both may be in one batch."""
    shop = House(
        'define status order "new", "paid"\nscenario s on order.status -> "paid" active from 2024-06-05 to 2024-06-30 '
        "send letter by email limit 1 per order since created"
    )
    shop.customer("ann")
    shop.tick("06-01 12:00")
    for at, status in (("06-04 23:00", "paid"), ("06-05 10:00", "new"), ("06-05 11:00", "paid")):
        shop.fact(at, "order.update", customer="ann", order={"id": "9", "status": status})
    for at in ticks:
        shop.tick(at)
    assert shop.messages() == []
    assert shop.refused() == ["ann inactive", "ann limit"]


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("where", ["count(orders) > 0", "no message since start", "action.number > this.action.number"])
def test_what_is_listened_for_may_come_with_the_trigger(where, together):
    """In one batch of facts or in two, the filter sees the same."""
    shop = House(f'scenario s on action "go" stop on action "stop" where {where} wait 1d send letter by email')
    shop.customer("ann")
    shop.fact("06-01 00:00", "order.create", customer="ann", order={"id": "1"})
    shop.tick("06-01 12:00")
    shop.fact("06-01 12:30", "action.issue", customer="ann", template="go", number=1)
    if not together:
        shop.tick("06-01 12:30")
    shop.fact("06-01 12:30", "action.issue", customer="ann", template="stop", number=2)
    shop.tick("06-01 12:31")
    assert shop.journeys() == ["ann stopped (exit)"]


def test_a_fact_that_came_too_early_for_several_scenarios_is_counted_once():
    shop = House(SEND + "\n" + NOTHING.replace('"other" send', '"go" send'))
    shop.customer("ann")
    shop.go("06-01 09:00")
    assert shop.tick("06-01 12:00").too_early == 1


def test_what_came_before_the_launch_of_one_scenario_is_not_before_that_of_any():
    shop = House(NOTHING)
    shop.customer("ann")
    shop.tick("06-01 12:00")
    shop.go("06-01 12:05")
    shop.edit(SEND)
    report = shop.tick("06-01 12:10")
    assert (report.refused, report.too_early) == ({"before_launch": 1}, 0)
