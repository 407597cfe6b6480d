"""`scn validate`: every mistake in one run, for people, editors and CI. Needs nothing but the files."""

from __future__ import annotations

from pathlib import Path

import click

from dsl import report
from interpreter.commands import choices
from interpreter.commands.validating import validate


@click.command()
@click.argument("paths", nargs=-1)
@click.option(
    "--format", "form", type=click.Choice(report.FORMATS), default="text", show_default=True, help="For people, scripts or a service."
)
@click.option(
    "--output", "-o", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write the findings there, not to stdout."
)
@click.option("--since", metavar="REF", help="Only what changed since a commit of git is answerable for.")
@click.option("--warn", multiple=True, metavar="NAME", help="Let a check only warn.")
@click.option("--deny", multiple=True, metavar="NAME", help="Let a check fail; `warnings`: all of them.")
@click.option("--only", multiple=True, metavar="NAME", help="Only this check.")
@click.option("--stdin-filename", default="", metavar="FILE", help="What `-` is: read in the place of that file of the project.")
def command(
    paths: tuple[str, ...],
    form: str,
    output: Path | None,
    since: str | None,
    warn: tuple[str, ...],
    deny: tuple[str, ...],
    only: tuple[str, ...],
    stdin_filename: str,
) -> int:
    """Find every mistake in the scenarios, all in one run.

    PATHS are files and folders; `-` is stdin. Without any: the whole project. A project is always read whole, so that names in other
    files are known; findings are shown for the paths given.

    Exit code 0: no errors (warnings may be), 1: errors, 2: could not read.
    """
    where = choices.project_option()
    return validate(paths, where, form=form, output=output, since=since, warn=warn, deny=deny, only=only, stdin_filename=stdin_filename)
