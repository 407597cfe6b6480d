"""Who is who: the customer a fact is about, and what a change of him is called."""

from __future__ import annotations

from interpreter.entities import Customer
from interpreter.events.event import Event
from interpreter.facts import Fact
from interpreter.facts import is_address
from interpreter.shop import FINDING
from interpreter.shop import Shop


def who(fact: Fact, shop: Shop) -> tuple[Customer | None, list[Event]]:
    """The customer a fact is about, created when nobody is (`customer.created`). None: the fact changes nothing, a note says why.

    Identity is the external id. With an id that is new, `customer.*` find a customer by his e-mail address or phone, and he has that id too
    from now on (`engine.md` §7).
    """
    assert fact.customer is not None
    found = shop.customer(fact.customer)
    if found is None and fact.op.startswith("customer."):
        found = by_contact(fact, shop)
        if found is not None:
            shop.found_under(fact.customer, found)
    if found is None:
        created = shop.new_customer(fact.customer, fact.at)
        return created, [Event("customer.created", created, fact.at, fact.id, fact.actor)]
    if found.erased:
        shop.note(fact.id, f"the customer `{fact.customer}` was erased: the fact changes nothing")
        return None, []
    return found, []


def by_contact(fact: Fact, shop: Shop) -> Customer | None:
    """Whose the e-mail address of a fact is, else whose its phone is.

    What is no address is nobody's: a hundred customers with `-` for one are a hundred customers.
    """
    values = ((kind, fact.data.get(kind)) for kind in FINDING)
    return next((owner for kind, value in values if value and is_address(kind, value) and (owner := shop.owner(kind, value))), None)


def changed(fact: Fact, customer: Customer, names: set[str]) -> list[Event]:
    """E19, and E20 when the customer did it himself (X20.1, X20.2); once for each operation (A-14)."""
    if not names:
        return []
    kinds = ("customer.changed", "customer.edited") if fact.actor == "customer" else ("customer.changed",)
    return [Event(kind, customer, fact.at, fact.id, fact.actor, changed=frozenset(names)) for kind in kinds]
