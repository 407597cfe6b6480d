"""A fixed time of day inside the scenario's own quiet hours.

## Why

It says two things at once: `at 23:00` and not at 23:00. The quiet hours win, so the step waits until they end.

## Avoid

```scn
on customer registered
  wait 3d at 23:00 quiet 22:00-09:00
  if subscribed email
  send welcome
  limit 1 per customer
```

## Prefer

```scn
on customer registered
  wait 3d at 10:00 quiet 22:00-09:00
  if subscribed email
  send welcome
  limit 1 per customer
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dsl import nodes
from dsl.checks._hours import always_quiet
from dsl.checks._hours import clock
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Severity
from dsl.diagnostic import warning
from dsl.meaning.reading import Reading
from dsl.meaning.reading import readings
from dsl.project import Project

SEVERITY = Severity.WARNING


def check(project: Project) -> Iterator[Diagnostic]:
    """Waits with `at` or `until`, and starts `every … at`, a time whose quiet hours hold that time on every day it can come."""
    for reading in readings(project):
        for place in reading.places:
            time, weekdays = _fixed(place.node)
            quiets = reading.quiet_of(place.node) if isinstance(place.node, nodes.Step) else ()
            if time is not None and quiets and always_quiet(time, quiets, weekdays):
                message = f"{clock(time)} lies in the quiet hours of this wait"
                hint = "choose a time outside them, or shorten the quiet hours"
                yield warning("time-in-quiet", reading.source, place.node.span, message, hint)
        yield from _start(reading)


def _start(reading: Reading) -> Iterator[Diagnostic]:
    """`every day at 23:00` before a send that keeps quiet at that time; behind a wait it is another time."""
    starts = [clause for clause, _ in reading.triggers]
    if len(starts) != 1 or not isinstance(starts[0], nodes.Every) or starts[0].schedule.at is None:
        return
    schedule, time = starts[0].schedule, starts[0].schedule.at.seconds
    first = next((step for step in reading.node.steps if not isinstance(step, nodes.Gate)), None)
    quiets = reading.quiet_of(first) if isinstance(first, nodes.Send) else ()
    if quiets and always_quiet(time, quiets, schedule.weekdays):
        message = f"{clock(time)} lies in the quiet hours of the first message"
        hint = "start at a time outside them, or shorten the quiet hours"
        yield warning("time-in-quiet", reading.source, schedule.span, message, hint)


def _fixed(node: nodes.Node) -> tuple[int | None, tuple[str, ...]]:
    """The time of day a wait ends at, and the days of the week it can be (none: any)."""
    match node:
        case nodes.Wait(at=at) | nodes.WaitUntilDate(at=at):
            return at.seconds if at else None, ()
        case nodes.WaitUntil(time=time, weekday=weekday):
            return time.seconds if time else None, (weekday,) if weekday else ()
        case _:
            return None, ()
