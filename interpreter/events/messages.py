"""Messages: what a provider says became of them (E10), and what follows for the contact and the consent."""

from __future__ import annotations

from dsl.catalog import ResolvedEvent
from interpreter.consent import contact_kind
from interpreter.entities import Customer
from interpreter.entities import Message
from interpreter.events import contacts
from interpreter.events import subscriptions
from interpreter.events.event import Event
from interpreter.events.event import Matcher
from interpreter.events.event import Words
from interpreter.events.who import changed
from interpreter.facts import Fact
from interpreter.facts import contact_key
from interpreter.shop import Shop

#: A state never goes back: `delivered` that comes after `opened` is kept with its date, no more.
_RANK = dict.fromkeys(("planned", "sending", "unsure", "failed", "sent"), 0) | {
    state: rank for rank, state in enumerate(("delivered", "opened", "clicked", "bounced", "unsubscribed", "complained"), start=1)
}
#: What a trigger calls it; `complained` has no trigger of its own.
_EVENTS = {
    "delivered": "message.delivered",
    "opened": "message.opened",
    "clicked": "message.clicked",
    "bounced": "message.failed",
    "unsubscribed": "message.unsubscribed",
}
#: What we say ourselves of a message; its state is written already where the fact comes from.
_OWN = {"formed": "message.formed", "sent": "message.sent", "failed": "message.failed"}


def apply(fact: Fact, shop: Shop, project: Words) -> list[Event]:
    """`message.status`, each status once for each message: the event of the message, then `customer.changed`, then subscriptions."""
    status = fact.data["status"]
    message = shop.message(fact.data["message"])
    if message is not None and fact.actor == "scenario" and status in _OWN:
        return [happened(message, shop.customer_by_id(message.customer), _OWN[status], fact.at, fact.id)]
    if message is None or message.state == "skipped":
        shop.note(fact.id, f"no message `{fact.data['message']}` was sent: the fact changes nothing")
        return []
    customer = shop.customer_by_id(message.customer)
    if status in message.times:
        return []
    message.times[status] = fact.at
    if _RANK[status] > _RANK[message.state]:
        message.state = status
    shop.message_changed(message)
    if customer.erased:
        return []  # it is counted; nobody is there to whom it could happen
    events = [happened(message, customer, _EVENTS[status], fact.at, fact.id)] if status in _EVENTS else []
    if message.staff:
        return events
    if status == "bounced" and fact.data.get("hard", True):
        events += _invalid(fact, message, customer, shop)
    elif status in {"unsubscribed", "complained"}:
        events += _unsubscribe(fact, message, customer, shop, project)
    return events


def happened(message: Message, customer: Customer, kind: str, at: int, fact: int | None = None) -> Event:
    """The event of a message that got into a state."""
    return Event(kind, customer, at, fact, "import", message=message)


def matcher(trigger: ResolvedEvent, _project: Words) -> Matcher:
    """`on message review_request opened`; without a template: any. Notices to staff are no messages to the customer."""

    def matches(event: Event) -> bool:
        message = event.message
        return message is not None and not message.staff and (not trigger.names or message.template in trigger.names)

    return matches


def _invalid(fact: Fact, message: Message, customer: Customer, shop: Shop) -> list[Event]:
    """A hard bounce: the address does not exist. Of another address than his present one, it says nothing about that."""
    if message.channel is None:
        return []
    kind = contact_kind(message.channel)
    contact, to = customer.contacts.get(kind), fact.data.get("to")
    if contact is None or (to is not None and contact_key(kind, to) != contact_key(kind, contact.value)):
        return []
    events = contacts.validity(fact, customer, kind, shop, valid=False)
    # Whoever passed the news on, the customer did not edit his profile.
    return [event for event in events if event.kind != "customer.edited"]


def _unsubscribe(fact: Fact, message: Message, customer: Customer, shop: Shop, project: Words) -> list[Event]:
    """By the link of a letter with a topic: from the topic. A complaint about spam is about the whole channel (`domain.md` §2.6)."""
    if message.channel is None:
        return []
    topic = project.topic(message.template) if fact.data["status"] == "unsubscribed" else None
    news, explicit = subscriptions.change(fact, customer, shop, message.channel, topic, status="unsubscribed")
    return (changed(fact, customer, {"subscription"}) if explicit else []) + news
