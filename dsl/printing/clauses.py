"""The rows of the clauses of a scenario."""

from __future__ import annotations

from functools import singledispatchmethod

from dsl import nodes
from dsl.printing.phrases import duration
from dsl.printing.phrases import percent
from dsl.printing.rows import Layout
from dsl.printing.rows import Piece


class ClauseLayout(Layout):
    """A clause, as the pieces of one row or two."""

    @singledispatchmethod
    def clause(self, node: nodes.Clause) -> list[list[Piece]]:
        """The rows of a clause, each as its pieces; only a trigger's `where` is a row of its own."""
        raise TypeError(type(node))

    def _trigger(self, head: str, node: nodes.On | nodes.Every) -> list[list[Piece]]:
        return [[Piece(head, start=node.span.start)], *([self.condition("where", node.where)] if node.where else [])]

    @clause.register
    def _(self, node: nodes.On) -> list[list[Piece]]:
        return self._trigger(f"on {self.phrases.phrase(node.event)}", node)

    @clause.register
    def _(self, node: nodes.Every) -> list[list[Piece]]:
        segment = f" for segment {self.phrases.name(node.segment)}" if node.segment else ""
        return self._trigger(f"every {self.phrases.phrase(node.schedule)}{segment}", node)

    @clause.register
    def _(self, node: nodes.Valid) -> list[list[Piece]]:
        return self._one(node, f"valid {duration(node.duration)}")

    @clause.register
    def _(self, node: nodes.DefaultQuiet) -> list[list[Piece]]:
        return self._one(node, self.phrases.phrase(node.quiet))

    @clause.register
    def _(self, node: nodes.StopOn) -> list[list[Piece]]:
        return [[Piece(f"stop on {self.phrases.phrase(node.event)}", start=node.span.start), *self.where(node.where)]]

    @clause.register
    def _(self, node: nodes.StopWhen) -> list[list[Piece]]:
        pieces = self.condition("stop when", node.condition)
        pieces[0].start = node.span.start
        return [pieces]

    @clause.register
    def _(self, node: nodes.Goal) -> list[list[Piece]]:
        head = f"goal {self.phrases.phrase(node.event)} within {duration(node.within)}"
        return [[Piece(head, start=node.span.start), *self.where(node.where)]]

    @clause.register
    def _(self, node: nodes.Holdout) -> list[list[Piece]]:
        return self._one(node, f"holdout {percent(node.share)}")

    @clause.register
    def _(self, node: nodes.Limit) -> list[list[Piece]]:
        window = f" within {duration(node.within)}" if node.within else ""
        window += f" each {node.each}" if node.each else ""
        window += " since created" if node.since_created else ""
        return self._one(node, f"limit {node.count} per {self.phrases.dotted(node.key)}{window}")

    @clause.register
    def _(self, node: nodes.Transactional) -> list[list[Piece]]:
        return self._one(node, "transactional")

    @clause.register
    def _(self, node: nodes.Priority) -> list[list[Piece]]:
        return self._one(node, f"priority {node.value}")

    @clause.register
    def _(self, node: nodes.Active) -> list[list[Piece]]:
        return self._one(node, f"active from {node.first.isoformat()} to {node.last.isoformat()}")

    @clause.register
    def _(self, node: nodes.Formerly) -> list[list[Piece]]:
        pieces = self.listing("formerly", node.names)
        pieces[0].start = node.span.start
        return [pieces]

    @clause.register
    def _(self, node: nodes.Paused) -> list[list[Piece]]:
        return self._one(node, "paused")

    def _one(self, node: nodes.Node, text: str) -> list[list[Piece]]:
        return [[Piece(text, start=node.span.start)]]
