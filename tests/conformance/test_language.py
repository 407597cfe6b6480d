"""The worked examples of `domain.md`, played through the whole engine as tests in the language.

Each `.scn` file beside this one is a row of small shops, parted by lines `# ==== what it is about`; the title of a test begins with the
ids of the examples it plays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from dsl.project import load
from dsl.source import Source
from interpreter.loading import Loaded
from interpreter.project_folder import open_folder
from interpreter.project_folder import surroundings
from interpreter.timeline import report
from interpreter.timeline.suite import Suite
from interpreter.timeline.suite import results
from interpreter.timeline.suite import suite

HERE = Path(__file__).parent
IDS = frozenset((HERE / "ids.txt").read_text().split())
CUT = re.compile(r"^# ==== .*$", re.MULTILINE)
TITLE = re.compile(r'^test "([^"]*)"', re.MULTILINE)


def shops(text: str) -> list[str]:
    """The shops of a file, each at its own lines, so that places in messages are those of the file."""
    starts = [0, *(found.start() for found in CUT.finditer(text)), len(text)]
    return ["\n" * text.count("\n", 0, start) + text[start:end] for start, end in zip(starts, starts[1:], strict=False)]


def played() -> Iterator[object]:
    for file in sorted(HERE.glob("*.scn")):
        for number, shop in enumerate(shops(file.read_text(encoding="utf-8"))):
            for title in TITLE.findall(shop):
                marks = [pytest.mark.example(*ids)] if (ids := [word for word in title.split() if word in IDS]) else []
                yield pytest.param(file.name, number, title, marks=marks, id=f"{file.stem}: {title}")


@cache
def suite_of(name: str, number: int) -> Suite:
    folder = open_folder(HERE)
    text = shops((HERE / name).read_text(encoding="utf-8"))[number]
    return suite(Loaded(folder, load([Source(name, text)], surroundings(folder)), (), (name,)))


@pytest.mark.parametrize(("name", "number", "title"), [*played()])
def test_example(name: str, number: int, title: str) -> None:
    shop = suite_of(name, number)
    assert not shop.errors, [f"{error.source.position(error.span.start).line}: {error.message}" for error in shop.errors]
    found = list(results(shop, lambda test: test.node.title.text == title, colour=False))
    assert len(found) == 1, "two tests of one shop have the same title"
    assert found[0].passed, report.text(found[0], colour=False)
