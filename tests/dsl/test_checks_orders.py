"""Checks of what scenarios do to one order together, and of prices that nobody kept."""

from __future__ import annotations

import pytest

from tests.dsl.example_shop import findings
from tests.dsl.example_shop import names

# ----------------------------------------------------------------------------------------------------- status-set-twice


def moves(*bodies, define=""):
    """What is found where scenarios set statuses."""
    texts = (f"scenario s{number}\n" + "".join(f"  {line}\n" for line in body.split("; ")) for number, body in enumerate(bodies))
    return [finding for finding in findings(define + "".join(texts)) if finding.check == "status-set-twice"]


REVIEW = 'on order.status -> "shipped"; wait 7d; set order.status "review"'


@pytest.mark.parametrize(
    ("other", "found"),
    [
        ('on order.status -> "shipped"; set order.status "closed"', 1),
        ('on order.status -> "paid" | "shipped"; set order.status "closed"', 1),
        ('on any line.status -> "shipped"; set order.status "closed"', 1),
        ('on order.status -> "shipped"; set order.status order.next', 1),
        ('on order.status -> category delivered; set order.status "closed"', 1),
        ('on order.status -> "shipped" where order.total > 5; set order.status "closed"', 1),
        ('on order.status -> "shipped"; set order.status "review"', 0),
        ('on order.status -> "shipped"; set order.note "closed"', 0),
        ('on order.status -> "paid"; set order.status "closed"', 0),
        ('on order.status -> "shipped"; paused; set order.status "closed"', 0),
        ('on order.status -> "shipped"; end; set order.status "closed"', 0),
        ('on order changed; set order.status "closed"', 0),
    ],
)
def test_two_scenarios_that_move_an_order_on(other, found):
    define = 'define category delivered "shipped"\n'
    assert len(moves(REVIEW, other, define=define)) == len(moves(other, REVIEW, define=define)) == found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            'on order.status -> "a" where order.total > 9; set order.status "b"',
            'on order.status -> "a" where order.total < 5; set order.status "c"',
        ),
        ('on order.status -> "a"; if order.x = 1; set order.status "b"', 'on order.status -> "a"; if order.x = 2; set order.status "c"'),
        ('on order.status "p" -> "a"; set order.status "b"', 'on order.status "q" -> "a"; set order.status "c"'),
        (
            'on order.status -> "a"; active from 2026-01-01 to 2026-01-31; set order.status "b"',
            'on order.status -> "a"; active from 2026-02-01 to 2026-02-28; set order.status "c"',
        ),
    ],
)
def test_scenarios_that_no_order_comes_to_both(one, other):
    assert moves(one, other) == []


def test_branches_of_one_scenario_do_not_set_against_each_other():
    assert moves('on order.status -> "a"; if order.x { set order.status "b" } else { set order.status "c" }') == []


def test_the_scenario_that_sets_the_status_too_is_named():
    [found] = moves(REVIEW, 'on order.status -> "shipped"; set order.status "closed"')
    assert found.message == 'by `order.status -> "shipped"` this step and one of `s0` set the status of the same order: the later one wins'
    assert found.hint == 'let one follow the other, `on order.status -> "review"`, or use `send` in one of them'
    assert [label.text for label in found.labels] == ["the other step"]


# ------------------------------------------------------------------------------------------------------- price-not-kept


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ('on product.price drops 10% in list "later"', 1),
        ('on product.price rises 5 in list "later"', 1),
        ('on product.price drops 10% in list "wishlist"', 0),
        ('on product.price drops 10% in list "unknown"', 0),
        ("on product.price drops 10% in views", 0),
        ('on product restocked in list "later"', 0),
        ('on product added to list "later"\n  stop on product.price drops 1% in list "later"', 1),
    ],
)
def test_prices_of_a_list_that_keeps_none(body, found):
    text = f'define list "wishlist", "unpriced"\ndefine list "later" without price\nscenario s\n  {body}\n  call crm\n'
    assert names(text).count("price-not-kept") == found
