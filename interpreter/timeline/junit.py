"""Results of tests as JUnit XML, for CI."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape
from xml.sax.saxutils import quoteattr

from dsl.report.display import clean
from interpreter.timeline.report import text
from interpreter.timeline.suite import Result


def render(results: Sequence[Result]) -> str:
    """JUnit XML: a suite for each file, a case for each test."""
    files: dict[str, list[Result]] = {}
    for result in results:
        files.setdefault(result.path, []).append(result)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<testsuites name="scn test" {_totals(results)}>']
    for path, found in files.items():
        lines.append(f"  <testsuite name={_attribute(path)} {_totals(found)}>")
        lines += [_case(result) for result in found]
        lines.append("  </testsuite>")
    return "\n".join([*lines, "</testsuites>"]) + "\n"


def _totals(results: Sequence[Result]) -> str:
    failed = sum(not result.passed for result in results)
    return f'tests="{len(results)}" failures="{failed}" errors="0" time="{sum(result.seconds for result in results):.3f}"'


def _case(result: Result) -> str:
    path = _attribute(result.path)
    head = f'    <testcase name={_attribute(result.title)} classname={path} file={path} line="{result.line}" time="{result.seconds:.3f}"'
    if result.passed:
        return f"{head}/>"
    message = _attribute(result.failures[0].message)
    return f"{head}><failure message={message}>{escape(_printable(text(result)))}</failure></testcase>"


def _attribute(value: str) -> str:
    return quoteattr(_printable(value))


def _printable(value: str) -> str:
    """XML has no way to write control characters and lone surrogates; line ends stay."""
    cleaned = "\n".join(clean(line) for line in value.split("\n"))
    return "".join("\ufffd" if 0xD800 <= ord(one) < 0xE000 or ord(one) in (0xFFFE, 0xFFFF) else one for one in cleaned)
