"""Both timelines side by side where they differ: what was expected, what happened, and the first difference marked."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from dsl import nodes
from dsl.report.display import cells
from dsl.report.display import clean
from interpreter.timeline.compare import Comparison
from interpreter.timeline.happened import Happening
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
#: Where what was expected at any time and never came is shown: at the end.
NEVER = 1 << 60

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
    rows = [Row(given.at, 0, given=given.said) for given in timeline.given]
    free = list(comparison.free)
    rows += [_expected(expected, comparison, free) for expected in timeline.expected if not isinstance(expected.line, nodes.ExpectNothing)]
    offences = {one for failure in comparison.failures for one in failure.offences}
    odd = offences | {failure.near for failure in comparison.failures}
    rows += [
        Row(one.at, 1, left=NOTHING if one in offences else "", right=one.said, differs=one in odd or one.failed)
        for one in free
        if one in odd or not one.counts
    ]
    rows.sort(key=lambda row: (row.at is not None, row.at or 0, row.rank))
    return rows


def _expected(expected: Expected, comparison: Comparison, free: list[Happening]) -> Row:
    """An expectation, with what met it; else with what happened in its place, or to the same customer in that minute."""
    met = comparison.met.get(expected)
    if met is not None:
        return Row(met.at, 1, left=expected.said, right=met.said, agrees=True)
    near = next(failure.near for failure in comparison.failures if failure.missing is expected)
    beside = near if near is not None and _same_time(expected, near) else next((one for one in free if _ended_then(expected, one)), None)
    if beside is None:
        return Row(NEVER if expected.at is None else expected.at, 1, left=expected.said, right=NOTHING, differs=True)
    free.remove(beside)
    line = expected.line
    lacking = isinstance(line, nodes.ExpectSend) and line.containing is not None and isinstance(beside.line, nodes.ExpectSend)
    return Row(beside.at, 1, left=expected.said, right=beside.said + (" without that text" if lacking else ""), differs=True)


def _same_time(expected: Expected, happening: Happening) -> bool:
    return expected.at is None or happening.at // MINUTE == expected.at // MINUTE


def _ended_then(expected: Expected, happening: Happening) -> bool:
    """Whether a journey of the same customer ended in the minute in which something was expected."""
    wanted = getattr(expected.line, "customer", None)
    found = happening.decision.customer if happening.decision is not None else None
    return expected.at is not None and wanted is not None and wanted.text == found and _same_time(expected, happening)


def _wanted(rows: list[Row]) -> list[bool]:
    different = [number for number, row in enumerate(rows) if row.differs]
    return [any(-CONTEXT <= number - one <= CONTEXT - 1 for one in different) for number in range(len(rows))]


def _printed(row: Row, zone: str, *, colour: bool) -> Iterator[str]:
    time = "before" if row.at is None else "any time" if row.at == NEVER else shown(row.at, zone)
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
