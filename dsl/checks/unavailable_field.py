"""A field that the trigger of this scenario does not provide.

## Why

A journey that starts with a new customer has no order to look at. With several `on` only what every one of them provides can be used;
`every` provides the customer only.

## Avoid

```scn
on customer created
  if order.total > 1000
  if subscribed email
  send welcome
  limit 1 per customer
```

## Prefer

```scn
on order created
  if order.total > 1000
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
    return (mistake for mistake in mistakes_of_type(project) if mistake.check == "unavailable-field")
