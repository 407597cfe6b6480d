"""Customers: created (E11), registered (E12), changed (E19), edited by themselves (E20), a field changed (E21); and who is who.

Events of one fact come in this order: `customer.created`, `customer.registered`, `customer.changed`, `customer.edited`, `customer.field`,
then its contacts, then its subscriptions. A customer who is created changes nothing: there was nothing before (X19.4, X21.2).
"""

from __future__ import annotations

from dsl.catalog import ResolvedEvent
from interpreter import merging
from interpreter.entities import Customer
from interpreter.events import contacts
from interpreter.events import subscriptions
from interpreter.events.event import Event
from interpreter.events.event import Matcher
from interpreter.events.event import Words
from interpreter.events.who import by_contact
from interpreter.events.who import changed
from interpreter.events.who import who
from interpreter.facts import Fact
from interpreter.facts import contact_key
from interpreter.payloads import Customer as Payload
from interpreter.put_right import CONTACTS
from interpreter.shop import FINDING
from interpreter.shop import Shop

#: The three operations that register; the others only create (X12.3).
_REGISTERING = frozenset({"customer.register", "customer.register_or_enrich", "customer.import"})
#: Beside the fields of the customer in the payload, and kept elsewhere than in `fields`.
_ELSEWHERE = frozenset({"customer", "timezone", "created_at", "subscribed", "unsubscribed", "pending", *CONTACTS, *contacts.SAID.values()})

assert set(Payload.__struct_fields__) >= _ELSEWHERE


def apply(fact: Fact, shop: Shop, project: Words) -> list[Event]:
    """`customer.*`"""
    if fact.op == "customer.erase":
        _erase(fact, shop)
        return []
    if fact.op == "customer.merge":
        return _merged(fact, shop)
    if fact.op == "customer.register" and shop.customer(fact.customer or "") is None and (owner := by_contact(fact, shop)) is not None:
        return _registered_again(fact, owner, shop, project)
    customer, events = who(fact, shop)
    if customer is None:
        return []
    created = bool(events)
    if created and fact.op in _REGISTERING:
        events.append(Event("customer.registered", customer, fact.at, fact.id, fact.actor, origin=fact))
    told, of_contacts = contacts.tell(fact, customer, shop, project)
    fields = _set_fields(fact, customer)
    news, explicit = subscriptions.apply_lists(fact, customer, shop)
    shop.customer_changed(customer)
    if not created:
        # Fields of the shop's own have no history, so they are no change of E19 (X19.3).
        standard = {name for name in fields if name in Payload.__struct_fields__}
        events += changed(fact, customer, told | standard | ({"subscription"} if explicit else set()))
        if fields:
            events.append(Event("customer.field", customer, fact.at, fact.id, fact.actor, changed=frozenset(fields)))
    return events + of_contacts + news


def field_matcher(trigger: ResolvedEvent, _project: Words) -> Matcher:
    """`on customer.bonus_level, customer.size changed`"""
    return lambda event: not event.changed.isdisjoint(trigger.fields)


def _set_fields(fact: Fact, customer: Customer) -> set[str]:
    names = set()
    for name, value in fact.data.items():
        if name == "timezone":
            if customer.timezone != value:
                customer.timezone = value
                names.add(name)
        elif name == "created_at":
            customer.created_at = value or customer.created_at
        elif name not in _ELSEWHERE and customer.fields.get(name) != value:
            customer.fields[name] = value
            names.add(name)
    return names


def _merged(fact: Fact, shop: Shop) -> list[Event]:
    """Once for each operation, however many records it was (X13.1). They are one already; of what could not be merged a note tells."""
    survivor = shop.customer(fact.customer or "")
    if survivor is None or not shop.absorbed:
        return []
    shop.merged += [(survivor.id, fact.id, fact.op, key) for key in shop.absorbed]
    return [Event("customer.merged", survivor, fact.at, fact.id, fact.actor)]


def _registered_again(fact: Fact, owner: Customer, shop: Shop, project: Words) -> list[Event]:
    """Somebody registers under a new id with an address or phone that is a customer's: he is created, and becomes part of that one at once.

    Nothing is told but that (X11.2, A-17): not what the customer got by it. His data count where they say anything, unless only the
    newcomer has confirmed the address (`domain.md` §2.2: of two records the one whose contact is confirmed is the main one).
    """
    assert fact.customer is not None
    aside = Shop(next_customer=0, next_order=0, next_action=0, topics=shop.topics)
    newcomer = aside.new_customer(fact.customer, fact.at)
    contacts.tell(fact, newcomer, aside, project)
    _set_fields(fact, newcomer)
    subscriptions.apply_lists(fact, newcomer, aside)
    for topic in sorted(aside.new_topics):
        shop.seen_topic(topic)
    main = newcomer if _proves_more(newcomer, owner) else owner
    for kind, contact in merging.contacts(main, owner if main is newcomer else newcomer).items():
        if owner.contacts.get(kind) != contact:
            shop.set_contact(owner, kind, contact)
    merging.absorb(owner, newcomer, main=main)
    shop.customer_changed(owner)
    shop.found_under(fact.customer, owner)
    shop.merged.append((owner.id, fact.id, fact.op, fact.customer))
    at, number, actor = fact.at, fact.id, fact.actor
    return [
        Event("customer.created", owner, at, number, actor),
        Event("customer.registered", owner, at, number, actor, origin=fact),
        Event("customer.merged", owner, at, number, actor),
    ]


def _proves_more(newcomer: Customer, owner: Customer) -> bool:
    """Whether of a contact they share the newcomer confirmed it and the owner did not."""
    for kind in FINDING:
        one, two = newcomer.contacts.get(kind), owner.contacts.get(kind)
        if one is not None and two is not None and contact_key(kind, one.value) == contact_key(kind, two.value):
            return one.confirmation == "confirmed" != two.confirmation
    return False


def _erase(fact: Fact, shop: Shop) -> None:
    assert fact.customer is not None
    customer = shop.customer(fact.customer)
    if customer is None:
        shop.note(fact.id, f"the customer `{fact.customer}` is unknown: nothing to erase")
        return
    for kind in tuple(customer.contacts):
        shop.set_contact(customer, kind, None)
    customer.erased = True
    customer.timezone = None
    customer.awaited.clear()
    customer.fields.clear()
    customer.subscriptions.clear()
    shop.customer_changed(customer)
