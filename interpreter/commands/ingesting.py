"""What `scn ingest` does once its options are known: facts from files or stdin into the database (`events.md` §2.2).

A shop may call `scn ingest -` for every fact: `cli.py` comes here at once with what has no options, else through `ingest.py`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import attrs

from interpreter import clock
from interpreter.commands import arrivals
from interpreter.commands import choices
from interpreter.commands.taking import STDIN
from interpreter.commands.taking import Outcome
from interpreter.commands.taking import Sheet
from interpreter.commands.taking import Streams
from interpreter.commands.taking import take_in
from interpreter.errors import UserError
from interpreter.facts import read
from interpreter.ingest.beginnings import buffered
from interpreter.ingest.beginnings import no_json_lines
from interpreter.ingest.feed_load import Counts
from interpreter.ingest.json_lines import BadLine
from interpreter.ingest.json_lines import Reader
from interpreter.ingest.json_lines import read_lines
from interpreter.project.project_folder import Folder
from interpreter.store.sqlite import Store

#: Bad lines that are told one by one: whoever has more has one mistake many times.
SHOWN = 20


def ingest(
    files: tuple[str, ...],
    *,
    kind: str = "jsonl",
    of: str | None = None,
    encoding: str | None = None,
    pool: str | None = None,
    zone: str | None = None,
    shrink: bool = False,
    strict: bool = False,
    received: str | None = None,
    report: str = "text",
) -> int:
    """Takes in facts, and tells what became of them; the exit code."""
    sheet = _sheet(kind, of, encoding, pool, zone, shrink=shrink)
    folder = choices.open_project()
    now = clock.now()
    moment, each = _received(received, folder.config.timezone, now)
    reader = partial(
        read, zone=folder.config.timezone, received=moment, received_each=each, batch=f"ingest-{now}-{os.getpid()}", actor="import"
    )
    with _opened(files) as streams:
        if kind == "jsonl" and (others := _of_other_kinds(streams)):
            _tell(Outcome(launched=None, rejected=others), report, strict=strict, replay=False)
            return 1
        store = choices.opened(choices.database_file(folder))
        try:
            outcome = Outcome(launched=store.scenarios.first_launch())
            if kind == "jsonl":
                if strict or not _taken_by_several(store, streams, reader, outcome):
                    take_in(store, streams, lambda _, stream: read_lines(stream, reader), outcome, strict=strict)
            else:
                from interpreter.commands.sheets import take_in_sheets
                from interpreter.project import loading

                defined = loading.one(folder).project.vocabulary.fields
                take_in_sheets(store, streams, reader, outcome, sheet, defined, moment, strict=strict)
        finally:
            store.close()
    _tell(outcome, report, strict=strict, replay=received is not None)
    _tell_slips(outcome, folder, kind)
    return 1 if outcome.rejected else 0


def _taken_by_several(store: Store, streams: Streams, read: Reader, outcome: Outcome) -> bool:
    """Whether the files were long enough for that, and are taken in."""
    if any(name == STDIN for name, _ in streams):
        return False
    from interpreter.commands.takers import take_in_pieces

    return take_in_pieces(store, streams, read, outcome)


def _sheet(kind: str, of: str | None, encoding: str | None, pool: str | None, zone: str | None, *, shrink: bool) -> Sheet:
    """What was said of the files. Raises UserError for what is about files of another kind."""
    for name, value in (("of", of), ("encoding", encoding), ("pool", pool)):
        if value is not None and kind != "csv":
            raise UserError(f"`--{name}` is about csv, and these files are {kind}", "write `--format csv`, or leave it out")
    if zone is not None and kind == "jsonl":
        raise UserError("`--zone` is about the feed of a zone, and these files are jsonl", "a fact has its `zone` beside its products")
    if shrink and kind not in {"yml", "google"}:
        raise UserError(f"`--shrink` is about product feeds, and these files are {kind}", "leave it out")
    return Sheet(kind, of, encoding or "utf-8", pool, zone, shrink)


def _received(text: str | None, zone: str, now: int) -> tuple[int, bool]:
    from dsl.calendar import parse_moment

    if text is None or text == "each":
        return now, text is not None
    try:
        return parse_moment(text, zone), False
    except ValueError as problem:
        raise UserError(f"`--received`: {problem}", "or write `--received each`") from None


def _of_other_kinds(streams: Streams) -> list[tuple[str, BadLine]]:
    """Files that are to be taken in otherwise, known by how they begin; else each of their lines would be bad."""
    found = ((name, no_json_lines(buffered(stream), name)) for name, stream in streams)
    return [(name, BadLine(1, "", sentence)) for name, sentence in found if sentence is not None]


@contextmanager
def _opened(files: tuple[str, ...]) -> Iterator[Streams]:
    """All files at once, so that a name mistyped at the end stores nothing."""
    with ExitStack() as stack:
        streams: Streams = []
        for name in files:
            if name == "-" and sys.stdin is None:  # closed by the caller, `<&-`
                raise UserError("cannot read -: nothing is open there")
            try:
                streams.append((STDIN, buffered(sys.stdin.buffer)) if name == "-" else (name, stack.enter_context(Path(name).open("rb"))))
            except OSError as problem:
                raise UserError(f"cannot read {name}: {(problem.strerror or str(problem)).lower()}") from problem
        yield streams


def _tell(outcome: Outcome, report: str, *, strict: bool, replay: bool) -> None:
    if report == "json":
        from dsl.report.display import clean_json

        rejected = [{"file": name, "line": bad.line, "path": bad.path, "message": bad.message} for name, bad in outcome.rejected]
        answer: dict[str, Any] = {"version": 1, "accepted": outcome.accepted, "duplicates": outcome.duplicates, "rejected": rejected}
        if outcome.products is not None:
            answer["products"] = attrs.asdict(outcome.products)
        choices.put(clean_json(answer) + "\n")
    else:
        for name, bad in outcome.rejected[:SHOWN]:
            choices.tell(f"{name}:{bad.line}: {bad.path}{': ' if bad.path else ''}{bad.message}")
        if (more := len(outcome.rejected) - SHOWN) > 0:
            choices.tell(f"and {more:,} more; `--report json` lists all")
        parts = [_products(outcome.products)] if outcome.products is not None else []
        parts.append(f"{choices.facts(outcome.accepted)} accepted")
        if outcome.duplicates:
            parts.append(f"{outcome.duplicates:,} known already")
        if outcome.rejected:
            parts.append(f"{len(outcome.rejected):,} rejected")
        choices.put(", ".join(parts) + ("; nothing was stored (`--strict`)" if strict and outcome.rejected else "") + "\n")
    if outcome.unpriced:
        choices.tell("note: no product of this feed has a price: letters show none, and nobody hears of a price that drops")
    # A history that is replayed may have its launch still before it: `scn run` knows.
    if outcome.too_early and not (replay and outcome.launched is None):
        history = "after the first `scn run --tick`" if outcome.launched is None else ""
        arrivals.tell_too_early(outcome.too_early, history=history)


def _products(counts: Counts) -> str:
    gone = f", {counts.gone:,} gone" if counts.gone else ""
    return f"{choices.products(counts.products)}: {counts.changed:,} new or changed{gone}"


def _tell_slips(outcome: Outcome, folder: Folder, kind: str) -> None:
    """Names that are nearly those of scn. What `define field` names is meant so; the scenarios are read only to know that."""
    slips = outcome.slips
    for name, count, what in (*slips.no_addresses(), *slips.unknown_channels(folder.config.channels)):
        choices.tell(f"note: `{name}` in {choices.facts(count)}: {what}")
    if not outcome.slips.pools and not any(outcome.slips.told(())):
        return
    from interpreter.project import loading

    words = loading.one(folder).project.vocabulary
    for name, count, what in outcome.slips.unknown_pools(words.promos):
        choices.tell(f"note: `{name}` in {choices.facts(count)}: {what}")
    # What came as products was made into facts here: nobody who reads the note has seen those.
    for name, count, meant in outcome.slips.told(words.fields, each=outcome.products is not None):
        where = choices.products(count) if outcome.products is not None and name.startswith("product.") else choices.facts(count)
        right = " then put the header right and" if meant.endswith("?") else "; then"
        again = f"{right} take the file in again" if kind == "csv" else ""
        choices.tell(f"note: `{name}` in {where}: {meant}{again}")
