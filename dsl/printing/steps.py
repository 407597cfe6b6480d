"""The rows of the steps of a scenario, blocks included."""

from __future__ import annotations

from collections.abc import Iterable

from dsl import nodes
from dsl.printing.clauses import ClauseLayout
from dsl.printing.phrases import clock
from dsl.printing.phrases import duration
from dsl.printing.phrases import percent
from dsl.printing.phrases import quote
from dsl.printing.places import UNKNOWN
from dsl.printing.rows import BRACE
from dsl.printing.rows import CLAUSE
from dsl.printing.rows import Gap
from dsl.printing.rows import Piece
from dsl.printing.rows import Row


class StepLayout(ClauseLayout):
    """A step, as the rows it takes."""

    def step(self, node: nodes.Step, indent: int, gap: Gap = Gap.NEVER) -> list[Row]:
        """The rows of a step, its blocks included."""
        match node:
            case nodes.If():
                rows = self._if(node, indent)
            case nodes.WaitForEvent():
                rows = self._wait_for(node, indent)
            case nodes.Split():
                rows = self._split(node, indent)
            case _:
                rows = [Row(self._plain(node), indent)]
        rows[0].gap = gap
        rows[0].pieces[0].start = node.span.start if self.places else UNKNOWN
        quiet = node.quiet if isinstance(node, nodes.Wait | nodes.WaitUntil | nodes.WaitUntilDate | nodes.WaitForEvent | nodes.Send) else ()
        rows[-1].pieces += [Piece(self.phrases.phrase(one), CLAUSE) for one in quiet]
        if node.label:
            rows[-1].pieces[-1].text += f" as {self.phrases.name(node.label)}"
        return rows

    def _plain(self, node: nodes.Step) -> list[Piece]:
        name = self.phrases.name
        match node:
            case nodes.Wait() | nodes.WaitUntil() | nodes.WaitUntilDate():
                return [Piece(f"wait {self._target(node)}")]
            case nodes.Gate():
                return self.condition("if", node.condition)
            case nodes.Send():
                by = f" by {self.phrases.names(node.channels)}" if node.channels else ""
                to = f" to {quote(node.to.text)}" if node.to else ""
                return [Piece(f"send {name(node.template)}{by}{to}"), *self._arguments(node.arguments)]
            case nodes.Set():
                return [Piece(f"set {node.field.text} {self.phrases.within(node.value, 5)}")]
            case nodes.IssuePromo():
                return [Piece(f"issue promo {name(node.pool)}")]
            case nodes.Award():
                expires = f" expires in {duration(node.expires)}" if node.expires else ""
                return [Piece(f"award {self.phrases.within(node.amount, 5)} to balance {name(node.account)}{expires}")]
            case nodes.Deduct():
                return [Piece(f"deduct {self.phrases.within(node.amount, 5)} from balance {name(node.account)}")]
            case nodes.AddTo():
                return [Piece(f"add to {node.kind} {name(node.name)}")]
            case nodes.RemoveFrom():
                return [Piece(f"remove from {node.kind} {name(node.name)}")]
            case nodes.Call():
                return [Piece(f"call {name(node.name)}"), *self._arguments(node.arguments)]
            case nodes.End():
                return [Piece("end")]
            case _:
                raise TypeError(type(node))

    def _target(self, node: nodes.Wait | nodes.WaitUntil | nodes.WaitUntilDate) -> str:
        """`7d`, `3d at 10:00`, `until monday 10:00`, `until order.delivery_date - 3d at 10:00`"""
        match node:
            case nodes.Wait():
                return duration(node.duration) + self._at(node.at)
            case nodes.WaitUntilDate():
                return f"until {self.phrases.within(node.date, 5)}{self._at(node.at)}"
            case nodes.WaitUntil():
                words = [node.weekday, node.time and clock(node.time.seconds)]
                return "until " + " ".join(word for word in words if word)

    def _at(self, at: nodes.TimeOfDay | None) -> str:
        return f" at {clock(at.seconds)}" if at else ""

    def _arguments(self, arguments: Iterable[nodes.Argument]) -> list[Piece]:
        texts = [self.phrases.phrase(one) for one in arguments]
        if not texts:
            return []
        pieces = self._list("with ", texts)
        pieces[0].looseness = CLAUSE
        return pieces

    # ------------------------------------------------------------------------------------------------------ blocks

    def _block(
        self, head: list[Piece], opening: int, steps: Iterable[nodes.Step], indent: int, *, joins: bool = False, brace: str = "{"
    ) -> list[Row]:
        """`HEAD {`, its steps, `}`"""
        start = opening if brace == "{" else self.places.before(opening)
        rows = [Row([*head, Piece(brace, BRACE, start)], indent, joins=joins)]
        for one in steps:
            rows += self.step(one, indent + 1, Gap.AUTHOR if len(rows) > 1 else Gap.NEVER)
        return [*rows, Row([Piece("}", start=self.places.closing(opening))], indent, joins=len(rows) == 1)]

    def _else(self, closing: Row, steps: Iterable[nodes.Step], indent: int) -> list[Row]:
        start = self.places.following(closing.pieces[0].start)
        return self._block([Piece("else", start=start)], self._opening(start), steps, indent, joins=True)

    def _opening(self, offset: int) -> int:
        return self.places.opening(offset) if self.places else UNKNOWN

    def _if(self, node: nodes.If, indent: int) -> list[Row]:
        rows: list[Row] = []
        for branch in node.branches:
            lead, start = "if", UNKNOWN
            if rows:
                lead, start = "else if", self.places.following(rows[-1].pieces[0].start)
            head = self.condition(lead, branch.condition)
            head[0].start = start
            rows += self._block(head, self._opening(branch.condition.span.start), branch.steps, indent, joins=bool(rows))
        return rows if node.otherwise is None else rows + self._else(rows[-1], node.otherwise, indent)

    def _wait_for(self, node: nodes.WaitForEvent, indent: int) -> list[Row]:
        head = [Piece(f"wait up to {duration(node.duration)} for {self.phrases.phrase(node.event)}"), *self.where(node.where)]
        last = node.where or node.event
        if node.then is None and node.otherwise is None:
            return [Row(head, indent)]
        opening = self._opening(last.span.start)
        if node.otherwise is None:
            return self._block(head, opening, node.then or (), indent)
        if node.then is None:
            return self._block(head, opening, node.otherwise, indent, brace="else {")
        rows = self._block(head, opening, node.then, indent)
        return rows + self._else(rows[-1], node.otherwise, indent)

    def _split(self, node: nodes.Split, indent: int) -> list[Row]:
        opening = self._opening(node.span.start)
        name = self.phrases.name(node.name)
        rows = [Row([Piece(f"split {name}"), Piece("{", BRACE, opening)], indent)]
        for arm in node.arms:
            several = self.arm(arm, indent + 1)
            several[0].gap = Gap.AUTHOR if len(rows) > 1 else Gap.NEVER
            rows += several
        return [*rows, Row([Piece("}", start=self.places.closing(opening))], indent, joins=len(rows) == 1)]

    def arm(self, node: nodes.Arm, indent: int) -> list[Row]:
        """`50% popular { … }`"""
        start = node.span.start if self.places else UNKNOWN
        head = Piece(f"{percent(node.share)} {self.phrases.name(node.name)}", start=start)
        return self._block([head], self._opening(start), node.steps, indent)
