"""A condition that is always true where it stands.

## Why

It decides nothing: it was asked already, or an earlier condition implies it. Often another field or value was meant.

## Avoid

```scn
on order created where order.total >= 1000
  if order.total >= 500
  if subscribed email
  send welcome
  limit 1 per customer
```

## Prefer

```scn
on order created where order.total >= 1000
  if subscribed email
  send welcome
  limit 1 per customer
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dsl.checks._gates import gates
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Severity
from dsl.diagnostic import warning
from dsl.project import Project

SEVERITY = Severity.WARNING


def check(project: Project) -> Iterator[Diagnostic]:
    """Gates that what is known before them makes true."""
    for gate in gates(project):
        if gate.truth is True and not gate.branch:
            message = f"`{gate.text}` is always true here"
            yield warning("gate-always-true", gate.source, gate.condition.span, message, "take it out, or compare with another value")
