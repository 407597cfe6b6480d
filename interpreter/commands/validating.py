"""What `scn validate` does once its options are known.

Nearly every call of an editor or a commit hook is `scn validate FILE` and no more, and click would take longer than the checks do:
so `cli.py` comes here at once with what has no options, and with everything else through `validate.py`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from dsl import report
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Severity
from dsl.forms import evolve
from dsl.report.counts import counts
from dsl.report.counts import in_words
from interpreter.commands import choices
from interpreter.errors import UserError
from interpreter.project import loading
from interpreter.project.loading import Loaded

#: What could not even be read is always told.
_ALWAYS = ("syntax", "encoding", "config")


def validate(
    paths: tuple[str, ...],
    project: Path | None = None,
    *,
    form: str = "text",
    output: Path | None = None,
    since: str | None = None,
    warn: tuple[str, ...] = (),
    deny: tuple[str, ...] = (),
    only: tuple[str, ...] = (),
    stdin_filename: str = "",
) -> int:
    """Reads, checks and tells; the exit code. Raises `UserError` for what cannot be read."""
    _check_names((*warn, *only, *(name for name in deny if name != "warnings")))
    findings: list[Diagnostic] = []
    names: list[str] = []
    for loaded in _read(paths, project, stdin_filename):
        found = loaded.findings()
        if since:
            from interpreter.project.since import caused_since

            found = caused_since(since, loaded, found)
        findings += found
        names += loaded.wanted
    findings = _judge(findings, warn, deny, only)
    _give(findings, names, form, output)
    errors, _ = counts(findings)
    return 1 if errors else 0


def _read(paths: tuple[str, ...], project: Path | None, stdin_filename: str) -> list[Loaded]:
    """The projects that the arguments mean, `-` being stdin."""
    if "-" not in paths:
        if stdin_filename:
            raise UserError("`--stdin-filename` says what stdin is, but stdin is not read", "give `-` as the path")
        loaded = loading.everything(choices.existing(paths), project)
    elif len(paths) > 1:
        raise UserError("`-` stands alone: stdin is one file")
    else:
        loaded = [loading.from_stdin(sys.stdin.buffer.read(), stdin_filename, project)]
    for note in dict.fromkeys(note for one in loaded if one.folder for note in one.folder.config.notes):
        choices.tell(f"note: {note}")
    return loaded


def _check_names(names: Sequence[str]) -> None:
    if not names:
        return
    from dsl.spelling import closest
    from interpreter.telling.glossary import check_names

    known = check_names()
    for name in names:
        if name not in known:
            near = closest(name, known)
            raise UserError(f"there is no check `{name}`", f"did you mean `{near}`?" if near else "`scn explain --all` lists them")


def _judge(findings: list[Diagnostic], warn: tuple[str, ...], deny: tuple[str, ...], only: tuple[str, ...]) -> list[Diagnostic]:
    judged = []
    for finding in findings:
        if only and finding.check not in (*only, *_ALWAYS):
            continue
        severity = finding.severity
        if finding.check in deny or "warnings" in deny:
            severity = Severity.ERROR
        if finding.check in warn:
            severity = Severity.WARNING
        judged.append(evolve(finding, severity=severity))
    return judged


def _give(findings: list[Diagnostic], names: list[str], form: str, output: Path | None) -> None:
    version = choices.version() if form == "sarif" else ""
    colour = form == "text" and output is None and choices.colour()
    choices.put(report.render(form, findings, paths=names, colour=colour, version=version), output)
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if form == "github" and summary:
        from dsl.report import github

        try:
            with Path(summary).open("a", encoding="utf-8") as file:
                file.write(github.summary(findings))
        except OSError as problem:
            raise UserError(
                f"cannot write {summary}: {(problem.strerror or str(problem)).lower()}", "GITHUB_STEP_SUMMARY names it"
            ) from problem
    if output is not None or (form == "text" and not findings):
        choices.tell(f"{len(names)} {'file' if len(names) == 1 else 'files'}: {in_words(findings)}")
