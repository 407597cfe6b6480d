"""Both timelines side by side where they differ: what was expected, what happened, and the first difference marked."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from dsl import nodes
from dsl.report.display import cells
from dsl.report.display import clean
from interpreter.timeline.compare import Comparison
from interpreter.timeline.compare import Failure
from interpreter.timeline.happened import Happening
from interpreter.timeline.happened import said
from interpreter.timeline.lines import MINUTE
from interpreter.timeline.lines import Expected
from interpreter.timeline.lines import Timeline
from interpreter.timeline.lines import shown

WIDTH = 100
MARGIN = "  "
#: Of the time column: `2026-03-09 09:00`.
TIME = 16
#: Of each of the two columns.
COLUMN = (WIDTH - len(MARGIN) - 2 - TIME - 2 - 2) // 2
#: Rows shown around a difference.
CONTEXT = 2

FIRST, OTHER, SAME = "▶", "✗", "✓"
NOTHING = "nothing"

COLOURS = {"bad": "31", "good": "32", "odd": "33", "dim": "2", "strong": "1"}


def paint(name: str, text: str, *, colour: bool) -> str:
    """A piece of text in a colour, where colours are wanted."""
    return f"\x1b[{COLOURS[name]}m{text}\x1b[0m" if colour and text.strip() else text


@attrs.define(slots=True)
class Row:
    """A line of both timelines."""

    at: int | None
    """None: before the launch."""
    rank: int
    """At one moment: facts first."""
    given: str = ""
    """What was done: it belongs to both timelines."""
    left: str = ""
    right: str = ""
    differs: bool = False
    agrees: bool = False
    mark: str = " "


def table(timeline: Timeline, comparison: Comparison, zone: str, *, colour: bool = False) -> list[str]:
    """The rows that differ, with a little around them."""
    rows = _rows(timeline, comparison)
    wanted = _wanted(rows)
    if not any(row.differs for row in rows):
        return []
    first = next(row for row in rows if row.differs)
    for row in rows:
        row.mark = FIRST if row is first else OTHER if row.differs else SAME if row.agrees else " "
    head = f"{MARGIN}  {'':{TIME}}  {'expected':{COLUMN}}  happened"
    lines = [paint("dim", head.rstrip(), colour=colour)]
    shown_before = True
    for row, show in zip(rows, wanted, strict=True):
        if show:
            lines += _printed(row, zone, colour=colour)
        elif shown_before:
            lines.append(paint("dim", f"{MARGIN}  ⋮", colour=colour))
        shown_before = show
    return lines


def _rows(timeline: Timeline, comparison: Comparison) -> list[Row]:
    rows = [Row(given.at and _arrival(given.at), 0, given=_text(timeline, given.line)) for given in timeline.given]
    offences = {id(one) for failure in comparison.failures for one in failure.offences}
    free = list(comparison.free)
    for expected in timeline.expected:
        if isinstance(expected.line, nodes.ExpectNothing):
            continue
        rows.append(_expected(expected, comparison, free))
    nears = {id(failure.near) for failure in comparison.failures}
    rows += [
        Row(one.at, 1, right=one.said, differs=one.failed or id(one) in offences or id(one) in nears)
        for one in free
        if id(one) in offences or id(one) in nears or one.failed or not one.counts
    ]
    for failure in comparison.failures:
        if isinstance(failure.missing, type(None)) and failure.offences:
            _say_nothing(rows, failure)
    rows.sort(key=lambda row: (row.at is not None, row.at or 0, row.rank))
    return rows


def _expected(expected: Expected, comparison: Comparison, free: list[Happening]) -> Row:
    """An expectation, with what met it; else with what happened to the same customer in that minute."""
    wanted = said(expected.line)
    found = comparison.met.get(expected)
    if found is not None:
        return Row(found.at, 1, left=wanted, right=found.said, agrees=True)
    failure = next(one for one in comparison.failures if one.missing is expected)
    near = failure.near
    if near is not None and near in free and (expected.at is None or near.at // MINUTE == expected.at // MINUTE):
        free.remove(near)
        right = f"{near.said} without that text" if near.said == _without_text(expected.line) else near.said
        return Row(near.at, 1, left=wanted, right=right, differs=True)
    at = expected.at if expected.at is not None else 1 << 60
    return Row(at, 1, left=wanted, right=NOTHING, differs=True)


def _without_text(line: nodes.Expect) -> str:
    return said(attrs.evolve(line, containing=None)) if isinstance(line, nodes.ExpectSend) else ""


def _say_nothing(rows: list[Row], failure: Failure) -> None:
    """Beside what should not have happened stands that nothing was expected."""
    for row in rows:
        if row.differs and not row.left and any(row.right == one.said and row.at == one.at for one in failure.offences):
            row.left = NOTHING


def _text(timeline: Timeline, line: nodes.Line) -> str:
    """A line as the author wrote it, without its time, on one line."""
    start = line.span.start
    if isinstance(line, nodes.FactLine):
        start = line.operation.span.start
    return " ".join(timeline.source.text[start : line.span.end].split())


def _arrival(at: int) -> int:
    return at


def _wanted(rows: list[Row]) -> list[bool]:
    different = [number for number, row in enumerate(rows) if row.differs]
    return [any(-CONTEXT <= number - one <= CONTEXT - 1 for one in different) for number in range(len(rows))]


def _printed(row: Row, zone: str, *, colour: bool) -> Iterator[str]:
    if row.at is None:
        time = "before"
    else:
        time = "any time" if row.at >= 1 << 60 else shown(row.at, zone)
    mark = paint("bad" if row.differs else "good", row.mark, colour=colour)
    head = f"{MARGIN}{mark} {paint('strong' if row.differs else 'dim', time.ljust(TIME), colour=colour)}  "
    blank = f"{MARGIN}  {'':{TIME}}  "
    if row.given:
        pieces = wrapped(row.given, WIDTH - len(blank))
        yield from (f"{head if number == 0 else blank}{piece}" for number, piece in enumerate(pieces))
        return
    left, right = wrapped(row.left, COLUMN), wrapped(row.right, COLUMN)
    styles = ("odd", "bad") if row.differs else ("dim", "dim")
    for number in range(max(len(left), len(right))):
        one = left[number] if number < len(left) else ""
        two = right[number] if number < len(right) else ""
        padded = paint(styles[0], one, colour=colour) + " " * (COLUMN - width(one))
        yield f"{head if number == 0 else blank}{padded}  {paint(styles[1], two, colour=colour)}".rstrip()


def width(text: str) -> int:
    """Columns that a text takes on a terminal."""
    return sum(columns for _, columns in cells(text))


def wrapped(text: str, columns: int) -> list[str]:
    """A text on lines of so many columns, broken at spaces where there are any."""
    lines: list[str] = []
    line = ""
    for word in clean(text).split(" "):
        if line and width(line) + 1 + width(word) > columns:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
        while width(line) > columns:
            cut = next(count for count in range(len(line), 0, -1) if width(line[:count]) <= columns)
            lines.append(line[:cut])
            line = line[cut:]
    return [*lines, line]
