"""`scn fmt`: one way to lay a file out, without options; what it means stays, and that is proven before anything is written.

- A statement starts in column 0, the rest of it is indented by two spaces a level; a line has at most 100 columns, comments not counted.
  A clause or a step takes a line; `quiet`, `only`, `as` stay on the line of their step; a trigger's `where` takes a line of its own.
- The author's order stays, and so do the quotes: `-> "shipped"` is not turned into `-> shipped`. Lengths of time and numbers get their
  one spelling.
- A condition that is too long is broken before its `and`s and `or`s, the outer ones first. The `{` after a broken line gets its own.
- Between two statements stands one empty line; only segments, policies and defines may follow each other closely, as the author has it.
- In a `scenario` an empty line parts the clauses at the top from the steps, and the steps from the clauses at the end. A bare `on …` or
  `every …` is short: nothing is added there. Everywhere else single empty lines between clauses, steps, lines of a test and comments
  stay, and several become one.
- In a test the times make a column, and a fact too long for its line is laid out a value a line.
- Comments stay, in their order, with the clause, step, line or part of a condition they stood above, in or behind. One inside goes above
  it, or behind it when it ended its line. After the last line of a statement an indented comment belongs to that statement, one in
  column 0 to the next.
"""

from __future__ import annotations

import attrs

from dsl import nodes
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Severity
from dsl.parser import ParsedFile
from dsl.parser import parse
from dsl.printing.comments import place_comments
from dsl.printing.lines import Page
from dsl.printing.phrases import Phrases
from dsl.printing.places import Places
from dsl.printing.rows import Gap
from dsl.printing.rows import Row
from dsl.printing.statements import StatementLayout
from dsl.source import Source

BUG = "this is a bug in scn, the file is unchanged"

#: These may follow each other without an empty line.
_LISTED = (
    nodes.Segment,
    nodes.PolicyQuiet,
    nodes.PolicyCap,
    nodes.Define,
    nodes.DefineCategory,
    nodes.DefineField,
    nodes.DefinePromo,
    nodes.DefineProducts,
)


@attrs.frozen(slots=True)
class Formatted:
    """What became of a file. Without `text` the file stays as it is: for its syntax errors, or because a proof failed."""

    text: str | None
    """The whole file in its layout, `\\n` line ends."""
    diagnostics: tuple[Diagnostic, ...] = ()
    failure: str = ""
    """Which proof failed; the sentence to show."""


def format_text(source: Source) -> Formatted:
    """The source laid out; proven to mean the same, to be stable, and to keep every comment where it belongs."""
    parsed = parse(source)
    if any(problem.severity is Severity.ERROR for problem in parsed.diagnostics):
        return Formatted(None, parsed.diagnostics)
    text, comments = _lay_out(parsed)
    again = parse(Source(source.path, text))
    # Trees are compared as they print: equality would take `true` for 1 and forget the order of keys.
    if again.diagnostics or repr(again.file.statements) != repr(parsed.file.statements):
        return Formatted(None, failure=f"{BUG}: laid out it would mean something else")
    text_again, comments_again = _lay_out(again)
    if comments_again != comments:
        return Formatted(None, failure=f"{BUG}: laid out a comment would be lost or stand elsewhere")
    if text_again != text:
        return Formatted(None, failure=f"{BUG}: laid out twice it would look different")
    return Formatted(text, parsed.diagnostics)


#: A comment and the row or part it belongs to, by their number in the file.
_Belongs = tuple[str, int]


def _lay_out(parsed: ParsedFile) -> tuple[str, list[_Belongs]]:
    """The text, and what each comment belongs to."""
    places = Places(parsed.source)
    layout = StatementLayout(Phrases(parsed.source), places)
    laid_out = [layout.statement(statement) for statement in parsed.file.statements]
    placed = place_comments(parsed.file.comments, laid_out, places)
    page = Page(placed.remarks)
    listed = False
    for statement, rows, tail in zip(parsed.file.statements, laid_out, placed.tails, strict=True):
        gaps = [_authors_gap(row, placed.closed_up, places) for row in rows]
        rows[0].gap = Gap.AUTHOR if listed and isinstance(statement, _LISTED) else Gap.ALWAYS
        page.rows(rows, gaps)
        for remark in tail:
            page.remark(remark, 1)
        listed = isinstance(statement, _LISTED)
    if placed.end:
        page.blank()
    for remark in placed.end:
        page.remark(remark, 0)
    return "".join(f"{line}\n" for line in page.lines), placed.belongs


def _authors_gap(row: Row, closed_up: set[int], places: Places) -> bool:
    piece = row.pieces[0]
    return id(piece) not in closed_up and places.blank_above(piece.start)
