"""Editing a scenario while customers wait: `engine.md` §6."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from interpreter.program import Scenario
from interpreter.rules import Rules
from tests.engine.house import House
from tests.engine.house import moment
from tests.engine.house import shown

CHAIN = """
scenario s
  on action "go"
  send first by email
  wait 3d
  send second by email
  wait 3d
  send third by email
"""

MOVED = """
scenario s
  on action "go"
  wait 3d
  send second by email
  wait 3d
  send third by email
  wait 1d
  send first by email
"""


def waiting_at_second(text: str = CHAIN) -> House:
    shop = House(text)
    shop.customer("ann")
    shop.tick("06-01 00:00")
    shop.go("06-01 10:00")
    shop.tick("06-01 10:00")
    return shop


def test_layout_and_comments_are_no_edit():
    shop = waiting_at_second()
    shop.edit("# a comment\n" + CHAIN.replace("\n  ", " "))
    shop.run("06-02 10:00", "06-30 00:00")
    assert shop.messages() == ["06-01 10:00 first to ann", "06-04 10:00 second to ann", "06-07 10:00 third to ann"]
    assert len({row.version for row in shop.store.listing.journeys()}) == 1
    assert len(shop.store.scenarios.versions()) == 1


def test_texts_that_nobody_waits_under_are_not_read_again(monkeypatch):
    shop = waiting_at_second()
    read = []
    compile_text = Rules.compile_text

    def watched(rules: Rules, name: str, text: str) -> Scenario:
        read.append(text)
        return compile_text(rules, name, text)

    for name in ("other", "another", "a_third"):
        shop.edit(CHAIN.replace("second", name))
        with monkeypatch.context() as patched:
            patched.setattr(Rules, "compile_text", watched)
            shop.tick("06-02 10:00")
    assert [next(name for name in ("second", "other", "another") if f"send {name}" in text) for text in read] == [
        "second",
        "other",
        "another",
    ]


def test_a_step_that_is_kept_carries_its_journeys_into_the_new_text():
    shop = waiting_at_second()
    shop.edit(CHAIN.replace("second", "other"))
    shop.run("06-02 10:00", "06-30 00:00")
    assert shop.messages() == ["06-01 10:00 first to ann", "06-04 10:00 other to ann", "06-07 10:00 third to ann"]


def test_a_wait_keeps_its_wake_time_and_the_next_one_has_its_new_length():
    shop = waiting_at_second()
    shop.edit(CHAIN.replace("wait 3d", "wait 5d"))
    shop.run("06-02 10:00", "06-30 00:00")
    assert shop.messages() == ["06-01 10:00 first to ann", "06-04 10:00 second to ann", "06-09 10:00 third to ann"]


def test_steps_before_it_are_not_done_for_who_is_past_them():
    shop = waiting_at_second()
    shop.edit(CHAIN.replace("  send first by email", "  send zeroth by email\n  wait 1d\n  send first by email"))
    shop.run("06-02 10:00", "06-30 00:00")
    assert shop.messages() == ["06-01 10:00 first to ann", "06-04 10:00 second to ann", "06-07 10:00 third to ann"]


def test_a_step_that_moved_behind_is_not_done_twice():
    shop = waiting_at_second()
    shop.edit(MOVED)
    shop.run("06-02 10:00", "06-30 00:00")
    assert shop.messages() == ["06-01 10:00 first to ann", "06-04 10:00 second to ann", "06-07 10:00 third to ann"]


def test_nor_after_a_second_edit():
    shop = waiting_at_second()
    shop.edit(MOVED)
    shop.tick("06-02 10:00")
    shop.edit(MOVED + "  wait 1d\n  send last by email\n")
    shop.run("06-02 11:00", "06-30 00:00")
    assert [message[12:] for message in shop.messages()] == ["first to ann", "second to ann", "third to ann", "last to ann"]


def test_who_stands_at_a_step_that_is_gone_finishes_under_the_old_text():
    shop = waiting_at_second()
    shop.edit('scenario s\n  on action "go"\n  send brand_new by email\n')
    shop.go("06-03 10:00")
    shop.run("06-02 10:00", "06-30 00:00")
    assert shop.messages() == [
        "06-01 10:00 first to ann",
        "06-03 10:00 brand_new to ann",
        "06-04 10:00 second to ann",
        "06-07 10:00 third to ann",
    ]


@pytest.mark.parametrize("listening", ['  stop on action "stop"\n', ""])
def test_who_finishes_under_an_old_text_listens_as_that_says(listening):
    shop = waiting_at_second(CHAIN.replace('  on action "go"\n', f'  on action "go"\n{listening}'))
    shop.edit('scenario s\n  on action "go"\n  send brand_new by email\n')
    shop.go("06-02 12:00", template="stop")
    shop.run("06-02 10:00", "06-30 00:00")
    rest = [] if listening else ["06-04 10:00 second to ann", "06-07 10:00 third to ann"]
    assert shop.messages() == ["06-01 10:00 first to ann", *rest]


def test_a_step_with_a_name_is_known_by_it():
    shop = waiting_at_second(CHAIN.replace("wait 3d\n  send second", "wait 3d as pause\n  send second"))
    shop.edit('scenario s\n  on action "go"\n  wait until 09:00 as pause\n  send other by email\n')
    shop.run("06-02 10:00", "06-30 00:00")
    assert shop.messages() == ["06-01 10:00 first to ann", "06-04 10:00 other to ann"]


def test_clauses_of_the_new_text_bind_who_waits():
    shop = waiting_at_second()
    shop.edit(CHAIN.replace('on action "go"', 'on action "go"\n  stop on action "stop"'))
    shop.go("06-02 10:00", template="stop")
    shop.run("06-02 10:00", "06-30 00:00")
    assert shop.messages() == ["06-01 10:00 first to ann"]
    assert shop.journeys() == ["ann stopped (exit)"]


@pytest.mark.parametrize(("before", "after", "sent"), [("1 per customer", "2 per customer", 2), ("2 per customer", "1 per customer", 1)])
def test_a_limit_that_is_changed_binds_who_waits_and_counters_survive(before, after, sent):
    """`domain.md` §4.1, rule 5"""
    text = 'scenario s on action "go" wait 1d send letter by email limit '
    shop = House(text + before)
    shop.customer("ann")
    shop.tick("06-01 00:00")
    shop.go("06-01 10:00")
    shop.go("06-01 11:00")
    shop.run("06-01 10:00", "06-02 10:30")
    shop.edit(text + after)
    shop.run("06-02 10:31", "06-03 00:00")
    assert len(shop.messages()) == sent


def test_formerly_carries_counters_and_waiting_journeys():
    text = 'scenario old\n  on action "go"\n  wait 1d\n  send letter by email\n  limit 1 per customer\n'
    shop = House(text)
    shop.customer("ann", "bob")
    shop.tick("06-01 00:00")
    shop.go("06-01 10:00", "ann")
    shop.run("06-01 10:00", "06-02 12:00")
    shop.go("06-02 13:00", "bob")
    shop.tick("06-02 13:00")
    shop.edit(text.replace("scenario old", "scenario new\n  formerly old"))
    shop.go("06-03 10:00", "ann")
    shop.run("06-02 14:00", "06-10 00:00")
    assert shop.messages() == ["06-02 10:00 letter to ann", "06-03 13:00 letter to bob"]
    assert {row.scenario for row in shop.store.listing.journeys()} == {"new"}


def test_without_formerly_another_name_is_another_scenario():
    text = 'scenario old\n  on action "go"\n  wait 1d\n  send letter by email\n  limit 1 per customer\n'
    shop = House(text)
    shop.customer("ann")
    shop.tick("06-01 00:00")
    shop.go("06-01 10:00")
    shop.tick("06-01 10:00")
    shop.edit(text.replace("scenario old", "scenario new"))
    shop.tick("06-01 12:00")
    shop.go("06-01 13:00")
    shop.run("06-01 13:00", "06-10 00:00")
    assert shop.messages() == ["06-02 13:00 letter to ann"], "who waits in the old one stays put"


def test_an_edit_and_back_again():
    shop = waiting_at_second()
    shop.edit(CHAIN.replace("second", "other"))
    shop.tick("06-02 00:00")
    shop.edit(CHAIN)
    shop.run("06-03 00:00", "06-30 00:00")
    assert shop.messages() == ["06-01 10:00 first to ann", "06-04 10:00 second to ann", "06-07 10:00 third to ann"]


def test_a_wait_for_an_event_carries_over():
    text = """
