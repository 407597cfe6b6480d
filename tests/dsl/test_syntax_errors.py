"""Every mistake in its own words: tests/golden/syntax/NAME.scn and what is said of it. `pytest --update` writes what is said now."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from dsl.diagnostic import Diagnostic
from dsl.parser import ParsedFile
from dsl.parser import parse
from dsl.report.text import render
from dsl.source import Source
from dsl.words import BY_TERMINAL
from dsl.words import TERMINALS
from tests.dsl import test_parser as forms

GOLDEN = sorted((Path(__file__).parents[1] / "golden" / "syntax").glob("*.scn"))


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_what_is_said(path, golden):
    golden(f"syntax/{path.stem}.txt", render(parse(Source(path.name, path.read_text(encoding="utf-8"))).diagnostics))


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_every_statement_of_the_golden_files_has_one_mistake(path):
    parsed = parse(Source(path.name, path.read_text(encoding="utf-8")))
    assert parsed.diagnostics
    check(parsed)
    assert not parsed.file.statements or path.stem == "layout"


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_every_safe_fix_mends_its_statement(path):
    """After it, nothing of that statement is wrong in the same place."""
    text = path.read_text(encoding="utf-8")
    for finding in parse(Source(path.name, text)).diagnostics:
        if finding.fix and finding.fix.safe:
            fix = finding.fix
            mended = text[: fix.span.start] + fix.replacement + text[fix.span.end :]
            moved = len(fix.replacement) - (fix.span.end - fix.span.start)
            places = {other.span.start for other in parse(Source(path.name, mended)).diagnostics}
            before = {other.span.start for other in parse(Source(path.name, text)).diagnostics if other is not finding}
            assert places <= {place if place < fix.span.start else place + moved for place in before}, fix


# ------------------------------------------------------------------------------------------------------------- promises

_TERMINAL = re.compile(
    r"\b(?:" + "|".join(sorted(name for name in [*BY_TERMINAL, *TERMINALS] if name.isidentifier())) + r")\b|\$END|Leaf|Twig|None"
)


def without_quotations(text: str) -> str:
    """A message without what it shows of the program."""
    return re.sub(r"`[^`]*`", "``", text)


def check(parsed: ParsedFile) -> None:
    """What holds for every text, however broken."""
    text = parsed.source.text
    starts = sorted([statement.span.start for statement in parsed.file.statements] + [unread.span.start for unread in parsed.unread])
    seen: set[int] = set()
    for finding in parsed.diagnostics:
        assert finding.check == "syntax"
        say_it_well(finding)
        spans = [finding.span, *(label.span for label in finding.labels), *([finding.fix.span] if finding.fix else [])]
        assert all(0 <= span.start <= span.end <= len(text) for span in spans)
        statement = max((start for start in starts if start <= finding.span.start), default=-1)
        assert statement not in seen, "a second error in one statement"
        seen.add(statement)


def say_it_well(finding: Diagnostic) -> None:
    for words in (finding.message, finding.hint, *(label.text for label in finding.labels)):
        assert "\n" not in words
        plain = without_quotations(words) if words.count("`") % 2 == 0 else ""
        assert not _TERMINAL.search(plain), words
        assert not words.endswith("."), words
    assert finding.message
    assert finding.message[0] == "`" or not finding.message[0].isupper()


PIECES = [
    '"', "{", "}", "(", ")", "[", "]", "->", "=>", "==", "&&", ",", ":", ";", "-", "–", "“", "#", "\n", "\n  ", " ", "\\", "5min", "9:00",
    "22-9", "2 days", "1 000", "24:00", "2026-02-30", "7", "7d", "10%", "where", "else", "if", "send", "quiet", "as", "and", "on", "test",
    "then", "wiat", "а", "０", "\u200b", "\ufeff", "\r\n", "\x00", "'", "x.y", "a-b", "limit", "every", "is set", "$", "@", "²", "٣",
]  # fmt: skip

PROGRAMS = [
    *(f"{text}\n" for text in forms.STATEMENTS),
    *(f"scenario x\n  on order created\n  {text}\n" for text in [*forms.STEPS, *forms.CLAUSES]),
    *(f"scenario x\n  on order created\n  if {text}\n  send y\n" for text in forms.CONDITIONS),
    *(f"test t {{\n  {text}\n}}\n" for text in forms.LINES),
    *(f"on {text}\n  send y\n" for text in forms.EVENTS),
]


@st.composite
def broken(draw):
    """One to three programs after some slips of the hand."""
    text = "".join(draw(st.lists(st.sampled_from(PROGRAMS), min_size=1, max_size=3)))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(text)))
        match draw(st.sampled_from(["delete", "swap", "insert", "replace", "cut"])):
            case "delete":
                text = text[:place] + text[place + draw(st.integers(1, 6)) :]
            case "swap":
                text = text[:place] + text[place : place + 2][::-1] + text[place + 2 :]
            case "insert":
                text = text[:place] + draw(st.sampled_from(PIECES) | st.characters()) + text[place:]
            case "replace":
                text = text[:place] + draw(st.sampled_from(PIECES)) + text[place + draw(st.integers(1, 4)) :]
            case _:
                text = text[:place]
    return text


@settings(max_examples=300, deadline=None)
@given(broken())
def test_no_text_is_too_broken(text):
    """No exception, at most one error for each statement, no word of the machinery in a message, every place inside the text."""
    check(parse(Source("x.scn", text)))


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_nor_is_any_text_at_all(text):
    check(parse(Source("x.scn", text)))
    check(parse(Source("x.scn", f"on order created {text}")))
