"""Files of tests in the language, one item of pytest for each test.

A file is a row of small shops, parted by lines `# ==== what it is about`: each is a project of its own, in the folder of the file with its
`scn.toml` and templates. A title begins with the ids of the examples of `domain.md` that the test plays.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from dsl.project import load
from dsl.source import Source
from interpreter.project.loading import Loaded
from interpreter.project.project_folder import open_folder
from interpreter.project.project_folder import surroundings
from interpreter.timeline import report
from interpreter.timeline.suite import Suite
from interpreter.timeline.suite import results
from interpreter.timeline.suite import suite
from tests.conformance.examples import IDS

CUT = re.compile(r"^# ==== .*$", re.MULTILINE)
TITLE = re.compile(r'^test "([^"]*)"', re.MULTILINE)


def shops(text: str) -> list[str]:
    """The shops of a file, each at its own lines, so that places in messages are those of the file."""
    starts = [0, *(found.start() for found in CUT.finditer(text)), len(text)]
    return ["\n" * text.count("\n", 0, start) + text[start:end] for start, end in pairwise(starts)]


def cases(folder: Path) -> list[ParameterSet]:
    """(file, number of the shop, title) of every test in the files of a folder."""
    found = []
    for file in sorted(folder.glob("*.scn")):
        for number, shop in enumerate(shops(file.read_text(encoding="utf-8"))):
            for title in TITLE.findall(shop):
                ids = [word for word in title.split() if word in IDS]
                marks = [pytest.mark.example(*ids)] if ids else []
                found.append(pytest.param(file, number, title, marks=marks, id=f"{file.stem}: {title}"))
    return found


@cache
def suite_of(file: Path, number: int) -> Suite:
    folder = open_folder(file.parent)
    text = shops(file.read_text(encoding="utf-8"))[number]
    return suite(Loaded(folder, load([Source(file.name, text)], surroundings(folder)), (), (file.name,)))


def play(file: Path, number: int, title: str) -> None:
    """Run one test; fails as `scn test` would tell it."""
    shop = suite_of(file, number)
    assert not shop.errors, [f"{file.name}:{error.source.position(error.span.start).line}: {error.message}" for error in shop.errors]
    found = list(results(shop, lambda test: test.node.title.text == title, colour=False))
    assert len(found) == 1, "two tests of one shop have the same title"
    if not found[0].passed:
        pytest.fail(report.text(found[0], colour=False), pytrace=False)
