"""What a test in the language means: when its facts come in, how far its clock runs, what meets an expectation."""

from __future__ import annotations

import pytest

from tests.interpreter.timelines import REVIEW
from tests.interpreter.timelines import failures
from tests.interpreter.timelines import reasons
from tests.interpreter.timelines import run

ANN = 'customer ann { email: "ann@example.com", first_name: "Ann", subscribed: [email] }'
SHIPPED = '2026-03-01 23:30  order 17 of ann { status: "shipped", total: 1200 }'


def wrong(folder, *lines, scenario=REVIEW):
    """`line: sentence`, counted from the first line given."""
    text = 'test "t" {\n' + "".join(f"  {line}\n" for line in lines) + "}\n"
    found = [sentence.partition(": ") for sentence in failures(folder, text, scenario)]
    return [f"{int(line) - 1}: {sentence}" for line, _, sentence in found]


def test_the_test_of_the_contract(folder, program):
    """
    scenario review_request
      on order.status -> "shipped"
      quiet 22:00-09:00
      wait 7d
      if subscribed email
      send letter
      limit 1 per customer

    test "a night delivery waits for the morning" {
      customer ann { email: "ann@example.com", subscribed: [email] }
      2026-03-01 23:30  order 17 of ann { status: "shipped" }
      2026-03-09 09:00  expect send letter to ann by email
      expect nothing else
    }
    """
    result = run(folder, program)[0]
    assert (result.passed, result.path, result.line, result.title) == (True, "a.scn", 9, "a night delivery waits for the morning")


# ------------------------------------------------------------------------------------------------------------- times


def test_times_are_in_the_project_zone_or_have_their_offset(folder):
    assert not wrong(folder, ANN, SHIPPED, "2026-03-09 09:00 expect send letter to ann", "2026-03-09 06:00Z expect nothing")
    assert not wrong(
        folder, ANN, "2026-03-01 15:30-05:00 order 17 of ann { status: shipped }", "2026-03-09 09:00 expect send letter to ann"
    )


def test_a_length_counts_from_the_line_before_and_a_time_is_on_its_day(folder):
    assert not wrong(
        folder, ANN, '2026-03-01 10:00 order 17 of ann { status: "shipped" }', "+6d expect nothing", "+1d expect send letter to ann"
    )
    assert not wrong(
        folder,
        ANN,
        '2026-03-01 10:00 order 17 of ann { status: "shipped" }',
        '11:00 order 18 of ann { status: "new" }',
        "+7d expect nothing",
        scenario=REVIEW.replace("wait 7d", "wait 8d"),
    )


def test_an_expectation_matches_the_minute(folder):
    assert not wrong(folder, ANN, '2026-03-01 10:00:20 order 17 of ann { status: "shipped" }', "2026-03-08 10:01 expect send letter to ann")
    assert not wrong(folder, ANN, '2026-03-01 10:00:20 order 17 of ann { status: "shipped" }', "+7d expect send letter to ann")
    assert wrong(folder, ANN, '2026-03-01 10:00 order 17 of ann { status: "shipped" }', "2026-03-08 10:01 expect send letter to ann") == [
        "3: expected send letter to ann at 2026-03-08 10:01, found it at 2026-03-08 10:00"
    ]


