"""The grammar, its tables, and reading with them."""

from __future__ import annotations

import json
from pathlib import Path

import lark
import pytest

from dsl import parser
from dsl.syntax.automaton import Tables
from dsl.syntax.automaton import Twig
from tests.dsl import test_parser as forms

PROGRAMS = [
    *forms.STATEMENTS,
    *(f"scenario x {step}" for step in forms.STEPS),
    *(f"scenario x {clause}" for clause in forms.CLAUSES),
    *(f"scenario x if {condition}" for condition in forms.CONDITIONS),
    *(f"scenario x if y = {value}" for value in forms.VALUES),
    *(f"on {event}" for event in forms.EVENTS),
    *(f"test t {{ {line} }}" for line in forms.LINES),
]


def test_the_grammar_has_no_conflicts():
    """Neither between its rules nor between its words."""
    options = {"parser": "lalr", "lexer": "basic", "propagate_positions": True, "maybe_placeholders": False}
    lark.Lark(parser.grammar(), **options, strict=True)


def test_the_kept_tables_are_those_of_the_grammar():
    """After a change of grammar.lark: python -m dsl.parser"""
    kept = json.loads(Path(parser.__file__).with_name("grammar.tables.json").read_text(encoding="utf-8"))
    assert kept == json.loads(json.dumps(parser.compile_grammar(parser.grammar())))


@pytest.fixture(scope="module")
def by_lark():
    return lark.Lark(parser.grammar(), parser="lalr", lexer="basic", maybe_placeholders=False)


def as_lists(tree: object) -> object:
    """A tree of either kind, its words with their type and place."""
    if isinstance(tree, str):
        return (tree.type, str(tree), tree.start_pos, tree.end_pos)  # type: ignore[attr-defined]
    assert isinstance(tree, Twig | lark.Tree)
    return [str(tree.data), *map(as_lists, tree.children)]


@pytest.mark.parametrize("text", PROGRAMS)
def test_what_is_read_is_what_lark_reads(by_lark, text):
    assert as_lists(parser.tables().read(text, 0, len(text))) == as_lists(by_lark.parse(text))


def test_reading_a_part_keeps_the_offsets_of_the_whole():
    text = 'define list "a"\ndefine list "b"'
    twig = parser.tables().read(text, 16, len(text))
    assert as_lists(twig.children[0])[1] == ("DEFINE", "define", 16, 22)  # type: ignore[index]


def test_what_is_possible_is_what_lark_accepts(by_lark):
    for text in PROGRAMS[:: len(PROGRAMS) // 25]:
        trial = by_lark.parse_interactive(text)
        read: list[object] = []
        for token in trial.lexer_thread.lex(trial.parser_state):
            read.append(token)
            trial.feed_token(token)
            tables = parser.tables()
            assert tables.possible(tables.after(read)) == frozenset(trial.accepts())  # type: ignore[arg-type]


def test_tables_are_made_anew_for_another_grammar(monkeypatch):
    """A changed grammar counts at once, also before its tables are written."""
    text = parser.grammar().replace('END: "end"', 'END: "finish"')
    monkeypatch.setattr(parser, "grammar", lambda: text)
    fresh: Tables = parser.tables.__wrapped__()
    assert fresh.keywords["finish"] == "END"
    assert "end" not in fresh.keywords
