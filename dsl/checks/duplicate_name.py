"""A name that is given twice.

## Why

All files under a folder are one project: which of the two is meant could not be said.

## Avoid

```scn
segment vip where customer.vip
segment vip where sum(order.total within 365d) >= 50000

every monday at 10:00 for segment vip
  if subscribed email
  send welcome
  limit 1 per customer
```

## Prefer

```scn
segment vip where customer.vip

every monday at 10:00 for segment vip
  if subscribed email
  send welcome
  limit 1 per customer
```
"""

from __future__ import annotations

from dsl.diagnostic import Severity

# Found by `project.py`, while the files are put together.
SEVERITY = Severity.ERROR
ESSENTIAL = True