def test_a_fact_may_arrive_late(folder):
    """T is the event's own date: a week later is past when the fact arrives (T-R1)."""
    late = '2026-03-01 10:00 order 17 of ann received 2026-03-08 15:00 { status: "shipped" }'
    assert not wrong(folder, ANN, late, "2026-03-08 15:00 expect send letter to ann", "expect nothing else")
    later = '2026-03-01 10:00 order 17 of ann received +10d { status: "shipped" }'
    assert not wrong(folder, ANN, later, "expect ann stopped in review because expired")


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (("09:00 expect nothing",), "1: there is no line with a date before this one to count from"),
        (("+1d expect nothing",), "1: there is no line with a date before this one to count from"),
        (("09:00 expect nothing", "10:00 expect nothing", SHIPPED), "1: there is no line with a date before this one to count from"),
        ((ANN, SHIPPED, "09:00 expect nothing"), "3: 2026-03-01 09:00 is before the line above, 2026-03-01 23:30"),
        (
            (ANN, SHIPPED, "order 18 of ann { status: new }"),
            "3: a fact without a time is the state before the launch: it stands before all lines with a time",
        ),
        ((ANN,), "0: no line of this test has a time, so nothing can happen in it"),
        ((ANN, "2026-03-01 10:00 order 17 of ann received 2026-02-01 { status: new }"), "2: a fact cannot arrive before it happens"),
        ((ANN, "0001-01-01 00:00 expect nothing"), "2: expected a time between the years 1900 and 2200"),
        ((ANN, SHIPPED, "+99y expect nothing", "+99y expect nothing"), "4: expected a time between the years 1900 and 2200"),
        (("customer ann received 2026-02-01 { }", SHIPPED), "1: a fact from before the launch arrives before the launch"),
    ],
)
def test_what_is_wrong_with_times(folder, lines, sentence):
    assert wrong(folder, *lines) == [sentence]


def test_one_time_that_goes_back_is_one_mistake(folder):
    lines = (ANN, SHIPPED, "2026-02-01 10:00 expect nothing", "2026-02-02 10:00 expect nothing")
    assert wrong(folder, *lines) == ["3: 2026-02-01 10:00 is before the line above, 2026-03-01 23:30"]


def test_the_same_thing_many_times_is_said_once(folder):
    scenario = "scenario weekly\n  every monday at 10:00\n  if subscribed email\n  send news\n"
    assert wrong(folder, ANN, "2026-03-01 10:00 expect nothing", "2026-04-01 10:00 expect nothing else", scenario=scenario) == [
        "3: expected nothing else, found send news to ann by email (5 times)"
    ]


# ------------------------------------------------------------------------------------------------------------- facts


def test_facts_without_a_time_start_nothing_but_are_history(folder):
    scenario = REVIEW.replace("  limit", "  if no order within 3d\n  limit") + "\n"
    asked = scenario.replace("if no order within 3d\n", "").replace("send letter", "if at least 2 orders\n  send letter")
    before = 'order 5 of ann { status: "shipped", at: 2026-02-27 }'
    assert not wrong(folder, ANN, before, SHIPPED, "2026-03-09 09:00 expect send letter to ann", "expect nothing else", scenario=asked)
    assert wrong(folder, ANN, SHIPPED, "2026-03-09 09:00 expect send letter to ann", scenario=asked)


def test_occurrences_from_before_the_launch_count_since_the_order_was_created(folder):
    scenario = 'scenario review\n  on order.status -> "shipped"\n  send letter by email\n  limit 1 per order since created\n'
    again = '2026-03-01 10:00 order 17 of ann { status: "new" }', '2026-03-02 10:00 order 17 of ann { status: "shipped" }'
    assert not wrong(folder, ANN, *again, "2026-03-02 10:00 expect send letter to ann", scenario=scenario)
    before = 'order 17 of ann { status: "shipped", at: 2026-02-01 }'
    assert not wrong(folder, ANN, before, *again, "expect ann stopped in review because limit", "expect nothing else", scenario=scenario)


def test_every_other_operation_by_its_name(folder):
    scenario = 'scenario quiz\n  on action "quiz_done"\n  if subscribed email\n  send news\n'
    lines = (ANN, "2026-03-01 10:00 action.issue of ann { template: quiz_done }")
    assert not wrong(folder, *lines, "10:00 expect send news to ann", scenario=scenario)
    unsubscribed = "09:00 subscription.set of ann { channel: email, status: unsubscribed }"
    first, second = lines[0], lines[1].replace("2026-03-01 ", "")
    moved = unsubscribed.replace("09:00", "2026-03-01 09:00")
    assert not wrong(folder, first, moved, second, "10:00 expect ann stopped in quiz because condition", scenario=scenario)


