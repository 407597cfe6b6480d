"""JSON lines: one fact in each line. A JSON list of facts and a single fact spread over several lines are understood too.

Memory stays bounded however long the file is, and however long one of its lines.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from dsl.forms import Record
from interpreter.facts import MAX_BYTES
from interpreter.facts import Fact
from interpreter.facts import Rejection

#: A JSON list is read whole.
MAX_LIST = 64_000_000
#: Bytes that tell what a file is, and that are read at once of an end that is still growing.
_HEAD = 65_536
PART = 1 << 20
_MARK = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")

Reader = Callable[[bytes], Fact | Rejection]


class BadLine(Record):
    """A fact that is none: the line it stands (or begins) in, counted from 1; where in it; what was expected there."""

    line: int
    path: str
    message: str


def read_lines(stream: BinaryIO, read: Reader, *, begun: bool = False) -> Iterator[Fact | BadLine]:
    """The facts of a file, one after the other; `read` makes one of its JSON. `begun`: these are lines from within it."""
    for found in raw_lines(stream, begun=begun):
        yield found if isinstance(found, BadLine) else at_line(found[0], read(found[1]))


def is_lines(stream: BinaryIO) -> bool:
    """Whether a file has one fact in each line; False: it is another one, or may be."""
    stream.seek(0)
    head = stream.read(_HEAD)
    stream.seek(0)
    text = head.removeprefix(_MARK).lstrip()
    return text.startswith(b"{") and text.split(b"\n", 1)[0].strip() != b"{" and not head.startswith(_UTF16)


def between(file: int, start: int, end: int | None) -> bytes:
    """The lines of an open file that begin between two of its bytes, the last one whole unless it is too long. `end` None: all others."""
    # The byte before tells whether a line begins at once.
    before = min(start, 1)
    parts = [os.pread(file, PART if end is None else end - start + before, start - before)]
    while end is None and parts[-1]:
        parts.append(os.pread(file, PART, start - before + sum(map(len, parts))))
    text = b"".join(parts)
    if before:
        # The rest of a line that began before.
        text = text[text.find(b"\n") + 1 :] if b"\n" in text else b""
    if end is not None and text and not text.endswith(b"\n"):
        text += os.pread(file, MAX_BYTES + 1, end).partition(b"\n")[0] + b"\n"
    return text if start else text.removeprefix(_MARK)


def raw_lines(stream: BinaryIO, *, begun: bool = False) -> Iterator[tuple[int, bytes] | BadLine]:
    """The JSON of each fact with the line it begins in. Blank lines are passed over. `begun`: these are lines from within a file."""
    whole = not begun
    for number, line in _lines(stream):
        if line is None:
            yield BadLine(number, "", f"expected a line of at most {MAX_BYTES:,} bytes, found a longer one")
            continue
        if number == 1 and whole and line.startswith(_UTF16):
            yield BadLine(1, "", "expected text in UTF-8, found UTF-16; save the file as UTF-8")
            return
        text = (line.removeprefix(_MARK) if number == 1 and whole else line).strip()
        if not text:
            continue
        if not begun and text.startswith(b"["):
            yield from _list(text + b"\n", stream, number)
            return
        if not begun and text == b"{":
            yield number, b"{\n" + stream.read(MAX_BYTES)
            return
        begun = True
        yield number, text


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Numbered lines; None for one that is too long."""
    number = 0
    while line := stream.readline(MAX_BYTES + 1):
        number += 1
        if len(line) <= MAX_BYTES or line.endswith(b"\n"):
            yield number, line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(MAX_BYTES)
        yield number, None


def at_line(number: int, found: Fact | Rejection) -> Fact | BadLine:
    """What was read of the JSON of a line."""
    return BadLine(number, found.path, found.message) if isinstance(found, Rejection) else found


def _list(begun: bytes, stream: BinaryIO, first: int) -> Iterator[tuple[int, bytes] | BadLine]:
    data = begun + stream.read(MAX_LIST + 1)
    if len(data) > MAX_LIST:
        yield BadLine(first, "", f"expected a JSON list of at most {MAX_LIST:,} bytes; for more write one fact in each line")
        return
    try:
        items = msgspec.json.decode(data, type=list[msgspec.Raw])
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        yield BadLine(first, "", "expected a JSON list of facts, found a mistake in it; with one fact in each line scn can say where")
        return
    line, place = first, 0
    for item in items:
        raw = bytes(item)
        found = data.index(raw, place)
        line += data.count(b"\n", place, found)
        place = found
        yield line, raw
        line += raw.count(b"\n")
        place += len(raw)
