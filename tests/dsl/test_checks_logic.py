"""Checks of logic: what is always or never true, what no journey reaches, what never binds."""

from __future__ import annotations

import pytest

from dsl import nodes
from dsl.meaning.logic import truth
from dsl.parser import parse
from dsl.source import Source
from tests.dsl.example_shop import findings
from tests.dsl.example_shop import names

LETTER = "  if subscribed email\n  send welcome\n"


def condition(text):
    parsed = parse(Source("t.scn", f"segment s where {text}"))
    assert not parsed.diagnostics
    [segment] = parsed.file.statements
    assert isinstance(segment, nodes.Segment)
    return segment.where


def given(text, *true, false=()):
    return truth(condition(text), tuple(map(condition, true)), tuple(map(condition, false)))


# --------------------------------------------------------------------------------------------------------------- logic


@pytest.mark.parametrize(
    ("text", "known", "expected"),
    [
        ("order.total > 5", "order.total > 10", True),
        ("order.total >= 10", "order.total > 10", True),
        ("order.total > 10", "order.total >= 10", None),
        ("order.total > 10", "order.total > 10", True),
        ("10 < order.total", "order.total > 10", True),
        ("order.total > 20", "order.total > 10", None),
        ("order.total < 5", "order.total > 10", False),
        ("order.total < 10", "order.total >= 10", False),
        ("order.total <= 10", "order.total >= 10", None),
        ("order.total = 7", "order.total > 10", False),
        ("order.total = 11", "order.total > 10", None),
        ("order.total > 10", "order.total = 11", True),
        ("order.total != 5", "order.total = 11", True),
        ("order.total != 11", "order.total = 11", False),
        ('order.status = "b"', 'order.status = "a"', False),
        ('order.status = "a"', 'order.status != "a"', False),
        ('order.status != "a"', 'order.status != "a"', True),
        ('order.status in ("a", "b")', 'order.status = "a"', True),
        ('order.status in ("b", "c")', 'order.status = "a"', False),
        ('order.status = "a"', 'order.status in ("b", "c")', False),
        ('order.status = "b"', 'order.status in ("b", "c")', None),
        ('order.status not in ("a")', 'order.status = "b"', True),
        ("order.status = category paid", 'order.status = "a"', None),
        ("order.x > 2026-05-01", "order.x > 2026-06-01", True),
        ("order.x < 2026-05-01", "order.x > 2026-06-01", False),
        ("order.x > 1d", "order.x > 2d", True),
        ("customer.city is set", "customer.city is set", True),
        ("customer.city is not set", "customer.city is set", False),
        ("no order since start", "any order since start", False),
        ("any order since start", "no order within 5d", None),
        ("order.total > 5", "line.total > 10", None),
        ("subscribed email", "subscribed sms", None),
        ("customer.vip = true", "customer.vip = 1", False),
    ],
)
def test_what_follows_from_one_condition(text, known, expected):
    assert given(text, known) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 = 2", False),
        ("1 < 2", True),
        ('"a" != "b"', True),
        ("true", True),
        ("not true", False),
        ("false or false", False),
        ("customer.x or true", True),
        ("customer.x and false", False),
        ("customer.x > 5 and customer.x < 3", False),
        ("customer.x > 5 and (customer.y = 1 and customer.x < 3)", False),
        ("customer.x > 5 or customer.x <= 5", None),
        ("customer.x = customer.x", None),
        ("customer.x", None),
    ],
)
def test_what_is_true_by_itself(text, expected):
    """A missing value makes every comparison false: `x > 5 or x <= 5` is not always true."""
    assert given(text) is expected


def test_what_is_known_to_be_false():
    assert given("subscribed email", false=["subscribed email"]) is False
    assert given("not subscribed email", false=["subscribed email"]) is True
    assert given("customer.x is not set", false=["customer.x is set"]) is True
    assert given('customer.x not in ("a")', false=['customer.x in ("a")']) is None
    assert given("customer.x <= 5", false=["customer.x > 5"]) is None


# --------------------------------------------------------------------------------------------------------------- gates


