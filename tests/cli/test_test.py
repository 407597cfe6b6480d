from __future__ import annotations

import json
from xml.etree.ElementTree import parse

import pytest

from tests.interpreter.timelines import LETTER
from tests.interpreter.timelines import REVIEW
from tests.interpreter.timelines import TOML

GOOD = """\
test "a letter in the morning" {
  customer ann { email: "ann@example.com", subscribed: [email] }
  2026-03-01 23:30  order 17 of ann { status: "shipped" }
  2026-03-09 09:00  expect send letter to ann by email
}
"""
BAD = GOOD.replace("a letter in the morning", "a letter at night").replace("09 09:00", "08 23:30")


@pytest.fixture
def shop(folder):
    def write(**files):
        return folder({"scn.toml": TOML, "scenarios/review.scn": REVIEW + GOOD, **LETTER, **files})

    return write


def test_all_pass(shop, scn):
    shop()
    answer = scn("test")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out == "ok      scenarios/review.scn:9  a letter in the morning\n\n1 test passed\n"


def test_one_fails(shop, scn):
    shop(**{"scenarios/more.scn": BAD})
    answer = scn("test")
    assert answer.code == 1
    assert answer.out.startswith("FAILED  scenarios/more.scn:1  a letter at night\n")
    assert "scenarios/more.scn:4: expected send letter to ann by email at 2026-03-08 23:30, found it at\n" in answer.out
    assert answer.out.endswith("2 tests: 1 passed, 1 failed\n")


def test_only_some_files_or_titles(shop, scn):
    shop(**{"scenarios/more.scn": BAD})
    assert scn("test", "scenarios/review.scn").out.endswith("1 test passed\n")
    assert scn("test", "--run", "MORNING").out.endswith("1 test passed\n")
    assert scn("test", "--run", "a*night").out.endswith("1 test: 1 failed\n")
    assert scn("test", "--run", "more.scn").out.endswith("1 test: 1 failed\n")
    nothing = scn("test", "--run", "noon")
    assert (nothing.code, nothing.out) == (2, "")
    assert nothing.err == "scn: no test matches `noon`\n  `--run` looks at titles and file names\n"


def test_no_tests_is_fine(shop, scn):
    shop(**{"scenarios/review.scn": REVIEW})
    assert (scn("test").code, scn("test").out) == (0, "no tests\n")


def test_scenarios_with_errors_cannot_be_tested(shop, scn):
    shop(**{"scenarios/more.scn": "scenario broken\n  on order.status -> \n"})
    answer = scn("test")
    assert (answer.code, answer.out) == (2, "")
    assert "scenarios/more.scn:" in answer.err
    assert "error[syntax]" in answer.err
    assert answer.err.endswith("scn: the scenarios have errors, so no test was run\n")


def test_json(shop, scn):
    shop(**{"scenarios/more.scn": BAD})
    answer = scn("test", "--format", "json", "--coverage")
    found = json.loads(answer.out)
    assert (answer.code, found["version"], found["summary"]) == (1, 1, {"passed": 1, "failed": 1})
    bad, good = found["tests"]
    assert (good["path"], good["line"], good["title"], good["passed"], good["failures"]) == (
        "scenarios/review.scn", 9, "a letter in the morning", True, []
    )  # fmt: skip
    assert bad["failures"][0]["line"] == 4
    assert bad["failures"][0]["message"] == "expected send letter to ann by email at 2026-03-08 23:30, found it at 2026-03-09 09:00"
    assert found["coverage"]["review"][0] == {"place": "scenarios/review.scn:5:3", "what": "`if order is not cancelled` was never false"}


def test_junit(shop, scn):
    shop(**{"scenarios/more.scn": BAD})
    assert scn("test", "--junit", "out.xml").code == 1
    root = parse("out.xml").getroot()
    assert (root.get("tests"), root.get("failures")) == ("2", "1")
    cases = {case.get("name"): case for case in root.iter("testcase")}
    assert (cases["a letter at night"].get("file"), cases["a letter at night"].get("line")) == ("scenarios/more.scn", "1")
    failure = cases["a letter at night"].find("failure")
    assert failure is not None
    assert "▶ 2026-03-08 23:30" in (failure.text or "")
    assert cases["a letter in the morning"].find("failure") is None


def test_coverage(shop, scn):
    shop()
    assert scn("test", "--coverage").out.endswith(
        """
review: 3 never taken
  scenarios/review.scn:5:3  `if order is not cancelled` was never false
  scenarios/review.scn:6:3  `if subscribed email` was never false
  scenarios/review.scn:8:3  `limit 1 per customer within 90d` was never full
"""
    )


def test_a_letter_that_is_not_written_yet_is_said(shop, scn):
    shop(**{"scenarios/review.scn": (REVIEW + GOOD).replace("letter", "unwritten")})
    answer = scn("test")
    assert (answer.code, answer.err) == (0, "note: there is no template `unwritten`: it went out empty\n")


def test_misspelt_names_in_facts_are_asked_about(shop, scn):
    """As `scn ingest` does; a field that the shop defines is meant."""
    wrong = GOOD.replace("email:", "emial:").replace('{ status: "shipped" }', '{ status: "shipped", totl: 3 }')
    shop(**{"scenarios/more.scn": wrong + 'test "no address" {\n  customer ann { email: "ann" }\n  2026-03-01  expect nothing\n}\n'})
    answer = scn("test")
    assert answer.code == 1
    kept = "it is kept, but nothing is written to it and nobody is known by it"
    assert answer.err.splitlines() == [
        "note: scenarios/more.scn:2: `emial`: kept as a field of your own; did you mean `email`?",
        "note: scenarios/more.scn:3: `order.totl`: kept as a field of your own; did you mean `total`?",
        f'note: scenarios/more.scn:7: `email`: "ann" is no e-mail address; {kept}',
    ]
    shop(**{"scenarios/more.scn": wrong, "scenarios/own.scn": "define field customer.emial text\ndefine field order.totl number\n"})
    assert scn("test").err == ""


def test_without_a_project_file_times_are_utc(folder, scn):
    folder({"review.scn": REVIEW + GOOD.replace("letter to", "letter to")})
    answer = scn("test", "review.scn")
    assert answer.code == 0, answer.out
    assert "times are read in UTC" in answer.err


def test_the_database_is_not_touched(shop, scn):
    root = shop()
    scn("test")
    assert not [path.name for path in root.iterdir() if path.name.startswith("scn.db") or path.name == "outbox"]


def test_colours_only_where_they_are_wanted(shop, scn, monkeypatch):
    shop()
    monkeypatch.setattr("interpreter.commands.choices.colour", lambda: True)
    assert scn("test").out.startswith("\x1b[32mok\x1b[0m")
