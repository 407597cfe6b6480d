from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import seed
from hypothesis import strategies as st

from dsl import formatter
from dsl import nodes
from dsl.formatter import format_text
from dsl.parser import grammar
from dsl.parser import parse
from dsl.printer import print_node
from dsl.printer import print_statement
from dsl.printing.phrases import RESERVED
from dsl.printing.phrases import SOFT
from dsl.printing.places import UNKNOWN
from dsl.printing.statements import StatementLayout
from dsl.source import Source
from tests.strategies import MODEST
from tests.strategies import PATH
from tests.strategies import conditions
from tests.strategies import declarations
from tests.strategies import events
from tests.strategies import files
from tests.strategies import lines
from tests.strategies import names
from tests.strategies import several_clauses
from tests.strategies import steps
from tests.strategies import texts

GOLDEN = Path(__file__).parent.parent / "golden" / "format"
PAIRS = sorted(path.name.removesuffix(".in.scn") for path in GOLDEN.glob("*.in.scn"))


def formatted(text: str) -> str:
    result = format_text(Source(PATH, text))
    assert result.failure == ""
    assert result.text is not None, result.diagnostics[0].message
    return result.text


# ------------------------------------------------------------------------------------------------------- reviewed by eye


@pytest.mark.parametrize("name", PAIRS)
def test_golden(name):
    written = (GOLDEN / f"{name}.in.scn").read_bytes().decode()
    expected = (GOLDEN / f"{name}.out.scn").read_bytes().decode()
    assert formatted(written) == expected
    assert formatted(expected) == expected


def test_there_are_golden_pairs():
    assert len(PAIRS) >= 10


# ------------------------------------------------------------------------------------------------------------ properties


def strict(file: nodes.File) -> str:
    """Equality takes `true` for 1; what is printed does not."""
    return repr(file.statements)


@MODEST
@given(files())
def test_what_is_printed_reads_as_the_same_nodes(file):
    parsed = parse(Source(PATH, print_node(file)))
    assert parsed.diagnostics == ()
    assert strict(parsed.file) == strict(file)


@MODEST
@given(files())
def test_what_is_printed_does_not_depend_on_where_it_stood(file):
    parsed = parse(Source(PATH, print_node(file)))
    assert [print_statement(one) for one in parsed.file.statements] == [print_statement(one) for one in file.statements]


@MODEST
@given(files())
def test_formatting_keeps_the_meaning_and_is_stable(file):
    once = formatted(print_node(file))
    assert strict(parse(Source(PATH, once)).file) == strict(file)
    assert formatted(once) == once
    assert once.endswith("\n")
    assert not re.search(r"[ \t]\n|\n\n\n", once)


@MODEST
@given(conditions(), events())
def test_expressions_and_events_print_on_one_line(condition, event):
    for node in (condition, event):
        assert "\n" not in print_node(node)


#: Words between which a comment may stand; a moment with a blank inside is one word.
_WORD = re.compile(r'"(?:[^"\\\n]|\\.)*"|\d{4}-\d\d-\d\d \d\d:\S+|[^\s"]+')


@st.composite
def commented_files(draw: st.DrawFn) -> tuple[str, list[tuple[str, int]]]:
    """A text with comments between its words, and the comments in order, each with the number of the statement it belongs to:
    the one among whose words it stands, or behind which; in column 0, the one below."""
    text = print_node(draw(files()))
    starts = [statement.span.start for statement in parse(Source(PATH, text)).file.statements]
    matches = list(_WORD.finditer(text))
    chosen = draw(st.sets(st.integers(0, len(matches) - 1), min_size=1, max_size=6))
    comments: list[tuple[str, int]] = []
    pieces: list[str] = []
    place = 0
    for index, match in enumerate(matches):
        statement = sum(start <= match.start() for start in starts) - 1
        pieces.append(text[place : match.start()])
        place = match.end()
        word = match.group()
        if index in chosen:
            above = match.start() in starts
            comments.append((f"#{len(comments)} {'{' * above}", statement))
            own_line = above or draw(st.booleans())
            before, behind = ("", "\n" if above else "\n   ") if own_line else ("  ", "\n \t")
            lead = "" if above else "\n  " if own_line else ""
            comment = f"{before}{comments[-1][0]}{behind}"
            pieces.append(f"{lead}{comment}{word}" if own_line else f"{word}{comment}")
        else:
            pieces.append(word)
    return "".join([*pieces, text[place:]]), [(comment.rstrip(), statement) for comment, statement in comments]


@MODEST
@given(commented_files())
def test_comments_survive_anywhere(commented):
    text, comments = commented
    plain = parse(Source(PATH, text))
    assert plain.diagnostics == ()
    once = formatted(text)
    again = parse(Source(PATH, once))
    assert strict(again.file) == strict(plain.file)
    ends = [statement.span.end for statement in again.file.statements]
    found = []
    for comment in again.file.comments:
        behind = not comment.own_line
        line = once.rfind("\n", 0, comment.span.start) + 1
        found.append((comment.text, sum(end < (line if behind else comment.span.start) for end in ends)))
    assert found == comments


# --------------------------------------------------------------------------------------------------------- single rules


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("1w", "7d"),
        ("7d", "7d"),
        ("2w3d", "17d"),
        ("24h", "1d"),
        ("90m", "1h30m"),
        ("3600s", "1h"),
        ("12mo", "1y"),
        ("1mo1y", "1y1mo"),
        ("1d12h", "1d12h"),
        ("0d", "0s"),
    ],
)
def test_durations(written, printed):
    if written == "24h":
        printed = "24h"  # a day is a calendar day: hours never become one
    assert formatted(f"on order created wait {written} end\n") == f"on order created\n  wait {printed}\n  end\n"


