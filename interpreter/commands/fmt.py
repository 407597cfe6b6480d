"""`scn fmt`: one layout for all scenarios. Meaning and comments are proven to stay before anything is written."""

from __future__ import annotations

import sys
from difflib import unified_diff
from pathlib import Path

import click

from dsl import report
from dsl.formatter import format_text
from interpreter.commands import choices
from interpreter.errors import UserError
from interpreter.project.loading import TextFile
from interpreter.project.loading import files
from interpreter.project.project_folder import decode
from interpreter.project.project_folder import write_text


@click.command()
@click.argument("paths", nargs=-1)
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 when a file would change.")
@click.option("--diff", is_flag=True, help="Write nothing, show what would change; exit code 1 when something would.")
def command(paths: tuple[str, ...], check: bool, diff: bool) -> int:
    """Put scenarios in order; there are no options for taste.

    PATHS are files and folders; `-` formats stdin to stdout. Without any: the whole project.
    A file with a syntax error stays as it is.

    Exit code 0: all in order now, 1: would change (`--check`, `--diff`), 2: a file could not be formatted.
    """
    if "-" in paths:
        return _stdin(paths, check=check, diff=diff)
    changed: list[str] = []
    refused = 0
    found = files(choices.existing(paths), choices.project_option())
    for file in found:
        text = _formatted(file)
        if text is None:
            refused += 1
        elif text.encode() != file.data:
            changed.append(file.source.path)
            if diff:
                choices.put(difference(file.source.path, file.source.text, text))
            elif not check:
                write_text(file.path, text)
    _say(changed, len(found) - refused, would=check or diff)
    if refused:
        return 2
    return 1 if changed and (check or diff) else 0


def difference(name: str, before: str, after: str) -> str:
    """A unified diff, as `git apply` takes it."""
    lines = unified_diff(before.splitlines(keepends=True), after.splitlines(keepends=True), f"a/{name}", f"b/{name}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _stdin(paths: tuple[str, ...], *, check: bool, diff: bool) -> int:
    if len(paths) > 1:
        raise UserError("`-` stands alone: stdin is one file")
    data = sys.stdin.buffer.read()
    file = TextFile(Path("-"), data, *decode(data, "<stdin>"))
    text = _formatted(file)
    if text is None:
        return 2
    same = text.encode() == data
    if diff:
        choices.put("" if same else difference("stdin", file.source.text, text))
    elif not check:
        choices.put(text)
    return 1 if not same and (check or diff) else 0


def _formatted(file: TextFile) -> str | None:
    source = file.source
    if file.unread:
        click.echo(report.render("concise", [file.unread]), err=True, nl=False)
        return None
    formatted = format_text(source)
    if formatted.failure:
        choices.tell(f"{source.path}: {formatted.failure}")
    elif formatted.text is None:
        click.echo(report.render("concise", formatted.diagnostics), err=True, nl=False)
    return formatted.text


def _say(changed: list[str], total: int, *, would: bool) -> None:
    for name in changed:
        choices.tell(f"would format {name}" if would else f"formatted {name}")
    if not changed:
        click.echo(f"{total} {'file' if total == 1 else 'files'} in order", err=True)
