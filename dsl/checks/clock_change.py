"""A fixed time of day that a change of the clocks skips or repeats.

## Why

In spring an hour is missing, in autumn one comes twice. What is due in that hour comes later once a year, and may fall into it twice.
Judged by the project's zone.

## Avoid

```scn
every day at 02:30
  if subscribed email
  send welcome
  limit 1 per customer within 30d
```

## Prefer

```scn
every day at 04:30
  if subscribed email
  send welcome
  limit 1 per customer within 30d
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dsl import nodes
from dsl.checks._hours import clock
from dsl.checks._hours import unsteady_hours
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Severity
from dsl.diagnostic import warning
from dsl.meaning.reading import everywhere
from dsl.project import Project
from dsl.source import Source
from dsl.source import Span

SEVERITY = Severity.WARNING


def check(project: Project) -> Iterator[Diagnostic]:
    """Times of schedules and waits, and ends of quiet hours, inside an hour that is skipped or repeated."""
    zone = project.surroundings.timezone
    times = [*_times(project)]
    # Only the hours around midnight are ever touched: the tz database is asked when there is such a time.
    if not any(seconds < 4 * 3600 or seconds >= 23 * 3600 for _source, _span, seconds in times):
        return
    unsteady = unsteady_hours(zone)
    for source, span, seconds in times:
        for first, last in unsteady:
            if first <= seconds < last:
                message = f"{clock(seconds)} is skipped or comes twice when the clocks change in `{zone}`"
                hint = f"choose a time before {clock(first)} or from {clock(last)} on"
                yield warning("clock-change", source, span, message, hint)
                break


def _times(project: Project) -> Iterator[tuple[Source, Span, int]]:
    for source, schedule in everywhere(project, nodes.Schedule):
        if schedule.at:
            yield source, schedule.span, schedule.at.seconds
    for source, wait in everywhere(project, nodes.Wait):
        if wait.at:
            yield source, wait.span, wait.at.seconds
    for source, until in everywhere(project, nodes.WaitUntil):
        if until.time:
            yield source, until.span, until.time.seconds
    for source, date in everywhere(project, nodes.WaitUntilDate):
        if date.at:
            yield source, date.span, date.at.seconds
    for source, quiet in everywhere(project, nodes.QuietRange):
        yield from ((source, quiet.span, edge) for edge in (quiet.start, quiet.end) if edge is not None)
