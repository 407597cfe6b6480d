"""Values in conditions: literals, dates, arithmetic. Compiled once to functions of a view that raise for nothing that stands in the data.

A value that is missing, or has a type that makes no sense at its place, is None: comparisons with it are false (`language.md` §2.3).
Dates and moments are seconds since 1970 UTC; a date without a time is midnight in the customer's zone.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from datetime import datetime
from typing import Any
from typing import TypeGuard

from dsl import calendar
from dsl import nodes
from dsl.catalog import Type
from dsl.forms import Fixed
from interpreter.view import View

#: The candidates of the filters around a place, outermost first: `any order (any line (…))`.
Candidates = tuple[Any, ...]
Get = Callable[[View, Candidates], Any]
Test = Callable[[View, Candidates], bool]

_FIRST, _LAST = calendar.parse_moment("0001-01-03", "UTC"), calendar.parse_moment("9999-12-29", "UTC")
DATES = frozenset({Type.DATE, Type.MOMENT})
_DATES_OR_ANY = DATES | {Type.ANY}
NUMBERS = frozenset({int, float})


class Operand(Fixed):
    """A value at its place: how to get it, and the type it has if it has one."""

    get: Get
    """As in the data: dates as text, unless computed."""
    type: Type
    constant: Any = None
    """The value of a literal number or text, known beforehand."""
    category: str | None = None
    """`category delivered`: what a status is compared with."""


# ---------------------------------------------------------------------------------------------------------- literals


def literal(value: nodes.Value) -> Operand:
    """A value written in the text. A date-time without an offset is in the project's zone."""
    match value:
        case nodes.CategoryName(name=name):
            return Operand(lambda _, __: name, Type.TEXT, category=name)
        case bool():
            return Operand(lambda _, __: value, Type.BOOLEAN, value)
        case int() | float():
            return Operand(lambda _, __: value, Type.NUMBER, value)
        case str():
            return Operand(lambda _, __: value, Type.TEXT, value)
        case nodes.Percent(value=share):
            return Operand(lambda _, __: share, Type.PERCENT, share)
        case nodes.TimeOfDay(seconds=seconds):
            return Operand(lambda _, __: nodes.TimeOfDay(seconds), Type.TIME)
        case nodes.Duration():
            return Operand(lambda _, __: value, Type.DURATION)
        case datetime():
            return Operand(_written(lambda view: calendar.moment_of(value, view.project.timezone)), Type.MOMENT)
        case date():
            return Operand(_written(lambda view: calendar.midnight(value, view.zone)), Type.DATE)
    raise AssertionError(value)


# ------------------------------------------------------------------------------------------------------- conversions


def moment_in(value: Any, view: View) -> int | None:
    """A date or moment as the data have it. A date is midnight in the customer's zone; a time without an offset is the project's."""
    if value.__class__ is int:
        return sane(value)
    if value.__class__ is not str:
        return None
    try:
        return sane(calendar.parse_moment(value, view.zone if len(value) <= len("2026-05-01") else view.project.timezone))
    except ValueError:
        return None


def sane(at: int) -> int | None:
    """Beyond the years 1 to 9999 in any zone there is no calendar, only a mistake of the source (milliseconds)."""
    return at if _FIRST <= at <= _LAST else None


def _written(moment: Callable[[View], int]) -> Get:
    """A date of the text; it may be as insane as one of the data."""

    def written(view: View, _: Candidates) -> int | None:
        try:
            return sane(moment(view))
        except ValueError:
            return None

    return written


def text_moment(value: Any, view: View) -> int | None:
    """A field of which nothing is known may hold a date as text; a number in it is a number."""
    return moment_in(value, view) if value.__class__ is str else None


def as_moment(operand: Operand) -> Get:
    """The value as a moment; None for everything else."""
    get = operand.get
    if operand.type in DATES:
        return lambda view, row: moment_in(get(view, row), view)
    if operand.type is Type.ANY:
        return lambda view, row: text_moment(get(view, row), view)
    return lambda _, __: None


