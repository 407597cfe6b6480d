"""A condition compiled once to a function of a `View`, and the values it saw (`language.md` §2.3).

Nothing in it raises for what stands in the data: what is missing, or of a wrong type, makes a comparison false and shows in `seen`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import attrs

from dsl import nodes
from dsl.catalog import Type
from dsl.forms import Fixed
from dsl.forms import Record
from interpreter import consent
from interpreter.entities import Order
from interpreter.expressions import belonging
from interpreter.expressions import comparisons
from interpreter.expressions import history
from interpreter.expressions import operands
from interpreter.expressions.operands import Candidates
from interpreter.expressions.operands import Get
from interpreter.expressions.operands import Operand
from interpreter.expressions.operands import Test
from interpreter.expressions.reading import Place
from interpreter.expressions.reading import Scope
from interpreter.expressions.reading import field
from interpreter.expressions.reading import top
from interpreter.expressions.seen import MISSING
from interpreter.expressions.seen import NOTHING
from interpreter.expressions.seen import YES
from interpreter.expressions.seen import breaking
from interpreter.expressions.seen import found
from interpreter.expressions.seen import plain
from interpreter.expressions.seen import statuses
from interpreter.view import View

__all__ = ["Condition", "Scope", "compile"]


class _Leaf(Fixed):
    """A part of a condition whose value is shown."""

    node: nodes.Node
    get: Get
    type: Type
    absent: str
    """What is shown where there is no value."""


class _Question(Fixed):
    """A condition that is about one thing: looked at once, it tells whether the condition is true and what is shown of it."""

    get: Get
    passes: Callable[[Any], bool]


@attrs.frozen(slots=False, eq=False)
class Condition:
    """A compiled expression."""

    expression: nodes.Expression
    reads: frozenset[str]
    """The families of facts it looks at: `customer`, `order`, `action`, `message`; of history `orders`, `messages`, `actions`."""
    _test: Test
    _operand: Operand
    _leaves: tuple[_Leaf, ...]
    _question: _Question | None = None

    def test(self, view: View) -> bool:
        """Whether it is true."""
        return self._test(view, ())

    def value(self, view: View) -> Any:
        """Its value as plain data: text, number, boolean, list; dates and moments as ISO 8601; None if there is none."""
        return plain(self._operand.get(view, ()), self._operand.type, view)

    def moment(self, view: View) -> int | None:
        """Its value as a moment, seconds since 1970 UTC; a date is midnight in the customer's zone; None: missing, or no date."""
        return self._moment(view, ())  # type: ignore[no-any-return]

    def seen(self, view: View) -> tuple[tuple[str, object], ...]:
        """Every field, question and consent as written, with what is there now: for the ledger and `scn trace`."""
        values = [(text, plain(get(view, ()), kind, view), absent) for text, get, kind, absent in self._shown]
        return tuple([(text, absent if value is None else value) for text, value, absent in values])

    def judge(self, view: View) -> tuple[bool, tuple[tuple[str, object], ...]]:
        """Whether it is true, and what it saw."""
        question = self._question
        if question is None:
            return self._test(view, ()), self.seen(view)
        value = question.get(view, ())
        text, _, kind, absent = self._shown[0]
        return question.passes(value), ((text, absent if value is None else plain(value, kind, view)),)

    @cached_property
    def _moment(self) -> Get:
        return operands.as_moment(self._operand)

    @cached_property
    def _shown(self) -> tuple[tuple[str, Get, Type, str], ...]:
        """What is shown, each text once."""
        from dsl.printer import print_node

        leaves = {print_node(leaf.node): leaf for leaf in self._leaves}
        return tuple((text, leaf.get, leaf.type, leaf.absent) for text, leaf in leaves.items())


def compile(expression: nodes.Expression, scope: Scope) -> Condition:  # noqa: A001 - what it does, in the reader's word
    """Compile a checked expression."""
    compiler = _Compiler(top(scope), [])
    test = compiler.form(expression)
    operand = Operand(test, Type.BOOLEAN) if test is not None else compiler.operand(expression)
    reads, leaves = frozenset(compiler.place.reads), tuple(compiler.leaves)
    return Condition(expression, reads, test or _is_true(operand), operand, leaves, compiler.question(expression))


