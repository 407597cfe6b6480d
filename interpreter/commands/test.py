"""`scn test`: the tests that stand beside the scenarios, in virtual time; nothing is sent and no database is touched."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from pathlib import Path

import click

from dsl import nodes
from dsl.project import Placed
from interpreter.commands import choices
from interpreter.errors import UserError
from interpreter.project import loading
from interpreter.timeline import report
from interpreter.timeline.suite import Result
from interpreter.timeline.suite import Suite
from interpreter.timeline.suite import results
from interpreter.timeline.suite import suite


@click.command()
@click.argument("paths", nargs=-1)
@click.option("--run", "pattern", metavar="PATTERN", help="Only tests whose title or file has this in it; `*` stands for anything.")
@click.option("--junit", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write the results there too, for CI.")
@click.option("--coverage", is_flag=True, help="List clauses and steps that no test has gone through.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How results are told.")
def command(paths: tuple[str, ...], pattern: str | None, junit: Path | None, coverage: bool, form: str) -> int:
    """Run the tests that stand beside the scenarios.

    PATHS are files and folders; without any: the whole project. Time is virtual, nothing is sent, the database is not touched.

    Exit code 0: all passed, 1: a test failed, 2: the scenarios have errors, or the work could not be done.
    """
    loaded = loading.everything(choices.existing(paths), choices.project_option())
    suites = [suite(one) for one in loaded]
    notes = [note for one in loaded if one.folder for note in one.folder.config.notes]
    if _refused(suites):
        return 2
    told: list[Result] = []
    for one in suites:
        for result in results(one, lambda test: _wanted(test, pattern), colour=form == "text" and choices.colour()):
            told.append(result)
            if form == "text":
                choices.put(report.text(result, colour=choices.colour()))
    if pattern and not told:
        raise UserError(f"no test matches `{pattern}`", "`--run` looks at titles and file names")
    notes += [f"{result.path}:{one.line}: {one.message}" for result in told for one in result.slips]
    missing = sorted({name for result in told for name in result.missing_templates})
    notes += [f"there is no template `{name}`: it went out empty" for name in missing]
    for note in dict.fromkeys(notes):
        choices.tell(f"note: {note}")
    _give(suites, told, form, coverage=coverage)
    if junit is not None:
        from interpreter.timeline import junit as xml

        choices.put(xml.render(told), junit)
    return 0 if all(result.passed for result in told) else 1


def _refused(suites: Sequence[Suite]) -> bool:
    """Shows what keeps the tests from running, on stderr."""
    errors = [error for one in suites for error in one.errors]
    if errors:
        from dsl.report import render

        click.echo(render("text", errors), err=True, nl=False)
        click.echo("scn: the scenarios have errors, so no test was run", err=True)
    return bool(errors)


def _wanted(test: Placed[nodes.Test], pattern: str | None) -> bool:
    if pattern is None:
        return True
    wanted = pattern.lower() if "*" in pattern or "?" in pattern else f"*{pattern.lower()}*"
    return any(fnmatch.fnmatchcase(text.lower(), wanted) for text in (test.node.title.text, test.source.path))


def _give(suites: Sequence[Suite], told: Sequence[Result], form: str, *, coverage: bool) -> None:
    gaps = {}
    if coverage:
        from interpreter.timeline.coverage import gaps as find

        for one in suites:
            gaps.update(find(one.rules, one.loaded.wanted, [row for result in told for row in result.decisions]))
    if form == "json":
        from dsl.report.display import clean_json

        answer = report.shape(told)
        if coverage:
            answer["coverage"] = {name: [{"place": place, "what": what} for place, what in found] for name, found in gaps.items()}
        choices.put(clean_json(answer, indent=1) + "\n")
        return
    choices.put(("\n" if told and told[-1].passed else "") + report.summary(told) + "\n")
    if coverage:
        choices.put("\n" + report.coverage_text(gaps))
