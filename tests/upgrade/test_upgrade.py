"""Databases of older releases are opened, brought to this one and go on; of newer ones, and of other programs, hands are kept off."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from interpreter.commands import COMMANDS
from interpreter.idle import try_idle
from interpreter.store.schema import VERSION
from interpreter.store.sqlite import Store
from tests.upgrade import history
from tests.upgrade.make import kept

KEPT = [number for number in range(1, VERSION + 1) if kept(number).exists()]

FACT = '{"op": "customer.register", "customer": "zoe", "email": "zoe@shop.example"}\n'

#: A line for every command that opens the database.
LINES = {
    "ingest": ["ingest facts.jsonl"],
    "run": ["run --tick", "run --tick --silent", "run --tick --dry-run", "run --tick --now 2026-03-02T10:00", "run"],
    "simulate": ["simulate --from 2026-03-01T00:00 --to 2026-04-01T00:00"],
    "preview": ["preview thanks --customer ann"],
    "messages": ["messages", "messages --format json"],
    "journeys": ["journeys"],
    "trace": ["trace ann"],
    "doctor": ["doctor"],
    "backup": ["backup copy.db"],
    "prune": ["prune --older 90d"],
    "forget": ["forget ann --yes"],
    "serve": ["serve"],
}

#: What needs only the files.
FILES_ONLY = {"init", "validate", "fmt", "fix", "explain", "test", "completion"}


def restore(text: Path, database: Path) -> None:
    connection = sqlite3.connect(database)
    connection.executescript(text.read_text(encoding="utf-8"))
    connection.close()


def content(database: Path) -> list[str]:
    """All of a database, but for when it was migrated."""
    connection = sqlite3.connect(database)
    try:
        return [line for line in connection.iterdump() if "_sqlite_migrations" not in line]
    finally:
        connection.close()


def journeys(scn) -> list[dict[str, str]]:
    return json.loads(scn("journeys", "--format", "json").out)["journeys"]


@pytest.fixture
def server(monkeypatch) -> Iterator[history.Gateway]:
    with history.gateway() as found:
        yield found


#: Ledgers of before do not say what a skipped message had asked of its channels.
_ASKED = re.compile(r"(skipped \(\w+\)); (?:subscribed|reachable) .*")


@pytest.fixture
def told(scn) -> Callable[[], dict[str, str]]:
    """Everything that a database says through the command line."""

    def ask() -> dict[str, str]:
        listed = {name: scn(name, "--format", "json").out for name in ("messages", "journeys")}
        customers = {row["customer"] for row in json.loads(listed["journeys"])["journeys"]}
        return {**listed, **{name: _ASKED.sub(r"\1", scn("trace", name).out) for name in customers if not name.startswith("erased")}}

    return ask


@pytest.fixture
def shop(tmp_path, monkeypatch) -> Path:
    """The shop's folder with a database of this schema in which everything has happened."""
    root = tmp_path / "shop"
    history.open_shop(root)
    history.edit(root)
    restore(kept(KEPT[-1]), root / "scn.db")
    (root / "facts.jsonl").write_text(FACT)
    Store(str(root / "scn.db")).close()
    monkeypatch.chdir(root)
    return root


@pytest.mark.parametrize("number", KEPT)
def test_a_database_of_an_older_schema_goes_on_as_if_nothing_had_been(number, scn, told, tmp_path, monkeypatch, server):
    straight, upgraded = tmp_path / "straight", tmp_path / "upgraded"
    for root in (straight, upgraded):
        history.open_shop(root)
    monkeypatch.chdir(straight)
    history.before(scn, straight, server)
    whole = told()
    history.after(scn, straight, server)
    end = told()

    history.edit(upgraded)
    restore(kept(number), upgraded / "scn.db")
    monkeypatch.chdir(upgraded)
    assert told() == whole
    history.after(scn, upgraded, server)
    assert told() == end
    # What was counted before counts on.
    of_ann = [(row["scenario"], row["order"], row["reason"]) for row in journeys(scn) if row["customer"] == "ann"]
    assert {("thanks", "23", "limit"), ("thanks", "26", "limit"), ("review", "25", "limit")} <= set(of_ann)
    # Who was erased is not known again; who comes under his id is somebody new.
    assert {row["order"] for row in journeys(scn) if row["customer"] == "dan"} == {"27", None}
    dump = "".join(content(upgraded / "scn.db"))
    assert b"ann@shop.example".hex().upper() in dump
    assert b"dan@shop.example".hex().upper() not in dump
    assert "dan@shop.example" not in dump


