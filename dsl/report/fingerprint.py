"""Telling a finding again after the file was edited above it: services that compare two runs need a name for it without line numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from hashlib import sha256

from dsl.diagnostic import Diagnostic
from dsl.source import Source


def fingerprints(diagnostics: Sequence[Diagnostic]) -> list[str]:
    """One for each finding, all different: file, check, statement and line without its spaces, and which of the equal ones it is."""
    seen: Counter[tuple[str, ...]] = Counter()
    found = []
    for finding in diagnostics:
        number = finding.source.position(finding.span.start).line
        line = " ".join(finding.source.line(number).split())
        key = (finding.source.path, finding.check, _statement(finding.source, number), line)
        seen[key] += 1
        found.append(sha256("\n".join([*key, str(seen[key])]).encode(errors="replace")).hexdigest()[:32])
    return found


def _statement(source: Source, number: int) -> str:
    """The first two words of the statement around a line: `scenario repeat_order`."""
    while number > 1 and (not source.line(number).strip() or source.line(number)[0] in " \t}#"):
        number -= 1
    return " ".join(source.line(number).split()[:2])
