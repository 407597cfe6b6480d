"""What holds for every input, a property for each door: it answers in sentences that a terminal can bear, never with an exception."""

from __future__ import annotations

import asyncio
import atexit
import email
import email.policy
import io
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from contextlib import suppress
from functools import cache
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock
from xml.etree import ElementTree as ET

import attrs

from dsl import report
from dsl.checker import check
from dsl.diagnostic import Severity
from dsl.formatter import format_text
from dsl.meaning.reading import readings
from dsl.parser import parse
from dsl.project import load
from dsl.source import Source
from interpreter import trace
from interpreter.cli import main
from interpreter.config import ConfigError
from interpreter.delivery.message import Outgoing
from interpreter.delivery.mime import AddressError
from interpreter.delivery.mime import SenderError
from interpreter.delivery.mime import letter
from interpreter.delivery.readable import MISSING
from interpreter.delivery.readable import Readable
from interpreter.delivery.template_files import TemplateError
from interpreter.delivery.template_uses import describe
from interpreter.delivery.templates import Templates
from interpreter.delivery.unsubscribe import Unsubscribe
from interpreter.delivery.unsubscribe import Unsubscription
from interpreter.errors import UserError
from interpreter.facts import Fact
from interpreter.facts import Rejection
from interpreter.facts import read
from interpreter.ingest import google
from interpreter.ingest import yml
from interpreter.ingest.csv_facts import Rows
from interpreter.ingest.csv_kinds import KINDS
from interpreter.ingest.csv_table import CsvError
from interpreter.ingest.csv_table import Table
from interpreter.ingest.json_lines import BadLine
from interpreter.ingest.json_lines import read_lines
from interpreter.ingest.xml_records import XmlError
from interpreter.project import config_reader
from interpreter.project.fixing import mend
from interpreter.project.loading import Loaded
from interpreter.project.loading import one
from interpreter.project.project_folder import Folder
from interpreter.project.project_folder import decode
from interpreter.project.project_folder import open_folder
from interpreter.project.project_folder import surroundings
from interpreter.rehearsal import Rehearsal
from interpreter.rules import Rules
from interpreter.server.app import create_app
from interpreter.telling.plain_words import retell
from tests.fuzz.inputs import ROOT
from tests.fuzz.inputs import as_bytes
from tests.fuzz.inputs import sample_facts
from tests.reliability.families import FAMILIES

#: 2026-03-01 09:00:00 UTC
NOW = 1772355600
ZONE = "Europe/Moscow"
NAME = "fuzz.scn"

#: What steers a terminal, or turns what it shows: escapes, C1, bidirectional marks, separators of lines.
STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]")


def assert_bearable(text: str) -> None:
    """Nothing in it can steer a terminal."""
    found = STEERING.search(text)
    assert not found, (found, text)


def _begins(sentence: str, place: str) -> None:
    """It says where, and something about it."""
    assert sentence.startswith(place), sentence
    assert not sentence.endswith(": "), sentence


@cache
def library() -> Folder:
    """The library of scenarios: a project with everything in it."""
    return open_folder(ROOT / "scenarios")


@cache
def _surroundings() -> Any:
    return surroundings(library())


