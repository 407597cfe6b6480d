"""Every format from the same findings; the golden files are read as a user interface is."""

from __future__ import annotations

import json
from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest

from dsl import report
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Fix
from dsl.diagnostic import Label
from dsl.diagnostic import error
from dsl.diagnostic import warning
from dsl.report import github
from dsl.source import Source
from dsl.source import Span

REVIEWS = Source(
    "scenarios/reviews.scn",
    'on order.status -> "Отправлен"\n\twiat 7d quiet 22:00-09:00\n  if subscribed email\n  send review_request limit 1 per customer\n',
)
CARTS = Source(
    "scenarios/брошенные корзины.scn",
    'scenario reviews\n  on list "中文🎉" changed\n  if order.total > 1 and (\n    order.total < 2\n    or x\n    or y\n  )\n',
)


def at(source: Source, words: str, end: str | None = None) -> Span:
    start = source.text.index(words)
    return Span(start, source.text.index(end, start) + len(end) if end else start + len(words))


FINDINGS = [
    error(
        "syntax",
        REVIEWS,
        at(REVIEWS, "wiat"),
        "unknown word `wiat`",
        caret="did you mean `wait`?",
        fix=Fix("write `wait`", at(REVIEWS, "wiat"), "wait"),
    ),
    warning(
        "send-without-limit",
        REVIEWS,
        at(REVIEWS, "send review_request"),
        "one customer may get `review_request` again, 100% of them",
        "add `limit 1 per customer`, or: say how often",
    ),
    error(
        "duplicate-name",
        CARTS,
        at(CARTS, "reviews"),
        "the scenario `reviews` is defined twice",
        "give one of them another name",
        labels=(Label(REVIEWS, at(REVIEWS, "on order"), "first defined here"),),
    ),
    error(
        "unknown-list",
        CARTS,
        at(CARTS, '"中文🎉"'),
        "there is no list `中文🎉`",
        fix=Fix("write `cart`", at(CARTS, '"中文🎉"'), '"cart"', safe=False),
        labels=(Label(CARTS, at(CARTS, "changed"), "used by this trigger"),),
    ),
    warning("gate-always-false", CARTS, at(CARTS, "order.total > 1", ")"), "this is never true"),
]
PATHS = [REVIEWS.path, CARTS.path, "scenarios/clean.scn"]


@pytest.mark.parametrize("form", report.FORMATS)
def test_looks_as_agreed(form: str, golden: Callable[[str, str], None]) -> None:
    golden(f"report/{form}.txt", report.render(form, FINDINGS, paths=PATHS, version="0.1.0"))


def test_colour_changes_nothing_but_colour(golden: Callable[[str, str], None]) -> None:
    import re

    coloured = report.render("text", FINDINGS, colour=True)
    golden("report/colour.txt", coloured)
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == report.render("text", FINDINGS)


def test_github_summary(golden: Callable[[str, str], None]) -> None:
    golden("report/github_summary.md", github.summary(FINDINGS))


@pytest.mark.parametrize("form", report.FORMATS)
def test_no_findings(form: str) -> None:
    text = report.render(form, [], paths=PATHS)
    if form in {"json", "sarif", "gitlab"}:
        found = json.loads(text)
        assert {"json": lambda: found["diagnostics"], "sarif": lambda: found["runs"][0]["results"], "gitlab": lambda: found}[form]() == []
    elif form == "junit":
        assert ET.fromstring(text).attrib["tests"] == "3"
    else:
        assert text == ""


def one(text: str, span: Span, hint: str = "") -> Diagnostic:
    return error("syntax", Source("a.scn", text), span, "wrong", hint)


def carets(text: str, span: Span) -> list[str]:
    return report.render("text", [one(text, span)]).splitlines()[1:-2]


def test_empty_file_gets_a_caret() -> None:
    assert carets("", Span(0, 0)) == [" 1 |", "   | ^"]


def test_end_of_file_gets_a_caret_behind_the_last_word() -> None:
    assert carets("on order", Span(8, 8)) == [" 1 | on order", "   |         ^"]


def test_span_past_the_end_is_the_end() -> None:
    assert carets("on", Span(50, 60)) == [" 1 | on", "   |   ^"]


def test_tabs_wide_and_joined_characters_keep_carets_under_their_word() -> None:
    assert carets("\tx", Span(1, 2)) == [" 1 |     x", "   |     ^"]
    assert carets("ab\tx", Span(3, 4)) == [" 1 | ab  x", "   |     ^"]
    assert carets("中文 x", Span(3, 4)) == [" 1 | 中文 x", "   |      ^"]
    assert carets("中文 x", Span(0, 2)) == [" 1 | 中文 x", "   | ^^^^"]
    assert carets("👩\u200d💻 x", Span(4, 5)) == [" 1 | 👩\u200d💻 x", "   |    ^"]
    assert carets("e\u0301 x", Span(3, 4)) == [" 1 | e\u0301 x", "   |   ^"]


