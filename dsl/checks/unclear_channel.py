"""A send that does not say through which channel it goes.

## Why

Without `by` a message goes through the channel whose consent was asked for on the way, if it is one;
else through the only channel of the template.
Here neither decides.

## Avoid

```scn
on order created
  transactional
  send notice
  limit 1 per order
```

## Prefer

```scn
on order created
  transactional
  send notice by email
  limit 1 per order
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dsl.catalog import Problem
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Severity
from dsl.diagnostic import error
from dsl.meaning.reading import readings
from dsl.project import Project

SEVERITY = Severity.ERROR
ESSENTIAL = True


def check(project: Project) -> Iterator[Diagnostic]:
    """Sends whose channel `sends.channels_of` cannot tell."""
    for reading in readings(project):
        for send in reading.sends:
            if isinstance(send.channels, Problem) and not (send.template and send.template.problems):
                yield error("unclear-channel", reading.source, send.channels.span, send.channels.message, send.channels.hint)
