"""A split whose shares do not add up to 100%.

## Why

Some customers would have no arm, or two.

## Avoid

```scn
on order created
  if subscribed email
  split letter {
    40% short { send welcome }
    40% long { send sale by email }
  }
  limit 1 per customer
```

## Prefer

```scn
on order created
  if subscribed email
  split letter {
    50% short { send welcome }
    50% long { send sale by email }
  }
  limit 1 per customer
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dsl import nodes
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Severity
from dsl.diagnostic import error
from dsl.meaning.reading import everywhere
from dsl.project import Project

SEVERITY = Severity.ERROR


ESSENTIAL = True


def check(project: Project) -> Iterator[Diagnostic]:
    """The sum of the arms of each split."""
    for source, split in everywhere(project, nodes.Split):
        total = round(sum(arm.share.value for arm in split.arms), 6)
        if total != 100:
            message = f"the arms of `{split.name.text}` add up to {total:g}%, not to 100%"
            left = f"; who should get nothing has an arm without steps: `{100 - total:g}% control {{ }}`" if total < 100 else ""
            yield error("split-not-whole", source, split.name.span, message, f"change the shares{left}")
