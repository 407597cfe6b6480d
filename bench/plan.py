"""The workloads by name, in the order they are run."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from bench.harness import Bench
from bench.harness import Piece
from bench.workloads import busy
from bench.workloads import idle
from bench.workloads import ingest


@attrs.frozen
class Workload:
    """A subject of measuring."""

    title: str
    pieces: Callable[[Bench], list[Piece]]
    by_name: bool = False
    """Only when asked for."""


WORKLOADS = {
    "W1": Workload("ingest: order facts -> events -> waiting journeys", ingest.pieces),
    "W2": Workload("busy tick: due -> quiet hours -> condition -> limit -> durable send -> finished, with its ledger", busy.pieces),
    "W3": Workload("idle tick: process start, many wait, nothing is due", idle.idle),
}
