"""`scn prune` takes away what is only told, never what decides."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dsl.calendar import parse_moment
from interpreter.phases.erasure import erase
from interpreter.store import pruning
from interpreter.store.lock import tick_lock
from interpreter.store.sqlite import Store
from tests.upgrade import history
from tests.upgrade.make import kept

#: In the middle of the history: half of what was decided until then is older than a day.
NOW = parse_moment("2026-03-06T20:00", "Europe/Moscow")
BEFORE = NOW - 86_400


@pytest.fixture
def server() -> Iterator[history.Gateway]:
    with history.gateway() as found:
        yield found


@pytest.fixture
def restored(tmp_path, monkeypatch) -> Callable[..., Path]:
    """The first half of the history, from the database that is kept of it, in a folder of its own."""

    def restore(name: str = "shop") -> Path:
        root = tmp_path / name
        history.open_shop(root)
        history.edit(root)
        database = sqlite3.connect(root / "scn.db")
        database.executescript(kept(1).read_text(encoding="utf-8"))
        database.close()
        Store(str(root / "scn.db")).close()
        monkeypatch.chdir(root)
        monkeypatch.setattr("interpreter.clock.now", lambda: NOW)
        monkeypatch.setattr("interpreter.clock.sleep", lambda _: None)
        monkeypatch.setattr(pruning, "CHUNK", 5)
        return root

    return restore


@pytest.fixture
def shop(restored) -> Path:
    return restored()


def content(root: Path) -> list[str]:
    database = sqlite3.connect(root / "scn.db")
    try:
        # When it was brought to this release is the clock's business.
        return [line for line in database.iterdump() if "_sqlite_migrations" not in line]
    finally:
        database.close()


def knows(root: Path, text: str) -> bool:
    """Whether a text stands anywhere; documents are dumped as bytes."""
    dump = "".join(content(root))
    return text in dump or text.encode().hex().upper() in dump


def listed(scn) -> list[str]:
    return [scn(name, "--format", "json").out for name in ("messages", "journeys")]


def test_what_is_decided_later_is_the_same(scn, server, restored, monkeypatch):
    history.after(scn, restored("whole"), server)
    expected = listed(scn)
    facts = []
    # `faulty` counts per order since it was created: with it the facts of orders stay.
    for since_created in (True, False):
        root = restored(f"pruned {since_created}")
        if not since_created:
            monkeypatch.setattr(history, "FIRST_TEXT", history.FIRST_TEXT.replace(" since created", ""))
            (root / "scenarios.scn").write_text((root / "scenarios.scn").read_text().replace(" since created", ""))
            database = sqlite3.connect("scn.db", isolation_level=None)
            database.execute("UPDATE version SET text = replace(text, ' since created', '')")
            database.close()
        answer = json.loads(scn("prune", "--older", "1d", "--format", "json").out)
        assert answer["decisions"] > 10
        facts.append(answer["facts"])
        history.after(scn, root, server)
        assert listed(scn) == expected
    assert 0 < facts[0] < facts[1]


def test_a_file_taken_in_again_still_changes_nothing(scn, shop):
    history._write(Path("again.jsonl"), *history.CUSTOMERS[2:-1])
    assert scn("prune", "--older", "1d").code == 0
    before = content(shop)
    assert scn("ingest", "--received", "each", "again.jsonl").out == "0 facts accepted, 7 known already\n"
    assert content(shop) == before


def test_what_is_younger_stays_and_counts_add_up(scn, shop):
    store = Store("scn.db")
    ledger = "SELECT s.name, outcome, reason, count(*) FROM decision d JOIN scenario s ON s.id = d.scenario GROUP BY 1, 2, 3"
    young = "SELECT count(*) FROM decision WHERE at >= ?"
    before = Counter({row[:3]: row[3] for row in store.connection.rows(ledger)})
    stays = store.connection.value(young, (BEFORE,))
    assert scn("prune", "--older", "1d").code == 0
    after = Counter({row[:3]: row[3] for row in store.connection.rows(ledger)})
    assert store.connection.value(young, (BEFORE,)) == stays
    assert after + Counter(pruning.pruned_counts(store.connection)) == before
    assert after != before
    store.close()


def test_of_each_customer_all_journeys_are_listed_before_and_after(scn, shop):
    """Ended ones are found by the ledger, of which the old lines are gone afterwards."""

    def everybody() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(scn("journeys", "--format", "json").out)["journeys"]
        for customer in {row["customer"] for row in found}:
            own = json.loads(scn("journeys", "--customer", customer, "--format", "json").out)["journeys"]
            assert own == [row for row in found if row["customer"] == customer]
        return found

    whole = everybody()
    assert {row["state"] for row in whole} > {"waiting", "finished", "stopped"}
    assert scn("prune", "--older", "1d").code == 0
    assert everybody() == whole


def test_a_journey_that_goes_on_is_told_from_its_start(scn, shop):
    whole = scn("trace", "ann").out
    assert scn("prune", "--older", "1d").code == 0
    answer = scn("trace", "ann")
    journey = "review, order 10 "
    assert [line for line in answer.out.splitlines() if journey in line] == [line for line in whole.splitlines() if journey in line] != []
    assert len(answer.out) < len(whole)
    assert answer.err == (
        "decisions older than 2026-03-05T20:00:00+03:00 were pruned, except of journeys that had not ended\n"
        "  `scn messages --customer ann` still lists what was sent\n"
    )


def test_a_try_tells_the_same_and_changes_nothing(scn, shop):
    before = content(shop)
    tried = scn("prune", "--older", "1d", "--dry-run")
    assert (tried.code, tried.err) == (0, "dry run: nothing was changed\n")
    assert content(shop) == before
    assert scn("prune", "--older", "1d").out == tried.out
    assert json.loads(scn("prune", "--older", "1d", "--format", "json").out) == {
        "version": 1, "before": "2026-03-05T20:00:00+03:00", "decisions": 0, "facts": 0, "sessions": 0, "bytes": 0,
    }  # fmt: skip


def prune() -> None:
    store = Store("scn.db")
    for _ in pruning.Pruning(store.connection, BEFORE).steps():
        pass
    store.close()


def test_who_is_stopped_anywhere_has_pruned_a_part_and_goes_on(shop):
    original = (shop / "scn.db").read_bytes()
    prune()
    whole = content(shop)
    stopped, went_on = 0, True
    while went_on:
        (shop / "scn.db").write_bytes(original)
        store = Store("scn.db")
        steps = pruning.Pruning(store.connection, BEFORE).steps()
        went_on = all(next(steps, "end") is None for _ in range(stopped))
        store.close()
        prune()
        assert content(shop) == whole
        stopped += 1
    assert stopped > 15


def test_a_tick_gets_its_turn_between_two_steps(shop):
    store = Store("scn.db")
    other = sqlite3.connect("scn.db", isolation_level=None, timeout=0)
    for number, _ in enumerate(pruning.Pruning(store.connection, BEFORE).steps()):
        other.execute("BEGIN IMMEDIATE")
        other.execute("INSERT INTO topic VALUES (?)", (f"step {number}",))
        other.execute("COMMIT")
    assert number > 10
    store.close()
    other.close()


def test_who_is_erased_meanwhile_stays_erased(shop):
    """His payloads are read, he is erased, and only then they are written."""
    store, other = Store("scn.db"), Store("scn.db")

    def meanwhile(statement: str) -> None:
        if statement.startswith("BEGIN") and reading:
            reading.clear()
            with other.transaction():
                for key in ("ann", "eve", "fay"):
                    customer = other.entities.called(key)
                    assert customer is not None
                    erase(other, customer, NOW, inbox=True)

    reading = [True]
    rows = store.connection.rows

    def read(query: str, values: Any = ()) -> Any:
        if "data FROM fact" in query:
            store.connection.sqlite.set_trace_callback(meanwhile)
        return rows(query, values)

    store.connection.rows = read  # type: ignore[method-assign, assignment]
    for _ in pruning.Pruning(store.connection, BEFORE).steps():
        store.connection.sqlite.set_trace_callback(None)
    store.close()
    other.close()
    assert not reading
    assert not any(knows(shop, f"{key}@shop.example") for key in ("ann", "eve", "fay"))


def test_what_old_facts_say_to_whom_they_still_concern_stays(folder, scn, monkeypatch):
    """Ann waits with what she answered; bob's order came long ago and was refused today."""
    folder({
        "scn.toml": "",
        "quiz.scn": 'on action "quiz" wait 9d if action.number = 2 send note by email limit 9 per customer\n'
        'scenario big on order created where order.total > 5 send note by email limit 9 per customer\n',
        "templates/note/email.txt": "{{ unsubscribe_url }}",
        "templates/note/meta.toml": 'subject = "Hello"\n',
        "facts.jsonl": """
            {"op": "customer.register", "customer": "ann", "at": "2026-03-01T10:00", "email": "ann@shop.example", "subscribed": ["email"]}
            {"op": "action.issue", "customer": "ann", "at": "2026-03-01T10:00", "template": "quiz", "number": 2}
            {"op": "action.issue", "customer": "ann", "at": "2026-03-01T10:00", "template": "quiz", "number": 3}
        """,
        "order.jsonl": '{"op": "order.create", "customer": "bob", "at": "2026-03-01T11:00", "order": {"id": "7", "total": 1}}',
    })  # fmt: skip
    assert scn("ingest", "--received", "each", "facts.jsonl").code == 0
    assert scn("run", "--tick", "--now", "2026-03-01T10:00").code == 0
    assert scn("ingest", "--received", "each", "order.jsonl").code == 0
    assert scn("run", "--tick", "--now", "2026-03-06T20:00").code == 0
    monkeypatch.setattr("interpreter.clock.now", lambda: NOW)
    assert json.loads(scn("prune", "--older", "1d", "--format", "json").out)["facts"] == 1  # what ann registered with
    assert "order 7" in scn("trace", "bob", "--order", "7").out
    assert scn("run", "--tick", "--now", "2026-03-10T10:00").out.endswith(": 1 message sent, 1 stopped, 1 finished\n")


