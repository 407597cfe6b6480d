"""Questions about what the customer has: points of an account, a product in a list (`language.md` §2.3)."""

from __future__ import annotations

from typing import Any

from dsl import calendar
from dsl import nodes
from interpreter.belongings import Account
from interpreter.belongings import Change
from interpreter.belongings import Item
from interpreter.entities import Product
from interpreter.expressions.operands import Candidates
from interpreter.expressions.operands import Get
from interpreter.points import plus
from interpreter.view import View


def balance(account: str, expiring: nodes.Duration | None) -> Get:
    """Points of an account that can be spent (A-20); `expiring`: those of them that burn from now to then. None there: 0."""

    def available(view: View, _: Candidates) -> int | float:
        found = view.of("account").get(account)
        return found.available if isinstance(found, Account) else 0

    if expiring is None:
        return available

    def soon(view: View, _: Candidates) -> int | float:
        until = calendar.add_exact(view.now, expiring, view.zone)
        return plus(*(change.remaining for change in burning(view, account, until)))

    return soon


def burning(view: View, account: str, until: int | None) -> list[Change]:
    """The accruals of which something can be spent and will burn, up to a moment if there is one: the soonest first."""
    own = (change for change in view.of("change").values() if isinstance(change, Change) and change.account == account)
    found = [
        (change.expires_at, change.id, change)
        for change in own
        if change.expires_at is not None
        and view.now < change.expires_at
        and (until is None or change.expires_at <= until)
        and change.remaining > 0
        and not change.blocked
    ]
    return [change for *_, change in sorted(found, key=lambda one: one[:2])]


def in_list(product: Get, name: str) -> Get:
    """Whether a product stands in a list of the customer now."""

    def listed(view: View, row: Candidates) -> bool:
        key = _key(product(view, row))
        return any(isinstance(item, Item) and item.list == name and item.product == key for item in view.of("item").values())

    return listed


def _key(thing: Any) -> Any:
    """Of a product, or of what names one."""
    return thing.key if isinstance(thing, Product) else getattr(thing, "product", thing)
