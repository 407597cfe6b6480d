"""What facts do to the shop and which events they are: one file for each family, `domain.md` §1.

`apply` changes the shop by one fact and says what happened; `matcher` says whether a trigger means it.
Both are pure: the same facts in the same order make the same shop and the same events.
"""

from __future__ import annotations

from collections.abc import Callable

from dsl.catalog import ResolvedEvent
from interpreter.events import actions
from interpreter.events import codes
from interpreter.events import contacts
from interpreter.events import customers
from interpreter.events import messages
from interpreter.events import orders
from interpreter.events import subscriptions
from interpreter.events.event import Event
from interpreter.events.event import Matcher
from interpreter.events.event import Words
from interpreter.events.event import trigger_action
from interpreter.facts import Fact
from interpreter.shop import Shop

__all__ = ["Event", "Matcher", "apply", "matcher", "trigger_action"]

_APPLY: dict[str, Callable[[Fact, Shop, Words], list[Event]]] = {
    "action": actions.apply,
    "code": codes.apply,
    "contact": contacts.apply,
    "customer": customers.apply,
    "message": messages.apply,
    "order": orders.apply,
    "subscription": subscriptions.apply,
}

_MATCHERS: dict[str, Callable[[ResolvedEvent, Words], Matcher]] = {
    "order.status": orders.status_matcher,
    "line.status": orders.line_matcher,
    "customer.field": customers.field_matcher,
    "subscription": subscriptions.matcher,
    "action": actions.matcher,
    "message.formed": messages.matcher,
    "message.sent": messages.matcher,
    "message.delivered": messages.matcher,
    "message.opened": messages.matcher,
    "message.clicked": messages.matcher,
    "message.failed": messages.matcher,
    "message.unsubscribed": messages.matcher,
}


def apply(fact: Fact, shop: Shop, project: Words) -> list[Event]:
    """Changes the shop by one fact and gives its events, those of the customer before those of his orders.

    A fact that can change nothing (a status of an order nobody knows) gives none and leaves a sentence in `shop.notes`.
    """
    return _APPLY[fact.op.partition(".")[0]](fact, shop, project)


def matcher(trigger: ResolvedEvent, project: Words) -> Matcher:
    """Whether a trigger means an event; `where`, limits and "no later change" are asked elsewhere."""
    kind, make = trigger.kind.key, _MATCHERS.get(trigger.kind.key)
    if make is None:
        return lambda event: event.kind == kind
    means = make(trigger, project)
    return lambda event: event.kind == kind and means(event)