def test_a_bad_fact_fails_its_test_with_its_place(folder):
    assert wrong(folder, "customer ann { email: 12 }", SHIPPED.replace("1200", '"a"')) == [
        "1: email: expected text, found 12",
        '2: order.total: expected a number, found "a"',
    ]
    assert wrong(folder, "customer ann", "2026-03-01 10:00 segment.add of ann { segment: 5 }") == ["2: segment: expected text, found 5"]


def test_a_customer_nobody_spoke_of_is_a_mistake(folder):
    assert wrong(folder, ANN, SHIPPED, "+7d expect send letter to anna") == ["3: no fact of this test is about the customer `anna`"]


def test_names_that_do_not_exist_fail_their_test_only(folder):
    text = REVIEW + f'test "good" {{\n  {ANN}\n  {SHIPPED}\n  +1d expect nothing\n}}\n'
    text += f'test "bad" {{\n  {ANN}\n  {SHIPPED}\n  +1d expect ann stopped in revew because nonsense\n}}\n'
    good, bad = run(folder, text)
    assert good.passed
    assert [one.message for one in bad.failures] == ["unknown scenario `revew`", "unknown reason `nonsense`"]


# ------------------------------------------------------------------------------------------------------ expectations


def test_what_is_sent_and_nobody_speaks_of_is_fine(folder):
    assert not wrong(
        folder, ANN, SHIPPED, "2026-03-09 09:00 expect send letter to ann", scenario=REVIEW.replace("send letter", "send letter send news")
    )


def test_nothing_is_since_the_line_before(folder):
    scenario = REVIEW.replace("send letter", "send letter\n  wait 1d\n  send news")
    lines = (ANN, '2026-03-01 10:00 order 17 of ann { status: "shipped" }', "+7d expect send letter to ann")
    assert not wrong(folder, *lines, "+23h expect nothing", "+1h expect send news to ann", scenario=scenario)
    assert wrong(folder, *lines, "+24h expect nothing", scenario=scenario) == ["4: expected nothing, found send news to ann by email"]
    assert wrong(folder, lines[0], lines[1], "+8d expect nothing", scenario=scenario) == [
        "3: expected nothing, found send letter to ann by email, send news to ann by email"
    ]


def test_nothing_without_a_time_is_until_the_next_line_or_the_end(folder):
    lines = (ANN, '2026-03-01 10:00 order 17 of ann { status: "shipped" }')
    assert not wrong(folder, *lines, "expect nothing", "2026-03-08 10:00 expect send letter to ann")
    assert wrong(folder, *lines, "expect nothing", "2026-03-08 10:01 expect nothing") == [
        "3: expected nothing, found send letter to ann by email",
        "4: expected nothing, found send letter to ann by email",
    ]
    assert wrong(folder, *lines, "expect nothing") == ["3: expected nothing, found send letter to ann by email"]


def test_nothing_else_is_until_nobody_waits_any_more(folder):
    """A second letter a hundred days later is something else."""
    scenario = REVIEW.replace("send letter", "send letter\n  wait 100d\n  send news")
    lines = (ANN, SHIPPED, "2026-03-09 09:00 expect send letter to ann")
    assert wrong(folder, *lines, "expect nothing else", scenario=scenario) == ["4: expected nothing else, found send news to ann by email"]
    assert not wrong(folder, *lines, "2026-06-01 expect nothing else", scenario=scenario), "with a time it is up to that time"


def test_after_the_last_line_every_starts_nobody(folder):
    """Else no test of a schedule could say `nothing else`."""
    scenario = "scenario weekly\n  every monday at 10:00\n  wait 9d\n  if subscribed email\n  send news\n"
    lines = (ANN, "2026-03-02 10:00 expect nothing", "2026-03-11 10:00 expect send news to ann")
    assert wrong(folder, *lines, "expect nothing else", scenario=scenario) == [
        "4: expected nothing else, found send news to ann by email"
    ], "that of the 9th, on the 18th; those of later Mondays would go on for ever"
    assert not wrong(folder, *lines, "2026-03-18 10:00 expect send news to ann", "2026-03-20 expect nothing", scenario=scenario)


