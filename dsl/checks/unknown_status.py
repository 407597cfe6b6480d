"""A status outside `define status` or `define category`.

## Why

An order never comes into a status that the shop does not have: the scenario would wait for ever.
Only judged once the project has a `define status`.

## Avoid

```scn
define status order "new", "paid", "shipped"

on order.status -> "shiped"
  if subscribed email
  send review_request
  limit 1 per order
```

## Prefer

```scn
define status order "new", "paid", "shipped"

on order.status -> "shipped"
  if subscribed email
  send review_request
  limit 1 per order
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dsl import nodes
from dsl.catalog import ResolvedEvent
from dsl.checks._words import unknown
from dsl.checks._words import unknown_at
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Severity
from dsl.meaning.reading import everywhere
from dsl.meaning.reading import readings
from dsl.project import Project
from dsl.source import Source
from dsl.source import Span

SEVERITY = Severity.ERROR
_WAY_OUT = "add it to `define status order`"
#: In the facts of a test; what stands in their braces has no place of its own in the tree.
_STATUS = re.compile(r'\bstatus"?\s*:\s*("(?P<quoted>[^"\\\n]+)"|(?P<word>[^\W\d]\w*))')


def check(project: Project) -> Iterator[Diagnostic]:
    """Statuses of orders and lines in triggers, comparisons, `set`, `define category` and the facts of tests."""
    known = project.vocabulary.statuses
    if not known:
        return
    for source, name in _written(project):
        if name.text not in known:
            yield unknown("unknown-status", source, name, "status", known, way_out=_WAY_OUT)
    for source, field, value in _compared(project):
        if _is_status(field) and isinstance(value, nodes.Literal) and isinstance(value.value, str) and value.value not in known:
            yield unknown_at("unknown-status", source, value.span, ("status", value.value), known, way_out=_WAY_OUT)
    for source, fact in everywhere(project, nodes.FactLine):
        if fact.operation.text.partition(".")[0] == "order":
            for written in _STATUS.finditer(source.text, fact.span.start, fact.span.end):
                status = written["quoted"] or written["word"]
                if status not in known:
                    yield unknown_at("unknown-status", source, Span(*written.span(1)), ("status", status), known, way_out=_WAY_OUT)


def _written(project: Project) -> Iterator[tuple[Source, nodes.Name]]:
    for reading in readings(project):
        for event, resolved in reading.events:
            if isinstance(resolved, ResolvedEvent) and resolved.kind.key in ("order.status", "line.status"):
                before = event.words[0] if event.words else ()
                yield from ((reading.source, name) for name in (*before, *event.values))
    for source, define in everywhere(project, nodes.DefineCategory):
        yield from ((source, name) for name in define.statuses)


def _compared(project: Project) -> Iterator[tuple[Source, nodes.Expression, nodes.Expression]]:
    for source, compare in everywhere(project, nodes.Compare):
        yield source, compare.left, compare.right
        yield source, compare.right, compare.left
    for source, one_of in everywhere(project, nodes.OneOf):
        yield from ((source, one_of.operand, choice) for choice in one_of.choices)
    for source, step in everywhere(project, nodes.Set):
        yield source, step.field, step.value


def _is_status(field: nodes.Expression) -> bool:
    return isinstance(field, nodes.Field) and field.path[-2:] in (("order", "status"), ("line", "status"))
