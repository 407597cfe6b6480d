"""Contacts: changed (E15, E17), confirmed (E16, E18), valid or not (`domain.md` §2.2 and the table X15.1 to X15.15).

A customer has of each kind at most one main contact. Beside a confirmed one there may be another that waits to be confirmed: it takes
the place of the main one when it is (X15.9, X15.10), and until then only what is transactional goes there.
"""

from __future__ import annotations

from interpreter.entities import Contact
from interpreter.entities import Customer
from interpreter.events.event import Event
from interpreter.events.event import Words
from interpreter.events.who import changed
from interpreter.events.who import who
from interpreter.facts import Fact
from interpreter.facts import contact_key
from interpreter.facts import is_address
from interpreter.put_right import CONTACTS
from interpreter.shop import FINDING
from interpreter.shop import Shop

#: Beside a contact in the payload: whether it is confirmed.
SAID = {kind: f"{kind}_confirmed" for kind in FINDING}
#: What it may say, as it is kept.
_CONFIRMATIONS = {True: "confirmed", False: "none", "pending": "pending"}
#: Ignores that the project asks for confirmation (`domain.md` §2.9).
_UNASKED = "customer.create_and_subscribe"


def apply(fact: Fact, shop: Shop, _project: Words) -> list[Event]:
    """`contact.confirm`, `contact.validity`: of the given value, or the customer's own contact of that kind."""
    kind, value = fact.data["kind"], fact.data.get("value")
    if "due" in fact.data:
        return _valid_again(fact, kind, shop)
    if fact.customer is not None:
        customer, events = who(fact, shop)
    else:
        customer, events = (shop.owner(kind, value) if value and kind in FINDING else None), []
        if customer is None:
            shop.note(fact.id, f"nobody has the {kind} `{value}`: the fact changes nothing")
    if customer is None:
        return []
    confirms = fact.op == "contact.confirm"
    place = _place(customer, kind, value, waiting=confirms)
    if place is None:
        shop.note(fact.id, f"the customer has no {kind}" + (f" `{value}`" if value else "") + ": the fact changes nothing")
        return events
    if not confirms:
        return events + validity(fact, customer, kind, shop, valid=fact.data["valid"], until=fact.data.get("invalid_until"))
    instead = place == "waiting" and kind in customer.contacts
    done, _ = _confirm(fact, customer, kind, place, shop)
    events += changed(fact, customer, {kind}) if done else []
    # Again too (X15.14), though it changes nothing; not where it takes the place of one that was confirmed (X15.10).
    return events + ([_event(fact, customer, kind, "confirmed")] if kind in FINDING and not instead else [])


def _place(customer: Customer, kind: str, value: str | None, *, waiting: bool) -> str | None:
    """Which of his contacts is meant: `waiting` or `main`; without a value the one that waits. None: he has none like that."""
    known, awaited = customer.contacts.get(kind), customer.awaited.get(kind)
    if waiting and awaited is not None and (value is None or contact_key(kind, value) == contact_key(kind, awaited)):
        return "waiting"
    return "main" if known is not None and (value is None or contact_key(kind, value) == contact_key(kind, known.value)) else None


def _confirm(fact: Fact, customer: Customer, kind: str, place: str, shop: Shop) -> tuple[bool, list[Event]]:
    """He proved that it is his, and so that it works: whether that changed anything, and the events."""
    known = customer.contacts.get(kind)
    if place == "waiting":
        shop.set_contact(customer, kind, Contact(customer.awaited.pop(kind), confirmation="confirmed"))
        # Of somebody who had a confirmed one beside it (X15.10) nothing is told.
        return True, [] if known is not None else [_event(fact, customer, kind, "confirmed")]
    assert known is not None
    if known.confirmation == "confirmed" and known.valid:
        return False, []
    first = known.confirmation != "confirmed"
    known.confirmation, known.valid, known.invalid_until = "confirmed", True, None
    shop.customer_changed(customer)
    return True, [_event(fact, customer, kind, "confirmed")] if first and kind in FINDING else []


def validity(fact: Fact, customer: Customer, kind: str, shop: Shop, *, valid: bool, until: int | None = None) -> list[Event]:
    """Marks a contact as one that works or does not (X19.2); `until`: it does not for a while."""
    contact = customer.contacts[kind]
    if contact.valid == valid and contact.invalid_until == until:
        return []
    contact.invalid_until = until
    if until is not None:
        # Neither the address nor, once he is erased, he himself is known by it.
        shop.happens_later(fact, fact.op, f"valid {customer.id} {kind} {until}", until, customer.key, kind=kind, valid=True, due=until)
    if contact.valid == valid:
        shop.customer_changed(customer)
        return []
    contact.valid = valid
    shop.customer_changed(customer)
    return changed(fact, customer, {kind})


