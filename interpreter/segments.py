"""Segments that recalculate themselves: `segment vip where …`, compiled (`language.md` §3, `domain.md` E23).

Whether a customer is in one is asked when a fact was about him, and when time alone may change the answer: when something leaves a window,
when a date is reached. That moment is computed with each answer, so nobody is looked at for nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from hashlib import sha256

from dsl import calendar
from dsl import nodes
from dsl.forms import Fixed
from dsl.walk import find
from interpreter.belongings import Change
from interpreter.conditions import Condition
from interpreter.conditions import compile as compile_condition
from interpreter.conditions import moments_of
from interpreter.expressions import history
from interpreter.expressions.reading import Scope
from interpreter.expressions.reading import top
from interpreter.view import View

#: Moments at which an answer may change.
Edges = Callable[[View], Iterable[int]]

#: Before the end of a time in months, whose length is known only there, it is looked at again from so many seconds before.
MARGIN = 4 * calendar.DAY
HOUR = 3600


class Segment(Fixed):
    """Who belongs to it, and when to ask again."""

    name: str
    condition: Condition
    edges: tuple[Edges, ...]
    where: nodes.Expression

    @property
    def digest(self) -> str:
        """Of its text: another one means that everybody is asked anew."""
        from dsl.printer import print_node

        return sha256(print_node(self.where).encode()).hexdigest()[:16]

    def next_look(self, view: View) -> int | None:
        """The next moment at which the answer may change by itself; None: it will not."""
        return min((at for edges in self.edges for at in edges(view) if at > view.now), default=None)


def compile_segments(found: Iterable[nodes.Segment], scope: Scope) -> tuple[Segment, ...]:
    """All of a project: those that others ask for stand before them."""
    by_name = {node.name.text: node for node in found}
    ordered: dict[str, nodes.Segment] = {}

    def place(name: str, above: frozenset[str]) -> None:
        node = by_name.get(name)
        if node is None or name in ordered or name in above:
            return
        for asked in find(node.where, nodes.InSegment):
            place(asked.name.text, above | {name})
        ordered[name] = node

    for name in by_name:
        place(name, frozenset())
    return tuple(_compile(node, scope) for node in ordered.values())


def _compile(node: nodes.Segment, scope: Scope) -> Segment:
    return Segment(node.name.text, compile_condition(node.where, scope), tuple(_edges(node.where, scope)), node.where)


def _edges(expression: nodes.Expression, scope: Scope) -> Iterator[Edges]:
    for selection in find(expression, nodes.Selection):
        if isinstance(selection.window, nodes.Within):
            yield _leaving(selection, selection.window.duration, scope)
    for comparison in find(expression, nodes.Compare):
        sides = [any(field.path == ("now",) for field in find(side, nodes.Field)) for side in (comparison.left, comparison.right)]
        if any(sides):
            yield _meeting(comparison, scope)
    for balance in find(expression, nodes.BalanceOf):
        if balance.expiring is not None:
            yield _expiring(balance.account.text, balance.expiring)


def _leaving(selection: nodes.Selection, within: nodes.Duration, scope: Scope) -> Edges:
    """When each of what a question looks through leaves its window."""
    source = history.select(nodes.changed(selection, window=None, where=None), None, top(scope))

    def edges(view: View) -> Iterator[int]:
        for at, _ in source(view, ()):
            try:
                yield _soon(calendar.add_exact(at, within, view.zone) + 1, view.now, within)
            except ValueError:  # beyond the calendar: it never leaves
                continue

    return edges


def _meeting(comparison: nodes.Compare, scope: Scope) -> Edges:
    """When two moments, or two lengths of time, of which one goes on with the clock, are equal."""
    distance = moments_of(comparison, scope)
    months = any(isinstance(found.value, nodes.Duration) and found.value.months for found in find(comparison, nodes.Literal))

    def edges(view: View) -> Iterator[int]:
        left = distance(view)
        if left is not None:
            for at in (view.now + abs(left), view.now + abs(left) + 1):
                yield _soon(at, view.now, nodes.Duration(months=1)) if months else at

    return edges


def _expiring(account: str, within: nodes.Duration) -> Edges:
    def edges(view: View) -> Iterator[int]:
        for change in view.of("change").values():
            if isinstance(change, Change) and change.account == account and change.expires_at is not None:
                yield calendar.subtract_exact(change.expires_at, within, view.zone)
                yield change.expires_at

    return edges


def _soon(at: int, now: int, within: nodes.Duration) -> int:
    """The moment itself; of months: often enough around it."""
    if not within.months:
        return at
    return at - MARGIN if at - MARGIN > now else min(at, now + HOUR)
