"""Every worked example of `domain.md` is a test, or it is said why it cannot be one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.conformance.examples import IDS
from tests.conformance.examples import NOT_PLAYED
from tests.conformance.examples import said
from tests.conformance.plays import TITLE

TESTS = Path(__file__).parent.parent


def played() -> Iterator[str]:
    """The ids of marks in Python, and of titles in the language."""
    for path in TESTS.rglob("*.scn"):
        for title in TITLE.findall(path.read_text(encoding="utf-8")):
            yield from title.split()
    for path in TESTS.rglob("test_*.py"):
        text = path.read_text(encoding="utf-8")
        if "mark.example(" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.example":
                yield from (str(arg.value) for arg in node.args if isinstance(arg, ast.Constant))


def test_every_example_is_played_or_it_is_said_why_not() -> None:
    there = set(played())
    assert [name for name in IDS if name not in there and name not in NOT_PLAYED] == []
    assert [name for name in NOT_PLAYED if name in there] == []


def test_what_is_not_played_is_an_example_with_a_reason() -> None:
    assert [name for name, why in NOT_PLAYED.items() if name not in IDS or len(why) < 20] == []
    assert len(set(IDS)) == len(IDS)


def test_the_summary_counts_what_passed() -> None:
    everything = set(IDS) - NOT_PLAYED.keys()
    end = f", {len(NOT_PLAYED)} cannot be: X10.3, X23.1-2; "
    assert said(everything) == f"{len(everything)} of {len(IDS)} played{end}0 missing"
    assert said(everything - {"X01.2", "X01.3"}) == f"{len(everything) - 2} of {len(IDS)} played{end}2 missing: X01.2-3"
