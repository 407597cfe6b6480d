"""What a condition says of a customer at a moment, read straight from the tree (`language.md` §2.3). None: missing."""

from __future__ import annotations

import operator
from datetime import date
from datetime import datetime
from typing import Any

import attrs

from dsl import nodes
from tests.model import civil
from tests.model.shop import Shop
from tests.model.things import CONTACT
from tests.model.things import GONE
from tests.model.things import Action
from tests.model.things import Customer
from tests.model.things import Message
from tests.model.things import Order

COUNTED = {"planned", "sending", "sent", "unsure", "delivered", "opened", "clicked", "bounced", "complained", "unsubscribed"}
SIGNS = {"=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
MOMENTS = {"created_at", "updated_at", "at", "delivery_date", "birthday", "registered_on"}
"""Fields that hold a date or a moment."""


@attrs.frozen
class When:
    """A moment, which is no number."""

    at: int


@attrs.frozen
class Line:
    """A position of an order."""

    order: Order
    number: str


@attrs.define
class Sight:
    """What a journey, or the filter of a trigger, can see."""

    shop: Shop
    categories: dict[str, str]
    """Status -> its category."""
    project_zone: str
    now: int
    context_time: int
    """T."""
    started: int
    customer: Customer
    order: Order | None = None
    action: Action | None = None
    message: Message | None = None
    last_send: int | None = None
    own: Sight | None = None
    """In the filter of `stop on` and its like: what the journey itself sees."""
    topics: dict[str, str] = attrs.field(factory=dict)
    """The topic that `subscribed C` means here."""

    @property
    def zone(self) -> str:
        """The customer's, else the project's."""
        return self.customer.timezone or self.project_zone

    def category(self, status: Any) -> str | None:
        """Of a status."""
        return self.categories.get(status, status if status in {"placed", "paid", "delivered", "cancelled", "returned"} else None)


def reachable(customer: Customer, channel: str) -> str | None:
    """None, or why he cannot be reached."""
    kind = CONTACT[channel]
    if customer.erased or kind not in customer.contacts:
        return "unreachable"
    return "invalid_contact" if kind in customer.invalid else None


def subscribed(customer: Customer, channel: str, topic: str | None) -> str | None:
    """None, or why he may not be written to."""
    return reachable(customer, channel) or (None if customer.status(channel, topic) == "subscribed" else "no_consent")


def holds(node: nodes.Expression, sight: Sight, row: dict[str, Any] | None = None) -> bool:
    """Whether a condition is true."""
    row = row or {}
    match node:
        case nodes.And(parts=parts):
            return all(holds(part, sight, row) for part in parts)
        case nodes.Or(parts=parts):
            return any(holds(part, sight, row) for part in parts)
        case nodes.Not(operand=operand):
            return not holds(operand, sight, row)
        case nodes.Compare(operator=sign, left=left, right=right):
            return compare(sign, left, right, sight, row)
        case nodes.OneOf(operand=operand, choices=choices, negated=negated):
            found = value(operand, sight, row)
            return found is not None and any(alike(found, value(choice, sight, row)) for choice in choices) is not negated
        case nodes.Is(operand=operand, word=word, negated=negated):
            return is_so(value(operand, sight, row), word, sight) is (not negated)
        case nodes.Subscribed(channel=channel, topic=topic):
            named = topic.text if topic else sight.topics.get(channel.text)
            return subscribed(sight.customer, channel.text, named) is None
        case nodes.Reachable(channel=channel):
            return reachable(sight.customer, channel.text) is None
        case nodes.History(quantifier=quantifier, selection=selection, count=count):
            return history(quantifier, selection, count, sight, row)
    return value(node, sight, row) is True


def is_so(found: Any, word: str, sight: Sight) -> bool | None:
    """`is set`, `is empty`, `is cancelled`; None: not known, so `is not` is false too."""
    if word == "cancelled":
        known = found is not None and (found.lines or found.status is not None)
        return cancelled(found, sight) if known else None
    if word == "set":
        return found is not None
    return found is None or found in ("", [])


def cancelled(order: Order, sight: Sight) -> bool:
    """Every line is cancelled or returned; an order without lines goes by its own status."""
    statuses = [order.line_status(line) for line in order.lines] or [order.status]
    return all(sight.category(status) in GONE for status in statuses)


def alike(one: Any, other: Any) -> bool:
    """Equal, and of one kind: `1` is not `true`, and no text is a number."""
    numbers = (int, float)
    if type(one) in numbers and type(other) in numbers:
        return bool(one == other)
    return type(one) is type(other) and bool(one == other)


def compare(sign: str, left: nodes.Expression, right: nodes.Expression, sight: Sight, row: dict[str, Any]) -> bool:
    """False where either side is missing or they are of different kinds."""
    one, other = value(left, sight, row), value(right, sight, row)
    if isinstance(other, nodes.CategoryName):
        return one is not None and (sight.category(one) == other.name) is (sign == "=")
    if one is None or other is None:
        return False
    if sign == "contains":
        return isinstance(one, str) and isinstance(other, str) and other in one
    if isinstance(one, When) and isinstance(other, When):
        return bool(SIGNS[sign](one.at, other.at))
    numbers = (int, float)
    if type(one) in numbers and type(other) in numbers:
        return bool(SIGNS[sign](one, other))
    return type(one) is type(other) and sign in ("=", "!=") and bool(SIGNS[sign](one, other))


# --------------------------------------------------------------------------------------------------------------- values


def value(node: nodes.Expression, sight: Sight, row: dict[str, Any] | None = None) -> Any:
    """What an expression is worth."""
    row = row or {}
    match node:
        case nodes.Literal(value=datetime() as found):
            return When(civil.moment(found, sight.project_zone))
        case nodes.Literal(value=date() as found):
            return When(civil.midnight(found, sight.zone))
        case nodes.Literal(value=found):
            return found
        case nodes.Field(path=path):
            return field(path, sight, row)
        case nodes.Binary(operator=sign, left=left, right=right):
            return sum_of(sign, value(left, sight, row), value(right, sight, row), sight)
        case nodes.Negative(operand=operand):
            found = value(operand, sight, row)
            return None if found is None else -found
        case nodes.Aggregate():
            return aggregate(node, sight, row)
    raise NotImplementedError(node)


def sum_of(sign: str, one: Any, other: Any, sight: Sight) -> Any:
    """Numbers, or a moment and a length: days are calendar days in the customer's zone."""
    if one is None or other is None:
        return None
    if isinstance(one, When) and isinstance(other, nodes.Duration):
        return When(civil.add(one.at, -other if sign == "-" else other, sight.zone))
    return one - other if sign == "-" else one + other


def field(path: tuple[str, ...], sight: Sight, row: dict[str, Any]) -> Any:
    """A dotted name; inside `( )` the noun is the candidate, and `this` is the journey."""
    if path == ("now",):
        return When(sight.now)
    if path[0] == "this":
        sight, row, path = sight.own or sight, {}, path[1:]
    thing = row.get(path[0]) or getattr(sight, path[0], None)
    for name in path[1:]:
        thing = None if thing is None else part(thing, name, sight)
    return thing


def part(thing: Any, name: str, sight: Sight) -> Any:
    """A field of something."""
    found = _part(thing, name)
    if name not in MOMENTS or found is None:
        return found
    if isinstance(found, int):
        return When(found)
    return When(civil.midnight(date.fromisoformat(found), sight.zone))


def _part(thing: Any, name: str) -> Any:
    match thing:
        case Customer():
            own = {"id": thing.key, "timezone": thing.timezone, "created_at": thing.created_at}
            contact = {kind: thing.contacts.get(kind) for kind in ("email", "phone")}
            return (own | contact).get(name, thing.fields.get(name))
        case Order():
            own = {"id": thing.key, "status": thing.status, "created_at": thing.created_at, "updated_at": thing.updated_at}
            return own[name] if name in own else thing.value(name)
        case Line():
            if name == "order":
                return thing.order
            return thing.order.line_status(thing.number) if name == "status" else thing.order.line_value(thing.number, name)
        case Action():
            return {"template": thing.template, "at": thing.at}.get(name, thing.fields.get(name))
        case Message():
            return {"template": thing.template, "channel": thing.channel, "state": thing.state, "at": thing.at}[name]
    raise NotImplementedError(thing)


# -------------------------------------------------------------------------------------------------------------- history


def history(quantifier: str, selection: nodes.Selection, count: int, sight: Sight, row: dict[str, Any]) -> bool:
    """`no`, `any`, `every` or `at least N`."""
    if quantifier == "every":
        everything = candidates(nodes.changed(selection, where=None), sight, row)
        return bool(everything) and all(selection.where is None or holds(selection.where, sight, each) for _, each in everything)
    found = len(candidates(selection, sight, row))
    return {"no": found == 0, "any": found > 0, "at least": found >= count}[quantifier]


def aggregate(node: nodes.Aggregate, sight: Sight, row: dict[str, Any]) -> Any:
    """`count`, `sum` (0 of nothing), `last` (missing, of nothing)."""
    found = candidates(node.selection, sight, row)
    if node.function.text == "count" or node.field is None:
        return len(found)
    values = [(at, number, value(node.field, sight, each)) for number, (at, each) in enumerate(found)]
    if node.function.text == "sum":
        return sum(one for _, _, one in values if type(one) in (int, float))
    return max(values, key=lambda one: one[:2])[2] if values else None


def candidates(selection: nodes.Selection, sight: Sight, row: dict[str, Any]) -> list[tuple[int, dict[str, Any]]]:
    """What is looked through, with its moments: what lies in the window and passes the filter."""
    noun = selection.noun.text.rstrip("s")
    everything = {"order": _orders, "line": _lines, "message": _messages, "action": _actions}[noun](selection, sight)
    return [(at, {**row, **each}) for at, each in everything if selection.where is None or holds(selection.where, sight, {**row, **each})]


def _inside(at: int, selection: nodes.Selection, sight: Sight) -> bool:
    match selection.window:
        case nodes.Within(duration=duration):
            since = civil.back_exact(sight.context_time, duration, sight.zone)
        case nodes.Since(moment="start"):
            since = sight.started
        case nodes.Since():
            # The message itself is not since itself.
            since = sight.started if sight.last_send is None else sight.last_send + 1
        case _:
            since = 0
    return since <= at <= sight.now


def _names(where: nodes.Expression | None, *words: str) -> bool:
    return where is not None and any(word in repr(where) for word in words)


def _orders(selection: nodes.Selection, sight: Sight) -> list[tuple[int, dict[str, Any]]]:
    trigger = (sight.own or sight).order
    from_start = isinstance(selection.window, nodes.Since) and selection.window.moment == "start"
    cancelled_too = _names(selection.where, "'status'", "'cancelled'")
    return [
        (order.created_at, {"order": order})
        for order in sight.shop.orders_of(sight.customer)
        if _inside(order.created_at, selection, sight)
        and not (from_start and order is trigger)
        and (cancelled_too or not cancelled(order, sight))
    ]


def _lines(selection: nodes.Selection, sight: Sight) -> list[tuple[int, dict[str, Any]]]:
    """The lines of the order at hand; with a window, or without an order, those of the customer's orders."""
    if selection.window is None and sight.order is not None:
        orders = [(sight.order.created_at, {"order": sight.order})]
    else:
        orders = _orders(selection, sight)
    return [(at, {"line": Line(found["order"], line)}) for at, found in orders for line in found["order"].lines]


def _messages(selection: nodes.Selection, sight: Sight) -> list[tuple[int, dict[str, Any]]]:
    found = []
    verb = selection.verb.text if selection.verb else None
    for message in sight.shop.messages:
        if message.customer is not sight.customer or message.staff:
            continue
        if selection.channel is not None and message.channel != selection.channel.text:
            continue
        if selection.name is None and message.transactional:
            continue
        if selection.name is not None and message.template != selection.name.text:
            continue
        if verb is None and message.state not in COUNTED and not _names(selection.where, "'state'"):
            continue
        at = message.at if verb is None or verb == "formed" else message.times.get(verb)
        if at is not None and _inside(at, selection, sight):
            found.append((at, {"message": message}))
    return found


def _actions(selection: nodes.Selection, sight: Sight) -> list[tuple[int, dict[str, Any]]]:
    return [
        (action.at, {"action": action})
        for action in sight.shop.actions
        if action.customer is sight.customer
        and (selection.name is None or action.template == selection.name.text)
        and _inside(action.at, selection, sight)
    ]
