"""`promo.load`, `promo.issue`, `promo.redeem`: codes come into a pool, are given out, are used (E28 to E30)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from interpreter.payloads import Id
from interpreter.put_right import Refused
from interpreter.put_right import identifier
from interpreter.put_right import moment


class PromoLoaded(msgspec.Struct):
    """`promo.load`"""

    pool: str
    codes: list[Id]


class PromoIssued(msgspec.Struct):
    """`promo.issue`: a code the shop gave out, or without one the next of the pool."""

    customer: Id
    pool: str
    code: Id | None = None
    valid_until: str | None = None


class PromoRedeemed(msgspec.Struct):
    """`promo.redeem`: a code was used, in an order or without one."""

    code: Id
    customer: Id | None = None
    pool: str | None = None
    order: Id | None = None
    lines: list[Id] | None = None


PAYLOADS: Mapping[str, type[msgspec.Struct]] = {
    "promo.load": PromoLoaded,
    "promo.issue": PromoIssued,
    "promo.redeem": PromoRedeemed,
}


def values(operation: str, data: dict[str, Any], zone: str, _: int) -> None:
    """Codes are ids: text without blanks around it."""
    if data.get("pool") is not None:
        data["pool"] = identifier(data["pool"], "pool")
    if operation == "promo.load":
        data["codes"] = list(dict.fromkeys(identifier(code, f"codes[{number}]") for number, code in enumerate(data["codes"])))
        return
    for name in ("code", "order"):
        if data.get(name) is not None:
            data[name] = identifier(data[name], name)
    if data.get("valid_until") is not None:
        data["valid_until"] = moment(data["valid_until"], "valid_until", zone)
    if operation == "promo.redeem":
        if data.get("customer") is None and data.get("order") is None:
            raise Refused("customer", "expected who used the code, or in `order` the order it was used in, found neither")
        if data.get("lines") is not None:
            if data.get("order") is None:
                raise Refused("order", "expected the order of these lines, found nothing")
            data["lines"] = [identifier(line, f"lines[{number}]") for number, line in enumerate(data["lines"])]
