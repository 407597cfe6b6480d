"""Erasing a person: personal data goes from every table, the ledger and kept payloads; journeys stop; counts stay (`engine.md` §7)."""

from __future__ import annotations

from interpreter.entities import Customer
from interpreter.journey import State
from interpreter.journey import StopReason
from interpreter.store.erasure import erase as erase_rows
from interpreter.store.sqlite import Store

#: The single value that is another one whenever somebody was erased from outside a tick.
FORGOTTEN = "forgotten"


def erase(store: Store, customer: Customer, now: int, *, inbox: bool) -> int:
    """Forget who a customer is; how many journeys stopped. To be called within a transaction.

    `inbox`: facts still to be handled that name him go with him.
    """
    watching = store.journeys.watching([customer.id])
    stopped = [journey for journey in watching if journey.state.is_open]
    for journey in stopped:
        journey.state, journey.reason = State.STOPPED, StopReason.ERASED
        journey.inside, journey.due_at, journey.finished_at = False, None, now
    for journey in watching:
        journey.goal_until = None
    store.journeys.save([], watching)
    store.journeys.record(
        [(now, customer.id, one.scenario, one.version, one.id, None, one.state.value, one.reason, None) for one in stopped]
    )
    erase_rows(store.connection, customer, inbox=inbox)
    if inbox:
        store.scenarios.set(FORGOTTEN, str(int(store.scenarios.get(FORGOTTEN) or 0) + 1))
    return len(stopped)
