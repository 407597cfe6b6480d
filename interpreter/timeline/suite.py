"""The tests of a project: which can run, what each gave, told with places and reasons."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator

import attrs

from dsl import nodes
from dsl.checker import all_checks
from dsl.checker import check
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Severity
from dsl.project import Placed
from dsl.source import Span
from dsl.vocabulary import Vocabulary
from interpreter import clock
from interpreter.ingest.slips import Slips
from interpreter.project.loading import Loaded
from interpreter.project.project_folder import Folder
from interpreter.rehearsal import Stage
from interpreter.rules import Rules
from interpreter.store.listing import DecisionRow
from interpreter.timeline.compare import compare
from interpreter.timeline.lines import Timeline
from interpreter.timeline.lines import read_test
from interpreter.timeline.printing import table
from interpreter.timeline.reasons import Reasons
from interpreter.timeline.running import play

#: Errors about letters. Scenarios can be tested before their letters are written; what a letter lacks shows when a test sends it.
ABOUT_LETTERS = frozenset({"unknown-template", "template-problem", "template-value", "template-without-channel"})


@attrs.frozen(slots=True)
class Told:
    """One thing wrong, as people read it."""

    line: int
    column: int
    message: str
    hint: str = ""
    reasons: tuple[str, ...] = ()
    """What the ledger says about it."""


@attrs.frozen(slots=True)
class Result:
    """What a test gave."""

    path: str
    line: int
    title: str
    failures: tuple[Told, ...] = ()
    table: tuple[str, ...] = ()
    """Both timelines where they differ; empty when they do not, or when the test could not run."""
    missing_templates: frozenset[str] = frozenset()
    """Sent, but not in the folder: they went out empty."""
    seconds: float = 0.0
    decisions: tuple[DecisionRow, ...] = ()
    """For coverage."""
    slips: tuple[Told, ...] = ()
    """What its facts most likely do not mean to say; whether it passed or not."""

    @property
    def passed(self) -> bool:
        """Whether everything came as expected."""
        return not self.failures


@attrs.frozen(slots=True)
class Suite:
    """The tests of one project."""

    loaded: Loaded
    folder: Folder
    rules: Rules
    errors: tuple[Diagnostic, ...]
    """What keeps every test from running."""
    of_tests: tuple[Diagnostic, ...]
    """What is wrong with single tests."""

    @property
    def tests(self) -> list[Placed[nodes.Test]]:
        """Those in the files asked about."""
        return [test for test in self.loaded.project.tests if test.source.path in self.loaded.wanted]


def suite(loaded: Loaded) -> Suite:
    """The tests of a project with what its checks say. A finding inside a test fails that test alone."""
    assert loaded.folder is not None
    project = loaded.project
    names = frozenset(name for name, one in all_checks().items() if one.severity is Severity.ERROR) - ABOUT_LETTERS
    found = [*loaded.unread, *check(project, only=names)]
    errors = [finding for finding in found if finding.severity is Severity.ERROR]
    inside = [finding for finding in errors if any(_within(finding, test) for test in project.tests)]
    config = loaded.folder.config
    rules = Rules(project, timezone=config.timezone, quiet_by_project=config.quiet_zone == "project")
    outside = sorted({*errors} - {*inside}, key=lambda finding: finding.order)
    return Suite(loaded, loaded.folder, rules, tuple(outside), tuple(inside))


def _within(finding: Diagnostic, test: Placed[nodes.Test]) -> bool:
    return finding.source.path == test.source.path and test.node.span.start <= finding.span.start < test.node.span.end


def results(suite: Suite, wanted: Callable[[Placed[nodes.Test]], bool], *, colour: bool) -> Iterator[Result]:
    """Runs the tests one after the other, in the order of files and lines."""
    stage = Stage.of(suite.folder, suite.rules)
    for test in suite.tests:
        if wanted(test):
            yield _result(test, suite, stage, colour=colour)


def _result(test: Placed[nodes.Test], suite: Suite, stage: Stage, *, colour: bool) -> Result:
    source, node = test.source, test.node
    zone = suite.rules.timezone
    began = clock.stopwatch()

    def told(span: Span, message: str, hint: str = "", reasons: list[str] | None = None) -> Told:
        place = source.position(span.start)
        return Told(place.line, place.column, message, hint, tuple(reasons or ()))

    head = (source.path, source.position(node.span.start).line, node.title.text)
    timeline = read_test(test, zone)
    slips = tuple(told(line.span, what) for line, what in _slips(timeline, suite.loaded.project.vocabulary))
    wrong = [told(finding.span, finding.message, finding.hint) for finding in suite.of_tests if _within(finding, test)]
    wrong += [told(mistake.span, mistake.message, mistake.hint) for mistake in timeline.mistakes]
    if wrong:
        unique = {(one.line, one.column): one for one in reversed(wrong)}
        return Result(*head, tuple(unique[key] for key in sorted(unique)), seconds=clock.stopwatch() - began, slips=slips)
    story = play(timeline, stage, afterwards=timeline.open_end)
    comparison = compare(timeline, story, zone)
    if not timeline.open_end and any(failure.missing for failure in comparison.failures):
        # It may have come later: that says more than that it did not come in time.
        story = play(timeline, stage, afterwards=True)
        comparison = compare(timeline, story, zone)
    reasons = Reasons(suite.rules, story)
    failures = tuple(told(failure.span, failure.message, failure.hint, reasons.of(failure)) for failure in comparison.failures)
    rows = tuple(table(timeline, comparison, zone, colour=colour)) if failures else ()
    return Result(*head, failures, rows, story.missing_templates, clock.stopwatch() - began, story.decisions, slips)


def _slips(timeline: Timeline, words: Vocabulary) -> Iterator[tuple[nodes.Line, str]]:
    """Of each line with a fact what `scn ingest` would say of it too."""
    for given in timeline.given:
        if given.fact is not None:
            slips = Slips()
            slips.look([given.fact])
            found = (*slips.told(words.fields), *slips.unknown_pools(words.promos), *slips.no_addresses())
            yield from ((given.line, f"`{name}`: {what}") for name, _, what in found)