scenario s
  on action "go"
  wait up to 3d for action "yes" { send agreed by email } else { send silent by email }
"""
    shop = waiting_at_second(text)
    shop.edit(text.replace("send agreed", "send glad").replace("3d", "9d"))
    shop.go("06-02 10:00", template="yes")
    shop.run("06-02 09:00", "06-30 00:00")
    assert shop.messages() == ["06-02 10:00 glad to ann"]


def test_a_schedule_is_kept_over_an_edit_of_something_else():
    text = "scenario s\n  every day at 10:00\n  send letter by email\n"
    shop = House(text)
    shop.customer("ann")
    shop.tick("06-01 09:00")
    shop.run("06-01 09:01", "06-01 12:00")
    shop.edit(text.replace("letter", "other"))
    shop.run("06-01 13:00", "06-02 12:00")
    assert shop.messages() == ["06-01 10:00 letter to ann", "06-02 10:00 other to ann"]


def test_an_edit_does_not_swallow_a_pass_that_was_due():
    """cron was down over the pass, and the file was edited meanwhile"""
    text = "scenario s\n  every day at 10:00\n  send letter by email\n"
    shop = House(text)
    shop.customer("ann")
    shop.tick("06-01 09:00")
    shop.edit(text.replace("letter", "other"))
    shop.tick("06-01 10:05")
    assert shop.messages() == ["06-01 10:05 other to ann"]


STEPS = ("send a by email", "send b by email", "send c by email", "wait 1d", "wait 2d", "wait 3d as pause", "if reachable email")


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A chain in which no letter stands twice."""
    steps = draw(st.permutations(STEPS))[: draw(st.integers(1, len(STEPS)))]
    branch = draw(st.sampled_from(["", "  if customer.vip { send d by email wait 1d } else { wait 1d send e by email }\n"]))
    return 'scenario s\n  on action "go"\n' + branch + "".join(f"  {step}\n" for step in steps)


