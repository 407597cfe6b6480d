"""What fuzzing found, each as the smallest input that went wrong, and what it is answered with now."""

from __future__ import annotations

import json
import os

import pytest

from dsl import report
from dsl.checker import check
from dsl.formatter import format_text
from dsl.project import Surroundings
from dsl.project import load
from dsl.report import excerpt
from dsl.report.display import cells
from dsl.report.fingerprint import fingerprints
from dsl.source import Source
from dsl.source import Span
from interpreter.delivery.unsubscribe import Unsubscribe
from interpreter.facts import ENVELOPE
from interpreter.facts import Fact
from interpreter.facts import Rejection
from interpreter.facts import read
from interpreter.operations import PAYLOADS
from tests.fuzz import properties
from tests.fuzz.inputs import sample_facts

FACT = '{"op": "customer.edit", "customer": "ann", "at": "2026-03-01T10:00"}\n'


@pytest.fixture
def project(folder):
    return folder({"scn.toml": '[project]\ntimezone = "UTC"\n'})


def refused(raw: str | bytes) -> str:
    found = read(raw, zone="UTC", received=0, batch="b", actor="import")
    assert isinstance(found, Rejection)
    return str(found)


# -------------------------------------------------------------------------------------------------------------- facts


@pytest.mark.parametrize("digits", [309, 400, 4300, 5000])
def test_a_number_of_hundreds_of_digits_is_a_bad_line_and_the_others_are_kept(project, scn, digits):
    line = FACT.replace("}", f', "size": {"9" * digits}}}')
    answer = scn("ingest", "-", stdin=FACT + line + FACT.replace("ann", "bob"))
    assert (answer.code, answer.out) == (1, "2 facts accepted, 1 rejected\n")
    assert "below 10 to the power of 15" in answer.err


def test_a_moment_that_is_none_is_quoted_as_it_stands_in_the_json_and_cut():
    assert refused(FACT.replace("2026-03-01T10:00", "\\u001b[2J")).endswith('found "\\u001b[2J"')
    assert len(refused(FACT.replace("2026-03-01T10:00", "9" * 60_000))) < 200


def test_a_strange_name_of_a_field_is_told_as_it_stands_in_the_json_and_cut():
    assert refused('{"op": "customer.edit", "customer": "ann", "a\\u001b\\nb": 1e300}').startswith('"a\\u001b\\nb": expected a number')
    assert len(refused('{"op": "customer.edit", "customer": "ann", "' + "x" * 100_000 + '": 1e300}')) < 200


# ------------------------------------------------------------------------------------------------------------- config


@pytest.mark.parametrize(
    "text",
    [
        f"[project]\nport = {'9' * 5000}\n",
        f"[project]\nonly_to = {'[' * 5000}{']' * 5000}\n",
        f"[project]\nvalid = '{'9' * 5000}d'\n",
        "[project]\nvalid = '101y'\n",
        f"[channels.email]\nkind = 'smtp'\nhost = 'a'\ntimeout = {'9' * 400}\n",
        f"[channels.email]\nrate = '{'9' * 400}/s'\n",
    ],
    ids=["number", "depth", "duration", "century", "timeout", "rate"],
)
def test_a_setting_beyond_all_measure_is_a_mistake_with_its_place(folder, scn, text):
    folder({"scn.toml": text})
    answer = scn("validate")
    assert answer.code == 1
    assert "scn.toml:" in answer.out
    assert "error[config]: " in answer.out
    assert "set_int_max_str_digits" not in answer.out


@pytest.mark.parametrize("text", [f"subject = {'9' * 5000}", f"subject = {'[' * 5000}"], ids=["number", "depth"])
def test_a_meta_file_beyond_all_measure_is_a_finding(folder, scn, text):
    folder(
        {
            "scn.toml": "",
            "a.scn": "on customer created\n  send hi by email\n",
            "templates/hi/email.txt": "x",
            "templates/hi/meta.toml": text,
        }
    )
    answer = scn("validate")
    assert answer.code == 1
    assert "templates/hi/meta.toml: this cannot be read as TOML" in answer.out


# ------------------------------------------------------------------------------------------------------------- output


def test_half_a_character_in_a_text_or_a_name_breaks_no_report():
    """A file never holds one: reading replaces it. An editor may hand one over."""
    source = Source("a\udcff.scn", "\ud800 x\n")
    findings = check(load([source], Surroundings()))
    assert findings
    for form in report.FORMATS:
        text = report.render(form, findings, paths=[source.path])
        if form in {"json", "sarif", "gitlab"}:
            text.encode()
            json.loads(text)


