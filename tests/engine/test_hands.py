"""A busy tick of several processes does to everybody what one process does (`engine.md` §1, §8)."""

from __future__ import annotations

import os
import re
import signal
import tempfile
from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from pathlib import Path
from typing import Any
from typing import Self
from unittest.mock import patch

import pytest
from hypothesis import Phase
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from dsl.forms import evolve
from dsl.offers import Offer
from interpreter import hands
from interpreter.crew import Crew
from interpreter.errors import UserError
from interpreter.facts import Fact
from interpreter.facts import read
from interpreter.hands import _may_be_dealt
from interpreter.phases.batch import Batch
from interpreter.phases.erasure import erase
from interpreter.store.sqlite import Store
from interpreter.tick import Engine
from tests.engine.house import ZONE
from tests.engine.house import House
from tests.engine.house import moment
from tests.engine.test_shares import NAMES
from tests.engine.test_shares import did
from tests.engine.test_shares import fact
from tests.engine.test_shares import somebody
from tests.engine.test_simulate import SCENARIOS
from tests.engine.test_simulate import stamp

DAY = 86_400
START = moment("2026-03-01 00:00")

#: What the tables say of people, by names that are the same whoever wrote them.
TOLD = {
    "customers": "SELECT key, json_remove(CAST(document AS TEXT), '$.id') FROM customer",
    "orders": """SELECT c.key, o.key, json_remove(CAST(o.document AS TEXT), '$.id', '$.customer', '$.facts') FROM orders o
        JOIN customer c ON c.id = o.customer""",
    "belongings": """SELECT c.key, kind, about, json_remove(CAST(b.document AS TEXT), '$.fact', '$.id', '$.key', '$.journey')
        FROM belonging b JOIN customer c ON c.id = b.customer""",
    "journeys": """SELECT c.key, s.name, j.order_key, j.begun_by, j.started, j.context_time, j.step, j.state, j.due_at, j.reason
        FROM journey j JOIN customer c ON c.id = j.customer JOIN scenario s ON s.id = j.scenario""",
    "messages": """SELECT c.key, m.template, m.channel, m.recipient, m.step, m.at, m.state, m.reason FROM message m
        JOIN customer c ON c.id = m.customer""",
    "decisions": """SELECT c.key, s.name, d.at, d.outcome, d.reason FROM decision d JOIN customer c ON c.id = d.customer
        LEFT JOIN scenario s ON s.id = d.scenario""",
    "counted": "SELECT c.key, a.scenario, a.at FROM application a JOIN customer c ON c.id = a.key",
    "inbox": "SELECT f.op, f.customer, i.received FROM inbox i JOIN fact f ON f.id = i.fact",
}


def told(store: Store) -> dict[str, list[str]]:
    return {
        name: sorted(re.sub(r"(erased|merged)-\d+|\"merged_into\":\d+", "gone", repr(row)) for row in store.connection.rows(query))
        for name, query in TOLD.items()
    }


@contextmanager
def several(processes: int = 2) -> Iterator[list[int]]:
    """However little there is to do; how many crews were started."""
    started: list[int] = []
    start = Crew.start

    def counted(crew: Crew, count: int) -> None:
        started.append(count)
        start(crew, count)

    with (
        patch.multiple(hands, JOURNEYS=3, cores=lambda: processes),
        patch.object(Crew, "start", counted),
    ):
        yield started


class Played:
    """A shop in a file, its facts, and a tick each morning and evening of six days: much piles up."""

    def __init__(self, raw: Iterable[dict[str, Any]], text: str = SCENARIOS, *, many: int | None = 0) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.house = House(text, Path(self.folder.name) / "scn.db")
        if many is not None:
            self.house.engine.many = many
        self.house.engine.tick(START - DAY)
        self.house.store.facts.add(list(facts_of(raw)))

    def to_the_end(self) -> Self:
        for half in range(12):
            self.house.engine.tick(START + half * DAY // 2 + 36_000)
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *how: object) -> None:
        self.house.store.close()
        self.folder.cleanup()


def facts_of(raw: Iterable[dict[str, Any]]) -> Iterator[Fact]:
    for number, one in enumerate(raw):
        found = read({"key": str(number), **one}, zone=ZONE, received=0, received_each=True, batch="b", actor="customer")
        assert isinstance(found, Fact), found
        yield found


def people() -> list[dict[str, Any]]:
    return [
        {"op": "customer.import", "customer": name, "email": f"{name}@example.com", "subscribed": ["email"], "at": stamp(0)}
        for name in NAMES
    ]


