"""What is wrong and where: data only. `report/` prints it, `checks/` and the parser make it."""

from __future__ import annotations

from enum import Enum

from dsl.forms import Record
from dsl.source import Source
from dsl.source import Span


class Severity(Enum):
    """How bad: an error keeps a scenario from running, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


class Label(Record):
    """A second place that explains the first ("first defined here")."""

    source: Source
    span: Span
    text: str


class Fix(Record):
    """One edit that mends the finding; `safe` ones keep the meaning the author wrote."""

    description: str
    span: Span
    replacement: str
    safe: bool = True


class Diagnostic(Record):
    """One finding: lower-case sentence without a full stop, the user's words in backticks, never a class or terminal name."""

    check: str
    severity: Severity
    source: Source
    span: Span
    message: str
    hint: str = ""
    fix: Fix | None = None
    labels: tuple[Label, ...] = ()
    caret: str = ""
    """Text beside the carets; empty: none."""

    @property
    def order(self) -> tuple[str, int, int, str, str]:
        """Findings are shown by file, then by place, every time in the same order."""
        return (self.source.path, self.span.start, self.span.end, self.check, self.message)


def error(check: str, source: Source, span: Span, message: str, hint: str = "", **more: object) -> Diagnostic:
    """A finding that keeps its scenario from running."""
    return Diagnostic(check, Severity.ERROR, source, span, message, hint, **more)  # type: ignore[arg-type]


def warning(check: str, source: Source, span: Span, message: str, hint: str = "", **more: object) -> Diagnostic:
    """A finding that only asks for a second look."""
    return Diagnostic(check, Severity.WARNING, source, span, message, hint, **more)  # type: ignore[arg-type]
