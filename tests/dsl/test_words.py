"""Every keyword has its entry, every entry its keyword, and every example can be read."""

from __future__ import annotations

import re

import pytest

from dsl import parser
from dsl.parser import parse
from dsl.source import Source
from dsl.words import BY_TERMINAL
from dsl.words import TERMINALS
from dsl.words import WORDS
from dsl.words import wording


def terminals() -> dict[str, str]:
    return dict(re.findall(r"^([A-Z_]+)(?:\.\d+)?: (.+)$", parser.grammar(), re.MULTILINE))


def test_every_keyword_of_the_grammar_has_an_entry_and_the_other_way_round():
    keywords = {name: text.strip('"') for name, text in terminals().items() if re.fullmatch(r'"[a-z]+"', text)}
    assert keywords == {word.terminal: word.spelling for word in WORDS.values()}


def test_every_other_terminal_has_its_wording():
    assert {name for name in terminals() if name not in BY_TERMINAL and name != "COMMENT"} | {"$END"} == set(TERMINALS)
    assert wording("WAIT") == "`wait`"


def test_a_word_is_reserved_unless_the_grammar_takes_it_for_a_name():
    soft = re.search(r"^soft: (.*?)\n\n", parser.grammar(), re.MULTILINE | re.DOTALL)
    assert soft
    assert {word.terminal for word in WORDS.values() if not word.reserved} == set(re.findall(r"[A-Z]+", soft.group(1)))


WRAPPERS = {
    "statement": "{}",
    "definition": "{}",
    "clause": "scenario x\n  on order created\n  {}",
    "step": "scenario x\n  on order created\n  {}",
    "joining": "scenario x\n  on order created\n  {}",
    "condition": "scenario x\n  on order created\n  if {}",
    "test": "test t {{\n  {}\n}}",
}


@pytest.mark.parametrize("word", WORDS.values(), ids=WORDS)
def test_every_example_can_be_read_and_shows_its_word(word):
    parsed = parse(Source("x.scn", WRAPPERS[word.part].format(word.example)))
    assert not parsed.diagnostics, [finding.message for finding in parsed.diagnostics]
    assert re.search(rf"\b{word.spelling}\b", word.example)
    assert word.meaning
    assert not word.meaning.endswith(".")


@pytest.mark.parametrize("word", [word.spelling for word in WORDS.values() if not word.reserved])
def test_words_that_are_not_reserved_are_names(word):
    parsed = parse(Source("x.scn", f"scenario {word} on order created if {word} = 1 send {word}"))
    assert not parsed.diagnostics
