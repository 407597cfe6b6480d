"""A comment ignores a finding that is not there.

Found by `dsl/suppression.py`. What keeps a scenario from running at all cannot be ignored.

## Why

The finding was mended, or the name is misspelt. Left standing it would hide the next one.

## Avoid

```scn
# scn: ignore[send-without-limit] registration happens once in our shop
on customer registered
  if subscribed email
  send welcome
  limit 1 per customer
```

## Prefer

```scn
on customer registered
  if subscribed email
  send welcome
  limit 1 per customer
```
"""

from __future__ import annotations

from dsl.diagnostic import Severity

SEVERITY = Severity.WARNING
