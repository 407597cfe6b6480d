"""A busy tick: what came in and who is due is dealt out by customers, to as many processes as the machine has cores for us.

Only where nothing that happens to one customer depends on another (`apart.apart`), and only facts that are about one customer each: then
every process may read, decide and write for its customers as if it were alone. A killed tick leaves whole batches behind, and the next
one goes on with the rest, with hands or without. Ids, and the order between customers, are others than those of one process; what happens
to a customer is the same.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from typing import Any

from interpreter.apart import ALONE
from interpreter.apart import apart
from interpreter.crew import Crew
from interpreter.crew import Together
from interpreter.crew import cores
from interpreter.hand import Acting
from interpreter.hand import Hand
from interpreter.hand import Handling
from interpreter.hand import Share
from interpreter.hand import Tick
from interpreter.phases.ids import COUNTED
from interpreter.phases.ids import Ids
from interpreter.phases.ids import free
from interpreter.phases.launch import Running
from interpreter.report import Report

#: Facts that are dealt out together, and so few that one process is as fast.
FACTS = 8000
FEW = 500

#: More processes would only wait, each for its turn to write.
MOST = 4

#: What speaks of one customer alone; after an erasure ids mean somebody else.
DEALT = ALONE - {"customer.erase"}

#: More texts of before than that are not looked through.
OLD = 50

#: Where facts cannot be dealt out, at most so many batches pass before it is tried again.
PATIENCE = 64


class Hands:
    """The processes of one tick, made when they are first needed."""

    def __init__(self, tick: Tick, running: Running, ids: Ids) -> None:
        """Nobody is at work yet."""
        self._tick = tick
        self._ids = ids
        self._shares = [Share(number, min(cores(), MOST)) for number in range(min(cores(), MOST))]
        self._may = len(self._shares) > 1 and _apart(tick, running)
        self._together = Together(len(COUNTED)) if self._may else None
        if self._together is not None:
            self._hand = Hand(tick, running, self._together)
            self._crew = Crew(self._hand.act, self._hand.look, self._hand.handle, of="tick")
        self._pause = 0
        self._next_pause = 1

    def due(self, now: int, scenarios: list[int] | None, depth: int, report: Report) -> bool:
        """Act for everybody who is due; False: nothing was done, it is the work of one process."""
        if not self._ready():
            return False
        for one in self._all(self._hand.act, [Acting(now, depth, scenarios, share) for share in self._shares]):
            report.add(one)
        return True

    def facts(self, now: int, depth: int, report: Report) -> bool:
        """Handle the next facts; False: nothing was done, and the next batch is the work of one process."""
        if self._pause:
            self._pause -= 1
            return False
        if self._deal(now, depth, report):
            self._next_pause = 1
            return True
        # Each time longer: where facts are mixed, to look costs more than it brings.
        self._pause, self._next_pause = self._next_pause, min(2 * self._next_pause, PATIENCE)
        return False

    def close(self) -> None:
        """Everybody goes home."""
        if self._may:
            self._crew.close()

    def _deal(self, now: int, depth: int, report: Report) -> bool:
        # Segments are found with the last batch of a round, and nobody knows which one that is.
        if not self._may or self._tick.rules.segments:
            return False
        dealt = _dealable(self._tick.store.facts.waiting(now, FACTS))
        if len(dealt) < FEW or not self._ready():
            return False
        facts: dict[Share, list[int]] = {share: [] for share in self._shares}
        for number, customer in dealt:
            facts[Share.of_customer(customer, len(self._shares))].append(number)
        jobs = [Handling(now, depth, those, share) for share, those in facts.items()]
        asked: set[int] = set()
        for names in self._all(self._hand.look, jobs):
            if names is None or not asked.isdisjoint(names):
                return False
            asked |= names
        for one in self._all(self._hand.handle, jobs):
            if one is not None:
                report.add(one)
        return True

    def _ready(self) -> bool:
        """Whether there are processes to do it."""
        connection = self._tick.store.connection
        # What may still be taken back, as by a try, is seen by this process alone.
        if not self._may or connection.in_transaction():
            return False
        if not self._crew:
            with connection.closed():
                try:
                    self._crew.start(len(self._shares))
                except OSError:
                    # No room for them: then it takes longer.
                    self._crew.close()
                    self._may = False
        return self._may

    def _all(self, work: Callable[[Any], Any], jobs: Sequence[Any]) -> list[Any]:
        """What came of everybody's part. Each process has the same share throughout."""
        assert self._together is not None
        store = self._tick.store
        self._together.numbers[:] = list(free(store).values())
        try:
            return [answer for _, answer in self._crew.answers(work, jobs, self._tick.stopping)]
        finally:
            self._ids.go_to(free(store))


def _apart(tick: Tick, running: Running) -> bool:
    """Whether nobody's doings concern another: also by the texts of before, which some may still go by."""
    if not tick.store.connection.outlives:
        return False
    old = [(scenario, number) for number, (scenario, _, _) in running.versions.items() if running.rows[scenario].version != number]
    return len(old) <= OLD and apart(tick.rules, [running.program(*one) for one in old])


def _dealable(waiting: Sequence[tuple[int, str, str | None]]) -> list[tuple[int, str]]:
    """Facts with their customers, up to the first that may be about several."""
    found = []
    for number, op, customer in waiting:
        if customer is None or op not in DEALT:
            break
        found.append((number, customer))
    return found
