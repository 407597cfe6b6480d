"""A segment that no `segment` and no `define segment` describes.

## Why

Nobody is ever in a segment that does not exist. Only judged once the project has a segment of either kind.
Customers are put by hand only into segments of `define segment`; a calculated one is never changed by a step.

## Avoid

```scn
segment vip where sum(order.total within 365d) >= 50000

every monday at 10:00 for segment vpi
  if subscribed email
  send welcome
  limit 1 per customer within 30d
```

## Prefer

```scn
segment vip where sum(order.total within 365d) >= 50000

every monday at 10:00 for segment vip
  if subscribed email
  send welcome
  limit 1 per customer within 30d
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
from dsl.diagnostic import error
from dsl.meaning.reading import everywhere
from dsl.project import Project
from dsl.source import Source

SEVERITY = Severity.ERROR


def check(project: Project) -> Iterator[Diagnostic]:
    """Segments of conditions, schedules, events and steps."""
    static = project.vocabulary.segments
    if not project.segments and not static:
        return
    steps: list[tuple[Source, nodes.AddTo | nodes.RemoveFrom]] = [*everywhere(project, nodes.AddTo), *everywhere(project, nodes.RemoveFrom)]
    steps = [(source, step) for source, step in steps if step.kind == "segment"]
    # Without `define segment` a static segment is what steps put customers into.
    known = (*project.segments, *(static or dict.fromkeys(step.name.text for _source, step in steps)))
    written = [*names_of(project, (nodes.InSegment, "name"), (nodes.Every, "segment"))]
    written += event_names(project, "segment.entered", "segment.left")
    for source, name in written:
        if name.text not in known:
            yield unknown("unknown-segment", source, name, "segment", known, way_out="describe it with `segment` or `define segment`")
    for source, step in steps:
        if step.name.text in project.segments:
            message = f"`{step.name.text}` is calculated: no step can change who is in it"
            yield error("unknown-segment", source, step.name.span, message, "use a segment of `define segment`")
        elif static and step.name.text not in static:
            yield unknown("unknown-segment", source, step.name, "static segment", tuple(static), way_out="name it with `define segment`")
