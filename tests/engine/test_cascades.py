"""What steps do starts others in the same tick, and a circle ends (`engine.md` §1)."""

from __future__ import annotations

from interpreter import tick
from tests.engine.house import House


def test_a_circle_ends_as_failed_and_the_others_go_on():
    shop = House("""
scenario ping
  on customer.ball changed where customer.ball = "ping"
  set customer.ball "pong"
scenario pong
  on customer.ball changed where customer.ball = "pong"
  set customer.ball "ping"
scenario letters
  on action "go"
  send letter by email
""")
    shop.customer("ann", "bob")
    shop.tick("06-01 10:00")
    shop.fact("06-01 11:00", "customer.edit", customer="ann", ball="ping")
    shop.go("06-01 11:00", "bob")
    report = shop.tick("06-01 11:00")
    assert report.failed_journeys == 1
    assert shop.journeys().count("ann failed (cycle)") == 1
    assert shop.journeys().count("ann finished") == tick.DEPTH
    assert shop.messages() == ["06-01 11:00 letter to bob"]
    assert shop.tick("06-01 11:01").facts == 0, "nothing of it is left over"


def test_a_long_chain_is_no_circle():
    one = "scenario s{0}\n  on customer.stage changed where customer.stage = {0}\n  set customer.stage {1}\n"
    shop = House("".join(one.format(number, number + 1) for number in range(60)))
    shop.customer("ann")
    shop.tick("06-01 10:00")
    shop.fact("06-01 11:00", "customer.edit", customer="ann", stage=0)
    report = shop.tick("06-01 11:00")
    assert report.failed_journeys == 0
    assert report.finished == 60


def test_a_scenario_that_sets_what_stops_another_one():
    shop = House("""
scenario nurture
  on action "go"
  stop on customer.stage changed
  wait 1d
  send nurture by email
scenario sales
  on action "call me"
  set customer.stage "sales"
""")
    shop.customer("ann")
    shop.tick("06-01 10:00")
    shop.go("06-01 11:00")
    shop.go("06-01 12:00", template="call me")
    shop.run("06-01 11:00", "06-03 00:00")
    assert shop.messages() == []
    assert shop.journeys() == ["ann stopped (exit)", "ann finished"]


def test_a_loop_over_messages_ends_too():
    shop = House('scenario echo\n  on message formed\n  send echo by email\nscenario first\n  on action "go"\n  send letter by email\n')
    shop.customer("ann")
    shop.tick("06-01 10:00")
    shop.go("06-01 11:00")
    report = shop.tick("06-01 11:00")
    assert report.failed_journeys == 1
    assert "ann failed (cycle)" in shop.journeys()


def test_erasing_a_customer_stops_his_journeys_and_nothing_is_sent_any_more():
    shop = House('scenario s on action "go" wait 1d send letter by email')
    shop.customer("ann", "bob")
    shop.tick("06-01 10:00")
    shop.go("06-01 11:00", "ann")
    shop.go("06-01 11:00", "bob")
    shop.fact("06-01 12:00", "customer.erase", customer="ann")
    shop.go("06-01 13:00", "ann")
    shop.run("06-01 11:00", "06-03 00:00")
    assert [(row.state, row.reason) for row in shop.store.listing.journeys()][:2] == [("stopped", "erased"), ("finished", None)]
    # What comes behind is about somebody new under the same id, of whom nothing is known.
    assert shop.messages() == ["06-02 11:00 letter to bob", "06-02 13:00 letter to ann skipped (unreachable)"]
