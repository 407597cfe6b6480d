"""What `scn ingest` does with facts once it has them: stores them in portions, counts them, shows how far it is."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import AbstractContextManager
from contextlib import contextmanager
from contextlib import nullcontext
from itertools import compress
from pathlib import Path
from typing import BinaryIO

import attrs

from interpreter.collection import no_collection
from interpreter.commands import choices
from interpreter.errors import UserError
from interpreter.facts import Fact
from interpreter.ingest.feed_load import Counts
from interpreter.ingest.json_lines import BadLine
from interpreter.ingest.slips import Slips
from interpreter.store.sqlite import Store

#: Facts of one transaction, so that others get their turn at the database in between.
BATCH = 5_000

#: Bad lines after which a file is given up: it is something else.
TOO_MANY = 10_000

#: Tells how far a file has been read, in bytes: asked only where it is shown.
Advance = Callable[[str, Callable[[], int]], None]
#: Files by their names.
Streams = list[tuple[str, BinaryIO]]
STDIN = "<stdin>"


@attrs.frozen
class Sheet:
    """What is said of files that are no JSON lines."""

    format: str
    """`csv`, `yml`, `google`; `jsonl`"""
    of: str | None
    """What the rows are: `customers`, …; None: the header tells."""
    encoding: str
    pool: str | None
    zone: str | None
    shrink: bool = False
    """Whether a feed may have lost most of its products or prices."""


@attrs.define
class Outcome:
    """What became of the facts."""

    launched: int | None
    """When the first scenario was launched."""
    accepted: int = 0
    duplicates: int = 0
    too_early: int = 0
    """Accepted, but from before any scenario was launched."""
    rejected: list[tuple[str, BadLine]] = attrs.field(factory=list)
    products: Counts | None = None
    """Of a feed."""
    unpriced: bool = False
    """It has products, and none has a price."""
    slips: Slips = attrs.field(factory=Slips)
    """Of the facts that were new."""

    def add(self, other: Outcome) -> None:
        """What became of further facts; what of them is rejected is told elsewhere."""
        self.accepted += other.accepted
        self.duplicates += other.duplicates
        self.too_early += other.too_early
        self.slips.add(other.slips)

    def reject(self, name: str, bad: BadLine) -> None:
        """One line more that is none. Raises UserError for a file that is something else."""
        self.rejected.append((name, bad))
        if len(self.rejected) > TOO_MANY:
            first = self.rejected[0][1]
            raise UserError(f"more than {TOO_MANY:,} lines are no facts", f"the first: line {first.line}: {first.message}")


class _NothingStoredError(Exception):
    """Takes back what a `--strict` transaction has stored so far."""


def take_in(
    store: Store,
    streams: Streams,
    found: Callable[[str, BinaryIO], Iterable[Fact | BadLine]],
    outcome: Outcome,
    *,
    strict: bool,
    last: Callable[[], None] | None = None,
) -> None:
    """All facts of all files; with `strict` nothing if anything is wrong. `last`: what is stored behind them. Raises UserError."""
    try:
        with (
            what_stands(outcome, strict=strict),
            no_collection(),
            store.transaction(durable=True) if strict else nullcontext(),
            progress(streams) as advance,
        ):
            facts: list[Fact] = []
            for name, stream in streams:
                for one in found(name, stream):
                    if isinstance(one, BadLine):
                        outcome.reject(name, one)
                        continue
                    facts.append(one)
                    if len(facts) == BATCH:
                        keep(store, facts, outcome)
                        advance(name, stream.tell)
                        facts = []
                        # A progress bar does make circles, and a file may be as long as it likes.
                        gc.collect(0)
            keep(store, facts, outcome)
            if strict and outcome.rejected:
                raise _NothingStoredError  # noqa: TRY301 - the way out of a transaction
            if last is not None:
                last()
    except _NothingStoredError:
        outcome.accepted = outcome.duplicates = outcome.too_early = 0
        outcome.slips = Slips()
        if outcome.products is not None:
            outcome.products.changed = 0


@contextmanager
def what_stands(outcome: Outcome, *, strict: bool) -> Iterator[None]:
    """Whoever is broken off hears how many facts are stored already."""
    try:
        yield
    except UserError as problem:
        if outcome.accepted and not strict:
            raise UserError(problem.message, f"{choices.facts(outcome.accepted)} stored before that; {problem.hint}") from problem
        raise
    except KeyboardInterrupt:
        if outcome.accepted and not strict:
            choices.tell(f"{choices.facts(outcome.accepted)} stored before that; the same files again bring the rest")
        raise


def keep(store: Store, facts: list[Fact], outcome: Outcome) -> None:
    """Stores and counts them."""
    count(outcome, facts, store.facts.add(facts) if facts else [])


def count(outcome: Outcome, facts: list[Fact], new: list[bool]) -> None:
    """Which of them were new, and what is to be told of those."""
    outcome.accepted += sum(new)
    outcome.duplicates += len(new) - sum(new)
    early = outcome.launched
    outcome.slips.look(facts if all(new) else compress(facts, new))
    outcome.too_early += sum(fresh and (early is None or fact.received < early) for fact, fresh in zip(facts, new, strict=True))


def progress(streams: Streams) -> AbstractContextManager[Advance]:
    """A bar on a terminal; elsewhere nothing."""
    if not sys.stderr.isatty() or any(name == STDIN for name, _ in streams):
        return nullcontext(lambda _name, _place: None)
    return _progress_bar(streams)


@contextmanager
def _progress_bar(streams: Streams) -> Iterator[Advance]:
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        tasks = {name: progress.add_task(name, total=Path(name).stat().st_size) for name, _ in streams}
        yield lambda name, place: progress.update(tasks[name], completed=place())
