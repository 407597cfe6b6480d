"""`scn explain`: what a word means, what a check is for, what a scenario does. Offline."""

from __future__ import annotations

from pathlib import Path

import click

from dsl import report
from dsl.diagnostic import Severity
from interpreter.commands import choices
from interpreter.errors import UserError
from interpreter.project import loading


@click.command()
@click.argument("names", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="A line for everything that can be explained.")
def command(names: tuple[str, ...], everything: bool) -> int:
    """Say what a word, a check, an event or a whole scenario means.

    NAME is a check (`send-without-limit`), a keyword (`wait`), an event (`order.status`, `E03a`), an operation, a field, a state, a reason;
    what marketers call it (`abandoned cart`, `win back`): then how that is written, and which scenario of the library does it;
    or the name of a scenario of this project, or a `.scn` file: then the scenario is retold in plain words, with its defaults.
    """
    if everything:
        return _list()
    if not names:
        raise UserError(
            "what shall be explained is missing", "`scn explain wait`, `scn explain scenarios/reviews.scn`; `scn explain --all` lists all"
        )
    if names[0].endswith(".scn") or Path(names[0]).is_file():
        return _files(names)
    return _name(" ".join(names))


def _list() -> int:
    from interpreter.telling.glossary import entries

    kind = ""
    lines: list[str] = []
    for entry in entries():
        if entry.kind != kind:
            kind = entry.kind
            lines += ["", f"{kind}:"] if lines else [f"{kind}:"]
        lines.append(f"  {entry.name:<28} {entry.summary}".rstrip())
    choices.put("\n".join(lines) + "\n")
    return 0


def _name(name: str) -> int:
    from interpreter.telling.glossary import TRADE
    from interpreter.telling.glossary import look_up

    found = look_up(name)
    pages = [f"{entry.name} ({entry.kind})\n\n{entry.page}\n" for entry in found]
    # Whoever has a scenario of that name, `welcome`, asks about it.
    if all(entry.kind == TRADE for entry in found):
        pages = _scenario(name) or pages
    if not pages:
        raise UserError(f"nothing is called `{name}`", _hint(name))
    choices.put("\n".join(pages))
    return 0


def _hint(name: str) -> str:
    """What was probably meant: an event in other words, or a slip."""
    from dsl.spelling import closest
    from interpreter.telling.glossary import names
    from interpreter.telling.near_events import near_events

    events = near_events(name, whole=True)
    near = None if events else closest(name, names())
    if near:
        return f"did you mean `{near}`?"
    events = events or near_events(name, whole=False)
    return f"an event is written {' or '.join(events)}" if events else "`scn explain --all` lists what can be explained"


def _scenario(name: str) -> list[str]:
    """The scenario of that name in the project here, if there is one."""
    from dsl.meaning.reading import readings
    from interpreter.telling.plain_words import retell

    try:
        projects = loading.everything([], choices.project_option())
    except UserError:
        return []
    return [retell(each.project, reading) for each in projects for reading in readings(each.project) if reading.name == name]


def _files(names: tuple[str, ...]) -> int:
    from dsl.meaning.reading import readings
    from interpreter.telling.plain_words import retell

    broken = []
    pages = []
    for loaded in loading.everything(choices.existing(names), choices.project_option()):
        broken += [
            finding for finding in loaded.project.diagnostics if finding.source.path in loaded.wanted and finding.severity is Severity.ERROR
        ]
        pages += [retell(loaded.project, reading) for reading in readings(loaded.project) if reading.source.path in loaded.wanted]
    choices.put("\n".join(pages))
    if broken:
        click.echo(report.render("concise", broken), err=True, nl=False)
        return 1
    if not pages:
        click.echo("no scenario there", err=True)
    return 0