def test_skips_are_something_and_stops_are_not(folder):
    scenario = REVIEW.replace("  if subscribed email\n", "").replace("send letter", "send letter by email")
    bob = "customer ann { }"
    assert not wrong(
        folder, bob, SHIPPED, "2026-03-09 09:00 expect skip letter to ann because unreachable", "expect nothing else", scenario=scenario
    )
    assert wrong(folder, bob, SHIPPED, "expect nothing else", scenario=scenario) == [
        "3: expected nothing else, found skip letter to ann because unreachable"
    ]
    assert not wrong(folder, bob, SHIPPED, "expect nothing else")
    assert not wrong(folder, bob, SHIPPED, "2026-03-09 09:00 expect ann stopped in review because condition")


def test_values_that_are_set(folder):
    scenario = REVIEW.replace("send letter", 'send letter\n  set order.status "asked"')
    lines = (ANN, SHIPPED, "2026-03-09 09:00 expect send letter to ann")
    assert not wrong(folder, *lines, '09:00 expect set order 17 status "asked"', "expect nothing else", scenario=scenario)
    assert not wrong(folder, *lines, "09:00 expect set order 17 order.status asked", scenario=scenario)
    assert wrong(folder, *lines, "expect nothing else", scenario=scenario) == [
        '4: expected nothing else, found set order 17 status "asked"'
    ]
    assert wrong(folder, *lines, '09:00 expect set order 17 status "new"', scenario=scenario) == [
        '4: expected set order 17 status "new" at 2026-03-09 09:00, found set order 17 status "asked"'
    ]


def test_a_goal(folder):
    scenario = REVIEW.replace("  quiet", "  goal order created within 30d\n  quiet")
    lines = (ANN, SHIPPED, "2026-03-09 09:00 expect send letter to ann")
    bought = '2026-03-20 12:00 order 18 of ann { status: "new" }'
    assert not wrong(folder, *lines, bought, "12:00 expect goal of review by ann", scenario=scenario)
    assert wrong(folder, *lines, "expect goal of review by ann", scenario=scenario) == ["4: expected goal of review by ann, found nothing"]


def test_a_letter_is_filled_in_and_read(folder):
    lines = (ANN, SHIPPED)
    assert not wrong(folder, *lines, '2026-03-09 09:00 expect send letter to ann containing "Hello Ann, order 17"')
    assert not wrong(folder, *lines, '2026-03-09 09:00 expect send letter to ann containing "How was it?"')
    assert wrong(folder, *lines, '2026-03-09 09:00 expect send letter to ann containing "order 18"') == [
        '3: expected send letter to ann containing "order 18" at 2026-03-09 09:00, found it without that text'
    ]


def test_the_more_an_expectation_says_the_earlier_it_chooses(folder):
    two = REVIEW.replace("limit 1", "limit 2")
    orders = '2026-03-01 10:00 order 17 of ann { status: "shipped" }', '10:00 order 18 of ann { status: "shipped" }'
    sent = "+7d expect send letter to ann", '+0m expect send letter to ann containing "order 17"'
    assert not wrong(folder, ANN, *orders, *sent, "expect nothing else", scenario=two)


def test_a_template_that_cannot_be_filled_in_fails_the_test(folder):
    text = REVIEW + f'test "t" {{\n  {ANN}\n  {SHIPPED}\n  2026-03-10 expect nothing\n}}\n'
    result = run(folder, text, more={"templates/letter/email.txt": "Hello {{ order.total.lacking.more }}\n"})[0]
    assert [one.message for one in result.failures] == ["ann stopped in review because template, which this test does not expect"]
    assert "email.txt:1" in result.failures[0].reasons[0]
    expected = text.replace("2026-03-10 expect nothing", "2026-03-09 09:00 expect ann stopped in review because template")
    assert run(folder, expected, more={"templates/letter/email.txt": "Hello {{ order.total.lacking.more }}\n"})[0].passed


