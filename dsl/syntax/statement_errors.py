"""Mistakes of layout: lines that belong to no statement, lines that are not indented, a second scenario without a name."""

from __future__ import annotations

import re

from dsl import nodes
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Fix
from dsl.diagnostic import Label
from dsl.diagnostic import error
from dsl.source import Source
from dsl.source import Span
from dsl.spelling import closest
from dsl.words import WORDS

#: In column 0 these always start a statement.
STARTERS = (*(word.spelling for word in WORDS.values() if word.part == "statement"), "on", "every")

_INDENT = "  "
_STARTS = "a statement starts with `on`, `every`, `scenario`, `segment`, `policy`, `define` or `test`"


def starts_like(word: str) -> str | None:
    """The word that starts a statement and is meant by a misspelt one."""
    return None if word in WORDS else closest(word, STARTERS)


def no_statement(source: Source, span: Span) -> Diagnostic:
    """For lines before the first statement, or after a misspelt first word."""
    match = re.compile(r"\w+|\S").match(source.text, span.start)
    word = match.group() if match else ""
    place = Span(span.start, span.start + len(word))
    margin = source.position(span.start).column - 1
    if margin and word in STARTERS:
        fix = Fix("take the blanks before it away", Span(span.start - margin, span.start), "")
        return error(
            "syntax", source, place, f"`{word}` starts a statement and stands at the beginning of its line", fix.description, fix=fix
        )
    if word == "}":
        return error(
            "syntax", source, place, "nothing is open here that `}` could close", "delete it", fix=Fix("delete it", place, "", safe=False)
        )
    meant = starts_like(word)
    if meant:
        case = meant == word.lower()
        hint = f"write `{meant}`" if case else f"did you mean `{meant}`?"
        return error("syntax", source, place, f"no statement starts with `{word}`", hint, fix=Fix(hint, place, meant, case))
    if word in WORDS:
        return error("syntax", source, place, f"`{word}` belongs to a scenario, and none has begun", _STARTS)
    return error("syntax", source, place, f"no statement starts with `{word}`", _STARTS)


def lines_to_indent(source: Source, places: list[int]) -> Diagnostic:
    """For lines of a statement that begin in column 0."""
    first, last = places[0], places[-1]
    match = re.compile(r"\w+|\S+").match(source.text, first)
    word = match.group() if match else ""
    written = source.text[first : last + 1]
    indented = "".join(_INDENT + written[start:end] for start, end in _pieces([place - first for place in places], len(written)))
    message = "indent this line" if len(places) == 1 else "indent these lines"
    hint = f"`{word}` starts no statement; the other lines of a statement begin with blanks"
    return error("syntax", source, Span(first, first + len(word)), message, hint, fix=Fix(message, Span(first, last + 1), indented))


def _pieces(starts: list[int], end: int) -> list[tuple[int, int]]:
    return list(zip(starts, [*starts[1:], end], strict=True))


def second_bare(source: Source, first: nodes.Scenario, second: nodes.Scenario) -> Diagnostic:
    """For a second scenario without a name in one file."""
    word = source.text[second.name.span.start : second.name.span.end]
    hint = f"write `scenario NAME` before it, or indent the line if this `{word}` belongs to the scenario above"
    fix = Fix("indent this line", Span(second.span.start, second.span.start), _INDENT, safe=False)
    label = Label(source, first.name.span, "the first one")
    return error(
        "syntax", source, second.name.span, "a file holds one scenario without a name, this is the second", hint, fix=fix, labels=(label,)
    )


def bare_after_scenario(source: Source, scenario: nodes.Scenario, bare: nodes.Scenario) -> Diagnostic:
    """For `on` in column 0 right below a `scenario` that has no trigger of its own."""
    word = source.text[bare.name.span.start : bare.name.span.end]
    fix = Fix("indent this line", Span(bare.span.start, bare.span.start), _INDENT)
    label = Label(source, scenario.name.span, "has no `on` and no `every` of its own")
    message = f"indent this line: in the first column `{word}` starts a scenario of its own"
    return error("syntax", source, bare.name.span, message, f"lines of `{scenario.name.text}` begin with blanks", fix=fix, labels=(label,))
