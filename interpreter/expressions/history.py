"""Questions about the past: `no order since start`, `at least 3 orders within 365d`, `sum(order.total within 365d)` (`language.md` §2.3).

What is looked through is the customer's history as the view has it. Rules: `domain.md` §4.3 to §4.5 (O-, N-, D-cases), A-18, A-23, A-41.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from collections.abc import Iterator
from operator import attrgetter
from operator import itemgetter
from typing import Any

from dsl import calendar
from dsl import nodes
from dsl.catalog import noun as known_noun
from dsl.walk import find
from dsl.walk import walk
from interpreter.belongings import Belonging
from interpreter.belongings import ProductView
from interpreter.entities import Order
from interpreter.expressions.operands import Candidates
from interpreter.expressions.operands import Get
from interpreter.expressions.operands import Operand
from interpreter.expressions.operands import Test
from interpreter.expressions.reading import NAMING_PRODUCTS
from interpreter.expressions.reading import Place
from interpreter.expressions.reading import field
from interpreter.journey import COUNTED
from interpreter.view import View

#: What may match: its moment, and the candidates with which the filter is asked.
Found = tuple[int, Candidates]
Source = Callable[[View, Candidates], Iterator[Found]]
_GONE = frozenset({"cancelled", "returned"})
_STATUSES = frozenset({("order", "status"), ("line", "status"), ("line", "order", "status")})
_ORDERS = frozenset({("order",), ("line", "order")})
_STATES = frozenset({("message", "state")})


def is_cancelled(order: Order, view: View) -> bool | None:
    """Every line cancelled or returned (A-18); an order without lines goes by its own status. None: nothing is known of either."""
    category = view.project.category
    if not order.lines:
        return None if order.status is None else category(order.status) in _GONE
    return all(line.status is not None and category(line.status) in _GONE for line in order.lines.values())


def singular(selection: nodes.Selection) -> str:
    """The noun of a selection; its candidates go by that name inside `( )`."""
    found = known_noun(selection.noun.text)
    return found.singular if found else selection.noun.text


def select(selection: nodes.Selection, where: Test | None, place: Place) -> Source:
    """Everything a selection finds, in the order of the history. `where` was compiled inside the noun."""
    word = singular(selection)
    if word == "order":
        source = _orders(selection, place)
    elif word == "line":
        source = _lines(selection, place)
    elif word == "message":
        source = _messages(selection, place)
    elif word == "action":
        source = _actions(selection, place)
    else:
        source = _things(word, selection, place)
    return source if where is None else _filtered(source, where)


def _filtered(source: Source, where: Test) -> Source:
    def filtered(view: View, row: Candidates) -> Iterator[Found]:
        return (found for found in source(view, row) if where(view, found[1]))

    return filtered


# ------------------------------------------------------------------------------------------------------------ windows


def _window(window: nodes.Window | None) -> Callable[[View], int | None]:
    """The first moment that counts; None: since ever. The end is always now."""
    match window:
        case nodes.Within(duration=duration):
            if duration.months:
                return lambda view: _start(view, duration)
            length = duration.days * calendar.DAY + duration.seconds
            return lambda view: view.context_time - length
        case nodes.Since(moment="start"):
            return lambda view: view.started
        case nodes.Since():
            # Nothing sent yet: what there is to look back to is the start. The message itself is not since itself.
            return lambda view: view.started if view.last_send is None else view.last_send + 1
    return lambda _: None


def _start(view: View, duration: nodes.Duration) -> int | None:
    try:
        return calendar.subtract_exact(view.context_time, duration, view.zone)
    except ValueError:  # longer than the calendar
        return None


def _leaves_out_trigger(window: nodes.Window | None) -> bool:
    return isinstance(window, nodes.Since) and window.moment == "start"


# ------------------------------------------------------------------------------------------------------------ sources


def _orders(selection: nodes.Selection, place: Place) -> Source:
    """Orders by their creation. Cancelled ones do not count unless the filter asks for them; `since start` leaves out the trigger's own."""
    place.reads.update({"orders", "order"} if _leaves_out_trigger(selection.window) else {"orders"})
    start, own = _window(selection.window), _leaves_out_trigger(selection.window)
    cancelled_too = _asks_for_status(selection.where)

    def orders(view: View, row: Candidates) -> Iterator[Found]:
        since, now = start(view), view.now
        trigger = (view.this or view).order if own else None
        for order in view.orders():
            at = order.created_at
            if at > now or (since is not None and at < since):
                continue
            if trigger is not None and order.key == trigger.key:
                continue
            if cancelled_too or not is_cancelled(order, view):
                yield at, (*row, order)

    return orders


def _lines(selection: nodes.Selection, place: Place) -> Source:
    """The lines of the order at hand; with a window, or without an order, those of the customer's orders."""
    if selection.source is not None:
        order = field(selection.source.path[:-1], place).get if selection.source.path[-1:] == ("lines",) else None
        return _lines_of(order) if order else _nothing
    root = place.roots["order"].get
    orders = _orders(selection, place)
    place.reads.add("order")
    own = _lines_of(root)
    if selection.window is None:
        return lambda view, row: own(view, row) if root(view, row) is not None else _spread(orders(view, row), row)
    return lambda view, row: _spread(orders(view, row), row)


