"""Scenarios that start each other: which circles never end, and which end by themselves."""

from __future__ import annotations

import pytest

from dsl.forms import evolve
from tests.dsl.example_shop import SHOP
from tests.dsl.example_shop import findings
from tests.dsl.example_shop import names

#: A shop that hears of everything that is set.
OPEN = evolve(SHOP, writebacks=("order", "customer"))


def loops(*scenarios):
    text = "".join(f"scenario s{number}\n{body}\n" for number, body in enumerate(scenarios))
    return [found for found in findings(text, surroundings=OPEN) if found.check == "event-loop"]


@pytest.mark.parametrize(
    "scenarios",
    [
        ['  on order changed\n  set order.note "seen"'],
        ["  on customer.visits changed\n  set customer.visits customer.visits + 1"],
        ["  on customer.visits changed\n  wait 1d\n  set customer.visits customer.visits + 1\n  limit 1 per customer within 1h"],
        ['  on order.status -> "a"\n  set order.status "b"', '  on order.status -> "b"\n  set order.status "a"'],
        [
            '  on order.status -> category paid\n  set order.status "shipped"',
            '  on any line.status -> "shipped"\n  set order.status "paid"',
        ],
        ['  on balance "bonus" changed\n  award 5 to balance "bonus"'],
        ['  on balance "bonus" changed\n  set customer.x customer.y + 1', '  on customer.x changed\n  award 5 to balance "bonus"'],
        ["  on message welcome sent\n  if subscribed email\n  send welcome"],
        ['  on order.status -> "a"\n  set order.status order.next', '  on order.status -> "b"\n  set order.status order.next'],
        ["  on message formed\n  if subscribed email\n  send welcome"],
        ['  on segment vip entered\n  remove from segment "vip"', '  on segment vip left\n  add to segment "vip"'],
        ['  on promo "P" issued\n  issue promo "P"'],
        ['  on list "cart" changed\n  add to list "cart"'],
        ["  on customer changed\n  set customer.x customer.x + 1"],
        ['  on order changed where order.total > 5\n  set order.note "x"'],
    ],
)
def test_a_circle_without_end(scenarios):
    assert len(loops(*scenarios)) == 1


@pytest.mark.parametrize(
    "scenarios",
    [
        ['  on order.status -> "a"\n  set order.status "b"'],
        ['  on order.status -> "a" | "b"\n  set order.status "b"'],
        ['  on order.status -> "a"\n  set order.status "b"', '  on order.status -> "b"\n  set order.note "x"'],
        ['  on order changed\n  set order.note "seen"\n  limit 1 per order'],
        ["  on customer.visits changed\n  set customer.visits customer.visits + 1\n  limit 1 per customer within 1h"],
        ['  on order changed where order.note is not set\n  set order.note "seen"'],
        ['  on order changed where order.note != "seen"\n  set order.note "seen"'],
        ['  on order changed\n  if order.note is not set\n  set order.note "seen"'],
        ['  on order changed\n  if order.note is set { end }\n  set order.note "seen"'],
        ["  on customer.level changed\n  set customer.level 5"],
        ["  on customer changed\n  set customer.level 5"],
        ["  on customer.level changed\n  set customer.visits 5", "  on customer.visits changed\n  set customer.level 5"],
        ["  on customer edited\n  set customer.x customer.x + 1"],
        ['  on balance "bonus" changed\n  award 5 to balance "other"'],
        ["  on message welcome sent\n  if subscribed email\n  send new_arrivals"],
        ['  on message welcome failed\n  send receipt to "manager@shop.example"'],
        ['  on order created\n  set order.status "a"'],
    ],
)
def test_a_circle_that_ends_or_is_none(scenarios):
    assert loops(*scenarios) == []


#: Segments that follow from what steps write.
VIP = 'segment vip where customer.level >= 3 and customer.city = "Kazan"\n'
RICH = 'segment rich where balance "bonus" >= 100\n'
BUYERS = 'segment buyers where count(orders (order.status = "paid")) > 0\n'
DEAR = "segment dear where in segment rich\n"
TIER = 'define segment "gold", "silver" in "tier"\n'


