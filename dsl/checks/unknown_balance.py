"""A points balance outside `define balance`.

## Why

A balance that does not exist is always empty. Only judged once the project has a `define balance`.

## Avoid

```scn
define balance "bonus"

on customer registered
  award 100 to balance "bonsu"
  if balance "bonus" >= 100
  if subscribed email
  send welcome
  limit 1 per customer
```

## Prefer

```scn
define balance "bonus"

on customer registered
  award 100 to balance "bonus"
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
    """Balances of conditions, steps, events and tests."""
    known = project.vocabulary.balances
    if not known:
        return
    written = [*names_of(project, (nodes.BalanceOf, "account"), (nodes.Award, "account"), (nodes.Deduct, "account"))]
    written += names_of(project, (nodes.ExpectAward, "account"), (nodes.ExpectDeduct, "account"))
    written += event_names(project, "balance.negative", "balance.available", "balance.changed")
    for source, name in written:
        if name.text not in known:
            yield unknown("unknown-balance", source, name, "balance", known, way_out="name it with `define balance`")
