"""What a customer, a shop's system or a file writes stays text: it never becomes a header, a template, SQL, a path or a formula."""

from __future__ import annotations

import csv
import email
import email.policy
import io
import json
import re
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest

from interpreter.commands import listing
from interpreter.delivery.unsubscribe import Unsubscribe

AT = "2026-03-01T10:00:00+03:00"
FILES = {
    "scn.toml": '[project]\ntimezone = "Europe/Moscow"\n[channels.email]\nkind = "file"\nfrom = "Shop <hello@shop.example>"\n',
    "paid.scn": 'on order.status -> "paid"\n  send note by email\n  limit 9 per customer\n',
    "templates/note/email.html": '<p title="{{ customer.first_name }}">{{ customer.first_name }}</p><a href="{{ unsubscribe_url }}">x</a>',
    "templates/note/email.txt": "Hello {{ customer.first_name }}\n{{ unsubscribe_url }}\n",
    "templates/note/meta.toml": 'subject = "{{ customer.first_name }}, thanks"\n',
}
HOSTILE = [
    "Ann\r\nBcc: evil@example.com",
    "Ann\nBcc: evil@example.com\n\nbody",
    "Ann\r\n\r\n<script>alert(1)</script>",
    "=?utf-8?q?Ann=0D=0ABcc:_evil@example.com?=",
    "Ann\u2028Bcc: evil@example.com",
    "Ann\x85Bcc: evil@example.com",
    "Анна\r\n Bcc: evil@example.com",
    '"><img src=x onerror=alert(1)>',
    "{{ 7*7 }}{% for a in range(9) %}a{% endfor %}{# x #}",
    "${7*7} #{7*7} <%= 7*7 %>",
    "'; DROP TABLE customer; --",
    "\x1b]0;owned\x07\x1b[2J\x9b31m\u202egnp.exe",
]


@pytest.fixture
def shop(folder: Callable[..., Path], scn) -> Callable[..., Path]:
    """A shop in which each of these customers has paid, and was written to."""

    def made(*customers: dict[str, object], files: dict[str, str] | None = None, order: str = "") -> Path:
        facts = []
        for number, fields in enumerate(customers or ({},)):
            ann = {
                "op": "customer.register",
                "customer": "ann",
                "email": f"{number}@example.com",
                "subscribed": ["email"],
                "at": AT,
                **fields,
            }
            paid = {"op": "order.update", "customer": ann["customer"], "order": {"id": order or f"o{number}", "status": "paid"}, "at": AT}
            facts += [json.dumps(ann), json.dumps(paid)]
        root = folder({**FILES, **(files or {}), "facts.jsonl": "\n".join(facts)})
        assert scn("ingest", "--received", "each", "facts.jsonl").code == 0
        scn("run", "--tick", "--now", AT)
        return root

    return made


def named(*names: str) -> list[dict[str, object]]:
    """Customers of these first names."""
    return [{"customer": f"c{number}", "first_name": name} for number, name in enumerate(names)]


def letters(root: Path) -> list[EmailMessage]:
    found = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in sorted(root.glob("outbox/*.eml"))]
    return [each for each in found if isinstance(each, EmailMessage)]


# ------------------------------------------------------------------------------------------------------------ letters


def test_a_name_adds_no_header_no_recipient_and_no_part(shop):
    found = letters(shop(*named(*HOSTILE)))
    assert sorted(letter["To"] for letter in found) == sorted(f"{number}@example.com" for number in range(len(HOSTILE)))
    for letter in found:
        assert sorted(letter.keys()) == ["Content-Type", "Date", "From", "List-Unsubscribe", "MIME-Version", "Message-ID", "Subject", "To"]
        assert [part.get_content_type() for part in letter.walk()] == ["multipart/alternative", "text/plain", "text/html"]
        assert "\n" not in letter["Subject"]
        assert letter["Subject"].endswith(", thanks")


def test_an_expression_in_a_name_is_text_in_every_part(shop):
    names = ["{{ 7*7 }}", "{% raw %}", "{{ customer.email }}"]
    for letter in letters(shop(*named(*names))):
        name = names[int(letter["To"][0])]
        assert letter["Subject"] == f"{name}, thanks"
        for part in ("plain", "html"):
            body = letter.get_body((part,))
            assert body is not None
            assert name in body.get_content()


