"""A transactional scenario with a trigger that is no answer to something the customer did.

## Why

`transactional` is for receipts, codes and changes of an order. Started by an event like `customer changed` it becomes advertising
without consent sooner or later.

## Avoid

```scn
on customer changed
  transactional
  send notice by email
  limit 1 per customer
```

## Prefer

```scn
on customer registered
  transactional
  send notice by email
  limit 1 per customer
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dsl import nodes
from dsl.catalog import EVENTS
from dsl.catalog import written_list
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Severity
from dsl.diagnostic import warning
from dsl.meaning.reading import readings
from dsl.meaning.scopes import written_event
from dsl.project import Project

SEVERITY = Severity.WARNING


def check(project: Project) -> Iterator[Diagnostic]:
    """Triggers outside the Tx column of `domain.md` §1.0."""
    fitting = [kind.spelling for kind in EVENTS.values() if kind.tx]
    for reading in readings(project):
        for clause, event in reading.triggers if reading.transactional else ():
            if not event.kind.tx:
                start = "every" if isinstance(clause, nodes.Every) else f"on {written_event(reading.source, clause.event)}"
                message = f"`{start}` is no start for a transactional scenario"
                hint = f"take `transactional` out, or start it with {written_list(fitting)}"
                yield warning("transactional-trigger", reading.source, clause.span, message, hint)
