"""What a tick did, in numbers."""

from __future__ import annotations

import attrs


@attrs.define(slots=True)
class Report:
    """Counts of one tick, or of several added up."""

    now: int = 0
    facts: int = 0
    events: int = 0
    started: int = 0
    finished: int = 0
    stopped: int = 0
    held: int = 0
    failed_journeys: int = 0
    planned: int = 0
    skipped: int = 0
    sent: int = 0
    failed: int = 0
    """Deliveries that failed for good."""
    unsure: int = 0
    retried: int = 0
    """Deliveries that did not work now and are tried again."""
    refused: dict[str, int] = attrs.field(factory=dict)
    """Triggers that started nothing, by reason."""
    too_early: int = 0
    """Facts that would have started something, had they not come before any scenario was launched."""
    notes: dict[str, str] = attrs.field(factory=dict)
    """Sentences for stderr, by what they are about: of several about one thing the last."""
    seconds: float = 0.0

    def add(self, other: Report) -> None:
        """Add what another tick did."""
        for field in attrs.fields(Report):
            mine, theirs = getattr(self, field.name), getattr(other, field.name)
            match field.name:
                case "now":
                    self.now = theirs
                case "refused":
                    for reason, count in theirs.items():
                        mine[reason] = mine.get(reason, 0) + count
                case "notes":
                    mine.update(theirs)
                case _:
                    setattr(self, field.name, mine + theirs)