def test_a_template_that_is_not_there_yet_goes_out_empty(folder):
    result = run(
        folder,
        REVIEW.replace("letter", "unwritten") + f'test "t" {{\n  {ANN}\n  {SHIPPED}\n  2026-03-09 09:00 expect send unwritten to ann\n}}\n',
    )[0]
    assert result.passed
    assert result.missing_templates == {"unwritten"}


def test_arms_and_the_control_group_are_fixed_by_the_test(folder):
    scenario = REVIEW.replace("  send letter", "  split which { 50% long { send letter } 50% short { send news } }").replace(
        "  quiet", "  holdout 90%\n  quiet"
    )
    for arm, template in (("long", "letter"), ("short", "news")):
        assert not wrong(
            folder, ANN, f"ann takes {arm} in which", SHIPPED, f"2026-03-09 09:00 expect send {template} to ann", scenario=scenario
        )
    held = "ann in holdout of review", "ann takes long in which"
    assert not wrong(
        folder, ANN, *held, SHIPPED, "2026-03-09 09:00 expect skip letter to ann because holdout", "expect nothing else", scenario=scenario
    )


def test_a_scenario_may_start_with_a_message_that_was_sent(folder):
    scenario = REVIEW + "scenario after\n  on message letter sent\n  wait 1d\n  if subscribed email\n  send news\n"
    lines = (ANN, SHIPPED, "2026-03-09 09:00 expect send letter to ann", "2026-03-10 09:00 expect send news to ann", "expect nothing else")
    assert not wrong(folder, *lines, scenario=scenario)


def test_tests_know_nothing_of_each_other(folder):
    text = "".join(f'test "{number}" {{\n  {ANN}\n  {SHIPPED}\n  2026-03-09 09:00 expect send letter to ann\n}}\n' for number in range(3))
    assert [result.passed for result in run(folder, REVIEW + text)] == [True, True, True]


# ----------------------------------------------------------------------------------------------------------- reasons


def test_a_schedule_that_no_line_waits_for_is_said_to_start_nobody(folder):
    scenario = "scenario daily\n  every day at 10:00\n  if subscribed email\n  send letter by email\n  limit 1 per customer\n"
    text = f'{scenario}test "t" {{\n  {ANN}\n'
    told = "nothing started daily (a.scn:1:10) for ann; it starts `every day at 10:00`"
    late = ", and `every` starts nobody after the last line with a time"
    shipped = SHIPPED.replace("23:30", "12:00")
    assert reasons(folder, f"{text}  {shipped}\n  expect send letter to ann\n}}\n", "") == [told + late]
    assert reasons(folder, f"{text}  {shipped}\n  13:00  expect send letter to ann\n}}\n", "") == [told]


def test_why_something_did_not_happen(folder):
    text = 'test "t" {{\n  {ann}\n  {fact}\n  2026-03-09 09:00  expect send letter to ann\n}}\n'

    def why(ann=ANN, fact=SHIPPED, scenario=REVIEW):
        return reasons(folder, text.format(ann=ann, fact=fact), scenario)

    assert why(ann='customer ann { email: "ann@example.com" }') == [
        "2026-03-09 09:00: ann stopped in review: condition `subscribed email` (a.scn:6:3) saw subscribed email = no_consent"
    ]
    assert why(fact=SHIPPED.replace("shipped", "new")) == [
        'nothing started review (a.scn:1:10) for ann; it starts `on order.status -> "shipped"`'
    ]
    assert why(scenario=REVIEW.replace('"shipped"', '"shipped" where order.total >= 5000')) == [
        "2026-03-01 23:30: review was not started for ann: `where order.total >= 5000` (a.scn:2:38) saw order.total = 1200"
    ]
    assert why(scenario=REVIEW.replace("7d", "30d")) == [
        "2026-04-01 09:00: came from `send letter` (a.scn:7:3)",
        "2026-03-31 23:30: was held at `wait 30d` (a.scn:4:3) until 2026-04-01 09:00 because of quiet hours",
    ]
    assert why(scenario=REVIEW.replace("7d", "500d")) == ["ann waits in review at `wait 500d` (a.scn:4:3) until 2027-07-14 23:30"]
    assert why(scenario=REVIEW.replace("  quiet", "  paused\n  quiet")) == ["review (a.scn:1:10) is paused"]
    assert why(scenario=REVIEW.replace("22:00-09:00", "22:00-08:00"))[1:] == [
        "2026-03-08 23:30: was held at `wait 7d` (a.scn:4:3) until 2026-03-09 08:00 because of quiet hours"
    ]
    assert why(scenario=REVIEW.replace("send letter", "if order.total > 5000 { send letter }")) == [
        "ann came to the end of review (a.scn:1:10)"
    ]


