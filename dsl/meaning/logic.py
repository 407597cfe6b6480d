"""What follows from what: whether a condition must be true or false, given others. Says nothing where it is not sure.

A comparison with a missing value is false (language.md §2.3). So `x > 5` being false does not make `x <= 5` true.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterable
from datetime import date
from datetime import datetime

from dsl import nodes

Number = int | float
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}


def truth(condition: nodes.Expression, true: Collection[nodes.Expression] = (), false: Collection[nodes.Expression] = ()) -> bool | None:
    """True or False where the condition must be so, None where it depends."""
    if condition in true:
        return True
    if condition in false:
        return False
    match condition:
        case nodes.Literal(value=bool() as value):
            return value
        case nodes.Not(operand=operand):
            inner = truth(operand, true, false)
            return None if inner is None else not inner
        case nodes.And(parts=parts):
            return _all(parts, true, false)
        case nodes.Or(parts=parts):
            each = [truth(part, true, false) for part in parts]
            return True if True in each else False if all(one is False for one in each) else None
        case nodes.History() | nodes.Is() | nodes.InList():
            return _opposite(condition, true, false)
        case nodes.Compare() | nodes.OneOf():
            return _compared(condition, true)
        case _:
            return None


def _all(parts: Iterable[nodes.Expression], true: Collection[nodes.Expression], false: Collection[nodes.Expression]) -> bool | None:
    """Each part with those before it taken as true: `x > 10 and x < 5`."""
    known = list(true)
    sure = True
    for part in parts:
        found = truth(part, known, false)
        if found is False:
            return False
        sure = sure and found is True
        known += part.parts if isinstance(part, nodes.And) else [part]
    return True if sure else None


def _opposite(condition: nodes.Expression, true: Collection[nodes.Expression], false: Collection[nodes.Expression]) -> bool | None:
    """By what is known of `x is set` when `x is not set` is asked, of `any order …` when `no order …` is."""
    match condition:
        case nodes.Is(operand=operand, word=word, negated=negated):
            other: nodes.Expression = nodes.Is(operand, word, not negated)
        case nodes.InList(operand=operand, name=name, negated=negated):
            other = nodes.InList(operand, name, not negated)
        case nodes.History(quantifier="no" | "any" as quantifier, selection=selection):
            other = nodes.History("any" if quantifier == "no" else "no", selection)
        case _:
            return None
    return False if other in true else True if other in false else None


# --------------------------------------------------------------------------------------------------------- comparisons


def _compared(condition: nodes.Compare | nodes.OneOf, true: Collection[nodes.Expression]) -> bool | None:
    """A comparison with a constant, given comparisons of the same field with constants."""
    if isinstance(condition, nodes.Compare):
        constant = _constant(condition)
        if constant is not None:
            return constant
    read = _read(condition)
    if read is None:
        return None
    subject, wanted = read
    sure = False
    for known in true:
        other = _read(known) if isinstance(known, (nodes.Compare, nodes.OneOf)) else None
        if other and other[0] == subject:
            if _apart(other[1], wanted):
                return False
            sure = sure or _within(other[1], wanted)
    return True if sure else None


def _constant(compare: nodes.Compare) -> bool | None:
    """`1 = 2`: both sides are written out. A field compared with itself says nothing: it may be missing."""
    if not isinstance(compare.left, nodes.Literal) or not isinstance(compare.right, nodes.Literal):
        return None
    if compare.operator in ("=", "!="):
        return (compare.left == compare.right) is (compare.operator == "=")
    left, right = _place(compare.left.value), _place(compare.right.value)
    if left is None or right is None:
        return None
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}.get(compare.operator)


#: What is known of a field: the operator, and the constants it is compared with (several for `in`).
_Fact = tuple[str, tuple[nodes.Value, ...]]


def _read(condition: nodes.Compare | nodes.OneOf) -> tuple[nodes.Expression, _Fact] | None:
    match condition:
        case nodes.Compare(operator=operator, left=left, right=nodes.Literal(value=value)) if operator in _FLIPPED:
            return left, (operator, (value,))
        case nodes.Compare(operator=operator, left=nodes.Literal(value=value), right=right) if operator in _FLIPPED:
            return right, (_FLIPPED[operator], (value,))
        case nodes.OneOf(operand=operand, choices=choices, negated=negated) if all(isinstance(choice, nodes.Literal) for choice in choices):
            values = tuple(choice.value for choice in choices if isinstance(choice, nodes.Literal))
            return operand, ("!=" if negated else "=", values)
        case _:
            return None


def _apart(known: _Fact, wanted: _Fact) -> bool:
    """Whether no value satisfies both."""
    if _has_category(known) or _has_category(wanted):
        return False
    if known[0] == "=":
        return not any(_holds(value, wanted) for value in known[1])
    if wanted[0] == "=":
        return not any(_holds(value, known) for value in wanted[1])
    low, high = _bounds(known, wanted)
    return low is not None and high is not None and (low[0] > high[0] or (low[0] == high[0] and not (low[1] and high[1])))


def _within(known: _Fact, wanted: _Fact) -> bool:
    """Whether every value that satisfies `known` satisfies `wanted`."""
    if _has_category(known) or _has_category(wanted):
        return False
    if known[0] == "=":
        return all(_holds(value, wanted) for value in known[1])
    if known[0] == "!=" or wanted[0] in ("=", "!="):
        return known[0] == "!=" == wanted[0] and set(map(repr, wanted[1])) <= set(map(repr, known[1]))
    ours, theirs = _place(known[1][0]), _place(wanted[1][0])
    if ours is None or theirs is None or known[0][0] != wanted[0][0]:
        return False
    strict_enough = len(wanted[0]) == 2 or len(known[0]) == 1
    further = ours > theirs if known[0][0] == ">" else ours < theirs
    return further or (ours == theirs and strict_enough)


def _holds(value: nodes.Value, fact: _Fact) -> bool:
    """Whether a constant satisfies a comparison; true when that cannot be told."""
    operator, constants = fact
    if operator in ("=", "!="):
        among = any(nodes.Literal(value) == nodes.Literal(constant) or _same(value, constant) for constant in constants)
        return among is (operator == "=")
    left, right = _place(value), _place(constants[0])
    if left is None or right is None:
        return True
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[operator]


def _bounds(*facts: _Fact) -> tuple[tuple[Number, bool] | None, tuple[Number, bool] | None]:
    """The lowest and the highest place that satisfy every fact, and whether they belong to it."""
    low: tuple[Number, bool] | None = None
    high: tuple[Number, bool] | None = None
    for operator, constants in facts:
        place = _place(constants[0])
        if place is None:
            continue
        closed = len(operator) == 2
        if operator[0] == ">" and (low is None or (place, not closed) > (low[0], not low[1])):
            low = (place, closed)
        if operator[0] == "<" and (high is None or (place, closed) < (high[0], high[1])):
            high = (place, closed)
    return low, high


def _same(one: nodes.Value, other: nodes.Value) -> bool:
    ours, theirs = _place(one), _place(other)
    return (
        ours is not None and type(one) is not bool and ours == theirs and isinstance(one, (int, float)) == isinstance(other, (int, float))
    )


def _place(value: nodes.Value) -> Number | None:
    """Where a value stands among others of its type; None: it has no place."""
    match value:
        case bool():
            return None
        case int() | float():
            return value
        case nodes.Percent(value=share):
            return share
        case nodes.TimeOfDay(seconds=seconds):
            return seconds
        case datetime():
            return None
        case date():
            return value.toordinal()
        case nodes.Duration(months=0, days=days, seconds=seconds):
            return days * 86_400 + seconds
        case _:
            return None


def _has_category(fact: _Fact) -> bool:
    return any(isinstance(value, nodes.CategoryName) for value in fact[1])
