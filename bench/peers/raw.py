"""The limit: `sqlite3` writing the same rows into tables with the same keys and indexes, and deciding nothing."""

from __future__ import annotations

import sqlite3
import time
from itertools import islice
from pathlib import Path
from typing import Any

from bench import loads

BATCH = 2_000
TABLES = """
CREATE TABLE fact (id INTEGER PRIMARY KEY, op TEXT, key TEXT UNIQUE, customer TEXT, at INTEGER, received INTEGER, data BLOB);
CREATE TABLE customer (id INTEGER PRIMARY KEY, key TEXT UNIQUE, document BLOB);
CREATE TABLE orders (id INTEGER PRIMARY KEY, key TEXT UNIQUE, customer INTEGER, document BLOB);
CREATE INDEX orders_customer ON orders (customer);
CREATE TABLE journey (id INTEGER PRIMARY KEY, scenario INTEGER, customer INTEGER, order_key TEXT, fact INTEGER, started INTEGER,
    step INTEGER, state TEXT, due_at INTEGER);
CREATE INDEX journey_due ON journey (due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX journey_customer ON journey (customer) WHERE due_at IS NOT NULL;
CREATE TABLE application (scenario INTEGER, key TEXT, unit INTEGER, at INTEGER, PRIMARY KEY (scenario, key, unit)) WITHOUT ROWID;
CREATE TABLE message (id INTEGER PRIMARY KEY, key TEXT UNIQUE, journey INTEGER, customer INTEGER, template TEXT, recipient TEXT,
    at INTEGER, state TEXT);
CREATE INDEX message_customer ON message (customer, at);
CREATE TABLE decision (id INTEGER PRIMARY KEY, at INTEGER, customer INTEGER, journey INTEGER, outcome TEXT, detail TEXT);
CREATE INDEX decision_customer ON decision (customer);
"""
DUE = "SELECT j.id, j.customer, j.order_key, c.document FROM journey j JOIN customer c ON c.id = j.customer WHERE j.due_at <= ? LIMIT ?"


def opened(folder: str) -> sqlite3.Connection:
    """As a careful person opens it: nothing committed is lost with the process."""
    database = sqlite3.connect(Path(folder) / "raw.db", isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    return database


def ready(folder: str, count: int) -> None:
    """People."""
    database = opened(folder)
    database.executescript(TABLES)
    database.execute("BEGIN")
    database.executemany(
        "INSERT INTO customer VALUES (?, ?, ?)",
        ((number, f"customer-{number}", loads.customer(number).encode()) for number in range(count)),
    )
    database.execute("COMMIT")
    database.close()


def take_in(folder: str, facts: str, count: int) -> dict[str, Any]:
    """Facts, orders, journeys; what is put together for a batch is not on the clock."""
    database = opened(folder)
    seconds = 0.0
    with Path(facts).open("rb") as file:
        first = 0
        while lines := list(islice(file, BATCH)):
            rows = [(first + number, f"o{first + number}", f"customer-{first + number}", line) for number, line in enumerate(lines)]
            seconds += _insert(database, rows)
            first += len(lines)
    waiting = database.execute("SELECT count(*) FROM journey WHERE due_at IS NOT NULL").fetchone()[0]
    assert first == count
    database.close()
    return {"seconds": seconds, "waiting": waiting}


def _insert(database: sqlite3.Connection, rows: list[tuple[int, str, str, bytes]], due: int = loads.START + loads.WEEK) -> float:
    start = loads.START
    kept = [(number, "order.create", key, who, start, start, line) for number, key, who, line in rows]
    orders = [(number, f"order-{number}", number, line) for number, _, _, line in rows]
    journeys = [(number, 1, number, f"order-{number}", number, start, 1, "waiting", due) for number, _, _, _ in rows]
    decisions = [(number, start, number, number, "started", None) for number, _, _, _ in rows]
    started = time.perf_counter()
    database.execute("BEGIN")
    database.executemany("INSERT INTO fact VALUES (?,?,?,?,?,?,?)", kept)
    database.executemany("INSERT INTO orders VALUES (?,?,?,?)", orders)
    database.executemany("INSERT INTO journey VALUES (?,?,?,?,?,?,?,?,?)", journeys)
    database.executemany("INSERT INTO decision VALUES (?,?,?,?,?,?)", decisions)
    database.execute("COMMIT")
    return time.perf_counter() - started


def many(folder: str, count: int) -> None:
    """All of them wait for a week."""
    ready(folder, count)
    database = opened(folder)
    for first in range(0, count, BATCH):
        numbers = range(first, min(first + BATCH, count))
        _insert(database, [(number, f"o{number}", f"customer-{number}", b"{}" * 60) for number in numbers])
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def make_due(folder: str, due: int) -> None:
    """Some of them for four days only."""
    database = opened(folder)
    every = database.execute("SELECT count(*) FROM journey").fetchone()[0] // due
    database.execute("UPDATE journey SET due_at = due_at - ? WHERE id % ? = 0", (3 * loads.DAY, every))
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def due(folder: str, count: int) -> None:
    """All of them due."""
    many(folder, count)
    make_due(folder, count)


def handle_due(folder: str, count: int, now: int = loads.START + 5 * loads.DAY) -> dict[str, Any]:
    """Read what is due, write a message, an application, a decision each, and finish the journey."""
    database = opened(folder)
    seconds, handled = 0.0, 0
    while True:
        started = time.perf_counter()
        database.execute("BEGIN")
        found = database.execute(DUE, (now, BATCH)).fetchall()
        seconds += time.perf_counter() - started
        if not found:
            break
        messages = [(j, f"{j}.1.3", j, who, "review_request", f"customer-{who}@example.com", now, "sent") for j, who, _, _ in found]
        applications = [(1, str(who), j, now) for j, who, _, _ in found]
        decisions = [(None, now, who, j, "finished", None) for j, who, _, _ in found]
        started = time.perf_counter()
        database.executemany("INSERT INTO message VALUES (?,?,?,?,?,?,?,?)", messages)
        database.executemany("INSERT INTO application VALUES (?,?,?,?)", applications)
        database.executemany("INSERT INTO decision VALUES (?,?,?,?,?,?)", decisions)
        database.executemany("UPDATE journey SET state = 'finished', step = 3, due_at = NULL WHERE id = ?", [(j,) for j, _, _, _ in found])
        database.execute("COMMIT")
        seconds += time.perf_counter() - started
        handled += len(found)
    database.close()
    assert handled <= count, handled
    return {"seconds": seconds, "handled": handled}
