"""Huey on SQLite: a task with an eta for each order; its consumer with worker threads."""

from __future__ import annotations

import logging
import time
from datetime import datetime
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench.peers.huey_look import SqliteHuey
from bench.peers.letters import CHANNEL
from bench.peers.letters import PATIENCE
from bench.peers.letters import Shop
from bench.peers.letters import read

WORKERS = 2


class Queue:
    """Huey and the task."""

    def __init__(self, folder: str) -> None:
        # The fastest it offers: a killed process loses nothing, a power cut may.
        self.huey = SqliteHuey("bench", filename=str(Path(folder) / "huey.db"), results=False, fsync=False)
        self.shop = Shop(folder)

        @self.huey.task()
        def letter(order: str) -> None:
            self.shop.letter(order)
            CHANNEL.done()

        self.letter = letter


def ready(folder: str, count: int) -> None:
    """People."""
    Queue(folder).shop.ready(count)


def take_in(folder: str, facts: str, count: int) -> dict[str, Any]:
    """Orders stored by the batch; Huey takes tasks one by one."""
    queue = Queue(folder)
    logging.disable()
    eta = datetime.now() + timedelta(days=7)
    started = time.perf_counter()
    for batch in read(facts):
        queue.shop.store(batch)
        for order in batch:
            queue.letter.schedule((order[0],), eta=eta)
    seconds = time.perf_counter() - started
    assert count
    # They are kept in its queue; its consumer has yet to move each into its schedule, which is not counted against it.
    return {"seconds": seconds, "waiting": queue.huey.pending_count() + queue.huey.scheduled_count()}


def many(folder: str, count: int) -> None:
    """Waiting tasks, as `schedule` and its consumer would write them, but many to a commit."""
    queue = Queue(folder)
    queue.shop.with_orders(count)
    eta = datetime.now() + timedelta(days=7)
    queue.huey.storage.sql("begin")
    for number in range(count):
        task = queue.letter.s(f"order-{number}")
        task.eta = eta
        row = ("bench", queue.huey.serialize_task(task), eta.timestamp())
        queue.huey.storage.sql("insert into schedule (queue, data, timestamp) values (?, ?, ?)", row)
    queue.huey.storage.sql("commit")
    queue.huey.storage.sql("pragma wal_checkpoint(truncate)", results=True)


def make_due(folder: str, due: int) -> None:
    """The time of some of them has come."""
    queue = Queue(folder)
    eta = datetime.now() - timedelta(minutes=1)
    every = queue.huey.scheduled_count() // due
    found = queue.huey.storage.sql("select id, data from schedule where id % ? = 0", (every,), results=True)
    queue.huey.storage.sql("begin")
    for number, data in found:
        task = queue.huey.deserialize_task(data)
        task.eta = eta
        queue.huey.storage.sql(
            "update schedule set data = ?, timestamp = ? where id = ?", (queue.huey.serialize_task(task), eta.timestamp(), number)
        )
    queue.huey.storage.sql("commit")
    queue.huey.storage.sql("pragma wal_checkpoint(truncate)", results=True)


def due(folder: str, count: int) -> None:
    """All are due."""
    many(folder, count)
    make_due(folder, count)


def handle_due(folder: str, count: int) -> dict[str, Any]:
    """Its consumer: the scheduler finds what is due, the workers do it."""
    queue = Queue(folder)
    logging.disable()
    CHANNEL.wanted = count
    consumer = queue.huey.create_consumer(workers=WORKERS, periodic=False, initial_delay=0.01, max_delay=0.1, check_worker_health=False)
    started = time.perf_counter()
    consumer.start()
    CHANNEL.all_taken.wait(PATIENCE)
    seconds = time.perf_counter() - started
    consumer.stop(graceful=True)
    return {"seconds": seconds, "handled": queue.shop.handled()}
