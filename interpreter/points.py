"""How points come and go: one account of a customer with its accruals (`domain.md` §2.8). Pure.

What can be spent is always what is left of the accruals that came, or, when nothing is left, the debt below zero.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from math import inf

from interpreter.belongings import Account
from interpreter.belongings import Change

Number = int | float


def plus(*numbers: Number) -> Number:
    """The sum as a person adds it: a tenth ten times is one. A whole number where it is one."""
    if all(number.__class__ is int for number in numbers):
        return sum(numbers)
    total = sum(Decimal(repr(number)) for number in numbers)
    return int(total) if total == int(total) else float(total)


class Ledger:
    """One account and its accruals while a fact is handled; what changed is in `touched`."""

    def __init__(self, account: Account, accruals: Iterable[Change]) -> None:
        """All accruals of the account that still count, in any order."""
        self.account = account
        self.accruals = list(accruals)
        self.touched: dict[int, Change] = {}

    def settle(self, now: int) -> None:
        """All that became available or burned up to now, in order of time: it is so, whether its own fact was handled already or not."""
        due: list[tuple[int, int, int, Change]] = []
        for one in self.accruals:
            if one.blocked and one.available_from is not None and one.available_from <= now:
                due.append((one.available_from, 0, one.id, one))
            if one.remaining and one.expires_at is not None and one.expires_at <= now:
                due.append((one.expires_at, 1, one.id, one))
        for at, burns, _, one in sorted(due, key=lambda row: row[:3]):
            if burns:
                self.burn(one, at)
            else:
                self._come(one)

    def accrue(self, accrual: Change) -> None:
        """New points; `blocked`: not to be spent yet."""
        account = self.account
        self.accruals.append(accrual)
        self.touched[accrual.id] = accrual
        account.blocked = plus(account.blocked, accrual.remaining)
        if not accrual.blocked:
            self._come(accrual)

    def _come(self, accrual: Change) -> None:
        """Points can be spent from now on; a debt takes its part at once."""
        account, points = self.account, accrual.remaining
        accrual.blocked = False
        account.blocked = plus(account.blocked, -points)
        if account.available < 0:
            accrual.remaining = plus(points, -min(points, -account.available))
        account.available = plus(account.available, points)
        self.touched[accrual.id] = accrual

    def spend(self, points: Number) -> None:
        """Points go, first those that burn first, of these the oldest; what is not there is a debt."""
        self.account.available = plus(self.account.available, -points)
        for one in sorted(self.accruals, key=_burns_first):
            if points <= 0:
                return
            if one.blocked or not one.remaining:
                continue
            taken = min(points, one.remaining)
            one.remaining = plus(one.remaining, -taken)
            points = plus(points, -taken)
            self.touched[one.id] = one

    def burn(self, accrual: Change, at: int) -> None:
        """What is left of an accrual is gone, which is a change of its own."""
        account, left = self.account, accrual.remaining
        if not left:
            return
        if accrual.blocked:
            account.blocked = plus(account.blocked, -left)
        else:
            account.available = plus(account.available, -left)
        accrual.remaining, accrual.blocked = 0, False
        self.touched[accrual.id] = accrual
        self.touched[-accrual.id] = Change(-accrual.id, accrual.account, "expiry", -left, changed_at=at, received=at, order=accrual.order)

    def reset(self) -> Number:
        """Nothing is left, nothing is owed, and nothing is still to come. Gives by how much that changed the account."""
        account = self.account
        before = plus(account.available, account.blocked)
        for one in self.accruals:
            if one.blocked:
                one.blocked, one.available_from = False, None
            if one.remaining:
                one.remaining = 0
                self.touched[one.id] = one
        account.available = account.blocked = 0
        return -before


def _burns_first(accrual: Change) -> tuple[float, int, int]:
    return inf if accrual.expires_at is None else accrual.expires_at, accrual.changed_at, accrual.id
