"""The loop: facts, schedules, due journeys, delivery, at one logical `now` (`engine.md` §1).

Everything decided is on the disk before anything leaves the machine. A tick that is killed anywhere is continued by the next one.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING

import attrs

from interpreter.collection import no_collection
from interpreter.delivery.terms import DeliveryReport
from interpreter.facts import Fact
from interpreter.journey import Journey
from interpreter.offers import counting
from interpreter.phases import launch
from interpreter.phases import reach
from interpreter.phases.batch import Batch
from interpreter.phases.due import Due
from interpreter.phases.erasure import erase
from interpreter.phases.ids import Ids
from interpreter.phases.intake import Intake
from interpreter.phases.launch import Running
from interpreter.phases.merging import MERGE
from interpreter.phases.merging import merge
from interpreter.phases.openings import Openings
from interpreter.phases.passes import run_passes
from interpreter.phases.writer import Letters
from interpreter.phases.writer import Renderer
from interpreter.report import Report
from interpreter.rules import Rules
from interpreter.store.sqlite import Store

if TYPE_CHECKING:
    from interpreter.hands import Hands

#: Facts and journeys taken together: what bounds the memory of a tick.
FACTS = 2000
JOURNEYS = 8000

#: With more due journeys than that the start of further processes pays.
MANY = 10_000

#: Rounds of facts made by steps before a further one is a cycle.
DEPTH = 100

MINUTE = 60

#: The single value that holds how far a tick has come.
PLACE = "place"

#: Delivers the outbox at a moment.
Deliver = Callable[[int], DeliveryReport]


def _nothing() -> None:
    """Nothing is open."""


@attrs.define(slots=True)
class Engine:
    """Runs ticks over one store. One at a time: whoever makes one holds the lock of the store."""

    store: Store
    rules: Rules
    render: Renderer
    deliver: Deliver | None = None
    """None: nothing leaves (tests, simulation); messages stay `planned`."""
    writebacks: Mapping[str, object] = attrs.field(factory=dict)
    stopping: Callable[[], bool] = bool
    """Asked between batches: leave the rest to the next tick."""
    passes: bool = True
    """False: `every` starts nobody any more (the end of a test)."""
    many: int = MANY
    """Of more due journeys than that, several processes take care."""
    let_go: Callable[[], None] = _nothing
    """Closes what delivery keeps open from tick to tick."""
    _running: Running | None = attrs.field(default=None, init=False)
    _openings: Openings | None = attrs.field(default=None, init=False)
    _ranks: list[list[int] | None] = attrs.field(factory=list, init=False)
    """Scenarios in the order they act."""
    _ids: Ids | None = attrs.field(default=None, init=False)
    _hands: Hands | None = attrs.field(default=None, init=False)

    def tick(self, now: int) -> Report:
        """One tick. `now`: seconds since 1970 UTC. Raises DatabaseError; what was written until then stands."""
        # What is only in memory ends with the process: nobody goes on from within such a tick, so it is one transaction.
        with no_collection(), self.store.transaction() if not self._outlives else nullcontext():
            try:
                return self._tick(now)
            finally:
                if self._hands is not None:
                    self._hands.close()
                    self._hands = None

    def _tick(self, now: int) -> Report:
        report = Report(now=now)
        if self._outlives or self._running is None:
            with self.store.transaction():
                self.store.scenarios.set("now", str(now))
                self._launched(now)
        running = self._launched(now)
        ids = self._ids = self._ids or Ids(self.store, self.rules.topics)
        if ids.counted_to != (counting.ALL if self.rules.counts_orders else 0):
            with self.store.transaction():
                ids.counted_to = counting.go_on(self.store, self.rules, ids.counted_to)
        kept = self._place(now)
        first, acting = kept or (0, False)
        for depth in range(first, DEPTH + 2):
            # One look tells what there is to do; most ticks of a long time are about one thing alone.
            received, due, run = self.store.next_moments()
            if not acting:
                if _came(received, now):
                    self._facts(running, ids, now, report, depth)
                if self.stopping():
                    # Facts that are left may stop journeys that are due: nobody acts before they are handled.
                    break
                due = None
            if depth == 0 and self.passes and _came(run, now):
                # Also where a tick was killed before them: behind those that were made none is due.
                run_passes(self.store, running, ids, now, report)
                due = None
            due = due or self.store.journeys.next_due()
            acting = False
            if _came(due, now):
                self._due(running, ids, now, report, depth)
            if not _came(self.store.facts.next_received(), now) or self.stopping():
                break
        if not self.stopping() and (kept or self._place(now)):
            with self.store.transaction():
                self.store.scenarios.set(PLACE, None)
        if self.deliver is not None and self.store.messages.any_waiting():
            delivered = self.deliver(now)
            report.sent, report.failed, report.unsure = delivered.sent, delivered.failed, delivered.unsure
            report.retried = delivered.retried
            report.skipped += len(delivered.kept_back)
            report.notes.update(
                {f"only_to {to}": f"`{template}` to {to} was kept back: `only_to`" for _, template, to in delivered.kept_back}
            )
            report.notes.update({" ".join(problem.split()[:2]): problem for problem in delivered.problems})
        return report

    def run_until(self, first: int, last: int) -> Iterable[Report]:
        """All ticks of the grid: at `first`, then at whole minutes in which something arrives or is due, up to `last`."""
        now = first
        while now <= last:
            yield self.tick(now)
            following = self.next_tick(now)
            if following is None or self.stopping():
                return
            now = following

    @property
    def ids(self) -> Ids:
        """Those that this process hands out."""
        assert self._ids is not None
        return self._ids

    @property
    def running(self) -> bool:
        """Whether a tick has been made: the first one launches."""
        return self._running is not None

    def next_tick(self, now: int) -> int | None:
        """The next whole minute after `now` in which something arrives or is due; None: never."""
        due = self.next_due()
        return None if due is None else max(-(-due // MINUTE) * MINUTE, (now // MINUTE + 1) * MINUTE)

    def next_due(self) -> int | None:
        """The moment of the next thing to do; it may be past. None: there is nothing."""
        received, due, run = self.store.next_moments()
        moments = [received, due, run if self.passes else None]
        if self.deliver is not None:
            moments.append(self.store.messages.next_attempt())
        known = [moment for moment in moments if moment is not None]
        return min(known, default=None)

    # ---------------------------------------------------------------------------------------------------------- phases

    def _launched(self, now: int) -> Running:
        if self._running is None:
            with self.store.transaction():
                self._running = launch.sync(self.store, self.rules, now)
            self._openings = Openings.of(self._running)
            self._ranks = _ranks(self._running)
        return self._running

    def batch(self, running: Running, ids: Ids, now: int) -> Batch:
        """An empty batch."""
        return Batch(self.store, running, ids, now)

    # One process reads within the transaction that writes: `scn forget` may come between two of them.

    def _place(self, now: int) -> tuple[int, bool] | None:
        """How far a tick of this same `now` had come when it was killed: the round, and whether its journeys were acting already."""
        kept = (self.store.scenarios.get(PLACE) or "").split() if self._outlives else []
        return (int(kept[1]), kept[2] == "acting") if kept and kept[0] == str(now) else None

    @property
    def _outlives(self) -> bool:
        """Whether anybody could go on: what is only in memory ends with the process."""
        return self.store.connection.outlives

    def keep_place(self, now: int, depth: int, *, acting: bool) -> None:
        """How far it has come, with its batch: facts that steps made meanwhile belong to the next round, also for who goes on."""
        if (depth or acting) and self._outlives:
            self.store.scenarios.set(PLACE, f"{now} {depth} {'acting' if acting else 'facts'}")

    def _facts(self, running: Running, ids: Ids, now: int, report: Report, depth: int) -> None:
        relay = None
        try:
            if self._outlives and self.store.facts.many(now, self.many):
                from interpreter.relay import Relay

                assert self._openings is not None
                relay = Relay(self, running, self._openings)
            while True:
                if relay is not None:
                    relay.run(now, depth, report)
                if not self._handle(self.batch(running, ids, now), report, depth) or self.stopping():
                    return
        finally:
            if relay is not None:
                relay.close()

    def _handle(self, batch: Batch, report: Report, depth: int) -> bool:
        """One batch of facts; whether there may be more."""
        with self.store.transaction():
            pending = self.store.facts.pending(batch.now, FACTS)
            turn = reach.turn(batch, _together(pending))
            facts = turn.facts
            if not facts:
                return False
            assert self._openings is not None
            if facts[0].op == MERGE:
                report.stopped += merge(batch, facts[0])
            Intake(batch, report, self._openings).handle(facts, through=turn.following is None)
            turn.keep(batch)
            batch.write()
            for customer in batch.shop.changed_customers.values():
                if customer.erased:
                    report.stopped += erase(self.store, customer, batch.now, inbox=False)
            # What has happened by now without a fact from outside (points became available) comes before anybody acts.
            happened = any(fact.received <= batch.now for fact in batch.shop.later)
            more = happened or len(pending) == FACTS or len(facts) < len(pending) or turn.following is not None
            # What segments found is of the next round, also for who goes on.
            self.keep_place(batch.now, depth, acting=not more and bool(batch.facts))
        return more

    def _called(self, running: Running) -> Hands:
        """The processes of this tick."""
        if self._hands is None:
            from interpreter.hands import Hands

            self._hands = Hands(self, running)
        return self._hands

    def _due(self, running: Running, ids: Ids, now: int, report: Report, depth: int) -> None:
        for scenarios in self._ranks:
            many = self._outlives and self.store.journeys.many_due(now, scenarios, self.many)
            # Somebody may have told one of the processes alone to end: what it leaves comes before any rank behind.
            if many and self._called(running).act(now, scenarios, depth, report) and self.stopping():
                return
            while self._act(self.batch(running, ids, now), scenarios, report, depth):
                if self.stopping():
                    return

    def _act(self, batch: Batch, scenarios: list[int] | None, report: Report, depth: int) -> bool:
        """One batch of due journeys; whether there may be more: whoever acted waits for a later moment, or has ended."""
        with self.store.transaction():
            journeys = self.store.journeys.due(batch.now, scenarios, JOURNEYS)
            if not journeys:
                return False
            self.decide(batch, journeys, report, depth)
            batch.write()
            self.keep_place(batch.now, depth, acting=True)
        return len(journeys) == JOURNEYS

    def decide(self, batch: Batch, journeys: Sequence[Journey], report: Report, depth: int) -> None:
        """What due journeys do, in memory."""
        letters = Letters(lambda: batch.ids.take("message"), self.render, self.writebacks)
        Due(batch, report, letters, deep=depth >= DEPTH).run(journeys)


def _came(moment: int | None, now: int) -> bool:
    """Whether a moment is there or past; None: it never comes."""
    return moment is not None and moment <= now


def _ranks(running: Running) -> list[list[int] | None]:
    """Scenarios in the order they act: transactional ones first, then by priority. One rank alone needs no naming."""
    ranks: dict[tuple[bool, int], list[int]] = {}
    for number, scenario in running.current.items():
        ranks.setdefault((not scenario.transactional, -scenario.priority), []).append(number)
    return [None] if len(ranks) <= 1 else [ranks[key] for key in sorted(ranks)]


def _together(facts: list[Fact]) -> list[Fact]:
    """What is handled together. After an erasure and a merge, ids mean somebody else: what comes behind waits for the next batch.

    A merge stands alone: it moves what is in nobody's memory yet.
    """
    for place, fact in enumerate(facts):
        if fact.op == "customer.erase":
            return facts[: place + 1]
        if fact.op == MERGE:
            return facts[: place or 1]
    return facts
