"""A customer and his past in a few words, for the tests of conditions. Year 2024, Moscow, as in `domain.md` §0.2."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any
from typing import cast

import attrs

from dsl import nodes
from dsl.calendar import parse_moment
from dsl.parser import parse
from dsl.project import load
from dsl.source import Source
from interpreter.conditions import Condition
from interpreter.conditions import Scope
from interpreter.conditions import compile as compile_condition
from interpreter.entities import Action
from interpreter.entities import Contact
from interpreter.entities import Customer
from interpreter.entities import Line
from interpreter.entities import Message
from interpreter.entities import Order
from interpreter.entities import Subscription
from interpreter.rules import Rules
from interpreter.view import NoHistory
from interpreter.view import Terms
from interpreter.view import View

MOSCOW = "Europe/Moscow"


def at(text: str, zone: str = MOSCOW) -> int:
    """`06-05 12:00`, in 2024 unless the year is given."""
    return parse_moment(text if text[4:5] == "-" else f"2024-{text}", zone)


WORDS = """
define category delivered "выдан"
define field customer.anniversary date
define field order.weight number
"""
SHOP = Rules(load([Source("words.scn", WORDS)]), MOSCOW)


def condition(text: str) -> Condition:
    """A condition as it is written."""
    parsed = parse(Source("test.scn", f"segment s where {text}"))
    assert not parsed.diagnostics, parsed.diagnostics
    statement = parsed.file.statements[0]
    assert isinstance(statement, nodes.Segment)
    return compile_condition(statement.where, Scope(SHOP.project))


def value(text: str) -> Condition:
    """A value as it is written."""
    found = condition(f"{text} = 1").expression
    assert isinstance(found, nodes.Compare)
    return compile_condition(found.left, Scope(SHOP.project))


def customer(**fields: Any) -> Customer:
    """Ann, subscribed to letters."""
    usual: dict[str, Any] = {
        "contacts": {"email": Contact("ann@example.com")},
        "subscriptions": {"email": Subscription("subscribed")},
    }
    own = {
        name: fields.pop(name) for name in ("contacts", "subscriptions", "awaited", "created_at", "timezone", "erased") if name in fields
    }
    return Customer(1, "ann", **(usual | own), fields=fields)


def order(key: str, created: str, status: str | None = None, lines: Iterable[str | None] = (), **fields: Any) -> Order:
    """An order; `lines` are the statuses of its lines `<key>-1`, `<key>-2` …, each of 100."""
    created_at = at(created)
    own = {name: fields.pop(name) for name in ("total", "email", "phone", "updated_at") if name in fields}
    found = {
        f"{key}-{number}": Line(f"{key}-{number}", product=f"p-{number}", price=100, status=status)
        for number, status in enumerate(lines, start=1)
    }
    return Order(int(key), key, 1, created_at, own.pop("updated_at", created_at), status, lines=found, fields=fields, **own)


def message(template: str, moment: str, state: str = "sent", channel: str | None = "email", **fields: Any) -> Message:
    """A message; `opened="06-05 12:00"` says when it was."""
    own = {name: fields.pop(name) for name in ("transactional", "staff") if name in fields}
    return Message(1, 1, template, channel, at(moment), state, times={name: at(when) for name, when in fields.items()}, **own)


def action(template: str, moment: str, **fields: Any) -> Action:
    """Something the customer did."""
    return Action(1, 1, template, at(moment), fields=fields)


@attrs.frozen
class Past(NoHistory):
    """What the customer has done and got."""

    orders: Sequence[Order]
    messages: Sequence[Message]
    actions: Sequence[Action]

    def orders_of(self, _: int) -> Sequence[Order]:
        return self.orders

    def messages_of(self, _: int) -> Sequence[Message]:
        return self.messages

    def actions_of(self, _: int) -> Sequence[Action]:
        return self.actions


def view(
    now: str = "06-20 12:00",
    *,
    of: Customer | None = None,
    orders: Sequence[Order] = (),
    messages: Sequence[Message] = (),
    actions: Sequence[Action] = (),
    **given: Any,
) -> View:
    """What a journey sees: started 06-05 12:00, T = now unless said otherwise."""
    moments = {name: at(given.pop(name, default)) for name, default in (("context_time", now), ("started", "06-05 12:00"))}
    return View(
        cast("Terms", SHOP),
        at(now),
        moments["context_time"],
        moments["started"],
        given.pop("zone", MOSCOW),
        of or customer(),
        history=Past(orders, messages, actions),
        **given,
    )
