"""Subscriptions: a tree of channel and topics (`domain.md` §2.6), and E22.

A topic without a row of its own follows its channel, topics of the future too: that is the implicit state. A change of the channel takes
the rows of its topics away, and so makes them follow. By date: consent that was given earlier never undoes what was said later.
"""

from __future__ import annotations

from dsl.catalog import SUBSCRIPTION_STATUSES
from dsl.catalog import ResolvedEvent
from interpreter.entities import Customer
from interpreter.entities import Subscription
from interpreter.events.event import Event
from interpreter.events.event import Matcher
from interpreter.events.event import Words
from interpreter.events.who import changed
from interpreter.events.who import who
from interpreter.facts import Fact
from interpreter.shop import Shop


def apply(fact: Fact, shop: Shop, _project: Words) -> list[Event]:
    """`subscription.set`: `customer.created`, `customer.changed`, `customer.edited`, then the channel before its topics."""
    customer, events = who(fact, shop)
    if customer is None:
        return []
    data = fact.data
    created = bool(events)
    news, explicit = change(
        fact, customer, shop, data["channel"], data.get("topic"), status=data["status"], explicit=data.get("explicit", True)
    )
    if explicit and not created:
        events += changed(fact, customer, {"subscription"})
    return events + news


def apply_lists(fact: Fact, customer: Customer, shop: Shop) -> tuple[list[Event], bool]:
    """`subscribed: [email, "sms/news"]` and its like beside the fields of a customer; whether anything explicit changed."""
    nodes = [(node, status) for status in SUBSCRIPTION_STATUSES for node in fact.data.get(status) or ()]
    events: list[Event] = []
    changed = False
    for node, status in sorted(nodes, key=lambda pair: "/" in pair[0]):
        channel, _, topic = node.partition("/")
        news, explicit = change(fact, customer, shop, channel, topic or None, status=status)
        events += news
        changed = changed or explicit
    return events, changed


def change(
    fact: Fact, customer: Customer, shop: Shop, channel: str, topic: str | None, *, status: str, explicit: bool = True
) -> tuple[list[Event], bool]:
    """Gives a channel or one of its topics a status: the events, and whether the history of the customer shows it (explicit ones only)."""
    if topic is not None:
        shop.seen_topic(topic)
    place = channel if topic is None else f"{channel}/{topic}"
    rows = customer.subscriptions
    row, above = rows.get(place), rows.get(channel)
    if any(later is not None and later.at > fact.at for later in (row, above)) or (row is not None and row.explicit and not explicit):
        return [], False
    same = row is not None and row.status == status and row.explicit == explicit
    if same and topic is None and status == "subscribed":
        # Subscribing a subscribed channel once more leaves the topics he unsubscribed from alone.
        return [], False
    nodes = [topic] if topic is not None else [None, *sorted(shop.topics | _topics(customer, channel))]
    before = [effective(customer, channel, node) for node in nodes]
    rows[place] = Subscription(status, explicit, min(fact.at, fact.received))
    if topic is None:
        _follow(fact, customer, channel, keep_explicit=fact.actor == "staff" or not explicit)
    shop.customer_changed(customer)
    events = [
        Event("subscription", customer, fact.at, fact.id, fact.actor, channel=channel, topic=node, status=now)
        for node, was in zip(nodes, before, strict=True)
        if (now := effective(customer, channel, node)) != was
    ]
    return events, explicit and not same


def effective(customer: Customer, channel: str, topic: str | None) -> str | None:
    """The status that counts: the topic's own, else its channel's; None: nothing is known."""
    row = customer.subscriptions.get(f"{channel}/{topic}") if topic is not None else None
    row = row or customer.subscriptions.get(channel)
    return row.status if row else None


def matcher(trigger: ResolvedEvent, _project: Words) -> Matcher:
    """`on subscription email to "news" -> unsubscribed | pending`; without a topic: the channel itself."""
    return lambda event: trigger.channel == event.channel and trigger.topic == event.topic and event.status in trigger.to


def _topics(customer: Customer, channel: str) -> set[str]:
    return {place.partition("/")[2] for place in customer.subscriptions if place.startswith(f"{channel}/")}


def _follow(fact: Fact, customer: Customer, channel: str, *, keep_explicit: bool) -> None:
    for topic in _topics(customer, channel):
        row = customer.subscriptions[f"{channel}/{topic}"]
        if row.at <= fact.at and not (keep_explicit and row.explicit):
            del customer.subscriptions[f"{channel}/{topic}"]
