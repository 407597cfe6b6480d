"""A limit per order, and a gate on the order before anything else.

## Why

`per order` counts every occurrence of the trigger that passes `where`, whether or not something was sent. What the gate refuses has been
counted already: the order that becomes dear enough at its second change gets nothing. In `where` the question is asked before counting.

## Avoid

```scn
on order changed
  if order.total >= 1000
  if subscribed email
  send welcome
  limit 1 per order
```

## Prefer

```scn
on order changed where order.total >= 1000
  if subscribed email
  send welcome
  limit 1 per order
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dsl import nodes
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Severity
from dsl.diagnostic import warning
from dsl.meaning.reading import readings
from dsl.project import Project
from dsl.walk import find

SEVERITY = Severity.WARNING


#: A history question or a consent in the gate has reasons to be asked late.
_LATE = (nodes.History, nodes.Aggregate, nodes.Subscribed, nodes.Reachable, nodes.InSegment, nodes.BalanceOf)


def check(project: Project) -> Iterator[Diagnostic]:
    """A first step that is a gate about `order` alone, in a scenario limited per order."""
    for reading in readings(project):
        limited = any(limit.key.text == "order" for limit in reading.clauses(nodes.Limit))
        first = reading.node.steps[0] if reading.node.steps else None
        if limited and isinstance(first, nodes.Gate):
            roots = {field.path[0] for field in find(first.condition, nodes.Field)} - {"now"}
            if roots == {"order"} and not any(isinstance(node, _LATE) for kind in _LATE for node in find(first.condition, kind)):
                text = reading.scope.quote(first.condition)
                message = f"`{text}` is asked after the order was counted"
                hint = f"write it behind the trigger: `where {text}`"
                yield warning("per-order-limit-with-gate", reading.source, first.span, message, hint)
