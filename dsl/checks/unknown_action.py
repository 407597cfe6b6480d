"""A template of actions outside `define action`.

## Why

An action nobody issues starts nothing. Only judged once the project has a `define action`; the names of operations, such as `list.add`,
are those of the actions that they issue.

## Avoid

```scn
define action "quiz_done"

on action "quiz_don"
  if subscribed email
  if any action "quiz_done" within 30d
  send welcome
  limit 1 per customer
```

## Prefer

```scn
define action "quiz_done"

on action "quiz_done"
  if subscribed email
  send welcome
  limit 1 per customer
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dsl import nodes
from dsl.catalog import OPERATIONS
from dsl.checks._words import event_names
from dsl.checks._words import unknown
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Severity
from dsl.meaning.reading import everywhere
from dsl.project import Project

SEVERITY = Severity.ERROR


def check(project: Project) -> Iterator[Diagnostic]:
    """Actions of events and of questions about actions."""
    known = project.vocabulary.actions
    if not known:
        return
    written = [*event_names(project, "action", "product.action")]
    for source, selection in everywhere(project, nodes.Selection):
        if selection.noun.text in ("action", "actions") and selection.name:
            written.append((source, selection.name))
    for source, name in written:
        # What an operation issues goes by the name of the operation.
        if name.text not in known and name.text not in OPERATIONS:
            yield unknown("unknown-action", source, name, "action", known, way_out="name it with `define action`")
