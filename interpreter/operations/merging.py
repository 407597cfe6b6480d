"""`customer.merge`: records of one customer become one (E13)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from interpreter.payloads import Id
from interpreter.put_right import Refused
from interpreter.put_right import identifier


class Merge(msgspec.Struct, rename={"from_": "from"}):
    """`customer.merge`"""

    into: Id
    from_: list[Id]


PAYLOADS: Mapping[str, type[msgspec.Struct]] = {"customer.merge": Merge}


def shape(_: str, data: dict[str, Any]) -> None:
    """Whose record stays may stand in the envelope, and a single other one without brackets."""
    if data.get("into") is None and data.get("customer") is not None:
        data["into"] = data["customer"]
    if type(data.get("from")) in {str, int}:
        data["from"] = [data["from"]]


def values(_: str, data: dict[str, Any], __: str, ___: int) -> None:
    """Who stays is the customer of the fact."""
    into = identifier(data.pop("into"), "into")
    if data.get("customer") not in {None, into}:
        raise Refused("into", f"expected one customer, found `{into}` and in `customer` another, `{data['customer']}`")
    data["customer"] = into
    data["from"] = list(dict.fromkeys(identifier(key, f"from[{place}]") for place, key in enumerate(data["from"])))
    if not data["from"]:
        raise Refused("from", "expected the ids of records that become one with it, found none")
