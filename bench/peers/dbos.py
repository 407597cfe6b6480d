"""DBOS: a delayed workflow for each order, on a queue; its executor in this process. On SQLite and on PostgreSQL."""

from __future__ import annotations

import logging
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from dbos import DBOS
from dbos import SetEnqueueOptions
from sqlalchemy import Engine
from sqlalchemy import event

from bench.peers import letters
from bench.peers.letters import CHANNEL
from bench.peers.letters import PATIENCE
from bench.peers.letters import read
from bench.postgres import NAME

TOGETHER = 10
DELAY = 7 * 86_400
_SHOPS: list[Any] = []


@DBOS.step()
def send(order: str) -> None:
    """What must not be done twice is a step."""
    _SHOPS[0].letter(order)


@DBOS.workflow()
def letter(order: str) -> None:
    """The workflow of an order."""
    send(order)
    CHANNEL.done()


def _opened(folder: str) -> Any:
    """DBOS with its queue; the shop beside it in the same kind of database."""
    if (Path(folder) / NAME).exists():
        from bench.peers import letters_pg

        words = dict(part.split("=") for part in letters_pg.address(folder).split())
        url = f"postgresql://{words['user']}@/{words['dbname']}?host={words['host']}"
        shop: Any = letters_pg.Shop(folder)
    else:
        url = f"sqlite:///{Path(folder) / 'dbos.db'}"
        event.listen(Engine, "connect", _quick)
        shop = letters.Shop(folder)
    DBOS(config={"name": "bench", "system_database_url": url, "log_level": "ERROR", "run_admin_server": False, "application_version": "1"})
    _SHOPS.append(shop)
    return shop


def _quick(connection: Any, _record: object) -> None:
    """DBOS leaves SQLite at its slowest."""
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")


def _launched() -> None:
    DBOS.launch()
    logging.disable()


def ready(folder: str, count: int) -> None:
    """Its tables, people."""
    _opened(folder).ready(count)
    _launched()
    DBOS.destroy()


def _rest(folder: str) -> None:
    """A copy of the files must be whole."""
    path = Path(folder) / "dbos.db"
    if path.exists():
        with closing(sqlite3.connect(path)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def take_in(folder: str, facts: str, count: int) -> dict[str, Any]:
    """Orders stored by the batch; DBOS takes workflows one by one."""
    shop = _opened(folder)
    DBOS.listen_queues([])
    _launched()
    DBOS.register_queue("letters", worker_concurrency=TOGETHER)
    waiting = 0
    started = time.perf_counter()
    for batch in read(facts):
        shop.store(batch)
        with SetEnqueueOptions(delay_seconds=DELAY):
            for order in batch:
                DBOS.enqueue_workflow("letters", letter, order[0])
                waiting += 1
    seconds = time.perf_counter() - started
    assert count
    DBOS.destroy()
    return {"seconds": seconds, "waiting": waiting}


def due(folder: str, count: int) -> None:
    """All are due, but nobody listens yet."""
    _opened(folder).with_orders(count)
    DBOS.listen_queues([])
    _launched()
    DBOS.register_queue("letters", worker_concurrency=TOGETHER, polling_interval_sec=0.05)
    with SetEnqueueOptions(delay_seconds=1):
        for number in range(count):
            DBOS.enqueue_workflow("letters", letter, f"order-{number}")
    DBOS.destroy()
    _rest(folder)


def handle_due(folder: str, count: int) -> dict[str, Any]:
    """Its executor."""
    shop = _opened(folder)
    CHANNEL.wanted = count
    _launched()
    already = CHANNEL.taken
    started = time.perf_counter()
    CHANNEL.all_taken.wait(PATIENCE)
    seconds = time.perf_counter() - started
    handled = shop.handled()
    DBOS.destroy()
    return {"seconds": seconds, "handled": handled, "timed": count - already}
