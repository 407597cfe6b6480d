"""A CSV file as rows of named cells: separator, encoding, quotes. What the cells mean is read elsewhere.

As spreadsheets write it: a comma, a semicolon or a tab between cells, with or without a byte order mark, in UTF-8 or what is declared.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from typing import BinaryIO

import attrs

from interpreter.facts import MAX_BYTES
from interpreter.ingest.beginnings import SEPARATORS
from interpreter.ingest.json_lines import BadLine
from interpreter.payloads import shown

MAX_COLUMNS = 500
_MARK = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_NO_TEXT = re.compile("[\udc80-\udcff]")


class CsvError(Exception):
    """Why a file is not to be read at all: the line, and a sentence."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


@attrs.define(slots=True)
class Row:
    """What one row says: column -> text without blanks around it; empty cells are left out."""

    line: int
    cells: dict[str, str]


def known_encoding(name: str) -> bool:
    """Whether text can be read in it, line by line."""
    try:
        return b'a;,"\t\n'.decode(codecs.lookup(name).name) == 'a;,"\t\n'
    except (LookupError, UnicodeError, ValueError, TypeError, AssertionError):
        return False


class Table:
    """A file: its columns, then its rows."""

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        """Reads the header. Raises CsvError."""
        self._stream, self._encoding = stream, encoding
        self._number = 0
        self._cut = False
        """A line was longer than one may be."""
        lines = self._lines()
        head = next((line for line in lines if line.strip(f"{SEPARATORS} \r\n")), "")
        # Who opens a quote in the header opens it before a separator.
        plain = re.sub(r'"[^"]*"', "", head)
        self._separator = max(SEPARATORS, key=plain.count)
        self.columns = self._header(head)
        self._reader = csv.reader(lines, delimiter=self._separator, strict=True)

    def _header(self, head: str) -> list[str]:
        line = self._number
        if not head:
            raise CsvError(1, "expected a header that names the columns, found nothing")
        if self._cut or _NO_TEXT.search(head):
            raise CsvError(line, self._too_long() if self._cut else self._no_text(head))
        try:
            columns = [cell.strip() for cell in next(csv.reader([head], delimiter=self._separator, strict=True))]
        except csv.Error:
            raise CsvError(line, "expected a header that names the columns, in one line, found a quote that is not closed") from None
        if len(columns) > MAX_COLUMNS:
            raise CsvError(line, f"expected at most {MAX_COLUMNS} columns, found {len(columns):,}")
        named = [column for column in columns if column]
        if twice := next((column for column in named if named.count(column) > 1), None):
            raise CsvError(line, f"expected every column once, found {shown(twice)} again")
        return columns

    def rows(self) -> Iterator[Row | BadLine]:
        """Empty ones are passed over."""
        while True:
            first = self._number + 1
            try:
                found = next(self._reader)
            except StopIteration:
                return
            except csv.Error as problem:
                yield BadLine(first, "", self._too_long() if self._cut else _mistake(str(problem)))
                self._cut = False
                continue
            if self._cut:
                self._cut = False
                yield BadLine(first, "", self._too_long())
                continue
            row = self._row(first, found)
            if row is not None:
                yield row

    def _row(self, line: int, found: list[str]) -> Row | BadLine | None:
        cells = [cell.strip() for cell in found]
        if not any(cells):
            return None
        if len(cells) != len(self.columns):
            # Spreadsheets leave separators at the end.
            cells = cells if len(cells) < len(self.columns) or any(cells[len(self.columns) :]) else cells[: len(self.columns)]
        if len(cells) != len(self.columns):
            hint = "; a text with a separator in it stands in quotes" if len(cells) > len(self.columns) else ""
            return BadLine(line, "", f"expected {len(self.columns)} cells as in the header, found {len(cells)}{hint}")
        said = {}
        for number, (column, text) in enumerate(zip(self.columns, cells, strict=True), 1):
            if not text:
                continue
            if not column:
                return BadLine(line, "", f"expected a name in the header for column {number}, found none; here it says {shown(text)}")
            if not text.isascii() and _NO_TEXT.search(text):
                return BadLine(line, column, self._no_text(text))
            said[column] = text
        return Row(line, said)

    def _lines(self) -> Iterator[str]:
        while line := self._stream.readline(MAX_BYTES + 1):
            self._number += 1
            if self._number == 1:
                if line.startswith(_UTF16):
                    raise CsvError(1, "expected text in UTF-8, found UTF-16; save the file as UTF-8")
                line = line.removeprefix(_MARK)
            text = line.decode(self._encoding, "surrogateescape")
            while len(line) > MAX_BYTES and not line.endswith(b"\n"):
                self._cut = True
                line = self._stream.readline(MAX_BYTES + 1)
            yield text

    def _too_long(self) -> str:
        return f"expected a line of at most {MAX_BYTES:,} bytes, found a longer one"

    def _no_text(self, text: str) -> str:
        [byte] = _NO_TEXT.findall(text)[0].encode("ascii", "surrogateescape")
        hint = "; of a spreadsheet in Russian say `--encoding cp1251`" if self._encoding == "utf-8" else ""
        return f"expected text in {self._encoding.upper()}, found the byte 0x{byte:02x}{hint}"


def _mistake(problem: str) -> str:
    if "expected after" in problem:
        return 'expected a separator behind the closing quote, found more text; a quote within a text is written twice: `""`'
    if "field larger" in problem or "unexpected end" in problem:
        return "expected the end of a text in quotes, found none; is a quote too many or too few?"
    return "expected cells with a separator between them, found a mistake"
