"""For people: the finding, the line it is about with carets, what explains it, and what to do."""

from __future__ import annotations

from collections.abc import Sequence

from dsl.diagnostic import Diagnostic
from dsl.report.counts import in_words
from dsl.report.display import clean
from dsl.report.excerpt import Row
from dsl.report.excerpt import rows
from dsl.source import Source
from dsl.source import Span

_COLOURS = {"error": "1;31", "warning": "1;33", "place": "1", "gutter": "34", "help": "36"}


def render(diagnostics: Sequence[Diagnostic], *, colour: bool = False) -> str:
    """One paragraph for each finding, then how many there are; empty when there is none."""
    if not diagnostics:
        return ""
    paint = _paint if colour else _plain
    return "\n".join([*(_Paragraph(finding, paint).text() for finding in diagnostics), f"{in_words(diagnostics)}\n"])


class _Paragraph:
    def __init__(self, finding: Diagnostic, paint: _Paint) -> None:
        self.finding = finding
        self.paint = paint
        #: The line shown last, so that two marks on one line stand under it together.
        self.last: tuple[Source, int] | None = None
        places = [(finding.source, finding.span), *((label.source, label.span) for label in finding.labels)]
        self.margin = max(len(str(source.position(max(span.start, span.end - 1)).line)) for source, span in places)

    def text(self) -> str:
        finding = self.finding
        word = finding.severity.value
        head = self.paint("place", f"{_place(finding.source, finding.span)}:") + " " + self.paint(word, f"{word}[{finding.check}]:")
        lines = [f"{head} {clean(finding.message)}", *self._excerpt(finding.source, finding.span, finding.caret, word)]
        for label in finding.labels:
            if label.source != finding.source:
                lines.append(self._gutter("-->") + " " + _place(label.source, label.span))
            lines += self._excerpt(label.source, label.span, label.text, "gutter", mark="-")
        if finding.hint and finding.hint not in (finding.caret, finding.fix and finding.fix.description):
            lines.append(self._gutter("=") + " " + self.paint("help", "hint:") + " " + clean(finding.hint))
        if finding.fix:
            how = "`scn fix`" if finding.fix.safe else "`scn fix --unsafe`"
            lines.append(self._gutter("=") + " " + self.paint("help", "fix:") + f" {clean(finding.fix.description)} ({how})")
        return "\n".join(lines) + "\n"

    def _excerpt(self, source: Source, span: Span, words: str, colour: str, mark: str = "^") -> list[str]:
        lines = []
        found = rows(source, span)
        for row in found:
            if not row.number:
                lines.append(self._gutter("⋮"))
                continue
            if (source, row.number) != self.last:
                lines.append(f"{self.paint('gutter', f'{row.number:>{self.margin + 1}} |')} {row.text}".rstrip())
            self.last = (source, row.number)
            lines.append(self._carets(row, words if row is found[-1] else "", colour, mark))
        return lines

    def _carets(self, row: Row, words: str, colour: str, mark: str) -> str:
        under = row.carets.replace("^", mark) + (f" {clean(words)}" if words else "")
        blank = len(under) - len(under.lstrip())
        return f"{self._gutter('|')} {under[:blank]}{self.paint(colour, under[blank:])}"

    def _gutter(self, mark: str) -> str:
        return (
            self.paint("gutter", " " * (self.margin + 2) + mark) if mark != "-->" else self.paint("gutter", " " * (self.margin + 1) + mark)
        )


class _Paint:
    """Colours a piece of text, or leaves it."""

    def __init__(self, *, on: bool) -> None:
        self.on = on

    def __call__(self, name: str, text: str) -> str:
        return f"\x1b[{_COLOURS[name]}m{text}\x1b[0m" if self.on else text


_plain = _Paint(on=False)
_paint = _Paint(on=True)


def _place(source: Source, span: Span) -> str:
    position = source.position(span.start)
    return f"{clean(source.path)}:{position.line}:{position.column}"
