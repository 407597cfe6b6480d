"""What a project uses that this release parses and checks, but does not execute yet: `scn run` names it and stops."""

from __future__ import annotations

from collections.abc import Iterator

from dsl import nodes
from dsl.catalog import LIMIT_KEYS
from dsl.catalog import OPERATIONS
from dsl.catalog import SHORT_OPERATIONS
from dsl.catalog import ResolvedEvent
from dsl.catalog import noun
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import error
from dsl.meaning.reading import everywhere
from dsl.meaning.reading import readings
from dsl.project import Project
from dsl.source import Source
from dsl.source import Span

#: The name of these findings. It is no check: `scn validate` does not know it.
NAME = "not-available-yet"

#: Keys of limits that are counted already, beside fields.
LIMITS_COUNTED = ("card", "customer", "line", "order", "product", "promo", "scenario", "session")

_Found = Iterator[tuple[Source, Span, str]]


def unavailable(project: Project, *, tests: bool = False) -> list[Diagnostic]:
    """Every place in a scenario or segment whose execution comes with a later version, by file and place; tests: also in tests.

    A `define` does nothing by itself and is never named; a paused scenario may ask for anything.
    """
    silent = [(reading.source, reading.node.span) for reading in readings(project) if reading.clause(nodes.Paused)]
    silent += [(placed.source, placed.node.span) for placed in project.defines]
    places = [*_clauses(project), *_conditions(project), *(_tests(project) if tests else ())]
    found = {
        error(NAME, source, span, f"{what} comes with a later version of scn", "take it out, or write `paused` in the scenario")
        for source, span, what in places
        if not any(source is owner and whole.start <= span.start < whole.end for owner, whole in silent)
    }
    return sorted(found, key=lambda diagnostic: diagnostic.order)


def _clauses(project: Project) -> _Found:
    for reading in readings(project):
        for event, found in reading.events:
            if isinstance(found, ResolvedEvent) and not found.kind.available:
                yield reading.source, event.span, f"the event `{reading.scope.quote(event)}`"
    for source, limit in everywhere(project, nodes.Limit):
        if limit.key.text in LIMIT_KEYS and limit.key.text not in LIMITS_COUNTED:
            yield source, limit.span, f"a limit `per {limit.key.text}`"


def _conditions(project: Project) -> _Found:
    for source, selection in everywhere(project, nodes.Selection):
        row = noun(selection.noun.text)
        if row and not row.available:
            yield source, selection.noun.span, f"a question about `{selection.noun.text}`"


def _tests(project: Project) -> _Found:
    for source, line in everywhere(project, nodes.FactLine):
        operation = OPERATIONS.get(SHORT_OPERATIONS.get(line.operation.text, line.operation.text))
        if operation and not operation.available:
            yield source, line.operation.span, f"the fact `{line.operation.text}`"
