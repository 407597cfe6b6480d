"""Two scenarios with the same trigger that send the same.

## Why

A customer gets the letter from both. Their limits do not know of each other.

## Avoid

```scn
scenario first
  on customer registered
  if subscribed email
  send welcome
  limit 1 per customer

scenario second
  on customer registered
  wait 1h
  if subscribed email
  send welcome
  limit 1 per customer
```

## Prefer

```scn
scenario first
  on customer registered
  if subscribed email
  send welcome
  limit 1 per customer
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dsl import nodes
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Label
from dsl.diagnostic import Severity
from dsl.diagnostic import warning
from dsl.meaning.reading import Reading
from dsl.meaning.reading import readings
from dsl.project import Project

SEVERITY = Severity.WARNING


def check(project: Project) -> Iterator[Diagnostic]:
    """Scenarios, none of them paused, with equal triggers and filters, a template in common and days in common."""
    seen: dict[tuple[tuple[str, ...], str], list[Reading]] = {}
    for reading in readings(project):
        if reading.clause(nodes.Paused) or not reading.triggers or not reading.understood:
            continue
        # Written in another order they are the same triggers.
        starts = tuple(sorted(repr(clause) for clause, _ in reading.triggers))
        keys = [(starts, template) for template in sorted(_templates(reading))]
        pairs = ((key[1], earlier) for key in keys for earlier in seen.get(key, ()) if _together(earlier, reading))
        twin = next(pairs, None)
        if twin is not None:
            template, earlier = twin
            label = Label(earlier.source, earlier.node.name.span, "the other scenario")
            message = f"`{reading.name}` starts by the same event as `{earlier.name}`, and both send `{template}`"
            hint = "keep one of them, or tell them apart with `where`"
            yield warning("duplicate-scenario", reading.source, reading.node.name.span, message, hint, labels=(label,))
        for key in keys:
            seen.setdefault(key, []).append(reading)


def _templates(reading: Reading) -> set[str]:
    return {send.node.template.text for send in reading.sends if send.node.to is None}


def _together(one: Reading, other: Reading) -> bool:
    """Whether there is a day when both are active."""
    ours, theirs = one.clause(nodes.Active), other.clause(nodes.Active)
    return ours is None or theirs is None or (ours.first <= theirs.last and theirs.first <= ours.last)
