"""`scn run`, and what is asked about it afterwards: `messages`, `journeys`, `trace`, `forget`."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from dsl.calendar import parse_moment
from interpreter.idle import try_idle
from interpreter.project import loading
from interpreter.project.project_folder import open_folder
from interpreter.runner import Orders
from interpreter.runner import checked
from interpreter.runner import make_engine
from interpreter.store.sqlite import Store

FILES = {
    "scn.toml": '[project]\ntimezone = "Europe/Moscow"\n',
    "paid.scn": 'define status order "paid"\non order.status -> "paid" where order.total > 5 send note by email limit 9 per customer\n',
    "templates/note/email.txt": "Hello, {{ unsubscribe_url }}",
    "templates/note/meta.toml": 'subject = "Hello"\n',
}
FACTS: list[dict[str, object]] = [
    {"op": "customer.register", "customer": "ann", "email": "ann@example.com", "subscribed": ["email"]},
    {"op": "customer.register", "customer": "ann-2", "email": "ann@example.com"},
    {"op": "order.update", "customer": "ann-2", "order": {"id": "17", "status": "paid", "total": 9}},
    {"op": "order.update", "customer": "ann-2", "order": {"id": "18", "status": "paid", "total": 1}},
]


@pytest.fixture
def shop(folder: Callable[..., Path], scn) -> Path:
    """After one tick: ann, who came under a second id, got a letter for order 17 and none for 18."""
    root = folder({**FILES, "facts.jsonl": "\n".join(json.dumps({"at": "2026-03-01T10:00", **fact}) for fact in FACTS)})
    assert scn("ingest", "--received", "each", "facts.jsonl").code == 0
    assert scn("run", "--tick", "--now", "2026-03-01T10:00").code == 0
    return root


def test_a_try_leaves_no_file_behind(folder, scn):
    root = folder(FILES)
    before = sorted(root.rglob("*"))
    assert scn("run", "--tick", "--dry-run").code == 0
    assert sorted(root.rglob("*")) == before


def dump(database):
    connection = sqlite3.connect(database)
    try:
        return [*connection.iterdump(), *connection.execute("PRAGMA user_version")]
    finally:
        connection.close()


def test_a_try_changes_nothing(shop, scn):
    """Neither facts to handle, nor who waits, nor when the last tick was, nor what is out."""
    facts = [
        {"op": "order.update", "at": "2026-03-01T10:01", "customer": "ann", "order": {"id": "19", "total": 9, "status": "paid"}},
        {"op": "customer.register", "at": "2026-03-01T10:01", "customer": "zoe", "email": "zoe@shop.example"},
    ]
    assert scn("ingest", "--received", "each", "-", stdin=json.dumps(facts)).code == 0
    (shop / "new.scn").write_text("on customer registered\n  if subscribed email\n  send note\n  limit 1 per customer\n")
    before, files = dump(shop / "scn.db"), sorted(shop.rglob("*"))
    for form in ("text", "json"):
        assert scn("run", "--tick", "--dry-run", "--now", "2026-03-01T12:00", "--format", form).code == 0
        assert dump(shop / "scn.db") == before
        assert sorted(shop.rglob("*")) == files
    assert scn("run", "--tick", "--now", "2026-03-01T12:00").code == 0
    assert dump(shop / "scn.db") != before


def test_a_try_tells_what_would_go_and_what_waits_since_before(shop, scn):
    paid = {"op": "order.update", "at": "2026-03-01T10:01", "customer": "ann", "order": {"id": "19", "total": 9, "status": "paid"}}
    assert scn("ingest", "--received", "each", "-", stdin=json.dumps(paid)).code == 0
    answer = scn("run", "--tick", "--dry-run", "--now", "2026-03-01T10:01")
    assert answer.out == "would send note to ann by email (paid)\n"
    assert answer.err == "dry run: 1 to send, 0 to skip, 1 journey started; nothing was changed\n"
    assert scn("run", "--tick", "--max-sends", "0", "--now", "2026-03-01T10:01").code == 0
    answer = scn("run", "--tick", "--dry-run", "--now", "2026-03-01T10:02")
    assert answer.err == (
        "dry run: 0 to send, 0 to skip, 0 journeys started; nothing was changed\n"
        "1 message decided on before waits to be delivered: `scn messages --state planned`\n"
    )


def test_a_try_tells_scripts_what_would_go(shop, scn):
    facts = [
        {"op": "order.update", "at": "2026-03-01T10:01", "customer": customer, "order": {"id": order, "total": 9, "status": "paid"}}
        for customer, order in (("ann", "19"), ("bob", "20"))
    ]
    assert scn("ingest", "--received", "each", "-", stdin=json.dumps(facts)).code == 0
    answer = json.loads(scn("run", "--tick", "--dry-run", "--now", "2026-03-01T10:01", "--format", "json").out)
    assert [[row["customer"], row["order"], row["to"], row["state"], row["reason"]] for row in answer["messages"]] == [
        ["ann", "19", "ann@example.com", "planned", None], ["bob", "20", None, "skipped", "unreachable"],
    ]  # fmt: skip
    assert (answer["started"], answer["sent"], answer["waiting"]) == (2, 0, 0)
    assert scn("run", "--tick", "--max-sends", "0", "--now", "2026-03-01T10:01").code == 0
    answer = json.loads(scn("run", "--tick", "--dry-run", "--now", "2026-03-01T10:01", "--format", "json").out)
    assert (answer["messages"], answer["waiting"]) == ([], 1), "what was decided at that very moment would not be decided again"


@pytest.mark.parametrize(
    "line",
    [
        "--tick --now 2026-03-02T10:00 --until 2026-03-01T10:00",
        "--tick --dry-run --now 2026-03-02T10:00 --until 2026-03-03T10:00",
        "--tick --now 2026-03-01T09:59",
        "--tick --until 2026-03-02T10:00",
        "--now 2026-03-02T10:00",
    ],
)
def test_moments_that_make_no_sense_are_refused(shop, scn, line):
    answer = scn("run", *line.split())
    assert (answer.code, answer.out) == (2, "")


@pytest.mark.parametrize("name", [".#paid.scn", "templates/note/.#email.txt", "templates/note/email.html"])
def test_a_link_to_nowhere_is_no_defect_of_scn(shop, scn, name):
    """Emacs keeps one beside every file that is open."""
    (shop / name).symlink_to("nowhere")
    assert "bug in scn" not in scn("run", "--tick", "--now", "2026-03-01T11:00").err


@pytest.mark.parametrize("key", ["ann", "ann-2"])
def test_a_customer_is_asked_about_by_any_of_his_ids(shop, scn, key):
    assert [row["customer"] for row in json.loads(scn("messages", "--customer", key, "--format", "json").out)["messages"]] == ["ann"]
    assert [row["customer"] for row in json.loads(scn("journeys", "--customer", key, "--format", "json").out)["journeys"]] == ["ann"]
    assert "order 17" in scn("trace", key).out
    assert scn("forget", key, "--yes").code == 0
    assert scn("trace", "ann").code == 2


def test_a_database_in_a_folder_that_is_not_there_asks_for_the_folder(folder, scn):
    folder({**FILES, "scn.toml": '[project]\ntimezone = "Europe/Moscow"\ndatabase = "sqlite:data/scn.db"\n'})
    answer = scn("run", "--tick")
    assert answer.code == 2
    assert answer.err.endswith("no such file or directory\n  make the folder first, or name another `database` in scn.toml\n")


@pytest.mark.parametrize("said", ["", "n\n", "\n"])
def test_nobody_is_erased_without_a_yes(shop, scn, said):
    answer = scn("forget", "ann", stdin=said)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.endswith("scn: `ann` was not erased\n  `--yes` erases without asking\n")
    assert "order 17" in scn("trace", "ann").out


def test_somebody_is_erased_after_a_yes(shop, scn):
    assert scn("forget", "ann", stdin="y\n").code == 0
    assert scn("trace", "ann").code == 2


def test_trace_of_an_order_tells_also_what_was_refused_for_it(shop, scn):
    told = scn("trace", "ann", "--order", "18").out
    assert "not started" in told
    assert "order 17" not in told


@pytest.mark.parametrize(
    ("line", "simple"),
    [
        ("", True),
        ('database = "sqlite:scn.db"  # as `scn init` writes it', True),
        ('# database = "sqlite:other.db"', True),
        ('"database" = "sqlite:scn.db"', False),
        ("database = 'sqlite:scn.db'", False),
        ('database = "env:SCN_DATABASE"', False),
        ('database = "sqlite:other.db"', False),
    ],
)
def test_an_idle_tick_is_recognised_without_reading_the_configuration(shop, scn, monkeypatch, capfd, line, simple):
    """Where it is sure which database is meant; else the full command has a look."""
    toml = shop / "scn.toml"
    toml.write_text(f"{toml.read_text()}{line}\n")
    monkeypatch.setattr("interpreter.clock.now", lambda: 1_800_000_000)
    monkeypatch.setenv("SCN_DATABASE", "sqlite:scn.db")
    assert scn("run", "--tick").code == 0
    (shop / "other.db").unlink(missing_ok=True)
    assert try_idle(["run", "--tick"]) is simple


def test_history_taken_in_before_the_first_launch_is_told_to_be_right(folder, scn):
    paid = {"op": "order.update", "customer": "ann", "order": {"id": "17", "status": "paid", "total": 9}}
    folder(FILES)
    scn("ingest", "--received", "2026-03-01T09:00", "-", stdin=json.dumps(paid))
    early = "1 fact came before any scenario was launched; it starts nothing (`scn explain before_launch`)\n"
    first = scn("run", "--tick", "--now", "2026-03-01T10:00")
    assert first.err == f"{early}  as it should be for history; scenarios start with what comes from now on\n"
    paid["order"] = {"id": "18", "status": "paid", "total": 9}
    scn("ingest", "--received", "2026-03-01T09:30", "-", stdin=json.dumps(paid))
    assert scn("run", "--tick", "--now", "2026-03-01T11:00").err == early, "later it may be a mistake"


def test_a_tick_at_a_given_moment_tells_what_arrives_only_later(folder, scn, monkeypatch):
    """A table without dates arrives now, so in virtual time nothing of it would happen, and nobody would say why."""
    monkeypatch.setattr("interpreter.clock.now", lambda: parse_moment("2026-06-05T12:00", "Europe/Moscow"))
    folder({**FILES, "rows.csv": "customer,email\nann,a@shop.example\nbob,b@shop.example\n"})
    at = ("run", "--tick", "--now", "2026-03-01T10:00")
    assert scn(*at).err == ""
    assert scn("ingest", "--format", "csv", "rows.csv").code == 0
    told = [
        "note: 2 facts wait for a later moment than 2026-03-01T10:00:00+03:00: 2026-06-05T12:00:00+03:00 is the first",
        "  go on to there, or begin with a new database and say when they arrived: `scn ingest --received ISO`",
    ]
    assert scn(*at).err.splitlines() == told
    assert scn(*at, "--dry-run").err.splitlines()[:2] == told
    assert scn(*at, "--silent").err == ""
    assert scn(*at, "--until", "2026-03-02T10:00").err.startswith("note: 2 facts wait for a later moment than 2026-03-02T10:00:00")
    assert scn(*at[:3], "2026-06-05T12:00").err == ""


def test_what_scn_itself_waits_for_is_not_told_to_come_later(folder, scn):
    visit = {"op": "session.activity", "customer": "ann", "actor": "customer"}
    folder(FILES)
    scn("ingest", "--received", "2026-03-01T10:00", "-", stdin=json.dumps(visit))
    answer = scn("run", "--tick", "--now", "2026-03-01T10:00")
    assert (answer.out, answer.err) == ("2026-03-01T10:00:00+03:00: 1 fact\n", ""), "the visit ends at half past ten"


def test_what_only_to_keeps_back_is_listed(shop, scn):
    toml = shop / "scn.toml"
    toml.write_text(toml.read_text() + 'only_to = ["*@shop.example"]\n')
    order = {"op": "order.update", "customer": "ann", "order": {"id": "19", "status": "paid", "total": 9}}
    assert scn("ingest", "--received", "2026-03-01T11:00", "-", stdin=json.dumps(order)).code == 0
    answer = scn("run", "--tick", "--now", "2026-03-01T11:00")
    assert (answer.code, answer.err) == (0, "`note` to ann@example.com was kept back: `only_to`\n")
    assert "1 skipped" in answer.out


def test_a_run_that_goes_on_ticks_at_whole_minutes(shop, scn, monkeypatch):
    """What comes at 11:00:20 is handled at 11:01:00, and the letter is dated so."""
    moments = iter(["2026-03-01T11:00:30", "2026-03-01T11:00:59", "2026-03-01T11:01:07"])

    class Stop:
        def __init__(self) -> None:
            self.said = False

        def is_set(self) -> bool:
            return self.said

        def set(self) -> None:
            self.said = True

        def wait(self, _: float) -> None:
            text = next(moments, None)
            self.said = text is None
            monkeypatch.setattr("interpreter.clock.now", lambda: parse_moment(text or "2026-03-01T11:02", "Europe/Moscow"))

    monkeypatch.setattr("interpreter.commands.running.Event", Stop)
    monkeypatch.setattr("interpreter.clock.now", lambda: parse_moment("2026-03-01T11:00:10", "Europe/Moscow"))
    order = {"op": "order.update", "customer": "ann", "order": {"id": "19", "status": "paid", "total": 9}}
    assert scn("ingest", "--received", "2026-03-01T11:00:20", "-", stdin=json.dumps(order)).code == 0
    assert scn("run").code == 0
    messages = json.loads(scn("messages", "--since", "2026-03-01T11:00", "--format", "json").out)["messages"]
    assert [(row["order"], row["at"], row["state"]) for row in messages] == [("19", "2026-03-01T11:01:00+03:00", "sent")]


def test_a_template_that_is_edited_is_read_anew(shop, scn):
    (shop / "templates/note/email.txt").write_text("{% if")
    answer = scn("run", "--tick", "--now", "2026-03-01T11:00")
    assert answer.code == 2
    assert "templates/note/email.txt:1" in answer.err


def test_a_text_that_comes_back_with_its_old_time_is_launched_again(shop, scn):
    file = shop / "paid.scn"
    text, times = file.read_text(), file.stat()
    # A tick that is killed behind its launch: what it launched is remembered, that it came to its end is not.
    file.write_text(text.rstrip() + " paused\n")
    place = open_folder(shop)
    store = Store(str(shop / "scn.db"))
    make_engine(place, checked(place, store), store, Orders()).tick(parse_moment("2026-03-01T11:00", "Europe/Moscow"))
    assert {row.state for row in store.scenarios.all()} == {"paused"}
    store.close()
    file.write_text(text)
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    order = {"op": "order.update", "customer": "ann", "order": {"id": "20", "status": "paid", "total": 9}}
    assert scn("ingest", "--received", "2026-03-01T12:00", "-", stdin=json.dumps(order)).code == 0
    assert scn("run", "--tick", "--now", "2026-03-01T11:30").code == 0
    assert "1 journey started" in scn("run", "--tick", "--now", "2026-03-01T12:00").out


def test_a_text_that_is_edited_while_a_tick_reads_it_is_looked_through(shop, scn, monkeypatch):
    """Half a file must not count as the whole: a scenario that is not in it would be gone."""
    assert scn("run", "--tick", "--now", "2026-03-01T11:00").code == 0
    file, read = shop / "paid.scn", loading.again
    text = file.read_text()

    def edited(*arguments):
        file.write_text(text[: len(text) // 2])
        return read(*arguments)

    monkeypatch.setattr("interpreter.project.loading.again", edited)
    assert scn("run", "--tick", "--now", "2026-03-01T11:01").code == 2
    store = Store(str(shop / "scn.db"))
    assert {row.state for row in store.scenarios.all()} == {"running"}
    store.close()


def test_another_release_launches_the_same_files_anew(shop, scn, monkeypatch, tmp_path):
    """What it makes of a text may be something else; whatever command has brought the database to its format."""
    assert scn("run", "--tick", "--now", "2026-03-01T11:00").code == 0
    store = Store(str(shop / "scn.db"))
    with store.transaction():
        store.scenarios.set("segments", '{"of the release before": ""}')
    assert scn("run", "--tick", "--now", "2026-03-01T11:01").code == 0
    assert store.scenarios.get("segments") != "{}"
    release = tmp_path / "idle.py"
    release.write_text("")
    monkeypatch.setattr("interpreter.idle.__file__", str(release))
    assert scn("run", "--tick", "--now", "2026-03-01T11:02").code == 0
    assert store.scenarios.get("segments") == "{}"
    store.close()


@pytest.mark.parametrize(
    "plain", ["run --tick", "run --tick --silent", "run --tick --now 2026-03-01T11:00", "ingest more.jsonl", "validate paid.scn"]
)
def test_the_plainest_forms_say_what_all_others_say(shop, scn, plain, monkeypatch):
    monkeypatch.setattr("interpreter.clock.now", lambda: parse_moment("2026-03-01T11:00", "Europe/Moscow"))
    order = {"op": "order.update", "key": "k", "customer": "ann", "order": {"id": "20", "status": "paid", "total": 9}}
    (shop / "more.jsonl").write_text(json.dumps(order))
    kept = (shop / "scn.db").read_bytes()
    if plain.startswith("run"):
        assert scn("ingest", "more.jsonl").code == 0
        kept = (shop / "scn.db").read_bytes()
    answers = []
    for words in (plain.split(), ["--project", ".", *plain.split()]):
        (shop / "scn.db").write_bytes(kept)
        answers.append(scn(*words))
    assert answers[0] == answers[1]
    assert answers[0].code == 0


def test_an_option_without_its_value_leads_to_the_help_of_its_command(folder, scn):
    folder(FILES)
    assert scn("run", "--tick", "--now").err == "scn: option '--now' requires an argument\n  `scn run --help` shows how it is used\n"
    assert "`scn --help`" in scn("--project").err
