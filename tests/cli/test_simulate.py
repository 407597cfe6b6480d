from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from interpreter import backtest
from interpreter.commands import simulate
from tests.interpreter.timelines import LETTER
from tests.interpreter.timelines import REVIEW
from tests.interpreter.timelines import TOML

ROOT = Path(__file__).resolve().parents[2]


def fact(op, at, customer="ann", **more):
    return json.dumps({"op": op, "at": at, "customer": customer, **more}) + "\n"


def shipped(at, number=17, customer="ann", **more):
    return fact("order.update", at, customer, order={"id": number, "status": "shipped", "total": 1200}, **more)


ANN = fact("customer.register", "2026-03-01T10:00", email="ann@example.com", subscribed=["email"])
BOB = fact("customer.register", "2026-03-01T10:00", "bob", email="bob@example.com")
FACTS = ANN + BOB + shipped("2026-03-01T23:30") + shipped("2026-03-02T12:00", 18, "bob") + shipped("2026-03-20T12:00", 19)


@pytest.fixture
def shop(folder):
    def write(**files):
        return folder({"scn.toml": TOML, "review.scn": REVIEW, **LETTER, "facts.jsonl": FACTS, **files})

    return write


def test_text(shop, scn, golden):
    shop()
    answer = scn("simulate", "--facts", "facts.jsonl")
    assert (answer.code, answer.err) == (0, "")
    golden("timeline/simulate.txt", answer.out)


def test_json_has_the_shapes_of_messages_and_journeys(shop, scn):
    shop()
    found = json.loads(scn("simulate", "--facts", "facts.jsonl", "--format", "json").out)
    assert found["version"] == 1
    assert found["messages"] == [
        {
            "id": 1, "at": "2026-03-09T09:00:00+03:00", "customer": "ann", "scenario": "review", "template": "letter", "channel": "email",
            "to": "ann@example.com", "state": "sent", "reason": None, "subject": "How was it?", "order": "17", "product": None,
        }
    ]  # fmt: skip
    assert [(row["customer"], row["state"], row["reason"]) for row in found["journeys"]] == [
        ("ann", "finished", None), ("bob", "stopped", "condition"), ("ann", "stopped", "limit"),
    ]  # fmt: skip


def test_it_gives_what_replayed_ticks_give(shop, scn):
    """`engine.md` §1: the same facts give the same messages at the same minutes, whichever way they are run."""
    shop(
        **{
            "facts.jsonl": FACTS
            + shipped("2026-03-03T08:00:30", 20, received="2026-03-05T10:00")
            + fact("customer.edit", "2026-03-08T23:00", subscribed=[])
        }
    )
    simulated = json.loads(scn("simulate", "--facts", "facts.jsonl", "--to", "2026-04-01", "--format", "json").out)
    assert scn("ingest", "--received", "each", "facts.jsonl").code == 0
    assert scn("run", "--tick", "--now", "2026-03-01T09:59", "--until", "2026-04-01").code == 0
    run = json.loads(scn("messages", "--format", "json").out)
    assert simulated["messages"] == run["messages"]
    assert simulated["messages"]
    journeys = json.loads(scn("journeys", "--format", "json").out)
    assert simulated["journeys"] == journeys["journeys"]


def test_the_facts_of_the_database_untouched(shop, scn):
    root = shop()
    scn("ingest", "--received", "each", "facts.jsonl")
    before = (root / "scn.db").read_bytes()
    answer = scn("simulate")
    assert "1  letter by email" in answer.out
    assert (root / "scn.db").read_bytes() == before
    assert not (root / "outbox").exists()


def test_visits_in_the_database_say_nothing_but_whose_they_are(folder, scn):
    folder({"scn.toml": TOML, "left.scn": 'on session ended\n  add to segment "seen"\n'})
    facts = fact("session.activity", "2026-03-01T10:00:00Z") + fact("session.close", "2026-03-01T10:05:00Z")
    scn("ingest", "--received", "each", "-", stdin=facts)
    assert "  started            1\n" in scn("simulate").out


def test_without_facts_it_says_so(shop, scn):
    shop()
    answer = scn("simulate")
    assert (answer.code, answer.out) == (2, "")
    assert "there is no database at" in answer.err


def test_from_makes_history_of_what_came_before(shop, scn):
    """Launched on the 10th: the order of the 1st starts nothing, its letter does not fill the limit."""
    shop()
    found = json.loads(scn("simulate", "--facts", "facts.jsonl", "--from", "2026-03-10", "--format", "json").out)
    assert [(row["at"], row["order"]) for row in found["messages"]] == [("2026-03-27T12:00:00+03:00", "19")]
    assert [row["order"] for row in found["journeys"]] == ["19"]