def same(raw: list[dict[str, Any]], text: str = SCENARIOS) -> int:
    """Whether several processes do what one does; how many crews there were."""
    with Played(raw, text, many=None) as one:
        wanted = told(one.to_the_end().house.store)
    with several() as started, Played(raw, text) as other:
        assert told(other.to_the_end().house.store) == wanted
    return len(started)


@settings(max_examples=8, deadline=None, phases=[Phase.generate])
@given(raw=st.lists(somebody().filter(lambda one: one["op"] != "message.status"), min_size=8, max_size=30))
def test_several_processes_do_what_one_does(raw):
    assert same(people() + raw)


@pytest.mark.parametrize(
    "raw",
    [
        [did(name, number) for number, name in enumerate(NAMES * 3)],
        [fact("order.update", name, number, order={"id": number}) for number, name in enumerate(NAMES * 2)],
        # One order is said to be everybody's, one address to be of two, one has two ids.
        [fact("order.update", name, number, order={"id": "1", "total": number}) for number, name in enumerate(NAMES)],
        [fact("customer.register", f"new-{number % 5}", number, email=f"{number % 3}@example.com") for number in range(12)],
        [fact("customer.merge", None, 1, into="c0", **{"from": ["x", "c5"]}), *(did(name, 9) for name in ("c0", "x", "c5"))],
        # More letters, orders and journeys than ids were kept for.
        [fact("list.add", "c1", 5, list="cart", products=[{"id": str(number)} for number in range(20)])],
        [fact("customer.erase", "c1", 60), did("c1", 30), did("c1", 90), did("c2", 90)],
    ],
    ids=["actions", "orders", "one order", "one address", "two ids", "many of one", "erased"],
)  # fmt: skip
def test_whatever_ties_them_several_processes_do_what_one_does(raw):
    assert same(people() + raw)


MORE = """
scenario more
  on action "go"
  send a by email
  send b by email
  send c by email
"""


def test_there_are_ids_for_whoever_needs_more_than_one():
    assert same([*people(), *(did(name, 9) for name in NAMES * 2)], MORE)


@pytest.mark.parametrize(
    "text",
    [
        'scenario first\n  on action "go"\n  send a by email\n  limit 3 per scenario\n',
        'define promo "P" one_time valid 1d\nscenario first\n  on action "go"\n  issue promo "P"\n  send a by email\n',
        'scenario first\n  on action "go"\n  set customer.email "a@example.com"\n',
    ],
    ids=["a limit over all", "codes of one pool", "an address"],
)
def test_where_one_depends_on_another_there_is_one_process(text):
    assert same([*people(), *(did(name, 9) for name in NAMES)], text) == 0


def test_a_text_of_before_by_which_somebody_still_goes_counts_too():
    text = 'scenario first\n  on action "go"\n  wait 2d\n  send a by email\n'
    with several() as started, Played([*people(), *(did(name, 9) for name in NAMES)], text + "  limit 3 per scenario\n") as played:
        played.house.engine.tick(START + 36_000)
        # Whose wait is gone goes on by the text that had it.
        played.house.edit(text.replace("  wait 2d\n", ""))
        played.house.engine.many = 0
        played.to_the_end()
        assert len(played.house.messages()) == 3
    assert not started


def test_a_text_of_before_by_which_nobody_goes_does_not():
    text = 'scenario first\n  on action "go"\n  send a by email\n'
    with several() as started, Played([*people(), *(did(name, 9) for name in NAMES)], text + "  limit 3 per scenario\n") as played:
        for number in range(3):
            played.house.edit(text.replace("send a", f"send a{number}"))
            played.house.engine.many = 0
            played.house.engine.tick(START - 3600)
        played.to_the_end()
    assert started == [2]


def test_what_letters_offer_is_chosen_by_one_process():
    with Played(people()) as played:
        rules = played.house.engine.rules
        assert _may_be_dealt(rules, ())
        offering = evolve(next(iter(rules.scenarios.values())), offers=frozenset({Offer("popular")}))
        assert not _may_be_dealt(rules, [offering])


def test_a_database_that_is_replaced_in_the_meantime_is_not_gone_on_with(tmp_path):
    store = Store(str(tmp_path / "scn.db"))
    with pytest.raises(UserError, match="was replaced while it was in use"), store.connection.closed():
        (tmp_path / "scn.db").unlink()
    assert not (tmp_path / "scn.db").exists()


