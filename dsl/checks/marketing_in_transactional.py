"""A marketing template in a transactional scenario.

## Why

A transactional scenario needs no consent and keeps no quiet hours: advertising in it reaches people who said no, at any hour.
That is what the law forbids.

## Avoid

```scn
on order created
  transactional
  send sale by email
  limit 1 per order
```

## Prefer

```scn
on order created
  transactional
  send receipt
  limit 1 per order
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Severity
from dsl.diagnostic import error
from dsl.meaning.reading import readings
from dsl.project import Project

SEVERITY = Severity.ERROR


def check(project: Project) -> Iterator[Diagnostic]:
    """Sends to the customer of a transactional scenario whose template says nothing of being transactional."""
    for reading in readings(project):
        for send in reading.sends if reading.transactional else ():
            if send.template and send.marketing:
                name = send.node.template.text
                message = f"`{name}` is a marketing template, and this scenario is transactional"
                hint = (
                    f'take `transactional` out, or write `kind = "transactional"` in `templates/{name}/meta.toml` if it is no advertising'
                )
                yield error("marketing-in-transactional", reading.source, send.node.template.span, message, hint)
