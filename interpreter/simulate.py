"""The scenarios over history in virtual time: what they would have sent, in memory; no database is changed (`cli.md` §2)."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from itertools import islice

import attrs

from interpreter.facts import Fact
from interpreter.rehearsal import Rehearsal
from interpreter.rehearsal import Stage
from interpreter.report import Report
from interpreter.store.rehearsal import Rehearsed
from interpreter.store.sqlite import Store
from interpreter.tally import Tally

MINUTE = 60
DAY = 86_400

#: How long after the last fact the clock goes on while somebody still waits.
AFTERWARDS = 400 * DAY
#: Facts taken together.
CHUNK = 5_000


@attrs.frozen(slots=True)
class Span:
    """The virtual time of a simulation, seconds since 1970 UTC."""

    launch: int
    """The tick that launches the scenarios. Facts received before it are history: they start nothing."""
    last_fact: int
    """Behind it `every` starts nobody any more."""
    end: int
    """No tick behind it."""


def span(first: int, last: int, since: int | None, until: int | None) -> Span:
    """From just before the first fact, or `since`, until nothing is due any more, or `until`; `last`: when the last fact comes."""
    last = -(-last // MINUTE) * MINUTE
    launch = first // MINUTE * MINUTE - MINUTE if since is None else since // MINUTE * MINUTE
    return Span(launch, last if until is None else until, max(launch, last + AFTERWARDS if until is None else until))


class Simulation:
    """A project over facts."""

    def __init__(
        self, stage: Stage, facts: Iterable[Fact], over: Callable[[int, int], Span], *, rehearsal: Rehearsal | None = None
    ) -> None:
        """Facts with a known key count once, as in the inbox. `over`: the span, from when the first and the last fact come.

        There is at least one fact; however many there are, they are never in memory together. `rehearsal`: only `tally` will be
        asked for, and afterwards there are others in the same store.
        """
        self.stage = stage
        self._rehearsal = rehearsal or stage.rehearsal(keep_letters=False)
        self._tally = Tally()
        self.store = self._rehearsal.store
        self.facts, self.span = self._take(facts, over)
        """How many there are, and over which time."""
        if rehearsal is not None:
            self._rehearsal.engine.tally = self._tally

    def _take(self, facts: Iterable[Fact], over: Callable[[int, int], Span]) -> tuple[int, Span]:
        count, first, last = 0, 1 << 62, -(1 << 62)
        several = iter(facts)
        with self.store.transaction():
            while chunk := list(islice(several, CHUNK)):
                moments = [fact.received for fact in chunk]
                first, last = min(first, *moments), max(last, *moments)
                count += sum(self.store.facts.add(chunk))
        return count, over(first, last)

    def run(self) -> Iterator[Report]:
        """All ticks of the grid, one after the other."""
        engine, passes = self._rehearsal.engine, any(scenario.schedules for scenario in self.stage.rules.scenarios.values())
        received = self.store.facts.next_received()
        if received is not None and received < self.span.launch:
            yield self._rehearsal.engine_of(self.stage.nobody).tick(self.span.launch - 1)
        yield from engine.run_until(self.span.launch, min(self.span.last_fact, self.span.end) if passes else self.span.end)
        if passes and self.span.last_fact < self.span.end:
            engine.passes = False
            following = engine.next_tick(max(self.span.launch, self.span.last_fact))
            if following is not None:
                yield from engine.run_until(following, self.span.end)

    def tally(self) -> Tally:
        """What was counted and what was written."""
        found = Rehearsed(self.store.connection).tally(self.stage.rules.timezone)
        found.add(self._tally)
        return found


def recorded(store: Store) -> Iterable[Fact]:
    """The facts that a database has received from outside. What scenarios and delivery made of them the simulation makes itself."""
    after = 0
    while found := store.facts.recorded(after, CHUNK):
        after = found[-1].id
        yield from (fact for fact in found if _from_outside(fact))


def _from_outside(fact: Fact) -> bool:
    if fact.batch.startswith(("tick ", "delivery ")) or fact.op == "message.status":
        return False
    # Of somebody who was erased, and of what was pruned, nothing is left to play; a customer or a visit may have come with the id alone.
    return bool(fact.data) or (fact.op.startswith(("customer.", "session.")) and fact.customer is not None)
