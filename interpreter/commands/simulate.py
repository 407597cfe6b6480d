"""`scn simulate`: the scenarios over recorded or given facts, in virtual time; nothing is sent and no database is changed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from collections.abc import Iterator
from functools import partial
from itertools import chain
from pathlib import Path

import click

from dsl.calendar import iso
from interpreter.backtest import BYTES
from interpreter.backtest import CHUNK
from interpreter.backtest import Backtest
from interpreter.backtest import Lines
from interpreter.commands import choices
from interpreter.commands import listing
from interpreter.errors import NotYetError
from interpreter.errors import UserError
from interpreter.facts import Fact
from interpreter.facts import Rejection
from interpreter.facts import read
from interpreter.ingest.json_lines import BadLine
from interpreter.ingest.json_lines import at_line
from interpreter.ingest.json_lines import raw_lines
from interpreter.project.project_folder import Folder
from interpreter.rehearsal import Stage
from interpreter.report import Report
from interpreter.runner import checked
from interpreter.runner import make_rules
from interpreter.simulate import Simulation
from interpreter.simulate import Span
from interpreter.simulate import recorded
from interpreter.simulate import span
from interpreter.store.pruning import pruned_before

#: What `read` puts where a fact says no time at all.
_UNKNOWN = -1
#: Bad lines shown.
_SHOWN = 20

Over = Callable[[int, int], Span]


@click.command()
@click.option(
    "--facts", "files", multiple=True, metavar="FILE", help="Facts as JSON lines, `-` is stdin; without it those of the database."
)
@click.option("--from", "since", metavar="ISO", help="The scenarios are launched then; facts from before are history.")
@click.option("--to", "until", metavar="ISO", help="The clock stops there; without it when nothing is due any more.")
@click.option("--compare", metavar="REF", help="What a change would have done.")
@click.option("--format", "form", type=click.Choice(["text", "brief", "json"]), default="text", show_default=True, help="How it is told.")
def command(files: tuple[str, ...], since: str | None, until: str | None, compare: str | None, form: str) -> int:
    """Run the scenarios over recorded or given facts in virtual time.

    Each fact arrives at its `received`, else at its `at`; the scenarios are launched before the first. Nothing is sent, and the database of
    the project is not changed.

    Exit code 0: done, 1: there were bad facts, or a journey failed, 2: could not do the work.
    """
    if compare is not None:
        raise NotYetError("`--compare`")
    folder = choices.open_project()
    first, last = listing.moment(since, folder), listing.moment(until, folder)
    if first is not None and last is not None and last < first:
        raise UserError(f"`--to {until}` is before `--from {since}`")
    stage = Stage.of(folder, make_rules(folder, checked(folder)))
    over = partial(span, since=first, until=last)
    if form == "json":
        return _all(stage, files, over)
    return _numbers(stage, files, over, brief=form == "brief")


def _numbers(stage: Stage, files: tuple[str, ...], over: Over, *, brief: bool) -> int:
    """As text."""
    from interpreter.telling import brief as in_short
    from interpreter.telling import simulated

    zone = stage.rules.timezone
    with Backtest(stage, partial(_timed, zone=zone), over) as backtest:
        if files:
            backtest.take(_chunks(files))
        else:
            backtest.take_facts(_recorded(stage.folder))
        _tell_bad(backtest.bad)
        if not backtest:
            raise _nothing()
        _show(backtest.play())
        summary = backtest.summary()
        for note in summary.notes[:_SHOWN]:
            choices.tell(note)
        choices.put((in_short if brief else simulated).text(summary, stage.rules, zone))
        return 1 if backtest.bad or summary.failed else 0


def _all(stage: Stage, files: tuple[str, ...], over: Over) -> int:
    """As JSON, message by message."""
    bad: list[tuple[str, BadLine]] = []
    facts = _given(files, stage.rules.timezone, bad) if files else iter(_recorded(stage.folder))
    beginning = next(facts, None)
    if beginning is None:
        _tell_bad(bad)
        raise _nothing()
    simulation = Simulation(stage, chain([beginning], facts), over)
    _tell_bad(bad)
    try:
        total = Report()
        first, length = simulation.span.launch, max(1, min(simulation.span.last_fact, simulation.span.end) - simulation.span.launch)

        def ticks() -> Iterator[float]:
            for report in simulation.run():
                total.add(report)
                yield min((report.now - first) / length, 1)

        _show(ticks)
        for note in list(total.notes.values())[:_SHOWN]:
            choices.tell(note)
        choices.put(_json(simulation, stage))
    finally:
        simulation.store.close()
    return 1 if bad or total.failed_journeys else 0


def _nothing() -> UserError:
    return UserError("there are no facts to simulate with", "give some with `--facts FILE`, or ingest them first")


def _given(files: tuple[str, ...], zone: str, bad: list[tuple[str, BadLine]]) -> Iterator[Fact]:
    for chunk in _chunks(files):
        for one in chunk.lines:
            found = one if isinstance(one, BadLine) else at_line(one[0], _timed(chunk.name, one[1], zone))
            if isinstance(found, BadLine):
                bad.append((chunk.name, found))
            else:
                yield found


def _chunks(files: tuple[str, ...]) -> Iterator[Lines]:
    for name in files:
        shown = "<stdin>" if name == "-" else name
        try:
            with sys.stdin.buffer if name == "-" else Path(name).open("rb") as stream:
                several, size = Lines(shown, []), 0
                for one in raw_lines(stream):
                    several.lines.append(one)
                    size += 0 if isinstance(one, BadLine) else len(one[1])
                    if len(several.lines) == CHUNK or size > BYTES:
                        yield several
                        several, size = Lines(shown, []), 0
                yield several
        except OSError as problem:
            raise UserError(f"cannot read {name}: {(problem.strerror or str(problem)).lower()}") from problem


def _timed(name: str, raw: bytes, zone: str) -> Fact | Rejection:
    """A fact that says when it arrives."""
    found = read(raw, zone=zone, received=_UNKNOWN, received_each=True, batch=f"simulate {name}", actor="import")
    if isinstance(found, Fact) and found.received == _UNKNOWN:
        return Rejection("at", "expected when it happened, found nothing: in a simulation every fact needs `at` or `received`")
    return found


def _recorded(folder: Folder) -> Iterator[Fact]:
    store = choices.opened(choices.database_file(folder), create=False)
    try:
        pruned = pruned_before(store.connection)
        if pruned is not None:
            click.echo(f"facts from before {iso(pruned, folder.config.timezone)} were pruned and are left out", err=True)
        yield from recorded(store)
    finally:
        store.close()


def _tell_bad(bad: list[tuple[str, BadLine]]) -> None:
    for name, line in bad[:_SHOWN]:
        choices.tell(f"{name}:{line.line}: {line.path}{': ' if line.path else ''}{line.message}")
    if len(bad) > _SHOWN:
        click.echo(f"and {len(bad) - _SHOWN:,} more bad lines", err=True)


def _show(ticks: Callable[[], Iterator[float]]) -> None:
    """Go through them, with a progress bar on a terminal."""
    if not sys.stderr.isatty():
        for _ in ticks():
            pass
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("simulated", total=1)
        for done in ticks():
            progress.update(bar, completed=done)


def _json(simulation: Simulation, stage: Stage) -> str:
    from dsl.report.display import clean_json
    from interpreter.commands.journeys import shape as journey_shape
    from interpreter.commands.messages import shape as message_shape
    from interpreter.telling.steps_text import step_places

    store, folder = simulation.store, stage.folder
    places = step_places(store, folder, stage.rules.project)
    answer = {
        "version": 1,
        "messages": [message_shape(row, listing.when(row.at, folder)) for row in store.listing.messages() if row.kind == "message"],
        "journeys": [journey_shape(row, folder, places) for row in store.listing.journeys()],
    }
    return clean_json(answer) + "\n"
