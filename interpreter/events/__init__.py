"""What facts do to the shop and which events they are: one file for each family, `domain.md` §1.

`apply` changes the shop by one fact and says what happened; `matcher` says whether a trigger means it.
Both are pure: the same facts in the same order make the same shop and the same events.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Container

from dsl.catalog import EVENTS
from dsl.catalog import ResolvedEvent
from interpreter.events import actions
from interpreter.events import cards
from interpreter.events import codes
from interpreter.events import contacts
from interpreter.events import customers
from interpreter.events import lists
from interpreter.events import loyalty
from interpreter.events import messages
from interpreter.events import orders
from interpreter.events import products
from interpreter.events import promos
from interpreter.events import segments
from interpreter.events import sessions
from interpreter.events import subscriptions
from interpreter.events import views
from interpreter.events.event import EVERYTHING
from interpreter.events.event import UNHEARD
from interpreter.events.event import Event
from interpreter.events.event import Matcher
from interpreter.events.event import Words
from interpreter.events.event import trigger_action
from interpreter.facts import Fact
from interpreter.shop import Shop

__all__ = ["EVERYTHING", "UNHEARD", "Event", "Matcher", "apply", "matcher", "meaning", "trigger_action", "word", "words"]

#: By the first word of the operation, or by the whole of it where a family shares that word with another.
_APPLY: dict[str, Callable[[Fact, Shop, Words], list[Event]]] = {
    "action": actions.apply,
    "category": views.apply_category,
    "balance": loyalty.apply,
    "card": cards.apply,
    "code": codes.apply,
    "contact": contacts.apply,
    "customer": customers.apply,
    "list": lists.apply,
    "message": messages.apply,
    "product.view": views.apply_product,
    "promo": promos.apply,
    "product": products.apply,
    "session": sessions.apply,
    "segment": segments.apply,
    "subscription": subscriptions.apply,
}

_MATCHERS: dict[str, Callable[[ResolvedEvent, Words], Matcher]] = {
    "order.status": orders.status_matcher,
    "line.status": orders.line_matcher,
    "customer.field": customers.field_matcher,
    "subscription": subscriptions.matcher,
    "list.added": lists.matcher,
    "list.changed": lists.matcher,
    "product.action": actions.matcher,
    "action": actions.matcher,
    "segment.entered": segments.matcher,
    "segment.left": segments.matcher,
    "promo.issued": promos.matcher,
    "promo.redeemed": promos.matcher,
    "promo.referred": promos.matcher,
    "balance.available": loyalty.matcher,
    "balance.changed": loyalty.matcher,
    "balance.negative": loyalty.matcher,
    "card.status": cards.matcher,
    "message.formed": messages.matcher,
    "message.sent": messages.matcher,
    "message.delivered": messages.matcher,
    "message.opened": messages.matcher,
    "message.clicked": messages.matcher,
    "message.failed": messages.matcher,
    "message.unsubscribed": messages.matcher,
    **{kind: products.matcher for kind in EVENTS if kind.startswith(("list.", "views.")) and kind not in {"list.added", "list.changed"}},
}


def apply(fact: Fact, shop: Shop, project: Words, heard: Container[str] = EVERYTHING) -> list[Event]:
    """Changes the shop by one fact and gives its events, those of the customer before those of his orders.

    A fact that can change nothing (a status of an order nobody knows) gives none and leaves a sentence in `shop.notes`.
    Each fact of an order is up to four events, of which few are `heard`; the others may be `UNHEARD`.
    """
    if fact.op.startswith("order."):
        return orders.apply(fact, shop, project, heard)
    return (_APPLY.get(fact.op) or _APPLY[fact.op.partition(".")[0]])(fact, shop, project)


#: What triggers of a kind tell its events apart by, if they name it.
_WORDS: dict[str, Callable[[Event], str | None]] = {
    "order.status": orders.word,
    "action": actions.word,
}


def words(trigger: ResolvedEvent) -> frozenset[str] | None:
    """What the events that a trigger means are about, of their `word`; None: anything."""
    if trigger.kind.key not in _WORDS or trigger.category is not None:
        return None
    return frozenset(trigger.names if trigger.kind.key == "action" else trigger.to) or None


def word(kind: str) -> Callable[[Event], str | None]:
    """What an event of a kind is about: the status all lines have, the template of an action."""
    return _WORDS.get(kind, _no_word)


def _no_word(_: Event) -> None:
    return None


def matcher(trigger: ResolvedEvent, project: Words) -> Matcher:
    """Whether a trigger means an event; `where`, limits and "no later change" are asked elsewhere."""
    kind, means = trigger.kind.key, meaning(trigger, project)
    if means is None:
        return lambda event: event.kind == kind
    return lambda event: event.kind == kind and means(event)


def meaning(trigger: ResolvedEvent, project: Words) -> Matcher | None:
    """Whether a trigger means an event that is of its kind; None: each of them."""
    make = _MATCHERS.get(trigger.kind.key)
    return None if make is None else make(trigger, project)
