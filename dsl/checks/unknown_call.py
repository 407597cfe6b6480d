"""A call that `scn.toml` does not describe.

## Why

scn would not know which address to call.

## Avoid

```scn
on customer registered
  call cmr with customer = customer.id
```

## Prefer

```scn
on customer registered
  call crm with customer = customer.id
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dsl import nodes
from dsl.checks._words import names_of
from dsl.checks._words import unknown
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Severity
from dsl.project import Project

SEVERITY = Severity.ERROR


def check(project: Project) -> Iterator[Diagnostic]:
    """The names of `call`."""
    known = project.surroundings.calls
    if known is None:
        return
    for source, name in names_of(project, (nodes.Call, "name")):
        if name.text not in known:
            yield unknown("unknown-call", source, name, "call", known, way_out=f"add `[calls.{name.text}]` to scn.toml")