@pytest.mark.parametrize(
    ("segments", "scenarios"),
    [
        (VIP, ["  on segment vip entered\n  set customer.level 1", "  on segment vip left\n  set customer.level 5"]),
        (VIP, ["  on segment vip entered\n  set customer.level 1", "  on segment vip left\n  set customer.level customer.points + 1"]),
        (VIP, ["  on segment vip entered\n  set customer.level 1\n  wait 1d\n  set customer.level 5"]),
        (RICH, ['  on segment rich entered\n  deduct 100 from balance "bonus"', '  on segment rich left\n  award 100 to balance "bonus"']),
        (
            RICH + DEAR,
            ['  on segment dear entered\n  deduct 9 from balance "bonus"', '  on segment dear left\n  award 9 to balance "bonus"'],
        ),
        (BUYERS, ['  on segment buyers entered\n  set order.status "new"', '  on segment buyers left\n  set order.status "paid"']),
        (
            'segment cart where any item (item.list = "cart")\n',
            ['  on segment cart left\n  add to list "cart"', '  on segment cart entered\n  remove from list "cart"'],
        ),
        (
            "segment dear where not in segment gold\n" + TIER,
            ["  on segment dear entered\n  add to segment gold", "  on segment dear left\n  remove from segment gold"],
        ),
        (TIER, ["  on segment gold entered\n  add to segment silver", "  on segment silver entered\n  add to segment gold"]),
        (TIER, ["  on segment gold left\n  add to segment gold", "  on segment gold entered\n  add to segment silver"]),
        (
            "",
            ['  on product added to list "cart"\n  remove from list "cart"\n  wait 1d\n  add to list "cart"'],
        ),
        ('define category delivered "done"\n', ['  on product bought\n  set order.status "done"', "  on order changed\n  set order.x 1"]),
        ("", ["  on message welcome delivered\n  if subscribed email\n  send welcome"]),
    ],
)
def test_a_circle_through_segments_lists_and_what_is_delivered(segments, scenarios):
    text = "".join(f"scenario s{number}\n{body}\n" for number, body in enumerate(scenarios))
    assert "event-loop" in names(segments + text, surroundings=OPEN)


@pytest.mark.parametrize(
    ("segments", "scenarios"),
    [
        (VIP, ["  on segment vip entered\n  set customer.level 1"]),
        (VIP, ["  on segment vip entered\n  set customer.level customer.level + 1"]),
        (VIP, ["  on segment vip entered\n  set customer.level 5", "  on segment vip left\n  set customer.level 4"]),
        (VIP, ["  on segment vip entered\n  set customer.sex 1", "  on segment vip left\n  set customer.level 5"]),
        (
            VIP,
            ["  on segment vip entered\n  set customer.level 1\n  limit 1 per customer", "  on segment vip left\n  set customer.level 5"],
        ),
        (RICH, ['  on segment rich left\n  award 100 to balance "bonus"']),
        (RICH, ['  on segment rich entered\n  award 9 to balance "bonus"', '  on segment rich left\n  award 100 to balance "bonus"']),
        (RICH, ['  on segment rich entered\n  deduct 9 from balance "other"', '  on segment rich left\n  award 9 to balance "bonus"']),
        ("", ["  on segment gold entered\n  add to segment gold"]),
        (TIER, ["  on segment gold entered\n  add to segment silver"]),
        ("", ['  on product added to list "cart"\n  add to list "cart"']),
        ("", ['  on product added to list "cart"\n  remove from list "cart"']),
        ('define category delivered "done"\n', ['  on product bought\n  set order.status "new"']),
        ('define category delivered "done"\n', ['  on product bought\n  set order.status "done"']),
        ("", ["  on message welcome opened\n  if subscribed email\n  send welcome"]),
    ],
)
def test_a_segment_or_list_that_nothing_takes_back(segments, scenarios):
    text = "".join(f"scenario s{number}\n{body}\n" for number, body in enumerate(scenarios))
    assert "event-loop" not in names(segments + text, surroundings=OPEN)


def test_the_other_steps_of_the_circle_are_shown():
    [found] = loops('  on order.status -> "a"\n  set order.status "b"', '  on order.status -> "b"\n  set order.status "a"')
    assert found.message == "this step starts `s0` again, through `s1`, without end"
    assert [label.text for label in found.labels] == ["and this step starts the next"]


def test_a_circle_is_told_once():
    three = [f"  on customer.f{number} changed\n  set customer.f{(number + 1) % 3} customer.x + 1" for number in range(3)]
    assert len(loops(*three)) == 1


@pytest.mark.parametrize(
    ("entities", "expected"),
    [((), ["set-without-writeback"]), (("customer",), ["set-without-writeback"]), (("order",), []), (None, [])],
)
def test_a_set_that_the_shop_does_not_hear_of(entities, expected):
    around = evolve(SHOP, writebacks=entities)
    assert names("on order created\n  set order.note 5", surroundings=around) == expected
