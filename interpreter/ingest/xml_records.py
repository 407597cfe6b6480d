"""XML read as a stream of records: the elements of some names, with their own children as texts. Nothing else of a file is kept.

Hostile files are refused before they cost anything: what they declare (entities: a billion laughs), what they point to (external
entities), what lies too deep or is too long. That is what `defusedxml` refuses, and bounds it does not have; it builds on the same parser.
A document type that is only named, as every Yandex feed does (`<!DOCTYPE yml_catalog SYSTEM "shops.dtd">`), is fine: nobody looks for it.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterator
from html import unescape
from typing import Any
from typing import BinaryIO
from xml.parsers import expat

import attrs

from interpreter.payloads import shown

#: Elements inside each other.
MAX_DEPTH = 64
#: Characters of one text.
MAX_TEXT = 1_000_000
#: Bytes of one tag or comment.
MAX_TAG = 1_000_000
#: Elements right inside one record, and characters of all of it.
MAX_CHILDREN = 2_000
MAX_RECORD = 2_000_000
_CHUNK = 65_536


class XmlError(Exception):
    """Why a file cannot be read on: the line, and a sentence."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


@attrs.define(slots=True)
class Record:
    """One element: where it begins, what it is called, what stands in it."""

    line: int
    name: str
    attributes: dict[str, str]
    children: list[tuple[str, dict[str, str], str]] = attrs.field(factory=list)
    """Those without elements of their own: name, attributes, text without blanks around it."""
    text: str = ""
    """Of a record without children."""


def records(stream: BinaryIO, roots: Collection[str], names: Collection[str]) -> Iterator[Record]:
    """The elements called one of `names`, in order; one inside another is a part of it. Raises XmlError.

    `roots`: what the whole may be called. Names are without their namespace.
    """
    return _Reading(roots, names).read(stream)


class _Reading:
    def __init__(self, roots: Collection[str], names: Collection[str]) -> None:
        self._roots, self._names = roots, names
        self._depth = self._inside = 0
        """How many elements are open now; up to the record among them."""
        self._length = self._size = 0
        """Of the text read last; of all in the record."""
        self._record: Record | None = None
        self._attributes: dict[str, str] = {}
        self._leaf = False
        self._text: list[str] = []
        self._found: list[Record] = []
        self._known: dict[str, str] = {}
        """Name with its namespace -> without."""
        self._parser = expat.ParserCreate(namespace_separator=" ")
        parser: Any = self._parser
        parser.buffer_text = True
        parser.buffer_size = _CHUNK
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        parser.EntityDeclHandler = parser.UnparsedEntityDeclHandler = self._declared
        parser.ExternalEntityRefHandler = self._declared
        parser.SkippedEntityHandler = self._skipped
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)

    def read(self, stream: BinaryIO) -> Iterator[Record]:
        fed = 0
        try:
            while chunk := stream.read(_CHUNK):
                fed += len(chunk)
                self._parser.Parse(chunk, False)
                if fed - self._parser.CurrentByteIndex > MAX_TAG:
                    raise self._error(f"expected tags and comments of at most {MAX_TAG:,} bytes, found a longer one")
                yield from self._found
                self._found.clear()
            self._parser.Parse(b"", True)
        except expat.ExpatError as problem:
            said = expat.ErrorString(problem.code) if fed else "nothing in it"
            raise XmlError(problem.lineno, f"expected XML, found a mistake: {said}") from None
        except (ValueError, LookupError):
            raise XmlError(1, "expected XML in UTF-8 or an encoding such as windows-1251, found one that scn does not know") from None
        yield from self._found

    def _error(self, message: str) -> XmlError:
        return XmlError(self._parser.CurrentLineNumber, message)

    def _declared(self, *_: Any) -> int:
        raise self._error("expected a file without entities of its own, found one; a feed needs none, and they are used for attacks")

    def _skipped(self, name: str, _: bool) -> None:
        """What a document type that nobody looked for may declare: most likely a sign of HTML such as `&nbsp;`."""
        self._data(unescape(f"&{name[:40]};"))

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._error(f"expected at most {MAX_DEPTH} elements inside each other, found more")
        self._length = 0
        self._text.clear()
        if self._record is None:
            local = self._local(name)
            if self._depth == 1 and local not in self._roots:
                raise self._error(f"expected {' or '.join(f'`<{root}>`' for root in self._roots)}, found `<{shown(local)[1:-1]}>`")
            if local in self._names:
                self._record, self._inside = Record(self._parser.CurrentLineNumber, local, attributes), self._depth
                self._size = 0
        if attributes and self._record is not None:
            self._grown(sum(map(len, attributes.values())))
        self._leaf = True
        self._attributes = attributes

    def _end(self, name: str) -> None:
        record = self._record
        if record is not None:
            if self._depth == self._inside + 1:
                self._grown(self._length)
                if self._leaf:
                    record.children.append((self._local(name), self._attributes, "".join(self._text).strip()))
                    if len(record.children) > MAX_CHILDREN:
                        raise self._error(f"expected at most {MAX_CHILDREN:,} elements in one, found more")
            elif self._depth == self._inside:
                if self._leaf:
                    record.text = "".join(self._text).strip()
                self._found.append(record)
                self._record = None
            self._leaf = False
        self._depth -= 1

    def _data(self, text: str) -> None:
        self._length += len(text)
        if self._length > MAX_TEXT:
            raise self._error(f"expected texts of at most {MAX_TEXT:,} characters, found a longer one")
        if self._record is not None:
            self._text.append(text)

    def _grown(self, by: int) -> None:
        self._size += by
        if self._size > MAX_RECORD:
            raise self._error(f"expected at most {MAX_RECORD:,} characters in one element, found more")

    def _local(self, name: str) -> str:
        found = self._known.get(name)
        if found is None:
            found = name.rpartition(" ")[2]
            if len(self._known) < MAX_CHILDREN and len(name) < 200:
                self._known[name] = found
        return found