def test_to_stops_the_clock(shop, scn):
    shop()
    found = json.loads(scn("simulate", "--facts", "facts.jsonl", "--to", "2026-03-09T08:59", "--format", "json").out)
    assert not found["messages"]
    assert [(row["customer"], row["state"], row["step"], row["due_at"]) for row in found["journeys"] if row["due_at"]] == [
        ("ann", "held", "wait 7d", "2026-03-09T09:00:00+03:00"), ("bob", "waiting", "wait 7d", "2026-03-09T12:00:00+03:00"),
    ]  # fmt: skip


def test_bad_facts_are_named_and_the_others_simulated(shop, scn):
    shop(**{"facts.jsonl": FACTS + '{"op": "order.updat"}\n' + '{"op": "order.update", "customer": "ann", "order": {"id": 1}}\n'})
    answer = scn("simulate", "--facts", "facts.jsonl")
    assert answer.code == 1
    assert answer.err.splitlines() == [
        'facts.jsonl:6: op: unknown operation "order.updat", did you mean `order.update`?',
        "facts.jsonl:7: at: expected when it happened, found nothing: in a simulation every fact needs `at` or `received`",
    ]
    assert "1  letter by email" in answer.out


@pytest.mark.parametrize("more", ["", "no fact\n" * 5])
def test_where_nothing_good_is_left_of_the_last_piece_read_the_span_is_that_of_the_facts(shop, scn, monkeypatch, more):
    shop(**{"facts.jsonl": FACTS + more})
    monkeypatch.setattr(simulate, "CHUNK", 5)
    assert scn("simulate", "--facts", "facts.jsonl").out.startswith("5 facts, from 2026-03-01 09:59 to ")


def test_stdin(shop, scn):
    shop()
    assert "1  letter by email" in scn("simulate", "--facts", "-", stdin=FACTS).out


def test_what_cannot_be_done(shop, scn):
    shop()
    assert (
        scn("simulate", "--facts", "facts.jsonl", "--compare", "main").err
        == "scn: `--compare` is not there yet: it comes with a later version\n"
    )
    for arguments, sentence in (
        (("--facts", "nowhere.jsonl"), "cannot read nowhere.jsonl: no such file or directory"),
        (("--facts", "facts.jsonl", "--from", "soon"), "expected a moment"),
        (("--facts", "facts.jsonl", "--from", "2026-03-02", "--to", "2026-03-01"), "`--to 2026-03-01` is before `--from 2026-03-02`"),
    ):
        answer = scn("simulate", *arguments)
        assert (answer.code, answer.out) == (2, "")
        assert sentence in answer.err


def test_a_scenario_with_errors_is_not_simulated(shop, scn):
    shop(**{"review.scn": REVIEW.replace("wait 7d", "wait 7days")})
    answer = scn("simulate", "--facts", "facts.jsonl")
    assert (answer.code, answer.out) == (2, "")


def test_journeys_that_fail_are_a_no(shop, scn):
    shop(**{"templates/letter/email.txt": "{{ order.total.lacking.more }}"})
    answer = scn("simulate", "--facts", "facts.jsonl")
    assert answer.code == 1
    assert "failed" in answer.out
    assert "email.txt:1" in answer.err


def test_by_several_processes_it_says_the_same(shop, scn, monkeypatch):
    """Bad lines too, in the order of the file, however it is cut."""
    many = "".join(shipped("2026-03-01T12:00", number, f"c{number}") + ("no fact\n" if number % 10 == 0 else "") for number in range(40))
    shop(**{"facts.jsonl": FACTS + many})
    alone = scn("simulate", "--facts", "facts.jsonl")
    monkeypatch.setattr(backtest, "cores", lambda: 3)
    monkeypatch.setattr(backtest, "SMALL", 3)
    monkeypatch.setattr(backtest, "SHARE", 2)
    monkeypatch.setattr(backtest, "CHUNK", 3)
    monkeypatch.setattr(simulate, "CHUNK", 3)
    assert scn("simulate", "--facts", "facts.jsonl") == alone
    monkeypatch.setattr(simulate, "BYTES", 200)
    assert scn("simulate", "--facts", "-", stdin=FACTS + many).out == alone.out
    assert [line.split(":")[1] for line in alone.err.splitlines()] == ["7", "18", "29", "40"]


@pytest.mark.skipif(sys.platform != "linux", reason="one process elsewhere")
def test_an_interrupt_ends_all_processes(shop):
    shop()
    code = """
from interpreter import backtest
from interpreter.cli import main
backtest.SMALL = 0
backtest.cores = lambda: 2
raise SystemExit(main(["simulate", "--facts", "-"]))
"""
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:  # fmt: skip
        assert process.stdin
        children: list[str] = []
        while len(children) < 2:
            process.stdin.write(FACTS.encode() * 10)
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert (process.returncode, out, err) == (2, b"", b"\nscn: interrupted\n")
    assert not [child for child in children if Path(f"/proc/{child}").exists()]
