"""An event that does not exist, or is written in a way no event is.

## Why

A scenario whose trigger nobody recognises never starts, and nothing would say so.

## Avoid

```scn
on order shipped
  if subscribed email
  send review_request
  limit 1 per order
```

## Prefer

```scn
on order.status -> "shipped"
  if subscribed email
  send review_request
  limit 1 per order
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dsl.catalog import Problem
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Fix
from dsl.diagnostic import Severity
from dsl.diagnostic import error
from dsl.meaning.reading import readings
from dsl.project import Project

SEVERITY = Severity.ERROR
ESSENTIAL = True


def check(project: Project) -> Iterator[Diagnostic]:
    """Every event that `catalog.resolve` refuses."""
    for reading in readings(project):
        for _event, found in reading.events:
            if isinstance(found, Problem):
                fix = Fix(f"write `{found.replacement}`", found.span, found.replacement) if found.replacement else None
                yield error("unknown-event", reading.source, found.span, found.message, found.hint, fix=fix)
