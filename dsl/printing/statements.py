"""The rows of statements, one for each kind."""

from __future__ import annotations

from functools import singledispatchmethod

from dsl import nodes
from dsl.printing.phrases import duration
from dsl.printing.phrases import quote
from dsl.printing.places import UNKNOWN
from dsl.printing.rows import CLAUSE
from dsl.printing.rows import Gap
from dsl.printing.rows import Piece
from dsl.printing.rows import Row
from dsl.printing.rows import row
from dsl.printing.timelines import TimelineLayout


class StatementLayout(TimelineLayout):
    """A statement, as the rows it takes."""

    @singledispatchmethod
    def _statement(self, node: nodes.Statement) -> list[Row]:
        raise TypeError(type(node))

    def statement(self, node: nodes.Statement) -> list[Row]:
        """The rows of a statement; the first is not indented."""
        rows = self._statement(node)
        rows[0].pieces[0].start = node.span.start if self.places else UNKNOWN
        return rows

    # --------------------------------------------------------------------------------------------------- scenarios

    @_statement.register
    def _scenario(self, node: nodes.Scenario) -> list[Row]:
        title = f" {quote(node.title)}" if node.title else ""
        rows = [] if node.bare else [row(f"scenario {self.phrases.name(node.name)}{title}")]
        items: list[nodes.Clause | nodes.Step] = [*node.clauses, *node.steps]
        if self.places:
            items.sort(key=lambda item: item.span.start)
        last_step = max((index for index, item in enumerate(items) if isinstance(item, nodes.Step)), default=len(items))
        first_step = next((index for index, item in enumerate(items) if isinstance(item, nodes.Step)), len(items))
        for index, item in enumerate(items):
            gap = Gap.AUTHOR if rows and index else Gap.NEVER
            if not node.bare and index in (first_step, last_step + 1):
                gap = Gap.ALWAYS
            if isinstance(item, nodes.Step):
                rows += self.step(item, 1, gap)
            else:
                several = [Row(pieces, 1) for pieces in self.clause(item)]
                several[0].gap = gap
                rows += several
        if node.bare and rows:
            rows[0].indent = 0
        return rows

    # ---------------------------------------------------------------------------------------- segments and policies

    @_statement.register
    def _segment(self, node: nodes.Segment) -> list[Row]:
        return [Row([Piece(f"segment {self.phrases.name(node.name)}"), *self.where(node.where)])]

    @_statement.register
    def _policy_quiet(self, node: nodes.PolicyQuiet) -> list[Row]:
        channels = self.listing("for", node.channels) if node.channels else []
        for piece in channels[:1]:
            piece.looseness = CLAUSE
        return [Row([Piece(f"policy {self.phrases.phrase(node.quiet)}"), *channels])]

    @_statement.register
    def _policy_cap(self, node: nodes.PolicyCap) -> list[Row]:
        messages = "message" if node.count == 1 else "messages"
        channel = self.phrases.name(node.channel) if node.channel else messages
        hold = f" else hold {duration(node.hold)}" if node.hold else ""
        return [row(f"policy cap {node.count} {channel} within {duration(node.within)}{hold}")]

    # ----------------------------------------------------------------------------------------------------- defines

    @_statement.register
    def _define(self, node: nodes.Define) -> list[Row]:
        owner = f" {self.phrases.name(node.owner)}" if node.owner and node.kind == "status" else ""
        pieces = self.listing(f"define {node.kind}{owner}", node.names)
        if node.owner and node.kind != "status":
            pieces[-1].text += f" in {self.phrases.name(node.owner)}"
        if node.without_price:
            pieces[-1].text += " without price"
        return [Row(pieces)]

    @_statement.register
    def _define_category(self, node: nodes.DefineCategory) -> list[Row]:
        return [Row(self.listing(f"define category {self.phrases.name(node.category)}", node.statuses))]

    @_statement.register
    def _define_field(self, node: nodes.DefineField) -> list[Row]:
        return [row(f"define field {node.field.text} {self.phrases.name(node.type)}")]

    @_statement.register
    def _define_promo(self, node: nodes.DefinePromo) -> list[Row]:
        valid = f" valid {duration(node.valid)}" if node.valid else ""
        generate = "" if node.generate is None else f" generate {quote(node.generate)}"
        return [row(f"define promo {self.phrases.name(node.pool)} {self.phrases.name(node.kind)}{valid}{generate}")]

    @_statement.register
    def _define_products(self, node: nodes.DefineProducts) -> list[Row]:
        return [Row([Piece(f"define products {self.phrases.name(node.name)}"), *self.where(node.where)])]

    # ------------------------------------------------------------------------------------------------------- tests

    @_statement.register
    def _test(self, node: nodes.Test) -> list[Row]:
        return self.timeline(node)
