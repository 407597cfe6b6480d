"""From text to nodes: cuts a file into statements and reads each alone, so that one mistake never hides or causes another.

The only importer of Lark, which makes the tables of the grammar. They are kept beside this module (`python -m dsl.parser` writes them),
so that Lark is needed only after the grammar was changed.
"""

from __future__ import annotations

import json
import re
from functools import cache
from itertools import zip_longest
from operator import attrgetter
from operator import itemgetter
from pathlib import Path
from typing import Any
from zlib import crc32

import attrs

from dsl import nodes
from dsl.builder import statement
from dsl.building.values import Problems
from dsl.diagnostic import Diagnostic
from dsl.forms import Record
from dsl.source import Source
from dsl.source import Span
from dsl.syntax.automaton import Tables
from dsl.syntax.automaton import Unreadable


class Unread(Record):
    """A statement that is missing from the file because of a mistake in it: others may still speak of it."""

    word: str
    """`scenario`, `segment`, … or what stood there instead."""
    name: str
    """Its name as far as it can be told, else empty."""
    span: Span


class ParsedFile(Record):
    """What became of one file. `source` has the text the spans speak of: plain line ends, no byte order mark."""

    source: Source
    file: nodes.File
    diagnostics: tuple[Diagnostic, ...] = ()
    unread: tuple[Unread, ...] = ()


# ------------------------------------------------------------------------------------------------------------- grammar

_HERE = Path(__file__)
_TABLES = _HERE.with_name("grammar.tables.json")


def grammar() -> str:
    """The text of the grammar: beside this module in an installed package, at the root of a checkout."""
    shipped = _HERE.with_name("grammar.lark")
    return (shipped if shipped.exists() else _HERE.parent.parent / "grammar.lark").read_text(encoding="utf-8")


@cache
def tables() -> Tables:
    """The tables of the grammar, as kept beside this module, or made anew when the grammar is another by now."""
    text = grammar()
    try:
        data = json.loads(_TABLES.read_bytes())
    except (OSError, ValueError):
        data = {}
    if data.get("grammar") != _digest(text):
        data = compile_grammar(text)
    return Tables.from_data(data)


def _digest(text: str) -> int:
    """Tells one grammar from another; nobody wants to deceive it, and a stronger one takes longer to import than to compute."""
    return crc32(text.encode())


def compile_grammar(text: str) -> dict[str, Any]:
    """The tables as plain data, made by Lark."""
    from lark import Lark
    from lark.lexer import PatternStr
    from lark.parsers.lalr_analysis import Shift

    lark = Lark(text, parser="lalr", lexer="basic", maybe_placeholders=False)
    table = lark.parser.parser._parse_table  # noqa: SLF001 the one thing wanted of it
    name = re.compile(next(term for term in lark.terminals if term.name == "NAME").pattern.to_regexp())
    keywords = {
        term.pattern.value: term.name
        for term in sorted(lark.terminals, key=attrgetter("name"))
        if isinstance(term.pattern, PatternStr) and name.fullmatch(term.pattern.value)
    }
    others = [term for term in lark.terminals if term.name not in keywords.values()]
    # The order in which Lark's own lexer tries them.
    others.sort(key=lambda term: (-term.priority, -term.pattern.max_width, -len(term.pattern.value), term.name))
    # Lark's own order is another in every process: put in one order, the same grammar gives the same tables.
    rules = sorted(
        {id(rule): rule for row in table.states.values() for action, rule in row.values() if action is not Shift}.values(), key=repr
    )
    numbers = {id(rule): number for number, rule in enumerate(rules)}
    places = {table.start_states["start"]: 0}
    for state in (walk := [table.start_states["start"]]):
        for _, (action, goal) in sorted(table.states[state].items(), key=itemgetter(0)):
            if action is Shift and goal not in places:
                places[goal] = len(places)
                walk.append(goal)
    sets: dict[str, int] = {}
    rows: dict[str, int] = {}
    states: list[int] = []
    for row in (table.states[state] for state in walk):
        goals = {symbol: places[goal] for symbol, (action, goal) in sorted(row.items(), key=itemgetter(0)) if action is Shift}
        applied: dict[int, list[str]] = {}
        for symbol, (action, rule) in sorted(row.items(), key=itemgetter(0)):
            if action is not Shift:
                applied.setdefault(~numbers[id(rule)], []).append(symbol)
        reductions = [[number, sets.setdefault(" ".join(symbols), len(sets))] for number, symbols in sorted(applied.items())]
        states.append(rows.setdefault(json.dumps([goals, reductions]), len(rows)))
    return {
        "grammar": _digest(text),
        "words": "|".join(f"(?P<{term.name}>{term.pattern.to_regexp()})" for term in others),
        "keywords": keywords,
        "ignored": sorted(lark.ignore_tokens),
        "rules": [
            [rule.origin.name, len(rule.expansion), _twig_name(rule), bool(rule.options.expand1 and not rule.alias)] for rule in rules
        ],
        "start": places[table.start_states["start"]],
        "end": places[table.end_states["start"]],
        "states": states,
        "sets": list(sets),
        "rows": [json.loads(row) for row in rows],
    }


