"""One line for each finding: `path:line:column: error[check]: message (hint)`."""

from __future__ import annotations

from collections.abc import Sequence

from dsl.diagnostic import Diagnostic
from dsl.report.display import clean


def render(diagnostics: Sequence[Diagnostic]) -> str:
    """As compilers do, so that editors and grep can read it."""
    return "".join(f"{line(finding)}\n" for finding in diagnostics)


def line(finding: Diagnostic) -> str:
    """The finding in one line."""
    position = finding.source.position(finding.span.start)
    hint = finding.hint or finding.caret
    text = f"{finding.source.path}:{position.line}:{position.column}: {finding.severity.value}[{finding.check}]: {finding.message}"
    return clean(f"{text} ({hint})" if hint else text)
