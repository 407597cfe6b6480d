"""For scripts: version 1. Lines and columns from 1, offsets from 0, all in code points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dsl.diagnostic import Diagnostic
from dsl.report.counts import counts
from dsl.report.display import clean_json
from dsl.source import Source
from dsl.source import Span

VERSION = 1


def render(diagnostics: Sequence[Diagnostic]) -> str:
    """One object: `version`, `diagnostics`, `summary`."""
    errors, warnings = counts(diagnostics)
    document = {
        "version": VERSION,
        "diagnostics": [_finding(finding) for finding in diagnostics],
        "summary": {"errors": errors, "warnings": warnings},
    }
    return clean_json(document, indent=2) + "\n"


def _finding(finding: Diagnostic) -> dict[str, Any]:
    fix = finding.fix
    return {
        "check": finding.check,
        "severity": finding.severity.value,
        "path": finding.source.path,
        **_places(finding.source, finding.span),
        "message": finding.message,
        "hint": finding.hint or finding.caret,
        "fix": None
        if fix is None
        else {"description": fix.description, **_places(finding.source, fix.span), "replacement": fix.replacement, "safe": fix.safe},
        "labels": [{"path": label.source.path, **_places(label.source, label.span), "text": label.text} for label in finding.labels],
    }


def _places(source: Source, span: Span) -> dict[str, Any]:
    return {"start": _position(source, span.start), "end": _position(source, span.end)}


def _position(source: Source, offset: int) -> dict[str, int]:
    position = source.position(offset)
    return {"line": position.line, "column": position.column, "offset": position.offset}
