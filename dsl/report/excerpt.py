"""The lines a finding is about, with carets under the words meant."""

from __future__ import annotations

from dsl.forms import Record
from dsl.report.display import cells
from dsl.source import Source
from dsl.source import Span

#: A longer stretch shows its first and its last line.
_MOST_LINES = 3
#: A longer line is cut to what surrounds the carets.
_MOST_COLUMNS = 200
_BEFORE = 60
#: Code points of a line that are looked at: enough for all that is shown.
_LONG = 2000


class Row(Record):
    """A line of text and, under it, the carets; number 0: something was left out here."""

    number: int
    text: str = ""
    carets: str = ""


def rows(source: Source, span: Span) -> list[Row]:
    """The lines of a span. An empty span gets one caret, also behind the end of the line or in an empty file."""
    first = source.position(span.start)
    # A span that ends with a line break does not reach into the next line.
    last = source.position(span.end - 1 if span.end > span.start else span.start)
    numbers = list(range(first.line, last.line + 1))
    if len(numbers) > _MOST_LINES:
        numbers = [first.line, 0, last.line]
    return [_row(source, number, span) if number else Row(0) for number in numbers]


def _row(source: Source, number: int, span: Span) -> Row:
    line = source.line(number)
    begins = source.start_of_line(number)
    start = min(max(span.start - begins, 0), len(line))
    end = min(max(span.end - begins, start), len(line))
    if number > source.position(span.start).line:
        start = len(line) - len(line.lstrip()) if line.strip() else 0
        end = max(end, start)
    # Of a line without an end only what is near the carets is looked at.
    skipped = max(0, start - 2 * _MOST_COLUMNS) if len(line) > _LONG else 0
    line, start, end = line[skipped : skipped + _LONG], start - skipped, min(end - skipped, _LONG)
    shown = cells(line)
    cut_left, cut_right = 0, len(shown)
    if sum(width for _, width in shown) > _MOST_COLUMNS:
        cut_left = max(0, start - _BEFORE)
        cut_right = min(len(shown), cut_left + _MOST_COLUMNS)
    end = min(end, cut_right)
    left, right = "…" if cut_left or skipped else "", "…" if cut_right < len(shown) else ""
    before = len(left) + sum(width for _, width in shown[cut_left:start])
    under = sum(width for _, width in shown[start:end])
    text = left + "".join(piece for piece, _ in shown[cut_left:cut_right]) + right
    return Row(number, text.rstrip(), " " * before + "^" * max(under, 1))
