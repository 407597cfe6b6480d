"""How rows are written: what is taken back is the transaction, so no statement keeps copies of its own."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from interpreter.entities import Action
from interpreter.entities import Customer
from interpreter.entities import Order
from interpreter.facts import Fact
from interpreter.journey import Journey
from interpreter.journey import State
from interpreter.store.connection import DatabaseError
from interpreter.store.messages import NewMessage
from interpreter.store.sqlite import Store

MANY = range(1, 4001)


@pytest.fixture
def store(tmp_path) -> Store:
    """On the disk: only there does SQLite keep its copies in files."""
    return Store(str(tmp_path / "scn.db"))


def scattered(number: int) -> int:
    """Every number once, in no order: neighbours stand on different pages of an index."""
    return number * 7919 % 4001


def message(number: int) -> NewMessage:
    where: dict[str, Any] = {"customer": scattered(number), "journey": number, "version": 1, "step": 0, "scenario": 1}
    to: dict[str, Any] = {
        "template": "letter",
        "channel": "email",
        "recipient": "a@example.com",
        "order": None,
        "transactional": False,
        "staff": False,
    }
    return NewMessage(number, "message", **where, **to, at=60, state="planned", reason=None, deadline=90, content={"text": "letter" * 20})


def journey(number: int) -> Journey:
    moments: dict[str, Any] = {"started": 60, "context_time": 60, "due_at": scattered(number)}
    place: dict[str, Any] = {"step": 0, "inside": True, "state": State.WAITING, "reason": None}
    return Journey(number, 1, 1, scattered(number), "order", 1, None, **moments, **place)


def write_much(store: Store) -> None:
    """A batch with some of everything."""
    store.entities.save_customers([Customer(number, f"customer {scattered(number)}") for number in MANY], new_from=1)
    store.entities.save_orders([Order(number, f"order {scattered(number)}", number, 0, 0) for number in MANY], new_from=1)
    store.entities.add_actions([Action(number, scattered(number), "seen", 60) for number in MANY])
    store.facts.add([Fact(0, "order.update", f"key {scattered(number)}", "ann", 60, 60, "b", "import", {}) for number in MANY])
    store.journeys.save([journey(number) for number in MANY], [])
    store.journeys.save_applications([(1, scattered(number), number, 60) for number in MANY], [])
    store.journeys.record([(60, scattered(number), 1, 1, number, None, "finished", "end", None) for number in MANY])
    store.messages.add([message(number) for number in MANY])


def change_much(store: Store) -> None:
    """The same rows once more."""
    store.entities.save_customers([Customer(number, f"customer {scattered(number)}", 5) for number in MANY], new_from=4001)
    store.entities.save_orders([Order(number, f"order {scattered(number)}", number, 5, 5) for number in MANY], new_from=4001)
    store.journeys.save_applications([], [(1, scattered(number), number, 65) for number in MANY])


@pytest.mark.skipif(sys.platform != "linux", reason="which files are open is read from /proc")
def test_a_batch_is_written_without_copies_of_the_pages_it_touches(store):
    """They were nine of ten writes of a busy tick."""
    for write in (write_much, change_much):
        with store.transaction():
            write(store)
            opened = [str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
            assert not [name for name in opened if "etilqs" in name]


def test_a_statement_of_many_rows_that_fails_leaves_nothing_behind(store):
    with pytest.raises(DatabaseError), store.transaction():
        store.entities.save_orders([Order(1, "first", 1, 0, 0), Order(2, "twice", 1, 0, 0), Order(3, "twice", 1, 0, 0)], new_from=1)
    assert store.entities.orders(["first", "twice"]) == []


def test_what_counts_already_moves_and_stays_one(store):
    with store.transaction():
        store.journeys.save_applications([(1, 7, 40, 60), (1, 7, 41, 60)], [(1, 7, 40, 90)])
    assert store.journeys.applications(1, [7]) == {7: {40: 90, 41: 60}}
