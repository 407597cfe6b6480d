"""What a marketer reads: `tests/golden/checks/NAME.scn` and its findings as text. Review these files as you would a user interface."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dsl.checker import all_checks
from dsl.checker import check
from dsl.project import load
from dsl.report import render
from dsl.source import Source
from tests.dsl.example_shop import SHOP

FOLDER = Path(__file__).parent.parent / "golden" / "checks"
PROGRAMS = sorted(FOLDER.glob("*.scn"))


def messages(path):
    return check(load([Source(path.name, path.read_text(encoding="utf-8"))], SHOP))


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_findings_read_like_this(path, golden):
    golden(f"checks/{path.stem}.txt", render("text", messages(path)))


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_messages_keep_the_style(path):
    for finding in messages(path):
        for sentence in (finding.message, finding.hint):
            assert not sentence.endswith(".")
            assert not re.match(r"[A-ZА-Я]", sentence)
            assert "\n" not in sentence
            assert sentence.count("`") % 2 == 0


def test_every_check_has_a_golden_message():
    assert {path.stem for path in PROGRAMS} >= set(all_checks())
