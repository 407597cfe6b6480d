"""GitLab's code quality report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Severity
from dsl.report.display import clean_json
from dsl.report.fingerprint import fingerprints


def render(diagnostics: Sequence[Diagnostic]) -> str:
    """A list of issues, each with a fingerprint of its own."""
    issues = [_issue(finding, fingerprint) for finding, fingerprint in zip(diagnostics, fingerprints(diagnostics), strict=True)]
    return clean_json(issues, indent=2) + "\n"


def _issue(finding: Diagnostic, fingerprint: str) -> dict[str, Any]:
    source, span = finding.source, finding.span
    hint = finding.hint or finding.caret
    return {
        "description": f"{finding.message} ({hint})" if hint else finding.message,
        "check_name": finding.check,
        "fingerprint": fingerprint,
        "severity": "major" if finding.severity is Severity.ERROR else "minor",
        "location": {
            "path": source.path,
            "lines": {"begin": source.position(span.start).line, "end": source.position(max(span.start, span.end - 1)).line},
        },
    }
