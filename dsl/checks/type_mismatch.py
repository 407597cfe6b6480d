"""A value of the wrong type: a number compared with a date, a date in the place of a condition, days without a unit.

## Why

Such a comparison has no answer, so it would always be false.

## Avoid

```scn
on order created where order.created_at > 5
  if subscribed email
  send welcome
  limit 1 per customer
```

## Prefer

```scn
on order created where order.created_at > now - 5d
  if subscribed email
  send welcome
  limit 1 per customer
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Severity
from dsl.meaning.typed import mistakes_of_type
from dsl.project import Project

SEVERITY = Severity.ERROR
ESSENTIAL = True


def check(project: Project) -> Iterator[Diagnostic]:
    """Found while typing the expressions."""
    return (mistake for mistake in mistakes_of_type(project) if mistake.check == "type-mismatch")
