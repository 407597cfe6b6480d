"""Rows and pieces: what stands on a line of its own, where it may be broken, and where it stood in the source.

A row is made of pieces. It is laid out on one line when that fits; else it is broken before its loosest pieces, then, where a part is
still too long, before the next looser ones (`lines.py`). `dsl/formatter.py` puts the comments in between.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence
from enum import Enum

import attrs

from dsl import nodes
from dsl.printing.phrases import Phrases
from dsl.printing.places import UNKNOWN
from dsl.printing.places import Places

#: A row breaks before pieces of the lowest looseness in it; 0 sticks to what stands before it.
STICKS = 0
CLAUSE = 1
FILL = 90
"""Items of a list: as many on a line as it takes."""
BRACE = 99
"""The `{` after a broken row: on a line of its own, not indented."""


@attrs.define(slots=True)
class Piece:
    """Some words that are never parted."""

    text: str
    looseness: int = STICKS
    start: int = UNKNOWN
    """Where its first word stands in the source; unknown: it goes with the piece before it."""


class Gap(Enum):
    """The empty line above a row."""

    NEVER = 0
    AUTHOR = 1
    """When the author put one."""
    ALWAYS = 2


@attrs.define(slots=True)
class Row:
    """What stands on a line of its own, if it is short enough."""

    pieces: list[Piece]
    indent: int = 0
    gap: Gap = Gap.NEVER
    joins: bool = False
    """Goes on the line of the row before it, unless a comment stands between: `} else {`."""


def row(text: str, indent: int = 0, start: int = UNKNOWN, gap: Gap = Gap.NEVER) -> Row:
    """A row of one piece."""
    return Row([Piece(text, start=start)], indent, gap)


class Layout:
    """Turns nodes into rows; with a source the rows stand in the order of the source and know their place."""

    def __init__(self, phrases: Phrases, places: Places) -> None:
        self.phrases = phrases
        self.places = places

    # -------------------------------------------------------------------------------------------------- conditions

    def condition(self, lead: str, expression: nodes.Expression, looseness: int = CLAUSE) -> list[Piece]:
        """`if a`, `and b`: an introducing word and a condition, in the pieces it may be broken into."""
        pieces = self._parts(expression, looseness)
        pieces[0].text = f"{lead} {pieces[0].text}"
        pieces[0].start = self._before(expression)
        return pieces

    def _before(self, expression: nodes.Expression) -> int:
        return self.places.before(expression.span.start)

    def _parts(self, expression: nodes.Expression, looseness: int) -> list[Piece]:
        if isinstance(expression, nodes.And | nodes.Or):
            joint = "and" if isinstance(expression, nodes.And) else "or"
            pieces: list[Piece] = []
            for part in expression.parts:
                several = self._parts(part, looseness + 1)
                if self.phrases.needs_brackets(part, 3):
                    several[0].text = f"({several[0].text}"
                    several[-1].text += ")"
                if pieces:
                    several[0] = Piece(f"{joint} {several[0].text}", looseness, self._before(part))
                pieces += several
            return pieces
        if isinstance(expression, nodes.History) and isinstance(expression.selection.where, nodes.And | nodes.Or):
            where = expression.selection.where
            head, tail = self.phrases.phrase(expression).split(f"({self.phrases.phrase(where)})", maxsplit=1)
            pieces = self._parts(where, looseness + 1)
            pieces[0].text = f"{head}({pieces[0].text}"
            pieces[-1].text += f"){tail}"
            return pieces
        if isinstance(expression, nodes.OneOf):
            head = f"{self.phrases.within(expression.operand, 5)} {'not ' if expression.negated else ''}in ("
            return self._list(head, [self.phrases.within(choice, 5) for choice in expression.choices], ")")
        return [Piece(self.phrases.phrase(expression))]

    def _list(self, head: str, items: Sequence[str], tail: str = "") -> list[Piece]:
        """A head and its items, filled into as few lines as hold them."""
        texts = [item + ("," if index < len(items) - 1 else tail) for index, item in enumerate(items)]
        return [Piece(head + texts[0]), *(Piece(text, FILL) for text in texts[1:])]

    def listing(self, head: str, names: Iterable[nodes.Name]) -> list[Piece]:
        """`define list "cart", "wishlist"`"""
        return self._list(f"{head} ", [self.phrases.name(name) for name in names])

    def where(self, where: nodes.Expression | None) -> list[Piece]:
        """`where a`, in pieces; nothing for nothing."""
        if where is None:
            return []
        pieces = self.condition("where", where, CLAUSE + 1)
        pieces[0].looseness = CLAUSE
        return pieces
