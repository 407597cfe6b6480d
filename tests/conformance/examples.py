"""Which worked examples of `domain.md` the tests play: counted from what passed, said at the end of a run of everything."""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Sequence
from pathlib import Path

import pytest

#: All worked examples of `domain.md` in its order, one id a line.
IDS: Sequence[str] = tuple((Path(__file__).parent / "ids.txt").read_text(encoding="utf-8").split())


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "example(*ids): the worked examples of domain.md that the test plays")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # User properties travel with the report, also from the workers of xdist; marks do not.
    for item in items:
        item.user_properties += [("example", name) for mark in item.iter_markers("example") for name in mark.args]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if config.args_source is not pytest.Config.ArgsSource.TESTPATHS or config.option.keyword or config.option.markexpr:
        return  # a part of the tests says nothing about what is not played
    passed = {value for report in terminalreporter.getreports("passed") for name, value in report.user_properties if name == "example"}
    failed = {value for report in terminalreporter.getreports("failed") for name, value in report.user_properties if name == "example"}
    covered = [name for name in IDS if name in passed - failed]
    missing = [name for name in IDS if name not in passed - failed]
    terminalreporter.write_sep("-", "worked examples of domain.md")
    terminalreporter.write_line(f"{len(covered)} of {len(IDS)} covered" + (f"; not yet: {', '.join(short(missing))}" if missing else ""))


def short(ids: Iterable[str]) -> list[str]:
    """Neighbours together: `X05a.1-5`."""
    runs: list[tuple[str, int, int]] = []
    for name in ids:
        found = re.fullmatch(r"(.*?)(\d*)", name)
        assert found
        head, number = found[1], int(found[2] or 0)
        if runs and runs[-1][0] == head and runs[-1][2] == number - 1:
            runs[-1] = (head, runs[-1][1], number)
        else:
            runs.append((head, number, number))
    return [f"{head}{first}-{last}" if last > first else f"{head}{first}" for head, first, last in runs]
