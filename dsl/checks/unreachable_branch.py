"""A branch that no journey can take.

## Why

An earlier branch takes every journey that would come here, or its own condition can never be true. Its letters are never sent.

## Avoid

```scn
on order created
  if order.total >= 500 {
    if subscribed email
    send welcome
  } else if order.total >= 1000 {
    if subscribed email
    send sale by email
  }
  limit 1 per customer
```

## Prefer

```scn
on order created
  if order.total >= 1000 {
    if subscribed email
    send sale by email
  } else if order.total >= 500 {
    if subscribed email
    send welcome
  }
  limit 1 per customer
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dsl.checks._gates import gates
from dsl.checks._gates import taken_before
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Severity
from dsl.diagnostic import warning
from dsl.project import Project

SEVERITY = Severity.WARNING


def check(project: Project) -> Iterator[Diagnostic]:
    """Branches that are false there, or whose journeys an earlier branch has taken; `else` after what is always true."""
    for gate in gates(project):
        if not gate.branch:
            continue
        if gate.truth is False or taken_before(gate):
            message = f"no journey comes into the branch `{gate.text}`"
            hint = "an earlier condition takes it or contradicts it: put the narrower condition first"
            yield warning("unreachable-branch", gate.source, gate.condition.span, message, hint)
        elif gate.truth is True and gate.rest:
            message = f"`{gate.text}` is always true here: no journey comes past this branch"
            yield warning(
                "unreachable-branch", gate.source, gate.condition.span, message, "take the other branches out, or change the condition"
            )
