"""Segments: a customer came in (E23) or went out (E24), of static ones by a fact, of the others by recalculation.

`segment.enter`, `segment.leave`: what a recalculation found. `segment.look`: the time has come to ask again. `segment.review`: everybody
is asked. These are facts of our own, and do nothing here but the first two.
"""

from __future__ import annotations

from dsl.catalog import ResolvedEvent
from interpreter.belongings import Membership
from interpreter.entities import Customer
from interpreter.events.event import Event
from interpreter.events.event import Matcher
from interpreter.events.event import Words
from interpreter.events.who import who
from interpreter.facts import Fact
from interpreter.shop import Shop

_IN, _OUT = frozenset({"segment.add", "segment.enter"}), frozenset({"segment.remove", "segment.leave"})


def apply(fact: Fact, shop: Shop, project: Words) -> list[Event]:
    """Of several segments of one tier a customer is in the last one alone (X23.3): he leaves it before he enters the other."""
    if fact.op not in _IN | _OUT:
        return []
    name = fact.data["segment"]
    if fact.op in {"segment.add", "segment.remove"} and project.is_recalculated(name):
        shop.note(fact.id, f"who is in the segment `{name}` follows from its `where`: the fact changes nothing")
        return []
    customer, events = who(fact, shop)
    if customer is None:
        return []
    if fact.op in _OUT:
        return [*events, *_leave(fact, customer, name, shop)]
    members = shop.holdings.of(customer.id, "segment")
    if name in members:
        return events
    for other in project.tier_of(name):
        events += _leave(fact, customer, other, shop)
    shop.holdings.put(customer.id, Membership(name, fact.at))
    return [*events, Event("segment.entered", customer, fact.at, fact.id, fact.actor, name=name)]


def _leave(fact: Fact, customer: Customer, name: str, shop: Shop) -> list[Event]:
    member = shop.holdings.of(customer.id, "segment").get(name)
    if member is None:
        return []
    shop.holdings.drop(customer.id, member)
    return [Event("segment.left", customer, fact.at, fact.id, fact.actor, name=name)]


def matcher(trigger: ResolvedEvent, _project: Words) -> Matcher:
    """`on segment vip entered`, `on segment vip left`"""
    return lambda event: event.name in trigger.names
