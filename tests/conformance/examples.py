"""Which worked examples of `domain.md` the tests play: counted from what passed, said at the end of a run of everything."""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path

import pytest

#: All worked examples of `domain.md` in its order, one id a line.
IDS: Sequence[str] = tuple((Path(__file__).parent / "ids.txt").read_text(encoding="utf-8").split())


def _not_played() -> Mapping[str, str]:
    lines = (Path(__file__).parent / "not_played.txt").read_text(encoding="utf-8").splitlines()
    return {name: why.strip() for name, _, why in (line.partition(":") for line in lines if line and not line.startswith("#"))}


#: Those that cannot be played as they are written, and why.
NOT_PLAYED: Mapping[str, str] = _not_played()


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
    terminalreporter.write_sep("-", "worked examples of domain.md")
    terminalreporter.write_line(said(passed - failed))


def said(passed: set[str]) -> str:
    """`207 of 210 played, 3 cannot be: X10.3, X23.1-2; 0 missing`."""
    played = [name for name in IDS if name in passed]
    missing = [name for name in IDS if name not in passed and name not in NOT_PLAYED]
    cannot = [name for name in NOT_PLAYED if name not in passed]
    return (
        f"{len(played)} of {len(IDS)} played"
        + (f", {len(cannot)} cannot be: {', '.join(short(cannot))}" if cannot else "")
        + f"; {len(missing)} missing"
        + (f": {', '.join(short(missing))}" if missing else "")
    )


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
