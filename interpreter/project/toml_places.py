"""Where the keys of a TOML text stand: the standard reader gives values without places, and a mistake without a place is half a mistake."""

from __future__ import annotations

import re
from collections.abc import Mapping

from dsl.source import Span

#: A path from the top: names of tables and keys, numbers within `[[…]]`.
Path = tuple[str | int, ...]

_HEADER = re.compile(r"[ \t]*(\[\[?)[ \t]*([^\]\n]+?)[ \t]*\]")
_KEY = re.compile(r"""[ \t]*((?:[\w-]+|"[^"\n]*"|'[^'\n]*')(?:[ \t]*\.[ \t]*(?:[\w-]+|"[^"\n]*"|'[^'\n]*'))*)[ \t]*=""")
_PART = re.compile(r"""[\w-]+|"[^"\n]*"|'[^'\n]*'""")
_TRIPLE = re.compile(r'"""|\'\'\'')


def places(text: str) -> Mapping[Path, Span]:
    """The span of each table header and each key, as far as they stand on lines of their own."""
    found: dict[Path, Span] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    inside = ""
    offset = 0
    for line in text.splitlines(keepends=True):
        inside, skip = _after(line, inside)
        if not skip and (header := _HEADER.match(line)):
            table = _parts(header[2])
            if header[1] == "[[":
                number = counts[table] = counts.get(table, -1) + 1
                table = (*table, number)
            found.setdefault(table, Span(offset + header.start(1), offset + header.end()))
            for depth in range(1, len(table)):
                found.setdefault(table[:depth], found[table])
        elif not skip and (key := _KEY.match(line)):
            path = (*table, *_parts(key[1]))
            found.setdefault(path, Span(offset + key.start(1), offset + key.end(1)))
            for depth in range(len(table) + 1, len(path)):
                found.setdefault(path[:depth], found[path])
        offset += len(line)
    return found


def nearest(found: Mapping[Path, Span], path: Path) -> Span:
    """The place of a path, or of the closest thing around it."""
    for depth in range(len(path), 0, -1):
        if path[:depth] in found:
            return found[path[:depth]]
    return Span(0, 0)


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))


def _after(line: str, inside: str) -> tuple[str, bool]:
    """Whether a text of several lines goes on after this line, and whether this line began inside one."""
    began_inside = bool(inside)
    for quote in _TRIPLE.findall(line):
        if not inside:
            inside = quote
        elif quote == inside:
            inside = ""
    return inside, began_inside
