"""SARIF 2.1.0, for code scanning services."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from dsl.diagnostic import Diagnostic
from dsl.report.display import clean_json
from dsl.report.fingerprint import fingerprints
from dsl.source import Source
from dsl.source import Span

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render(diagnostics: Sequence[Diagnostic], *, version: str = "") -> str:
    """One run; a rule for each check that found something."""
    checks = sorted({finding.check for finding in diagnostics})
    driver: dict[str, Any] = {
        "name": "scn",
        **({"semanticVersion": version} if version else {}),
        "rules": [
            {"id": check, "name": check, "shortDescription": {"text": check}, "help": {"text": f"scn explain {check}"}} for check in checks
        ],
    }
    results = [
        _result(finding, checks.index(finding.check), fingerprint)
        for finding, fingerprint in zip(diagnostics, fingerprints(diagnostics), strict=True)
    ]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return clean_json({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _result(finding: Diagnostic, rule: int, fingerprint: str) -> dict[str, Any]:
    hint = finding.hint or finding.caret
    result: dict[str, Any] = {
        "ruleId": finding.check,
        "ruleIndex": rule,
        "level": finding.severity.value,
        "message": {"text": f"{finding.message}. Hint: {hint}" if hint else finding.message},
        "locations": [{"physicalLocation": _location(finding.source, finding.span)}],
        "partialFingerprints": {"scn/v1": fingerprint},
    }
    if finding.labels:
        result["relatedLocations"] = [
            {"id": number, "message": {"text": label.text}, "physicalLocation": _location(label.source, label.span)}
            for number, label in enumerate(finding.labels, 1)
        ]
    if finding.fix:
        replacement = {"deletedRegion": _region(finding.source, finding.fix.span), "insertedContent": {"text": finding.fix.replacement}}
        change = {"artifactLocation": _artifact(finding.source), "replacements": [replacement]}
        result["fixes"] = [{"description": {"text": finding.fix.description}, "artifactChanges": [change]}]
    return result


def _location(source: Source, span: Span) -> dict[str, Any]:
    return {"artifactLocation": _artifact(source), "region": _region(source, span)}


def _artifact(source: Source) -> dict[str, str]:
    path = quote(source.path, errors="replace")
    return {"uri": f"file://{path}"} if path.startswith("/") else {"uri": path, "uriBaseId": "%SRCROOT%"}


def _region(source: Source, span: Span) -> dict[str, int]:
    start, end = source.position(span.start), source.position(span.end)
    return {
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
        "charOffset": start.offset,
        "charLength": end.offset - start.offset,
    }
