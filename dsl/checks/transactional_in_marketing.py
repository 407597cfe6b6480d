"""A transactional template in an ordinary scenario.

## Why

It is treated as marketing there: it waits for quiet hours, counts for caps and needs consent.
A customer who did not subscribe would never see his receipt.

## Avoid

```scn
on order.status -> "paid"
  if subscribed email
  send receipt
  limit 1 per order
```

## Prefer

```scn
on order.status -> "paid"
  transactional
  send receipt
  limit 1 per order
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Severity
from dsl.diagnostic import warning
from dsl.meaning.reading import readings
from dsl.project import Project

SEVERITY = Severity.WARNING


def check(project: Project) -> Iterator[Diagnostic]:
    """Sends to the customer of an ordinary scenario whose template is transactional."""
    for reading in readings(project):
        for send in reading.sends if not reading.transactional else ():
            if send.template and send.node.to is None and send.template.kind == "transactional":
                message = f"`{send.node.template.text}` is a transactional template, here it is treated as marketing"
                hint = "add `transactional` to the scenario, or send a marketing template"
                yield warning("transactional-in-marketing", reading.source, send.node.template.span, message, hint)
