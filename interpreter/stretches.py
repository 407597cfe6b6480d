"""Ticks of a rehearsal, many in one go: the same decisions at the same minutes as one by one, without their fixed cost.

A stretch ends before anything that is looked at across all customers or takes something away: a pass of `every`, an erasure, a merge.
Such a minute is a tick of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence

import attrs

from interpreter.acts import KINDS_TOLD
from interpreter.collection import no_collection
from interpreter.facts import Fact
from interpreter.phases.batch import Batch
from interpreter.phases.due import Due
from interpreter.phases.ids import Ids
from interpreter.phases.intake import Intake
from interpreter.phases.launch import Running
from interpreter.phases.loading import FAMILIES
from interpreter.phases.merging import MERGE
from interpreter.phases.reach import affordable
from interpreter.phases.stretch import Counted
from interpreter.phases.stretch import CountingBatch
from interpreter.phases.stretch import Stretch
from interpreter.phases.whole import Whole
from interpreter.phases.writer import Letters
from interpreter.program import TellStep
from interpreter.report import Report
from interpreter.shop import NeverLoadedError
from interpreter.store.messages import NewMessage
from interpreter.store.rehearsal import Rehearsed
from interpreter.tally import Tally
from interpreter.tick import DEPTH
from interpreter.tick import MINUTE
from interpreter.tick import Engine

#: Facts and due journeys that one stretch begins with: what bounds its memory.
FACTS = 8000
JOURNEYS = 8000
#: Journeys, decisions and messages behind which it ends: those who start each other again and again need no fact to go on.
SIZE = 80_000


def families(running: Running, facts: Sequence[Fact], *, hears_messages: bool) -> frozenset[str]:
    """The families of history that anything may look at while these facts are handled."""
    found = running.rules.segment_reads
    for scenario in running.current.values():
        found |= scenario.reads | scenario.start_reads | scenario.watch_reads
        found |= {kind for step in scenario.steps if isinstance(step, TellStep) for kind in KINDS_TOLD[step.op.partition(".")[0]]}
    if hears_messages or running.rules.caps or any(fact.op.startswith("message.") for fact in facts):
        found |= {"messages"}
    return found & {*FAMILIES, "products"}


@attrs.define(slots=True)
class StretchedEngine(Engine):
    """An engine whose messages count as sent in the tick that decides on them."""

    sent_facts: Callable[[Sequence[int], int], list[Fact]] | None = attrs.field(kw_only=True)
    """What is heard of messages (by id) that were sent at a moment; None: nobody listens."""
    tally: Tally | None = attrs.field(default=None, kw_only=True)
    """Only numbers are asked for: decisions are counted here instead of being written."""
    _counted: Counted = attrs.field(factory=Counted, init=False)

    def batch(self, running: Running, ids: Ids, now: int) -> Batch:
        """What is counted outside of stretches is kept in mind as well."""
        return CountingBatch(self.store, running, ids, now, self._counted)

    def run_until(self, first: int, last: int) -> Iterator[Report]:
        """All ticks of the grid; a report for each stretch of them."""
        now: int | None = first
        while now is not None and now <= last:
            # What is over with a stretch goes before anybody looks for circles in it.
            with no_collection():
                report = self._stretch(now, last) or self.tick(now)
            yield report
            now = self.next_tick(report.now)

    def whole(self, facts: Sequence[Fact], last: int) -> tuple[int, Report, Tally] | None:
        """Everything that ever comes, decided up to `last` and only counted; how many facts it was.

        To be asked behind the launch, as often as there are others; it leaves nothing behind. None: it cannot be one stretch.
        """
        if len(facts) > FACTS or any(fact.op in _ALONE for fact in facts) or self.next_due() is not None:
            return None
        assert self._running is not None
        assert self._ids is not None
        mark, tally = self._ids.mark(), Tally()
        reads = families(self._running, facts, hears_messages=self._hears_messages)
        stretch = Whole(self.store, self._running, self._ids, last, tally, messages="messages" in reads)
        arriving = stretch.arrive(facts)
        walk = _Walk(self, stretch, arriving)
        try:
            over = walk.run(walk.next_tick(arriving[0].received - MINUTE))
        except NeverLoadedError:
            over = False
        self._ids.back_to(mark)
        stretch.count_journeys()
        return (len(arriving), walk.report, tally) if over else None

    @property
    def _hears_messages(self) -> bool:
        return any(kind.startswith("message.") for kind in self.rules.heard)

    def _stretch(self, first: int, last: int) -> Report | None:
        """The ticks from `first` on, as far as one stretch may go; None: there is none."""
        if self._running is None or self._openings is None or self._ids is None:
            return None
        store, mark = self.store, self._ids.mark()
        tally = None if self.tally is None else Tally()
        try:
            with store.transaction():
                facts, end = self._facts_until(last)
                due = store.journeys.due(end, None, JOURNEYS)
                if len(due) == JOURNEYS:
                    end = min(end, due[-1].due_at or 0) - 1
                if end < first:
                    return None
                stretch = Stretch(store, self._running, self._ids, (first, end), self._counted, tally=tally)
                facts = [fact for fact in facts if fact.received <= end]
                stretch.load(
                    facts,
                    [journey for journey in due if journey.due_at is not None and journey.due_at <= end],
                    families(self._running, facts, hears_messages=self._hears_messages),
                    self._openings.per_order,
                )
                walk = _Walk(self, stretch, facts)
                walk.run(first)
                walk.write()
        except NeverLoadedError:
            # Somebody turned up whom nobody expected: what was before this minute is done again, and the minute goes alone.
            self._ids.back_to(mark)
            return self._stretch(first, stretch.now - 1) if stretch.now > first else None
        if self.tally is not None and tally is not None:
            self.tally.add(tally)
        return walk.report

    def _facts_until(self, last: int) -> tuple[list[Fact], int]:
        """The next facts, and the last moment up to which they are all that come and nothing else is to be done."""
        facts = self.store.facts.pending(last, FACTS)
        end = last
        if len(facts) == FACTS:
            end = facts[-1].received - 1
        apart = next((fact.received for fact in facts if fact.op in _ALONE), None)
        run = self.store.scenarios.next_run() if self.passes else None
        reached = affordable(self.store, self.rules, facts)
        beyond = facts[reached].received if reached < len(facts) else None
        for moment in (apart, run, beyond):
            if moment is not None:
                end = min(end, moment - 1)
        return facts, end


#: What takes something away, or is about everybody: its minute goes alone.
_ALONE = frozenset({"customer.erase", MERGE, "segment.review"})


def _arrival(fact: Fact) -> tuple[int, int]:
    return fact.received, fact.id


class _Walk:
    """From minute to minute."""

    def __init__(self, engine: StretchedEngine, stretch: Stretch, facts: list[Fact]) -> None:
        assert engine._openings is not None  # noqa: SLF001 - a part of the engine
        self.engine = engine
        self.stretch = stretch
        self.report = Report()
        self.intake = Intake(stretch, self.report, engine._openings)  # noqa: SLF001 - as above
        self.intake.watching = stretch.standing
        self.due = Due(stretch, self.report, Letters(lambda: stretch.ids.take("message"), engine.render, engine.writebacks), deep=False)
        self.facts = facts
        self.place = 0
        """How many of the facts have been handled."""
        self.made: list[Fact] = []
        """By steps, delivery and the clock, not handled yet: in order of arrival, which may be later."""
        self.last_made: Fact | None = None
        """Of those that have been handled."""
        ranks = engine._ranks  # noqa: SLF001 - as above
        self.rank = {number: place for place, scenarios in enumerate(ranks) for number in scenarios or ()}
        self.ranks = len(ranks)
        self.looks_up = any(scenario.issues for scenario in stretch.running.current.values()) or "messages" in engine.rules.segment_reads
        """Whether something is asked of those who act besides what they do: codes for them, segments about their messages."""

    def run(self, now: int | None) -> bool:
        """Every tick; whether they came to the end, or there were too many decisions."""
        while now is not None and now <= self.stretch.end:
            if self.stretch.size >= SIZE:
                break
            self.tick(now)
            now = self.next_tick(now)
        self.intake.tell()
        return now is None or now > self.stretch.end

    def write(self) -> None:
        """Everything that was decided."""
        store, stretch = self.stretch.store, self.stretch
        Rehearsed(store.connection).add_sent(stretch.messages)
        stretch.messages = []
        stretch.write()
        handled = [*self.facts[: self.place][-1:], *([] if self.last_made is None else [self.last_made])]
        store.facts.handled(sorted(handled, key=_arrival))

    def next_tick(self, now: int) -> int | None:
        """The next whole minute in which something arrives or is due."""
        first = self.stretch.next_due()
        if self.place < len(self.facts) and (first is None or self.facts[self.place].received < first):
            first = self.facts[self.place].received
        if self.made and (first is None or self.made[0].received < first):
            first = self.made[0].received
        return None if first is None else max(-(-first // MINUTE) * MINUTE, (now // MINUTE + 1) * MINUTE)

    def tick(self, now: int) -> None:
        """`Engine.tick`, in memory."""
        stretch = self.stretch
        stretch.now = self.intake.now = self.report.now = now
        for depth in range(DEPTH + 2):
            while facts := self.arrived(now):
                self.intake.take(facts)
                stretch.follow()
                if not self.follow_up(now):
                    break
            self.due.deep = depth >= DEPTH
            self.act()
            if not self.made or self.made[0].received > now:
                break
        self.deliver(now)

    def follow_up(self, now: int) -> bool:
        """What facts and steps made comes in; whether any of it has happened by now, which is handled before anybody acts."""
        stretch = self.stretch
        found, later = stretch.facts, stretch.shop.later
        if not (found or later):
            return False
        stretch.facts, stretch.shop.later = [], []
        self.come([*found, *later])
        return any(fact.received <= now for fact in later)

    def arrived(self, now: int) -> list[Fact]:
        """What is to be handled, in order of arrival."""
        facts, begin = self.facts, self.place
        end = begin
        while end < len(facts) and facts[end].received <= now:
            end += 1
        self.place = end
        made = 0
        while made < len(self.made) and self.made[made].received <= now:
            made += 1
        if not made:
            return facts[begin:end]
        self.last_made = max(self.made[made - 1], self.last_made or self.made[0], key=_arrival)
        found = sorted([*self.made[:made], *facts[begin:end]], key=_arrival)
        del self.made[:made]
        return found

    def act(self) -> None:
        """Everybody who is due, rank by rank."""
        found = self.stretch.take_due()
        if not found:
            return
        if len(found) > 1 and self.ranks > 1:
            found.sort(key=lambda journey: self.rank[journey.scenario])
        if self.stretch.knows_all and not self.looks_up:
            # Nothing but offers is to be looked up for them.
            stretch, advance = self.stretch, self.due.advance
            if stretch.rules.offers:
                stretch.load_offers(found)
            for journey in found:
                advance(journey, stretch.program(journey), stretch.journey_view(journey))
        else:
            self.due.run(found)
        self.follow_up(self.stretch.now)

    def come(self, facts: list[Fact]) -> None:
        """New facts, as the store gives them back."""
        self.made = sorted([*self.made, *self.stretch.add_facts(facts)], key=_arrival)

    def deliver(self, now: int) -> None:
        """What was decided to be sent in this tick is sent."""
        decided = self.stretch.decided()
        if not decided:
            return
        sent = [message for message in decided if message.state == "planned"]
        if not sent:
            return
        self.report.sent += len(sent)
        self.tell_shop(sent, now)
        if self.engine.sent_facts is not None:
            self.come(self.engine.sent_facts([one.id for one in sorted(sent, key=lambda one: not one.transactional)], now))

    def tell_shop(self, sent: list[NewMessage], now: int) -> None:
        """Whoever reads the history of messages sees them sent."""
        shop = self.stretch.shop
        for one in sent:
            if shop.knows_messages_of(one.customer) and one.kind == "message":
                message = shop.message(one.id)
                assert message is not None
                message.state = "sent"
                message.times["sent"] = now
