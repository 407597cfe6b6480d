"""A journey starts, standing before its first step; a wait that comes first is entered at once."""

from __future__ import annotations

from dsl import calendar
from interpreter.events.event import Event
from interpreter.journey import Journey
from interpreter.journey import State
from interpreter.phases.batch import Batch
from interpreter.program import Scenario
from interpreter.program import WaitEventStep
from interpreter.program import WaitStep
from interpreter.step import wait_end
from interpreter.view import View


def begin(batch: Batch, number: int, scenario: Scenario, view: View, event: Event | None = None) -> Journey:
    """A new journey through scenario `number`, put into the batch. Its T is that of the view: the event's own date."""
    order = event.order if event is not None else None
    message = event.message if event is not None else None
    journey = Journey(
        batch.ids.take("journey"),
        number,
        batch.running.rows[number].version,
        view.customer.id,
        order.key if order is not None else None,
        event.fact if event is not None else None,
        message.id if message is not None else None,
        view.started,
        view.context_time,
        0,
        inside=False,
        state=State.WAITING,
        reason=None,
        due_at=view.context_time,
        begun_at=batch.now,
        begun_by=event.kind if event else "every",
    )
    if event is not None and (event.things or event.line is not None):
        journey.about = {word: thing.key for word, thing in event.things.items()}
        if event.line is not None:
            journey.about["line"] = event.line.id
    first = scenario.steps[0] if scenario.steps else None
    if isinstance(first, WaitStep) and first.date is None:
        journey.inside, journey.due_at = True, wait_end(first, view)
    elif isinstance(first, WaitEventStep):
        # Entered now, so that what it waits for is heard also when it comes with the same tick.
        journey.inside, journey.due_at = True, calendar.add(view.context_time, first.duration, view.zone)
    batch.new_journeys[journey.id] = journey
    return journey
