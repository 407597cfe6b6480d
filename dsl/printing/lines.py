"""From rows to lines: joins, breaks and indents, with comments where they belong."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from dsl.printing.rows import BRACE
from dsl.printing.rows import FILL
from dsl.printing.rows import STICKS
from dsl.printing.rows import Gap
from dsl.printing.rows import Piece
from dsl.printing.rows import Row

WIDTH = 100
INDENT = "  "


@attrs.define(slots=True)
class Remark:
    """A comment above a piece, and whether an empty line stands above it."""

    text: str
    blank: bool = False


@attrs.define(slots=True)
class Remarks:
    """The comments of one piece."""

    above: list[Remark] = attrs.field(factory=list)
    behind: str = ""


#: By the piece's identity; a piece without comments is missing.
Commented = dict[int, Remarks]

_NONE = Remarks()


class Page:
    """Lines being written."""

    def __init__(self, remarks: Commented | None = None) -> None:
        self.lines: list[str] = []
        self._remarks = remarks or {}
        self._opened = False

    def blank(self) -> None:
        """One empty line, unless there is one or nothing stands above it."""
        if self.lines and self.lines[-1]:
            self.lines.append("")

    def remark(self, remark: Remark, indent: int, *, may_part: bool = True) -> None:
        """A comment on a line of its own."""
        if remark.blank and may_part:
            self.blank()
        self.lines.append(INDENT * indent + remark.text)

    def rows(self, rows: Sequence[Row], gaps: Sequence[bool]) -> None:
        """The rows of a statement; `gaps`: did the author leave a line empty above the row (under its comments)?"""
        index = 0
        while index < len(rows):
            first, several = index, [rows[index]]
            while index + 1 < len(rows) and rows[index + 1].joins and not self._parted(rows[index], rows[index + 1]):
                index += 1
                several.append(rows[index])
            self._row(several, authors_gap=gaps[first])
            index += 1

    def _parted(self, one: Row, other: Row) -> bool:
        return bool(self._of(one.pieces[-1]).behind or self._of(other.pieces[0]).above)

    def _of(self, piece: Piece) -> Remarks:
        return self._remarks.get(id(piece), _NONE)

    def _row(self, several: list[Row], *, authors_gap: bool) -> None:
        row = several[0]
        pieces = [piece for one in several for piece in one.pieces]
        closing = pieces[0].text.startswith("}")
        if row.gap is Gap.ALWAYS:
            self.blank()
        above = self._of(pieces[0]).above
        for index, remark in enumerate(above):
            may_part = index > 0 or row.gap is not Gap.NEVER or (closing and not self._opened)
            self.remark(remark, row.indent + closing, may_part=may_part)
        if authors_gap and not closing and (row.gap is not Gap.NEVER or above):
            self.blank()
        self._lay(pieces, row.indent, row.indent + 1)
        self._opened = pieces[-1].text.endswith("{")

    def _lay(self, pieces: Sequence[Piece], indent: int, hang: int) -> None:
        """On one line if it fits and no comment parts it, else broken before the loosest pieces; what follows hangs deeper."""
        text = " ".join(piece.text for piece in pieces)
        loosest = min((piece.looseness for piece in pieces[1:] if piece.looseness != STICKS), default=STICKS)
        parted = any(self._of(piece).above for piece in pieces[1:]) or any(self._of(piece).behind for piece in pieces[:-1])
        if loosest == STICKS or (not parted and len(INDENT) * indent + len(text) <= WIDTH):
            behind = self._of(pieces[-1]).behind
            self.lines.append(INDENT * indent + text + (f"  {behind}" if behind else ""))
        elif loosest == FILL and all(piece.looseness != BRACE for piece in pieces):
            self._fill(pieces, indent, hang)
        else:
            only_brace = loosest in (FILL, BRACE)
            for index, group in enumerate(_groups(pieces, BRACE if only_brace else loosest)):
                deeper = indent if index == 0 or group[0].looseness == BRACE else hang
                for remark in self._of(group[0]).above if index else ():
                    self.remark(remark, deeper, may_part=False)
                self._lay(group, deeper, hang if only_brace else hang + 1)

    def _fill(self, pieces: Sequence[Piece], indent: int, hang: int) -> None:
        line = INDENT * indent + pieces[0].text
        for piece in pieces[1:]:
            if len(line) + 1 + len(piece.text) > WIDTH:
                self.lines.append(line)
                line = INDENT * hang + piece.text
            else:
                line += f" {piece.text}"
        behind = self._of(pieces[-1]).behind
        self.lines.append(line + (f"  {behind}" if behind else ""))


def _groups(pieces: Sequence[Piece], looseness: int) -> list[list[Piece]]:
    groups: list[list[Piece]] = []
    for piece in pieces:
        if not groups or piece.looseness in (looseness, BRACE):
            groups.append([])
        groups[-1].append(piece)
    return groups
