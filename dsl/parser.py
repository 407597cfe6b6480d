"""From text to nodes: cuts a file into statements and reads each alone, so that one mistake never hides or causes another.

The only importer of Lark, and only when something is to be read: a command that reads nothing does not pay for it.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any
from typing import cast

import attrs

from dsl import nodes
from dsl.builder import statement
from dsl.builder_values import Leaf
from dsl.builder_values import Problems
from dsl.builder_values import Twig
from dsl.diagnostic import Diagnostic
from dsl.source import Source
from dsl.source import Span

if TYPE_CHECKING:
    from lark import Lark

#: In column 0 these always start a statement.
STARTERS = ("scenario", "on", "every", "segment", "policy", "define", "test")


@attrs.frozen(slots=True)
class Stuck:
    """Where reading a statement stopped, for `syntax_errors` to put into words."""

    source: Source
    span: Span
    """Of the whole statement."""
    read: tuple[Leaf, ...]
    """The words read until then."""
    found: Leaf | None
    """The word that could not follow; None: the statement ended, or these characters are no word at all."""
    offset: int
    """Where reading stopped; the end of the statement when it ended too early."""
    accepted: frozenset[str]
    """The terminals that could have followed."""


@attrs.frozen(slots=True)
class Unread:
    """A statement that is missing from the file because of a mistake in it: others may still speak of it."""

    word: str
    """`scenario`, `segment`, … or what stood there instead."""
    name: str
    """Its name as far as it can be told, else empty."""
    span: Span


@attrs.frozen(slots=True)
class ParsedFile:
    """What became of one file. `source` has the text the spans speak of: `\\n` line ends, no byte order mark."""

    source: Source
    file: nodes.File
    diagnostics: tuple[Diagnostic, ...] = ()
    unread: tuple[Unread, ...] = ()


# ------------------------------------------------------------------------------------------------------------- grammar


def grammar() -> str:
    """The text of the grammar: beside this module in an installed package, at the root of a checkout."""
    here = Path(__file__)
    shipped = here.with_name("grammar.lark")
    return (shipped if shipped.exists() else here.parent.parent / "grammar.lark").read_text(encoding="utf-8")


@cache
def _lark() -> Lark:
    from lark import Lark

    return Lark(grammar(), parser="lalr", lexer="basic", propagate_positions=False, maybe_placeholders=False)


def _read(source: Source, span: Span, problems: list[Diagnostic]) -> nodes.Statement | None:
    """The node of one statement, or None and one more problem."""
    from lark import TextSlice
    from lark import UnexpectedInput

    try:
        tree = _lark().parse(TextSlice(source.text, span.start, span.end))  # type: ignore[arg-type]
    except UnexpectedInput:
        from dsl.syntax_errors import explain

        problems.append(explain(_stuck(source, span)))
        return None
    found = Problems(source)
    node = statement(cast("Twig", tree), found)
    if found.found:
        problems.append(min(found.found, key=lambda problem: problem.span.start))
        return None
    return node


def _stuck(source: Source, span: Span) -> Stuck:
    """Reads once more to see where it stops, then up to there to see what could have followed."""
    from lark import TextSlice
    from lark import UnexpectedCharacters
    from lark import UnexpectedToken

    lark = _lark()
    text: Any = TextSlice(source.text, span.start, span.end)
    trial = lark.parse_interactive(text)
    read: list[Any] = []
    found: Any = None
    offset = span.end
    try:
        for token in trial.lexer_thread.lex(trial.parser_state):
            found = token
            trial.feed_token(token)
            read.append(token)
        found = None
    except UnexpectedToken:
        offset = found.start_pos
    except UnexpectedCharacters as stopped:
        found, offset = None, stopped.pos_in_stream
    # A refused word may leave the parser half a step further: what could follow is asked of one that never saw it.
    before = lark.parse_interactive(text)
    for token in read:
        before.feed_token(token)
    return Stuck(source, span, tuple(read), found, offset, frozenset(before.accepts()))


# ---------------------------------------------------------------------------------------------------------- statements


@attrs.define(slots=True)
class _Chunk:
    """The lines of one statement; a `word` outside `STARTERS`: lines that belong to no statement."""

    word: str
    start: int
    end: int = 0
    outdented: list[int] = attrs.field(factory=list)
    """Where its lines begin in column 0 although they should not."""


_COMMENT_OR_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"?|#[^\n]*')
_COLUMN_0 = re.compile(r"^[^\s#]", re.MULTILINE)
_WORD = re.compile(r"\w+")


def _cut(text: str) -> list[_Chunk]:
    from dsl.syntax_errors import starts_like

    chunks: list[_Chunk] = []
    first = next((match.start() for match in re.finditer(r"^[^\S\n]*[^\s#]", text, re.MULTILINE)), None)
    if first is not None and text[first].isspace():
        start = first + re.compile(r"\s*").match(text, first).end() - first  # type: ignore[union-attr]
        chunks.append(_Chunk("", start))
    for match in _COLUMN_0.finditer(text):
        place = match.start()
        found = _WORD.match(text, place)
        word = found.group() if found else text[place]
        if word in STARTERS or not chunks or (found and starts_like(word)):
            chunks.append(_Chunk(word, place))
        elif word != "}":
            chunks[-1].outdented.append(place)
    ends = [chunk.start for chunk in chunks[1:]] + [len(text)]
    for chunk, end in zip(chunks, ends, strict=True):
        chunk.end = _trimmed(text, chunk.start, end)
    return chunks


def _trimmed(text: str, start: int, end: int) -> int:
    """The end without the blank and comment lines that follow."""
    last = start
    for line in re.finditer(r"[^\n]+", text[start:end]):
        written = line.group().strip()
        if written and not written.startswith("#"):
            last = start + line.start() + len(line.group().rstrip())
    return last


def parse(source: Source) -> ParsedFile:
    """Every statement of a file that can be read, and one finding for each that cannot."""
    from dsl.syntax_errors import lines_to_indent
    from dsl.syntax_errors import no_statement
    from dsl.syntax_errors import second_bare

    text = source.text.removeprefix("\ufeff").replace("\r\n", "\n")
    if text != source.text:
        source = Source(source.path, text)
    statements: list[nodes.Statement] = []
    problems: list[Diagnostic] = []
    unread: list[Unread] = []
    bare: nodes.Scenario | None = None
    for chunk in _cut(text):
        span = Span(chunk.start, chunk.end)
        found: list[Diagnostic] = []
        node: nodes.Statement | None = None
        if chunk.word in STARTERS:
            node = _read(source, span, found)
        else:
            found.append(no_statement(source, span))
        if chunk.outdented and chunk.word in STARTERS and (not found or chunk.outdented[0] <= found[0].span.start):
            found = [lines_to_indent(source, chunk.outdented)]
        elif isinstance(node, nodes.Scenario) and node.bare:
            if bare:
                found, node = [second_bare(source, bare, node)], None
            bare = bare or (node if isinstance(node, nodes.Scenario) else None)
        problems += found
        if node is None:
            unread.append(_unread(text, chunk))
        else:
            statements.append(node)
    problems.sort(key=lambda problem: problem.order)
    return ParsedFile(source, nodes.File(source.path, tuple(statements), _comments(text), span=Span(0, len(text))), tuple(problems), tuple(unread))


def _unread(text: str, chunk: _Chunk) -> Unread:
    named = re.compile(r'(?:scenario|segment|define\s+products)\s+(?:"([^"\n]*)"|(\w+))').match(text, chunk.start, chunk.end)
    return Unread(chunk.word, (named.group(1) or named.group(2) or "") if named else "", Span(chunk.start, chunk.end))


def _comments(text: str) -> tuple[nodes.Comment, ...]:
    found: list[nodes.Comment] = []
    for match in _COMMENT_OR_STRING.finditer(text):
        if match.group()[0] == "#":
            written = match.group().rstrip()
            line = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
            found.append(nodes.Comment(written, not line.strip(), span=Span(match.start(), match.start() + len(written))))
    return tuple(found)
