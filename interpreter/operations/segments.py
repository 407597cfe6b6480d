"""`segment.add`, `segment.remove`: customers of static segments (E23, E24)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from interpreter.payloads import Id
from interpreter.put_right import identifier


class SegmentMember(msgspec.Struct):
    """`segment.add`, `segment.remove`"""

    customer: Id
    segment: str


PAYLOADS: Mapping[str, type[msgspec.Struct]] = {"segment.add": SegmentMember, "segment.remove": SegmentMember}


def values(_: str, data: dict[str, Any], __: str, ___: int) -> None:
    """Its name is an id like any other."""
    data["segment"] = identifier(data["segment"], "segment")
