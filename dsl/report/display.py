"""Text on a terminal: how wide it is, and nothing in it that could move the cursor or turn the reading direction."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

TAB = 4
_JOINER = "\u200d"
_TURNING = set("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean(text: str) -> str:
    """One line, safe to print: control characters as their pictures, marks that turn the reading direction as `�`; tabs stay."""
    return "".join(_safe(character) for character in text)


#: What JSON leaves as it is although it steers a terminal, or is half of a character and no text in UTF-8.
_IN_JSON = re.compile("[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def clean_json(value: Any, indent: int | None = None) -> str:
    """JSON in its own letters, safe to print and to write: what is neither stands escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def cells(text: str) -> list[tuple[str, int]]:
    """Each code point as printed, with the columns it takes: 2 for wide ones, 0 for accents and joined emoji, tabs to the next stop."""
    shown: list[tuple[str, int]] = []
    column = 0
    joined = False
    for character in text:
        if character == "\t":
            width = TAB - column % TAB
            shown.append((" " * width, width))
        else:
            safe = _safe(character)
            width = 0 if joined else _width(safe)
            shown.append((safe, width))
        joined = character == _JOINER
        column += width
    return shown


def _width(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def _safe(character: str) -> str:
    code = ord(character)
    if character != "\t" and code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if 0x80 <= code < 0xA0 or character in _TURNING or character in "\u2028\u2029":
        return "\ufffd"
    return character
