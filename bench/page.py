"""The figures of `docs/performance.md`: what stands between its markers is written from the JSON of a run, and nothing else is touched."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from bench.table import HEAD
from bench.table import extras
from bench.table import rows_of

MARKED = re.compile(r"(<!-- figures: (?P<name>[\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def write(page: Path, answers: list[dict[str, Any]]) -> None:
    """Every marked part of a page: `machine`, or the name of a workload. Of several files the last that has it counts."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for answer in answers:
        for workload in answer["workloads"]:
            rows[workload] = [row for row in answer["rows"] if row["workload"] == workload]
    parts = {"machine": _machine(answers[-1]), **{name: _tables(found) for name, found in rows.items()}}

    def anew(match: re.Match[str]) -> str:
        name = match["name"]
        if name not in parts:
            print(f"{name}: not in the figures given; left as it was", file=sys.stderr)
            return match[0]
        return f"{match[1]}\n{parts[name]}\n{match[3]}"

    page.write_text(MARKED.sub(anew, page.read_text()))


def _machine(answer: dict[str, Any]) -> str:
    known, options = answer["machine"], answer["options"]
    told = {
        "processor": f"{known['processor']}, {known['cores']} cores",
        "memory": f"{known['memory_gb']} GB",
        "system": known["system"],
        "Python": known["python"],
        "SQLite": known["sqlite"],
        "4 KB to the disk (fsync)": f"{known['fsync_ms']} ms",
        "load before it began": ", ".join(str(part) for part in known["load"]),
        "PostgreSQL": known.get("postgres") or "none",
        "packages": ", ".join(f"{name} {version}" for name, version in known["packages"].items()) or "none",
        "measured": f"{known['at'][:10]}, {options['rounds']} rounds, scale {options['scale']:g}, commit {known['commit']}",
    }
    return "\n".join(["| | |", "| --- | --- |", *(f"| {name} | {value} |" for name, value in told.items()), ""])


def _tables(found: list[dict[str, Any]]) -> str:
    """One table for each row of a workload, and below it what else was seen."""
    lines: list[str] = []
    for title, cells in rows_of(found):
        lines += [f"**{title}**", "", f"| {' | '.join(HEAD)} |", f"| {' | '.join('---' for _ in HEAD)} |"]
        lines += [f"| {' | '.join(part.replace('|', chr(92) + '|') for part in line)} |" for line in cells]
        lines.append("")
    more = list(extras(found))
    return "\n".join([*lines, *(f"- {line}" for line in more), *([""] if more else [])])
