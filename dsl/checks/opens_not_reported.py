"""`opened` or `clicked` where no channel reports them.

## Why

Whether a message was opened is told by the provider of the channel. If no channel of `scn.toml` reports it, nobody ever opens anything,
and the question always has the same answer.

## Avoid

```scn
on customer registered
  if subscribed sms
  send alert quiet 22:00-09:00
  wait 1d quiet 22:00-09:00
  if no message alert opened since start
  if subscribed sms
  send sale by sms quiet 22:00-09:00
  limit 1 per customer
```

## Prefer

```scn
on customer registered
  if subscribed sms
  send alert quiet 22:00-09:00
  wait 1d quiet 22:00-09:00
  if no order since start
  if subscribed sms
  send sale by sms quiet 22:00-09:00
  limit 1 per customer
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dsl import nodes
from dsl.catalog import ResolvedEvent
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Severity
from dsl.diagnostic import warning
from dsl.meaning.reading import everywhere
from dsl.meaning.reading import readings
from dsl.project import Project
from dsl.source import Source
from dsl.source import Span

SEVERITY = Severity.WARNING


def check(project: Project) -> Iterator[Diagnostic]:
    """Message events and questions with `opened` or `clicked`, against the channels of `scn.toml` that their templates can use."""
    channels = project.surroundings.channels
    if channels is None:
        return
    templates = project.surroundings.templates or {}
    reporting = {name for name, table in channels.items() if table.reports_opens}
    for source, span, verb, names in _asked(project):
        used = {channel for name in names if name in templates for channel in templates[name].channels}
        if not (used or set(channels)) & reporting:
            which = " and ".join(f"`{name}`" for name in names) or "any message"
            message = f"no channel reports whether {which} was {verb}"
            hint = "connect a provider that does and write `reports_opens = true` for its channel, or ask something else"
            yield warning("opens-not-reported", source, span, message, hint)


def _asked(project: Project) -> Iterator[tuple[Source, Span, str, tuple[str, ...]]]:
    for reading in readings(project):
        for event, found in reading.events:
            if isinstance(found, ResolvedEvent) and found.kind.key in ("message.opened", "message.clicked"):
                yield reading.source, event.span, found.kind.key.partition(".")[2], found.names
    for source, selection in everywhere(project, nodes.Selection):
        if selection.verb and selection.verb.text in ("opened", "clicked"):
            yield source, selection.span, selection.verb.text, (selection.name.text,) if selection.name else ()