def gate(*lines, start="on order created", limit="limit 1 per customer"):
    return names(start + "\n" + "".join(f"  {line}\n" for line in lines) + LETTER + f"  {limit}\n")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["if order.total > 10", "if order.total > 5"], ["gate-always-true"]),
        (["if order.total > 10", "wait 1h", "if order.total > 5"], []),
        (["if order.total > 10", "if order.total < 5"], ["gate-always-false"]),
        (["if order.total > 10", "wait 1h", "if order.total < 5"], []),
        (["if order.total > 10 { if order.total > 5 }"], ["gate-always-true"]),
        (["if order.total > 10 { } else { if order.total > 20 }"], []),
        (["if customer.vip { } else { if customer.vip }"], ["gate-always-false"]),
        (["if customer.vip or customer.old { } else { if customer.old }"], ["gate-always-false"]),
        (["if not customer.vip { } else { if customer.vip }"], ["gate-always-true"]),
        (["if 1 = 2"], ["gate-always-false"]),
        (["if no order since start", "if any order since start"], ["gate-always-false"]),
        (["stop when order.total > 5 and order.total < 3"], ["gate-always-false"]),
        (["stop on order created where order.total > 5 and order.total < 3"], ["gate-always-false"]),
        (["if any order (order.total > 5 and order.total < 3)"], ["gate-always-false"]),
        (["if order.total > 5", "end"], ["step-after-end"]),
        (["if customer.vip { end } else { end }"], ["step-after-end"]),
        (["if customer.vip { end }"], []),
        (["if true { end }", "wait 1h"], []),
        (["wait up to 1d for order created { end }"], []),
        (["wait up to 1d for order created { end } else { end }"], ["step-after-end"]),
        (["split s { 50% a { end } 50% b { } }"], []),
        (["split s { 50% a { end } 50% b { end } }"], ["step-after-end"]),
    ],
)
def test_gates(lines, expected):
    assert gate(*lines) == expected


def test_the_filter_of_the_trigger_is_known_until_the_first_wait():
    assert gate("if order.total > 5", start="on order created where order.total > 10") == ["gate-always-true"]
    assert gate("wait 1h", "if order.total > 5", start="on order created where order.total > 10") == []


def test_of_several_triggers_no_filter_is_known():
    start = "scenario s\n  on order created where order.total > 10\n  on order changed where order.total > 100"
    assert gate("if order.total > 5", start=start) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("if order.total > 5 { wait 1h } else if order.total > 10 { wait 2h }", True),
        ("if order.total > 10 { wait 1h } else if order.total > 5 { wait 2h }", False),
        ("if customer.vip { wait 1h } else if customer.vip { wait 2h }", True),
        ("if true { wait 1h } else { wait 2h }", True),
        ("if true { wait 1h }", False),
        ('if order.status = "a" { wait 1h } else if order.status in ("a", "b") { wait 2h }', False),
        ('if order.status in ("a", "b") { wait 1h } else if order.status = "a" { wait 2h }', True),
        ("if order.total > 5 { wait 1h } else if order.total > 10 and customer.vip { wait 2h }", True),
    ],
)
def test_branches_that_nobody_takes(text, expected):
    assert ("unreachable-branch" in gate(text)) is expected


def test_a_split_is_whole():
    assert gate("split s { 30% a { } 30% b { } 40% c { } }") == []
    assert gate("split s { 33.3% a { } 33.3% b { } 33.4% c { } }") == []
    assert gate("split s { 50% a { } 60% b { } }") == ["split-not-whole"]


# -------------------------------------------------------------------------------------------------------------- limits


@pytest.mark.parametrize(
    ("start", "limits", "expected"),
    [
        ("on order changed", ["limit 1 per customer", "limit 3 per customer within 30d"], 1),
        ("on order changed", ["limit 3 per customer", "limit 1 per customer within 30d"], 0),
        ("on order changed", ["limit 1 per customer within 7d", "limit 3 per customer within 30d"], 0),
        ("on order changed", ["limit 1 per customer within 30d", "limit 1 per customer within 7d"], 1),
        ("on order changed", ["limit 1 per customer", "limit 1 per customer"], 1),
        ("on order changed", ["limit 1 per customer", "limit 1 per order"], 0),
        ("on order changed", ["limit 1 per order", "limit 1 per order since created"], 0),
        ("on order changed", ["limit 1 per order"], 0),
        ("on order created", ["limit 1 per order"], 1),
        ("every monday at 10:00", ["limit 1 per customer within 5d"], 1),
        ("every monday at 10:00", ["limit 1 per customer within 7d"], 0),
        ("every monday at 10:00", ["limit 1 per customer within 30d"], 0),
        ("every day at 10:00", ["limit 1 per customer each day"], 1),
        ("every day at 10:00", ["limit 2 per customer each week"], 0),
        ("on customer registered", ["limit 1 per customer"], 0),
        # A birthday is moved for the sake of a gift: by a date of the customer the schedule comes round more often than it says.
        ("every year on customer.birthday - 7d at 10:00", ["limit 1 per customer each year"], 0),
    ],
)
def test_limits_that_never_bind(start, limits, expected):
    text = start + "\n" + LETTER + "".join(f"  {limit}\n" for limit in limits)
    assert names(text).count("limit-never-binds") == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("if order.total > 5", True),
        ('if order.status = "a" and order.total > 5', True),
        ("if order is not cancelled", True),
        ("if customer.vip", False),
        ("if order.total > 5 and customer.vip", False),
        ("if no order (order.total > 5) within 30d", False),
        ("wait 1h\n  if order.total > 5", False),
    ],
)
def test_a_first_gate_on_the_order_belongs_into_where(line, expected):
    text = f'on order.status -> "a"\n  {line}\n{LETTER}  limit 1 per order\n'
    assert ("per-order-limit-with-gate" in names(text)) is expected
    assert "per-order-limit-with-gate" not in names(text.replace("per order", "per customer"))


