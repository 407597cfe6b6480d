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

from dsl import nodes
from dsl.catalog import OPERATIONS
from dsl.checks._words import unknown
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Severity
from dsl.meaning.reading import everywhere
from dsl.meaning.typed import mistakes_of_type
from dsl.project import Project

SEVERITY = Severity.ERROR
ESSENTIAL = True


def check(project: Project) -> Iterator[Diagnostic]:
    """Found while typing the expressions; and the operations of facts in tests."""
    yield from (mistake for mistake in mistakes_of_type(project) if mistake.check == "unknown-word")
    for source, fact in everywhere(project, nodes.FactLine):
        if "." in fact.operation.text and fact.operation.text not in OPERATIONS:
            yield unknown("unknown-word", source, fact.operation, "operation", OPERATIONS)