@settings(max_examples=30)
@given(edits=st.lists(texts(), min_size=2, max_size=5), every=st.sampled_from([6, 24, 30]))
def test_over_any_edits_nobody_is_lost_and_nobody_is_sent_twice(edits, every):
    shop = House(edits[0])
    shop.customer("ann", "bob", vip=False)
    shop.customer("cat", vip=True)
    shop.tick("06-01 00:00")
    start = moment("06-01 00:00")
    for hour, customer in ((9, "ann"), (20, "bob"), (23, "cat")):
        shop.go(f"06-01 {hour:02}:00", customer)
    for number, text in enumerate(edits):
        shop.edit(text)
        for _ in shop.engine.run_until(start + number * every * 3600, start + (number + 1) * every * 3600 - 60):
            pass
    for _ in shop.engine.run_until(start + len(edits) * every * 3600, moment("07-10 00:00")):
        pass
    sent = [(row.journey, row.template) for row in shop.store.listing.messages()]
    assert len(sent) == len(set(sent))
    assert [row.state for row in shop.store.listing.journeys()] == ["finished"] * 3


def test_a_rename_keeps_the_arms_and_what_is_listed():
    arms = "    50% red {{ send a by email }}\n    50% blue {{ send b by email }}\n"
    text = 'scenario {}\n  on action "go"\n{}  split colour {{\n' + arms + "  }}\n"
    shop = House(text.format("old", ""))
    customers = [f"c{number}" for number in range(12)]
    shop.customer(*customers)
    shop.tick("06-01 00:00")
    for customer in customers:
        shop.go("06-01 10:00", customer)
    shop.tick("06-01 10:00")
    shop.edit(text.format("new", "  formerly old\n"))
    for customer in customers:
        shop.go("06-02 10:00", customer)
    shop.tick("06-02 10:00")
    letters: dict[str, list[str]] = {}
    for row in shop.store.listing.messages(scenario="new"):
        letters.setdefault(row.customer, []).append(row.template)
    assert sorted({tuple(sent) for sent in letters.values()}) == [("a", "a"), ("b", "b")]
    assert len(letters) == 12


RENAMED = """
scenario r
  on action "go"
  formerly s
  send other by email
"""


def test_who_finishes_under_an_old_text_is_listed_under_the_new_name():
    shop = waiting_at_second()
    shop.edit(RENAMED)
    shop.run("06-02 10:00", "06-30 00:00")
    assert {row.scenario for row in shop.store.listing.messages()} == {"r"}
    assert {row.scenario for row in shop.store.listing.journeys()} == {"r"}


def test_a_goal_written_while_they_wait_counts_for_them():
    shop = waiting_at_second()
    shop.edit(CHAIN.replace('"go"', '"go"\n  goal action "pay" within 9d', 1))
    shop.run("06-02 10:00", "06-03 00:00")
    shop.go("06-09 10:00", template="pay")
    shop.run("06-03 00:00", "06-30 00:00")
    assert [shown(row.goal_at) for row in shop.store.listing.journeys() if row.goal_at] == ["06-09 10:00"]


