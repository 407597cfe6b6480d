"""What templates hold, kept from tick to tick: over files that it knows, a tick need not read them again, nor import what reads them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from zlib import crc32

import msgspec

from dsl.project import TemplateTable

#: Those who find what templates hold: another release may find something else.
_READERS = ("template_files.py", "template_uses.py", "template_offers.py")


class _Kept(msgspec.Struct):
    made_by: int
    tables: dict[str, TemplateTable]


def kept(tables: Mapping[str, TemplateTable]) -> str:
    """As a text to be read by `known`."""
    return msgspec.json.encode(_Kept(_made_by(), dict(tables))).decode()


def known(text: str | None) -> Mapping[str, TemplateTable] | None:
    """From such a text; None: there is none, or it is of another release."""
    try:
        found = msgspec.json.decode(text or "", type=_Kept)
    except msgspec.DecodeError:
        return None
    return found.tables if found.made_by == _made_by() else None


@cache
def _made_by() -> int:
    return crc32(b"".join(Path(__file__).with_name(name).read_bytes() for name in _READERS))