def test_what_may_be_taken_back_is_the_work_of_one_process():
    with several() as started, Played([*people(), *(did(name, 9) for name in NAMES)]) as played:
        engine, store = played.house.engine, played.house.store
        before = told(store)
        with suppress(KeyboardInterrupt), store.transaction():
            engine.tick(START + 36_000)
            raise KeyboardInterrupt
        assert told(store) == before
    assert not started


# ---------------------------------------------------------------------------------------------------------------- mishaps


def due_in_the_morning(count: int = 40) -> list[dict[str, Any]]:
    names = [f"n{number}" for number in range(count)]
    registered = [fact("customer.register", name, 0, email=f"{name}@example.com", subscribed=["email"]) for name in names]
    return [*registered, *(did(name, 60) for name in names), *(fact("order.update", name, 90, order={"id": name}) for name in names)]


@pytest.mark.parametrize("call", [1, 2, 5])
def test_a_process_that_is_killed_is_a_sentence_and_the_next_tick_goes_on(call):
    raw = due_in_the_morning()
    with Played(raw, many=None) as one:
        wanted = told(one.to_the_end().house.store)
    write, calls, master = Batch.write, [], os.getpid()

    def killed(batch: Batch) -> None:
        write(batch)
        calls.append(batch)
        if os.getpid() != master and len(calls) >= call:
            os.kill(os.getpid(), signal.SIGKILL)

    with several(), Played(raw) as played:
        with patch.object(Batch, "write", killed), pytest.raises(UserError, match="one of the processes of this tick was ended by SIGKILL"):
            played.to_the_end()
        played.house.reopen()
        played.house.engine.many = 0
        assert told(played.to_the_end().house.store) == wanted


@pytest.mark.parametrize("before", [True, False], ids=["before loading", "behind deciding"])
def test_who_is_erased_while_others_decide_is_left_alone(before):
    raw = due_in_the_morning()
    with several(), Played(raw) as played:
        played.house.engine.tick(START + 60)
        path, decide = played.house.path, Engine.decide
        done: list[bool] = []

        def slowly(*arguments: Any) -> None:
            if not before:
                decide(*arguments)
            if not done:
                done.append(True)
                other = Store(path)
                with other.transaction():
                    found = other.entities.called("n3")
                    if found is not None:
                        erase(other, found, START + 120, inbox=True)
                other.close()
            if before:
                decide(*arguments)

        with patch.object(Engine, "decide", slowly):
            played.to_the_end()
        rows = played.house.store.connection.rows(
            "SELECT count(*) FROM journey j JOIN customer c ON c.id = j.customer WHERE c.key LIKE 'erased-%' AND j.due_at IS NOT NULL"
        )
        assert rows == [(0,)]
        assert "n3@example.com" not in str(played.house.store.connection.rows("SELECT recipient FROM message"))
        assert len(told(played.house.store)["customers"]) == 40


def test_what_a_process_leaves_that_alone_is_told_to_end_is_done_in_the_same_tick():
    raw = due_in_the_morning()
    with Played(raw, many=None) as one:
        one.house.engine.tick(START + 36_000)
        wanted = told(one.house.store)
    write, master = Batch.write, os.getpid()

    def told_to_end(batch: Batch) -> None:
        if os.getpid() != master:
            os.kill(os.getpid(), signal.SIGTERM)
        write(batch)

    with several() as started, Played(raw) as played:
        with patch.object(Batch, "write", told_to_end):
            played.house.engine.tick(START + 36_000)
        assert started
        assert told(played.house.store) == wanted


def test_told_to_stop_everybody_ends_with_what_was_begun(tmp_path):
    raw, told_to = due_in_the_morning(), tmp_path / "told"
    write, master, written = Batch.write, os.getpid(), []

    def last(batch: Batch) -> None:
        if os.getpid() != master:
            # As systemd does, to the whole group.
            os.kill(os.getpid(), signal.SIGTERM)
            told_to.touch()
            written.append(batch)
            assert len(written) == 1
        write(batch)

    with several(), Played(raw) as played:
        played.house.engine.stopping = told_to.exists
        with patch.object(Batch, "write", last):
            played.house.engine.tick(START + 36_000)
        # A batch of three by each of two processes, of forty people with two letters.
        assert 0 < len(played.house.messages()) <= 12
        played.house.reopen()
        played.house.engine.many = 0
        played.house.engine.tick(START + 36_000)
        rows = played.house.store.connection.rows("SELECT count(*), count(DISTINCT customer) FROM message WHERE template = 'quick'")
        assert rows == [(40, 40)]