def test_an_address_that_only_an_old_fact_knew_is_forgotten_with_its_owner(scn, shop):
    history._write(
        Path("address.jsonl"),
        {"op": "customer.edit", "at": "2026-03-06T19:10", "customer": "ann", "email": "new@shop.example"},
        {"op": "contact.confirm", "at": "2026-03-06T19:11", "kind": "email", "value": "ann@shop.example"},
    )
    assert scn("ingest", "--received", "each", "address.jsonl").code == 0
    assert scn("run", "--tick", "--now", "2026-03-06T19:30").code != 2
    store = Store("scn.db")
    store.connection.execute("UPDATE message SET recipient = NULL")
    store.close()
    assert scn("prune", "--older", "1d").code == 0
    assert knows(shop, "ann@shop.example")
    assert scn("forget", "ann", "--yes").code == 0
    assert not knows(shop, "ann@shop.example")


@pytest.mark.parametrize("first", [("prune", "--older", "1d"), ("forget", "ann", "--yes")])
def test_history_with_gaps_can_be_simulated(scn, server, shop, first):
    assert scn(*first).code == 0
    answer = scn("simulate")
    assert answer.code < 2
    assert ("facts from before 2026-03-05T20:00:00+03:00 were pruned and are left out\n" in answer.err) is (first[0] == "prune")


