"""A condition that can never be true where it stands.

## Why

Every journey stops there, and nothing after it is ever sent. Also told of `where` and `stop when`.

## Avoid

```scn
on order created where order.total >= 1000 and order.total < 500
  if subscribed email
  send welcome
  limit 1 per customer
```

## Prefer

```scn
on order created where order.total >= 500 and order.total < 1000
  if subscribed email
  send welcome
  limit 1 per customer
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dsl import nodes
from dsl.checks._gates import gates
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Severity
from dsl.diagnostic import warning
from dsl.meaning.logic import truth
from dsl.meaning.reading import everywhere
from dsl.project import Project

SEVERITY = Severity.WARNING


def check(project: Project) -> Iterator[Diagnostic]:
    """Gates that what is known before them makes false, and filters that contradict themselves."""
    hint = "no value satisfies all of it: compare with other values"
    for gate in gates(project):
        if gate.truth is False and not gate.branch:
            message = f"`{gate.text}` is never true here"
            yield warning("gate-always-false", gate.source, gate.condition.span, message, hint)
    for kind in (nodes.On, nodes.Every, nodes.StopOn, nodes.Goal, nodes.WaitForEvent, nodes.Segment, nodes.DefineProducts, nodes.Selection):
        for source, node in everywhere(project, kind):
            where: nodes.Expression | None = getattr(node, "where", None)
            if where and truth(where) is False:
                yield warning("gate-always-false", source, where.span, "this filter lets nothing through", hint)
    for source, clause in everywhere(project, nodes.StopWhen):
        if truth(clause.condition) is False:
            yield warning("gate-always-false", source, clause.condition.span, "this never stops a journey", hint)