def _valid_again(fact: Fact, kind: str, shop: Shop) -> list[Event]:
    """The time is over for which a contact was said not to work, unless something else was said of it, or he is gone."""
    customer = shop.customer(fact.customer or "")
    contact = customer.contacts.get(kind) if customer is not None else None
    if customer is None or contact is None or contact.invalid_until != fact.data["due"]:
        return []
    return validity(fact, customer, kind, shop, valid=True)


# ---------------------------------------------------------------------------------------------- beside other data of his


def tell(fact: Fact, customer: Customer, shop: Shop, project: Words) -> tuple[set[str], list[Event]]:
    """What a fact of `customer.*` says of his contacts: the kinds that changed, and the events."""
    names: set[str] = set()
    events: list[Event] = []
    for kind in CONTACTS:
        said = fact.data.get(SAID.get(kind, ""))
        if kind in fact.data:
            value = fact.data[kind]
            confirmation = _asked(fact, kind, said, project)
            done, news = (_wipe(customer, kind, shop), []) if value is None else _given(fact, customer, kind, value, confirmation, shop)
        elif said is not None:
            done, news = _word(fact, customer, kind, _CONFIRMATIONS[said], shop)
        else:
            continue
        if done:
            names.add(kind)
        events += news
    return names, events


def _asked(fact: Fact, kind: str, said: object, project: Words) -> str:
    """How a contact is confirmed by this fact: as it says, else as the project asks for."""
    if said is not None:
        return _CONFIRMATIONS[said]
    return "pending" if fact.op != _UNASKED and project.confirms(kind) else "none"


def _wipe(customer: Customer, kind: str, shop: Shop) -> bool:
    """X15.7: the main one goes, and then, if he says so again, the one that waits (K-5). Whether there was any."""
    if kind in customer.contacts:
        shop.set_contact(customer, kind, None)
        return True
    if customer.awaited.pop(kind, None) is not None:
        shop.customer_changed(customer)
        return True
    return False


def _given(fact: Fact, customer: Customer, kind: str, value: str, confirmation: str, shop: Shop) -> tuple[bool, list[Event]]:
    """A contact with its value: X15.1 to X15.9, X15.12, X15.13, X15.15."""
    known, awaited, key = customer.contacts.get(kind), customer.awaited.get(kind), contact_key(kind, value)
    if known is not None and contact_key(kind, known.value) == key:
        return _word(fact, customer, kind, confirmation, shop, place="main")
    confirmed = known is not None and known.confirmation == "confirmed"
    if awaited is not None and contact_key(kind, awaited) == key and confirmation == "confirmed":
        return _confirm(fact, customer, kind, "waiting", shop)
    if confirmation == "pending" and confirmed:
        if awaited is not None and contact_key(kind, awaited) == key:
            return False, []
        customer.awaited[kind] = value
        shop.customer_changed(customer)
        return True, [_event(fact, customer, kind, "changed")]
    customer.awaited.pop(kind, None)
    shop.set_contact(customer, kind, Contact(value, valid=is_address(kind, value), confirmation=confirmation))
    if kind not in FINDING:
        return True, []
    news = [_event(fact, customer, kind, "changed")] if known is not None else []
    if confirmation == "confirmed" and not confirmed:
        news.append(_event(fact, customer, kind, "confirmed"))
    return True, news


def _word(
    fact: Fact, customer: Customer, kind: str, confirmation: str, shop: Shop, *, place: str | None = None
) -> tuple[bool, list[Event]]:
    """What is said of a contact he has already. Who says again what is known confirms nothing, and who says nothing takes nothing back."""
    known = customer.contacts.get(kind)
    if confirmation == "confirmed":
        place = place or _place(customer, kind, None, waiting=True)
        return (False, []) if place is None else _confirm(fact, customer, kind, place, shop)
    if confirmation == "pending" and known is not None and known.confirmation == "none":
        known.confirmation = "pending"
        shop.customer_changed(customer)
        return True, [_event(fact, customer, kind, "changed")]
    return False, []


def _event(fact: Fact, customer: Customer, kind: str, what: str) -> Event:
    return Event(f"{kind}.{what}", customer, fact.at, fact.id, fact.actor)
