"""A busy tick: due journeys are dealt out by customers, to as many processes as the machine has cores for us, four at most.

Only where nothing that happens to one customer depends on another (`apart.py`): then every process may read, decide and write for its
customers as if it were alone. A killed tick leaves whole batches behind, and the next one goes on with the rest, with hands or without.
Ids, and the order between customers, are others than those of one process; what happens to a customer is the same.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from typing import Protocol

import attrs

from interpreter.apart import apart
from interpreter.crew import Crew
from interpreter.crew import cores
from interpreter.journey import Journey
from interpreter.phases.batch import Batch
from interpreter.phases.erasure import FORGOTTEN
from interpreter.phases.ids import Ids
from interpreter.phases.launch import Running
from interpreter.program import Scenario
from interpreter.report import Report
from interpreter.rules import Rules
from interpreter.store.sqlite import Store
from interpreter.turns import Turns

#: Journeys that a process takes together: what bounds its memory.
JOURNEYS = 4000

#: KiB of pages that a process keeps: what another one writes makes most of them worthless.
CACHE = 16_384

#: More processes would only wait, each for its turn to write.
MOST = 4


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
        self._may = self._count > 1 and tick.store.connection.outlives and _may_be_dealt(tick.rules, ())
        self._crew = Crew(self._act, of="tick", leaves_off=True)
        self._turns: Turns | None = None
        # What follows is of each process alone.
        self._store: Store | None = None
        self._wide = 1
        """Ids of messages for each journey."""

    # -------------------------------------------------------------------------------------------------- who deals

    def act(self, now: int, scenarios: list[int] | None, depth: int, report: Report) -> bool:
        """Act for everybody who is due; False: nothing was done, it is the work of one process."""
        store, ids = self._tick.store, self._tick.ids
        # What may still be taken back, as by a try, is seen by this process alone.
        if not self._may or store.connection.in_transaction() or not _may_be_dealt(self._tick.rules, self._old(now, scenarios)):
            return False
        if not self._ready():
            return False
        assert self._turns is not None
        self._turns.begin(store.next_id("message"))
        shares = [_Share(now, depth, scenarios, (number, self._count)) for number in range(self._count)]
        try:
            for _, done in self._crew.answers(self._act, shares, self._tick.stopping):
                report.add(done)
        except BaseException:
            # Before it is asked what they have written.
            self.close()
            raise
        finally:
            ids.go_to("message", store.next_id("message"))
        return True

    def close(self) -> None:
        """Everybody goes home."""
        self._crew.close()
        if self._turns is not None:
            self._turns.close()
            self._turns = None

    def _old(self, now: int, scenarios: list[int] | None) -> list[Scenario]:
        """The texts that are not today's and by which somebody goes who is due."""
        running = self._running
        today = {row.version for row in running.rows.values()}
        if today.issuperset(running.versions):
            return []
        due = self._tick.store.journeys.versions_due(now, scenarios)
        return [running.program(running.versions[number][0], number) for number in due - today]

    def _ready(self) -> bool:
        """Whether there are processes to do it."""
        connection = self._tick.store.connection
        if not self._crew:
            with connection.closed():
                try:
                    self._turns = Turns()
                    self._crew.start(self._count)
                except OSError:
                    # No room for them: then it takes longer.
                    self.close()
                    self._may = False
        return self._may

    # ------------------------------------------------------------------------------------- in a process of its own

    def _act(self, share: _Share) -> Report:
        """Everybody of a share, batch by batch. It is read before it is our turn to write, so it counts only if nobody was erased since."""
        assert self._turns is not None
        store, ids, report = self._opened(), self._tick.ids, Report(now=share.now)
        while not self._crew.gone():
            own = Report(now=share.now)
            # Of one moment: `scn forget` may come between two looks.
            with store.connection.snapshot():
                forgotten = store.scenarios.get(FORGOTTEN)
                journeys = store.journeys.due(share.now, share.scenarios, JOURNEYS, share.customers)
                if not journeys:
                    break
                kept = len(journeys) * self._wide
                first = self._turns.take(kept)
                ids.go_to("message", first)
                batch = self._tick.batch(self._running, ids, share.now)
                self._tick.decide(batch, journeys, own, share.depth)
            if ids.next("message") > first + kept:
                # Some of the ids are another's: once more, with more of them.
                self._wide *= 2
                continue
            with self._turns.turn(), store.transaction():
                if store.scenarios.get(FORGOTTEN) == forgotten:
                    batch.write()
                    self._tick.keep_place(share.now, share.depth, acting=True)
                    report.add(own)
        return report

    def _opened(self) -> Store:
        if self._store is None:
            self._store = self._tick.store = Store(self._tick.store.connection.path, create=False)
            self._store.connection.execute(f"PRAGMA cache_size = -{CACHE}")
        return self._store


def _may_be_dealt(rules: Rules, old: Sequence[Scenario]) -> bool:
    """Whether nobody's doings concern another, by the texts of today and these; what letters offer is counted over all."""
    return apart(rules, old) and not any(scenario.offers for scenario in (*rules.scenarios.values(), *old))
