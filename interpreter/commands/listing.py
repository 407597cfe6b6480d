"""What `scn messages` and `scn journeys` share: the store to read, the options, and the three forms."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import click

from dsl.calendar import iso
from dsl.calendar import parse_moment
from dsl.report.display import clean
from dsl.report.display import clean_json
from interpreter.commands import choices
from interpreter.errors import UserError
from interpreter.project.project_folder import Folder
from interpreter.store.sqlite import Store

Command = Callable[..., Any]


def open_existing(folder: Folder) -> Store:
    """The project's database. Raises UserError when there is none yet."""
    return choices.opened(choices.database_file(folder), create=False)


def options(states: Sequence[str]) -> Callable[[Command], Command]:
    """`--customer --scenario --state --since --format`"""

    def add(function: Command) -> Command:
        for option in (
            click.option(
                "--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True, help="How it is shown."
            ),
            click.option("--since", metavar="ISO", help="From this moment on."),
            click.option("--state", type=click.Choice(list(states)), help="Only those in this state."),
            click.option("--scenario", metavar="NAME", help="Only of this scenario."),
            click.option("--customer", metavar="ID", help="Only of this customer."),
        ):
            function = option(function)
        return function

    return add


def moment(text: str | None, folder: Folder) -> int | None:
    """A moment of the command line. Raises UserError."""
    if text is None:
        return None
    try:
        return parse_moment(text, folder.config.timezone)
    except ValueError as problem:
        raise UserError(str(problem), "write a moment as 2026-03-01T10:00, in the project's zone, or with its offset") from problem


def when(at: int | None, folder: Folder) -> str | None:
    """A moment as ISO 8601 in the project's zone."""
    return None if at is None else iso(at, folder.config.timezone)


def show(name: str, rows: Iterable[Mapping[str, Any]], columns: Sequence[str], form: str) -> None:
    """The rows: a table for people, JSON with everything, CSV with everything."""
    found = list(rows)
    if form == "json":
        click.echo(clean_json({"version": 1, name: found}, indent=1))
    elif form == "csv":
        text = io.StringIO()
        writer = csv.DictWriter(text, list(found[0]) if found else list(columns), lineterminator="\n")
        writer.writeheader()
        writer.writerows({key: harmless(value) for key, value in row.items()} for row in found)
        click.echo(text.getvalue(), nl=False)
    else:
        _table(name, found, columns)


#: With these a cell begins that a spreadsheet takes for a formula, the wide forms of other keyboards among them.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def harmless(value: object) -> object:
    """A text that a spreadsheet would take for a formula gets an apostrophe, and is shown as text; control characters as their pictures."""
    if not isinstance(value, str):
        return value
    return f"'{clean(value)}" if value.lstrip(" ").startswith(_FORMULA) else clean(value)


def printable(value: object) -> str:
    """A value for a terminal: customer data cannot steer it."""
    text = "" if value is None else str(value)
    return "".join(sign if sign.isprintable() else "�" for sign in text)


def _table(name: str, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    if not rows:
        click.echo(f"no {name}", err=True)
        return
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column.replace("_", " "), no_wrap=True)
    for row in rows:
        table.add_row(*(Text(_cell(column, row[column])) for column in columns))
    # A row stays one line, for `grep`; a narrow terminal wraps it, which reads better than cells of four letters.
    console = Console(no_color=not choices.colour(), highlight=False, width=_WIDEST)
    with console.capture() as captured:
        console.print(table)
    click.echo("\n".join(line.rstrip() for line in captured.get().split("\n")), nl=False)


#: More than any row.
_WIDEST = 10_000

#: The columns that hold a moment.
_MOMENTS = frozenset({"at", "started_at", "due_at"})


def _cell(column: str, value: object) -> str:
    """As people read it: a moment to the minute, in the project's zone; JSON and CSV have it whole."""
    text = printable(value)
    return text[:16].replace("T", " ") if column in _MOMENTS else text
