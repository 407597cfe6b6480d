"""Actions: something the customer did, or was done to him (E08). Once for each; no rule of later changes."""

from __future__ import annotations

from dsl.catalog import ResolvedEvent
from interpreter.events.event import Event
from interpreter.events.event import Matcher
from interpreter.events.event import Words
from interpreter.events.who import who
from interpreter.facts import Fact
from interpreter.shop import Shop


def apply(fact: Fact, shop: Shop, _project: Words) -> list[Event]:
    """`action.issue`: `customer.created` when he was unknown, then `action`."""
    customer, events = who(fact, shop)
    if customer is None:
        return []
    action = shop.new_action(customer, fact.data["template"], fact.at, fact.actor)
    action.order = fact.data.get("order")
    action.fields = {name: value for name, value in fact.data.items() if name not in {"template", "order"}}
    events.append(Event("action", customer, fact.at, fact.id, fact.actor, done=action))
    return events


def word(event: Event) -> str | None:
    """The template of the action."""
    return event.done.template if event.done is not None else None


def matcher(trigger: ResolvedEvent, _project: Words) -> Matcher:
    """`on action "quiz_done" | "webinar_signup"`"""
    return lambda event: event.done is not None and event.done.template in trigger.names
