"""Discount cards (E31, E32): issued, activated, blocked, replaced. A card is known by its number, whoever names it."""

from __future__ import annotations

from typing import Any
from typing import cast

from dsl.catalog import ResolvedEvent
from interpreter.belongings import Card
from interpreter.entities import Customer
from interpreter.events.event import Event
from interpreter.events.event import Matcher
from interpreter.events.event import Words
from interpreter.events.who import who
from interpreter.facts import Fact
from interpreter.shop import Shop

#: What of a fact is no field of the card's own.
_KNOWN = frozenset({"number", "type", "status", "old", "new"})


def apply(fact: Fact, shop: Shop, _project: Words) -> list[Event]:
    """`card.issue`, `card.status`, `card.replace`: `customer.created` when he was unknown, then `card.status`, `card.replaced`."""
    if fact.op == "card.replace":
        return _replace(fact, shop)
    number = fact.data["number"]
    found = _found(number, fact, shop)
    if found is None:
        return []
    customer, card, events = found
    if card is None:
        card = Card(number, _type(fact.data), fact.data.get("status") or "inactive", fact.at, _fields(fact.data))
        return [*events, _take(card, customer, None, fact, shop)]
    return [*events, *_change(card, customer, fact, shop)]


def matcher(trigger: ResolvedEvent, _project: Words) -> Matcher:
    """`card.status [FROM] -> TO`: each transition into the status; a card that is issued comes from none."""
    to, from_ = frozenset(trigger.to), frozenset(trigger.from_)
    return lambda event: event.status in to and (not from_ or not from_.isdisjoint(event.before))


def _found(number: str, fact: Fact, shop: Shop) -> tuple[Customer, Card | None, list[Event]] | None:
    """Whose card it is, and the card; None: the fact changes nothing, a note says why."""
    owner = next(iter(shop.holdings.owners("card", number)), None)
    if fact.customer is None:
        if owner is None:
            shop.note(fact.id, f"nobody has the card `{number}`: the fact changes nothing")
            return None
        return shop.customer_by_id(owner), _card(owner, number, shop), []
    customer, events = who(fact, shop)
    if customer is None:
        return None
    if owner is not None and owner != customer.id:
        shop.note(fact.id, f"the card `{number}` is somebody else's: the fact changes nothing for `{fact.customer}`")
        return None
    return customer, _card(customer.id, number, shop), events


def _card(owner: int, number: str, shop: Shop) -> Card | None:
    return cast("Card | None", shop.holdings.of(owner, "card").get(number))


def _change(card: Card, customer: Customer, fact: Fact, shop: Shop) -> list[Event]:
    """News of a card that is there. Older than what is known: noticed, and it changes nothing."""
    before, status, late = card.status, fact.data.get("status") or card.status, fact.at < card.changed_at
    if not late:
        card.type = _type(fact.data) or card.type
        card.fields = {**card.fields, **_fields(fact.data)}
        if status != before:
            card.status, card.changed_at = status, fact.at
        shop.holdings.put(customer.id, card)
    return [] if status == before else [_event("card.status", card, customer, before, status, fact, late=late)]


def _take(card: Card, customer: Customer, before: str | None, fact: Fact, shop: Shop) -> Event:
    shop.holdings.put(customer.id, card)
    return _event("card.status", card, customer, before, card.status, fact)


def _replace(fact: Fact, shop: Shop) -> list[Event]:
    """The old card is blocked, which is no event of its own; the new one is as the old one was."""
    data = fact.data
    found = _found(data["old"], fact, shop)
    if found is None:
        return []
    customer, old, events = found
    owner = next(iter(shop.holdings.owners("card", data["new"])), None)
    if owner is not None:
        shop.note(fact.id, f"the card `{data['new']}` is given out already: it replaces none")
        return events
    of_type, status, fields = (None, "inactive", {}) if old is None else (old.type, old.status, old.fields)
    new = Card(data["new"], _type(data) or of_type, data.get("status") or status, fact.at, {**fields, **_fields(data)})
    if old is not None:
        old.status, old.changed_at = "blocked", max(old.changed_at, fact.at)
        shop.holdings.put(customer.id, old)
    issued = _take(new, customer, None, fact, shop)
    return [*events, issued, _event("card.replaced", new, customer, None, new.status, fact, old=old)]


def _type(data: dict[str, Any]) -> str | None:
    return data.get("type")


def _fields(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in _KNOWN}


def _event(
    kind: str, card: Card, customer: Customer, before: str | None, status: str, fact: Fact, *, late: bool = False, old: Card | None = None
) -> Event:
    return Event(
        kind,
        customer,
        fact.at,
        fact.id,
        fact.actor,
        origin=fact,
        later_change=late,
        before=frozenset({before}),
        status=status,
        things={"card": card},
        previous=old,
    )
