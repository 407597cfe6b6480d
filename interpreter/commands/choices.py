"""What was chosen for all commands: `--project`, `--database`; and how the answer goes out.

What goes without click, in its plainest form (`cli.py`), has chosen nothing.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any

from dsl.report.display import clean
from interpreter.errors import UserError
from interpreter.project.project_folder import Folder
from interpreter.project.project_folder import find
from interpreter.project.project_folder import missing
from interpreter.project.project_folder import open_folder
from interpreter.project.project_folder import shown

if TYPE_CHECKING:
    from interpreter.store.sqlite import Store


def project_option() -> Path | None:
    """The folder of `--project`, None when it was not given."""
    found: Path | None = _chosen("project")
    return found


def database_option() -> str | None:
    """The text of `--database`, None when it was not given."""
    found: str | None = _chosen("database")
    return found


def open_project() -> Folder:
    """The project of `--project`, else the one found from here upwards. Raises `UserError` when there is none."""
    root = project_option() or find(Path.cwd())
    if root is None:
        raise UserError(
            "no project here: neither this folder nor one above it has a scn.toml", "`scn init DIR` makes one, `--project DIR` names one"
        )
    folder = open_folder(root)
    for note in folder.config.notes:
        tell(f"note: {note}")
    return folder


def database_file(folder: Folder) -> Path:
    """The SQLite file to use."""
    return folder.database(database_option())


def opened(path: Path | str, *, create: bool = True) -> Store:
    """The store of a file. That it was brought up to date is said: an older scn cannot go back to it."""
    from interpreter.store.schema import VERSION
    from interpreter.store.sqlite import Store

    store = Store(str(path), create=create)
    if store.connection.older is not None:
        change = f"from format {store.connection.older} to format {VERSION}, that of this scn"
        tell(f"note: the database `{path}` was brought {change}; an older one refuses it from now on")
    return store


def existing(names: tuple[str, ...]) -> list[Path]:
    """The paths of a command line. Raises `UserError` for one that does not exist."""
    paths = [Path(name) for name in names]
    if (gone := missing(paths)) is not None:
        raise UserError(f"there is no file or folder `{gone}`")
    return paths


def colour() -> bool:
    """Whether stdout wants colours: a terminal, and no `NO_COLOR`."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def put(text: str, output: Path | None = None) -> None:
    """The result: on stdout as it is, or into a file."""
    if output is None:
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as problem:
        raise UserError(f"cannot write {shown(output)}: {(problem.strerror or str(problem)).lower()}") from problem


def tell(text: str) -> None:
    """A line for people, on stderr: what it quotes cannot steer their terminal, nor add a line."""
    if sys.stderr is not None:  # closed by the caller, `2>&-`
        sys.stderr.write(f"{clean(text)}\n")


def facts(count: int) -> str:
    """`1 fact`, `7 facts`"""
    return f"{count:,} {'fact' if count == 1 else 'facts'}"


def products(count: int) -> str:
    """`1 product`, `7 products`"""
    return f"{count:,} {'product' if count == 1 else 'products'}"


def version() -> str:
    """Of the installed distribution; a checkout that is not installed has none."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed("scn-lang")
    except PackageNotFoundError:
        return "0"


def _chosen(name: str) -> Any:
    click = sys.modules.get("click")
    context = click.get_current_context(silent=True) if click is not None else None
    return ((context.find_object(dict) if context else None) or {}).get(name)
