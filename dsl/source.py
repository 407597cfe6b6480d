"""Where a piece of program stands: a source file, a span in it, and the line and column a person counts."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property

import attrs

from dsl.forms import Record


class Span(Record):
    """A half-open range of code points [start, end) of one source."""

    start: int
    end: int

    def __lt__(self, other: Span) -> bool:
        """By where they start, then by where they end."""
        return (self.start, self.end) < (other.start, other.end)

    def join(self, other: Span) -> Span:
        """The smallest span that holds both."""
        return Span(min(self.start, other.start), max(self.end, other.end))


#: For nodes made by code rather than read from text.
NOWHERE = Span(0, 0)


class Position(Record):
    """A place as a person counts it: line and column from 1, in code points; offset from 0."""

    line: int
    column: int
    offset: int


@attrs.frozen(slots=False)
class Source:
    """One `.scn` file: the path to show and the text, whose lines end in a single line feed."""

    path: str
    text: str = attrs.field(repr=False)

    @cached_property
    def _line_starts(self) -> list[int]:
        starts = [0]
        place = self.text.find("\n")
        while place != -1:
            starts.append(place + 1)
            place = self.text.find("\n", place + 1)
        return starts

    def position(self, offset: int) -> Position:
        """Line and column of an offset; an offset past the end is the end."""
        offset = min(max(offset, 0), len(self.text))
        line = bisect_right(self._line_starts, offset)
        return Position(line, offset - self._line_starts[line - 1] + 1, offset)

    def utf16_column(self, offset: int) -> int:
        """The column from 0 in UTF-16 units, as editors count."""
        start = self._line_starts[self.position(offset).line - 1]
        return len(self.text[start:offset].encode("utf-16-le")) // 2

    def start_of_line(self, number: int) -> int:
        """The offset at which a line (from 1) begins."""
        return self._line_starts[number - 1]

    def line(self, number: int) -> str:
        """The text of a line (from 1) without its line end; empty past the end."""
        if not 1 <= number <= len(self._line_starts):
            return ""
        start = self._line_starts[number - 1]
        end = self.text.find("\n", start)
        return self.text[start : end if end != -1 else None]

    @property
    def line_count(self) -> int:
        """How many lines the text has, an empty last one included."""
        return len(self._line_starts)
