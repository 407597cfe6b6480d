"""`card.issue`, `card.status`, `card.replace`: discount cards (E31, E32). Fields of the card stand beside the envelope."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from dsl.catalog import CARD_STATUSES
from dsl.catalog import written_list
from interpreter.payloads import Id
from interpreter.payloads import shown
from interpreter.put_right import Refused
from interpreter.put_right import identifier


class CardIssued(msgspec.Struct):
    """`card.issue`: cards come with a status."""

    customer: Id
    number: Id
    type: str | None = None
    status: str = "inactive"


class CardStatus(msgspec.Struct):
    """`card.status`: a card is known by its number."""

    number: Id
    status: str
    customer: Id | None = None
    type: str | None = None


class CardReplaced(msgspec.Struct):
    """`card.replace`: what is not said of the new card is as it was with the old one."""

    old: Id
    new: Id
    customer: Id | None = None
    type: str | None = None
    status: str | None = None


PAYLOADS: Mapping[str, type[msgspec.Struct]] = {"card.issue": CardIssued, "card.status": CardStatus, "card.replace": CardReplaced}


def values(_: str, data: dict[str, Any], __: str, ___: int) -> None:
    """Numbers become text; a status is one of three."""
    for name in ("number", "old", "new"):
        if name in data:
            data[name] = identifier(data[name], name)
    status = data.get("status")
    if status is not None and status not in CARD_STATUSES:
        raise Refused("status", f"expected {written_list(CARD_STATUSES)}, found {shown(status)}")
    if "new" in data and data["new"] == data["old"]:
        raise Refused("new", f"expected another number than that of the old card, found {shown(data['new'])}")
