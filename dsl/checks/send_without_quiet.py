"""A message that can wake somebody at night.

## Why

A text message rings. Without quiet hours it goes when the event comes, and events come at night:
imports, time zones, a shop that is always open.
An e-mail does not ring, so it is not asked for here.

## Avoid

```scn
on order.status -> "shipped"
  if subscribed sms
  send alert
  limit 1 per customer within 30d
```

## Prefer

```scn
on order.status -> "shipped"
  quiet 22:00-09:00
  if subscribed sms
  send alert
  limit 1 per customer within 30d
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dsl import nodes
from dsl.catalog import CHANNELS
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Fix
from dsl.diagnostic import Severity
from dsl.diagnostic import warning
from dsl.meaning.reading import Reading
from dsl.meaning.reading import SendPlace
from dsl.meaning.reading import readings
from dsl.project import Project
from dsl.source import Span

SEVERITY = Severity.WARNING


#: A fixed time of day inside these hours wakes nobody.
_MORNING, _NIGHT = 8 * 3600, 22 * 3600


def check(project: Project) -> Iterator[Diagnostic]:
    """Sends through a ringing channel without quiet hours of their own, of the wait before, of the scenario or of a policy."""
    # Of a channel that nobody knows `unknown-channel` tells.
    own = set(project.surroundings.channels or ()) - set(CHANNELS)
    for reading in readings(project):
        if reading.transactional:
            continue
        for send in reading.sends:
            ringing = [channel for channel in send.known_channels if channel in own or (channel in CHANNELS and CHANNELS[channel].rings)]
            loud = [channel for channel in ringing if not _policy(project, channel)]
            if loud and send.node.to is None and send.place.reached and not _calm(reading, send):
                message = f"`{send.node.template.text}` can ring at night: nothing keeps `{loud[0]}` out of it"
                hint = "add `quiet 22:00-09:00` to the scenario, or `policy quiet 22:00-09:00 for " + ", ".join(loud) + "` to the project"
                end = send.node.span.end if send.node.label is None else send.node.label.span.start
                fix = Fix("add `quiet 22:00-09:00`", Span(end, end), " quiet 22:00-09:00", safe=False) if send.node.label is None else None
                yield warning("send-without-quiet", reading.source, send.node.span, message, hint, fix=fix)


def _policy(project: Project, channel: str) -> bool:
    policies = (placed.node for placed in project.policies)
    return any(
        isinstance(policy, nodes.PolicyQuiet) and (not policy.channels or channel in {name.text for name in policy.channels})
        for policy in policies
    )


def _calm(reading: Reading, send: SendPlace) -> bool:
    return bool(reading.quiet_of(send.node)) or all(_by_day(reading, wait) for wait in send.place.state.waits)


def _by_day(reading: Reading, wait: nodes.Step | None) -> bool:
    """Whether a wait, or the start when there was none, leads into the day."""
    match wait:
        case None:
            return all(isinstance(clause, nodes.Every) and _daytime(clause.schedule.at) for clause, _ in reading.triggers)
        case nodes.Wait(at=at) | nodes.WaitUntil(time=at) | nodes.WaitUntilDate(at=at):
            return bool(reading.quiet_of(wait)) or _daytime(at)
        case _:
            return bool(reading.quiet_of(wait))


def _daytime(at: nodes.TimeOfDay | None) -> bool:
    return at is not None and _MORNING <= at.seconds < _NIGHT
