"""Points (E25, E26, E27): they come, become available, are spent, burn. Each change is one event for the account it is of.

What will become of an accrual is told by facts of our own, `balance.mature` and `balance.burn`, when its time comes.
"""

from __future__ import annotations

from typing import cast

from dsl.catalog import ResolvedEvent
from interpreter.belongings import Account
from interpreter.belongings import Change
from interpreter.entities import Customer
from interpreter.events.event import Event
from interpreter.events.event import Matcher
from interpreter.events.event import Words
from interpreter.events.who import who
from interpreter.facts import Fact
from interpreter.points import Ledger
from interpreter.shop import Shop


def apply(fact: Fact, shop: Shop, _project: Words) -> list[Event]:
    """`balance.change`: `customer.created` when he was unknown, then `balance.changed`, `balance.available`, `balance.negative`."""
    if fact.op != "balance.change":
        return _in_time(fact, shop)
    customer, events = who(fact, shop)
    if customer is None:
        return []
    known = _named(customer, fact, shop)
    if known is not None:
        return [*events, *_other_end(known, customer, fact, shop)]
    account = fact.data["account"]
    ledger = _ledger(customer, account, shop)
    ledger.settle(fact.received)
    change = _change(fact, ledger)
    _keep(ledger, customer, shop)
    shop.holdings.put(customer.id, change)
    if change.blocked and change.available_from is not None:
        told = {"told": fact.data, "actor": fact.actor}
        shop.happens_later(fact, "balance.mature", f"mature {fact.id}", change.available_from, customer.key, change=fact.id, **told)
    _burns_later(change, customer, fact, shop)
    events.append(_event("balance.changed", customer, fact, change))
    if change.what == "accrual" and not change.blocked:
        events.append(_event("balance.available", customer, fact, change, at=change.available_from))
    if ledger.account.available < 0:
        events.append(_event("balance.negative", customer, fact, change))
    return events


def matcher(trigger: ResolvedEvent, _project: Words) -> Matcher:
    """`balance "B" …`: the accounts that it names."""
    names = frozenset(trigger.names)
    return lambda event: event.name in names


def _in_time(fact: Fact, shop: Shop) -> list[Event]:
    """What was to come of an accrual has come, if there is one still: whoever was erased since has none."""
    assert fact.customer is not None
    customer = shop.customer(fact.customer)
    if customer is None or customer.erased:
        return []
    change = cast("Change | None", shop.holdings.of(customer.id, "change").get(str(fact.data["change"])))
    if change is None:
        return []
    ledger = _ledger(customer, change.account, shop)
    ledger.settle(fact.received)
    _keep(ledger, customer, shop)
    if fact.op == "balance.mature" and change.available_from is not None:
        return [_event("balance.available", customer, fact, change, at=fact.at, promised_at=change.received)]
    return []


def _event(kind: str, customer: Customer, fact: Fact, change: Change, *, at: int | None = None, promised_at: int | None = None) -> Event:
    return Event(
        kind,
        customer,
        fact.at if at is None else at,
        fact.id,
        fact.actor,
        origin=fact,
        name=change.account,
        things={"change": change},
        promised_at=promised_at,
    )


def _ledger(customer: Customer, account: str, shop: Shop) -> Ledger:
    holdings = shop.holdings
    found = holdings.of(customer.id, "account").get(account)
    changes = (cast("Change", one) for one in holdings.of(customer.id, "change").values())
    accruals = [one for one in changes if one.account == account and one.what == "accrual" and one.remaining]
    return Ledger(cast("Account", found) if found is not None else Account(account), accruals)


def _keep(ledger: Ledger, customer: Customer, shop: Shop) -> None:
    shop.holdings.put(customer.id, ledger.account)
    for change in ledger.touched.values():
        shop.holdings.put(customer.id, change)


def _change(fact: Fact, ledger: Ledger) -> Change:
    data, account = fact.data, ledger.account.name
    order, name = data.get("order"), data.get("id")
    amount = data.get("amount") or 0
    if data.get("kind") == "reset":
        return Change(fact.id, account, "reset", ledger.reset(), changed_at=fact.at, received=fact.received, order=order, name=name)
    if amount < 0:
        ledger.spend(-amount)
        return Change(fact.id, account, "write_off", amount, changed_at=fact.at, received=fact.received, order=order, name=name)
    given, expires_at = data.get("available_from"), data.get("expires_at")
    blocked = given is not None and given > fact.received
    available_from = max(fact.at, given or fact.at)
    change = Change(
        fact.id, account, "accrual", amount, amount, fact.at, fact.received, available_from, expires_at, order, blocked=blocked, name=name
    )
    ledger.accrue(change)
    # What came late may have burned already.
    ledger.settle(fact.received)
    return change


def _burns_later(change: Change, customer: Customer, fact: Fact, shop: Shop) -> None:
    if change.remaining and change.expires_at is not None:
        key = f"burn {change.id} {change.expires_at}"
        shop.happens_later(fact, "balance.burn", key, change.expires_at, customer.key, change=change.id)


def _named(customer: Customer, fact: Fact, shop: Shop) -> Change | None:
    """The change that the shop told before by its own id."""
    name = fact.data.get("id")
    if name is None:
        return None
    changes = (cast("Change", one) for one in shop.holdings.of(customer.id, "change").values())
    return next((one for one in changes if one.name == name and one.account == fact.data["account"]), None)


def _other_end(change: Change, customer: Customer, fact: Fact, shop: Shop) -> list[Event]:
    """The same accrual again: it burns at another time, or never. That is no change of the balance; whoever waits for the date follows."""
    if change.what != "accrual" or fact.data.get("amount") not in (None, change.amount):
        shop.note(fact.id, f"the change `{change.name}` of `{change.account}` is known already: only when it burns can change")
        return []
    if "expires_at" not in fact.data or fact.data["expires_at"] == change.expires_at:
        return []
    ledger = _ledger(customer, change.account, shop)
    ledger.settle(fact.received)
    change.expires_at = fact.data["expires_at"]
    ledger.settle(fact.received)
    _keep(ledger, customer, shop)
    shop.holdings.put(customer.id, change)
    _burns_later(change, customer, fact, shop)
    return [_event("balance.dates", customer, fact, change)]