def as_duration(operand: Operand) -> Get:
    """The value as a duration; None for everything else."""
    get = operand.get

    def duration(view: View, row: Candidates) -> nodes.Duration | None:
        value = get(view, row)
        if value.__class__ is str:
            try:
                return calendar.parse_duration(value)
            except ValueError:
                return None
        return value if isinstance(value, nodes.Duration) else None

    return duration


def as_time(operand: Operand) -> Get:
    """The value as a time of day, seconds since midnight; None for everything else."""
    get = operand.get

    def time(view: View, row: Candidates) -> int | None:
        value = get(view, row)
        if isinstance(value, nodes.TimeOfDay):
            return value.seconds
        parts = value.split(":") if value.__class__ is str else ()
        if len(parts) not in (2, 3) or not all(part.isdecimal() and len(part) <= 2 for part in parts):
            return None
        hours, minutes, seconds = (*map(int, parts), 0)[:3]
        return hours * 3600 + minutes * 60 + seconds

    return time


def as_length(operand: Operand) -> Get:
    """A duration in seconds, to be compared: a day has 24 hours, months and years are those that end now."""
    duration = as_duration(operand)

    def length(view: View, row: Candidates) -> int | None:
        value = duration(view, row)
        try:
            return None if value is None else view.now - calendar.subtract_exact(view.now, value, view.zone)
        except ValueError:
            return None

    return length


# -------------------------------------------------------------------------------------------------------- arithmetic


def is_number(value: Any) -> TypeGuard[float]:
    """A number; true and false are none."""
    return value.__class__ in NUMBERS


def negative(operand: Operand) -> Operand:
    """`-x`"""
    get = operand.get

    def negated(view: View, row: Candidates) -> Any:
        value: Any = get(view, row)
        return -value if is_number(value) or isinstance(value, nodes.Duration) else None

    return Operand(negated, operand.type)


def binary(sign: str, left: Operand, right: Operand) -> Operand:
    """`a + b`, `a - b` on numbers, durations, a date and a duration, two dates. Days are calendar days in the customer's zone."""
    minus = sign == "-"
    either = {left.type, right.type}
    if minus and either & DATES and either <= _DATES_OR_ANY:
        return Operand(_difference(as_moment(left), as_moment(right)), Type.DURATION)
    if left.type in _DATES_OR_ANY and right.type is Type.DURATION:
        return Operand(_moved(as_moment(left), as_duration(right), minus=minus), Type.MOMENT if left.type is Type.ANY else left.type)
    if left.type in DATES:
        return Operand(_moved(as_moment(left), as_duration(right), minus=minus), left.type)
    if right.type in DATES and not minus:
        return Operand(_moved(as_moment(right), as_duration(left), minus=False), right.type)
    if Type.DURATION in either:
        return Operand(_durations(as_duration(left), as_duration(right), minus=minus), Type.DURATION)
    return Operand(_numbers(left.get, right.get, minus=minus), left.type if left.type is not Type.ANY else right.type)


def _numbers(left: Get, right: Get, *, minus: bool) -> Get:
    def calculated(view: View, row: Candidates) -> Any:
        one: Any = left(view, row)
        other: Any = right(view, row)
        if is_number(one) and is_number(other):
            return one - other if minus else one + other
        return None

    return calculated


def _moved(moment: Get, duration: Get, *, minus: bool) -> Get:
    def moved(view: View, row: Candidates) -> int | None:
        start, length = moment(view, row), duration(view, row)
        if start is None or length is None:
            return None
        try:
            return sane(calendar.add(start, -length if minus else length, view.zone))
        except ValueError:
            return None

    return moved


def _difference(left: Get, right: Get) -> Get:
    def difference(view: View, row: Candidates) -> nodes.Duration | None:
        end, start = left(view, row), right(view, row)
        return None if end is None or start is None else nodes.Duration(seconds=end - start)

    return difference


def _durations(left: Get, right: Get, *, minus: bool) -> Get:
    def added(view: View, row: Candidates) -> nodes.Duration | None:
        one, other = left(view, row), right(view, row)
        if one is None or other is None:
            return None
        other = -other if minus else other
        return nodes.Duration(one.months + other.months, one.days + other.days, one.seconds + other.seconds)

    return added
