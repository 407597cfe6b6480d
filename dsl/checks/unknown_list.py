"""A product list outside `define list`.

## Why

Nobody has a list that does not exist. Only judged once the project has a `define list`.

## Avoid

```scn
define list "cart"

on list "crat" changed
  if subscribed email
  send welcome
  limit 1 per customer within 7d
```

## Prefer

```scn
define list "cart"

on list "cart" changed
  if subscribed email
  send welcome
  limit 1 per customer within 7d
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dsl import nodes
from dsl.checks._words import event_names
from dsl.checks._words import names_of
from dsl.checks._words import unknown
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Severity
from dsl.meaning.reading import everywhere
from dsl.project import Project
from dsl.source import Source

SEVERITY = Severity.ERROR


def check(project: Project) -> Iterator[Diagnostic]:
    """Lists of events, conditions and steps."""
    known = project.vocabulary.lists
    if not known:
        return
    written = [*names_of(project, (nodes.Event, "list_name"), (nodes.InList, "name"))]
    written += event_names(project, "list.changed")
    steps: list[tuple[Source, nodes.AddTo | nodes.RemoveFrom]] = [*everywhere(project, nodes.AddTo), *everywhere(project, nodes.RemoveFrom)]
    for source, step in steps:
        if step.kind == "list":
            written.append((source, step.name))
    for source, name in written:
        if name.text not in known:
            yield unknown("unknown-list", source, name, "list", tuple(known), way_out="name it with `define list`")
