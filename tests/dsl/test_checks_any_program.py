"""On any program whatever: the checks answer, point into the text, and their safe fixes leave a program that can be read."""

from __future__ import annotations

from hypothesis import given

from dsl.availability import unavailable
from dsl.checker import all_checks
from dsl.checker import check
from dsl.parser import parse
from dsl.printer import print_node
from dsl.project import Surroundings
from dsl.project import load
from dsl.source import Source
from tests.dsl.example_shop import SHOP
from tests.strategies import MODEST
from tests.strategies import files


def findings_of(file, surroundings):
    source = Source("any.scn", print_node(file))
    project = load([source], surroundings)
    return source, [*check(project), *unavailable(project, tests=True)]


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
def test_safe_fixes_leave_a_text_that_can_be_read(file):
    source, found = findings_of(file, SHOP)
    for finding in found:
        if finding.fix and finding.fix.safe:
            span = finding.fix.span
            fixed = source.text[: span.start] + finding.fix.replacement + source.text[span.end :]
            assert parse(Source("any.scn", fixed)).diagnostics == ()
