"""Segments that ask for each other.

## Why

Who is in one would depend on who is in the other, and that again on the first: there is no answer that stays.

## Avoid

```scn
segment regulars where in segment fans or count(orders) > 5
segment fans where in segment regulars and customer.city = "Kazan"

on segment fans entered
  if subscribed email
  send welcome
  limit 1 per customer
```

## Prefer

```scn
segment regulars where count(orders) > 5
segment fans where in segment regulars and customer.city = "Kazan"

on segment fans entered
  if subscribed email
  send welcome
  limit 1 per customer
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dsl import nodes
from dsl.catalog import written_list
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Severity
from dsl.diagnostic import error
from dsl.project import Project
from dsl.walk import find

SEVERITY = Severity.ERROR
ESSENTIAL = True


def check(project: Project) -> Iterator[Diagnostic]:
    """Each circle once, at the segment that stands first."""
    asked = {name: [one.name.text for one in find(placed.node.where, nodes.InSegment)] for name, placed in project.segments.items()}
    told: set[str] = set()
    for name, placed in project.segments.items():
        circle = _circle(name, asked)
        if circle and not told & set(circle):
            told |= set(circle)
            others = written_list(circle, "and")
            message = f"the segment `{name}` asks for itself" if len(circle) == 1 else f"the segments {others} ask for each other"
            yield error(
                "segment-cycle", placed.source, placed.node.name.span, message, "let one of them say what it means without the other"
            )


def _circle(start: str, asked: dict[str, list[str]]) -> list[str]:
    """The shortest way from a segment back to itself; empty: there is none."""
    ways = [[start]]
    seen: set[str] = set()
    for way in ways:
        for name in asked.get(way[-1], ()):
            if name == start:
                return way
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []
