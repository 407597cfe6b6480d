"""`scn init DIR`: a project that runs at once, copied from `interpreter/starter/`."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import click

from interpreter.errors import UserError
from interpreter.project.project_folder import shown

#: A package is no place for names with a dot in front.
_NAMES = {"github": ".github", "gitignore": ".gitignore"}


@click.command()
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
def command(directory: Path) -> int:
    """Make a project that runs at once.

    Into DIR go a scenario with its tests, its template, sample facts, a CI workflow, a crontab line and a systemd timer.
    Nothing that is there is overwritten.

    Exit code 0: made, 2: something of it is there already, or it cannot be written.
    """
    wanted = dict(_copies(files("interpreter") / "starter", directory))
    if directory.exists() and not directory.is_dir():
        raise UserError(f"{shown(directory)} is a file, not a folder", "name another one")
    there = [path for path in wanted if path.exists()]
    if there:
        raise UserError(f"{shown(there[0])} is there already, nothing was written", "choose another folder")
    try:
        for path, content in wanted.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.read_bytes())
    except OSError as problem:
        raise UserError(
            f"cannot write {shown(Path(problem.filename or directory))}: {(problem.strerror or str(problem)).lower()}"
        ) from problem
    for path in wanted:
        click.echo(shown(path))
    click.echo(f"\nnow: cd {shown(directory)} && scn validate && scn test; README.md there goes on", err=True)
    return 0


def _copies(folder: Traversable, target: Path) -> list[tuple[Path, Traversable]]:
    found = []
    for item in sorted(folder.iterdir(), key=lambda each: each.name):
        path = target / _NAMES.get(item.name, item.name)
        if item.is_dir():
            found += _copies(item, path)
        else:
            found.append((path, item))
    return found
