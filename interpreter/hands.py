"""A busy tick: due journeys are dealt out by customers, to as many processes as the machine has cores for us.

Only where nothing that happens to one customer depends on another (`apart.py`): then every process may read, decide and write for its
customers as if it were alone. A killed tick leaves whole batches behind, and the next one goes on with the rest, with hands or without.
Ids, and the order between customers, are others than those of one process; what happens to a customer is the same.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from collections.abc import Sequence
from typing import Protocol

import attrs

from interpreter.apart import apart
from interpreter.crew import Crew
from interpreter.crew import Together
from interpreter.crew import cores
from interpreter.journey import Journey
from interpreter.phases.batch import Batch
from interpreter.phases.erasure import FORGOTTEN
from interpreter.phases.ids import Ids
from interpreter.phases.launch import Running
from interpreter.report import Report
from interpreter.rules import Rules
from interpreter.store.sqlite import Store

#: Journeys that a process takes together: what bounds its memory.
JOURNEYS = 4000

#: KiB of pages that a process keeps: what another one writes makes most of them worthless.
CACHE = 16_384

#: More processes would only wait, each for its turn to write.
MOST = 4

#: More texts of before than that are not looked through.
OLD = 50


class Tick(Protocol):
    """What a process needs of the tick that it is a copy of."""

    store: Store
    rules: Rules
    stopping: Callable[[], bool]

    @property
    def ids(self) -> Ids:
        """Those that this process hands out."""

    def batch(self, running: Running, ids: Ids, now: int) -> Batch:
        """An empty batch."""

    def decide(self, batch: Batch, journeys: Sequence[Journey], report: Report, depth: int) -> None:
        """What due journeys do, in memory."""

    def keep_place(self, now: int, depth: int, *, acting: bool) -> None:
        """How far it has come, with its batch."""


@attrs.frozen(slots=True)
class _Share:
    """The journeys of some customers that are due: those whose number, divided by the second, leaves the first."""

    now: int
    depth: int
    """How many rounds of facts made by steps came before in this tick."""
    scenarios: list[int] | None
    customers: tuple[int, int]


class Hands:
    """The processes of one tick, made when they are first needed."""

    def __init__(self, tick: Tick, running: Running) -> None:
        """Nobody is at work yet."""
        self._tick = tick
        self._running = running
        self._count = min(cores(), MOST)
        self._may = self._count > 1 and _apart(tick, running)
        self._crew = Crew(self._act, of="tick")
        self._together: Together | None = None
        self._master = os.getpid()
        # What follows is of each process alone.
        self._store: Store | None = None
        self._told_to_end = False
        self._wide = 1
        """Ids of messages for each journey."""

    # -------------------------------------------------------------------------------------------------- who deals

    def act(self, now: int, scenarios: list[int] | None, depth: int, report: Report) -> bool:
        """Act for everybody who is due; False: nothing was done, it is the work of one process."""
        if not self._ready():
            return False
        assert self._together is not None
        store, ids = self._tick.store, self._tick.ids
        self._together.begin(store.next_id("message"))
        shares = [_Share(now, depth, scenarios, (number, self._count)) for number in range(self._count)]
        try:
            for _, done in self._crew.answers(self._act, shares, self._tick.stopping):
                report.add(done)
        finally:
            ids.go_to("message", store.next_id("message"))
        return True

    def close(self) -> None:
        """Everybody goes home."""
        self._crew.close()

    def _ready(self) -> bool:
        """Whether there are processes to do it."""
        connection = self._tick.store.connection
        # What may still be taken back, as by a try, is seen by this process alone.
        if not self._may or connection.in_transaction():
            return False
        if not self._crew:
            with connection.closed():
                try:
                    self._together = Together()
                    self._crew.start(self._count)
                except OSError:
                    # No room for them: then it takes longer.
                    self._crew.close()
                    self._may = False
        return self._may

    # ------------------------------------------------------------------------------------- in a process of its own

    def _act(self, share: _Share) -> Report:
        """Everybody of a share, batch by batch. It is read before it is our turn to write, so it counts only if nobody was erased since."""
        assert self._together is not None
        store, ids, report = self._opened(), self._tick.ids, Report(now=share.now)
        while not (self._told_to_end or os.getppid() != self._master):
            forgotten = store.scenarios.get(FORGOTTEN)
            journeys = store.journeys.due(share.now, share.scenarios, JOURNEYS, share.customers)
            if not journeys:
                break
            own, kept = Report(now=share.now), len(journeys) * self._wide
            first = self._together.take(kept)
            ids.go_to("message", first)
            batch = self._tick.batch(self._running, ids, share.now)
            self._tick.decide(batch, journeys, own, share.depth)
            if ids.next("message") > first + kept:
                # Some of the ids are another's: once more, with more of them.
                self._wide *= 2
                continue
            with self._together.turn(), store.transaction():
                if store.scenarios.get(FORGOTTEN) == forgotten:
                    batch.write()
                    self._tick.keep_place(share.now, share.depth, acting=True)
                    report.add(own)
        return report

    def _opened(self) -> Store:
        if self._store is None:
            # What is begun is brought to its end first.
            signal.signal(signal.SIGTERM, self._end)
            self._store = self._tick.store = Store(self._tick.store.connection.path, create=False)
            self._store.connection.execute(f"PRAGMA cache_size = -{CACHE}")
        return self._store

    def _end(self, *_: object) -> None:
        self._told_to_end = True


def _apart(tick: Tick, running: Running) -> bool:
    """Whether nobody's doings concern another: also by the texts of before, which some may still go by."""
    if not tick.store.connection.outlives:
        return False
    old = [(scenario, number) for number, (scenario, _, _) in running.versions.items() if running.rows[scenario].version != number]
    return len(old) <= OLD and apart(tick.rules, [running.program(*one) for one in old])
