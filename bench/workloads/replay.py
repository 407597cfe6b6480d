"""olist: two years of real orders in several ways, each held against the independent reckoning; needs `--data FOLDER`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bench.harness import Bench
from bench.harness import Piece
from bench.harness import Sample
from bench.launch import BrokenError
from bench.olist import replay
from bench.olist.reckoning import reckon
from bench.workloads.delivery import sink

ROW = "real orders -> letters, the same at the same minutes as the reckoning says"
TICKS = 300


def pieces(bench: Bench) -> list[Piece]:
    """The ways."""
    missing = (
        "" if bench.data is not None and (bench.data / "olist").is_dir() else "`--data` names no folder with make_facts.py and olist/*.csv"
    )
    ways: dict[str, Callable[[Path, replay.Letters], replay.Letters]] = {
        "scn simulate": lambda facts, _: replay.simulated(facts),
        "scn ingest + run --until, .eml files": lambda facts, _: replay.replayed(facts, 'kind = "file"'),
        f"scn the same, {TICKS} ticks as processes": _many_processes,
        "scn ingest + run --until, SMTP": _smtp,
    }
    return [Piece("olist", ROW, name, "s", partial(_agrees, bench, way), missing=missing, rounds=1) for name, way in ways.items()]


def _facts(bench: Bench) -> Path:
    def make(place: Path) -> None:
        assert bench.data is not None
        command = [sys.executable, str(bench.data / "make_facts.py"), "olist"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise BrokenError(f"make_facts.py: {done.stderr.strip()[-300:]}")
        (place / "olist.facts.jsonl").write_text(done.stdout)

    return bench.prepared("olist", make) / "olist.facts.jsonl"


def _agrees(bench: Bench, way: Callable[[Path, replay.Letters], replay.Letters], _folder: Path) -> Sample:
    assert bench.data is not None
    facts = _facts(bench)
    wanted = {(minute, customer, order) for customer, (order, minute) in reckon(bench.data / "olist").items()}
    seconds, found = replay.timed(lambda: way(facts, wanted))
    if found != wanted:
        raise BrokenError(f"{len(found ^ wanted)} of {len(wanted)} letters differ")
    return Sample(seconds, extra={"letters": len(found)})


def _many_processes(facts: Path, wanted: replay.Letters) -> replay.Letters:
    return replay.replayed(facts, 'kind = "file"', replay.busy_minutes(facts, wanted, TICKS))


def _smtp(facts: Path, _wanted: replay.Letters) -> replay.Letters:
    with sink() as port:
        return replay.replayed(facts, f'kind = "smtp"\nhost = "127.0.0.1"\nport = {port}\ntls = false')