@cache
def _scratch() -> Path:
    """A folder of this process, gone with it."""
    place = Path(tempfile.mkdtemp(prefix="scn-fuzz-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    return place


# -------------------------------------------------------------------------------------------------------------- texts


def scenario_bytes(data: bytes) -> None:
    """A `.scn` file is read, checked, told about in every format and laid out, whatever is in it."""
    source, _ = decode(data, NAME)
    scenario(source.text)


def scenario(text: str) -> None:
    """The same from text."""
    source = Source(NAME, text)
    project = load([source], _surroundings())
    findings = check(project)
    for finding in findings:
        assert 0 <= finding.span.start <= finding.span.end <= len(finding.source.text)
        assert finding.message
    reports(findings)
    formatted = format_text(source)
    assert not formatted.failure, formatted.failure
    assert formatted.text is not None or any(finding.severity is Severity.ERROR for finding in formatted.diagnostics)
    if formatted.text is not None:
        assert parse(Source(NAME, formatted.text)).diagnostics == ()
    for reading in readings(project):
        retell(project, reading)
    if not any(finding.severity is Severity.ERROR for finding in findings):
        assert Rules(project, timezone=ZONE).scenarios is not None


def reports(findings: Any) -> None:
    """Every format can be read by those for whom it is."""
    texts = {form: report.render(form, findings, paths=[NAME]) for form in report.FORMATS}
    for form in ("json", "sarif", "gitlab"):
        json.loads(texts[form])
    ET.fromstring(texts["junit"].encode())
    assert_bearable(texts["text"] + texts["concise"])
    assert len(texts["concise"].splitlines()) == len(findings)
    for line in texts["github"].splitlines():
        assert line.startswith(("::error ", "::warning ")) or "the 10 worst are annotated" in line
        assert line.count("::") >= 2 or "annotated" in line


def fixes(text: str) -> None:
    """Fixes never bring a new mistake, and end."""
    loaded = Loaded(library(), load([Source(NAME, text)], _surroundings()), (), (NAME,))

    def findings(texts: Mapping[str, str]) -> Any:
        return Loaded(loaded.folder, load([Source(path, text) for path, text in texts.items()], _surroundings()), (), (NAME,)).findings()

    before = [finding for finding in findings({NAME: text}) if finding.severity is Severity.ERROR]
    for unsafe in (False, True):
        mended = mend({NAME: text}, findings, unsafe=unsafe)
        syntax = [finding for finding in mended.findings if finding.check == "syntax"]
        assert len(syntax) <= len([finding for finding in before if finding.check == "syntax"])


# -------------------------------------------------------------------------------------------------------------- facts

_GOOD = as_bytes(sample_facts()[0])
_reader = partial(read, zone=ZONE, received=NOW, batch="fuzz", actor="import")


def fact_lines(data: bytes) -> None:
    """Any bytes are facts and bad lines with their numbers; good lines around them are kept."""
    found = list(read_lines(io.BytesIO(data), _reader))
    for each in found:
        if isinstance(each, BadLine):
            assert each.line >= 1
            assert each.message
        else:
            stored(each)
    if data.lstrip()[:1] in {b"[", b"{"} or data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return
    around = list(read_lines(io.BytesIO(_GOOD + b"\n" + data + b"\n" + _GOOD), _reader))
    assert isinstance(around[0], Fact)
    assert isinstance(around[-1], Fact)


def one_fact(text: str) -> None:
    """One line of text, and what it is as a value (`scn serve` hands over values)."""
    found = _reader(text) if text.isprintable() else _reader(as_bytes(text))
    if isinstance(found, Rejection):
        assert found.message
    else:
        stored(found)


def stored(fact: Fact) -> None:
    """What the door lets in can be written down: JSON in UTF-8, moments that fit."""
    json.dumps(fact.data, ensure_ascii=False).encode()
    assert all(-(2**63) < moment < 2**63 for moment in (fact.at, fact.received))
    assert fact.customer is None or fact.customer.isprintable()


@cache
def _engine_parts(root: Path) -> tuple[Rules, Templates]:
    folder = open_folder(root)
    return Rules(one(folder).project, timezone=folder.config.timezone), Templates(folder.root / "templates")


def history(lines: list[str]) -> None:
    """Facts that the door took never stop a tick, and the ledger can be told."""
    _played(lines, library())


def families(lines: list[str]) -> None:
    """The same in a shop whose scenarios listen to everything customers can have, and look into most of it."""
    _played(lines, _families())


@cache
def _families() -> Folder:
    root = _scratch() / "families"
    FAMILIES.lay_out(root, listener=True)
    (root / "listens.scn").write_text(_LISTENS)
    return open_folder(root)


#: What the scenarios of that shop do not look at.
_LISTENS = """
segment rich where sum(order.total within 30d) > 100 or balance "bonus" > 1000000 or balance "bonus" < -1000
"""


def _played(lines: list[str], folder: Folder) -> None:
    facts = [found for found in map(_reader, map(as_bytes, lines)) if isinstance(found, Fact)]
    rules, templates = _engine_parts(folder.root)
    rehearsal = Rehearsal(folder, rules, templates, keep_letters=False)
    store = rehearsal.store
    try:
        rehearsal.engine.tick(NOW - 60)
        store.facts.add(facts)
        for later in (0, 3600, 2 * 86_400, 9 * 86_400):
            rehearsal.engine.tick(NOW + later)
        # What the library makes happen later still, points that become available, may wait.
        assert not store.facts.pending(NOW + 9 * 86_400, 1)
        messages = list(store.listing.messages())
        for line in trace.lines(store.listing.decisions(), messages, {}, ZONE):
            assert isinstance(line, str)
    finally:
        store.close()


# ------------------------------------------------------------------------------------------------------------- config


def config(text: str) -> None:
    """`scn.toml` is read, or every mistake in it has its place."""
    config_bytes(as_bytes(text))


def config_bytes(data: bytes) -> None:
    """The same from bytes."""
    path = _scratch() / "scn.toml"
    path.write_bytes(data)
    try:
        found = config_reader.read(path, "scn.toml")
    except ConfigError as problem:
        reports(problem.diagnostics)
        return
    except UserError as problem:
        _begins(problem.message, "scn.toml: ")
        return
    with suppress(UserError):
        Folder(path.parent, found).database()
    surroundings(Folder(path.parent, found))


# ---------------------------------------------------------------------------------------------------------- templates


def _entity(shown: str, **fields: Any) -> Readable:
    return Readable(lambda name: fields.get(name, MISSING), shown)


def template(source: str, subject: str, name: str) -> None:
    """A template gives a letter with the headers it should have, or a sentence; customers' values stay values."""
    root = _scratch() / "templates"
    (root / "news").mkdir(parents=True, exist_ok=True)
    for part in ("email.html", "sms.txt", "push.json"):
        (root / "news" / part).write_bytes(as_bytes(source))
    (root / "news/meta.toml").write_text("subject = " + json.dumps(subject.encode("utf-8", "replace").decode()).replace("\x7f", " "))
    given = {
        "customer": _entity("ann", name=name, nothing=None, size={"a": [1, 2]}),
        "order": _entity("17", total=10.5, lines=[_entity("1", product=name)]),
        "unsubscribe_url": "https://shop.example/u/x",
        "now": NOW,
    }
    describe(root)
    templates = Templates(root)
    for channel in ("email", "sms", "push"):
        try:
            rendered = templates.render("news", channel, given)
        except TemplateError as problem:
            _begins(str(problem), "templates/news")
            continue
        if channel == "email":
            assert rendered.subject is None or "\n" not in rendered.subject
            one_letter(rendered.subject or "", rendered.text, rendered.html, name)


def meta(text: str) -> None:
    """A `meta.toml` is read, or is one sentence with its file."""
    root = _scratch() / "meta"
    (root / "news").mkdir(parents=True, exist_ok=True)
    (root / "news/sms.txt").write_text("x")
    (root / "news/meta.toml").write_bytes(as_bytes(text))
    try:
        info = Templates(root).info("news")
        assert all(problem.startswith("meta/news/") for problem in info.problems), info.problems
    except TemplateError as problem:
        _begins(str(problem), "meta/news/meta.toml: ")
    describe(root)


_OURS = ["From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "List-Unsubscribe", "Content-Type"]


def one_letter(subject: str, text: str | None, html: str | None, name: str) -> None:
    """No value adds a header, a recipient or a part."""
    outgoing = Outgoing(
        id=1,
        key="1-1",
        channel="email",
        to="ann@example.com",
        template="news",
        customer_key="ann",
        scenario="news",
        at=NOW,
        deadline=NOW,
        from_=f"{name} <shop@shop.example>",
        subject=subject,
        text=text,
        html=html,
        headers={"List-Unsubscribe": f"<https://shop.example/u/{name}>", name: name},
    )
    try:
        data = letter(outgoing, "")
    except (AddressError, SenderError):
        return
    head = data.partition(b"\r\n\r\n")[0]
    assert head.isascii()
    assert max(map(len, head.split(b"\r\n"))) <= 998 or len(name) > 500
    found = email.message_from_bytes(data, policy=email.policy.compat32)
    names = [each for each in found if each not in {"Content-Transfer-Encoding", name}]
    assert names == [each for each in _OURS if each in names], names
    assert found["To"] == "ann@example.com"
    parts = [part for part in found.walk() if not part.is_multipart()]
    assert len(parts) == max(1, (text is not None) + (html is not None))


# -------------------------------------------------------------------------------------------------------- command line

_FILES = {
    "scn.toml": '[project]\ntimezone = "Europe/Moscow"\n',
    "paid.scn": 'on order.status -> "paid"\n  wait 1h\n  send note by email\n  limit 1 per customer\n',
    "broken.scn": "on order.stats -> paid\n  sedn x\n",
    "facts.jsonl": "\n".join(sample_facts()),
    "templates/note/email.txt": "Hello, {{ unsubscribe_url }}",
    "templates/note/meta.toml": 'subject = "Hello"\n',
}


@attrs.frozen
class Said:
    """What a command gave back."""

    code: int
    out: str
    err: str


@contextmanager
def _in_project() -> Iterator[None]:
    # Three levels below the scratch folder: no `../..` of an argument leads out of it.
    place = _scratch() / "a/b/project"
    if not (place / "templates").is_dir() or len(list(place.iterdir())) > 12:
        shutil.rmtree(place, ignore_errors=True)
        for name, text in _FILES.items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_text(text, encoding="utf-8")
    here = Path.cwd()
    os.chdir(place)
    try:
        yield
    finally:
        os.chdir(here)


def said(arguments: list[str], stdin: bytes = b"", environment: Mapping[str, str] | None = None) -> Said:
    """A command as the installed one would run it; what would be a bug report is raised."""
    streams = [io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2)]
    given = io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8")
    # A terminal's errors are replaced by `main` itself.
    with (
        mock.patch.multiple(sys, stdout=streams[0], stderr=streams[1], stdin=given),
        mock.patch.dict(os.environ, {**(environment or {}), "SCN_DEBUG": "1", "NO_COLOR": "1"}),
        _in_project(),
    ):
        code = main(arguments)
    out, err = (stream.buffer.getvalue().decode() for stream in streams)
    return Said(code, out, err)


def command_line(arguments: list[str], stdin: bytes = b"", environment: Mapping[str, str] | None = None) -> None:
    """Every command with any arguments ends with 0, 1 or 2, and says why."""
    answer = said(arguments, stdin, environment)
    assert answer.code in {0, 1, 2}
    assert "Traceback" not in answer.out + answer.err
    assert answer.code != 2 or answer.err or not arguments or answer.out.startswith("Usage"), arguments
    assert_bearable(answer.err)
    if not {"--format", "--diff", "-", "fmt", "preview", "completion"} & set(arguments):
        assert_bearable(answer.out)
    if (
        "json" in arguments
        and answer.code != 2
        and answer.out
        and arguments[0] in {"validate", "messages", "journeys", "ingest", "simulate"}
    ):
        assert json.loads(answer.out)["version"] == 1


# ------------------------------------------------------------------------------------------------------------- server

_LINKS = Unsubscribe("secret", "https://shop.example/scn")
LINK = Unsubscription("ann", "email", "news", "1-1-1")


def request(method: str, path: bytes, query: bytes, headers: list[tuple[bytes, bytes]], body: list[bytes]) -> None:
    """Whatever is asked: an answer below 500, with a page that holds nothing of what was sent, and no fact."""
    facts: list[Mapping[str, Any]] = []
    app = create_app(_LINKS, facts.append, lambda: NOW, "https://shop.example/scn")
    status, _ = asked(app, method, path, query, headers, body)
    assert status in {200, 307, 400, 404, 405, 413}
    assert not facts


def asked(app: Any, method: str, path: bytes, query: bytes, headers: list[tuple[bytes, bytes]], body: list[bytes]) -> tuple[int, bytes]:
    """A request as a server hands it over: path decoded as uvicorn does it."""
    from urllib.parse import unquote

    chunks = [{"type": "http.request", "body": part, "more_body": True} for part in body] + [{"type": "http.request", "body": b""}]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return chunks.pop(0) if chunks else {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(path.decode("ascii", "replace")),
        "raw_path": path,
        "root_path": "",
        "query_string": query,
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    asyncio.run(app(scope, receive, send))
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])


def token(text: str) -> None:
    """No text says anything but what a link was made to say."""
    assert _LINKS.read(text) in {None, LINK}


def sheet(data: bytes) -> None:
    """Any bytes are products, rows, bad lines, or a file that is none of these; what comes out is sound, what is wrong has a line."""
    for reader in (yml.offers, partial(google.offers, now=NOW)):
        with suppress(XmlError):
            for offer in reader(io.BytesIO(data), types=lambda _: None):
                told = offer.problem or _refusal({"op": "product.feed", "products": [offer.product]})
                assert offer.line >= 1
                assert told is None or told[1]
    for of in KINDS:
        with suppress(CsvError):
            rows = Rows(Table(io.BytesIO(data), "utf-8"), of, {}, "POOL" if b"pool" not in data else None)
            for found in rows.offers() if of == "products" else rows.facts(_reader):
                assert not isinstance(found, BadLine) or (found.line >= 1 and found.message)
                if isinstance(found, Fact):
                    stored(found)


def _refusal(fact: dict[str, Any]) -> tuple[str, str] | None:
    found = _reader(fact)
    if isinstance(found, Rejection):
        return found.path, found.message
    stored(found)
    return None
