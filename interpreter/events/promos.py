"""Promo codes: given out (E28), used (E29), a referral code used by somebody (E30).

Which lines of an order a code applies to stands with the order: its later changes are uses again (`domain.md` E29, E30).
A code that nobody told us about, of somebody else's promotion, is used all the same; only its pool is not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dsl import calendar
from dsl.catalog import ResolvedEvent
from interpreter.belongings import NOBODY
from interpreter.belongings import Promo
from interpreter.belongings import Stock
from interpreter.entities import Customer
from interpreter.entities import Line
from interpreter.entities import Order
from interpreter.events.event import Event
from interpreter.events.event import Matcher
from interpreter.events.event import Words
from interpreter.events.who import who
from interpreter.facts import Fact
from interpreter.shop import Shop


def apply(fact: Fact, shop: Shop, project: Words) -> list[Event]:
    """`promo.load`, `promo.issue`, `promo.redeem`"""
    if fact.op == "promo.load":
        _load(fact, shop, project)
        return []
    return _issue(fact, shop, project) if fact.op == "promo.issue" else _redeem(fact, shop, project)


def matcher(trigger: ResolvedEvent, _project: Words) -> Matcher:
    """`on promo "NEXT10" issued`; without a pool: any."""
    return lambda event: not trigger.names or event.name in trigger.names


def kind_of(pool: str | None, project: Words) -> str:
    """`one_time`, `multi_use` or `referral`; a pool that is not defined gives each code once."""
    defined = project.pool(pool) if pool is not None else None
    return defined.kind.text if defined is not None else "one_time"


def find(code: str, shop: Shop) -> tuple[int, Promo] | None:
    """Whose a code is, and the code; `NOBODY`: it is for everybody, or its owner is not known."""
    for owner in shop.holdings.owners("promo", code):
        thing = shop.holdings.of(owner, "promo").get(code)
        if isinstance(thing, Promo):
            return owner, thing
    return None


# -------------------------------------------------------------------------------------------------------------- given out


def _load(fact: Fact, shop: Shop, project: Words) -> None:
    pool = fact.data["pool"]
    public = kind_of(pool, project) == "multi_use"
    for code in fact.data["codes"]:
        if find(code, shop) is not None:
            continue
        if public:
            shop.holdings.put(NOBODY, Promo(code, pool, fact.at))
        else:
            stock = Stock(pool, code)
            shop.holdings.put(NOBODY, stock)
            shop.pools.add(stock)


def _issue(fact: Fact, shop: Shop, project: Words) -> list[Event]:
    customer, events = who(fact, shop)
    if customer is None:
        return []
    pool = fact.data["pool"]
    code = fact.data.get("code")
    if code is None:
        taken = shop.pools.take(pool, str(fact.id), lambda one: find(one, shop) is not None)
        if taken is None:
            shop.note(fact.id, f"the promo pool `{pool}` has no code left: the fact gives none out")
            return events
        code = taken if isinstance(taken, str) else taken.code
    # Given out by the shop itself, it may still stand in our stock.
    shop.holdings.drop(NOBODY, Stock(pool, code))
    known = find(code, shop)
    if known is not None and known[0] != NOBODY:
        shop.note(fact.id, f"the promo code `{code}` was given out before: the fact changes nothing")
        return events
    if known is not None:
        # It was used before anybody said whose it is.
        shop.holdings.drop(NOBODY, known[1])
    until = fact.data.get("valid_until") or valid_until(fact.at, pool, customer.timezone or project.timezone, project)
    promo = Promo(code, pool, fact.at, until, known[1].redeemed_at if known else None)
    shop.holdings.put(customer.id, promo)
    if kind_of(pool, project) != "multi_use":
        events.append(Event("promo.issued", customer, fact.at, fact.id, fact.actor, name=pool, things={"promo": promo}))
    return events


def valid_until(at: int, pool: str, zone: str, project: Words) -> int | None:
    """The last moment of a code that is given out at `at` to a customer in `zone`; None: it has none."""
    defined = project.pool(pool)
    return None if defined is None or defined.valid is None else calendar.add(at, defined.valid, zone)


# ------------------------------------------------------------------------------------------------------------------- used


def _redeem(fact: Fact, shop: Shop, project: Words) -> list[Event]:
    key = fact.data.get("order")
    order = shop.order(key) if key is not None else None
    if fact.customer is not None:
        customer, events = who(fact, shop)
    elif order is not None:
        customer, events = shop.customer_by_id(order.customer), []
    else:
        shop.note(fact.id, f"the order `{key}` is unknown: the fact changes nothing")
        return []
    if customer is None or customer.erased:
        return []
    code = fact.data["code"]
    promo = _used(fact, code, fact.data.get("pool"), shop)
    if order is not None:
        if code in order.promos:
            # The order said so already.
            return events
        lines = fact.data.get("lines")
        order.promos[code] = list(order.lines) if lines is None else lines
        shop.order_changed(order)
    return [*events, *_first(fact, promo, customer, order, shop, project)]


def of_order(
    fact: Fact, data: Mapping[str, Any], order: Order, customer: Customer, shop: Shop, project: Words, *, moved: bool
) -> list[Event]:
    """The uses that a fact about an order is: the first of a code it names, and the later ones of those it has.

    `moved`: a status changed.
    """
    events: list[Event] = []
    for code in list(order.promos):
        events += _again(fact, code, customer, order, shop, project, moved=moved)
    for code, lines in _named(data, order).items():
        if code not in order.promos:
            order.promos[code] = lines
            events += _first(fact, _used(fact, code, None, shop), customer, order, shop, project)
    return events


def _named(data: Mapping[str, Any], order: Order) -> dict[str, list[str]]:
    """The codes a fact names, each with the lines it applies to: those that name it, else all."""
    found: dict[str, list[str]] = {}
    for row in data.get("lines") or ():
        if row.get("promo") is not None:
            found.setdefault(row["promo"], []).append(row["id"])
    if data.get("promo") is not None:
        found.setdefault(data["promo"], list(order.lines))
    return found


def _used(fact: Fact, code: str, pool: str | None, shop: Shop) -> Promo:
    found = find(code, shop)
    if found is None:
        # Nobody is to be given a code that was used.
        shop.holdings.drop(NOBODY, Stock(pool or "", code))
    owner, promo = found or (NOBODY, Promo(code, pool or "", fact.at))
    promo.redeemed_at = fact.at if promo.redeemed_at is None else max(promo.redeemed_at, fact.at)
    shop.holdings.put(owner, promo)
    return promo


def _first(fact: Fact, promo: Promo, customer: Customer, order: Order | None, shop: Shop, project: Words) -> list[Event]:
    pool = promo.pool or None
    events = [_event("promo.redeemed", fact, customer, promo, order=order)]
    if kind_of(pool, project) == "referral":
        events += _referred(fact, promo, shop, None)
    return events


def _again(fact: Fact, code: str, customer: Customer, order: Order, shop: Shop, project: Words, *, moved: bool) -> list[Event]:
    found = find(code, shop)
    if found is None:
        return []
    _, promo = found
    kind = kind_of(promo.pool or None, project)
    lines = [order.lines[number] for number in order.promos[code] if number in order.lines]
    events = []
    if moved and kind == "one_time":
        events.append(_event("promo.redeemed", fact, customer, promo, order=order))
    elif moved:
        events += [_event("promo.redeemed", fact, customer, promo, order=order, line=line) for line in lines]
    if kind == "referral":
        for line in lines:
            events += _referred(fact, promo, shop, line)
    return events


def _referred(fact: Fact, promo: Promo, shop: Shop, line: Line | None) -> list[Event]:
    """For the owner of the code; the order is not his."""
    owner = next(iter(shop.holdings.owners("promo", promo.code)), NOBODY)
    if owner == NOBODY:
        return []
    customer = shop.customer_by_id(owner)
    return [] if customer.erased else [_event("promo.referred", fact, customer, promo, line=line)]


def _event(kind: str, fact: Fact, customer: Customer, promo: Promo, *, order: Order | None = None, line: Line | None = None) -> Event:
    things = {"promo": promo}
    return Event(kind, customer, fact.at, fact.id, fact.actor, order, name=promo.pool or None, line=line, things=things)
