"""`every`: when a scenario passes over the customers next, and for which moment each of them is started (`domain.md` S34)."""

from __future__ import annotations

from datetime import date

from dsl import calendar
from dsl import nodes
from dsl.nodes import Schedule
from interpreter.program import Scenario
from interpreter.program import ScheduleTrigger
from interpreter.view import View


def next_run(scenario: Scenario, after: int, zone: str) -> int:
    """The next pass of any of its schedules, strictly after a moment, in the project's zone."""
    return min(calendar.next_run(daily(trigger.schedule), after, zone) for trigger in scenario.schedules)


def daily(schedule: Schedule) -> Schedule:
    """A yearly date of each customer is looked for every day at its time."""
    return nodes.Schedule("day", at=schedule.at) if schedule.unit == "year" else schedule


def moment(trigger: ScheduleTrigger, since: int, now: int, view: View) -> int | None:
    """The last moment in (since, now] for which this customer is due; None: none. Missed ones collapse into it (X34.5)."""
    zone = view.project.timezone
    schedule = trigger.schedule
    if schedule.unit == "year":
        if schedule.field is None or schedule.at is None:
            return None
        day = _day(view, schedule.field.path[-1])
        if day is None:
            return None
        at = calendar.yearly(day, schedule.shift, schedule.at.seconds, since, zone)
        return at if at <= now else None
    last = calendar.last_run(schedule, now, zone)
    return last if last is not None and last > since else None


def is_active(active: nodes.Active, at: int, zone: str) -> bool:
    """Whether a moment lies in `active from … to …`, both days included, in the project's zone."""
    return calendar.midnight(active.first, zone) <= at < calendar.midnight(active.last.toordinal() + 1, zone)


def _day(view: View, field: str) -> date | None:
    """The date a field of the customer holds."""
    if field == "created_at":
        return date.fromisoformat(calendar.iso(view.customer.created_at, view.zone)[:10])
    try:
        return date.fromisoformat(str(view.customer.fields.get(field))[:10])
    except ValueError:
        return None