@pytest.mark.parametrize("number", KEPT)
def test_what_was_kept_holds_everything_that_can_be(number, tmp_path):
    """Else the comparison above compares less than it seems to."""
    restore(kept(number), tmp_path / "scn.db")
    database = sqlite3.connect(tmp_path / "scn.db")

    def values(query: str) -> set[object]:
        return {row[0] for row in database.execute(query)}

    assert values("SELECT state FROM journey") == {"waiting", "held", "finished", "stopped", "failed"}
    assert values("SELECT state FROM message") == {"planned", "sending", "sent", "opened", "unsure", "failed", "skipped"}
    assert values("SELECT reason FROM message WHERE state = 'skipped'") == {
        "no_consent", "unreachable", "invalid_contact", "holdout", "cap",
    }  # fmt: skip
    assert values("SELECT state FROM scenario") == {"running", "paused", "gone"}
    handled = "handled" if number == 1 else "id NOT IN (SELECT fact FROM inbox)"
    assert values(f"SELECT {handled} FROM fact") == {0, 1}
    begun = values("SELECT outcome FROM decision") | ({"started"} if number > 1 else set())
    assert {"refused", "started", "waiting", "held", "goal", "stopped", "failed"} <= begun
    old = "SELECT count(*) FROM journey j JOIN scenario s ON s.id = j.scenario WHERE j.due_at IS NOT NULL AND "
    assert values(old + "j.version <> s.version") != {0}
    assert values(old + "j.parked = 1") != {0}
    assert values("SELECT count(*) FROM alias") == {1}
    assert values("SELECT key FROM customer WHERE key LIKE 'erased%'")
    assert values("PRAGMA user_version") == {number}


def test_every_schema_before_this_one_has_its_database():
    """Who adds a migration keeps one of the schema before it: `python -m tests.upgrade.make`."""
    assert set(range(1, VERSION)) <= set(KEPT)


def test_every_command_that_opens_the_database_is_asked_below():
    assert LINES.keys() | FILES_ONLY == COMMANDS.keys()


@pytest.mark.parametrize("line", [line for lines in LINES.values() for line in lines])
def test_a_newer_schema_is_refused_and_left_alone(shop, scn, server, line):
    database = sqlite3.connect(shop / "scn.db")
    database.execute(f"PRAGMA user_version = {VERSION + 1}")
    database.close()
    before = content(shop / "scn.db")
    answer = scn(*line.split())
    # `scn doctor` says everything it finds; its answer is no.
    assert answer.code == (1 if line == "doctor" else 2)
    assert f"was written by a newer scn (format {VERSION + 1}, this one knows {VERSION})" in answer.out + answer.err
    assert "update scn on this machine" in answer.out + answer.err
    assert content(shop / "scn.db") == before
    assert not (shop / "copy.db").exists()


@pytest.mark.parametrize("line", [line for lines in LINES.values() for line in lines if line not in {"run", "serve"}])
def test_a_command_that_brings_a_database_up_to_date_says_so_once(shop, scn, server, line):
    (shop / "scn.db").unlink()
    restore(kept(1), shop / "scn.db")
    change = f"` was brought from format 1 to format {VERSION}, that of this scn; an older one refuses it from now on\n"
    first = scn(*line.split()).err
    assert first.count(change) == 1
    assert first.startswith("note: the database `")
    assert "scn.db" in first.partition(change)[0]
    (shop / "copy.db").unlink(missing_ok=True)
    assert change not in scn(*line.split()).err


def test_the_idle_tick_leaves_a_newer_schema_to_the_command_that_finds_the_words(shop, scn, server, monkeypatch):
    server.recovered = True
    monkeypatch.setattr("interpreter.clock.now", lambda: 1_775_000_000)
    scn("run", "--tick")
    assert try_idle(["run", "--tick"])
    database = sqlite3.connect(shop / "scn.db")
    database.execute(f"PRAGMA user_version = {VERSION + 1}")
    database.close()
    assert not try_idle(["run", "--tick"])


@pytest.mark.parametrize("version", [0, VERSION, VERSION + 1])
@pytest.mark.parametrize("table", ["note", "_sqlite_migrations"])
@pytest.mark.parametrize("line", ["run --tick", "ingest facts.jsonl", "messages"])
def test_a_database_of_another_program_is_refused_and_left_as_it_is(shop, scn, server, line, table, version):
    file = shop / "scn.db"
    file.unlink()
    database = sqlite3.connect(file)
    database.executescript(f"CREATE TABLE {table} (migration_set TEXT, name TEXT); CREATE TABLE fact (id INTEGER PRIMARY KEY)")
    database.execute(f"PRAGMA user_version = {version}")
    database.close()
    before = file.read_bytes()
    answer = scn(*line.split())
    assert answer.code == 2
    assert "`" in answer.err
    assert "belongs to another program; nothing in it was changed\n  give scn a file of its own" in answer.err
    assert file.read_bytes() == before
    assert not (shop / "scn.db-wal").exists()