def moments_of(comparison: nodes.Compare, scope: Scope) -> Callable[[View], int | None]:
    """How far apart the two sides of a comparison of moments, or of lengths of time, are: seconds; None: something is missing."""
    compiler = _Compiler(top(scope), [])
    left, right = compiler.operand(comparison.left), compiler.operand(comparison.right)
    types = {left.type, right.type}
    read = operands.as_length if Type.DURATION in types and not types & operands.DATES else operands.as_moment
    one, other = read(left), read(right)

    def apart(view: View) -> int | None:
        first, second = one(view, ()), other(view, ())
        return None if first is None or second is None else int(second - first)

    return apart


class _Compiler(Record):
    """Compiles the expressions of one place."""

    place: Place
    leaves: list[_Leaf]

    def leaf(self, node: nodes.Node, get: Get, kind: Type, absent: str = MISSING) -> None:
        # Inside a filter there are many candidates; the whole question is shown instead.
        if not self.place.depth:
            self.leaves.append(_Leaf(node, get, kind, absent))

    def question(self, expression: nodes.Expression) -> _Question | None:
        """The one thing that a whole condition is about, if it is of the kinds met most: a field and a constant, consent, `no`, `any`."""
        match expression:
            case nodes.Compare(operator=sign, left=nodes.Field() as left, right=nodes.Literal() as right):
                operand = self.operand(left)
                passes = comparisons.passes(sign, operand, self.operand(right))
                return None if passes is None else _Question(operand.get, passes)
            case nodes.Subscribed() | nodes.Reachable():
                return _Question(self.leaves[0].get, _is_none)
            case nodes.History(quantifier="no"):
                return _Question(self.leaves[0].get, _is_none)
            case nodes.History(quantifier="any"):
                return _Question(self.leaves[0].get, _is_some)
        return None

    # -------------------------------------------------------------------------------------------------------- values

    def operand(self, expression: nodes.Expression) -> Operand:
        """An expression as a value."""
        match expression:
            case nodes.Literal(value=value):
                return operands.literal(value)
            case nodes.Field(path=path):
                operand = field(path, self.place)
                self.leaf(expression, operand.get, operand.type)
                return operand
            case nodes.Binary(operator=sign, left=left, right=right):
                return operands.binary(sign, self.operand(left), self.operand(right))
            case nodes.Negative(operand=inner):
                return operands.negative(self.operand(inner))
            case nodes.Aggregate():
                return self.aggregate(expression)
            case nodes.BalanceOf():
                return self.balance(expression)
        return Operand(self.test(expression), Type.BOOLEAN)

    def balance(self, expression: nodes.BalanceOf) -> Operand:
        """Points that can be spent; `expiring within D`: those of them that burn until then."""
        self.place.reads.add("account" if expression.expiring is None else "change")
        get = belonging.balance(expression.account.text, expression.expiring)
        self.leaf(expression, get, Type.NUMBER)
        return Operand(get, Type.NUMBER)

    def aggregate(self, expression: nodes.Aggregate) -> Operand:
        selection = expression.selection
        inside = _Compiler(self.place.inside(history.singular(selection)), [])
        source = history.select(selection, inside.maybe(selection.where), self.place)
        value = inside.operand(expression.field) if expression.field is not None else None
        get = history.aggregate(expression.function.text, source, value)
        kind = value.type if value is not None and expression.function.text == "last" else Type.NUMBER
        self.leaf(expression, get, kind)
        return Operand(get, kind)

    # ---------------------------------------------------------------------------------------------------- conditions

    def maybe(self, expression: nodes.Expression | None) -> Test | None:
        return None if expression is None else self.test(expression)

    def test(self, expression: nodes.Expression) -> Test:
        """An expression as a condition. What is no condition by its form is one by its value: `customer.vip`."""
        return self.form(expression) or _is_true(self.operand(expression))

    def form(self, expression: nodes.Expression) -> Test | None:
        """What is a condition by its form; None for everything else."""
        match expression:
            case nodes.And(parts=parts):
                return _all([self.test(part) for part in parts])
            case nodes.Or(parts=parts):
                return _any([self.test(part) for part in parts])
            case nodes.Not(operand=inner):
                test = self.test(inner)
                return lambda view, row: not test(view, row)
            case nodes.Compare(operator="contains", left=left, right=right):
                return comparisons.contains(self.operand(left), self.operand(right))
            case nodes.Compare(operator=sign, left=left, right=right):
                return comparisons.compare(sign, self.operand(left), self.operand(right))
            case nodes.OneOf(operand=inner, choices=choices, negated=negated):
                return comparisons.one_of(self.operand(inner), [self.operand(choice) for choice in choices], negated=negated)
            case nodes.Is():
                return self.is_word(expression)
            case nodes.History():
                return self.history(expression)
        return self.standing(expression)

    def standing(self, expression: nodes.Expression) -> Test | None:
        """How the customer stands: consent, segments, lists."""
        match expression:
            case nodes.Subscribed(channel=channel, topic=topic):
                return self.subscribed(expression, channel.text, topic.text if topic else None)
            case nodes.Reachable(channel=channel):
                return self.reachable(expression, channel.text)
            case nodes.InSegment(name=name):
                return self.in_segment(expression, name.text)
            case nodes.InList():
                return self.in_list(expression)
        return None

    def is_word(self, expression: nodes.Is) -> Test:
        """`is set`, `is empty`, `is cancelled`, each also with `not`."""
        negated = expression.negated
        if expression.word == "cancelled":
            get = _Compiler(self.place, []).operand(expression.operand).get
            self.leaf(expression, statuses(get), Type.TEXT)
            return _is_cancelled(get, wanted=not negated)
        get = self.operand(expression.operand).get
        absent = _is_empty if expression.word == "empty" else _is_none
        wanted = (expression.word == "empty") is not negated
        return lambda view, row: absent(get(view, row)) is wanted

    def history(self, expression: nodes.History) -> Test:
        selection, quantifier = expression.selection, expression.quantifier
        where = _Compiler(self.place.inside(history.singular(selection)), []).maybe(selection.where)
        every = quantifier == "every"
        source = history.select(selection, None if every else where, self.place)
        test = history.question(quantifier, expression.count, source, where if every else None)
        self.leaf(expression, breaking(source, where) if every and where is not None else found(source), Type.TEXT, NOTHING)
        return test

    def subscribed(self, node: nodes.Node, channel: str, topic: str | None) -> Test:
        self.place.reads.add("customer")

        def reason(view: View, _: Candidates) -> str | None:
            return consent.subscribed(view.customer, channel, topic)

        self.leaf(node, reason, Type.TEXT, YES)
        return lambda view, row: reason(view, row) is None

    def in_segment(self, node: nodes.Node, segment: str) -> Test:
        self.place.reads.add("segment")

        def member(view: View, _: Candidates) -> bool:
            return segment in view.of("segment")

        self.leaf(node, member, Type.BOOLEAN)
        return member

    def in_list(self, expression: nodes.InList) -> Test:
        """`product in list "wishlist"`: whether it is there now."""
        self.place.reads.add("item")
        product = _Compiler(self.place, []).operand(expression.operand).get
        get = belonging.in_list(product, expression.name.text)
        self.leaf(expression, get, Type.BOOLEAN)
        return lambda view, row: get(view, row) is not expression.negated

    def reachable(self, node: nodes.Node, channel: str) -> Test:
        self.place.reads.add("customer")

        def reason(view: View, _: Candidates) -> str | None:
            return consent.reachable(view.customer, channel)

        self.leaf(node, reason, Type.TEXT, YES)
        return lambda view, row: reason(view, row) is None


# -------------------------------------------------------------------------------------------------------------- forms


def _is_true(operand: Operand) -> Test:
    get = operand.get
    return lambda view, row: get(view, row) is True


def _all(tests: list[Test]) -> Test:
    if len(tests) == 2:
        first, second = tests
        return lambda view, row: first(view, row) and second(view, row)
    return lambda view, row: all(test(view, row) for test in tests)


def _any(tests: list[Test]) -> Test:
    if len(tests) == 2:
        first, second = tests
        return lambda view, row: first(view, row) or second(view, row)
    return lambda view, row: any(test(view, row) for test in tests)


def _is_none(value: Any) -> bool:
    return value is None


def _is_some(value: Any) -> bool:
    return value is not None


def _is_empty(value: Any) -> bool:
    return value is None or (value.__class__ in (str, list, dict) and not value) or (value.__class__ is str and not value.strip())


def _is_cancelled(get: Get, *, wanted: bool) -> Test:
    def test(view: View, row: Candidates) -> bool:
        order = get(view, row)
        return isinstance(order, Order) and history.is_cancelled(order, view) is wanted

    return test
