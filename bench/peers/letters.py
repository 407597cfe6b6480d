"""What a task does, whoever runs it: the shop's own tables beside the queue, and the letter with its look-ups.

Written as one would for a queue: orders stored by the batch, one letter a task; the intent committed before the channel gets it.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bench import loads

BATCH = 2_000
#: Seconds after which tasks that do not come are given up.
PATIENCE = 600
NOON = datetime.fromtimestamp(loads.START + loads.WEEK, UTC)
NIGHT = (22, 9)
TABLES = (
    "CREATE TABLE customer (id INTEGER PRIMARY KEY, key TEXT UNIQUE, email TEXT, timezone TEXT, subscribed INTEGER)",
    "CREATE TABLE orders (key TEXT PRIMARY KEY, customer INTEGER, status TEXT, total INTEGER, document TEXT)",
    "CREATE TABLE message (id INTEGER PRIMARY KEY, customer INTEGER, order_key TEXT, template TEXT, state TEXT)",
    "CREATE INDEX message_customer ON message (customer, template)",
)
LOOK = """SELECT c.id, c.email, c.timezone, c.subscribed, o.status FROM orders o JOIN customer c ON c.id = o.customer WHERE o.key = ?"""
LIMIT = "SELECT 1 FROM message WHERE customer = ? AND template = 'review_request' LIMIT 1"
INTENT = "INSERT INTO message (customer, order_key, template, state) VALUES (?, ?, 'review_request', 'sending') RETURNING id"
RECEIPT = "UPDATE message SET state = 'sent' WHERE id = ?"
ORDER = (
    "INSERT INTO orders SELECT ?, id, ?, ?, ? FROM customer WHERE key = ?",
    "INSERT INTO orders SELECT %s, id, %s, %s, %s FROM customer WHERE key = %s",
)


class Channel:
    """Takes letters and counts them."""

    def __init__(self) -> None:
        self.taken = 0
        self.all_taken = threading.Event()
        self.wanted = 0
        self._lock = threading.Lock()

    def send(self, _to: str, _text: str) -> None:
        """One letter."""
        with self._lock:
            self.taken += 1

    def done(self) -> None:
        """A task is over."""
        if self.taken >= self.wanted:
            self.all_taken.set()


CHANNEL = Channel()


def is_night(timezone: str) -> bool:
    """Whether it is quiet where he lives."""
    hour = NOON.astimezone(ZoneInfo(timezone)).hour
    return hour >= NIGHT[0] or hour < NIGHT[1]


def may_go(found: tuple[Any, ...] | None) -> bool:
    """Subscribed, still shipped, and by day; nobody here is written to at night, so nobody is put off."""
    return found is not None and bool(found[3]) and found[4] == "shipped" and not is_night(found[2])


def people(count: int) -> Iterator[tuple[int, str, str, str, int]]:
    """Rows of `customer`."""
    zones = loads.ZONES
    return ((n, f"customer-{n}", f"customer-{n}@example.com", zones[n % len(zones)], 1) for n in range(count))


def read(facts: str) -> Iterator[list[tuple[str, str, int, str, str]]]:
    """Orders of a file of facts, a batch at a time: (key, status, total, document, customer)."""
    with Path(facts).open("rb") as file:
        while lines := list(islice(file, BATCH)):
            batch = []
            for line in lines:
                fact = json.loads(line)
                order = fact["order"]
                batch.append((order["id"], order["status"], order["total"], json.dumps(order["lines"]), fact["customer"]))
            yield batch


class Shop:
    """The shop's tables in SQLite, a connection for each thread."""

    def __init__(self, folder: str) -> None:
        self._path = Path(folder) / "shop.db"
        self._local = threading.local()

    @property
    def database(self) -> sqlite3.Connection:
        """As one opens it who knows SQLite: WAL, and no wait for the disk at each commit."""
        if not hasattr(self._local, "database"):
            database = self._local.database = sqlite3.connect(self._path, isolation_level=None, timeout=60)
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = NORMAL")
        found: sqlite3.Connection = self._local.database
        return found

    def ready(self, count: int) -> None:
        """Tables, and people in them."""
        for statement in TABLES:
            self.database.execute(statement)
        self.database.execute("BEGIN")
        self.database.executemany("INSERT INTO customer VALUES (?,?,?,?,?)", people(count))
        self.database.execute("COMMIT")

    def store(self, batch: list[tuple[str, str, int, str, str]]) -> None:
        """Orders."""
        self.database.execute("BEGIN")
        self.database.executemany(ORDER[0], batch)
        self.database.execute("COMMIT")

    def with_orders(self, count: int) -> None:
        """People, and an order of each."""
        self.ready(count)
        for first in range(0, count, 50_000):
            numbers = range(first, min(first + 50_000, count))
            self.store([(f"order-{number}", "shipped", 1200, "[]", f"customer-{number}") for number in numbers])

    def letter(self, order: str) -> None:
        """The task."""
        database = self.database
        found = database.execute(LOOK, (order,)).fetchone()
        if may_go(found) and database.execute(LIMIT, (found[0],)).fetchone() is None:
            (message,) = database.execute(INTENT, (found[0], order)).fetchall()[0]
            CHANNEL.send(found[1], "How was it?")
            database.execute(RECEIPT, (message,))

    def handled(self) -> int:
        """Letters that have gone."""
        found: int = self.database.execute("SELECT count(*) FROM message WHERE state = 'sent'").fetchone()[0]
        return found
