"""`=`, `<`, `contains`, `in (…)`: false where either side is missing or they are of different kinds (`language.md` §2.3)."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from dsl import calendar
from dsl.catalog import Type
from interpreter.expressions.operands import DATES
from interpreter.expressions.operands import NUMBERS
from interpreter.expressions.operands import Candidates
from interpreter.expressions.operands import Get
from interpreter.expressions.operands import Operand
from interpreter.expressions.operands import Test
from interpreter.expressions.operands import as_length
from interpreter.expressions.operands import as_moment
from interpreter.expressions.operands import as_time
from interpreter.expressions.operands import text_moment
from interpreter.view import View

_SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_WITH_UNITS = DATES | {Type.DURATION, Type.TIME}


def compare(sign: str, left: Operand, right: Operand) -> Test:
    """`a = b` and its like: false where either is missing or they are of different kinds."""
    if left.category is not None:
        left, right, sign = right, left, _MIRRORED.get(sign, sign)
    if right.category is not None:
        return _in_category(left.get, right.category, wanted=sign == "=")
    types = {left.type, right.type}
    if types & DATES:
        if sign in ("=", "!=") and types == {Type.DATE}:
            return _checked(_SIGNS[sign], _as_day(left), _as_day(right))
        return _checked(_SIGNS[sign], as_moment(left), as_moment(right))
    if Type.DURATION in types:
        return _checked(_SIGNS[sign], as_length(left), as_length(right))
    if Type.TIME in types:
        return _checked(_SIGNS[sign], as_time(left), as_time(right))
    if left.constant is not None and right.constant is None:
        left, right, sign = right, left, _MIRRORED.get(sign, sign)
    if right.constant is not None:
        return _with_constant(_SIGNS[sign], left.get, right.constant)
    return _alike(sign, left.get, right.get)


def passes(sign: str, left: Operand, right: Operand) -> Callable[[Any], bool] | None:
    """`compare` as a question to the value on the left, where nothing else is looked at: one without dates and units, and a constant."""
    constant = right.constant
    if constant is None or sign not in _SIGNS or not {left.type, right.type}.isdisjoint(_WITH_UNITS):
        return None
    holds, kinds = _SIGNS[sign], _kinds(constant)
    return lambda value: value.__class__ in kinds and holds(value, constant)


def _kinds(constant: Any) -> frozenset[type]:
    return NUMBERS if constant.__class__ in NUMBERS else frozenset({constant.__class__})


def _as_day(operand: Operand) -> Get:
    moment = as_moment(operand)

    def day(view: View, row: Candidates) -> int | None:
        at = moment(view, row)
        return None if at is None else calendar.local(at, view.zone)[0]

    return day


def _checked(holds: Callable[[Any, Any], bool], left: Get, right: Get) -> Test:
    def test(view: View, row: Candidates) -> bool:
        one = left(view, row)
        if one is None:
            return False
        other = right(view, row)
        return other is not None and holds(one, other)

    return test


def _with_constant(holds: Callable[[Any, Any], bool], get: Get, constant: Any) -> Test:
    """The commonest of all: a field and a number, text, or true."""
    kinds = _kinds(constant)

    def test(view: View, row: Candidates) -> bool:
        value = get(view, row)
        return value.__class__ in kinds and holds(value, constant)

    return test


def _alike(sign: str, left: Get, right: Get) -> Test:
    holds, ordered = _SIGNS[sign], sign not in ("=", "!=")

    def test(view: View, row: Candidates) -> bool:
        one, other = left(view, row), right(view, row)
        if one.__class__ in NUMBERS and other.__class__ in NUMBERS:
            return holds(one, other)
        if one is None or one.__class__ is not other.__class__:
            return False
        if not ordered:
            return holds(one, other)
        # Texts have no order, unless both are dates.
        first, second = text_moment(one, view), text_moment(other, view)
        return first is not None and second is not None and holds(first, second)

    return test


def _in_category(status: Get, category: str, *, wanted: bool) -> Test:
    def test(view: View, row: Candidates) -> bool:
        value = status(view, row)
        return value.__class__ is str and (view.project.category(value) == category) is wanted

    return test


def contains(left: Operand, right: Operand) -> Test:
    """`x contains "y"`: part of a text, or one of a collection of texts."""
    whole, part = left.get, right.get

    def test(view: View, row: Candidates) -> bool:
        where, what = whole(view, row), part(view, row)
        return what.__class__ is str and where.__class__ in (str, list) and what in where

    return test


def one_of(operand: Operand, choices: list[Operand], *, negated: bool) -> Test:
    """`x in (…)`; `x not in (…)` is false too while x is missing."""
    get = operand.get
    texts = frozenset(choice.constant for choice in choices if choice.constant.__class__ is str)
    if len(texts) == len(choices):
        return lambda view, row: (value := get(view, row)).__class__ is str and (value in texts) is not negated
    tests = [compare("=", operand, choice) for choice in choices]
    if not negated:
        return lambda view, row: any(test(view, row) for test in tests)
    return lambda view, row: get(view, row) is not None and not any(test(view, row) for test in tests)
