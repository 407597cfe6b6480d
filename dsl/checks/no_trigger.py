"""A scenario that nothing starts.

## Why

Without `on` or `every` no journey ever begins.

## Avoid

```scn
scenario hello
  if subscribed email
  send welcome
  limit 1 per customer
```

## Prefer

```scn
scenario hello
  on customer registered
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
from dsl.diagnostic import error
from dsl.meaning.reading import readings
from dsl.project import Project

SEVERITY = Severity.ERROR
ESSENTIAL = True


def check(project: Project) -> Iterator[Diagnostic]:
    """Scenarios without `on` and `every`."""
    for reading in readings(project):
        if not any(isinstance(clause, (nodes.On, nodes.Every)) for clause in reading.node.clauses):
            hint = 'write `on order.status -> "shipped"` or `every day at 10:00`'
            yield error("no-trigger", reading.source, reading.node.name.span, f"nothing starts the scenario `{reading.name}`", hint)
