"""Two records of one customer become one: whose data stay (`domain.md` §2.2, A-17).

What the main record says of a thing counts; what it leaves open, the other one fills in. Nothing is lost that adds up.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

import msgspec

from interpreter.belongings import Account
from interpreter.belongings import Belonging
from interpreter.belongings import Change
from interpreter.belongings import Code
from interpreter.belongings import Item
from interpreter.belongings import Left
from interpreter.belongings import Look
from interpreter.belongings import Membership
from interpreter.belongings import ProductView
from interpreter.belongings import Session
from interpreter.entities import Contact
from interpreter.entities import Customer
from interpreter.entities import Subscription
from interpreter.facts import contact_key
from interpreter.points import Ledger
from interpreter.points import plus

#: Of what one record says of a consent and what the other does, the later word in this row counts.
_CONSENTS = ("unsubscribed", "pending", "subscribed")
_CONFIRMATIONS = ("none", "pending", "confirmed")


def contacts(main: Customer, other: Customer) -> dict[str, Contact]:
    """By kind: that of the main record, unless only the other's works."""
    found = {**other.contacts, **main.contacts}
    for kind in main.contacts.keys() & other.contacts.keys():
        one, two = main.contacts[kind], other.contacts[kind]
        if contact_key(kind, one.value) == contact_key(kind, two.value):
            best = max(one.confirmation, two.confirmation, key=_CONFIRMATIONS.index)
            until = one.invalid_until if two.valid else two.invalid_until
            found[kind] = Contact(one.value, valid=one.valid and two.valid, confirmation=best, invalid_until=until)
        elif two.valid and not one.valid:
            found[kind] = two
    return found


def absorb(survivor: Customer, other: Customer, *, main: Customer | None = None) -> None:
    """Everything of another record but its contacts. `main`: the one of the two whose data count; left out: the survivor.

    Fields of the main record count, empty ones are filled in. Of a channel or topic: subscribed, else to be confirmed, else unsubscribed.
    """
    first, second = (other, survivor) if main is other else (survivor, other)
    survivor.created_at = min(survivor.created_at or other.created_at, other.created_at or survivor.created_at)
    survivor.timezone = first.timezone or second.timezone
    filled = {name: value for name, value in first.fields.items() if value is not None}
    survivor.fields = {**first.fields, **second.fields, **filled}
    for place, row in other.subscriptions.items():
        mine = survivor.subscriptions.get(place)
        survivor.subscriptions[place] = row if mine is None else _consent(mine, row)
    # Whoever waits, waits beside a confirmed one, or alone (K-5).
    survivor.awaited = {
        kind: value
        for kind, value in {**second.awaited, **first.awaited}.items()
        if (known := survivor.contacts.get(kind)) is None
        or (known.confirmation == "confirmed" and contact_key(kind, known.value) != contact_key(kind, value))
    }


def _consent(one: Subscription, two: Subscription) -> Subscription:
    best = max(one, two, key=lambda row: (_CONSENTS.index(row.status), row.explicit))
    return Subscription(best.status, best.explicit, max(one.at, two.at))


# ------------------------------------------------------------------------------------------------------- what they have


def _item(one: Item, two: Item) -> Item:
    """What he put in first, with its price; as many as the longer of the two carts holds."""
    first = min(one, two, key=lambda item: item.added_at)
    return msgspec.structs.replace(first, quantity=max(one.quantity, two.quantity))


def _left(one: Left, two: Left) -> Left:
    """What one of them took out is out, unless the other one has it."""
    gone = {product: max(one.gone.get(product, 0), two.gone.get(product, 0)) for product in (*one.gone, *two.gone)}
    return Left(one.list, max(one.whole, two.whole), gone)


def _view(one: ProductView, two: ProductView) -> ProductView:
    """All looks in order; the latest is the one that counts."""
    looks = [*one.earlier, *two.earlier, Look(one.seen_at, one.price), Look(two.seen_at, two.price)]
    *earlier, last = sorted(looks, key=lambda look: look.at)
    return ProductView(one.product, last.at, last.price, tuple(earlier))


def _session(one: Session, two: Session) -> Session:
    """Two visits that began in the same second: it goes on as long as one of them does."""
    ended = None if one.ended_at is None or two.ended_at is None else max(one.ended_at, two.ended_at)
    return msgspec.structs.replace(
        one,
        last_at=max(one.last_at, two.last_at),
        ended_at=ended,
        added=(*one.added, *two.added),
        viewed=(*one.viewed, *two.viewed),
        categories=tuple(dict.fromkeys((*one.categories, *two.categories))),
    )


def _account(one: Account, two: Account) -> Account:
    """Points add up."""
    return msgspec.structs.replace(one, available=plus(one.available, two.available), blocked=plus(one.blocked, two.blocked))


def _code(one: Code, two: Code) -> Code:
    """The latest one that was asked for."""
    return max(one, two, key=lambda code: code.requested_at)


def _membership(one: Membership, two: Membership) -> Membership:
    """The latest entry."""
    return max(one, two, key=lambda place: place.entered_at)


_UNITED: Mapping[type[Belonging], Callable[[Any, Any], Belonging]] = {
    Item: _item,
    Left: _left,
    ProductView: _view,
    Session: _session,
    Account: _account,
    Code: _code,
    Membership: _membership,
}


def settled(mine: Account, theirs: Account, accruals: Iterable[Change]) -> list[Belonging]:
    """What becomes of an account that both have, and of its accruals: what one of them owes is paid with what the other has."""
    account = _account(mine, theirs)
    debt = -min(mine.available, theirs.available)
    if debt <= 0 or max(mine.available, theirs.available) <= 0:
        return [account]
    ledger = Ledger(account, accruals)
    account.available = plus(account.available, debt)
    ledger.spend(debt)
    return [account, *ledger.touched.values()]


def united(mine: Belonging, theirs: Belonging) -> Belonging:
    """What becomes of two things of one kind and key; of what is one of a kind (codes, cards), the survivor's stays."""
    unite = _UNITED.get(type(mine))
    return mine if unite is None else unite(mine, theirs)