def test_vacuum_gives_the_room_back(scn, shop, monkeypatch):
    store = Store("scn.db")
    rows = [(NOW - 9 * 86_400, 1, 1, None, None, None, "refused", "where", json.dumps(["x" * 200]))] * 2_000
    with store.transaction():
        store.connection.execute("UPDATE decision SET id = -id")
        store.journeys.record(rows)
        store.connection.execute("UPDATE decision SET id = 10000 - id WHERE id < 0")
    store.close()
    size = (shop / "scn.db").stat().st_size
    monkeypatch.setattr(pruning, "CHUNK", 2_000)
    answer = scn("prune", "--older", "1d", "--vacuum", "--format", "json")
    assert answer.code == 0
    assert json.loads(answer.out)["bytes"] == size - (shop / "scn.db").stat().st_size > 400_000


def test_no_vacuum_while_a_tick_is_at_work(scn, shop):
    with tick_lock(str(shop / "scn.db")):
        answer = scn("prune", "--older", "1d", "--vacuum")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("scn: a tick is at work, so the file keeps its size; what was to go is gone\n  stop `scn run`")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ("", "`--older` is missing\n  write how old what goes must be"),
        ("--older 90", "`--older 90` is not a length of time\n  write how old"),
        ("--older soon", "`--older soon` is not a length of time"),
        ("--older -5d", "`--older -5d` is not a length of time"),
        ("--older 0d", "`--older 0d` is too short: what happened within a day stays"),
        ("--older 23h", "`--older 23h` is too short"),
        ("--older 99999y", "`--older`: the moment lies outside the years 1 to 9999"),
        ("--older 90d --dry-run --vacuum", "`--dry-run` changes nothing, so `--vacuum` does not go with it"),
    ],
)
def test_an_age_that_makes_no_sense_is_refused(scn, shop, options, sentence):
    before = content(shop)
    answer = scn("prune", *options.split())
    assert (answer.code, answer.out) == (2, "")
    assert sentence in answer.err
    assert content(shop) == before


