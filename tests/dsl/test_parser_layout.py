"""Cutting a file into statements: column 0, comments, line ends, the scenario without a name."""

from __future__ import annotations

import pytest

from dsl import nodes as n
from dsl.parser import Unread
from dsl.parser import parse
from dsl.source import Source
from dsl.source import Span


def read(text: str, path: str = "scenarios/review.scn"):
    return parse(Source(path, text))


def messages(text: str) -> list[str]:
    return [finding.message for finding in read(text).diagnostics]


def repaired(text: str) -> str:
    """The text after the fixes of all its findings."""
    for finding in sorted(read(text).diagnostics, key=lambda finding: -finding.span.start):
        assert finding.fix
        text = text[: finding.fix.span.start] + finding.fix.replacement + text[finding.fix.span.end :]
    return text


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "  # indented\n", "\ufeff", "\r\n"])
def test_nothing_is_a_file_too(text):
    parsed = read(text)
    assert not parsed.diagnostics
    assert parsed.file.statements == ()


def test_statements_are_read_alone_and_all_their_mistakes_are_found_in_one_run():
    """language.md §1: at most one syntax error for each statement, none caused by another."""
    text = """\
scenario a
  on order created
  if x { send y
scenario b
  wait 5min wait 5min
segment vip where customer.vip
policy cap
test "unclosed {
  expect nothing
}
define list "cart"
"""
    parsed = read(text)
    assert [type(statement) for statement in parsed.file.statements] == [n.Segment, n.Define]
    assert [parsed.source.position(finding.span.start).line for finding in parsed.diagnostics] == [3, 5, 7, 8]
    assert [(unread.word, unread.name) for unread in parsed.unread] == [("scenario", "a"), ("scenario", "b"), ("policy", ""), ("test", "")]


@pytest.mark.parametrize(
    "word", ["scenario y", "on order created", "every day at 10:00", "segment y where a", "policy cap 1 sms within 1d", "test y { }"]
)
def test_a_starting_word_in_column_0_starts_a_statement_even_inside_an_open_brace(word):
    parsed = read(f"scenario x\n  on order created\n  if a {{ wait 1d\n{word}\n")
    assert [finding.message for finding in parsed.diagnostics] == ["`{` is not closed"]
    assert len(parsed.file.statements) == 1
    assert parsed.unread == (Unread("scenario", "x", Span(0, 46)),)


def test_and_inside_an_open_string():
    assert messages('scenario x "open\ndefine list "cart"\n') == ["this text is not closed on its line"]


def test_other_words_in_column_0_are_to_be_indented():
    text = "on order created\nwait 7d\n# fine here\nsend letter\n"
    parsed = read(text)
    (finding,) = parsed.diagnostics
    assert (finding.message, text[finding.span.start : finding.span.end]) == ("indent these lines", "wait")
    assert repaired(text) == "on order created\n  wait 7d\n# fine here\n  send letter\n"
    assert messages(repaired(text)) == []
    # The statement is understood all the same: further checks may look at it.
    assert len(parsed.file.statements) == 1


def test_one_unindented_line():
    text = 'define list "cart",\n"wishlist"\n'
    assert messages(text) == ["indent this line"]
    assert repaired(text) == 'define list "cart",\n  "wishlist"\n'


def test_the_first_mistake_of_a_statement_counts():
    assert messages("on order created\nwait 7\n") == ["indent this line"]
    assert messages("on order created wait 7\nsend x\n") == ["`7` needs a unit"]


def test_closing_brace_and_comments_stand_in_column_0():
    assert messages("scenario x\n  on order created\n  if a {\n# why\n    send b\n}\n") == []
    assert messages("test x {\n}\n") == []


@pytest.mark.parametrize("text", ["send x\n", "}\n", '"x"\n', "  wait 7d\n", "foo\n", "# c\n\n  {\n"])
def test_lines_before_the_first_statement(text):
    parsed = read(text)
    assert len(parsed.diagnostics) == 1
    assert parsed.file.statements == ()


def test_an_indented_first_statement():
    text = "# top\n  on order created\n  send x\n"
    assert messages(text) == ["`on` starts a statement and stands at the beginning of its line"]
    assert messages(repaired(text)) == []


def test_a_misspelt_first_word():
    text = "define list cart\nscenaro x\n  on order created\nsegmnt y where a\n"
    assert messages(text) == ["no statement starts with `scenaro`", "no statement starts with `segmnt`"]
    assert messages(repaired(text)) == []


# ------------------------------------------------------------------------------------------------------------------ bare


def test_a_scenario_without_a_name_is_named_after_its_file():
    (scenario,) = read("# c\non order created send x", "scenarios/после доставки.scn").file.statements
    assert isinstance(scenario, n.Scenario)
    assert (scenario.name.text, scenario.bare, scenario.name.span) == ("после доставки", True, Span(4, 6))


def test_a_file_holds_one_of_them():
    text = "on order created\n  send x\nscenario y on order created\nevery day at 10:00\n  send y\n"
    parsed = read(text)
    assert [finding.message for finding in parsed.diagnostics] == ["a file holds one scenario without a name, this is the second"]
    assert [statement.name.text for statement in parsed.file.statements] == ["review", "y"]


def test_a_trigger_forgotten_to_be_indented_below_its_scenario():
    text = "scenario x\non order created\n  send y\n"
    parsed = read(text)
    assert [finding.message for finding in parsed.diagnostics] == [
        "indent this line: in the first column `on` starts a scenario of its own"
    ]
    # Neither half is a scenario, so that no check asks where the trigger is.
    assert parsed.file.statements == ()
    assert messages(repaired(text)) == []


# -------------------------------------------------------------------------------------------------- line ends, comments


def test_crlf_and_byte_order_mark_are_read_as_if_they_were_not_there():
    plain = "on order created\n  # c\n  wait 7\n  send x\n"
    windows = "\ufeff" + plain.replace("\n", "\r\n")
    one, other = read(plain), read(windows)
    assert (other.file, other.diagnostics) == (one.file, one.diagnostics)
    assert other.source.text == plain
    assert other.source.position(other.diagnostics[0].span.start).column == 8


def test_a_byte_order_mark_leaves_the_first_word_in_column_0():
    assert read("\ufeffon order created").diagnostics == ()


def test_comments_are_kept_with_their_places():
    text = '# one \non order created # two\n  send "# no" # "three"\n\n   # four'
    parsed = read(text)
    assert [(comment.text, comment.own_line) for comment in parsed.file.comments] == [
        ("# one", True),
        ("# two", False),
        ('# "three"', False),
        ("# four", True),
    ]
    for comment in parsed.file.comments:
        assert text[comment.span.start : comment.span.end] == comment.text


def test_a_file_keeps_its_path_and_order():
    parsed = read("define list b\ndefine list a\n", "x/y.scn")
    assert parsed.file.path == "x/y.scn"
    assert [statement.names[0].text for statement in parsed.file.statements] == ["b", "a"]


def test_nesting_beyond_reason_is_a_finding_and_no_crash():
    for deep in ("(" * 5000 + "a" + ")" * 5000, "not " * 5000 + "a", " - ".join(["a"] * 5000)):
        assert messages(f"segment x where {deep}") == ["more than 100 levels inside each other"]
    blocks = "if a { " * 3000 + "} " * 3000
    assert messages(f"scenario x on order created {blocks}") == ["more than 100 levels inside each other"]
