"""Which scenarios run, since when, by which text; what an edit means for who waits (`engine.md` §2 and §6)."""

from __future__ import annotations

from typing import Any

import attrs

from dsl import nodes
from tests.model import civil
from tests.model.journey import World
from tests.model.reading import Place
from tests.model.reading import Text
from tests.model.reading import Wanted
from tests.model.reading import aligned
from tests.model.reading import wanted


@attrs.define(eq=False)
class Running:
    """A scenario: its texts, when it ran, what it counted."""

    name: str
    first_name: str
    """Draws go by it."""
    texts: list[Text] = attrs.field(factory=list)
    launched: int | None = None
    intervals: list[tuple[int, int | None]] = attrs.field(factory=list)
    state: str = "gone"
    next_run: int | None = None
    """When it passes over the customers next."""
    occurrences: list[tuple[str, int, int]] = attrs.field(factory=list)
    """Of a limit per order: (order, fact, when)."""

    @property
    def text(self) -> Text:
        """Today's."""
        return self.texts[-1]

    def was_running(self, received: int) -> bool:
        """Whether a fact came in while it ran."""
        return any(since <= received and (until is None or received < until) for since, until in self.intervals)


class Launching(World):
    """The part of the model that looks at the files."""

    scenarios: list[Running]

    def run_after(self, scenario: Running, after: int) -> int | None:
        """The next moment of any of its schedules."""
        return min((civil.next_run(one.schedule, after, self.zone) for one in scenario.text.clauses(nodes.Every)), default=None)

    def launch(self, files: list[nodes.Scenario]) -> None:
        """What these files are, beside what was there."""
        for node in files:
            scenario = self.known(node)
            text = Text(node, self.topics)
            edited = not scenario.texts or changed(scenario.text.node, node)
            if edited:
                self.carry(scenario, text)
                scenario.texts.append(text)
            self.put(scenario, "paused" if text.has(nodes.Paused) else "running")
            # A pass that is due already is still to be made.
            if scenario.next_run is None or (edited and scenario.next_run > self.now):
                scenario.next_run = self.run_after(scenario, self.now)
        named = {node.name.text for node in files}
        for scenario in self.scenarios:
            if scenario.name not in named:
                self.put(scenario, "gone")
        self.listens = {event.kind for node in files for event in listened_for(Text(node, self.topics))}

    def known(self, node: nodes.Scenario) -> Running:
        """A scenario is its name, or one it had."""
        formerly = [name.text for clause in node.clauses if isinstance(clause, nodes.Formerly) for name in clause.names]
        for name in (node.name.text, *formerly):
            for scenario in self.scenarios:
                if scenario.name == name:
                    scenario.name = node.name.text
                    return scenario
        scenario = Running(node.name.text, node.name.text)
        self.scenarios.append(scenario)
        return scenario

    def put(self, scenario: Running, state: str) -> None:
        """Running, paused or gone from now on."""
        if scenario.state == state:
            return
        if state == "running":
            scenario.launched = self.now if scenario.launched is None else scenario.launched
            scenario.intervals.append((self.now, None))
            scenario.next_run = None
        elif scenario.state == "running":
            scenario.intervals[-1] = (scenario.intervals[-1][0], self.now)
        scenario.state = state

    def carry(self, scenario: Running, text: Text) -> None:
        """Who waits at a step that the new text has goes on in it; the others finish under the text they know."""
        for journey in self.journeys:
            if journey.scenario is not scenario or not journey.is_open or journey.place is None:
                continue
            places = aligned(journey.text.places, text.places)
            if journey.place.number not in places:
                continue
            # A letter counts as done when there is one; what leaves none, when a way leads past it. What lies ahead again does not.
            acts = [place for place in journey.text.places if place.acts and not isinstance(place.node, nodes.Send)]
            passed = {place.identity for place in acts if place is not journey.place and leads(place, journey.place)}
            again = {place.identity for place in journey.text.places if place.acts and leads(journey.place, place)}
            journey.leave_out |= (journey.sent | passed) - again
            journey.sent = set()
            journey.text, journey.place = text, text.places[places[journey.place.number]]


def leads(one: Place | None, other: Place) -> bool:
    """Whether a way goes from a step to another, or it is that one."""
    if one is None or one is other:
        return one is other
    return any(leads(following, other) for following in ways(one))


def ways(place: Place) -> list[Place | None]:
    """What may come next."""
    match place.node:
        case nodes.End():
            return []
        case nodes.Split():
            return [first for _, _, first in place.arms]
        case nodes.Branch() | nodes.WaitForEvent():
            return [place.inner, place.otherwise]
    return [place.following]


def changed(old: nodes.Scenario, new: nodes.Scenario) -> bool:
    """Whether an edit changed more than layout."""
    return nodes.changed(old, bare=False) != nodes.changed(new, bare=False)


def listened_for(text: Text) -> list[Wanted]:
    """Every event that starts, stops, moves or crowns a journey."""
    clauses: list[Any] = [*text.clauses(nodes.On), *text.clauses(nodes.StopOn), *text.clauses(nodes.Goal)]
    waits = [place.node for place in text.places if isinstance(place.node, nodes.WaitForEvent)]
    return [wanted(one.event) for one in (*clauses, *waits)]
