"""Annotations of a GitHub workflow, and the table for its summary page."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Severity
from dsl.report.counts import in_words
from dsl.report.display import clean

#: GitHub shows no more of one step; which ones it drops is left to chance, so we choose.
MOST = 10


def render(diagnostics: Sequence[Diagnostic]) -> str:
    """The ten worst as annotations, errors first; how many more there are in plain words."""
    worst = sorted(diagnostics, key=lambda finding: finding.severity is not Severity.ERROR)
    lines = [_annotation(finding) for finding in worst[:MOST]]
    if len(worst) > MOST:
        lines.append(f"{in_words(diagnostics)}; the {MOST} worst are annotated, the summary of this step has all")
    return "".join(f"{line}\n" for line in lines)


def summary(diagnostics: Sequence[Diagnostic]) -> str:
    """All findings as a Markdown table, for the file that `GITHUB_STEP_SUMMARY` names."""
    lines = [f"### scn: {in_words(diagnostics)}", ""]
    if diagnostics:
        lines += ["| | where | what | check |", "| --- | --- | --- | --- |"]
    for finding in diagnostics:
        position = finding.source.position(finding.span.start)
        hint = finding.hint or finding.caret
        what = finding.message + (f"\n{hint}" if hint else "")
        row = (finding.severity.value, f"{finding.source.path}:{position.line}:{position.column}", what, f"`{finding.check}`")
        lines.append(f"| {' | '.join(map(_cell, row))} |")
    return "\n".join(lines) + "\n"


def _annotation(finding: Diagnostic) -> str:
    start = finding.source.position(finding.span.start)
    end = finding.source.position(max(finding.span.start, finding.span.end - 1))
    places = {"file": finding.source.path, "line": start.line, "endLine": end.line}
    if start.line == end.line:
        # GitHub refuses columns of an annotation over several lines.
        places |= {"col": start.column, "endColumn": start.column + max(finding.span.end - finding.span.start, 1)}
    places["title"] = finding.check
    hint = finding.hint or finding.caret
    text = finding.message + (f"\n{hint}" if hint else "")
    return f"::{finding.severity.value} {','.join(f'{key}={_property(str(value))}' for key, value in places.items())}::{_data(text)}"


def _data(text: str) -> str:
    return "%0A".join(clean(line).replace("%", "%25") for line in text.split("\n"))


def _property(text: str) -> str:
    return clean(text).replace("%", "%25").replace(":", "%3A").replace(",", "%2C")


#: With these Markdown would make a link, a picture, HTML or another cell of what a file says.
_MARKS = re.compile(r"[\\\[\]|<>&]|:(?=//)")


def _cell(text: str) -> str:
    """The text of one cell, what stands between backticks as code; nothing in it is Markdown or HTML of its own."""
    lines = []
    for line in text.split("\n"):
        pieces = [_MARKS.sub(lambda found: f"&#{ord(found[0])};", piece) for piece in clean(line).split("`")]
        if len(pieces) % 2 == 0:
            pieces[-2:] = ["&#96;".join(pieces[-2:])]
        lines.append("".join(f"<code>{piece}</code>" if number % 2 else piece for number, piece in enumerate(pieces)))
    return "<br>".join(lines)
