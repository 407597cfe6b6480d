"""Questions about the past: `domain.md` §4.4, §4.5, A-18, A-23, A-41."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpreter.entities import Message
from interpreter.entities import Order
from interpreter.journey import COUNTED
from tests.interpreter.scene import action
from tests.interpreter.scene import at
from tests.interpreter.scene import condition
from tests.interpreter.scene import message
from tests.interpreter.scene import order
from tests.interpreter.scene import value
from tests.interpreter.scene import view

# ------------------------------------------------------------------------------------------------------------ orders

SEVEN = order("7", "06-01", "delivered", ["delivered"], total=1000)


@pytest.mark.parametrize(
    ("others", "passes"),
    [
        ([], True),  # N-1
        ([order("8", "06-04")], True),  # N-2: before the start
        ([order("8", "06-10")], False),  # N-3
        ([order("8", "06-10", "new", ["cancelled", "returned"])], True),  # N-4
        ([order("8", "06-10", "new", ["cancelled", "new"])], False),  # partly cancelled counts
        ([order("8", "06-10", "cancelled")], True),
        ([order("8", "06-25")], True),  # dated after now
        ([order("8", "06-05 12:00")], False),
    ],
)
def test_no_order_since_start(others, passes):
    """The trigger: order 7 delivered 06-05 12:00 (created 06-01); the check 06-20 12:00."""
    seen = view(order=SEVEN, orders=[SEVEN, *others])
    assert condition("no order since start").test(seen) is passes
    assert condition("any order since start").test(seen) is not passes


def test_the_order_that_triggered_is_left_out_of_since_start_only():
    """N-5, A-41: order 7 created at the very start, and changed later."""
    seven = order("7", "06-05 12:00", "new", updated_at=at("06-10"))
    seen = view(order=seven, orders=[seven])
    assert condition("no order since start").test(seen)
    assert condition("any order").test(seen)
    assert condition("any order within 30d").test(seen)
    assert condition("count(orders since start) = 0 and count(orders) = 1").test(seen)


def test_in_the_filter_of_a_later_event_the_journeys_order_is_left_out():
    nine, seven = order("9", "06-10"), order("7", "06-05 12:00")
    seen = view(order=nine, orders=[seven, nine], this=view(order=seven))
    assert condition("any order since start").seen(seen) == (("any order since start", "9"),)


ORDERS = [
    order("1", "2023-06-10", "delivered", total=100),
    order("2", "06-10 11:59:59", "delivered", total=200.5),
    order("3", "06-10 12:00", "cancelled", total=400),
    order("4", "06-10 12:00", "выдан", total=800, city="Казань"),
    order("5", "06-15", "new"),
    order("6", "07-01", "new", total=9999),
]


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("any order", "1, 2, 4 and 1 more"),
        ("any order within 10d", "4, 5"),  # inclusive
        ("any orders within 1y", "2, 4, 5"),
        ("any order within 9mo10d", "2, 4, 5"),
        ("any order (order.total > 500)", "4"),
        ('any order (order.status = "cancelled")', "3"),  # asked for
        ("any order (order is cancelled) within 30d", "3"),
        ("any order (order.status != category delivered) within 30d", "3, 5"),
        ('any order (order.city = "Казань")', "4"),
        ("any order (order.total > this.order.total)", "4"),
        ("any order (order.created_at > this.order.created_at + 1d)", "5"),
        ("any order (order.total is not set)", "5"),
        ("any order since last send", "5"),
        ("any order (any line) within 30d", "none"),
        ("any order (order.total < 0)", "none"),
    ],
)
def test_which_orders_count(text, labels):
    seen = view(order=ORDERS[1], orders=ORDERS, last_send=at("06-12"))
    question = condition(text)
    assert question.seen(seen)[0][1] == labels
    assert question.test(seen) is (labels != "none")
    assert condition("no" + text.removeprefix("any")).test(seen) is (labels == "none")


def test_since_last_send_before_anything_was_sent_is_since_start():
    assert condition("no order since last send").test(view(orders=[order("8", "06-04")]))
    assert not condition("no order since last send").test(view(orders=[order("8", "06-06")]))


def test_windows_start_at_the_context_time_and_end_now():
    """T-Q8: after quiet hours T is 06-08 23:30, now 06-09 09:00."""
    for created, counts in (("06-07 23:29", False), ("06-07 23:30", True), ("06-09 08:00", True), ("06-09 09:01", False)):
        assert (
            condition("any order within 1d").test(view("06-09 09:00", context_time="06-08 23:30", orders=[order("8", created)])) is counts
        )


def test_days_of_windows_have_24_hours():
    there = view(context_time="06-20 12:00", zone="America/New_York", orders=[order("8", "2024-03-09 20:30")])
    there.now = there.context_time = at("2024-03-10 21:00")
    assert not condition("any order within 1d").test(there)
    there.now = there.context_time = at("2024-03-10 20:30")
    assert condition("any order within 1d").test(there)


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("at least 3 orders within 365d", True),
        ("at least 4 orders within 365d", False),
        ('at least 1 order (order.status = "delivered") within 11d', True),
        ('at least 2 orders (order.status = "delivered") within 11d', False),
        ("every order (order.total is set) within 365d", False),
        ("every order (order.status != category paid)", True),
        ("every order (order.total > 5000) since start", False),
        ("count(orders within 365d) > 2", True),
        ("count(orders within 365d) > 3", False),
        ("sum(order.total within 365d) >= 1000.5", True),
        ("sum(order.total within 365d) > 1000.5", False),
        ("sum(order.total (order.total > 5000)) = 0", True),
        ("last(order.created_at) < now - 5d", True),
        ("last(order.created_at) < now - 6d", False),
        ("last(order.total (order.total > 5000)) != 1", False),  # there is none: missing
    ],
)
def test_counting(text, passes):
    assert condition(text).test(view(orders=ORDERS)) is passes


def test_last_is_the_latest_whatever_the_order_of_the_rows():
    seen = view(orders=[order("1", "06-10", total=1), order("2", "06-12", total=2), order("3", "06-11", total=3)])
    assert value("last(order.id)").value(seen) == "2"
    assert value("last(order.created_at)").value(seen) == "2024-06-12T00:00:00+03:00"
    together = view(orders=[order("1", "06-10"), order("2", "06-12"), order("3", "06-12")])
    assert value("last(order.id)").value(together) == "3"


# ------------------------------------------------------------------------------------------------------------- lines

EIGHT = order("8", "06-10", "new", ["delivered", "cancelled", "new"])


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ('any line (line.status = "delivered")', True),
        ('every line (line.status = "delivered")', False),
        ("every line (line.price = 100)", True),
        ("no line (line.price > 10000)", True),
        ('any line (line.product = "p-3" and line.status = "new")', True),
        ('any line (product.id = "p-3")', True),
        ('any line (line.order.id = "8" and order.id = "8")', True),
        ('any line in order.lines (line.status = "cancelled")', True),
        ('any line (line.product.category = "shoes")', False),  # products come later: missing
        ("count(lines) = 3 and sum(line.price) = 300", True),
        ('count(lines (line.status = "new")) = 1', True),
        ("any line (line.price = 100) since start", False),  # the trigger's own order is left out
    ],
)
def test_lines_of_the_order_at_hand(text, passes):
    assert condition(text).test(view(order=EIGHT, orders=[SEVEN, EIGHT])) is passes


def test_lines_of_the_customers_orders():
    nine = order("9", "06-12", "new", ["cancelled"])
    seen = view(orders=[SEVEN, EIGHT, nine])
    assert condition("count(lines) = 4").test(seen)  # order 9 is cancelled
    assert condition('count(lines (line.status = "cancelled")) = 2').test(seen)
    assert condition("count(lines within 12d) = 3").test(seen)
    assert condition('any order (every line (line.status = "delivered"))').test(seen)
    assert condition('any order (every line (line.status = "cancelled") and order.id = "9")').test(seen)
    assert condition('no order (any line (line.status = "new") and order.id != "8")').test(seen)


def test_every_line_of_an_order_without_lines_is_nothing_to_go_by():
    assert not condition('every line (line.status = "delivered")').test(view(order=order("7", "06-01", "delivered")))


def test_seen_names_the_lines_that_break_the_rule():
    assert condition('every line (line.status = "new")').seen(view(order=EIGHT))[0][1] == "not 8-1, 8-2"
    assert condition("every line (line.price = 100)").seen(view(order=EIGHT))[0][1] == "all"


# ---------------------------------------------------------------------------------------------------------- messages


@pytest.mark.parametrize(
    ("given_message", "passes"),
    [
        (message("digest", "06-19 11:59"), True),  # D-1
        (message("digest", "06-19 12:00"), False),  # D-2: bound inclusive
        (message("digest", "06-20 09:00", "skipped"), True),  # D-3
        (message("digest", "06-20 09:00", "failed"), True),
        (message("confirmation", "06-20 09:00", transactional=True), True),  # D-4
        (message("notice", "06-20 09:00", staff=True), True),
        *((message("digest", "06-20 09:00", state), False) for state in ("planned", "sending", "sent", "unsure", "opened", "bounced")),
    ],
)
def test_no_message_within_a_day(given_message, passes):
    """T = 06-20 12:00."""
    assert condition("no message within 1d").test(view(messages=[given_message])) is passes


MESSAGES = [
    message("digest", "06-04 10:00", "opened", sent="06-04 10:01", opened="06-06 10:00"),
    message("review_request", "06-06 10:00", "clicked", sent="06-06 10:01", opened="06-07 10:00", clicked="06-07 10:01"),
    message("promo", "06-10 10:00", "sent", "sms", sent="06-10 10:01"),
    message("confirmation", "06-11 10:00", "sent", transactional=True, sent="06-11 10:01"),
    message("digest", "06-12 10:00", "skipped", channel=None),
    message("digest", "06-13 10:00", "failed", failed="06-13 10:05"),
]


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("any message", "digest, review_request, promo"),
        ("any message since start", "review_request, promo"),
        ("any message review_request opened since start", "review_request"),
        ("any message opened since start", "digest, review_request"),  # opened since, though sent before
        ("any message digest sent since start", "none"),
        ("any message opened within 13d2h", "review_request"),
        ("any message clicked", "review_request"),
        ("any message by sms within 11d", "promo"),
        ("any message by sms within 9d", "none"),
        ("any message digest by sms", "none"),
        ("any message confirmation", "confirmation"),  # named: transactional ones count
        ("any message confirmation within 30d", "confirmation"),
        ("any message sent within 10d2h", "promo"),
        ("any message digest formed", "digest, digest, digest"),  # also what was not sent
        ("any message digest failed", "digest"),
        ('any message (message.channel = "sms")', "promo"),
        ('any message (message.state = "failed")', "digest"),  # asked for
        ('any message (message.template != "digest" and message.at > now - 12d)', "promo"),
        ('any message digest (message.state = "opened")', "digest"),
        ("any message opened within 1d", "none"),
        ("any message since last send", "promo"),
    ],
)
def test_which_messages_count(text, labels):
    seen = view(messages=MESSAGES, last_send=at("06-10 09:59"))
    question = condition(text)
    assert question.seen(seen)[0][1] == labels
    assert question.test(seen) is (labels != "none")


# ----------------------------------------------------------------------------------------------------------- actions


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("any action", True),
        ('any action "quiz_done"', True),
        ('any action "quiz_lost"', False),
        ('any action "quiz_done" within 5d', True),
        ('any action "quiz_done" (action.score > 3)', False),
        ('any action "quiz_done" (action.score = this.action.score) since start', True),
        ('at least 2 actions (action.template = "quiz_done")', False),
        ('last(action.score (action.template = "quiz_done")) = 3', True),
    ],
)
def test_actions(text, passes):
    seen = view(
        actions=[action("visit", "06-01"), action("quiz_done", "06-16", score=3), action("visit", "06-21")],
        action=action("x", "06-01", score=3),
    )
    assert condition(text).test(seen) is passes


# ------------------------------------------------------------------------------------- against the rules said plainly

moments = st.integers(at("06-01"), at("06-25"))
orders = st.lists(
    st.builds(
        lambda key, created, status: Order(key, str(key), 1, created, created, status),
        st.integers(1, 5),
        moments,
        st.sampled_from(["new", "delivered", "cancelled", "returned", None]),
    ),
    unique_by=lambda found: found.key,
    max_size=5,
)
messages = st.lists(
    st.builds(
        lambda template, channel, moment, state, transactional, opened: Message(
            1, 1, template, channel, moment, state, transactional, times={"opened": opened} if opened else {}
        ),
        st.sampled_from(["digest", "promo"]),
        st.sampled_from(["email", "sms"]),
        moments,
        st.sampled_from(["planned", "sent", "skipped", "failed", "opened"]),
        st.booleans(),
        st.none() | moments,
    ),
    max_size=4,
)
COUNT_ORDERS = condition("at least 2 orders since start")
COUNT_RECENT = condition("count(orders within 3d) = 1")
SOME_DIGEST = condition("any message digest by email within 3d")
SOME_OPENED = condition("any message opened within 3d")
SOME_MESSAGE = condition("any message since start")


@given(orders, messages, moments, moments, st.booleans())
def test_history_agrees_with_the_rules(past, letters, started, now, triggered):
    seen = view(orders=past, messages=letters, order=past[0] if triggered and past else None)
    seen.now, seen.started, seen.context_time = now, started, now - 3600
    standing = [found for found in past if found.status not in ("cancelled", "returned") and found.created_at <= now]
    since_start = [found for found in standing if found.created_at >= started and found is not seen.order]
    within = now - 3600 - 3 * 86400
    assert COUNT_ORDERS.test(seen) is (len(since_start) >= 2)
    assert COUNT_RECENT.test(seen) is (sum(found.created_at >= within for found in standing) == 1)
    counted = [letter for letter in letters if letter.state in COUNTED and letter.at <= now]
    digests = [letter for letter in counted if letter.template == "digest" and letter.channel == "email" and letter.at >= within]
    assert SOME_DIGEST.test(seen) is bool(digests)
    assert SOME_MESSAGE.test(seen) is any(letter.at >= started and not letter.transactional for letter in counted)
    opened = [letter.times.get("opened", letter.at if letter.state == "opened" else 0) for letter in letters if not letter.transactional]
    assert SOME_OPENED.test(seen) is any(within <= moment <= now for moment in opened)
