"""All files of a folder are one program: names, words, categories; what the release cannot execute yet is named."""

from __future__ import annotations

import pytest

from dsl.catalog import Type
from dsl.project import Surroundings
from tests.dsl.example_shop import project

HELLO = "scenario {name}\n  on customer registered\n  if subscribed email\n  send welcome\n  limit 1 per customer\n"


def duplicates(*texts):
    return [finding for finding in project(*texts).diagnostics if finding.check == "duplicate-name"]


def test_files_are_one_program():
    found = project(HELLO.format(name="a"), HELLO.format(name="b") + 'segment vip where customer.vip\ntest "t" { expect nothing }')
    assert list(found.scenarios) == ["a", "b"]
    assert [placed.source.path for placed in found.scenarios.values()] == ["main.scn", "more1.scn"]
    assert list(found.segments) == ["vip"]
    assert [placed.node.title.text for placed in found.tests] == ["t"]
    assert found.diagnostics == ()


def test_a_statement_that_cannot_be_read_costs_only_itself():
    found = project("scenario a\n  on order created\n  wait 2 days\n" + HELLO.format(name="b"))
    assert list(found.scenarios) == ["b"]
    assert [finding.check for finding in found.diagnostics] == ["syntax"]


def test_a_bare_scenario_is_named_after_its_file():
    assert list(project("on order created\n  if subscribed email\n  send welcome").scenarios) == ["main"]


def test_a_name_given_twice_shows_both_places():
    [finding] = duplicates(HELLO.format(name="a"), HELLO.format(name="a"))
    assert finding.message == "the scenario `a` is defined twice"
    assert finding.source.path == "more1.scn"
    [label] = finding.labels
    assert (label.source.path, label.text) == ("main.scn", "first defined here")
    assert label.source.text[label.span.start : label.span.end] == "a"


def test_the_first_of_two_counts():
    found = project(HELLO.format(name="a"), HELLO.format(name="a").replace("welcome", "sale"))
    assert found.scenarios["a"].source.path == "main.scn"


@pytest.mark.parametrize(
    "text",
    [
        "segment vip where customer.vip\nsegment vip where customer.vip",
        'segment gold where customer.vip\ndefine segment "gold" in "tier"',
        'define list "cart"\ndefine list "cart" without price',
        "define field order.pickup date\ndefine field order.pickup text",
        'define category paid "new"\ndefine category placed "new"',
        'define promo "P" one_time\ndefine promo "P" multi_use',
        "define products new where product.available\ndefine products new where product.available",
    ],
)
def test_words_are_defined_once(text):
    assert len(duplicates(text)) == 1


@pytest.mark.parametrize("text", ['define topic "a"\ndefine topic "a"', 'define status order "a"\ndefine status order "a", "b"'])
def test_a_plain_word_may_be_listed_twice(text):
    assert duplicates(text) == []


def test_a_former_name_belongs_to_one_scenario():
    [finding] = duplicates(HELLO.format(name="a"), HELLO.format(name="b") + "  formerly a")
    assert finding.message == "`a` is taken: its counters cannot belong to two scenarios"
    assert duplicates(HELLO.format(name="b") + "  formerly a") == []


def test_categories_of_statuses():
    """A status spelt like a category belongs to it (language.md §3)."""
    found = project('define category delivered "delivered", "выдан"\ndefine category paid "cancelled"')
    assert found.status_category("выдан") == "delivered"
    assert found.status_category("returned") == "returned"
    assert found.status_category("cancelled") == "paid"
    assert found.status_category("shipped") is None


def test_the_words_of_the_shop():
    words = project(
        'define list "cart", "wishlist"\ndefine list "later" without price\ndefine segment "gold", "silver" in "tier"\n'
        'define topic "news"\ndefine action "quiz_done"\ndefine balance "bonus"\ndefine field customer.birthday date\n'
        'define status order "new", "paid"\ndefine promo "P" one_time'
    ).vocabulary
    assert words.lists == {"cart": True, "wishlist": True, "later": False}
    assert words.segments == {"gold": "tier", "silver": "tier"}
    assert (words.topics, words.actions, words.balances) == (("news",), ("quiz_done",), ("bonus",))
    assert words.fields == {"customer.birthday": Type.DATE}
    assert words.statuses == ("new", "paid")
    assert list(words.promos) == ["P"]


def test_a_project_without_files_is_empty():
    found = project()
    assert not found.scenarios
    assert found.surroundings.timezone == "Europe/Berlin"
    assert Surroundings().templates is None


def test_the_name_of_a_step_is_given_once_in_a_scenario():
    """By it waiting customers are carried over an edit (language.md §2.2)."""
    steps = "  wait 1d as first\n  if customer.vip {\n    wait 2d as first\n  }\n"
    [finding] = duplicates(HELLO.format(name="a") + steps)
    assert finding.message == "two steps of the scenario are called `first`"
    assert duplicates(HELLO.format(name="a") + "  wait 1d as first\n" + HELLO.format(name="b") + "  wait 1d as first\n") == []


def test_a_code_may_have_one_name_in_each_branch():
    branches = '  if customer.vip { issue promo "A" as gift } else { issue promo "B" as gift }\n'
    assert duplicates(HELLO.format(name="a") + branches) == []
