"""`scn ingest`: facts from files or stdin into the database (`events.md` §2.2)."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import AbstractContextManager
from contextlib import ExitStack
from contextlib import contextmanager
from contextlib import nullcontext
from functools import partial
from itertools import compress
from pathlib import Path
from typing import BinaryIO

import attrs
import click

from interpreter import clock
from interpreter.collection import no_collection
from interpreter.commands import choices
from interpreter.errors import NotYetError
from interpreter.errors import UserError
from interpreter.facts import Fact
from interpreter.facts import read
from interpreter.ingest.json_lines import BadLine
from interpreter.ingest.json_lines import Reader
from interpreter.ingest.json_lines import read_lines
from interpreter.ingest.slips import Slips
from interpreter.project.project_folder import Folder
from interpreter.store.sqlite import Store

#: Facts of one transaction, so that others get their turn at the database in between.
BATCH = 5_000

#: Bad lines after which a file is given up: it is something else.
TOO_MANY = 10_000

Advance = Callable[[str, BinaryIO], None]


@click.command()
@click.argument("files", nargs=-1, required=True)
@click.option("--format", "kind", type=click.Choice(["jsonl", "csv", "yml", "google"]), default="jsonl", help="How the facts are written.")
@click.option("--strict", is_flag=True, help="Store nothing if there is anything wrong.")
@click.option(
    "--received", metavar="ISO|each", help="When the facts arrived, instead of now; `each`: every fact says so itself, else its `at`."
)
@click.option("--report", type=click.Choice(["text", "json"]), default="text", help="How the outcome is told.")
def command(files: tuple[str, ...], kind: str, strict: bool, received: str | None, report: str) -> int:
    """Take in facts: one JSON object in each line; `-` reads stdin.

    The same fact twice changes nothing; one with neither `key` nor `at` is new each time. Bad lines are listed with what was expected;
    the good ones are stored.

    Exit code 0: all taken in, 1: there were bad lines, 2: the work could not be done.
    """
    if kind != "jsonl":
        raise NotYetError(f"`--format {kind}`")
    folder = choices.open_project()
    now = clock.now()
    moment, each = _received(received, folder.config.timezone, now)
    reader = partial(
        read, zone=folder.config.timezone, received=moment, received_each=each, batch=f"ingest-{now}-{os.getpid()}", actor="import"
    )
    with _opened(files) as streams:
        store = choices.opened(choices.database_file(folder))
        try:
            outcome = Outcome(launched=store.scenarios.first_launch())
            _take_in(store, streams, reader, outcome, strict=strict)
        finally:
            store.close()
    _tell(outcome, report, strict=strict, replay=received is not None)
    _tell_slips(outcome, folder)
    return 1 if outcome.rejected else 0


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
    slips: Slips = attrs.field(factory=Slips)
    """Of the facts that were new."""


def _received(text: str | None, zone: str, now: int) -> tuple[int, bool]:
    from dsl.calendar import parse_moment

    if text is None or text == "each":
        return now, text is not None
    try:
        return parse_moment(text, zone), False
    except ValueError as problem:
        raise UserError(f"`--received`: {problem}", "or write `--received each`") from None


@contextmanager
def _opened(files: tuple[str, ...]) -> Iterator[list[tuple[str, BinaryIO]]]:
    """All files at once, so that a name mistyped at the end stores nothing."""
    with ExitStack() as stack:
        streams: list[tuple[str, BinaryIO]] = []
        for name in files:
            try:
                streams.append(("<stdin>", sys.stdin.buffer) if name == "-" else (name, stack.enter_context(Path(name).open("rb"))))
            except OSError as problem:
                raise UserError(f"cannot read {name}: {(problem.strerror or str(problem)).lower()}") from problem
        yield streams


class _NothingStoredError(Exception):
    """Takes back what a `--strict` transaction has stored so far."""


def _take_in(store: Store, streams: list[tuple[str, BinaryIO]], reader: Reader, outcome: Outcome, *, strict: bool) -> None:
    try:
        with no_collection(), store.transaction(durable=True) if strict else nullcontext(), _progress(streams) as advance:
            facts: list[Fact] = []
            for name, stream in streams:
                for found in read_lines(stream, reader):
                    if isinstance(found, BadLine):
                        outcome.rejected.append((name, found))
                        _not_too_many(outcome)
                        continue
                    facts.append(found)
                    if len(facts) == BATCH:
                        _store(store, facts, outcome)
                        advance(name, stream)
                        facts = []
                        # A progress bar does make circles, and a file may be as long as it likes.
                        gc.collect(0)
            _store(store, facts, outcome)
            if strict and outcome.rejected:
                raise _NothingStoredError  # noqa: TRY301 - the way out of a transaction
    except _NothingStoredError:
        outcome.accepted = outcome.duplicates = outcome.too_early = 0
        outcome.slips = Slips()
    except UserError as problem:
        if outcome.accepted and not strict:
            raise UserError(problem.message, f"{choices.facts(outcome.accepted)} stored before that; {problem.hint}") from problem
        raise


def _not_too_many(outcome: Outcome) -> None:
    """Gives a stream up that is no file of facts. Raises UserError."""
    if len(outcome.rejected) > TOO_MANY:
        first = outcome.rejected[0][1]
        raise UserError(f"more than {TOO_MANY:,} lines are no facts", f"the first: line {first.line}: {first.message}")


def _store(store: Store, facts: list[Fact], outcome: Outcome) -> None:
    new = store.facts.add(facts) if facts else []
    outcome.accepted += sum(new)
    outcome.duplicates += len(new) - sum(new)
    early = outcome.launched
    outcome.slips.look(facts if all(new) else compress(facts, new))
    outcome.too_early += sum(fresh and (early is None or fact.received < early) for fact, fresh in zip(facts, new, strict=True))


def _progress(streams: list[tuple[str, BinaryIO]]) -> AbstractContextManager[Advance]:
    if not sys.stderr.isatty() or any(name == "<stdin>" for name, _ in streams):
        return nullcontext(lambda _name, _stream: None)
    return _progress_bar(streams)


@contextmanager
def _progress_bar(streams: list[tuple[str, BinaryIO]]) -> Iterator[Advance]:
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        tasks = {name: progress.add_task(name, total=Path(name).stat().st_size) for name, _ in streams}
        yield lambda name, stream: progress.update(tasks[name], completed=stream.tell())


def _tell(outcome: Outcome, report: str, *, strict: bool, replay: bool) -> None:
    if report == "json":
        from dsl.report.display import clean_json

        rejected = [{"file": name, "line": bad.line, "path": bad.path, "message": bad.message} for name, bad in outcome.rejected]
        answer = {"version": 1, "accepted": outcome.accepted, "duplicates": outcome.duplicates, "rejected": rejected}
        choices.put(clean_json(answer) + "\n")
    else:
        for name, bad in outcome.rejected:
            choices.tell(f"{name}:{bad.line}: {bad.path}{': ' if bad.path else ''}{bad.message}")
        parts = [f"{choices.facts(outcome.accepted)} accepted"]
        if outcome.duplicates:
            parts.append(f"{outcome.duplicates:,} known already")
        if outcome.rejected:
            parts.append(f"{len(outcome.rejected):,} rejected")
        choices.put(", ".join(parts) + ("; nothing was stored (`--strict`)" if strict and outcome.rejected else "") + "\n")
    # A history that is replayed may have its launch still before it: `scn run` knows.
    if outcome.too_early and not (replay and outcome.launched is None):
        click.echo(choices.too_early(outcome.too_early), err=True)


def _tell_slips(outcome: Outcome, folder: Folder) -> None:
    """Names that are nearly those of scn. What `define field` names is meant so; the scenarios are read only to know that."""
    if not any(outcome.slips.told(())):
        return
    from interpreter.project import loading

    for name, count, meant in outcome.slips.told(loading.one(folder).project.vocabulary.fields):
        choices.tell(f"note: `{name}` in {choices.facts(count)}: kept as a field of your own; {meant}")
