"""A text that is no statement of the language.

## Why

Each statement is read alone: at most one such finding for each, and none is caused by another statement.
Line breaks mean nothing inside a statement; a statement starts in column 0, its other lines are indented or inside `{ }`.

## Avoid

```scn
on order created
  wait 2 days
  if subscribed email
  send welcome
```

## Prefer

```scn
on order created
  wait 2d
  if subscribed email
  send welcome
  limit 1 per customer
```
"""

from __future__ import annotations

from dsl.diagnostic import Severity

# Found by the parser.
SEVERITY = Severity.ERROR
ESSENTIAL = True
