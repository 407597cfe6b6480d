"""A finding is ignored without a reason.

A comment `# scn: ignore[NAME] reason` stands on the line of the finding, on the line above it, or above a whole statement.

## Why

Whoever reads the file next year must know why it was right to ignore it.

## Avoid

```scn
# scn: ignore[send-without-limit]
on customer registered
  if subscribed email
  send welcome
```

## Prefer

```scn
# scn: ignore[send-without-limit] registration happens once in our shop
on customer registered
  if subscribed email
  send welcome
```
"""

from __future__ import annotations

from dsl.diagnostic import Severity

# Found by `suppression.py`.
SEVERITY = Severity.WARNING
