"""A pool of promo codes outside `define promo`.

## Why

A pool that does not exist is always empty, and the letter would not go. Only judged once the project has a `define promo`.

## Avoid

```scn
define promo "NEXT10" one_time valid 30d generate "NEXT-########"

on promo "NEXT10" redeemed
  issue promo "NEX10"
  if subscribed email
  send welcome
  limit 1 per customer
```

## Prefer

```scn
define promo "NEXT10" one_time valid 30d generate "NEXT-########"

on customer registered
  issue promo "NEXT10"
  if subscribed email
  send welcome
  limit 1 per customer
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
from dsl.project import Project

SEVERITY = Severity.ERROR


def check(project: Project) -> Iterator[Diagnostic]:
    """Pools of steps, events and tests."""
    known = project.vocabulary.promos
    if not known:
        return
    written = [*names_of(project, (nodes.IssuePromo, "pool"), (nodes.ExpectIssue, "pool"))]
    written += event_names(project, "promo.issued", "promo.redeemed", "promo.referred")
    for source, name in written:
        if name.text not in known:
            yield unknown("unknown-promo", source, name, "promo pool", tuple(known), way_out="name it with `define promo`")
