"""On any program whatever: the checks answer, point into the text, and their safe fixes leave a program that can be read."""

from __future__ import annotations

import re

import pytest
from hypothesis import given

from dsl.checker import all_checks
from dsl.checker import check
from dsl.parser import parse
from dsl.printer import print_node
from dsl.project import Surroundings
from dsl.project import load
from dsl.source import Source
from tests.conftest import GOLDEN
from tests.dsl.example_shop import SHOP
from tests.strategies import MODEST
from tests.strategies import files


def findings_of(file, surroundings):
    source = Source("any.scn", print_node(file))
    project = load([source], surroundings)
    return source, [*check(project)]


@MODEST
@given(file=files())
def test_findings_point_into_the_text(file):
    for surroundings in (SHOP, Surroundings()):
        source, found = findings_of(file, surroundings)
        for finding in found:
            assert finding.check in all_checks() or finding.check == "not-available-yet"
            assert 0 <= finding.span.start < finding.span.end <= len(source.text)
            assert finding.message
            assert "Name(" not in finding.message + finding.hint


@MODEST
@given(file=files())
def test_a_check_finds_nothing_without_the_words_it_is_about(file):
    for surroundings in (SHOP, Surroundings()):
        assert silenced(load([Source("any.scn", print_node(file))], surroundings)) == []


@pytest.mark.parametrize("path", sorted((GOLDEN / "checks").glob("*.scn")), ids=lambda path: path.stem)
def test_no_example_is_silenced_by_the_words_it_lacks(path):
    text = path.read_text(encoding="utf-8").replace("scn: ignore", "")
    # Each statement alone lacks what the others would bring.
    for part in (text, *re.split(r"\n(?=\S)", text)):
        assert silenced(load([Source(path.name, part)], SHOP)) == []


def silenced(project):
    """Checks that would find something but are not asked, for want of their words."""
    asked = {finding.check for finding in check(project)}
    return [one.name for one in all_checks().values() if one.run and one.name not in asked and list(one.run(project))]


@MODEST
@given(file=files())
def test_safe_fixes_leave_a_text_that_can_be_read(file):
    source, found = findings_of(file, SHOP)
    for finding in found:
        if finding.fix and finding.fix.safe:
            span = finding.fix.span
            fixed = source.text[: span.start] + finding.fix.replacement + source.text[span.end :]
            assert parse(Source("any.scn", fixed)).diagnostics == ()
