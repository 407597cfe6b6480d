"""What a file most likely is by how it begins, so that a table or feed given as JSON lines is answered with one sentence."""

from __future__ import annotations

import io
import re
from typing import BinaryIO

#: So much of a file is looked at.
HEAD = 4_096

#: What may stand between the cells of a table.
SEPARATORS = ";,\t"
GZIP = b"\x1f\x8b"
_MARK = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
#: Names of tables; what stands in them may have one column, and then no separator tells.
_TABLES = (".csv", ".tsv", ".csv.gz", ".tsv.gz")
#: What the first element of a feed is called, and how the feed is taken in.
_FEEDS = (("yml_catalog", "yml"), ("rss", "google"), ("feed", "google"), ("rdf", "google"))
_ELEMENT = re.compile(r"<(?:\w+:)?([a-z_]\w*)", re.IGNORECASE)
#: What no name of a column has, and every fact.
_OF_FACTS = re.compile(r"[{}\[\]:]")

EITHER_FEED = "a product feed of Yandex Market is taken in with `--format yml`, one of Google Merchant with `--format google`"


def buffered(stream: BinaryIO) -> io.BufferedReader:
    """The stream as one that can be looked into before it is read."""
    return stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(stream)  # type: ignore[arg-type]


def no_json_lines(stream: io.BufferedReader, name: str) -> str | None:
    """What to say of a file that is no JSON lines but XML, a table or packed; None: it may well be. Nothing of it is taken away."""
    first = stream.peek(HEAD)[:HEAD]
    found = _found(_unpacked(first), name)
    if found is None and first.startswith(GZIP):
        return "expected JSON lines, found a file packed with gzip; unpack it: `gunzip -c FILE | scn ingest -`"
    return found and f"expected JSON lines, found {found}"


def _unpacked(first: bytes) -> bytes:
    if not first.startswith(GZIP):
        return first
    import zlib

    try:
        return zlib.decompressobj(wbits=31).decompress(first, HEAD)
    except zlib.error:
        return b""


def _found(first: bytes, name: str) -> str | None:
    text = first.decode("utf-16", "ignore") if first.startswith(_UTF16) else first.removeprefix(_MARK).decode("latin-1")
    text = text.lstrip()
    if text.startswith("<"):
        found = _ELEMENT.search(text)
        kind = next((kind for element, kind in _FEEDS if found and found[1].lower() == element), None)
        return f"XML; {f'take it in with `--format {kind}`' if kind else EITHER_FEED}"
    return "a table; take it in with `--format csv`" if text and _is_table(text, name) else None


def _is_table(text: str, name: str) -> bool:
    """A header of at least two names with a separator in between, or a file of that name that does not begin as facts do."""
    header = text.splitlines()[0]
    if name.lower().endswith(_TABLES):
        return not header.startswith(("{", "["))
    names = (sum(any(map(str.isalpha, cell)) for cell in header.split(separator)) for separator in SEPARATORS)
    return max(names) > 1 and not _OF_FACTS.search(header)
