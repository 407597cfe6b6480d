"""A channel that neither scn nor `scn.toml` knows.

## Why

Nobody could deliver the message.

## Avoid

```scn
on customer registered
  if subscribed emial
  send welcome by email
  limit 1 per customer
```

## Prefer

```scn
on customer registered
  if subscribed email
  send welcome by email
  limit 1 per customer
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dsl import nodes
from dsl.catalog import CHANNELS
from dsl.catalog import ResolvedEvent
from dsl.checks._words import names_of
from dsl.checks._words import unknown
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Severity
from dsl.meaning.reading import readings
from dsl.project import Project
from dsl.source import Source
from dsl.spelling import closest

SEVERITY = Severity.ERROR


def check(project: Project) -> Iterator[Diagnostic]:
    """Channels of sends, consent, history, policies, subscription events and tests."""
    own = project.surroundings.channels
    known = (*CHANNELS, *(own or ()))
    for source, name in _written(project):
        # Where the project's own channels are not known, another name may be one of them; a slip of the hand is a slip.
        if name.text not in known and (own is not None or closest(name.text, known)):
            way_out = f"add `[channels.{name.text}]` to scn.toml"
            yield unknown("unknown-channel", source, name, "channel", dict.fromkeys(known), way_out=way_out)


def _written(project: Project) -> Iterator[tuple[Source, nodes.Name]]:
    yield from names_of(
        project,
        (nodes.Send, "channels"),
        (nodes.Subscribed, "channel"),
        (nodes.Reachable, "channel"),
        (nodes.Selection, "channel"),
        (nodes.PolicyQuiet, "channels"),
        (nodes.ExpectSend, "channel"),
    )
    for source, name in names_of(project, (nodes.PolicyCap, "channel")):
        if name.text not in ("message", "messages"):
            yield source, name
    for reading in readings(project):
        for event, resolved in reading.events:
            if isinstance(resolved, ResolvedEvent) and resolved.kind.key == "subscription":
                yield reading.source, event.words[0][0]
