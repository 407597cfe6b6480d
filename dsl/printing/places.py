"""Where the words of a source stand: what the formatter must know about the text that its nodes do not tell."""

from __future__ import annotations

import re
from bisect import bisect_left

import attrs

from dsl.source import Source

_TOKEN = re.compile(r"""(?P<comment>\#[^\n]*)|"(?:[^"\\\n]|\\.)*"|[(){}\[\],|]|[^\s"#(){}\[\],|]+""", re.VERBOSE)

#: The leaves of the data in a test, and their keys: text, comments, keys, signs, dates with a time, everything else up to a sign.
_DATA = re.compile(
    r"""(?P<skip>\#[^\n]*|[^\W\d]\w*(?=\s*:)|"(?:[^"\\\n]|\\.)*"(?=(?:\s|\#[^\n]*\n)*:)|[{}\[\],:]|-(?=\s))
    |"(?:[^"\\\n]|\\.)*"|\d{4}-\d\d-\d\d[\ T]+[\d:Z+-]+|[^\s"#{}\[\],]+""",
    re.VERBOSE,
)

UNKNOWN = -1


@attrs.frozen(slots=True)
class Word:
    """A word, a text or a sign of the source, no comment."""

    start: int
    text: str


class Places:
    """The words of one source in order. Without a source every answer is `UNKNOWN`."""

    def __init__(self, source: Source | None = None) -> None:
        self.text = source.text if source else ""
        self._words = [Word(match.start(), match.group()) for match in _TOKEN.finditer(self.text) if not match["comment"]]
        self._starts = [word.start for word in self._words]

    def __bool__(self) -> bool:
        return bool(self._words)

    def before(self, offset: int) -> int:
        """The word that introduces what stands here: the `and` of a part, the `where` of a condition; brackets are passed over."""
        index = bisect_left(self._starts, offset) - 1
        while index >= 0 and self._words[index].text == "(":
            index -= 1
        return self._starts[index] if index >= 0 else UNKNOWN

    def opening(self, offset: int) -> int:
        """The first `{` from here on."""
        for word in self._words[bisect_left(self._starts, offset) :]:
            if word.text == "{":
                return word.start
        return UNKNOWN

    def closing(self, opening: int) -> int:
        """The `}` of a `{`."""
        if opening == UNKNOWN:
            return UNKNOWN
        depth = 0
        for word in self._words[bisect_left(self._starts, opening) :]:
            depth += (word.text == "{") - (word.text == "}")
            if not depth:
                return word.start
        return UNKNOWN

    def following(self, offset: int) -> int:
        """The word after the one here."""
        index = bisect_left(self._starts, offset) + 1
        return self._starts[index] if offset != UNKNOWN and index < len(self._starts) else UNKNOWN

    def has_word(self, start: int, end: int) -> bool:
        """Does a word start between these two places?"""
        return bisect_left(self._starts, start) < bisect_left(self._starts, end)

    def blank_above(self, offset: int) -> bool:
        """Is the line above what starts here empty?"""
        line = self.text.rfind("\n", 0, max(offset, 0))
        return line >= 0 and not self.text[self.text.rfind("\n", 0, line) + 1 : line].strip() and not self.text[line:offset].strip()

    def leaves(self, start: int, end: int) -> list[str]:
        """The values of the data written here, as written, without keys."""
        return [match.group() for match in _DATA.finditer(self.text, start, end) if match["skip"] is None]
