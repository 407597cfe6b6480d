"""Visits to the site (E01): they begin with an activity, and end half an hour after the last one or when the site says so.

The end is computed, so a late tick does not move it (`domain.md` §3.8). It is a fact of our own that waits in the inbox; a visit that
went on meanwhile plans its end again, so that nothing is written for each activity.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from interpreter.belongings import Item
from interpreter.belongings import ProductView
from interpreter.belongings import Session
from interpreter.entities import Customer
from interpreter.events.event import Event
from interpreter.events.event import Words
from interpreter.events.who import who
from interpreter.facts import Fact
from interpreter.shop import Shop

#: So many seconds without any activity end a visit (A-22).
SILENCE = 30 * 60
#: Our own operation: the time of a visit may be over.
TIMEOUT = "session.timeout"
#: Visits of a customer that are kept, those of them that are kept with all that was done, and how many things of a kind one of them keeps.
KEPT = 100
FULL = 20
MOST = 100


def apply(fact: Fact, shop: Shop, _project: Words) -> list[Event]:
    """`session.activity`, `session.close`, and the end that was planned: `session.ended` for each visit that is over."""
    if fact.op == TIMEOUT:
        assert fact.customer is not None
        known = shop.customer(fact.customer)
        return [] if known is None or known.erased else _timeout(fact, known, shop)
    customer, events = who(fact, shop)
    if customer is None:
        return []
    return events + (_close if fact.op == "session.close" else _activity)(fact, customer, shop)


def _activity(fact: Fact, customer: Customer, shop: Shop) -> list[Event]:
    """He is on the site: the visit goes on, or another one begins."""
    at, visit = fact.at, _open(customer, shop)
    if at < _latest_end(customer, shop):
        return []
    if visit is None:
        _begin(fact, customer, shop)
        return []
    if at >= visit.last_at + SILENCE:
        ended = _end(fact, customer, shop, visit, visit.last_at + SILENCE)
        _begin(fact, customer, shop)
        return [ended]
    if at <= visit.started_at - SILENCE:
        # Told late: a visit of its own, over before the present one.
        return [_end(fact, customer, shop, Session(at, at), at + SILENCE)]
    _put(customer, shop, visit, _stretched(visit, at))
    return []


def _close(fact: Fact, customer: Customer, shop: Shop) -> list[Event]:
    """He leaves. Told after a later activity, it was no leaving."""
    visit = _open(customer, shop)
    if visit is None or fact.at < visit.last_at:
        return []
    return [_end(fact, customer, shop, visit, min(fact.at, visit.last_at + SILENCE))]


def _timeout(fact: Fact, customer: Customer, shop: Shop) -> list[Event]:
    """Whatever visit has been silent for long enough is over; of one that went on the end is planned again."""
    events = []
    for visit in _all(customer, shop):
        if visit.ended_at is not None:
            continue
        if visit.last_at + SILENCE <= fact.at:
            events.append(_end(fact, customer, shop, visit, visit.last_at + SILENCE))
        else:
            _plan(fact, customer, shop, visit)
    return events


def stayed(
    fact: Fact,
    customer: Customer,
    shop: Shop,
    *,
    added: Iterable[Item] = (),
    viewed: ProductView | None = None,
    category: str | None = None,
) -> None:
    """He did something on the site: that belongs to the visit that is open at that time, and keeps it open. It begins none."""
    at, visit = fact.at, _open(customer, shop)
    if visit is None or not visit.started_at - SILENCE < at < visit.last_at + SILENCE or at < _latest_end(customer, shop):
        return
    after = _stretched(visit, at)
    new = {item.key: item for item in added}
    if new:
        after.added = (*(item for item in visit.added if item.key not in new), *new.values())[-MOST:]
    if viewed is not None:
        others = tuple(look for look in visit.viewed if look.key != viewed.key)
        older = any(look.key == viewed.key and look.seen_at > viewed.seen_at for look in visit.viewed)
        after.viewed = visit.viewed if older else (*others, viewed)[-MOST:]
    if category is not None:
        after.categories = (*(one for one in visit.categories if one != category), category)[-MOST:]
    _put(customer, shop, visit, after)


# ------------------------------------------------------------------------------------------------------------- visits


def _all(customer: Customer, shop: Shop) -> list[Session]:
    """Oldest first."""
    found = (visit for visit in shop.holdings.of(customer.id, "session").values() if isinstance(visit, Session))
    return sorted(found, key=lambda visit: visit.started_at)


def _open(customer: Customer, shop: Shop) -> Session | None:
    """The visit that goes on. There may be two where two records of a customer became one: the latest."""
    found = [visit for visit in _all(customer, shop) if visit.ended_at is None]
    return max(found, key=lambda visit: visit.last_at, default=None)


def _latest_end(customer: Customer, shop: Shop) -> int:
    return max((visit.ended_at for visit in _all(customer, shop) if visit.ended_at is not None), default=0)


def _begin(fact: Fact, customer: Customer, shop: Shop) -> None:
    """Another visit. Of the old ones fewer are kept, and less of them."""
    for age, old in enumerate(reversed(_all(customer, shop)), 1):
        if age >= KEPT:
            shop.holdings.drop(customer.id, old)
        elif age >= FULL and (old.added or old.viewed or old.categories):
            shop.holdings.put(customer.id, replace(old, added=(), viewed=(), categories=()))
    visit = Session(fact.at, fact.at)
    shop.holdings.put(customer.id, visit)
    _plan(fact, customer, shop, visit)


def _stretched(visit: Session, at: int) -> Session:
    return replace(visit, started_at=min(visit.started_at, at), last_at=max(visit.last_at, at))


def _put(customer: Customer, shop: Shop, before: Session, after: Session) -> None:
    if after.key != before.key:
        shop.holdings.drop(customer.id, before)
    shop.holdings.put(customer.id, after)


def _plan(fact: Fact, customer: Customer, shop: Shop, visit: Session) -> None:
    """The same end is planned once. Known by our own number of the customer: his id is taken out of facts when he is erased."""
    end = visit.last_at + SILENCE
    shop.happens_later(fact, TIMEOUT, f"{TIMEOUT} {customer.id} {end}", end, customer.key)


def _end(fact: Fact, customer: Customer, shop: Shop, visit: Session, at: int) -> Event:
    ended = replace(visit, ended_at=at)
    shop.holdings.put(customer.id, ended)
    return Event("session.ended", customer, at, fact.id, fact.actor, things={"session": ended})
