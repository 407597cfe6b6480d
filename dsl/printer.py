"""Nodes as text: the canonical spelling. What it prints is a function of what the nodes mean, not of where they stood:
equal nodes give equal text (a scenario's version is its hash), and that text parses to equal nodes.

Clauses come first, then the steps; names are bare where they can be. `dsl/formatter.py` prints the same rows, but keeps the author's
order, quotes, empty lines and comments.
"""

from __future__ import annotations

from dsl import nodes
from dsl.printing.lines import Page
from dsl.printing.phrases import Phrases
from dsl.printing.phrases import literal
from dsl.printing.places import Places
from dsl.printing.rows import Row
from dsl.printing.statements import StatementLayout


def print_statement(statement: nodes.Statement) -> str:
    """A whole statement, over as many lines as it takes, without a line end behind the last."""
    return _text(_layout().statement(statement))


def print_node(node: nodes.Node | nodes.Value) -> str:
    """Any node or value. Expressions, events and clauses take one line, steps with blocks, statements and files several."""
    match node:
        case nodes.File():
            return "\n\n".join(map(print_statement, node.statements))
        case nodes.Statement():
            return print_statement(node)
        case nodes.Clause():
            return " ".join(piece.text for pieces in _layout().clause(node) for piece in pieces)
        case nodes.Step():
            return _text(_layout().step(node, 0))
        case nodes.Branch():
            return _text(_layout().step(nodes.If((node,)), 0))
        case nodes.Arm():
            return _text(_layout().arm(node, 0))
        case nodes.Line():
            return _text(_layout().line(node))
        case nodes.Node():
            return Phrases().phrase(node)
    return literal(node)


def _layout() -> StatementLayout:
    return StatementLayout(Phrases(), Places())


def _text(rows: list[Row]) -> str:
    page = Page()
    page.rows(rows, [False] * len(rows))
    return "\n".join(page.lines)
