"""The workloads by name, in the order they are run."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from bench.harness import Bench
from bench.harness import Piece
from bench.workloads import backtest
from bench.workloads import busy
from bench.workloads import delivery
from bench.workloads import idle
from bench.workloads import ingest
from bench.workloads import replay
from bench.workloads import scattered
from bench.workloads import text


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
    "W3": Workload("idle tick: process start, many wait, nothing is due", idle.pieces),
    "W4": Workload("cost of one due journey: few due, scattered among many that wait, over the same few alone", scattered.pieces),
    "W5": Workload("back-test: `scn simulate`", backtest.pieces),
    "W6": Workload("`scn validate`", text.pieces),
    "W7": Workload("delivery: letters filled in, to a mail server on this machine", delivery.pieces),
    "olist": Workload("two years of real orders, replayed and held against an independent reckoning", replay.pieces, by_name=True),
}
