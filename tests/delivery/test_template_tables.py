"""What templates hold, kept for the next tick."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from interpreter.delivery.template_tables import kept
from interpreter.delivery.template_tables import known
from interpreter.delivery.template_uses import describe

LIBRARY = Path(__file__).parent.parent.parent / "scenarios" / "templates"


def test_what_was_kept_is_what_the_templates_hold() -> None:
    found = describe(LIBRARY)
    assert any(table.offers for table in found.values())
    assert known(kept(found)) == found


@pytest.mark.parametrize("text", [None, "", "{", "[]", '{"made_by": 0, "tables": {"a": 1}}'])
def test_what_is_no_such_text_is_not_known(text: str | None) -> None:
    assert known(text) is None


def test_what_another_release_found_is_not_known() -> None:
    text = json.loads(kept(describe(LIBRARY)))
    assert known(json.dumps(text)) is not None
    assert known(json.dumps({**text, "made_by": text["made_by"] + 1})) is None
