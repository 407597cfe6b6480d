"""`scn backup FILE`: a copy of the database that is whole, while ticks go on."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import click

from interpreter.commands import choices
from interpreter.commands import listing
from interpreter.errors import UserError


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def command(file: Path) -> int:
    """Copy the database to FILE while it is in use. FILE must not exist yet.

    To restore it: stop the ticks; move `scn.db`, `scn.db-wal` and `scn.db-shm` away, all three, because a log that stays behind would spoil
    the copy; copy FILE to `scn.db`; run `scn doctor`; start the ticks again. What came in after the copy was made is to be ingested again;
    what was sent after it is not remembered.
    """
    folder = choices.open_project()
    if file.exists():
        raise UserError(f"`{file}` exists already", "give another name; a backup never writes over a file")
    if not file.parent.is_dir():
        raise UserError(f"there is no folder `{file.parent}`", "make it first")
    store = listing.open_existing(folder)
    # Under another name until it is whole: half a copy must never be taken for one.
    unfinished = file.with_name(f".{file.name}.unfinished")
    try:
        _remove(unfinished)  # of a process that was killed
        store.connection.backup(str(unfinished))
        _put(unfinished, file)
    except OSError as problem:
        raise UserError(f"cannot write `{file}`: {(problem.strerror or str(problem)).lower()}") from problem
    finally:
        with contextlib.suppress(OSError):
            _remove(unfinished)
        store.close()
    click.echo(f"copied to {file}", err=True)
    return 0


def _put(unfinished: Path, file: Path) -> None:
    """Give it its name, and wait until the disk knows it by that."""
    if file.exists():
        raise UserError(f"`{file}` exists already", "it came while this copy was made; a backup never writes over a file")
    unfinished.rename(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _remove(unfinished: Path) -> None:
    for ending in ("", "-journal", "-wal", "-shm"):
        unfinished.with_name(unfinished.name + ending).unlink(missing_ok=True)