def test_html_in_a_name_is_escaped_in_html_and_plain_in_text(shop):
    [letter] = letters(shop({"first_name": '"><b>&'}))
    plain, html = (letter.get_body((part,)) for part in ("plain", "html"))
    assert plain is not None
    assert html is not None
    assert plain.get_content().startswith('Hello "><b>&\r\n')
    assert '<p title="&#34;&gt;&lt;b&gt;&amp;">&#34;&gt;&lt;b&gt;&amp;</p>' in html.get_content()


@pytest.mark.parametrize(
    "address", ["ann@example.com\r\nBcc: e@example.com", "ann@example.com\n", "a\x00@example.com", "a\x1b@example.com"]
)
def test_an_address_with_a_control_character_never_comes_in(folder, scn, address):
    folder({**FILES, "facts.jsonl": json.dumps({"op": "customer.register", "customer": "ann", "email": address.rstrip("\n") + "\n."})})
    answer = scn("ingest", "facts.jsonl")
    assert answer.code == 1
    assert "email: expected an address of visible characters in one line" in answer.err


def test_an_address_that_is_several_is_written_to_by_nobody(shop, scn):
    several = ["a@b.example, c@d.example", "a@b.example;c@d.example", "<a@b.example> c@d.example", '"a\\"@b.example']
    root = shop(*({"customer": f"c{number}", "email": address} for number, address in enumerate(several)))
    assert letters(root) == []
    assert {row["state"] for row in json.loads(scn("messages", "--format", "json").out)["messages"]} <= {"skipped", "failed"}


# --------------------------------------------------------------------------------------------------------------- sql

QUOTES = ["' OR 1=1 --", "'; DROP TABLE message; --", '" OR ""="', "%", "_", "\\", "ann' UNION SELECT 1 --", "ann\0"]


def test_quotes_in_a_filter_find_nothing_and_break_nothing(shop, scn):
    shop()
    for text in QUOTES:
        for command in ("messages", "journeys"):
            assert scn(command, "--scenario", text, "--format", "csv").out.count("\n") == 1
            assert scn(command, "--customer", text, "--format", "csv").code == 2
        assert (scn("trace", text).code, scn("forget", "--yes", text).code) == (2, 2)
        assert scn("trace", "ann", "--scenario", text, "--order", text).out == ""
    assert len(json.loads(scn("messages", "--format", "json").out)["messages"]) == 1


def test_a_customer_of_any_name_is_listed_traced_and_forgotten(shop, scn):
    names = ["o'brien", 'a"b', "'; DROP TABLE customer; --", "%", "{{ 7*7 }}", "../../x", "=1+1", "a`b"]
    shop(*({"customer": name} for name in names))
    for name in names:
        assert [row["customer"] for row in json.loads(scn("messages", "--customer", name, "--format", "json").out)["messages"]] == [name]
        assert "send note by email" in scn("trace", name).out
        assert scn("forget", "--yes", name).code == 0
        assert scn("trace", name).code == 2


# ------------------------------------------------------------------------------------------------------------- paths

ESCAPES = [
    "../../secret",
    "/etc/passwd",
    "..",
    ".",
    "a/../../b",
    "..\\\\..\\\\secret",
    "C:\\\\Windows",
    "CON",
    "note/email.txt",
    "~",
    "a\0b",
    "\u202etxt",
]


@pytest.mark.parametrize("name", ESCAPES)
def test_the_name_of_a_template_is_no_path(folder, scn, tmp_path, name):
    (tmp_path.parent / "secret").mkdir(exist_ok=True)
    (tmp_path.parent / "secret" / "email.txt").write_text("secret")
    folder({**FILES, "paid.scn": FILES["paid.scn"].replace("note", f'"{name}"')})
    answer = scn("validate", "--format", "json")
    assert answer.code == 1
    assert "unknown-template" in {finding["check"] for finding in json.loads(answer.out)["diagnostics"]}
    asked = name.replace("\\\\", "\\").replace("\0", "")
    answer = scn("preview", asked, "--customer", "ann")
    assert answer.code == 2
    assert "secret" not in answer.out