def _twig_name(rule: Any) -> str:
    plain: str = rule.origin.name
    return "" if plain.startswith("_") else rule.alias or plain


def _read(source: Source, span: Span) -> tuple[nodes.Statement | None, Diagnostic | None]:
    """The node of one statement, or the problem with it."""
    try:
        tree = tables().read(source.text, span.start, span.end)
    except Unreadable as stopped:
        from dsl.syntax.stuck import Stuck
        from dsl.syntax_errors import explain

        leaves, count = stopped.leaves, stopped.count
        return None, explain(Stuck(source, span, tuple(leaves[:count]), tuple(leaves[count:]), stopped.offset, tables()))
    found = Problems(source)
    node = statement(tree, found)
    if found.found:
        return None, min(found.found, key=lambda problem: problem.span.start)
    return node, None


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
    from dsl.syntax.statement_errors import starts_like

    return starts_like(word) is not None


def _trimmed(text: str, start: int, end: int) -> int:
    """The end without the blank and comment lines that follow."""
    last = start
    for line in re.finditer(r"[^\n]+", text[start:end]):
        written = line.group().strip()
        if written and not written.startswith("#"):
            last = start + line.start() + len(line.group().rstrip())
    return last


def parse(source: Source, *, with_tests: bool = True) -> ParsedFile:
    """Every statement of a file that can be read, and one finding for each that cannot; tests need not be read."""
    text = source.text.removeprefix("\ufeff").replace("\r\n", "\n")
    if text != source.text:
        source = Source(source.path, text)
    passed_over = () if with_tests else ("test",)
    readings = [_Statement(chunk, *((None, None) if chunk.word in passed_over else _read_chunk(source, chunk))) for chunk in _cut(text)]
    _check_bare(source, readings)
    return ParsedFile(
        source,
        nodes.File(source.path, tuple(each.node for each in readings if each.node), _comments(text), span=Span(0, len(text))),
        tuple(each.problem for each in readings if each.problem),
        tuple(_unread(text, each.chunk) for each in readings if not each.node and each.chunk.word not in passed_over),
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
        from dsl.syntax.statement_errors import no_statement

        return None, no_statement(source, span)
    node, problem = _read(source, span)
    if chunk.outdented and (problem is None or chunk.outdented[0] <= problem.span.start):
        from dsl.syntax.statement_errors import lines_to_indent

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
                from dsl.syntax.statement_errors import bare_after_scenario

                each.problem = bare_after_scenario(source, above, each.node)
                each.node = before.node = None
            elif first:
                from dsl.syntax.statement_errors import second_bare

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


if __name__ == "__main__":
    _TABLES.write_text(json.dumps(compile_grammar(grammar()), separators=(",", ":")) + "\n", encoding="utf-8")
