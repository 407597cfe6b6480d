"""A comment ignores a finding that is not there.

What keeps a scenario from running at all cannot be ignored.

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

# Found by `suppression.py`.
SEVERITY = Severity.WARNING