def _lines_of(order: Get) -> Source:
    def lines(view: View, row: Candidates) -> Iterator[Found]:
        found = order(view, row)
        return _spread(iter(((found.created_at, (found,)),)), row) if isinstance(found, Order) else iter(())

    return lines


def _spread(orders: Iterator[Found], row: Candidates) -> Iterator[Found]:
    for at, candidates in orders:
        order = candidates[-1]
        for line in order.lines.values():
            yield at, (*row, line, order)


def _nothing(_: View, __: Candidates) -> Iterator[Found]:
    return iter(())


def _messages(selection: nodes.Selection, place: Place) -> Source:
    """Messages to the customer by the moment of the decision; with a verb, by the moment of that.

    They count from the decision on; `skipped` and `failed` do not, unless the filter names `message.state`. Transactional ones count
    only where their template is named (A-23); notices to staff never.
    """
    place.reads.add("messages")
    start = _window(selection.window)
    template = selection.name.text if selection.name else None
    channel = selection.channel.text if selection.channel else None
    verb = selection.verb.text if selection.verb else None
    any_state = verb is not None or _names(selection.where, _STATES)

    def messages(view: View, row: Candidates) -> Iterator[Found]:
        since, now = start(view), view.now
        for message in view.messages():
            if message.staff or (channel is not None and message.channel != channel):
                continue
            if message.transactional if template is None else message.template != template:
                continue
            if not any_state and message.state not in COUNTED:
                continue
            at: int | None = message.at
            if verb is not None and verb != "formed":
                at = message.times.get(verb, message.at if message.state == verb else None)
            if at is not None and at <= now and (since is None or at >= since):
                yield at, (*row, message)

    return messages


def _actions(selection: nodes.Selection, place: Place) -> Source:
    place.reads.add("actions")
    start = _window(selection.window)
    template = selection.name.text if selection.name else None

    def actions(view: View, row: Candidates) -> Iterator[Found]:
        since, now = start(view), view.now
        for action in view.actions():
            at = action.at
            if at <= now and (since is None or at >= since) and (template is None or action.template == template):
                yield at, (*row, action)

    return actions


def _things(kind: str, selection: nodes.Selection, place: Place) -> Source:
    """What the customer has of a kind, oldest first; with `in session.added`: what stands there."""
    inside = None if selection.source is None else field(selection.source.path, place).get
    if inside is None:
        place.reads.add(kind)
    if kind in NAMING_PRODUCTS:
        place.reads.add("products")
    start = _window(selection.window)

    def things(view: View, row: Candidates) -> Iterator[Found]:
        since, now = start(view), view.now
        of_kind = view.of(kind).values() if inside is None else inside(view, row) or ()
        for thing in sorted((look for one in of_kind for look in _looks(one)), key=attrgetter("at")):
            if thing.at <= now and (since is None or thing.at >= since):
                yield thing.at, (*row, thing)

    return things


def _looks(thing: Belonging) -> Iterator[Belonging]:
    """Each look at a product is one of its own; everything else is one."""
    if isinstance(thing, ProductView):
        for look in thing.earlier:
            yield ProductView(thing.product, look.at, look.price)
    yield thing


def _names(where: nodes.Expression | None, paths: frozenset[tuple[str, ...]]) -> bool:
    return where is not None and any(isinstance(node, nodes.Field) and node.path in paths for node in walk(where))


def _asks_for_status(where: nodes.Expression | None) -> bool:
    """Whether a filter says itself which orders are meant: by their status, that of their lines, or `order is cancelled`."""
    if where is None:
        return False
    cancelled = (node.operand for node in find(where, nodes.Is) if node.word == "cancelled")
    return _names(where, _STATUSES) or any(isinstance(operand, nodes.Field) and operand.path in _ORDERS for operand in cancelled)


# ---------------------------------------------------------------------------------------------------------- questions


def question(quantifier: str, count: int, source: Source, where: Test | None) -> Test:
    """`no`, `any`, `at least N`; `every`: there is one at least, and all of them pass `where`."""
    if quantifier == "no":
        return lambda view, row: next(source(view, row), None) is None
    if quantifier == "any":
        return lambda view, row: next(source(view, row), None) is not None
    if quantifier == "every":

        def every(view: View, row: Candidates) -> bool:
            there = False
            for _, candidates in source(view, row):
                there = True
                if where is not None and not where(view, candidates):
                    return False
            return there

        return every

    def at_least(view: View, row: Candidates) -> bool:
        left = count
        for _ in source(view, row):
            left -= 1
            if left <= 0:
                return True
        return left <= 0

    return at_least


def aggregate(function: str, source: Source, value: Operand | None) -> Get:
    """`count`, `sum` (0 if there is nothing to add), `last` (missing if there is nothing)."""
    if function == "count" or value is None:
        return lambda view, row: sum(1 for _ in source(view, row))
    get = value.get
    if function == "sum":

        def total(view: View, row: Candidates) -> int | float:
            values = [get(view, candidates) for _, candidates in source(view, row)]
            numbers = [number for number in values if number.__class__ in (int, float)]
            return sum(numbers) if all(number.__class__ is int for number in numbers) else math.fsum(numbers)

        return total

    def last(view: View, row: Candidates) -> Any:
        found = list(source(view, row))
        # Of several at the same moment the one that came last.
        return get(view, max(reversed(found), key=itemgetter(0))[1]) if found else None

    return last
