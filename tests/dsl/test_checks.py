"""Every check has a page that works: its bad example gives exactly that finding, its good example gives none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dsl import checks
from dsl.checker import all_checks
from tests.dsl.example_shop import findings
from tests.dsl.example_shop import names

CHECKS = all_checks()


def example(name: str, heading: str) -> str:
    """The fenced example below a heading of the page."""
    found = re.search(rf"## {heading}\n\n```scn\n(.*?)```", CHECKS[name].page, re.DOTALL)
    assert found, f"the page of {name} has no example below `## {heading}`"
    return found[1]


@pytest.mark.parametrize("name", CHECKS)
def test_what_to_avoid_is_found(name):
    found = names(example(name, "Avoid"))
    assert found
    assert set(found) == {name}


@pytest.mark.parametrize("name", CHECKS)
def test_what_to_prefer_is_fine(name):
    assert findings(example(name, "Prefer")) == []


@pytest.mark.parametrize("name", CHECKS)
def test_a_page_says_what_and_why(name):
    title, blank, *rest = CHECKS[name].page.split("\n")
    assert title.endswith(".")
    assert not blank
    assert "## Why" in rest


@pytest.mark.parametrize("name", CHECKS)
def test_findings_have_the_severity_of_the_page(name):
    assert {finding.severity for finding in findings(example(name, "Avoid"))} == {CHECKS[name].severity}


def test_every_file_of_a_check_is_listed():
    files = sorted(path.stem for path in Path(checks.__file__).parent.glob("[!_]*.py"))
    assert list(checks.ABOUT) == files
