"""How values look in the ledger and in `scn trace`: as data, and the finds of a history question by name."""

from __future__ import annotations

from datetime import date
from typing import Any

from dsl import calendar
from dsl import nodes
from dsl.catalog import Type
from interpreter.belongings import Belonging
from interpreter.belongings import Item
from interpreter.belongings import ProductView
from interpreter.entities import Action
from interpreter.entities import Customer
from interpreter.entities import Line
from interpreter.entities import Message
from interpreter.entities import Order
from interpreter.entities import Product
from interpreter.expressions.history import Source
from interpreter.expressions.operands import DATES
from interpreter.expressions.operands import Candidates
from interpreter.expressions.operands import Get
from interpreter.expressions.operands import Test
from interpreter.expressions.operands import sane
from interpreter.view import View

_AS_THEY_ARE = frozenset({str, bool, float, type(None)})
#: What is shown of a value that is not there.
MISSING = "missing"
#: What is shown of a reason against consent that is not there, and of things that were not found.
YES = "yes"
NOTHING = "none"
#: How many of the things a history question found are named.
_NAMED = 3


def statuses(get: Get) -> Get:
    """Of an order: the statuses by which it is cancelled or not."""

    def statuses(view: View, row: Candidates) -> str | None:
        order = get(view, row)
        if not isinstance(order, Order):
            return None
        found = [line.status for line in order.lines.values()] if order.lines else [order.status]
        return ", ".join(dict.fromkeys(status or MISSING for status in found))

    return statuses


def found(source: Source) -> Get:
    """What a question found, by name; None: nothing."""

    def found(view: View, row: Candidates) -> str | None:
        labels = [_label(candidates, row) for _, candidates in source(view, row)]
        return _listed(labels) if labels else None

    return found


def breaking(source: Source, where: Test) -> Get:
    """Of `every`: those that do not pass."""

    def breaking(view: View, row: Candidates) -> str:
        found = [(_label(candidates, row), where(view, candidates)) for _, candidates in source(view, row)]
        if not found:
            return NOTHING
        others = _listed([label for label, passes in found if not passes])
        return f"not {others}" if others else "all"

    return breaking


def _listed(labels: list[str]) -> str:
    more = len(labels) - _NAMED
    return ", ".join(labels[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _label(candidates: Candidates, row: Candidates) -> str:
    return str(_plain_entity(candidates[len(row)]))


def _plain_entity(thing: Any) -> Any:
    match thing:
        case Customer() | Order():
            return thing.key
        case Line():
            return thing.id
        case Message() | Action():
            return thing.template
        case Item() | ProductView():
            return thing.product
        case Product() | Belonging():
            return thing.key
    return thing


def plain(value: Any, kind: Type, view: View) -> Any:
    """As data: for facts, letters and the ledger."""
    if value.__class__ in _AS_THEY_ARE:
        return value
    if value.__class__ is int and kind in DATES and sane(value) is not None:
        day, seconds = calendar.local(value, view.zone)
        return date.fromordinal(day).isoformat() if kind is Type.DATE and not seconds else calendar.iso(value, view.zone)
    if isinstance(value, nodes.Duration):
        return calendar.duration_text(value)
    if isinstance(value, nodes.TimeOfDay):
        return f"{value.seconds // 3600:02}:{value.seconds // 60 % 60:02}"
    if value.__class__ is list:
        return [_plain_entity(item) for item in value]
    return _plain_entity(value)