def test_a_goal_made_longer_while_they_wait_is_so_also_behind_their_end():
    goal = CHAIN.replace('"go"', '"go"\n  goal action "pay" within 1d', 1)
    shop = waiting_at_second(goal)
    shop.edit(goal.replace("within 1d", "within 20d"))
    shop.run("06-02 10:00", "06-10 00:00")
    shop.go("06-20 10:00", template="pay")
    shop.run("06-10 00:00", "06-30 00:00")
    assert [shown(row.goal_at) for row in shop.store.listing.journeys() if row.goal_at] == ["06-20 10:00"]


def test_a_limit_per_scenario_written_later_counts_from_the_launch():
    shop = waiting_at_second()
    shop.customer("bob")
    shop.edit(CHAIN + "  limit 1 per scenario\n")
    shop.go("06-02 10:00", customer="bob")
    shop.run("06-02 10:00", "06-30 00:00")
    assert [line for line in shop.messages() if "bob" in line] == []
    assert "bob stopped (limit)" in shop.journeys()


ASKED = """
scenario s
  on action "go"
  wait up to 3d for action "yes"
  send thanks by email
"""
PAUSED = """
scenario s
  on action "go"
  paused
"""


def test_an_event_in_a_pause_is_noticed_and_the_journey_stays_put_until_the_text_is_back():
    """The wait was taken out with the pause and came back with more behind it: the journey still stands at it."""
    shop = waiting_at_second(ASKED)
    shop.edit(PAUSED)
    shop.tick("06-02 00:00")
    shop.go("06-02 10:00", template="yes")
    shop.run("06-02 00:00", "06-02 12:00")
    assert shop.journeys() == ["ann held 06-02 10:00"]
    shop.edit(ASKED.replace("thanks", "many_thanks"))
    shop.run("06-02 18:00", "06-30 00:00")
    assert shop.messages() == ["06-02 18:00 many_thanks to ann"]


def test_an_event_in_a_long_pause_comes_too_late():
    shop = waiting_at_second(ASKED.replace("  send thanks by email\n", ""))
    shop.edit(PAUSED)
    shop.tick("06-02 00:00")
    shop.go("06-02 10:00", template="yes")
    shop.run("06-02 00:00", "06-02 12:00")
    shop.edit(ASKED)
    shop.run("06-03 10:01", "06-30 00:00")
    assert shop.journeys() == ["ann stopped (expired)"]


def test_a_wait_that_an_event_ended_in_a_pause_is_over_whatever_its_new_filter_asks():
    text = ASKED.replace('"yes"', '"yes" quiet 23:00-23:30')
    shop = waiting_at_second(text)
    shop.edit(text.replace('"go"', '"go"\n  paused', 1))
    shop.tick("06-02 00:00")
    shop.go("06-02 10:00", template="yes")
    shop.run("06-02 00:00", "06-02 12:00")
    shop.edit(text.replace('"yes"', '"yes" where customer.vip'))
    shop.run("06-02 18:00", "06-30 00:00")
    assert shop.messages() == ["06-02 18:00 thanks to ann"]


TWO_WAYS = """
scenario s
  on action "go"
  if customer.vip { send gold by email call crm } else { send plain by email wait 1d }
  wait 3d as pause
  send last by email
"""


def test_a_letter_of_a_branch_that_was_not_taken_is_sent_when_it_moves_behind():
    shop = waiting_at_second(TWO_WAYS)
    shop.run("06-01 11:00", "06-03 00:00")
    behind = "  send last by email\n  wait 1d\n  send plain by email\n  send gold by email\n"
    shop.edit('scenario s\n  on action "go"\n  wait 3d as pause\n' + behind)
    shop.run("06-03 10:00", "06-30 00:00")
    assert shop.messages() == ["06-01 10:00 plain to ann", "06-05 10:00 last to ann", "06-06 10:00 gold to ann"]


def test_a_call_of_the_other_branch_is_made_when_it_moves_behind():
    shop = waiting_at_second(TWO_WAYS)
    shop.edit('scenario s\n  on action "go"\n  wait 1d\n  call crm\n')
    shop.run("06-01 11:00", "06-30 00:00")
    assert [(shown(row.at), row.template) for row in shop.store.listing.messages() if row.kind == "call"] == [("06-02 10:00", "crm")]


