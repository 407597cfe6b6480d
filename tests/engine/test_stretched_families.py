"""Segments and promo codes within stretches: what follows from facts by itself is the same as in ticks one by one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from interpreter.project.project_folder import Folder
from interpreter.project.project_folder import open_folder
from tests.engine.house import ZONE
from tests.engine.test_simulate import stamp
from tests.engine.test_stretches import played

ORDER = {"op": "order.create", "customer": "ann", "order": {"id": "2"}, "at": stamp(50_000), "received": stamp(50_000)}
EDIT = {"op": "customer.edit", "customer": "ann", "city": "Казань", "at": stamp(50_000), "received": stamp(50_000)}

MADE = """
define promo "NEXT" one_time generate "N-########"
scenario s
  on customer edited
  issue promo "NEXT"
  send letter by email
"""
CODED = """
define promo "P" one_time
segment code where any promo (promo.pool = "P")
scenario s
  on customer edited
  issue promo "P"
scenario t
  on segment code entered
  send letter by email
"""


def folder(root: Path, text: str) -> Folder:
    (root / "scn.toml").write_text(f'[project]\ntimezone = "{ZONE}"\n[channels.email]\nkind = "console"\n')
    (root / "all.scn").write_text(text)
    (root / "templates" / "letter").mkdir(parents=True)
    (root / "templates" / "letter" / "email.txt").write_text("Hello {{ customer.id }}\n")
    (root / "templates" / "letter" / "meta.toml").write_text('subject = "letter"\n')
    return open_folder(root)


@pytest.mark.parametrize(
    "text",
    [
        "segment awake where no order within 1d\nscenario s\n  on segment awake left\n  send letter by email\n",
        "segment new where no message within 1d\nscenario s\n  on customer created\n  send letter by email\n",
        MADE,
        CODED,
    ],
)
@pytest.mark.parametrize("size", [1, 40_000])
def test_segments_and_codes_are_the_same_in_stretches_as_in_single_ticks(tmp_path, text, size):
    shop = folder(tmp_path, text)
    raw: list[dict[str, Any]] = [
        {"op": "promo.load", "pool": "P", "codes": ["P-1", "P-2"], "at": stamp(0), "received": stamp(0)},
        ORDER,
        EDIT,
    ]
    single = played(shop, raw, facts=1, journeys=1, one_by_one=True)
    assert single["message"]
    assert played(shop, raw, facts=4000, journeys=4000, size=size) == single


def test_what_happened_before_a_fact_of_its_minute_leaves_that_fact_handled(tmp_path):
    """A visit that was over before anybody told of it ends at once: that is told before a fact half a minute later."""
    shop = folder(tmp_path, 'scenario s\n  on action "go"\n  send letter by email\n  limit 5 per customer\n')
    raw: list[dict[str, Any]] = [
        {"op": "session.activity", "customer": "ann", "at": stamp(3600), "received": stamp(10_810)},
        {"op": "action.issue", "template": "go", "customer": "ann", "at": stamp(10_850), "received": stamp(10_850)},
        {"op": "action.issue", "template": "go", "customer": "ann", "at": stamp(20_000), "received": stamp(20_000)},
    ]
    single = played(shop, raw, facts=1, journeys=1, one_by_one=True)
    assert len(single["message"]) == 2
    assert played(shop, raw, facts=4000, journeys=4000, size=1) == single
