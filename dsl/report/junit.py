"""JUnit XML: a suite for each file, a case for each finding; errors fail, warnings only speak."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape
from xml.sax.saxutils import quoteattr

from dsl.diagnostic import Diagnostic
from dsl.report.concise import line
from dsl.report.counts import counts
from dsl.report.display import clean


def render(diagnostics: Sequence[Diagnostic], *, paths: Sequence[str] = ()) -> str:
    """Files of `paths` without a finding have one case that passed."""
    by_path: dict[str, list[Diagnostic]] = {path: [] for path in paths}
    for finding in diagnostics:
        by_path.setdefault(finding.source.path, []).append(finding)
    errors, _ = counts(diagnostics)
    cases = sum(max(len(findings), 1) for findings in by_path.values())
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<testsuites name="scn validate" tests="{cases}" failures="{errors}" errors="0">']
    for path, findings in by_path.items():
        failures, _ = counts(findings)
        name = _attribute(path)
        lines.append(f'  <testsuite name={name} tests="{max(len(findings), 1)}" failures="{failures}" errors="0">')
        lines += [f"    {_case(finding)}" for finding in findings] or [f'    <testcase name="no findings" classname={name} file={name}/>']
        lines.append("  </testsuite>")
    return "\n".join([*lines, "</testsuites>"]) + "\n"


def _case(finding: Diagnostic) -> str:
    path = _attribute(finding.source.path)
    number = finding.source.position(finding.span.start).line
    head = f'<testcase name={_attribute(f"{finding.check}:{number}")} classname={path} file={path} line="{number}">'
    text = escape(_printable(line(finding)))
    if finding.severity.value == "error":
        return f"{head}<failure type={_attribute(finding.check)} message={_attribute(finding.message)}>{text}</failure></testcase>"
    return f"{head}<system-out>{text}</system-out></testcase>"


def _attribute(text: str) -> str:
    return quoteattr(_printable(text))


def _printable(text: str) -> str:
    """XML has no way to write lone surrogates and the last two code points of the plane."""
    return "".join(
        "\ufffd" if 0xD800 <= ord(character) < 0xE000 or ord(character) in (0xFFFE, 0xFFFF) else character for character in clean(text)
    )