@pytest.mark.parametrize("name", [each for each in ESCAPES if "\0" not in each])
def test_the_name_of_a_scenario_or_an_order_is_no_path(shop, name):
    scenario = f'scenario "{name}"\n  on order.status -> "paid"\n  send note by email\n  limit 9 per customer\n'
    root = shop(files={"paid.scn": scenario}, order=name[:9] if name.isprintable() else "17")
    [path] = root.glob("outbox/*")
    assert re.fullmatch(r"[A-Za-z0-9_-]+\.eml", path.name)
    others = {path.name for path in root.iterdir() if not path.name.startswith("scn.db")}
    assert others == {"outbox", "templates", "scn.toml", "paid.scn", "facts.jsonl"}


# ------------------------------------------------------------------------------------------------------- spreadsheets


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", "\n=", " =", "＝", "＋", "－", "＠"])
def test_no_cell_of_a_csv_is_a_formula(start):
    cell = str(listing.harmless(f'{start}HYPERLINK("https://evil.example")'))
    assert cell.startswith("'")


@pytest.mark.parametrize("value", ["ann", "17", "1-1", "a=b", "", "ann@example.com", None, 17])
def test_an_ordinary_cell_stays_as_it_is(value):
    assert listing.harmless(value) == value


def test_messages_and_journeys_as_csv_hold_no_formula_and_no_control_character(shop, scn):
    shop({"customer": "=cmd|' /C calc'!A0", "first_name": "@SUM(1)\x1b[2J\r"}, order="+1")
    for name in ("messages", "journeys"):
        out = scn(name, "--format", "csv").out
        [row] = csv.DictReader(io.StringIO(out))
        assert row["customer"] == "'=cmd|' /C calc'!A0"
        assert row["order"] == "'+1"
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", out)
    [row] = csv.DictReader(io.StringIO(scn("messages", "--format", "csv").out))
    assert row["subject"].startswith("'@SUM(1)")


# ---------------------------------------------------------------------------------------------------------- terminals

STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]")
OWNED = "a\x1b]0;owned\x07\x1b[2J\x9b31m\u202egnp\r"


def test_nothing_that_a_customer_wrote_steers_a_terminal(shop, scn):
    """A value that the trigger saw, a template that failed for it, a name in a subject: all come back on the screen of support."""
    gate = 'if customer.first_name = "x" or customer.first_name != "y"'
    scenario = FILES["paid.scn"].replace("send", f"{gate}\n  send")
    subject = 'subject = "{{ customer.first_name | date }}"\n'
    shop({"first_name": OWNED}, files={"paid.scn": scenario, "templates/note/meta.toml": subject})
    for line in ("messages", "journeys", "trace ann", "messages --format json", "preview note --customer ann", "doctor", "validate"):
        answer = scn(*line.split())
        assert not STEERING.search(answer.out + answer.err), line
    assert "template" in scn("journeys").out


def test_what_a_tick_notes_is_one_line_whatever_a_name_holds(shop, scn):
    """Cron mails it and a log keeps it: a line in it that scn did not write would be a lie."""
    files = {"templates/note/meta.toml": 'subject = "{{ customer.first_name | date }}"\n'}
    root = shop({"first_name": "Ann\nscn: all is well\r\x1b[1A"}, files=files)
    (root / "scn.db").unlink()
    assert scn("ingest", "--received", "each", "facts.jsonl").code == 0
    answer = scn("run", "--tick", "--now", AT)
    assert answer.code == 1
    assert "expected a date, found" in answer.err
    assert "\nscn: all is well" not in answer.err
    assert not STEERING.search(answer.err)


def test_nothing_in_a_file_steers_a_terminal(folder, scn):
    folder({**FILES, "a.scn": f'on order.status -> "{OWNED}"\n  send "{OWNED}" by email # {OWNED}\n', "b\x1b[2J.scn": "on\n"})
    for form in ("text", "concise", "github"):
        answer = scn("validate", "--format", form)
        assert answer.code == 1
        assert not STEERING.search(answer.out + answer.err), form


