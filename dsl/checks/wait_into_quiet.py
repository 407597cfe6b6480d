"""A wait that always ends in quiet hours.

## Why

A schedule says when the journey starts, the wait says how long: together they always lead into the quiet hours, so the step is always held.

## Avoid

```scn
every day at 20:00
  wait 4h quiet 22:00-09:00
  if subscribed email
  send welcome
  limit 1 per customer within 30d
```

## Prefer

```scn
every day at 07:00
  wait 4h quiet 22:00-09:00
  if subscribed email
  send welcome
  limit 1 per customer within 30d
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


_DAY = 86_400


def check(project: Project) -> Iterator[Diagnostic]:
    """Steps after a start or a wait at a fixed time of day, reached by waits of a known length."""
    for reading in readings(project):
        starts = [clause for clause, _ in reading.triggers]
        at = starts[0].schedule.at if len(starts) == 1 and isinstance(starts[0], nodes.Every) else None
        yield from _follow(reading, at.seconds if at else None)


def _follow(reading: Reading, time: int | None) -> Iterator[Diagnostic]:
    """Keeps the time of day along the steps of the scenario; inside blocks it is not followed."""
    for step in reading.node.steps:
        match step:
            case nodes.Wait(at=at) if at:
                time = at.seconds
            case nodes.Wait(duration=duration):
                time = (time + duration.seconds) % _DAY if time is not None else None
                quiets = reading.quiet_of(step)
                if time is not None and quiets and always_quiet(time, quiets, ()):
                    message = f"this wait always ends at {clock(time)}, in its quiet hours"
                    hint = "start or wait for another time of day, or shorten the quiet hours"
                    yield warning("wait-into-quiet", reading.source, step.span, message, hint)
            case nodes.WaitUntil(time=until) if until:
                time = until.seconds
            case nodes.Gate():
                pass
            case _:
                # After a send the clock is that of the tick; after other waits it is not known.
                time = None
