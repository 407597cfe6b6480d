"""Segments follow what happens to their customers: asked in the transaction that changed them, so that nothing is forgotten when a tick is
killed (`engine.md` §1, phase 4). What is found becomes facts, handled in the next round of the same tick.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence

from interpreter.belongings import NOBODY
from interpreter.facts import Fact
from interpreter.phases.batch import Batch

#: Customers asked together when a segment is new or its text has changed.
CHUNK = 1000

#: What a recalculation found.
FOUND = frozenset({"segment.enter", "segment.leave"})
#: That the time has come to ask again: nothing ever refers to it, so it goes once it is handled.
LOOK = "segment.look"


def load(batch: Batch, customers: Sequence[int]) -> None:
    """What the segments look at, of these customers."""
    reads = batch.rules.segment_reads
    if reads:
        batch.load_history(customers, reads)


def recalculate(batch: Batch, customers: Iterable[int]) -> None:
    """Ask for these customers whether they are in each segment, and when to ask again."""
    for number in sorted({*customers} - {NOBODY}):
        customer = batch.shop.customer_by_id(number)
        if customer.erased:
            continue
        view = batch.view(0, customer, at=batch.now, started=batch.now)
        members = view.of("segment")
        for segment in batch.rules.segments:
            belongs = segment.condition.test(view)
            if belongs is not (segment.name in members):
                batch.facts.append(_fact(batch, f"segment.{'enter' if belongs else 'leave'}", customer.key, segment=segment.name))
            look = segment.next_look(view)
            if look is not None:
                key = f"look {segment.name} {number} {look}"
                batch.shop.later.append(Fact(0, LOOK, key, customer.key, look, look, f"tick {look}", "scenario", {}))


def still_holds(batch: Batch, fact: Fact) -> bool:
    """Whether what a recalculation found is still so: facts between it and now may have changed it."""
    customer = batch.shop.customer(fact.customer) if fact.customer is not None else None
    segment = next((one for one in batch.rules.segments if one.name == fact.data["segment"]), None)
    if customer is None or segment is None:
        return False
    view = batch.view(0, customer, at=batch.now, started=batch.now)
    return segment.condition.test(view) is (fact.op == "segment.enter")


def review(batch: Batch, facts: Iterable[Fact]) -> None:
    """`segment.review`: a segment is new, or its text has changed. Everybody is asked, so many in each round."""
    for fact in facts:
        found = batch.store.entities.all_customers(fact.data["after"], CHUNK)
        batch.shop.know_customers(found)
        numbers = [customer.id for customer in found]
        load(batch, numbers)
        recalculate(batch, numbers)
        if len(found) == CHUNK:
            batch.facts.append(_fact(batch, "segment.review", None, after=numbers[-1]))


def _fact(batch: Batch, op: str, customer: str | None, **data: object) -> Fact:
    now = batch.now
    return Fact(0, op, None, customer, now, now, f"tick {now}", "scenario", data)
