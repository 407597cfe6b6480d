"""`scn test --coverage`: what no test has gone through."""

from __future__ import annotations

from interpreter.project import loading
from interpreter.timeline.coverage import gaps
from interpreter.timeline.suite import results
from interpreter.timeline.suite import suite
from tests.interpreter.timelines import LETTER
from tests.interpreter.timelines import TOML

SCENARIO = """\
scenario s
  on order.status -> "shipped" where order.total >= 100
  stop on order.status -> "cancelled"
  stop when customer.vip
  goal order created within 30d
  holdout 10%
  limit 1 per customer
  if subscribed email
  if order.total > 500 { send letter } else { send news }
  split which { 50% one { wait 1d } 50% two { wait 2d } }
  wait up to 2d for order.status -> "delivered" { set order.status "asked" } else { end }
"""
ANN = '  customer ann { email: "ann@example.com", subscribed: [email], vip: false }\n'


def missing(folder, *tests):
    words = "define field customer.vip boolean\n"
    text = SCENARIO + "".join(f'test "{number}" {{\n{ANN}{lines}\n}}\n' for number, lines in enumerate(tests)) + words
    root = folder({"scn.toml": TOML, "a.scn": text, **LETTER})
    found = suite(loading.everything([root], None)[0])
    assert not found.errors, found.errors
    told = list(results(found, lambda _: True, colour=False))
    assert all(result.passed for result in told), told
    return {
        name: [what for _, what in rows]
        for name, rows in gaps(found.rules, ["a.scn"], [row for one in told for row in one.decisions]).items()
    }


def test_without_a_test_everything_is_missing(folder):
    found = missing(folder)["s"]
    assert found == [
        '`on order.status -> "shipped" where order.total >= 100` never started a journey',
        '`stop on order.status -> "cancelled"` never stopped a journey',
        "`stop when customer.vip` never stopped a journey",
        "`goal order created within 30d` was never reached",
        "`holdout 10%` was never met",
        "`limit 1 per customer` was never full",
        "`if subscribed email` was never asked",
        "`if order.total > 500` was never asked",
        "`send letter` was never sent",
        "`send news` was never sent",
        "`split which` never took `one`",
        "`split which` never took `two`",
        '`wait up to 2d for order.status -> "delivered"` never saw its event',
        '`wait up to 2d for order.status -> "delivered"` never ran out of time',
        '`set order.status "asked"` never set anything',
        "`end` was never reached",
    ]


def shipped(total=1000, number=17, day=1, status="shipped"):
    return f'  2026-03-{day:02} 10:00 order {number} of ann {{ status: "{status}", total: {total} }}\n'


ONE, TWO = "  ann takes one in which\n", "  ann takes two in which\n"


def about(found, *words):
    return [what for what in found["s"] if any(word in what for word in words)]


def test_one_way_through(folder):
    lines = ONE + shipped() + shipped(number=18, day=2, status="new") + shipped(day=3, status="delivered") + "  expect goal of s by ann"
    found = missing(folder, lines)
    assert about(found, "wait up to") == ['`wait up to 2d for order.status -> "delivered"` never ran out of time']
    assert about(found, "order.total > 500") == ["`if order.total > 500` was never false"]
    assert about(found, "subscribed") == ["`if subscribed email` was never false"]
    assert about(found, "split") == ["`split which` never took `two`"]
    assert about(found, "goal", "send letter", "`set") == []
    assert about(found, "on order.status ->")[:1] == [
        '`on order.status -> "shipped" where order.total >= 100` was never refused by its `where`'
    ]


def test_another_way_through(folder):
    found = missing(folder, TWO + shipped(200) + "  expect ann stopped in s because end")
    assert about(found, "wait up to") == ['`wait up to 2d for order.status -> "delivered"` never saw its event']
    assert about(found, "order.total > 500") == ["`if order.total > 500` was never true"]
    assert about(found, "send news", "`end`", "`two`") == []


def test_ways_out(folder):
    found = missing(
        folder,
        TWO + shipped() + shipped(day=2, status="cancelled") + "  expect ann stopped in s because exit",
        shipped(50) + "  +1d expect nothing",
        TWO + shipped() + shipped(number=18) + "  expect ann stopped in s because limit",
        "  ann in holdout of s\n" + TWO + shipped() + "  expect skip letter to ann because holdout",
        shipped().replace("  2026", "  2026-03-01 09:00 customer.edit of ann { vip: true }\n  2026")
        + "  expect ann stopped in s because stop_when",
    )
    assert about(found, "stop", "holdout", "limit", 'on order.status -> "shipped"') == []


def test_two_tests_add_up(folder):
    delivered = ONE + shipped() + shipped(day=3, status="delivered") + "  +0m expect set order 17 status asked"
    ran_out = TWO + shipped(200) + "  expect ann stopped in s because end"
    assert about(missing(folder, delivered, ran_out), "wait up to", "split", "order.total > 500") == []
