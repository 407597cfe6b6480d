"""first version"""

from __future__ import annotations

from dsl.diagnostic import error
from dsl.source import Span


def starts_like(word):
    return False


def explain(stuck):
    return error("syntax", stuck.source, Span(stuck.offset, stuck.offset + len(stuck.found or "")), f"cannot read `{stuck.found}`", str(stuck.accepted))


def no_statement(source, span):
    return error("syntax", source, span, "no statement")


def lines_to_indent(source, places):
    return error("syntax", source, Span(places[0], places[0] + 1), "indent this line")


def second_bare(source, first, second):
    return error("syntax", source, second.name.span, "second bare")
