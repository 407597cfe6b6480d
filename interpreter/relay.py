"""Many facts: batch after batch as ever, but while one process writes its batch, others read and decide those behind it.

Batches are written in their order, each within one transaction. What was read before it is our turn is still true then: facts about
somebody whom a process before us has in hand are handled once that one has written. Whatever else could make a difference ends the relay
before the batch in question, and the tick goes on from there alone: a fact that concerns everybody, somebody who is erased, facts that come
in between.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from collections.abc import Sequence

import attrs

from interpreter.apart import ALONE
from interpreter.crew import Crew
from interpreter.crew import cores
from interpreter.facts import Fact
from interpreter.facts import contact_key
from interpreter.groups import Groups
from interpreter.hands import CACHE
from interpreter.hands import MOST
from interpreter.hands import Tick
from interpreter.needs import Needs
from interpreter.needs import needs
from interpreter.phases.batch import Batch
from interpreter.phases.erasure import FORGOTTEN
from interpreter.phases.intake import Intake
from interpreter.phases.launch import Running
from interpreter.phases.openings import Openings
from interpreter.report import Report
from interpreter.store.facts import Place
from interpreter.store.sqlite import Store
from interpreter.turns import Board

#: Facts that a process takes together.
FACTS = 2000
#: Batches of one relay.
BATCHES = 256
#: A relay that comes no further than this was not worth its start: the tick goes on alone.
FEW = 4
#: Ids that each batch may give out of each table, for every fact: whoever needs more works alone.
WIDE = 16
#: Tables whose ids are given out as facts are handled.
COUNTED = ("customer", "orders", "action", "journey")
#: Names by which facts of a batch may be tied to others, for every fact.
NAMES = 12
#: The name of whoever waits: no hash of anything.
_WAITING = -1


@attrs.frozen(slots=True)
class _Leg:
    """The batches of one process: each of them that many behind the one before."""

    now: int
    depth: int
    first: dict[str, int]
    """The first free id of each table."""
    topics: frozenset[str]
    """Those seen so far: a new one ends a relay, and is known to the next."""
    ends: Sequence[Place]
    """Where the facts of each batch end."""
    number: int
    """Its first batch."""


@attrs.frozen(slots=True)
class _Ahead:
    """A batch that has been decided before it is its turn to be written."""

    facts: Sequence[Fact]
    batch: Batch
    report: Report
    tied: Sequence[Fact]
    """Those that have to wait until others are through with whom they are about."""
    names: Sequence[int]
    """What all of them are about, as the others know it."""
    of_free: Sequence[int]
    """What those are about that need not wait."""
    seen: int
    """How many batches had been written when it was read."""
    forgotten: str | None


class _EndsHereError(Exception):
    """This batch is not for a relay."""


class Relay:
    """The processes of one tick that handle its facts, made when they are first needed."""

    def __init__(self, tick: Tick, running: Running, openings: Openings) -> None:
        """Nobody is at work yet."""
        self._tick = tick
        self._running = running
        self._openings = openings
        self._count = min(cores(), MOST)
        # Facts tell whom they concern; only what letters offer is counted over all orders.
        self._may = self._count > 1 and tick.store.connection.outlives and not tick.rules.counts_orders
        self._crew = Crew(self._run, of="tick", leaves_off=True)
        self._board: Board | None = None
        # What follows is of each process alone.
        self._store: Store | None = None

    # -------------------------------------------------------------------------------------------------- who deals

    def run(self, now: int, depth: int, report: Report) -> int:
        """Handle facts as long as several can; how many batches. What is left is the work of one process."""
        store, ids = self._tick.store, self._tick.ids
        # What may still be taken back, as by a try, is seen by this process alone.
        if not self._may or store.connection.in_transaction():
            return 0
        ends = store.facts.ends(now, FACTS, BATCHES)
        if len(ends) <= FEW or not self._ready():
            return 0
        assert self._board is not None
        self._board.begin(len(ends))
        first = {table: ids.next(table) for table in COUNTED}
        topics = frozenset(ids.topics)
        legs = [_Leg(now, depth, first, topics, ends, number) for number in range(self._count)]
        try:
            for _, done in self._crew.answers(self._run, legs, self._tick.stopping):
                report.add(done)
        except BaseException:
            # Before it is asked what they have written.
            self.close()
            raise
        finally:
            for table in COUNTED:
                ids.go_to(table, store.next_id(table))
        written = self._board.written
        self._may = written > FEW
        return written

    def close(self) -> None:
        """Everybody goes home."""
        self._crew.close()
        if self._board is not None:
            self._board.close()
            self._board = None

    def _ready(self) -> bool:
        """Whether there are processes to do it."""
        if not self._crew:
            with self._tick.store.connection.closed():
                try:
                    self._board = Board(self._count, FACTS * NAMES)
                    self._crew.start(self._count)
                except OSError:
                    # No room for them: then it takes longer.
                    self.close()
                    self._may = False
        return self._may

    # ------------------------------------------------------------------------------------- in a process of its own

    def _run(self, leg: _Leg) -> Report:
        """Every batch of a leg, up to the end of the relay."""
        assert self._board is not None
        self._opened()
        self._tick.ids.topics.update(leg.topics)
        report = Report(now=leg.now)
        for number in range(leg.number, len(leg.ends), self._count):
            try:
                report.add(self._write(leg, number, self._decide(leg, number)))
            except _EndsHereError:
                self._board.end(number)
                break
        return report

    def _decide(self, leg: _Leg, number: int) -> _Ahead:
        board, store, ids = self._board, self._tick.store, self._tick.ids
        assert board is not None
        # First this, then the look: all of these have been written when it is looked.
        seen = board.written
        # Of one moment: `scn forget` may come between two looks.
        with store.connection.snapshot():
            forgotten = store.scenarios.get(FORGOTTEN)
            facts = store.facts.between(leg.ends[number - 1] if number else None, leg.ends[number])
            for table, first in leg.first.items():
                ids.go_to(table, first + number * FACTS * WIDE)
            batch, report = self._tick.batch(self._running, ids, leg.now), Report(now=leg.now)
            intake = self._loaded(batch, report, facts)
            ties = [_names(fact, intake) for fact in facts]
            names = array("q", [name for several in ties for name in several])
            if not board.tell(number, names, self._crew.gone):
                raise _EndsHereError
            free, tied, of_free = _apart(facts, ties, board.told(range(seen, number)))
            intake.take(free)
            intake.tell()
        return _Ahead(facts, batch, report, tied, names, of_free, seen, forgotten)

    def _loaded(self, batch: Batch, report: Report, facts: Sequence[Fact]) -> Intake:
        """Everything that facts read; raises when they are not for us."""
        needed = needs(facts, self._tick.rules.asked)
        if not facts or not all(map(_alone, facts)) or _is_shared(needed):
            raise _EndsHereError
        intake = Intake(batch, report, self._openings)
        intake.load(facts, needed)
        if any(order.promos for order in batch.shop.orders()):
            raise _EndsHereError
        return intake

    def _write(self, leg: _Leg, number: int, ahead: _Ahead) -> Report:
        """In its turn. Nothing of it has happened where it raises."""
        board, store, ids = self._board, self._tick.store, self._tick.ids
        assert board is not None
        if not board.turn(number, self._crew.gone) or not board.later(range(ahead.seen, number)).isdisjoint(ahead.of_free):
            raise _EndsHereError
        report = ahead.report
        with store.transaction():
            if store.scenarios.get(FORGOTTEN) != ahead.forgotten:
                raise _EndsHereError
            _put(ahead.batch)
            more: list[int] = []
            if ahead.tied:
                batch = self._tick.batch(self._running, ids, leg.now)
                intake = self._loaded(batch, report, ahead.tied)
                found = {name for fact in ahead.tied for name in _names(fact, intake)}
                more = list(found.difference(ahead.names))
                intake.take(ahead.tied)
                intake.tell()
                _put(batch)
            if any(ids.next(table) > first + (number + 1) * FACTS * WIDE for table, first in leg.first.items()):
                raise _EndsHereError
            if store.facts.handled(ahead.facts) != len(ahead.facts):
                # Others have come, or gone, since it was read.
                raise _EndsHereError
            self._tick.keep_place(leg.now, leg.depth, acting=False)
        board.wrote(number, more)
        return report

    def _opened(self) -> None:
        if self._store is None:
            self._store = self._tick.store = Store(self._tick.store.connection.path, create=False)
            self._store.connection.execute(f"PRAGMA cache_size = -{CACHE}")


def _alone(fact: Fact) -> bool:
    return fact.op in ALONE and fact.op != "customer.erase"


def _is_shared(needed: Needs) -> bool:
    """Whether it is about what more than one customer may have."""
    return bool(needed.owners or needed.issues or needed.changing or needed.messages)


def _names(fact: Fact, intake: Intake) -> list[int]:
    """Numbers for all by which a fact may be tied to others: what it names, who that is, and what else may follow from it."""
    shop = intake.batch.shop
    found: list[int] = []
    if fact.customer is not None:
        found.append(hash(fact.customer))
        customer = shop.customer(fact.customer)
        if customer is not None:
            found += _names_of(customer.id, intake)
    if fact.op.startswith("order."):
        key = fact.data["order"]["id"]
        found.append(hash(("order", key)))
        order = shop.order(key)
        if order is not None:
            found += _names_of(order.customer, intake)
    elif fact.op.startswith(("customer.", "contact.")):
        for contact in needs((fact,)).contacts:
            found.append(hash(contact))
            for claimant in shop.claimants(contact):
                found += _names_of(claimant.id, intake)
    return found


def _names_of(number: int, intake: Intake) -> Iterator[int]:
    """A customer, the addresses that become his once they are confirmed, and orders that his journeys look at though they are another's."""
    shop = intake.batch.shop
    yield number
    for kind, value in shop.customer_by_id(number).awaited.items():
        yield hash((kind, contact_key(kind, value)))
    for journey in intake.watching.get(number, ()):
        order = None if journey.order is None else shop.order(journey.order)
        if order is not None and order.customer != number:
            yield hash(("order", order.key))


def _apart(facts: Sequence[Fact], ties: Sequence[Sequence[int]], others: set[int]) -> tuple[Sequence[Fact], Sequence[Fact], list[int]]:
    """Those that have nothing to do with the others, the rest, and what the first are about.

    Who waits makes everybody behind him wait who is tied to him, also by a fact that need not: it may have made two ids one.
    """
    everything = [name for names in ties for name in names]
    if others.isdisjoint(everything):
        return facts, (), everything
    free: list[Fact] = []
    tied: list[Fact] = []
    of_free: list[int] = []
    groups = Groups()
    waiting = groups.of((_WAITING,))
    for fact, names in zip(facts, ties, strict=True):
        group = groups.of(names if others.isdisjoint(names) else (_WAITING, *names))
        if group == waiting:
            tied.append(fact)
        else:
            free.append(fact)
            of_free += names
    return free, tied, of_free


def _put(batch: Batch) -> None:
    """Write what was decided; raises where others would have to know of it first."""
    shop, now = batch.shop, batch.now
    if shop.new_topics or any(fact.received <= now for fact in shop.later):
        raise _EndsHereError
    batch.write()