@pytest.mark.parametrize("age", ["1d", "12w", "6mo", "1y", "1d12h", "2000y"])
def test_ages_are_written_as_durations_of_the_language(scn, shop, age):
    assert scn("prune", "--older", age).code == 0


def test_visits_that_ended_before_go_but_for_those_of_a_journey_that_goes_on(folder, scn, monkeypatch):
    """Ann's journey about her visit still waits; bob's visit began none, and his last one is young."""
    folder({
        "scn.toml": "",
        "s.scn": "on session ended where session.viewed is not empty wait 9d if any view in session.viewed send note by email "
        "limit 9 per customer\n",
        "templates/note/email.txt": "{% for view in session.viewed %}{{ view.product.id }}{% endfor %} {{ unsubscribe_url }}",
        "templates/note/meta.toml": 'subject = "Hello"\n',
        "facts.jsonl": """
            {"op": "customer.register", "customer": "ann", "at": "2026-03-01T10:00", "email": "ann@shop.example", "subscribed": ["email"]}
            {"op": "session.activity", "customer": "ann", "at": "2026-03-01T10:00"}
            {"op": "product.view", "customer": "ann", "at": "2026-03-01T10:01", "product": "P"}
            {"op": "session.activity", "customer": "bob", "at": "2026-03-01T10:00"}
            {"op": "session.activity", "customer": "bob", "at": "2026-03-02T10:00"}
            {"op": "session.activity", "customer": "bob", "at": "2026-03-06T19:50"}
        """,
    })  # fmt: skip
    assert scn("ingest", "--received", "each", "facts.jsonl").code == 0
    assert scn("run", "--tick", "--now", "2026-03-01T10:00", "--until", "2026-03-06T20:00").code == 0
    monkeypatch.setattr("interpreter.clock.now", lambda: NOW)
    assert scn("prune", "--older", "1d", "--dry-run").out.endswith(", and 2 visits\n")
    assert json.loads(scn("prune", "--older", "1d", "--format", "json").out)["sessions"] == 2
    assert scn("run", "--tick", "--now", "2026-03-06T20:01", "--until", "2026-03-10T11:00").out.count("1 message sent") == 1


def test_points_that_are_spent_are_not_paid_again(folder, scn, monkeypatch):
    """The shop tells an accrual again by its own id, long after it was spent; and what was changed is still counted."""
    text = 'on action "ask"\n  if at least 3 changes within 365d\n  award 1 to balance "asked"\n  limit 1 per customer\n'
    folder({"scn.toml": '[project]\ntimezone = "Europe/Moscow"\n', "s.scn": f"scenario s\n  {text}"})
    change: dict[str, Any] = {"op": "balance.change", "customer": "ann", "account": "bonus"}
    told: list[list[dict[str, Any]]] = [
        [{**change, "id": "a-1", "amount": 100}, {**change, "amount": -100}],
        [{**change, "id": "a-2", "amount": 5, "expires": "1d"}],
        [{**change, "id": "a-1", "amount": 100}, {"op": "action.issue", "customer": "ann", "template": "ask"}],
    ]
    for number, facts in enumerate(told):
        monkeypatch.setattr("interpreter.clock.now", lambda at=NOW + number * 30 * 86_400: at)
        before = scn("prune", "--older", "1d") if number else scn("run", "--tick")
        assert before.code == 0, before.err
        assert scn("ingest", "-", stdin="".join(json.dumps(fact) + "\n" for fact in facts)).code == 0
        assert scn("run", "--tick").code == 0
    store = Store("scn.db")
    accounts = {
        key: json.loads(document) for key, document in store.connection.rows("SELECT key, document FROM belonging WHERE kind = 'account'")
    }
    store.close()
    assert {key: account.get("available", 0) for key, account in accounts.items()} == {"bonus": 0, "asked": 1}
