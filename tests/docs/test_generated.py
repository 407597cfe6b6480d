"""`make docs` was run: what pages take from the code is what the code says."""

from __future__ import annotations

import re

import pytest

from interpreter.docs import PARTS
from interpreter.docs import rewritten
from tests.docs.pages import everything
from tests.docs.pages import pages


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_generated_parts_are_up_to_date(page):
    text = page.read_text(encoding="utf-8")
    assert rewritten(text) == text, "run `make docs`"


def test_every_part_has_its_place_once():
    assert sorted(re.findall(r"<!-- generated: ([\w-]+) -->", everything())) == sorted(PARTS)


def test_only_what_stands_between_markers_is_rewritten():
    page = "before\n<!-- generated: is-words -->\nold\n<!-- end -->\nafter\n"
    after = rewritten(page)
    assert after.startswith("before\n<!-- generated: is-words -->\n")
    assert after.endswith("<!-- end -->\nafter\n")
    assert "old" not in after
    assert "cancelled" in after
    assert rewritten(after) == after
