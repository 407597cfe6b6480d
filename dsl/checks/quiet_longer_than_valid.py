"""Quiet hours that last longer than the scenario is valid.

## Why

`valid` runs from the moment the step is due, also through quiet hours. What comes due when they begin has expired when they end:
the journey stops and nobody is told.

## Avoid

```scn
on customer registered
  valid 6h
  quiet 22:00-09:00
  if subscribed email
  send welcome
  limit 1 per customer
```

## Prefer

```scn
on customer registered
  valid 12h
  quiet 22:00-09:00
  if subscribed email
  send welcome
  limit 1 per customer
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dsl import nodes
from dsl.calendar import duration_text
from dsl.checks._hours import length
from dsl.checks._hours import longest
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Severity
from dsl.diagnostic import warning
from dsl.meaning.reading import Reading
from dsl.meaning.reading import readings
from dsl.project import Project

SEVERITY = Severity.WARNING


def check(project: Project) -> Iterator[Diagnostic]:
    """The longest time without a pause in the quiet hours of a step and of the policies, against `valid`."""
    policies = [placed.node for placed in project.policies if isinstance(placed.node, nodes.PolicyQuiet)]
    for reading in readings(project):
        clause = reading.clause(nodes.Valid)
        valid = clause.duration if clause else project.surroundings.valid
        told: set[tuple[nodes.Quiet, ...]] = set()
        for quiets, times in _quiets(reading, [] if reading.transactional else policies):
            stretch = longest(quiets, times)
            if quiets not in told and stretch > valid.months * 28 * 1440 + valid.days * 1440 + valid.seconds // 60:
                told.add(quiets)
                late = f"what is held longer than `valid {duration_text(valid)}` is never sent"
                message = f"it can stay quiet for {length(stretch)}, and {late}"
                span = clause.span if clause else quiets[0].span if quiets[0] in _own(reading) else reading.node.name.span
                hint = f"write `valid {length(stretch)}` or more, or shorten the quiet hours"
                yield warning("quiet-longer-than-valid", reading.source, span, message, hint)


def _own(reading: Reading) -> list[nodes.Quiet]:
    steps = [quiet for place in reading.places for quiet in getattr(place.node, "quiet", ())]
    return [*reading.quiet, *steps]


def _quiets(reading: Reading, policies: list[nodes.PolicyQuiet]) -> Iterator[tuple[tuple[nodes.Quiet, ...], tuple[int, ...]]]:
    """The quiet hours a send can be held by, with the times of day it can come due (none: any)."""
    for send in reading.sends:
        # A step group is held whole: the quiet hours of the wait before it and those of the send both count.
        waits = send.place.state.waits
        own = (*reading.quiet_of(send.node), *(quiet for wait in waits if wait for quiet in reading.quiet_of(wait)))
        times = tuple(time for wait in waits if (time := _time(reading, wait)) is not None)
        for channel in send.known_channels or ("",):
            laid = (policy.quiet for policy in policies if not policy.channels or channel in {name.text for name in policy.channels})
            quiets = tuple(dict.fromkeys((*own, *laid)))
            if quiets:
                yield quiets, times if len(times) == len(waits) else ()


def _time(reading: Reading, wait: nodes.Step | None) -> int | None:
    """The time of day a wait, or the start, leads to; None: any."""
    match wait:
        case nodes.Wait(at=at) | nodes.WaitUntil(time=at) | nodes.WaitUntilDate(at=at):
            return at.seconds if at else None
        case None if len(reading.triggers) == 1 and isinstance(every := reading.triggers[0][0], nodes.Every):
            return every.schedule.at.seconds if every.schedule.at else None
        case _:
            return None
