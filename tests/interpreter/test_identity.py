"""By what steps are known over an edit: what stands in databases must not change."""

from __future__ import annotations

import pytest

from dsl import nodes
from dsl.parser import parse
from dsl.source import Source
from interpreter.identity import identity


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("wait 3d", ("wait", "")),
        ("wait 3d at 10:00", ("wait", "at")),
        ("wait until 10:00", ("wait until", "time")),
        ("wait until monday", ("wait until", "weekday")),
        ("wait until order.delivery_date", ("wait until", "date")),
        ("wait up to 3d for order.status -> paid", ("wait up to", "order.status")),
        ("send review by email", ("send", "review")),
        ('set order.status "paid"', ("set", "order.status")),
        ("call crm", ("call", "crm")),
        ("split arms { 50% a { } 50% b { } }", ("split", "arms")),
        ('issue promo "GIFT"', ("issue", "GIFT")),
        ('award 5 to balance "bonus"', ("award", "bonus")),
        ('deduct 5 from balance "bonus"', ("deduct", "bonus")),
        ('add to list "cart"', ("add to", "list", "cart")),
        ('remove from segment "vip"', ("remove from", "segment", "vip")),
        ("if order.total > 5", ("gate",)),
        ("if order.total > 5 { end }", ("if",)),
        ("end", ("end",)),
        ("wait 3d as first", ("as", "first")),
    ],
)
def test_words(step, words):
    [scenario] = parse(Source("t.scn", f"on order created\n  {step}\n")).file.statements
    assert isinstance(scenario, nodes.Scenario)
    assert identity(scenario.steps[0]) == words
