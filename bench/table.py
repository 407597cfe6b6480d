"""The outcome for people: one table a workload, medians with their spread."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from bench.bars import bar
from bench.bars import kept

HEAD = ("who", "items", "median", "lowest - highest", "processor, each", "peak", "to raw", "bar")


def figure(value: float, unit: str) -> str:
    """A figure with as many digits as it deserves."""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f} {unit}".strip()


def rows_of(found: list[dict[str, Any]]) -> Iterator[tuple[str, list[tuple[str, ...]]]]:
    """(row, its lines of cells as in HEAD), in order."""
    titles = dict.fromkeys(one["row"] for one in found)
    for title in titles:
        same = [one for one in found if one["row"] == title]
        limit = next((one["median"] for one in same if one["who"] == "raw" and "median" in one), None)
        yield title, [_cells(one, limit) for one in same]


def _cells(one: dict[str, Any], limit: float | None) -> tuple[str, ...]:
    items = f"{one['items']:,}" if one.get("items") else ""
    if "median" not in one:
        return (one["who"], items, f"not measured: {one['not_measured']}", "", "", "", "", "")
    unit = one["unit"]
    spread = f"{figure(one['low'], '')} - {figure(one['high'], '')}" if len(one["samples"]) > 1 else "one round"
    cpu = figure(one["cpu_us"], "µs") if one.get("cpu_us") else ""
    peak = f"{one['peak_mb']:,.0f} MB" if one["peak_mb"] else ""
    ratio = f"{one['median'] / limit:.2f}" if limit and unit == "/s" and one["who"] != "raw" else ""
    told = {True: "reached", False: "missed", None: ""}[kept(one)]
    return (one["who"], items, figure(one["median"], unit), spread, cpu, peak, ratio, f"{bar(one)}: {told}" if told else bar(one))


def extras(found: list[dict[str, Any]]) -> Iterator[str]:
    """What else was seen, and what must be known of a contender's figures."""
    for one in found:
        if one.get("extra"):
            seen = ", ".join(f"{name} {figure(value, '')}" for name, value in one["extra"].items())
            yield f"{one['who']}, {one['row']}: {seen}"
    for who, note in dict.fromkeys((one["who"], one["note"]) for one in found if one.get("note")):
        yield f"{who}: {note}"


def show(answer: dict[str, Any]) -> None:
    """On the terminal."""
    from rich.console import Console
    from rich.table import Table

    console = Console(width=None if sys.stdout.isatty() else 150)
    for workload, title in answer["workloads"].items():
        found = [one for one in answer["rows"] if one["workload"] == workload]
        console.print(f"{workload} {title}", style="bold", highlight=False)
        for row, lines in rows_of(found):
            console.print(f"\n{row}", highlight=False, markup=False)
            table = Table(*HEAD)
            for cells in lines:
                table.add_row(*cells)
            console.print(table)
        for line in extras(found):
            console.print(f"  {line}", highlight=False, markup=False)
        console.print()
