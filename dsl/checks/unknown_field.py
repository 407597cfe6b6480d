"""A field that does not exist, or is one letter away from one that does.

## Why

Missing data make a comparison false, so a misspelt field is a condition that is never true.
Customers, orders, lines, actions, cards and products may have fields of your own: any name that is not a slip of a standard one.
For a name that is close to a standard one, write `define field`.

## Avoid

```scn
on order created where order.totl > 1000
  if subscribed email
  send welcome
  limit 1 per customer
```

## Prefer

```scn
on order created where order.total > 1000 and order.payment = "card"
  if subscribed email
  send welcome
  limit 1 per customer
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Severity
from dsl.project import Project
from dsl.typed import mistakes_of_type

SEVERITY = Severity.ERROR
ESSENTIAL = True


def check(project: Project) -> Iterator[Diagnostic]:
    """Found while typing the expressions."""
    return (mistake for mistake in mistakes_of_type(project) if mistake.check == "unknown-field")
