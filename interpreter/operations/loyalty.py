"""`balance.change`: points come or go (E25, E26, E27)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from interpreter.payloads import Id
from interpreter.payloads import Number
from interpreter.payloads import shown
from interpreter.put_right import Refused
from interpreter.put_right import end
from interpreter.put_right import identifier
from interpreter.put_right import moment

#: Beside `reset` they only say once more what the sign says.
KINDS = ("accrual", "write_off", "reset")


class BalanceChanged(msgspec.Struct):
    """`balance.change`"""

    customer: Id
    account: Id
    amount: Number | None = None
    available_from: str | None = None
    expires_at: str | None = None
    expires: str | None = None
    kind: str | None = None
    order: Id | None = None
    id: Id | None = None


PAYLOADS: Mapping[str, type[msgspec.Struct]] = {"balance.change": BalanceChanged}


def values(_: str, data: dict[str, Any], zone: str, at: int) -> None:
    """The sign says whether points come or go; only those that come have dates."""
    for name in ("account", "order", "id"):
        if data.get(name) is not None:
            data[name] = identifier(data[name], name)
    amount, kind = _amount(data), data.get("kind")
    _dates(data, zone, at)
    dated = next((name for name in ("available_from", "expires_at") if data.get(name) is not None), None)
    if dated and (kind == "reset" or (amount is not None and amount < 0)):
        raise Refused(dated, "expected dates of points that come only; points that go have none")
    first, last = data.get("available_from"), data.get("expires_at")
    since = first if amount is None else max(at, first or at)
    if last is not None and since is not None and last <= since:
        raise Refused("expires_at", "expected a moment after the points can be spent, found one before it")


def _amount(data: dict[str, Any]) -> Any:
    """How many points, with their sign; None: of a reset, or of a change that is told again."""
    amount, kind = data.get("amount"), data.get("kind")
    if kind is not None and kind not in KINDS:
        raise Refused("kind", f"expected `accrual`, `write_off` or `reset`, found {shown(kind)}")
    if kind == "reset":
        if amount:
            raise Refused("amount", f"expected none, for a reset takes all there is, found {shown(amount)}")
        return None
    if amount is None and data.get("id") is None:
        raise Refused("amount", "expected a number of points, above zero for those that come, found nothing")
    if amount == 0:
        raise Refused("amount", "expected a number above or below zero, found 0; to empty a balance write `kind` `reset`")
    if amount is not None and kind is not None and (amount > 0) is not (kind == "accrual"):
        sign = "above" if kind == "accrual" else "below"
        raise Refused("amount", f"expected a number {sign} zero, for the kind is `{kind}`, found {shown(amount)}")
    return amount


def _dates(data: dict[str, Any], zone: str, at: int) -> None:
    if data.get("expires") is not None and data.get("expires_at") is not None:
        raise Refused("expires", "expected either `expires` or `expires_at`, found both")
    for name in ("available_from", "expires_at"):
        if data.get(name) is not None:
            data[name] = moment(data[name], name, zone)
    expires = data.pop("expires", None)
    if expires is not None:
        data["expires_at"] = end(expires, "expires", at)
