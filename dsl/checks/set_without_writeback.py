"""A `set` that the shop never hears of.

## Why

`set` writes a fact for scn, and goes to the shop only through a write-back of `scn.toml`. Without one the next order update from the shop
simply undoes it, and people in the shop see the old value.

## Avoid

```scn
on customer registered
  set customer.segment "new"
```

## Prefer

```scn
on order.status -> "delivered"
  wait 14d
  set order.status "closed"
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dsl import nodes
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Severity
from dsl.diagnostic import warning
from dsl.meaning.reading import everywhere
from dsl.project import Project

SEVERITY = Severity.WARNING


def check(project: Project) -> Iterator[Diagnostic]:
    """Entities that are set, against the write-backs of `scn.toml`."""
    known = project.surroundings.writebacks
    if known is None:
        return
    for source, step in everywhere(project, nodes.Set):
        entity = step.field.path[0]
        if entity not in known:
            message = f"`{step.field.text}` is set for scn alone: the shop does not hear of it"
            hint = f"add `[writeback.{entity}]` to scn.toml, or say why not: `# scn: ignore[set-without-writeback] reason`"
            yield warning("set-without-writeback", source, step.span, message, hint)
