"""A project read once for all checks: each scenario with its triggers understood, its scope, and the ways through its steps."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TypeVar

from dsl import nodes
from dsl.catalog import Problem
from dsl.catalog import ResolvedEvent
from dsl.catalog import resolve
from dsl.catalog import resolve_trigger
from dsl.forms import Form
from dsl.meaning.flow import Place
from dsl.meaning.flow import places
from dsl.meaning.scopes import Scope
from dsl.meaning.scopes import scenario_scope
from dsl.project import Project
from dsl.project import TemplateTable
from dsl.sends import channels_of
from dsl.source import Source
from dsl.walk import walk

T = TypeVar("T", bound=nodes.Clause)
N = TypeVar("N", bound=nodes.Node)


class SendPlace(metaclass=Form):
    """A `send` on its way."""

    node: nodes.Send
    place: Place
    channels: tuple[str, ...] | Problem
    template: TemplateTable | None
    """None: not known."""

    @property
    def known_channels(self) -> tuple[str, ...]:
        """Empty when they cannot be told."""
        return () if isinstance(self.channels, Problem) else self.channels

    @property
    def marketing(self) -> bool:
        """Goes to the customer, and is no answer to something he did; a template that is not known counts as marketing."""
        return self.node.to is None and (self.template is None or self.template.kind == "marketing")


class Reading(metaclass=Form):
    """One scenario, understood as far as it can be."""

    source: Source
    node: nodes.Scenario
    triggers: tuple[tuple[nodes.On | nodes.Every, ResolvedEvent], ...]
    """Those that were understood."""
    events: tuple[tuple[nodes.Event, ResolvedEvent | Problem], ...]
    """Every event written anywhere in it."""
    scope: Scope
    places: tuple[Place, ...]
    sends: tuple[SendPlace, ...]
    transactional: bool

    @property
    def name(self) -> str:
        """Of the scenario."""
        return self.node.name.text

    @property
    def understood(self) -> bool:
        """Whether every trigger was."""
        return len(self.triggers) == sum(isinstance(clause, (nodes.On, nodes.Every)) for clause in self.node.clauses)

    def clauses(self, kind: type[T]) -> Iterator[T]:
        """Its clauses of one kind."""
        return (clause for clause in self.node.clauses if isinstance(clause, kind))

    def clause(self, kind: type[T]) -> T | None:
        """Its first clause of a kind."""
        return next(self.clauses(kind), None)

    def event(self, node: nodes.Event) -> ResolvedEvent | None:
        """What one of its events means."""
        found = next((resolved for event, resolved in self.events if event is node), None)
        return found if isinstance(found, ResolvedEvent) else None

    @property
    def quiet(self) -> tuple[nodes.Quiet, ...]:
        """The default for its waits and sends."""
        return tuple(clause.quiet for clause in self.clauses(nodes.DefaultQuiet))

    def quiet_of(self, step: nodes.Step) -> tuple[nodes.Quiet, ...]:
        """The quiet hours of a wait or send: its own, else the scenario's."""
        own: tuple[nodes.Quiet, ...] = getattr(step, "quiet", ())
        return own or self.quiet


class _Index(metaclass=Form):
    """Every node of a project, filed once."""

    by_kind: dict[type[nodes.Node], list[tuple[Source, nodes.Node]]]
    events: dict[int, list[nodes.Event]]
    """Of each statement, by its identity."""


@lru_cache(maxsize=2)
def _index(project: Project) -> _Index:
    by_kind: dict[type[nodes.Node], list[tuple[Source, nodes.Node]]] = {}
    events: dict[int, list[nodes.Event]] = {}
    for placed in project.statements():
        for node in walk(placed.node):
            by_kind.setdefault(type(node), []).append((placed.source, node))
            if isinstance(node, nodes.Event):
                events.setdefault(id(placed.node), []).append(node)
    return _Index(by_kind, events)


def everywhere(project: Project, kind: type[N]) -> list[tuple[Source, N]]:
    """Every node of one kind in a project, with its file."""
    return _index(project).by_kind.get(kind, [])  # type: ignore[return-value]  # filed under its own type


@lru_cache(maxsize=2)
def readings(project: Project) -> tuple[Reading, ...]:
    """Every scenario of a project, also one whose name was taken."""
    return tuple(_read(project, placed.source, placed.node) for placed in project.statements() if isinstance(placed.node, nodes.Scenario))


def _read(project: Project, source: Source, node: nodes.Scenario) -> Reading:
    clauses = [clause for clause in node.clauses if isinstance(clause, (nodes.On, nodes.Every))]
    triggers = [(clause, resolve_trigger(clause)) for clause in clauses]
    known = [clauses[0].where] if len(clauses) == 1 and clauses[0].where else []
    templates = project.surroundings.templates
    found = places(node.steps, known)
    return Reading(
        source=source,
        node=node,
        triggers=tuple((clause, event) for clause, event in triggers if isinstance(event, ResolvedEvent)),
        events=tuple((event, resolve(event)) for event in _index(project).events.get(id(node), ())),
        scope=scenario_scope(source, project.vocabulary, clauses),
        places=tuple(found),
        sends=tuple(
            SendPlace(
                place.node,
                place,
                channels_of(place.node, place.state.gates, templates),
                templates.get(place.node.template.text) if templates is not None else None,
            )
            for place in found
            if isinstance(place.node, nodes.Send)
        ),
        transactional=any(isinstance(clause, nodes.Transactional) for clause in node.clauses),
    )
