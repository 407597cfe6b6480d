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
from dsl.project import Project
from dsl.reading import readings

SEVERITY = Severity.WARNING


def check(project: Project) -> Iterator[Diagnostic]:
    """Waits with `at` or `until` a time whose quiet hours hold that time on every day it can come."""
    for reading in readings(project):
        for place in reading.places:
            time, weekdays = _fixed(place.node)
            quiets = reading.quiet_of(place.node) if isinstance(place.node, nodes.Step) else ()
            if time is not None and quiets and always_quiet(time, quiets, weekdays):
                message = f"{clock(time)} lies in the quiet hours of this wait"
                hint = "choose a time outside them, or shorten the quiet hours"
                yield warning("time-in-quiet", reading.source, place.node.span, message, hint)


def _fixed(node: nodes.Node) -> tuple[int | None, tuple[str, ...]]:
    """The time of day a wait ends at, and the days of the week it can be (none: any)."""
    match node:
        case nodes.Wait(at=at) | nodes.WaitUntilDate(at=at):
            return at.seconds if at else None, ()
        case nodes.WaitUntil(time=time, weekday=weekday):
            return time.seconds if time else None, (weekday,) if weekday else ()
        case _:
            return None, ()
