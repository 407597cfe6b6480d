"""Who starts by which event, and what else handling facts must know of the scenarios: worked out once, when they are launched."""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Container
from collections.abc import Mapping
from collections.abc import Sequence

from dsl.forms import Record
from dsl.forms import part
from interpreter import events
from interpreter.events.event import Event
from interpreter.phases.launch import Running
from interpreter.program import Listener
from interpreter.program import Scenario

#: The words by which a journey that has started listens, or follows a date.
_LISTENS = re.compile(r"\b(stop on|goal|wait up to|wait until)\b")
_FOLLOWS = re.compile(r"\bwait until\b")


class Starter(Record):
    """A scenario with its number, and how it may start by some event."""

    number: int
    scenario: Scenario
    triggers: tuple[tuple[Listener, events.Matcher | None], ...]
    per_order: bool
    """Whether it counts what happens to an order."""
    running_since: int | None
    """It has run since then without a break; None: its intervals have to be looked at."""
    reads_action: bool
    watches: bool
    """Whether events matter to a journey that it has started."""

    @classmethod
    def of(cls, number: int, scenario: Scenario, listeners: Sequence[Listener], running: Running) -> Starter:
        """By events of one kind."""
        triggers = tuple((one, events.meaning(one.event, running.rules)) for one in listeners)
        since, until = running.intervals.get(number, [(0, 0)])[-1]
        return cls(
            number,
            scenario,
            triggers,
            per_order=_per_order(scenario),
            running_since=since if until is None and scenario.active is None else None,
            reads_action="action" in scenario.start_reads,
            watches=scenario.watches,
        )


class Starters(Record):
    """Who may start by events of one kind, so that nobody else is asked."""

    word: Callable[[Event], str | None]
    named: Mapping[str, tuple[Starter, ...]]
    """By what the event is about."""
    others: tuple[Starter, ...]
    """By one that is about anything else."""

    @classmethod
    def of(cls, kind: str, running: Running) -> Starters:
        """As the scenarios run."""
        listeners = [
            (number, one, events.words(one.event))
            for number, scenario in running.current.items()
            for one in scenario.triggers
            if one.event.kind.key == kind
        ]

        def starters(word: str | None) -> tuple[Starter, ...]:
            by_number: dict[int, list[Listener]] = {}
            for number, listener, words in listeners:
                if words is None or word in words:
                    by_number.setdefault(number, []).append(listener)
            return tuple(Starter.of(number, running.current[number], those, running) for number, those in by_number.items())

        named = frozenset(word for _, _, words in listeners for word in words or ())
        return cls(events.word(kind), {word: starters(word) for word in named}, starters(None))

    def by(self, event: Event) -> tuple[Starter, ...]:
        """Those who may start by an event, in the order of the scenarios."""
        return self.named.get(self.word(event), self.others) if self.named else self.others  # type: ignore[arg-type]


class Openings(Record):
    """What handling facts must know of the scenarios: made once for all batches."""

    starters: dict[str, Starters]
    """By the kind of event."""
    per_order: frozenset[int]
    """The scenarios that count what happens to an order."""
    reads: frozenset[str]
    """The families of history that the filters of starting scenarios look at."""
    watched: bool
    """Whether events may concern journeys that have started."""
    dated: bool
    """Whether journeys may wait for a date that facts can move."""
    heard: Container[str]
    """The kinds of event of which more than their number matters."""
    first_launch: int | None
    matchers: dict[int, events.Matcher] = part(factory=dict)
    """Of the events that journeys listen for, by the identity of the listener."""

    @classmethod
    def of(cls, running: Running) -> Openings:
        """As the scenarios run."""
        starting = {number: scenario for number, scenario in running.current.items() if scenario.triggers}
        kinds = {trigger.event.kind.key for scenario in starting.values() for trigger in scenario.triggers}
        watching = [scenario for scenario in running.current.values() if scenario.watches]
        dated = any(scenario.dated for scenario in watching) or _old_ones_say(_FOLLOWS, running)
        old_ones_listen = _old_ones_say(_LISTENS, running)
        return cls(
            {kind: Starters.of(kind, running) for kind in kinds},
            frozenset(number for number, scenario in starting.items() if _per_order(scenario)),
            frozenset().union(*(scenario.start_reads | scenario.watch_reads for scenario in starting.values())),
            bool(watching) or old_ones_listen,
            dated,
            # A date may follow from whatever changes, and so may a segment.
            events.EVERYTHING
            if dated or old_ones_listen or running.rules.segments
            else kinds.union(*(scenario.hears for scenario in watching)),
            min((row.launched for row in running.rows.values() if row.launched is not None), default=None),
        )


def _per_order(scenario: Scenario) -> bool:
    return any(limit.key == "order" for limit in scenario.limits)


def _old_ones_say(words: re.Pattern[str], running: Running) -> bool:
    """Texts that are not today's, those of scenarios that are gone among them, count too. Looked for by the words of it."""
    today = {running.rows[number].version for number in running.current}
    return any(words.search(text) for number, (_, _, text) in running.versions.items() if number not in today)