def test_a_call_that_may_have_been_made_before_a_branch_closed_is_not_made_twice():
    """Of a call nothing is kept by which it is known who made it: one on a way that leads here counts as made."""
    shop = House(TWO_WAYS)
    shop.customer("ann", vip=False)
    shop.customer("bob", vip=True)
    shop.tick("06-01 00:00")
    shop.go("06-01 10:00", "ann")
    shop.go("06-01 10:00", "bob")
    shop.run("06-01 10:00", "06-03 00:00")
    shop.edit('scenario s\n  on action "go"\n  wait 3d as pause\n  call crm\n')
    shop.run("06-03 10:00", "06-30 00:00")
    assert [row.customer for row in shop.store.listing.messages() if row.kind == "call"] == ["bob"]


def test_a_letter_written_before_their_place_and_then_behind_it_is_sent_once():
    shop = waiting_at_second()
    shop.edit(CHAIN.replace("  send first by email", "  send zeroth by email\n  send first by email"))
    shop.tick("06-02 10:00")
    shop.edit(CHAIN + "  send zeroth by email\n  send first by email\n")
    shop.run("06-02 11:00", "06-30 00:00")
    assert [message[12:] for message in shop.messages()] == ["first to ann", "second to ann", "third to ann", "zeroth to ann"]


def test_a_letter_that_was_withheld_was_done_all_the_same():
    shop = House(CHAIN)
    shop.customer("ann", subscribed=[])
    shop.tick("06-01 00:00")
    shop.go("06-01 10:00")
    shop.tick("06-01 10:00")
    shop.fact("06-02 00:00", "customer.edit", customer="ann", subscribed=["email"])
    shop.edit(MOVED)
    shop.run("06-02 10:00", "06-30 00:00")
    assert [message[12:] for message in shop.messages()] == ["first to ann skipped (no_consent)", "second to ann", "third to ann"]


def test_what_stands_once_more_in_a_branch_out_of_reach_is_not_done_twice():
    shop = waiting_at_second(
        'scenario s\n  on action "go"\n  send hello by email\n'
        "  if customer.vip is not set { wait 3d as pause send plain by email } else { send hello by email }\n"
    )
    shop.edit('scenario s\n  on action "go"\n  wait 3d as pause\n  send hello by email\n  send plain by email\n')
    shop.run("06-02 10:00", "06-30 00:00")
    assert shop.messages() == ["06-01 10:00 hello to ann", "06-04 10:00 plain to ann"]


def test_who_is_carried_is_asked_for_messages_some_at_a_time(monkeypatch):
    monkeypatch.setattr("interpreter.store.journeys.TOGETHER", 2)
    shop = House(CHAIN)
    names = [f"c{number}" for number in range(7)]
    shop.customer(*names)
    shop.tick("06-01 00:00")
    for name in names:
        shop.go("06-01 10:00", name)
    shop.tick("06-01 10:00")
    shop.edit(MOVED)
    shop.run("06-02 10:00", "06-30 00:00")
    assert sorted(message[12:] for message in shop.messages()) == sorted(
        f"{letter} to {name}" for letter in ("first", "second", "third") for name in names
    )


@pytest.mark.parametrize(
    ("listened", "fact"),
    [
        ('product sold_out in list "w"', {"op": "product.update", "product": {"id": "P", "available": False}}),
        ('product.badge changed in list "w"', {"op": "product.update", "product": {"id": "P", "badge": "new"}}),
        (
            'product bought where product.name = "Tea"',
            {"op": "order.create", "customer": "ann", "order": {"id": 1, "lines": [{"product": "P", "status": "delivered"}]}},
        ),
    ],
)
def test_a_journey_under_an_old_text_hears_of_products_too(listened, fact):
    """Of products it is looked up only where somebody listens whom a change concerns."""
    text = f'define list "w"\nscenario s\n  on product added to list "w"\n  stop on {listened}\n  wait 2d\n  send letter by email\n'
    shop = House(text)
    shop.customer("ann")
    shop.tick("06-01 09:00")
    shop.fact("06-01 10:00", "product.update", product={"id": "P", "available": True, "name": "Tea"})
    shop.fact("06-01 10:00", "list.add", customer="ann", list="w", product="P")
    shop.tick("06-01 10:00")
    assert shop.journeys() == ["ann waiting 06-03 10:00"]
    shop.edit('define list "w"\nscenario s\n  on product added to list "w"\n  if subscribed email\n  send other by email\n')
    shop.fact("06-01 12:00", **fact)
    shop.tick("06-01 12:00")
    assert shop.journeys() == ["ann stopped (exit)"]
