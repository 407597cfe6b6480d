"""`scn backup FILE`: a copy of the database that is whole, while ticks go on."""

from __future__ import annotations

from pathlib import Path

import click

from interpreter.commands import choices
from interpreter.commands import listing
from interpreter.errors import UserError


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def command(file: Path) -> int:
    """Copy the database to FILE while it is in use. FILE must not exist yet."""
    folder = choices.open_project()
    if file.exists():
        raise UserError(f"`{file}` exists already", "give another name; a backup never writes over a file")
    if not file.parent.is_dir():
        raise UserError(f"there is no folder `{file.parent}`", "make it first")
    store = listing.open_existing(folder)
    try:
        store.connection.backup(str(file))
    finally:
        store.close()
    click.echo(f"copied to {file}", err=True)
    return 0
