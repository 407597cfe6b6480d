"""Results of tests for people, scripts and CI."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

from dsl.report.display import clean
from interpreter.timeline.printing import MARGIN
from interpreter.timeline.printing import WIDTH
from interpreter.timeline.printing import paint
from interpreter.timeline.printing import wrapped
from interpreter.timeline.suite import Result
from interpreter.timeline.suite import Told


def text(result: Result, *, colour: bool = False) -> str:
    """A line for a test that passed; for one that failed both timelines where they differ, then each difference with its reason."""
    place = f"{clean(result.path)}:{result.line}"
    if result.passed:
        return f"{paint('good', 'ok', colour=colour)}      {place}  {clean(result.title)}\n"
    lines = [f"{paint('bad', 'FAILED', colour=colour)}  {paint('strong', place, colour=colour)}  {clean(result.title)}", ""]
    if result.table:
        lines += [*result.table, ""]
    for failure in result.failures:
        lines += _failure(result.path, failure, colour=colour)
    return "\n".join(lines) + "\n\n"


def _failure(path: str, failure: Told, *, colour: bool) -> Iterator[str]:
    place = f"{clean(path)}:{failure.line}:"
    first, *more = wrapped(f"{place} {failure.message}", WIDTH - 2 * len(MARGIN))
    yield MARGIN + paint("strong", first[: len(place)], colour=colour) + first[len(place) :]
    yield from (f"{MARGIN}  {line}" for line in more)
    for reason in failure.reasons:
        yield from _pointed("because", reason, colour=colour)
    if failure.hint:
        yield from _pointed("hint", failure.hint, colour=colour)


def _pointed(word: str, sentence: str, *, colour: bool) -> Iterator[str]:
    first, *more = wrapped(sentence, WIDTH - len(MARGIN) - len(word) - 4)
    yield f"{MARGIN}  {paint('odd', word + ':', colour=colour)} {first}"
    yield from (f"{MARGIN}  {' ' * (len(word) + 1)} {line}" for line in more)


def summary(results: Sequence[Result]) -> str:
    """`3 tests: 2 passed, 1 failed`"""
    failed = sum(not result.passed for result in results)
    count = f"{len(results)} {'test' if len(results) == 1 else 'tests'}"
    if not failed:
        return f"{count} passed" if results else "no tests"
    passed = f"{len(results) - failed} passed, " if failed < len(results) else ""
    return f"{count}: {passed}{failed} failed"


def shape(results: Sequence[Result]) -> dict[str, object]:
    """For scripts."""
    failed = sum(not result.passed for result in results)
    return {
        "version": 1,
        "tests": [
            {
                "path": result.path, "line": result.line, "title": result.title, "passed": result.passed,
                "seconds": round(result.seconds, 4),
                "failures": [
                    {"line": one.line, "column": one.column, "message": one.message, "hint": one.hint, "reasons": list(one.reasons)}
                    for one in result.failures
                ],
            }
            for result in results
        ],
        "summary": {"passed": len(results) - failed, "failed": failed},
    }  # fmt: skip


def coverage_text(gaps: Mapping[str, Sequence[tuple[str, str]]]) -> str:
    """Per scenario: what no test has gone through, with its place."""
    lines = []
    for scenario, found in gaps.items():
        lines.append(f"{scenario}: {'every clause and step was taken' if not found else f'{len(found)} never taken'}")
        lines += [f"{MARGIN}{place}  {what}" for place, what in found]
    return "\n".join(lines) + "\n" if lines else ""
