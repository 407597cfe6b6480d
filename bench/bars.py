"""What must be reached, on two cores with Python 3.11: (workload, row) -> (value, MB). For `/s` at least, for the rest at most."""

from __future__ import annotations

from typing import Any

from bench.workloads import backtest
from bench.workloads import busy
from bench.workloads import delivery
from bench.workloads import idle
from bench.workloads import ingest
from bench.workloads import scattered
from bench.workloads import text

BARS: dict[tuple[str, str], tuple[float, float | None]] = {
    ("W1", ingest.ORDERS): (30_000, 150),
    ("W2", busy.DECIDED): (25_000, 150),
    ("W3", idle.IDLE): (60, 25),
    ("W4", scattered.AMONG): (6, None),
    ("W5", backtest.SIMULATE): (60, None),
    ("W6", text.ONE): (120, None),
    ("W6", text.THOUSAND): (1, None),
    ("W7", delivery.LETTERS): (1_000, None),
}


def bar(row: dict[str, Any]) -> str:
    """The bar of a row in words; empty where there is none."""
    if row["who"] != "scn" or (row["workload"], row["row"]) not in BARS:
        return ""
    value, peak = BARS[row["workload"], row["row"]]
    most = f", {peak:,.0f} MB" if peak else ""
    return f"{'at least' if row['unit'] == '/s' else 'at most'} {value:,g} {row['unit']}{most}"


def kept(row: dict[str, Any]) -> bool | None:
    """Whether the bar is reached; None: there is none, or not this was measured."""
    if not bar(row) or "median" not in row or not row.get("full"):
        return None
    value, peak = BARS[row["workload"], row["row"]]
    reached = row["median"] >= value if row["unit"] == "/s" else row["median"] <= value
    return reached and (peak is None or (row["peak_mb"] or 0) <= peak)
