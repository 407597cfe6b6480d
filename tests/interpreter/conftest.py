"""A shop in memory: facts go in, and any trigger written in `.scn` can be asked by which of them it fires.

Year 2024, Moscow, as in `domain.md` §0.2.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from functools import cache
from typing import Any

import attrs
import pytest

from dsl import nodes
from dsl.catalog import EVENTS
from dsl.catalog import Problem
from dsl.catalog import ResolvedEvent
from dsl.catalog import resolve
from dsl.parser import parse
from dsl.project import load
from dsl.source import Source
from interpreter import events
from interpreter.belongings import KINDS
from interpreter.entities import Customer
from interpreter.entities import Message
from interpreter.entities import Order
from interpreter.events import Event
from interpreter.facts import Fact
from interpreter.facts import Rejection
from interpreter.facts import read
from interpreter.needs import needs
from interpreter.operations.products import rows
from interpreter.rules import Rules
from interpreter.shop import Shop

ZONE = "Europe/Moscow"


@cache
def trigger(text: str) -> ResolvedEvent:
    """`order.status -> "shipped"` as the engine knows it."""
    parsed = parse(Source("t.scn", f"on {text} send letter\n"))
    statement = parsed.file.statements[0]
    assert isinstance(statement, nodes.Scenario), parsed.diagnostics
    clause = statement.clauses[0]
    assert isinstance(clause, nodes.On)
    found = resolve(clause.event)
    assert not isinstance(found, Problem), found
    return found


def moment(text: str) -> str:
    """`06-05` or `06-05 12:00` of the year 2024."""
    day, _, time = text.partition(" ")
    return f"2024-{day}T{time or '00:00'}"


class _Any(frozenset[str]):
    """Every name."""

    def isdisjoint(self, names: Iterable[object]) -> bool:
        return not any(True for _ in names)


@attrs.define
class History:
    """Facts of one shop, in order of arrival, and the events they were."""

    rules: Rules
    shop: Shop
    facts: list[Fact] = attrs.field(factory=list)
    events: list[Event] = attrs.field(factory=list)

    def __call__(self, op: str, at: str = "01-01", received: str | None = None, **data: Any) -> list[Event]:
        """One fact, handled; its events."""
        raw = {"op": op, "at": moment(at), "received": received and moment(received), **data}
        fact = read(raw, zone=ZONE, received=0, received_each=True, batch="b", actor="import")
        assert isinstance(fact, Fact), fact
        return self.handle(fact)

    def handle(self, fact: Fact) -> list[Event]:
        """What the tick does around `apply`: load what the fact needs, which here is in memory or does not exist."""
        fact.id = len(self.facts) + 1
        self.facts.append(fact)
        asked = needs([fact])
        self.shop.know_customers([], keys=asked.customers, contacts=asked.contacts)
        self.shop.know_orders([], keys=asked.orders)
        self.shop.know_messages([], ids=asked.messages)
        self.shop.holdings.know_products(asked.products, [])
        for kind, key in ((kind, key) for one in asked.changing for key in rows(one.op, one.data) for kind in KINDS):
            self.shop.holdings.know_owners(kind, [key], [])
        for kind, about in asked.owners:
            self.shop.holdings.know_owners(kind, [about], [])
        self.shop.holdings.know([customer.id for customer in self.shop.customers()], asked.kinds, [])
        found = events.apply(fact, self.shop, self.rules)
        self.events += found
        return found

    def fires(self, text: str, *, late: bool = False) -> list[int]:
        """By which facts (counted from 1) a trigger fires; `late`: those refused because a later change exists."""
        wanted = trigger(text)
        return [event.fact or 0 for event in self.events if event.later_change is late and events.matcher(wanted, self.rules)(event)]

    def kinds(self, number: int | None = None) -> list[str]:
        """The events in order, of all facts or of one."""
        return [event.kind for event in self.events if number is None or event.fact == number]

    def customer(self, key: str) -> Customer:
        found = self.shop.customer(key)
        assert found is not None
        return found

    def order(self, key: str) -> Order:
        found = self.shop.order(key)
        assert found is not None
        return found

    def message(self, **more: Any) -> Message:
        """A message that was sent to Ann on the first of June."""
        fields: dict[str, Any] = {
            "id": 7, "customer": self.customer("ann").id, "template": "review_request", "channel": "email", "at": 0,
            "state": "sent",
        }  # fmt: skip
        found = Message(**(fields | more))
        self.shop.add_message(found)
        return found


def make_history() -> History:
    words = 'define category delivered "выдан"\ndefine topic "news"\n'
    rules = Rules(load([Source("words.scn", words)]), ZONE)
    # Any trigger may be asked for.
    vars(rules)["heard"] = frozenset(EVENTS)
    vars(rules)["product_fields"] = _Any()
    return History(rules, Shop(next_customer=1, next_order=1, next_action=1, topics=rules.project.vocabulary.topics))


@pytest.fixture
def history() -> History:
    return make_history()


@pytest.fixture
def refused() -> Callable[..., str]:
    """Why a fact is refused at the door."""

    def why(raw: Any, **more: Any) -> str:
        options: dict[str, Any] = {"zone": ZONE, "received": 0, "batch": "b", "actor": "import"}
        found = read(raw, **(options | more))
        assert isinstance(found, Rejection), found
        return str(found)

    return why
