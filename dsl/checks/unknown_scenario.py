"""A scenario, split or arm of a test that does not exist.

## Why

A test about something that does not exist tests nothing.

## Avoid

```scn
scenario hello
  on customer registered
  if subscribed email
  send welcome
  limit 1 per customer

test "says nothing to strangers" {
  2026-03-01 10:00  customer ann { email: "ann@example.com" }
  expect ann stopped in helo because condition
}
```

## Prefer

```scn
scenario hello
  on customer registered
  if subscribed email
  send welcome
  limit 1 per customer

test "says nothing to strangers" {
  2026-03-01 10:00  customer ann { email: "ann@example.com" }
  expect ann stopped in hello because condition
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dsl import nodes
from dsl.checks._words import names_of
from dsl.checks._words import unknown
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Severity
from dsl.meaning.reading import everywhere
from dsl.project import Project

SEVERITY = Severity.ERROR


def check(project: Project) -> Iterator[Diagnostic]:
    """Scenarios, splits and arms named in tests."""
    known = tuple(project.scenarios)
    written = names_of(project, (nodes.ExpectStopped, "scenario"), (nodes.ExpectGoal, "scenario"), (nodes.FixHoldout, "scenario"))
    for source, name in written:
        if name.text not in known:
            yield unknown("unknown-scenario", source, name, "scenario", known)
    splits: dict[str, set[str]] = {}
    for _source, split in everywhere(project, nodes.Split):
        splits.setdefault(split.name.text, set()).update(arm.name.text for arm in split.arms)
    for source, line in everywhere(project, nodes.FixArm):
        if line.split.text not in splits:
            yield unknown("unknown-scenario", source, line.split, "split", tuple(splits))
        elif line.arm.text not in splits[line.split.text]:
            yield unknown("unknown-scenario", source, line.arm, "arm", splits[line.split.text])
