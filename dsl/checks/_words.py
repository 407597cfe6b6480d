"""For the checks of words: a word outside a closed list, with "did you mean" and its fix."""

from __future__ import annotations

import re
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator

from dsl import nodes
from dsl.catalog import ResolvedEvent
from dsl.catalog import written_list
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Fix
from dsl.diagnostic import error
from dsl.meaning.reading import everywhere
from dsl.meaning.reading import readings
from dsl.project import Project
from dsl.source import Source
from dsl.source import Span
from dsl.spelling import closest
from dsl.spelling import question

#: More words than this are not listed in a hint.
_MOST = 12


def unknown(check: str, source: Source, name: nodes.Name, what: str, known: Collection[str], *, way_out: str = "") -> Diagnostic:
    """The finding for a word that is not among the known ones. way_out: what to do when nothing is near."""
    return unknown_at(check, source, name.span, (what, name.text), known, way_out=way_out)


def unknown_at(check: str, source: Source, span: Span, word: tuple[str, str], known: Collection[str], *, way_out: str = "") -> Diagnostic:
    """The same for a word in any place; `word`: what it is, and its text."""
    what, text = word
    near = closest(text, known)
    if near:
        return error(check, source, span, f"unknown {what} `{text}`", question(text, near), fix=respell(source, span, near))
    listed = f"expected {written_list(sorted(known))}" if 0 < len(known) <= _MOST else ""
    return error(check, source, span, f"unknown {what} `{text}`", "; ".join(part for part in (listed, way_out) if part))


def respell(source: Source, span: Span, word: str) -> Fix:
    """Another word in its place, in quotes where the first was."""
    quoted = source.text[span.start : span.start + 1] == '"' or not re.fullmatch(r"[^\W\d]\w*", word)
    return Fix(f"write `{word}`", span, f'"{word}"' if quoted else word)


def gap_before(source: Source, offset: int) -> str:
    """What separates a step put before this place from what stands here: a new line of the same indent, or a space inside a line."""
    before = source.text[source.text.rfind("\n", 0, offset) + 1 : offset]
    return f"\n{before}" if not before.strip() else " "


def slip_of(word: str, written: Collection[str]) -> bool:
    """Whether some written word is a misspelt `word`: told there, and not once more here."""
    return any(closest(other, (word,)) for other in written)


def event_names(project: Project, *keys: str) -> Iterator[tuple[Source, nodes.Name]]:
    """The names given to events of some kinds: actions, segments, pools … in `on`, `stop on`, `goal`, `wait up to`."""
    for reading in readings(project):
        for event, resolved in reading.events:
            if isinstance(resolved, ResolvedEvent) and resolved.kind.key in keys:
                words = [name for group in event.words for name in group if name.text in (*resolved.names, resolved.list_name)]
                yield from ((reading.source, name) for name in words)


def names_of(project: Project, *places: tuple[type[nodes.Node], str]) -> Iterator[tuple[Source, nodes.Name]]:
    """The names held by nodes of some kinds: `(nodes.InSegment, "name")`."""
    for kind, attribute in places:
        for source, node in everywhere(project, kind):
            value = getattr(node, attribute)
            names: Iterable[nodes.Name] = value if isinstance(value, tuple) else (value,) if value else ()
            yield from ((source, name) for name in names)
