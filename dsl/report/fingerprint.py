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
    known: dict[str, _Lines] = {}
    for finding in diagnostics:
        source = finding.source
        lines = known.get(source.path)
        if lines is None or lines.source is not source:
            lines = known[source.path] = _Lines(source)
        number = source.position(finding.span.start).line
        key = (source.path, finding.check, lines.statement(number), lines.line(number))
        seen[key] += 1
        found.append(sha256("\n".join([*key, str(seen[key])]).encode(errors="replace")).hexdigest()[:32])
    return found


#: Of a longer line its hash stands for it: a line without an end may have findings without an end.
_LONG = 1000


class _Lines:
    """The lines of a source as fingerprints know them, each looked at once."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._lines: dict[int, str] = {}
        self._statements: dict[int, str] = {}

    def line(self, number: int) -> str:
        """Without its spaces."""
        if number not in self._lines:
            line = " ".join(self.source.line(number).split())
            self._lines[number] = line if len(line) <= _LONG else sha256(line.encode(errors="replace")).hexdigest()
        return self._lines[number]

    def statement(self, number: int) -> str:
        """The first two words of the statement around a line: `scenario repeat_order`."""
        inside = []
        while number not in self._statements:
            line = self.source.line(number)
            if number <= 1 or (line.strip() and line[0] not in " \t}#"):
                self._statements[number] = " ".join(line.split(None, 2)[:2])
                break
            inside.append(number)
            number -= 1
        self._statements.update(dict.fromkeys(inside, self._statements[number]))
        return self._statements[number]
