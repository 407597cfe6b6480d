"""APScheduler 3 on SQLAlchemy and SQLite: a date job for each order; its thread pool."""

from __future__ import annotations

import logging
import time
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import create_engine
from sqlalchemy import event

from bench.peers.letters import CHANNEL
from bench.peers.letters import PATIENCE
from bench.peers.letters import Shop
from bench.peers.letters import read

WORKERS = 2
_SHOPS: list[Shop] = []


def letter(order: str) -> None:
    """The job: found by its name, as a job in a database must be."""
    _SHOPS[0].letter(order)
    CHANNEL.done()


def _opened(folder: str) -> BackgroundScheduler:
    """SQLite as one sets it up who knows it; SQLAlchemy leaves it at its slowest."""
    logging.disable()
    engine = create_engine(f"sqlite:///{Path(folder) / 'jobs.db'}", connect_args={"timeout": 60})

    @event.listens_for(engine, "connect")
    def quick(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")

    _SHOPS.append(Shop(folder))
    scheduler = BackgroundScheduler(
        jobstores={"default": SQLAlchemyJobStore(engine=engine)},
        executors={"default": ThreadPoolExecutor(WORKERS)},
        job_defaults={"misfire_grace_time": None},
        timezone=UTC,
    )
    scheduler.start(paused=True)
    return scheduler


def ready(folder: str, count: int) -> None:
    """People."""
    Shop(folder).ready(count)


def take_in(folder: str, facts: str, count: int) -> dict[str, Any]:
    """Orders stored by the batch; APScheduler takes jobs one by one."""
    scheduler = _opened(folder)
    when = datetime.now(UTC) + timedelta(days=7)
    started = time.perf_counter()
    for batch in read(facts):
        _SHOPS[0].store(batch)
        for order in batch:
            scheduler.add_job(letter, "date", run_date=when, args=(order[0],))
    seconds = time.perf_counter() - started
    waiting = len(scheduler.get_jobs())
    assert count
    scheduler.shutdown()
    return {"seconds": seconds, "waiting": waiting}


def due(folder: str, count: int) -> None:
    """All are due."""
    scheduler = _opened(folder)
    _SHOPS[0].with_orders(count)
    when = datetime.now(UTC) - timedelta(minutes=1)
    for number in range(count):
        scheduler.add_job(letter, "date", run_date=when, args=(f"order-{number}",))
    scheduler.shutdown()


def handle_due(folder: str, count: int) -> dict[str, Any]:
    """Its scheduler finds what is due, its pool does it."""
    scheduler = _opened(folder)
    CHANNEL.wanted = count
    started = time.perf_counter()
    scheduler.resume()
    CHANNEL.all_taken.wait(PATIENCE)
    scheduler.shutdown()
    return {"seconds": time.perf_counter() - started, "handled": _SHOPS[0].handled()}
