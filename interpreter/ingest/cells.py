"""Values as spreadsheets and feeds write them: `1 200,50`, `да`, `email,sms`. Each is read by the type its field has."""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

from dsl.calendar import parse_duration
from dsl.calendar import parse_moment
from dsl.catalog import Type
from interpreter.payloads import NO
from interpreter.payloads import YES
from interpreter.payloads import shown

#: Type of a field by its name; None: a field of the shop's own that `define field` does not know.
Types = Callable[[str], Type | None]

#: A number as programs write it. What begins with 0 is a number of an article, not a count.
_PLAIN = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?", re.ASCII)
#: As people write it too: a decimal comma, blanks between thousands.
_WRITTEN = re.compile(r"[-−]?[0-9]{1,15}(?:[.,][0-9]{1,15})?", re.ASCII)
#: `1,200`: twelve hundred or a little more than one?
_EITHER = re.compile(r"[-−]?[1-9][0-9]{0,2},[0-9]{3}", re.ASCII)
_THOUSANDS = re.compile(r"(?<=[0-9])[ \u00a0\u202f](?=[0-9]{3}(?![0-9]))", re.ASCII)


def number(text: str) -> int | float:
    """Raises ValueError with a sentence, as all of these do."""
    if _PLAIN.fullmatch(text):
        return _number(text)
    if _EITHER.fullmatch(text):
        whole, _, rest = text.partition(",")
        raise ValueError(f"expected a number, found {shown(text)}; write `{whole}{rest}` or `{whole}.{rest}`")
    plain = _THOUSANDS.sub("", text)
    if not _WRITTEN.fullmatch(plain):
        raise ValueError(f"expected a number such as `1200.50` or `1200,50`, found {shown(text)}")
    return _number(plain.replace(",", ".").replace("−", "-"))


def truth(text: str) -> bool:
    """`true`, `yes`, `1`, `да`, and their opposites."""
    word = text.casefold()
    if word not in YES and word not in NO:
        raise ValueError(f"expected `true` or `false`, found {shown(text)}")
    return word in YES


def names(text: str) -> list[str]:
    """`email,sms`: a list within one cell, parted by a comma, a semicolon or a bar."""
    return [part for piece in re.split("[,;|]", text) if (part := piece.strip())]


def moment(text: str) -> str:
    """A date or moment as ISO 8601 writes it; which zone it is read in, the door knows."""
    try:
        parse_moment(text, "UTC")
    except ValueError:
        raise ValueError(f"expected a date such as `2024-06-05` or `2024-06-05 23:00`, found {shown(text)}") from None
    return text


def duration(text: str) -> str:
    """`P2M`, `30d`"""
    try:
        parse_duration(text)
    except ValueError:
        raise ValueError(f"expected a duration such as `P2M` or `30d`, found {shown(text)}") from None
    return text


def guess(text: str) -> Any:
    """Of a field that nobody defined: what is plainly a number or a truth is one."""
    if _PLAIN.fullmatch(text):
        return _number(text)
    return text == "true" if text in {"true", "false"} else text


_READ: Mapping[Type, Callable[[str], Any]] = {
    Type.NUMBER: number,
    Type.BOOLEAN: truth,
    Type.DATE: moment,
    Type.MOMENT: moment,
    Type.DURATION: duration,
    Type.TEXT: str,
}


def own(text: str, kind: Type | None) -> Any:
    """A value of a field of the shop's own, by what `define field` says of it. Raises ValueError."""
    return guess(text) if kind is None else _READ.get(kind, guess)(text)


def _number(plain: str) -> int | float:
    if "." not in plain:
        return int(plain)
    value = float(plain)
    return int(value) if value.is_integer() else value
