"""From text to nodes: cuts a file into statements and reads each alone, so that one mistake never hides or causes another.

The only importer of Lark, and only when something is to be read: a command that reads nothing does not pay for it.
"""

from __future__ import annotations

import re
from contextlib import suppress
from copy import copy
from functools import cache
from itertools import islice
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any
from typing import cast

import attrs

from dsl import nodes
from dsl.builder import statement
from dsl.builder_values import Problems
from dsl.builder_values import Twig
from dsl.diagnostic import Diagnostic
from dsl.source import Source
from dsl.source import Span

if TYPE_CHECKING:
    from lark import Lark

    from dsl.stuck import Stuck

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


def _read(source: Source, span: Span) -> tuple[nodes.Statement | None, Diagnostic | None]:
    """The node of one statement, or the problem with it."""
    from lark import TextSlice
    from lark import UnexpectedInput

    try:
        tree = _lark().parse(TextSlice(source.text, span.start, span.end))  # type: ignore[arg-type]
    except UnexpectedInput:
        from dsl.syntax_errors import explain

        return None, explain(_stuck(source, span))
    found = Problems(source)
    node = statement(cast("Twig", tree), found)
    if found.found:
        return None, min(found.found, key=lambda problem: problem.span.start)
    return node, None


class _Reading:
    """What else would have been possible, asked of Lark's own tables."""

    def __init__(self, words: list[Any]) -> None:
        self._words = words
        self._cursors: dict[int, Any] = {}

    def accepted(self, count: int) -> frozenset[str]:
        """The terminals that may follow the first `count` words."""
        return frozenset(self._after(count).accepts())

    def follows(self, count: int, *terminals: str) -> bool:
        """Whether these may follow the first `count` words, one after the other."""
        from lark import Token
        from lark import UnexpectedToken

        cursor = self._after(count).copy(deepcopy_values=False)
        try:
            for terminal in terminals:
                cursor.feed_token(Token(terminal, ""))
        except UnexpectedToken:
            return False
        return True

    def _after(self, count: int) -> Any:  # noqa: ANN401 Lark's interactive parser has no type of its own to name here
        if count not in self._cursors:
            cursor = _lark().parse_interactive()
            # Nothing is built on trial: building changes lists that copies of the parser share.
            cursor.parser_state.parse_conf = copy(cursor.parser_state.parse_conf)
            cursor.parser_state.parse_conf.callbacks = {}
            for word in self._words[:count]:
                cursor.feed_token(word)
            self._cursors[count] = cursor
        return self._cursors[count]


_LOOK_AHEAD = 3


def _stuck(source: Source, span: Span) -> Stuck:
    """Reads a statement once more, word by word, to see where it stops."""
    from lark import TextSlice
    from lark import UnexpectedCharacters
    from lark import UnexpectedToken

    from dsl.stuck import Stuck

    text: Any = TextSlice(source.text, span.start, span.end)
    trial = _lark().parse_interactive(text)
    words = trial.lexer_thread.lex(trial.parser_state)
    read: list[Any] = []
    found: Any = None
    ahead: list[Any] = []
    offset = span.end
    try:
        for found in words:
            trial.feed_token(found)
            read.append(found)
        found = None
    except UnexpectedToken:
        offset = found.start_pos
        with suppress(UnexpectedCharacters):
            ahead += islice(words, _LOOK_AHEAD)
    except UnexpectedCharacters as stopped:
        found, offset = None, stopped.pos_in_stream
    return Stuck(source, span, tuple(read), found, tuple(ahead), offset, _Reading(read))


# ---------------------------------------------------------------------------------------------------------- statements


#: In column 0 these always start a statement.
STARTERS = ("scenario", "on", "every", "segment", "policy", "define", "test")


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
    chunks: list[_Chunk] = []
    first = next((match.start() for match in re.finditer(r"^[^\S\n]*[^\s#]", text, re.MULTILINE)), None)
    if first is not None and text[first].isspace():
        start = first + re.compile(r"\s*").match(text, first).end() - first  # type: ignore[union-attr]
        chunks.append(_Chunk("", start))
    for match in _COLUMN_0.finditer(text):
        place = match.start()
        found = _WORD.match(text, place)
        word = found.group() if found else text[place]
        if word in STARTERS or not chunks or (found and _starts_like(word)):
            chunks.append(_Chunk(word, place))
        elif word != "}":
            chunks[-1].outdented.append(place)
    for chunk, following in zip_longest(chunks, chunks[1:]):
        chunk.end = _trimmed(text, chunk.start, following.start if following else len(text))
    return chunks


def _starts_like(word: str) -> bool:
    from dsl.statement_errors import starts_like

    return starts_like(word) is not None


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
    text = source.text.removeprefix("\ufeff").replace("\r\n", "\n")
    if text != source.text:
        source = Source(source.path, text)
    readings = [_Statement(chunk, *_read_chunk(source, chunk)) for chunk in _cut(text)]
    _check_bare(source, readings)
    return ParsedFile(
        source,
        nodes.File(source.path, tuple(each.node for each in readings if each.node), _comments(text), span=Span(0, len(text))),
        tuple(each.problem for each in readings if each.problem),
        tuple(_unread(text, each.chunk) for each in readings if not each.node),
    )


@attrs.define(slots=True)
class _Statement:
    chunk: _Chunk
    node: nodes.Statement | None
    problem: Diagnostic | None


def _read_chunk(source: Source, chunk: _Chunk) -> tuple[nodes.Statement | None, Diagnostic | None]:
    """The node, the problem, or both when only the layout is wrong."""
    span = Span(chunk.start, chunk.end)
    if chunk.word not in STARTERS:
        from dsl.statement_errors import no_statement

        return None, no_statement(source, span)
    node, problem = _read(source, span)
    if chunk.outdented and (problem is None or chunk.outdented[0] <= problem.span.start):
        from dsl.statement_errors import lines_to_indent

        problem = lines_to_indent(source, chunk.outdented)
    return node, problem


def _check_bare(source: Source, readings: list[_Statement]) -> None:
    """A file holds one scenario without a name."""
    first: nodes.Scenario | None = None
    before: _Statement | None = None
    for each in readings:
        if isinstance(each.node, nodes.Scenario) and each.node.bare:
            above = before.node if before else None
            if before and isinstance(above, nodes.Scenario) and not above.bare and not _has_trigger(above):
                from dsl.statement_errors import bare_after_scenario

                each.problem = bare_after_scenario(source, above, each.node)
                each.node = before.node = None
            elif first:
                from dsl.statement_errors import second_bare

                each.problem = second_bare(source, first, each.node)
                each.node = None
            else:
                first = each.node
        before = each


def _has_trigger(scenario: nodes.Scenario) -> bool:
    return any(isinstance(clause, nodes.On | nodes.Every) for clause in scenario.clauses)


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
