"""Pieces of work, and the rounds in which they are measured: everybody in turn, so that a noisy minute is shared."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs

from bench.launch import BrokenError


@attrs.frozen
class Sample:
    """One measurement."""

    value: float
    """In the unit of its piece."""
    peak: float | None = None
    """MB"""
    cpu: float | None = None
    """Seconds of processor for each item, of the whole process: what a busy machine distorts least."""
    extra: dict[str, float] = attrs.field(factory=dict)
    """What else was seen on the way: name -> figure."""


@attrs.frozen
class Piece:
    """Something to measure: one contender in one row of a workload."""

    workload: str
    row: str
    who: str
    unit: str
    """`/s`: more is better; anything else: less is."""
    measure: Callable[[Path], Sample]
    """In a fresh folder of its own. Raises BrokenError."""
    prepare: Callable[[], object] = lambda: None
    """Once, before the rounds, not measured. Raises BrokenError."""
    items: int | None = None
    note: str = ""
    missing: str = ""
    """Why it cannot be measured here."""
    rounds: int | None = None
    """Fewer than the others get: it takes long."""


@attrs.define
class Row:
    """What became of a piece."""

    piece: Piece
    samples: list[Sample] = attrs.field(factory=list)
    problem: str = ""

    def shape(self) -> dict[str, Any]:
        """As JSON."""
        piece = self.piece
        known: dict[str, Any] = {"workload": piece.workload, "row": piece.row, "who": piece.who, "unit": piece.unit, "items": piece.items}
        if piece.note:
            known["note"] = piece.note
        if self.problem or not self.samples:
            known["not_measured"] = self.problem or "no round was made"
            return known
        values = [sample.value for sample in self.samples]
        peaks = [sample.peak for sample in self.samples if sample.peak is not None]
        cpus = [sample.cpu for sample in self.samples if sample.cpu is not None]
        extras = {name: [sample.extra[name] for sample in self.samples if name in sample.extra] for name in self.samples[0].extra}
        known |= {
            "median": statistics.median(values),
            "low": min(values),
            "high": max(values),
            "samples": values,
            "peak_mb": max(peaks) if peaks else None,
            "cpu_us": statistics.median(cpus) * 1e6 if cpus else None,
            "extra": {name: statistics.median(found) for name, found in extras.items()},
        }
        return known


@attrs.define
class Bench:
    """One run of the harness: its options, and a folder for what is prepared."""

    folder: Path
    scale: float = 1.0
    rounds: int = 3
    who: frozenset[str] = frozenset()
    """Contenders asked for; empty: all."""
    data: Path | None = None
    """The folder of real orders for the workload `olist`."""
    say: Callable[[str], None] = print
    _made: dict[str, Path | BrokenError] = attrs.field(factory=dict)

    def count(self, full: int, most: int | None = None) -> int:
        """How many items: the issue's number by `--scale`; slow contenders get at most `most`, also scaled."""
        return max(50, round(min(full, most or full) * self.scale))

    def asked(self, who: str) -> bool:
        """Whether a contender takes part."""
        return not self.who or who in {"scn", "python"} or who in self.who

    def prepared(self, name: str, make: Callable[[Path], object]) -> Path:
        """A folder made once in this run and then only copied. Raises BrokenError, each time anew."""
        if name not in self._made:
            place = self.folder / "prepared" / name
            place.mkdir(parents=True)
            started = time.perf_counter()
            try:
                make(place)
                self._made[name] = place
            except BrokenError as problem:
                self._made[name] = problem
            self.say(f"  prepared {name} ({time.perf_counter() - started:.1f} s)")
        found = self._made[name]
        if isinstance(found, BrokenError):
            raise found
        return found

    def forget(self, name: str) -> None:
        """Gives the room of something prepared back."""
        found = self._made.pop(name, None)
        if isinstance(found, Path):
            shutil.rmtree(found)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """An empty folder, gone afterwards."""
        name = tempfile.mkdtemp(dir=self.folder)
        try:
            yield Path(name)
        finally:
            shutil.rmtree(name, ignore_errors=True)

    def rows(self, pieces: list[Piece]) -> list[Row]:
        """All pieces of a workload: prepared one after the other, then measured in turn, round by round."""
        rows = [Row(piece, problem=piece.missing) for piece in pieces if self.asked(piece.who.split()[0])]
        for row in rows:
            if not row.problem:
                self._attempt(row, lambda row=row: row.piece.prepare())
        for number in range(self.rounds):
            for row in rows:
                if not row.problem and (row.piece.rounds is None or number < row.piece.rounds):
                    self._attempt(row, lambda row=row: self._measured(row))
        return rows

    def _measured(self, row: Row) -> None:
        with self.scratch() as folder:
            sample = row.piece.measure(folder)
        row.samples.append(sample)
        piece = row.piece
        peak = "" if sample.peak is None else f", {sample.peak:,.0f} MB"
        self.say(f"  {piece.workload} {piece.who}: {piece.row}: {sample.value:,.1f} {piece.unit}{peak}")

    def _attempt(self, row: Row, work: Callable[[], object]) -> None:
        try:
            work()
        except (BrokenError, LookupError, OSError, ValueError, subprocess.SubprocessError) as problem:
            row.problem = f"broke: {problem if isinstance(problem, BrokenError) else repr(problem)}"
            self.say(f"  {row.piece.workload} {row.piece.who}: {row.problem}")
