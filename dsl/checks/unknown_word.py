"""A word of a condition that does not exist: after `is`, after `category`, a function, a thing to look for, a verb of a message.

## Why

A question in words nobody knows has no answer.

## Avoid

```scn
on order.status -> "shipped"
  if order is canceled
  if subscribed email
  send review_request
  limit 1 per customer
```

## Prefer

```scn
on order.status -> "shipped"
  wait 7d
  if order is not cancelled
  if subscribed email
  send review_request
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
    return (mistake for mistake in mistakes_of_type(project) if mistake.check == "unknown-word")
