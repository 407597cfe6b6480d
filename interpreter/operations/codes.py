"""`code.generate`: an authorisation code is asked for (E14)."""

from __future__ import annotations

from collections.abc import Mapping
from secrets import randbelow
from typing import Any

import msgspec

from interpreter.payloads import Id
from interpreter.put_right import end
from interpreter.put_right import identifier

#: Of a code that is made here.
DIGITS = 6


class CodeAsked(msgspec.Struct):
    """`code.generate`: without a `value` the door makes one of six digits."""

    customer: Id
    kind: str = "login"
    value: Id | None = None
    expires: str | None = None


PAYLOADS: Mapping[str, type[msgspec.Struct]] = {"code.generate": CodeAsked}


def values(_: str, data: dict[str, Any], __: str, at: int) -> None:
    """A code is made where none is given."""
    data["kind"] = identifier(data.get("kind") or "login", "kind")
    # Made here and kept with the fact, so that playing it again gives the same one; and by chance, or it could be guessed.
    data["value"] = f"{randbelow(10**DIGITS):0{DIGITS}}" if data.get("value") is None else identifier(data["value"], "value")
    if data.get("expires") is not None:
        data["expires"] = end(data["expires"], "expires", at)
