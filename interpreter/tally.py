"""What a simulation counts: all that its report for people says, and nothing of anybody. Counts of several parts add up."""

from __future__ import annotations

from collections import Counter

import attrs

#: (scenario, outcome, reason): how decisions ended.
Outcome = tuple[str, str, str | None]
#: (scenario, template, channel, state, reason)
Letter = tuple[str, str, str | None, str, str | None]


@attrs.define(slots=True)
class Tally:
    """Counts by the names of scenarios."""

    started: Counter[str] = attrs.field(factory=Counter)
    waiting: Counter[str] = attrs.field(factory=Counter)
    """Journeys that have not ended."""
    outcomes: Counter[Outcome] = attrs.field(factory=Counter)
    gates: Counter[tuple[str, int]] = attrs.field(factory=Counter)
    """Journeys that stopped at a condition, by scenario and step."""
    letters: Counter[Letter] = attrs.field(factory=Counter)
    sent: Counter[tuple[str, int]] = attrs.field(factory=Counter)
    """Messages that were sent, by scenario and day of the project's zone (its ordinal)."""

    def add(self, other: Tally) -> None:
        """What another part counted."""
        for field in attrs.fields(Tally):
            getattr(self, field.name).update(getattr(other, field.name))


@attrs.frozen(slots=True)
class Summary:
    """What came of all facts."""

    facts: int
    """Those with a known key not counted again."""
    launch: int
    last: int
    """The moment of the last tick."""
    tally: Tally
    failed: int
    """Journeys."""
    notes: list[str]