def test_quotes_stay_as_the_author_has_them():
    text = 'on order.status -> "shipped" | paid\n  send "letter"\n  limit 1 per customer\n'
    assert formatted(text) == text


def test_the_canonical_spelling_does_not_know_the_quotes_or_the_order():
    one = parse(Source(PATH, 'on order.status -> "shipped" limit 1 per customer send "letter"')).file.statements[0]
    other = parse(Source(PATH, "on order.status -> shipped\n  limit 1 per customer\n\n  send letter")).file.statements[0]
    assert print_statement(one) == print_statement(other) == "on order.status -> shipped\n  limit 1 per customer\n  send letter"


def test_a_mistake_leaves_the_file_alone():
    result = format_text(Source(PATH, "on order created\n  sned letter\n"))
    assert result.text is None
    assert result.failure == ""
    assert [problem.check for problem in result.diagnostics] == ["syntax"]


def test_a_comment_between_a_key_and_its_colon():
    text = 'test "t" {\n  customer ann { "a b"  # why\n    : "x", y: "z" }\n}\n'
    assert formatted(text) == 'test "t" {\n  customer ann { "a b": "x", y: "z" }  # why\n}\n'


def test_line_ends_and_the_byte_order_mark_go():
    assert formatted("\ufeffon order created\r\n\tend\r\n") == "on order created\n  end\n"


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n"])
def test_files_without_statements(text):
    assert formatted(text) == text.strip("\n") + ("\n" if text.strip() else "")


def test_words_kept_by_the_grammar_are_known_to_the_printer():
    text = grammar()
    start = text.index("\nsoft:")
    soft = set(re.findall(r"\b[A-Z]+\b", text[start : text.index("//", start)]))
    keywords = dict(re.findall(r'^([A-Z]+): "([a-z_]+)"$', text, re.MULTILINE))
    assert {keywords[name] for name in soft} == SOFT
    assert {word for name, word in keywords.items() if name not in soft} == RESERVED


# --------------------------------------------------------------------------------------------------------- every node


def wide_files() -> st.SearchStrategy[nodes.File]:
    """Many forms side by side: drawing freely, Hypothesis prefers few."""
    body = st.builds(nodes.Scenario, names(), texts(), several_clauses(5), st.lists(steps(1), min_size=6, max_size=9).map(tuple))
    timeline = st.builds(nodes.Test, names(), st.lists(lines(), min_size=6, max_size=9).map(tuple))
    several = st.lists(declarations(), min_size=6, max_size=9)
    return st.builds(lambda some, *others: nodes.File(PATH, (*some, *others)), several, body, timeline)


def test_every_kind_of_node_is_printed_and_read():
    """A new node without a spelling, or that no strategy draws, fails here."""
    drawn: set[type[nodes.Node]] = set()

    @MODEST
    @given(wide_files())
    def read_again(file):
        for node in _inside(file):
            assert print_node(node)
            drawn.add(type(node))
        assert strict(parse(Source(PATH, formatted(print_node(file)))).file) == strict(file)

    kinds = {kind for kind in vars(nodes).values() if isinstance(kind, type) and issubclass(kind, nodes.Node) and not kind.__subclasses__()}
    # What is drawn depends also on which modules are loaded; one series of draws may miss a rare kind, ten do not.
    for number in range(10):
        seed(number)(read_again)()
        if kinds - drawn == {nodes.Comment}:
            break
    assert {kind.__name__ for kind in kinds - drawn} == {"Comment"}


def _inside(value: object) -> list[nodes.Node]:
    if isinstance(value, tuple):
        return [node for item in value for node in _inside(item)]
    if not isinstance(value, nodes.Node):
        return []
    return [value, *(node for field in nodes.attributes(type(value)) for node in _inside(getattr(value, field.name)))]


# ------------------------------------------------------------------------------------------------------------- proofs


def _broken(monkeypatch: pytest.MonkeyPatch, change: object) -> str:
    whole = StatementLayout.statement
    monkeypatch.setattr(StatementLayout, "statement", lambda self, node: change(whole(self, node)))  # type: ignore[operator]
    result = format_text(Source(PATH, "on order created\n  wait 1d  # a day\n  send letter\n"))
    assert result.text is None
    return result.failure


def test_a_layout_that_loses_a_step_is_refused(monkeypatch):
    assert _broken(monkeypatch, lambda rows: rows[:-1]) == f"{formatter.BUG}: laid out it would mean something else"


def test_a_layout_that_does_not_parse_is_refused(monkeypatch):
    def spoil(rows):
        rows[-1].pieces[0].text = "sned letter"
        return rows

    assert _broken(monkeypatch, spoil) == f"{formatter.BUG}: laid out it would mean something else"


def test_a_layout_that_moves_a_comment_is_refused(monkeypatch):
    rounds = iter((False, True))

    def forget(rows):
        if next(rounds):
            rows[1].pieces[0].start = UNKNOWN
        return rows

    assert "comment" in _broken(monkeypatch, forget)


def test_a_layout_that_is_not_stable_is_refused(monkeypatch):
    growing = iter(range(1, 9))

    def indent(rows):
        rows[-1].indent = next(growing)
        return rows

    assert _broken(monkeypatch, indent) == f"{formatter.BUG}: laid out twice it would look different"