def test_a_file_whose_name_is_no_utf_8_is_told_about_in_json(project, scn):
    name = os.fsdecode(b"facts\xff.jsonl")
    (project / name).write_text("rubbish\n")
    answer = scn("ingest", "--report", "json", name)
    assert answer.code == 1
    assert json.loads(answer.out)["rejected"][0]["file"] == name


def test_what_a_sentence_quotes_cannot_steer_the_terminal_or_add_a_line(project, scn):
    assert scn("doctor", "\x1b[2J\u202e\r").err.startswith("scn: got unexpected extra argument (␛[2J�␍)\n")
    answer = scn("ingest", "-", stdin='{"op": "customer.edit", "customer": "ann", "a\\n\\u001b[2J": 1e300}\n')
    assert len(answer.err.splitlines()) == 1
    assert "\x1b" not in answer.err


# ------------------------------------------------------------------------------------------------------------- length


def test_each_finding_of_an_endless_line_looks_only_at_what_it_shows(monkeypatch):
    """Twenty thousand characters with two thousand findings took twenty seconds, four times as many sixteen times as long."""
    looked_at: list[int] = []
    monkeypatch.setattr(excerpt, "cells", lambda text: looked_at.append(len(text)) or cells(text))  # type: ignore[func-returns-value]
    source = Source("a.scn", "on order created\n  if " + "a = 1 and " * 300 + "a = 1\n  send x\n")
    findings = check(load([source], Surroundings()))
    assert len(findings) > 300
    assert report.render("text", findings)
    assert max(looked_at) <= 2000


def test_the_carets_of_an_endless_line_stand_under_their_word():
    source = Source("a.scn", "x" * 50_000 + "here" + "x" * 50_000)
    [row] = excerpt.rows(source, Span(50_000, 50_004))
    assert row.text[row.carets.index("^") : len(row.carets)] == "here"
    assert (row.text[0], row.text[-1]) == ("…", "…")
    [row] = excerpt.rows(source, Span(100_003, 100_004))
    assert len(row.carets) == len(row.text)
    assert (row.text[0], row.text[-1]) == ("…", "x")


def test_fingerprints_look_at_each_line_once(monkeypatch):
    asked: list[int] = []
    line = Source.line
    monkeypatch.setattr(Source, "line", lambda self, number: asked.append(number) or line(self, number))  # type: ignore[func-returns-value]
    source = Source("a.scn", "on order created\n" + "  if a = 1 { send x }\n" * 200)
    findings = check(load([source], Surroundings()))
    assert len(findings) > 100
    asked.clear()
    assert len(set(fingerprints(findings))) == len(findings)
    assert len(asked) < 3 * source.line_count


@pytest.mark.parametrize("text", ["(" * 9000, "not " * 3000, "a = 1 and " * 1000, "1 + " * 3000, "{" * 9000, '"' * 9000, "\\" * 9000])
def test_a_condition_without_end_is_a_finding(text):
    source = Source("a.scn", f"on order created\n  if {text}\n  send x\n")
    assert check(load([source], Surroundings()))
    assert not format_text(source).failure


def test_a_bad_line_of_ten_megabytes_is_told_and_the_good_ones_are_kept(project, scn):
    answer = scn("ingest", "-", stdin=FACT + '{"op": "' + "x" * 10_000_000 + '"}\n' + FACT.replace("ann", "bob"))
    assert (answer.code, answer.out) == (1, "2 facts accepted, 1 rejected\n")
    assert answer.err.startswith("<stdin>:2: expected a line of at most 1,000,000 bytes, found a longer one\n")


def test_half_a_character_is_no_link():
    assert Unsubscribe("secret", "https://shop.example").read("\ud800") is None


@pytest.mark.parametrize("value", [None, [], [None], [{"id": None}], {"id": []}, 1, -0.5, "x", ["x", ["y"]], True])
def test_a_field_of_another_operation_is_one_of_the_shop_s_own_whatever_it_holds(value):
    names = {name for payload in PAYLOADS.values() for name in payload.__struct_encode_fields__}.difference(ENVELOPE)
    lines = []
    for fact in {fact["op"]: fact for fact in map(json.loads, sample_facts())}.values():
        own = dict(fact)
        for name in sorted(names.difference(PAYLOADS[fact["op"]].__struct_encode_fields__)):
            more = own | {name: value}
            if isinstance(properties._reader(json.dumps(more)), Fact):
                own |= more
        lines.append(json.dumps(own))
    properties.families(lines)
