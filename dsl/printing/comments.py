"""Which piece of a layout each comment belongs to: by where the pieces stood in the source."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

import attrs

from dsl import nodes
from dsl.printing.lines import Commented
from dsl.printing.lines import Remark
from dsl.printing.lines import Remarks
from dsl.printing.places import UNKNOWN
from dsl.printing.places import Places
from dsl.printing.rows import Piece
from dsl.printing.rows import Row


@attrs.define(slots=True)
class Placed:
    """The comments of a file, each where it is to be printed."""

    remarks: Commented
    tails: list[list[Remark]]
    """For each statement: what is indented under its last row."""
    end: list[Remark] = attrs.field(factory=list)
    """After the last statement, in column 0."""
    closed_up: set[int] = attrs.field(factory=set)
    """Pieces (by identity) whose empty line went above a comment taken out of them."""
    belongs: list[tuple[str, int]] = attrs.field(factory=list)
    """Each comment in order and the number of its region; -1 - N: under statement N."""


@attrs.define(slots=True)
class _Region:
    """A piece that knows its place, and the pieces after it that do not: the part of the source from here to the next region."""

    first: Piece
    last: Piece
    statement: int
    inside: list[nodes.Comment] = attrs.field(factory=list)


def place_comments(comments: Sequence[nodes.Comment], laid_out: Sequence[Sequence[Row]], places: Places) -> Placed:
    """For each comment its piece: above it when it stands alone before it, else behind it, or above it when it stands in the middle."""
    regions = _regions(laid_out)
    starts = [region.first.start for region in regions]
    placed = Placed({}, [[] for _ in laid_out])
    for comment in comments:
        index = bisect_right(starts, comment.span.start) - 1
        following = starts[index + 1] if index + 1 < len(starts) else len(places.text)
        inside = index >= 0 and (not comment.own_line or places.has_word(comment.span.end, following))
        if inside:
            regions[index].inside.append(comment)
            placed.belongs.append((comment.text, index))
            continue
        remark = Remark(comment.text, places.blank_above(comment.span.start))
        ends_statement = index + 1 == len(regions) or (index >= 0 and regions[index + 1].statement != regions[index].statement)
        if index >= 0 and ends_statement and _indented(comment, places) and not _above(placed, regions, index + 1):
            placed.tails[regions[index].statement].append(remark)
            placed.belongs.append((comment.text, -1 - regions[index].statement))
        else:
            _above(placed, regions, index + 1).append(remark)
            placed.belongs.append((comment.text, index + 1))
    for region in regions:
        _settle(region, placed, places)
    return placed


def _regions(laid_out: Sequence[Sequence[Row]]) -> list[_Region]:
    regions: list[_Region] = []
    for number, rows in enumerate(laid_out):
        for piece in (piece for row in rows for piece in row.pieces):
            if piece.start == UNKNOWN:
                regions[-1].last = piece
            else:
                regions.append(_Region(piece, piece, number))
    return regions


def _indented(comment: nodes.Comment, places: Places) -> bool:
    return comment.span.start > 0 and places.text[comment.span.start - 1] != "\n"


def _above(placed: Placed, regions: Sequence[_Region], index: int) -> list[Remark]:
    """What stands above a region; after the last one: at the end of the file."""
    return placed.remarks.setdefault(id(regions[index].first), Remarks()).above if index < len(regions) else placed.end


def _settle(region: _Region, placed: Placed, places: Places) -> None:
    """Comments inside go above; the last one behind, if it ended its line."""
    if not region.inside:
        return
    *above, last = region.inside
    if last.own_line:
        above.append(last)
    else:
        placed.remarks.setdefault(id(region.last), Remarks()).behind = last.text
    if above:
        blank = places.blank_above(region.first.start)
        placed.closed_up.add(id(region.first))
        several = [Remark(comment.text, blank and number == 0) for number, comment in enumerate(above)]
        placed.remarks.setdefault(id(region.first), Remarks()).above.extend(several)
