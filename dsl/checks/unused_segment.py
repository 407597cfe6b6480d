"""A segment that nothing asks for.

## Why

It is calculated at every tick for nobody. Either it is left over, or the scenario that should use it is missing.

## Avoid

```scn
segment vip where sum(order.total within 365d) >= 50000

on customer registered
  if subscribed email
  send welcome
  limit 1 per customer
```

## Prefer

```scn
segment vip where sum(order.total within 365d) >= 50000

on customer registered
  if in segment vip
  if subscribed email
  send welcome
  limit 1 per customer
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dsl import nodes
from dsl.checks._words import event_names
from dsl.checks._words import names_of
from dsl.checks._words import slip_of
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Severity
from dsl.diagnostic import warning
from dsl.project import Project

SEVERITY = Severity.WARNING


def check(project: Project) -> Iterator[Diagnostic]:
    """Segments without `in segment`, `for segment` or `on segment`."""
    used = {name.text for _source, name in names_of(project, (nodes.InSegment, "name"), (nodes.Every, "segment"))}
    used |= {name.text for _source, name in event_names(project, "segment.entered", "segment.left")}
    for name, placed in project.segments.items():
        if project.surroundings.templates is not None and name not in used and not slip_of(name, used):
            message = f"the segment `{name}` is never used"
            yield warning("unused-segment", placed.source, placed.node.name.span, message, "use it, or take it out")
