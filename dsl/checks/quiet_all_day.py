"""Quiet hours that leave no moment to act in.

## Why

Nothing would ever be sent: every journey is held until it expires. Quiet hours of a policy are added to those of the scenario.

## Avoid

```scn
policy only 09:00-12:00

on customer registered
  quiet 08:00-13:00
  if subscribed email
  send welcome
  limit 1 per customer
```

## Prefer

```scn
policy only 09:00-18:00

on customer registered
  quiet 08:00-13:00
  if subscribed email
  send welcome
  limit 1 per customer
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dsl import nodes
from dsl.checks._hours import covers_whole_day
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Label
from dsl.diagnostic import Severity
from dsl.diagnostic import error
from dsl.meaning.reading import Reading
from dsl.meaning.reading import readings
from dsl.project import Placed
from dsl.project import Project

SEVERITY = Severity.ERROR


def check(project: Project) -> Iterator[Diagnostic]:
    """Quiet hours of waits, sends, scenarios and policies, each alone and together."""
    policies: list[Placed[nodes.PolicyQuiet]] = []
    for placed in project.policies:
        if isinstance(placed.node, nodes.PolicyQuiet):
            policies.append(Placed(placed.source, placed.node))
            if covers_whole_day((placed.node.quiet,)):
                yield error("quiet-all-day", placed.source, placed.node.quiet.span, "no moment of any day is left to send in", _HINT)
    for reading in readings(project):
        yield from _alone(reading)
        if not reading.transactional:
            yield from _with_policies(reading, policies)


_HINT = "shorten it: `22:00-09:00` ends in the morning"


def _alone(reading: Reading) -> Iterator[Diagnostic]:
    written = [reading.quiet, *(place.node.quiet for place in reading.places if isinstance(place.node, _HOLDING))]
    for quiets in written:
        if quiets and covers_whole_day(quiets):
            yield error("quiet-all-day", reading.source, quiets[0].span, "no moment of any day is left to act in", _HINT)


_HOLDING = (nodes.Wait, nodes.WaitUntil, nodes.WaitUntilDate, nodes.WaitForEvent, nodes.Send)


def _with_policies(reading: Reading, policies: list[Placed[nodes.PolicyQuiet]]) -> Iterator[Diagnostic]:
    for send in reading.sends:
        own = reading.quiet_of(send.node)
        if not own or covers_whole_day(own):
            continue
        for channel in send.known_channels:
            laid = [placed for placed in policies if _concerns(placed.node, channel) and not covers_whole_day((placed.node.quiet,))]
            if laid and covers_whole_day((*own, *(placed.node.quiet for placed in laid))):
                labels = tuple(Label(placed.source, placed.node.span, "added to them by this policy") for placed in laid)
                message = f"with the policy no moment of any day is left to send `{send.node.template.text}` by `{channel}`"
                yield error(
                    "quiet-all-day", reading.source, own[0].span, message, "leave some hours of the day free in both", labels=labels
                )


def _concerns(policy: nodes.PolicyQuiet, channel: str) -> bool:
    return not policy.channels or channel in {name.text for name in policy.channels}