def test_span_over_lines_shows_each_up_to_three_then_the_ends() -> None:
    assert carets("aa\n  bb\ncc dd\n", Span(1, 10)) == [" 1 | aa", "   |  ^", " 2 |   bb", "   |   ^^", " 3 | cc dd", "   | ^^"]
    assert carets("aa\nbb\ncc\ndd\n", Span(0, 11)) == [" 1 | aa", "   | ^^", "   ⋮", " 4 | dd", "   | ^^"]


def test_span_that_ends_with_a_line_break_stays_on_its_line() -> None:
    assert carets("aa\nbb\n", Span(0, 3)) == [" 1 | aa", "   | ^^"]


def test_long_line_is_cut_around_the_carets() -> None:
    line, marks = carets("a" * 5000 + "X" + "b" * 5000, Span(5000, 5001))
    assert len(line) < 220
    assert line[marks.index("^")] == "X"


def test_nothing_in_a_text_can_move_the_cursor_or_turn_the_line() -> None:
    text = 'send "\x1b[2J\u202eevil\x07"'
    for form in ("text", "concise"):
        shown = report.render(form, [one(text, Span(0, 4), hint=f"write `{text}`\nnow")])
        assert not set(shown) & set("\x1b\x07\u202e")
    assert "\n" not in report.render("concise", [one(text, Span(0, 4), hint="a\nb")])[:-1]


def test_github_escapes_and_keeps_to_ten() -> None:
    warnings = [warning("w", REVIEWS, Span(0, 2), "50% a\nb")]
    lines = report.render("github", warnings * 8 + [one("x", Span(0, 1))] * 8).splitlines()
    assert [line.split(" ")[0] for line in lines[:10]] == ["::error"] * 8 + ["::warning"] * 2
    assert lines[8].endswith("::50%25 a%0Ab")
    assert len(lines) == 11
    assert not lines[10].startswith("::")


def test_github_gives_columns_only_on_one_line() -> None:
    many, single = report.render("github", [one("a\nb\n", Span(0, 3)), one("ab", Span(0, 2))]).splitlines()
    assert "line=1,endLine=2,title" in many
    assert "line=1,endLine=1,col=1,endColumn=3" in single


@pytest.mark.parametrize("form", ["gitlab", "sarif"])
def test_fingerprints_survive_lines_above_and_differ_within_a_file(form: str) -> None:
    def prints(text: str) -> list[str]:
        places = [Span(place, place + 4) for place in range(len(text)) if text.startswith("send", place)]
        found = json.loads(report.render(form, [one(text, span) for span in places]))
        if form == "gitlab":
            return [issue["fingerprint"] for issue in found]
        return [result["partialFingerprints"]["scn/v1"] for result in found["runs"][0]["results"]]

    text = "scenario a\n  send x\n  send x\nscenario b\n  send x\n"
    before = prints(text)
    assert len(set(before)) == 3
    assert prints(f"# a comment\n\n{text.replace('  send', '      send')}") == before


def test_sarif_has_what_the_standard_requires() -> None:
    document = json.loads(report.render("sarif", FINDINGS, version="0.1.0"))
    assert document["version"] == "2.1.0"
    (run,) = document["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert run["columnKind"] == "unicodeCodePoints"
    assert len(rules) == len(set(rules))
    for result, finding in zip(run["results"], FINDINGS, strict=True):
        assert rules[result["ruleIndex"]] == result["ruleId"] == finding.check
        assert result["message"]["text"]
        assert result["level"] in {"error", "warning"}
        (location,) = result["locations"]
        region = location["physicalLocation"]["region"]
        assert min(region.values()) >= 0
        assert min(region[name] for name in ("startLine", "startColumn", "endLine", "endColumn")) >= 1
        assert (region["endLine"], region["endColumn"]) >= (region["startLine"], region["startColumn"])
        assert " " not in location["physicalLocation"]["artifactLocation"]["uri"]
        for fix in result.get("fixes", []):
            for change in fix["artifactChanges"]:
                assert change["artifactLocation"]["uri"]
                assert all("deletedRegion" in replacement for replacement in change["replacements"])


def test_json_places_are_code_points() -> None:
    source = Source("a.scn", "中🎉\n🎉 wiat\n")
    (found,) = json.loads(report.render("json", [error("syntax", source, at(source, "wiat"), "m")]))["diagnostics"]
    assert found["start"] == {"line": 2, "column": 3, "offset": 5}
    assert found["end"] == {"line": 2, "column": 7, "offset": 9}


def test_junit_fails_errors_and_lets_warnings_pass() -> None:
    root = ET.fromstring(report.render("junit", FINDINGS, paths=PATHS))
    assert root.attrib["failures"] == "3"
    assert len(root.findall(".//failure")) == 3
    assert {suite.attrib["name"] for suite in root} == set(PATHS)
    assert ET.fromstring(report.render("junit", [one("\x00\x1b", Span(0, 1), hint="\x00 & <")])) is not None


def test_unknown_format_is_a_programming_mistake() -> None:
    with pytest.raises(ValueError, match="yaml"):
        report.render("yaml", [])