def test_what_a_provider_says_of_a_message(folder):
    """Messages are counted from 1 in the order they were decided."""
    scenario = REVIEW + "scenario after\n  on message letter opened\n  wait 1d\n  if subscribed email\n  send news\n"
    opened = "2026-03-09 12:00 message.status { message: 1, status: opened }"
    assert not wrong(folder, ANN, SHIPPED, opened, "2026-03-10 12:00 expect send news to ann", scenario=scenario)


def test_an_expectation_without_a_time_may_come_true_at_any_moment(folder):
    assert not wrong(folder, ANN, SHIPPED, "expect send letter to ann")
    assert not wrong(folder, ANN, SHIPPED, "expect send letter to ann", '2026-03-20 10:00 order 18 of ann { status: "new" }')
    assert wrong(folder, ANN, SHIPPED, "expect send letter to ann", "expect send letter to ann") == [
        "4: expected send letter to ann, found nothing"
    ]


POINTS = """\
scenario quiz
  on action "quiz_done"
  award 100 to balance "bonus" expires in 30d
  limit 1 per customer

scenario late
  on action "late"
  deduct 40.5 from balance "bonus"
  limit 1 per customer

"""
DONE = '2026-03-02 12:00  action.issue of ann { template: "quiz_done" }'
LATE = '13:00  action.issue of ann { template: "late" }'


def test_points_that_steps_give_and_take_are_seen(folder):
    award, deduct = 'expect award 100 to balance "bonus" of ann', 'expect deduct 40.5 from balance "bonus" of ann'
    assert wrong(folder, DONE, f"12:00  {award}", LATE, f"13:00  {deduct}", "expect nothing else", scenario=POINTS) == []
    assert wrong(folder, DONE, "expect nothing else", scenario=POINTS) == [
        '2: expected nothing else, found award 100 to balance "bonus" of ann'
    ]
    found = 'found award 100 to balance "bonus" of ann'
    for other in (award.replace("100", "90"), "expect deduct 100 from balance bonus of ann"):
        assert wrong(folder, DONE, other, scenario=POINTS) == [f"2: expected {other.removeprefix('expect ')}, {found}"]
    assert wrong(folder, DONE, award.replace("bonus", "main"), scenario=POINTS) == [
        '2: expected award 100 to balance "main" of ann, found nothing'
    ]
    assert wrong(folder, LATE.replace("13:00", "2026-03-02 13:00"), f"14:00  {deduct}", scenario=POINTS) == [
        f"2: expected {deduct.removeprefix('expect ')} at 2026-03-02 14:00, found it at 2026-03-02 13:00"
    ]


def test_points_that_facts_of_the_test_give_are_no_step(folder):
    given = '2026-03-02 12:00  balance.change of ann { account: "bonus", amount: 100 }'
    assert wrong(folder, given, "expect nothing else", scenario=POINTS) == []
    assert wrong(folder, given, "expect award 100 to balance bonus of ann", scenario=POINTS) == [
        "2: expected award 100 to balance bonus of ann, found nothing"
    ]
