"""What facts do to the shop and which events they are: one file for each family, `domain.md` §1.

`apply` changes the shop by one fact and says what happened; `matches` says whether a trigger means it.
Both are pure: the same facts in the same order make the same shop and the same events.
"""

from __future__ import annotations

from collections.abc import Callable

from dsl.catalog import ResolvedEvent
from interpreter.events import actions
from interpreter.events import contacts
from interpreter.events import customers
from interpreter.events import messages
from interpreter.events import orders
from interpreter.events import subscriptions
from interpreter.events.event import Event
from interpreter.events.event import Words
from interpreter.events.event import trigger_action
from interpreter.facts import Fact
from interpreter.shop import Shop

__all__ = ["Event", "apply", "matches", "trigger_action"]

_APPLY: dict[str, Callable[[Fact, Shop, Words], list[Event]]] = {
    "action": actions.apply,
    "contact": contacts.apply,
    "customer": customers.apply,
    "message": messages.apply,
    "order": orders.apply,
    "subscription": subscriptions.apply,
}

_MATCHES: dict[str, Callable[[ResolvedEvent, Event, Words], bool]] = {
    "order.status": orders.matches_order_status,
    "line.status": orders.matches_line_status,
    "customer.field": customers.matches_field,
    "subscription": subscriptions.matches,
    "action": actions.matches,
    "message.formed": messages.matches,
    "message.sent": messages.matches,
    "message.delivered": messages.matches,
    "message.opened": messages.matches,
    "message.clicked": messages.matches,
    "message.failed": messages.matches,
    "message.unsubscribed": messages.matches,
}


def apply(fact: Fact, shop: Shop, project: Words) -> list[Event]:
    """Changes the shop by one fact and gives its events, those of the customer before those of his orders.

    A fact that can change nothing (a status of an order nobody knows) gives none and leaves a sentence in `shop.notes`.
    """
    return _APPLY[fact.op.partition(".")[0]](fact, shop, project)


def matches(trigger: ResolvedEvent, event: Event, project: Words) -> bool:
    """Whether a trigger means this event; `where`, limits and "no later change" are asked elsewhere."""
    if trigger.kind.key != event.kind:
        return False
    test = _MATCHES.get(event.kind)
    return test is None or test(trigger, event, project)
