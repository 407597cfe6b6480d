"""scn from inside, for the rows that take a part of it away: what fills in the letters, what carries them off."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any

from interpreter.delivery import channels
from interpreter.delivery.message import Accepted
from interpreter.project.project_folder import open_folder
from interpreter.runner import Orders
from interpreter.runner import checked
from interpreter.runner import make_engine
from interpreter.store.sqlite import Store

if TYPE_CHECKING:
    from interpreter.delivery.message import Outgoing
    from interpreter.delivery.message import Receipt


class Counting:
    """A channel that takes everything and counts it; it knows keys, so that letters are handed over by the batch."""

    idempotent = True
    reports: frozenset[str] = frozenset()
    taken = 0

    def open(self) -> None:
        """Nothing to get ready."""

    def deliver(self, _outgoing: Outgoing) -> Receipt:
        """Taken."""
        self.taken += 1
        return Accepted()

    def settle(self) -> None:
        """Nothing to make lasting."""

    def close(self) -> None:
        """Nothing is open."""


def busy(folder: str, now: int, *, rendered: bool, delivered: bool) -> dict[str, Any]:
    """One tick over what is due at `now`."""
    counting = Counting()
    channels.make = lambda *_: counting  # type: ignore[assignment]
    started = time.perf_counter()
    place = open_folder(Path(folder))
    store = Store(str(Path(folder) / "scn.db"))
    engine = make_engine(place, checked(place, store), store, Orders(deliver=delivered))
    if not rendered:
        engine.render = lambda *_: ("How was it?", {"text": "How do you like it? " * 10})  # type: ignore[assignment]
    opened, cpu = time.perf_counter(), _processor()
    report = engine.tick(now)
    # Delivery would write everything through to the disk before the first letter leaves.
    with store.transaction(durable=True):
        store.scenarios.set("written", "through")
    seconds, cpu = time.perf_counter() - opened, _processor() - cpu
    store.close()
    return {"seconds": seconds, "cpu": cpu, "opening": opened - started, "finished": report.finished, "taken": counting.taken}


def _processor() -> float:
    """Seconds of processor, with those of the processes that have ended."""
    return sum(os.times()[:4])
