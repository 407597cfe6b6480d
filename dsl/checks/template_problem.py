"""A template that cannot be read.

## Why

Every journey that sends it would fail.

## Avoid

```scn
on customer registered
  if subscribed email
  send broken
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

from collections.abc import Iterator

from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Severity
from dsl.diagnostic import error
from dsl.meaning.reading import readings
from dsl.project import Project

SEVERITY = Severity.ERROR


def check(project: Project) -> Iterator[Diagnostic]:
    """What the reader of the templates said about those that are sent."""
    for reading in readings(project):
        for send in reading.sends:
            for problem in send.template.problems if send.template else ():
                name = send.node.template
                hint = f"mend it in the folder `templates/{name.text}`"
                yield error("template-problem", reading.source, name.span, f"the template `{name.text}` cannot be used: {problem}", hint)
