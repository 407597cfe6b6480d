"""A reason of a test that the engine never gives.

## Why

Such an expectation could never come true.

## Avoid

```scn
scenario hello
  on customer registered
  if subscribed email
  send welcome
  limit 1 per customer

test "says nothing to strangers" {
  2026-03-01 10:00  customer ann { email: "ann@example.com" }
  expect ann stopped in hello because conditon
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
from dsl.catalog import JOURNEY_ERRORS
from dsl.catalog import JOURNEY_REASONS
from dsl.catalog import SKIP_REASONS
from dsl.checks._words import names_of
from dsl.checks._words import unknown
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Severity
from dsl.project import Project

SEVERITY = Severity.ERROR


def check(project: Project) -> Iterator[Diagnostic]:
    """Reasons of `expect skip` and `expect … stopped`: the closed lists of the engine."""
    stops = (*JOURNEY_REASONS, *JOURNEY_ERRORS)
    for kind, known in ((nodes.ExpectSkip, tuple(SKIP_REASONS)), (nodes.ExpectStopped, stops)):
        for source, name in names_of(project, (kind, "reason")):
            if name.text not in known:
                yield unknown("unknown-reason", source, name, "reason", known)
