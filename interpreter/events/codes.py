"""Authorisation codes (E14): asked for through an operation. Once for each request."""

from __future__ import annotations

from interpreter.belongings import Code
from interpreter.events.event import Event
from interpreter.events.event import Words
from interpreter.events.who import who
from interpreter.facts import Fact
from interpreter.shop import Shop


def apply(fact: Fact, shop: Shop, _project: Words) -> list[Event]:
    """`code.generate`: `customer.created` when he was unknown, then `code.requested`. Of each kind the latest code is kept."""
    customer, events = who(fact, shop)
    if customer is None:
        return []
    code = Code(fact.data["kind"], fact.data["value"], fact.at, fact.data.get("expires"))
    shop.holdings.put(customer.id, code)
    events.append(Event("code.requested", customer, fact.at, fact.id, fact.actor, origin=fact, things={"code": code}))
    return events
