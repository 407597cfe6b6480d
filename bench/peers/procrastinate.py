"""procrastinate on PostgreSQL: `batch_defer` for what it takes in, its worker with several tasks at a time."""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

from procrastinate import App
from procrastinate import PsycopgConnector
from psycopg_pool import AsyncConnectionPool

from bench.peers.letters import CHANNEL
from bench.peers.letters import INTENT
from bench.peers.letters import LIMIT
from bench.peers.letters import LOOK
from bench.peers.letters import RECEIPT
from bench.peers.letters import may_go
from bench.peers.letters import read
from bench.peers.letters_pg import Shop
from bench.peers.letters_pg import address

TOGETHER = 16
_POOLS: list[AsyncConnectionPool] = []


def _app(folder: str) -> App:
    logging.disable()
    app = App(connector=PsycopgConnector(conninfo=address(folder)))

    @app.task(name="letter")
    async def letter(order: str) -> None:
        async with _POOLS[0].connection() as database:
            found = await (await database.execute(LOOK.replace("?", "%s"), (order,))).fetchone()
            if not may_go(found):
                return
            if await (await database.execute(LIMIT.replace("?", "%s"), (found[0],))).fetchone() is None:
                (message,) = await (await database.execute(INTENT.replace("?", "%s"), (found[0], order))).fetchone()
                CHANNEL.send(found[1], "How was it?")
                await database.execute(RECEIPT.replace("?", "%s"), (message,))

    return app


def ready(folder: str, count: int) -> None:
    """Its tables, people."""
    Shop(folder).ready(count)
    with _app(folder).open() as app:
        app.schema_manager.apply_schema()


def take_in(folder: str, facts: str, count: int) -> dict[str, Any]:
    """Orders and tasks, both by the batch."""
    shop = Shop(folder)
    when = datetime.now(UTC) + timedelta(days=7)
    with _app(folder).open() as app:
        deferrer = app.tasks["letter"].configure(schedule_at=when)
        started = time.perf_counter()
        for batch in read(facts):
            shop.store(batch)
            deferrer.batch_defer(*({"order": order[0]} for order in batch))
        seconds = time.perf_counter() - started
    assert count
    return {"seconds": seconds, "waiting": shop.database.execute("SELECT count(*) FROM procrastinate_jobs").fetchone()[0]}


def many(folder: str, count: int) -> None:
    """Waiting tasks, laid directly in its table."""
    shop = Shop(folder)
    shop.with_orders(count)
    with _app(folder).open() as app:
        app.schema_manager.apply_schema()
    shop.database.execute(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, priority, args, status, scheduled_at) SELECT 'default', 'letter', 0, "
        "jsonb_build_object('order', 'order-' || id), 'todo', now() + interval '7 days' FROM customer ORDER BY id"
    )


def make_due(folder: str, due: int) -> None:
    """The time of some of them has come."""
    database = Shop(folder).database
    every = database.execute("SELECT count(*) FROM procrastinate_jobs").fetchone()[0] // due
    database.execute("UPDATE procrastinate_jobs SET scheduled_at = now() - interval '1 minute' WHERE id %% %s = 0", (every,))


def due(folder: str, count: int) -> None:
    """All are due."""
    many(folder, count)
    make_due(folder, count)


def handle_due(folder: str, count: int) -> dict[str, Any]:
    """Its worker, until there is nothing to do."""
    seconds = asyncio.run(_worked(folder))
    assert count
    return {"seconds": seconds, "handled": Shop(folder).handled()}


async def _worked(folder: str) -> float:
    async with (
        AsyncConnectionPool(address(folder), min_size=TOGETHER, max_size=TOGETHER, kwargs={"autocommit": True}) as pool,
        _app(folder).open_async() as app,
    ):
        _POOLS.append(pool)
        started = time.perf_counter()
        await app.run_worker_async(wait=False, concurrency=TOGETHER, install_signal_handlers=False, listen_notify=False)
        return time.perf_counter() - started
