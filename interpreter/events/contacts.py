"""Contacts: confirmed, valid, invalid (`domain.md` §2.2). E15 to E18 come with a later version; E19 and E20 are noticed."""

from __future__ import annotations

from interpreter.entities import Customer
from interpreter.events.event import Event
from interpreter.events.event import Words
from interpreter.events.who import changed
from interpreter.events.who import who
from interpreter.facts import Fact
from interpreter.facts import contact_key
from interpreter.shop import FINDING
from interpreter.shop import Shop


def apply(fact: Fact, shop: Shop, _project: Words) -> list[Event]:
    """`contact.confirm`, `contact.validity`: of the given value, or the customer's own contact of that kind."""
    kind, value = fact.data["kind"], fact.data.get("value")
    if fact.customer is not None:
        customer, events = who(fact, shop)
    else:
        customer, events = (shop.owner(kind, value) if value and kind in FINDING else None), []
        if customer is None:
            shop.note(fact.id, f"nobody has the {kind} `{value}`: the fact changes nothing")
    if customer is None:
        return []
    contact = customer.contacts.get(kind)
    if contact is None or (value is not None and contact_key(kind, value) != contact_key(kind, contact.value)):
        shop.note(fact.id, f"the customer has no {kind}" + (f" `{value}`" if value else "") + ": the fact changes nothing")
        return events
    if fact.op == "contact.confirm":
        # Confirming proves that the address works.
        done = contact.confirmation != "confirmed" or not contact.valid
        contact.confirmation = "confirmed"
        contact.valid = True
        if done:
            shop.customer_changed(customer)
            events += changed(fact, customer, {kind})
        return events
    return events + validity(fact, customer, kind, shop, valid=fact.data["valid"])


def validity(fact: Fact, customer: Customer, kind: str, shop: Shop, *, valid: bool) -> list[Event]:
    """Marks a contact as one that works or does not (X19.2)."""
    contact = customer.contacts[kind]
    if contact.valid == valid:
        return []
    contact.valid = valid
    shop.customer_changed(customer)
    return changed(fact, customer, {kind})
