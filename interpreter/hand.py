"""One of the processes of a busy tick (`hands.py`): it has a share of the customers, and a connection of its own.

It reads and decides for itself, and writes a batch when it is its turn. What it read, it read before that: so a batch counts only if
nobody was erased in between.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from collections.abc import Sequence
from typing import Protocol
from zlib import crc32

import attrs

from interpreter.crew import Together
from interpreter.facts import Fact
from interpreter.journey import Journey
from interpreter.needs import Needs
from interpreter.phases.batch import Batch
from interpreter.phases.erasure import FORGOTTEN
from interpreter.phases.ids import COUNTED
from interpreter.phases.ids import Ids
from interpreter.phases.intake import Intake
from interpreter.phases.launch import Running
from interpreter.phases.openings import Openings
from interpreter.report import Report
from interpreter.rules import Rules
from interpreter.store.sqlite import Store

#: Journeys taken together: what bounds the memory of a process.
JOURNEYS = 4000

#: KiB of pages that each keeps: what another one writes makes most of them worthless.
CACHE = 16_384


@attrs.frozen(slots=True)
class Share:
    """Which of the customers."""

    number: int
    of: int

    @classmethod
    def of_customer(cls, customer: str, of: int) -> Share:
        """By the external id: who is not known yet has a share already."""
        return cls(crc32(customer.encode()) % of, of)


@attrs.frozen(slots=True)
class Acting:
    """The journeys of a share that are due."""

    now: int
    depth: int
    """How many rounds of facts made by steps came before in this tick."""
    scenarios: list[int] | None
    share: Share


@attrs.frozen(slots=True)
class Handling:
    """Facts of a share, by id, in order of arrival."""

    now: int
    depth: int
    facts: list[int]
    share: Share


@attrs.frozen(slots=True)
class _Seen:
    """Facts for which everything is loaded."""

    batch: Batch
    intake: Intake
    report: Report
    facts: list[Fact]
    forgotten: str | None


class Tick(Protocol):
    """What a process needs of the tick that it is a copy of."""

    store: Store
    rules: Rules
    stopping: Callable[[], bool]

    @property
    def ids(self) -> Ids:
        """Those that this process hands out."""

    @property
    def openings(self) -> Openings:
        """What facts may start."""

    def batch(self, running: Running, ids: Ids, now: int) -> Batch:
        """An empty batch."""

    def decide(self, batch: Batch, journeys: Sequence[Journey], report: Report, depth: int) -> None:
        """What due journeys do, in memory."""

    def keep_place(self, now: int, depth: int, *, acting: bool) -> None:
        """How far it has come, with its batch."""


class Hand:
    """What a process does, and what it remembers from one job to the next."""

    def __init__(self, tick: Tick, running: Running, together: Together) -> None:
        """Made before the process is: only there anything is opened."""
        self._tick = tick
        self._running = running
        self._together = together
        self._master = os.getpid()
        self._store: Store | None = None
        self._told_to_end = False
        self._wide = 1
        """Ids of each kind for everything that is taken up."""
        self._limit: dict[str, int] = {}
        self._seen: _Seen | None = None

    def act(self, job: Acting) -> Report:
        """All journeys of a share, batch by batch."""
        store, report = self._opened(), Report(now=job.now)
        while not self._ending:
            forgotten = store.scenarios.get(FORGOTTEN)
            journeys = store.journeys.due(job.now, job.scenarios, JOURNEYS, (job.share.number, job.share.of))
            if not journeys:
                break
            own, batch = Report(now=job.now), self._batch(job.now, len(journeys))
            self._tick.decide(batch, journeys, own, job.depth)
            if self._write(batch, forgotten, lambda: self._tick.keep_place(job.now, job.depth, acting=True)):
                report.add(own)
        return report

    def look(self, job: Handling) -> set[int] | None:
        """Load all that facts ask for. Names that other shares may ask for too; None: they are about other customers as well."""
        store = self._opened()
        forgotten = store.scenarios.get(FORGOTTEN)
        found = store.facts.by_id(job.facts)
        facts = [found[number] for number in job.facts if number in found]
        report, batch = Report(now=job.now), self._batch(job.now, len(facts))
        intake = Intake(batch, report, self._tick.openings)
        needed = intake.load(facts)
        self._seen = _Seen(batch, intake, report, facts, forgotten)
        if _of_anybody(needed) or any(Share.of_customer(one.key, job.share.of) != job.share for one in batch.shop.customers()):
            return None
        return {hash(name) for name in (*needed.contacts, *needed.orders)}

    def handle(self, job: Handling) -> Report | None:
        """Handle the facts that were looked at; None: they stay where they are."""
        seen, self._seen = self._seen, None
        if seen is None or self._ending:
            return None
        seen.intake.take(seen.facts)
        seen.intake.tell()

        def more() -> None:
            seen.batch.store.facts.handled_among(seen.facts)
            self._tick.keep_place(job.now, job.depth, acting=False)

        return seen.report if self._write(seen.batch, seen.forgotten, more) else None

    def _opened(self) -> Store:
        if self._store is None:
            # What is begun is brought to its end first.
            signal.signal(signal.SIGTERM, self._end)
            self._store = self._tick.store = Store(self._tick.store.connection.path, create=False)
            self._store.connection.execute(f"PRAGMA cache_size = -{CACHE}")
        return self._store

    def _end(self, *_: object) -> None:
        self._told_to_end = True

    @property
    def _ending(self) -> bool:
        return self._told_to_end or os.getppid() != self._master

    def _batch(self, now: int, count: int) -> Batch:
        """An empty one, with ids for so many things."""
        ids, several = self._tick.ids, count * self._wide
        ids.go_to(dict(zip(COUNTED, self._together.take([several] * len(COUNTED)), strict=True)))
        self._limit = {table: first + several for table, first in ids.mark().items()}
        return self._tick.batch(self._running, ids, now)

    def _write(self, batch: Batch, forgotten: str | None, more: Callable[[], None]) -> bool:
        """Write a batch when it is our turn; False: it does not count, and is to be made anew."""
        taken = {**batch.ids.mark(), **dict(zip(("customer", "orders", "action"), batch.shop.next_ids, strict=True))}
        if any(taken[table] > limit for table, limit in self._limit.items()):
            self._wide *= 2
            return False
        with self._together.turn, batch.store.transaction():
            if batch.store.scenarios.get(FORGOTTEN) != forgotten:
                return False
            batch.write()
            more()
        return True


def _of_anybody(needed: Needs) -> bool:
    """Whether facts ask for what others have, or may get."""
    return bool(needed.owners or needed.messages or needed.issues or needed.changing)