def test_json_escapes_what_would_steer_a_terminal_and_says_the_same(shop, scn):
    shop({"first_name": OWNED})
    out = scn("messages", "--format", "json").out
    assert not STEERING.search(out)
    assert json.loads(out)["messages"][0]["subject"] == f"{OWNED.strip()} , thanks"


# ------------------------------------------------------------------------------------------------------------ reports


def test_a_text_cannot_forge_an_annotation_of_a_workflow(folder, scn):
    forged = "x\\n::error file=a.py,line=1::owned"
    folder({**FILES, "a.scn": f'on order.status -> "paid"\n  send "{forged}%0A::error::owned" by email\n', "b,line=1::x%0A.scn": "on\n"})
    lines = scn("validate", "--format", "github").out.splitlines()
    assert lines
    for line in lines:
        head, _, text = line.removeprefix("::").partition("::")
        assert re.fullmatch(r"(error|warning) file=[^,:]+,line=\d+,endLine=\d+(,col=\d+,endColumn=\d+)?,title=[\w-]+", head), line
        assert "%0A::error::owned" not in text


def test_a_text_cannot_add_html_or_a_link_to_the_summary_of_a_workflow(folder, scn, monkeypatch):
    forged = "a` <img src=https://evil.example/x> [b](https://evil.example) | c `"
    root = folder({**FILES, "a.scn": f'on order.status -> "paid"\n  send "{forged}" by email\n'})
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(root / "summary.md"))
    scn("validate", "--format", "github")
    rows = [line for line in (root / "summary.md").read_text().splitlines() if "evil" in line]
    assert rows
    for row in rows:
        assert not re.search(r"<(?!/?code>|br>)|\]\(|https:", row)
        assert row.count("|") == 5


def test_junit_sarif_and_gitlab_are_well_formed_whatever_a_file_holds(folder, scn):
    from xml.etree import ElementTree as ET

    folder({**FILES, "a]]>&\"'<.scn": f'on order.status -> "]]>&{OWNED}\ufffe"\n  send "]]><x a=\'1\'>" by email\n'})
    assert ET.fromstring(scn("validate", "--format", "junit").out.encode()).tag == "testsuites"
    for form in ("json", "sarif", "gitlab"):
        json.loads(scn("validate", "--format", form).out)


# -------------------------------------------------------------------------------------------------------------- links

LINKS = Unsubscribe("secret", "https://shop.example")


def token(secret: str = "secret", customer: str = "ann", channel: str = "email") -> str:
    return Unsubscribe(secret, "https://shop.example").url(customer, channel, "news", "1-1-1").rpartition("/")[2]


def test_no_single_change_of_a_link_makes_it_say_something_else():
    good = token()
    said = LINKS.read(good)
    assert said is not None
    for place in range(len(good)):
        for sign in "Aa0_-.~=\0é":
            assert LINKS.read(good[:place] + sign + good[place + 1 :]) in {None, said}
            assert LINKS.read(good[:place] + sign + good[place:]) in {None, said}


def test_no_beginning_and_no_end_of_a_link_is_one():
    good = token()
    assert all(LINKS.read(good[:place]) is None for place in range(len(good)))
    assert all(LINKS.read(good[place:]) is None for place in range(1, len(good)))


def test_the_signature_of_one_customer_is_none_for_another():
    (payload, _), (_, signature) = token(customer="bob").rsplit(".", 1), token().rsplit(".", 1)
    assert LINKS.read(f"{payload}.{signature}") is None
    assert LINKS.read(f"{payload}.") is None
    assert LINKS.read(payload) is None


@pytest.mark.parametrize("secret", ["another project's", "secret ", "Secret", "an old one"])
def test_a_link_of_another_project_or_of_an_old_secret_is_none(secret):
    assert LINKS.read(token(secret)) is None


def test_without_a_secret_no_link_is_made_or_read():
    assert Unsubscribe("", "https://shop.example").url("ann", "email", None, "1") == ""
    assert Unsubscribe("").read(token("")) is None


def test_the_signature_is_compared_in_constant_time(monkeypatch):
    import hmac

    compared = []
    compare = hmac.compare_digest

    def watched(one, other):
        compared.append(one)
        return compare(one, other)

    monkeypatch.setattr(hmac, "compare_digest", watched)
    LINKS.read(token() + "x")
    assert compared