# ------------------------------------------------------------------------------------------------- the same twice, opens


TWO = """scenario first
  on customer registered{one}
{letter}  limit 1 per customer

scenario second
  on customer registered{other}
{letter}  limit 1 per customer
"""


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("", "", True),
        (" where customer.vip", " where customer.vip", True),
        (" where customer.vip", "", False),
        ("\n  paused", "", False),
        ("\n  active from 2026-01-01 to 2026-01-31", "\n  active from 2026-02-01 to 2026-02-28", False),
        ("\n  active from 2026-01-01 to 2026-02-01", "\n  active from 2026-02-01 to 2026-02-28", True),
    ],
)
def test_the_same_scenario_twice(one, other, expected):
    assert ("duplicate-scenario" in names(TWO.format(one=one, other=other, letter=LETTER))) is expected


def test_the_same_start_with_other_letters_is_fine():
    text = TWO.format(one="", other="", letter=LETTER)
    assert names(text[::-1].replace("welcome"[::-1], "new_arrivals"[::-1], 1)[::-1]) == []


def test_the_other_one_is_shown():
    [found] = findings(TWO.format(one="", other="", letter=LETTER))
    assert [label.text for label in found.labels] == ["the other scenario"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("if any message welcome opened since start", False),
        ("if any message alert clicked since start", True),
        ("if any message opened since start", False),
        ("if any message sent since start", False),
        ("wait up to 1d for message alert clicked", True),
        ("wait up to 1d for message welcome | alert clicked", False),
        ("goal message alert opened within 3d", True),
    ],
)
def test_opens_that_nobody_reports(line, expected):
    assert ("opens-not-reported" in gate(line)) is expected


# ---------------------------------------------------------------------------------------------------------- points-paid-twice


@pytest.mark.parametrize(
    ("trigger", "limit", "found"),
    [
        ("customer.email confirmed", "", ["points-paid-twice"]),
        ("customer.email confirmed", "limit 1 per customer", []),
        ("customer.email confirmed", "limit 1 per customer within 30d", []),
        ("customer.email confirmed", "limit 1 per scenario", ["points-paid-twice"]),
        ("customer.email confirmed", "limit 1 per customer.email", []),
        ('order.status -> "paid"', "", ["points-paid-twice"]),
        ('order.status -> "paid"', "limit 1 per order", []),
        ("product bought", "limit 1 per line", []),
        ("product bought", "limit 1 per order", []),
        ('action "review"', "", []),
        ('balance "gift" changed', "", []),
    ],
)
def test_points_for_what_may_happen_again(trigger, limit, found):
    assert names(f'scenario s\n  on {trigger}\n  award 5 to balance "bonus"\n  {limit}\n') == found


def test_points_on_days_of_the_calendar_are_meant_to_come_again():
    assert names('every year on customer.birthday at 10:00\n  award 5 to balance "bonus"\n') == []


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("on customer.email confirmed; issue promo next10", ["points-paid-twice"]),
        ("on customer.phone confirmed; issue promo next10; limit 1 per scenario", ["points-paid-twice"]),
        ("on customer.email confirmed; issue promo next10; limit 1 per customer", []),
        ("on customer.email confirmed; issue promo next10; if subscribed email; send gift", ["send-without-limit"]),
        ("on order created; issue promo next10", []),
    ],
)
def test_codes_for_who_confirms_again(body, found):
    assert names("scenario s\n" + "".join(f"  {line}\n" for line in body.split("; "))) == found
