"""A simulation of which only numbers are asked for: in shares, by as many processes as there are cores."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from functools import partial
from itertools import chain
from itertools import islice
from typing import Self

import attrs

from interpreter.apart import apart
from interpreter.collection import no_collection
from interpreter.crew import Crew
from interpreter.crew import cores
from interpreter.facts import Fact
from interpreter.facts import Rejection
from interpreter.ingest.json_lines import BadLine
from interpreter.ingest.json_lines import at_line
from interpreter.rehearsal import Rehearsal
from interpreter.rehearsal import Stage
from interpreter.report import Report
from interpreter.shares import Packed
from interpreter.shares import Share
from interpreter.shares import Spool
from interpreter.shares import packed
from interpreter.simulate import Simulation
from interpreter.simulate import Span
from interpreter.tally import Summary
from interpreter.tally import Tally

#: Facts read together, and bytes of them behind which there are no more.
CHUNK = 1_000
BYTES = 1_000_000
#: Up to so many facts the start of further processes does not pay.
SMALL = 20_000
#: Facts of a share: a stretch of a rehearsal takes so many at once.
SHARE = 6_000
#: Where scenarios pass over all customers: each share makes every pass, so there are few.
FEW = 8


@attrs.frozen(slots=True)
class Lines:
    """Facts as they stand in a file."""

    name: str
    lines: list[tuple[int, bytes] | BadLine]


@attrs.define(slots=True)
class _Played:
    """What came of a share."""

    facts: int = 0
    last: int = 0
    failed: int = 0
    notes: list[str] = attrs.field(factory=list)
    tally: Tally = attrs.field(factory=Tally)


class Backtest:
    """Takes facts, then plays them."""

    def __init__(self, stage: Stage, read: Callable[[str, bytes], Fact | Rejection], over: Callable[[int, int], Span]) -> None:
        """`read`: a fact of the file with a name; `over`: the span, from when the first and the last fact come."""
        self._stage = stage
        self._read = read
        self._over = over
        self._spool = Spool(together=not apart(stage.rules))
        self._crew = Crew(self._packed, self._play, of="simulation")
        self._rehearsal: Rehearsal | None = None
        """Of this process, for one share after the other."""
        self._launched: Rehearsal | None = None
        """Of this process: nothing but the launch."""
        self._played: list[tuple[int, _Played]] = []
        self._tally = Tally()
        self.shares = 0
        """How many the facts were dealt into."""
        self.bad: list[tuple[str, BadLine]] = []
        """Bad lines with the names of their files."""

    def __enter__(self) -> Self:
        """To be left with nothing behind."""
        return self

    def __exit__(self, *how: object) -> None:
        """Processes and files go."""
        self._crew.close()
        self._spool.close()
        for one in (self._rehearsal, self._launched):
            if one is not None:
                one.store.close()

    def __len__(self) -> int:
        """How many facts were taken."""
        return len(self._spool)

    # --------------------------------------------------------------------------------------------------------- taking

    def take(self, chunks: Iterable[Lines]) -> None:
        """The facts of files."""
        several = iter(chunks)
        self._keep(islice(several, SMALL // CHUNK))
        for more in several:
            self._crew.start(cores())
            self._keep(chain([more], several))

    def take_facts(self, facts: Iterable[Fact]) -> None:
        """Facts of a database."""
        several = iter(facts)
        while chunk := list(islice(several, CHUNK)):
            self._spool.add(packed(chunk))

    def _keep(self, chunks: Iterable[Lines]) -> None:
        for found, bad in self._crew.in_order(self._packed, chunks):
            self._spool.add(found)
            self.bad += bad

    def _packed(self, chunk: Lines) -> tuple[Packed, list[tuple[str, BadLine]]]:
        """In whichever process."""
        with no_collection():
            return self._packed_now(chunk)

    def _packed_now(self, chunk: Lines) -> tuple[Packed, list[tuple[str, BadLine]]]:
        found = [one if isinstance(one, BadLine) else at_line(one[0], self._read(chunk.name, one[1])) for one in chunk.lines]
        bad = [(chunk.name, one) for one in found if isinstance(one, BadLine)]
        return packed([one for one in found if isinstance(one, Fact)]), bad

    # -------------------------------------------------------------------------------------------------------- playing

    def play(self) -> Callable[[], Iterator[float]]:
        """Deal the facts into shares; what is given back plays them, and says from time to time how much of it is done."""
        size = SHARE
        if any(scenario.schedules for scenario in self._stage.rules.scenarios.values()):
            size = max(size, len(self) // FEW)
        shares, span = self._spool.shares(size), self._over(*self._spool.received)
        self.shares = len(shares)
        if len(shares) > 1 and len(self) > SMALL:
            # Before anybody shows how far we are: that is done by a thread.
            self._crew.start(cores())
        return partial(self._shares, shares, span) if len(shares) > 1 else partial(self._one, shares[0], span)

    def _shares(self, shares: list[Share], span: Span) -> Iterator[float]:
        done = 0
        for number, played in self._crew.answers(self._play, [(share, span) for share in shares]):
            done += len(shares[number])
            self._add(number, played)
            yield done / len(self)

    def _play(self, job: tuple[Share, Span]) -> _Played:
        """In whichever process."""
        played = _Played()
        for _ in self._ticks(*job, played):
            pass
        return played

    def _one(self, share: Share, span: Span) -> Iterator[float]:
        played = _Played()
        length = max(1, min(span.last_fact, span.end) - span.launch)
        for now in self._ticks(share, span, played):
            yield min((now - span.launch) / length, 1)
        self._add(0, played)

    def _ticks(self, share: Share, span: Span, played: _Played) -> Iterator[int]:
        if share.alone and self._at_once(share, span, played):
            yield played.last
            return
        if self._rehearsal is None:
            self._rehearsal = self._stage.rehearsal(keep_letters=False)
        else:
            self._rehearsal.begin_anew()
        simulation, total = Simulation(self._stage, share.facts(), lambda *_: span, rehearsal=self._rehearsal), Report()
        for report in simulation.run():
            total.add(report)
            yield report.now
        played.facts, played.last, played.failed = simulation.facts, total.now, total.failed_journeys
        played.notes, played.tally = list(total.notes.values()), simulation.tally()

    def _at_once(self, share: Share, span: Span, played: _Played) -> bool:
        """In one stretch; whether that can be."""
        if self._launched is None:
            self._launched = self._stage.rehearsal(keep_letters=False)
            self._launched.engine.tick(span.launch)
        with no_collection():
            facts = list(share.facts())
            if min(fact.received for fact in facts) <= span.launch:
                return False
            found = self._launched.engine.whole(facts, span.end)
            if found is None:
                return False
            played.facts, total, played.tally = found
        played.last, played.failed, played.notes = max(span.launch, total.now), total.failed_journeys, list(total.notes.values())
        return True

    def _add(self, number: int, played: _Played) -> None:
        """Counts at once; in what order they come makes no difference."""
        self._tally.add(played.tally)
        played.tally = Tally()
        self._played.append((number, played))

    def summary(self) -> Summary:
        """What came of everything."""
        played = [one for _, one in sorted(self._played, key=lambda pair: pair[0])]
        return Summary(
            sum(one.facts for one in played),
            self._over(*self._spool.received).launch,
            max(one.last for one in played),
            self._tally,
            sum(one.failed for one in played),
            list({note: None for one in played for note in one.notes}),
        )
