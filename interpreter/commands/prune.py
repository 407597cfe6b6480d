"""`scn prune --older D`: keeps the database from growing without end."""

from __future__ import annotations

import json
from pathlib import Path

import click

from dsl import calendar
from interpreter import clock
from interpreter.commands import choices
from interpreter.commands import listing
from interpreter.errors import UserError
from interpreter.project.project_folder import Folder
from interpreter.store import pruning
from interpreter.store.connection import Connection
from interpreter.store.lock import TickRunningError
from interpreter.store.lock import tick_lock

#: The youngest that may be pruned, in seconds: what may still be asked about today.
YOUNGEST = 86_400

#: Others get their turn at the database between two steps, in seconds.
TURN = 0.005

_EXAMPLE = "write how old what goes must be, such as `scn prune --older 90d`, `12w`, `1y`"


@click.command()
@click.option("--older", metavar="D", help="What goes is older than this: `90d`, `12w`, `6mo`, `1y`; a day at least.")
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@click.option("--vacuum", is_flag=True, help="Give the room back to the disk at the end; ticks wait meanwhile.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How it is told.")
def command(older: str | None, dry_run: bool, vacuum: bool, form: str) -> int:
    """Thin out what is kept only to be told: old lines of the ledger, what old facts said, and visits that ended long ago.

    What decides anything stays: journeys, messages, customers, orders, actions, points and all their changes, what limits and caps count,
    goals, consent, and the keys of facts, so that the same file taken in again changes nothing. Of a journey that has not ended everything
    stays, however old.
    A goal whose own time ended so long ago counts no more, whatever is told of it later.
    Ticks may run meanwhile; whoever stops it has pruned a part.

    Exit code 0: done, 2: could not do the work.
    """
    folder = choices.open_project()
    before = _before(older, folder)
    if dry_run and vacuum:
        raise UserError("`--dry-run` changes nothing, so `--vacuum` does not go with it", "give one of them")
    path = choices.database_file(folder)
    store = listing.open_existing(folder)
    try:
        room, size = pruning.free_bytes(store.connection), _size(path)
        work = pruning.Pruning(store.connection, before, dry=dry_run)
        for _ in work.steps():
            clock.sleep(0 if dry_run else TURN)
        freed = max(0, pruning.free_bytes(store.connection) - room)
        if vacuum:
            _vacuum(store.connection, path)
            freed = max(0, size - _size(path))
    finally:
        store.close()
    _tell(work.pruned, calendar.iso(before, folder.config.timezone), None if dry_run else freed, form, vacuum=vacuum)
    return 0


def _before(older: str | None, folder: Folder) -> int:
    if older is None:
        raise UserError("`--older` is missing", _EXAMPLE)
    try:
        duration = calendar.parse_duration(older)
    except ValueError:
        raise UserError(f"`--older {older}` is not a length of time", _EXAMPLE) from None
    now = clock.now()
    try:
        before = calendar.subtract_exact(now, duration, folder.config.timezone)
    except ValueError as problem:
        raise UserError(f"`--older`: {problem}", _EXAMPLE) from None
    if now - before < YOUNGEST:
        raise UserError(f"`--older {older}` is too short: what happened within a day stays", _EXAMPLE)
    return before


def _vacuum(connection: Connection, path: Path) -> None:
    """No tick may begin while the file is written anew: it would wait, and give up."""
    try:
        with tick_lock(str(path)):
            pruning.give_back(connection)
    except TickRunningError:
        raise UserError(
            "a tick is at work, so the file keeps its size; what was to go is gone", "stop `scn run` for a moment, then `--vacuum` again"
        ) from None


def _size(path: Path) -> int:
    return path.stat().st_size


def _tell(pruned: pruning.Pruned, before: str, freed: int | None, form: str, *, vacuum: bool) -> None:
    if form == "json":
        shape = {
            "version": 1,
            "before": before,
            "decisions": pruned.decisions,
            "facts": pruned.payloads,
            "sessions": pruned.sessions,
            "bytes": freed,
        }
        choices.put(json.dumps(shape) + "\n")
        return
    ledger = f"{pruned.decisions:,} {'line' if pruned.decisions == 1 else 'lines'} of the ledger"
    facts = f"what {choices.facts(pruned.payloads)} said"
    visits = f", and {pruned.sessions:,} {'visit' if pruned.sessions == 1 else 'visits'}" if pruned.sessions else ""
    choices.put(f"older than {before}: {ledger}, and {facts}{visits}\n")
    if freed is None:
        click.echo("dry run: nothing was changed", err=True)
    elif not freed:
        click.echo("the file keeps its size" if vacuum else "no room came free", err=True)
    elif vacuum:
        click.echo(f"the file is {_readable(freed)} smaller", err=True)
    else:
        click.echo(f"{_readable(freed)} are free for new rows; `--vacuum` gives them back to the disk", err=True)


def _readable(size: int) -> str:
    for unit in ("bytes", "KB", "MB"):
        if size < 10_000:
            return f"{size:,} {unit}"
        size //= 1_000
    return f"{size:,} GB"