def test_an_empty_file_is_a_new_database(shop, scn, server):
    (shop / "scn.db").write_bytes(b"")
    assert scn("messages").err == "no messages\n"
    assert scn("ingest", "facts.jsonl").code == 0
    assert scn("run", "--tick").code == 0
    assert content(shop / "scn.db")


@pytest.mark.parametrize("number", KEPT)
def test_what_a_killed_process_left_in_its_log_is_taken_along(tmp_path, number):
    """The file alone knows nothing of it yet."""
    restore(kept(number), tmp_path / "scn.db")
    writer = sqlite3.connect(tmp_path / "scn.db", isolation_level=None)
    writer.execute("PRAGMA journal_mode = WAL")
    writer.execute("INSERT INTO topic VALUES ('left behind')")
    for name in ("scn.db", "scn.db-wal"):
        shutil.copy(tmp_path / name, tmp_path / f"killed-{name}")
    writer.close()
    (tmp_path / "killed-scn.db-wal").rename(tmp_path / "killed.db-wal")
    (tmp_path / "killed-scn.db").rename(tmp_path / "killed.db")
    store = Store(str(tmp_path / "killed.db"))
    assert "left behind" in store.entities.topics()
    store.close()


@pytest.mark.parametrize("number", [0, *KEPT])
def test_a_migration_that_is_killed_anywhere_is_done_again(tmp_path, monkeypatch, number):
    """What is on the disk before each of its statements is what a kill there would leave."""
    connect = sqlite3.connect
    start = tmp_path / "scn.db"
    left: list[Path] = []

    def watched(path: str, **options: Any) -> sqlite3.Connection:
        def keep(_statement: str) -> None:
            copy = tmp_path / f"killed-{len(left)}.db"
            left.append(copy)
            for end in ("", "-wal", "-journal"):
                if Path(f"{start}{end}").exists():
                    shutil.copy(f"{start}{end}", f"{copy}{end}")

        connection = connect(path, **options)
        connection.set_trace_callback(keep)
        return connection

    if number:
        restore(kept(number), start)
    with monkeypatch.context() as patched:
        patched.setattr(sqlite3, "connect", watched)
        Store(str(start)).close()
    assert len(left) > (3 if number == VERSION else 20)
    whole = content(start)
    for copy in left:
        if number:
            Store(str(copy), create=False).close()
        else:
            Store(str(copy)).close()
        assert content(copy) == whole


def test_two_that_open_a_new_database_at_once_make_it_once(tmp_path, monkeypatch):
    """The other one is there between the look at the file and the first change of it."""
    path = str(tmp_path / "scn.db")
    connect = sqlite3.connect

    def overtaken(file: str, **options: Any) -> sqlite3.Connection:
        def other(statement: str) -> None:
            if statement.startswith("BEGIN"):
                connection.set_trace_callback(None)
                Store(path).close()

        monkeypatch.setattr(sqlite3, "connect", connect)
        connection = connect(file, **options)
        connection.set_trace_callback(other)
        return connection

    monkeypatch.setattr(sqlite3, "connect", overtaken)
    store = Store(path)
    assert store.connection.value("PRAGMA user_version") == VERSION
    assert store.connection.value("SELECT count(*) FROM _sqlite_migrations") == VERSION
    store.close()


def _read_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a user who may not write the file; the tests may run as root, who may write everything."""
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda path, **options: connect(f"file:{path}?mode=ro", uri=True, **options))


def test_a_database_that_may_not_be_written_is_listed(shop, scn, server, monkeypatch):
    listed = scn("messages").out
    _read_only(monkeypatch)
    assert scn("messages").out == listed
    answer = scn("run", "--tick")
    assert (answer.code, "may not be written\n  run scn as the user who owns the file" in answer.err) == (2, True)


def test_an_older_database_that_may_not_be_written_says_so(shop, scn, server, monkeypatch):
    (shop / "scn.db").unlink()
    restore(kept(1), shop / "scn.db")
    database = sqlite3.connect(shop / "scn.db")
    database.execute("PRAGMA user_version = 0")
    database.close()
    _read_only(monkeypatch)
    answer = scn("messages")
    assert (answer.code, "may not be written\n  run scn as the user who owns the file" in answer.err) == (2, True)
