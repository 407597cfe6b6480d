"""A step after `end`, which no journey reaches.

## Why

`end` ends the journey. What stands behind it on the same way is never done.

## Avoid

```scn
on order created
  if subscribed email
  send welcome
  end
  wait 3d
  limit 1 per customer
```

## Prefer

```scn
on order created
  if subscribed email
  send welcome
  limit 1 per customer
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dsl import nodes
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Severity
from dsl.diagnostic import warning
from dsl.meaning.reading import readings
from dsl.project import Project

SEVERITY = Severity.WARNING


def check(project: Project) -> Iterator[Diagnostic]:
    """The first unreached step of each scenario."""
    for reading in readings(project):
        lost = next((place for place in reading.places if not place.reached and isinstance(place.node, nodes.Step)), None)
        if lost:
            message = "no journey reaches this step: every way to it has ended"
            yield warning("step-after-end", reading.source, lost.node.span, message, "move it before `end`, or take it out")
