"""A topic outside `define topic`.

## Why

Nobody is subscribed to a topic that does not exist. Only judged once the project has a `define topic`.

## Avoid

```scn
define topic "weekly"

on customer registered
  if subscribed email to "weekyl"
  send digest
  limit 1 per customer
```

## Prefer

```scn
define topic "weekly"

on customer registered
  if subscribed email to "weekly"
  send digest
  limit 1 per customer
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dsl import nodes
from dsl.checks._words import names_of
from dsl.checks._words import unknown
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Severity
from dsl.diagnostic import error
from dsl.meaning.reading import readings
from dsl.project import Project

SEVERITY = Severity.ERROR


def check(project: Project) -> Iterator[Diagnostic]:
    """Topics of consent and of subscription events, and of the templates that are sent."""
    known = project.vocabulary.topics
    if not known:
        return
    for source, name in names_of(project, (nodes.Subscribed, "topic"), (nodes.Event, "topic")):
        if name.text not in known:
            yield unknown("unknown-topic", source, name, "topic", known, way_out="name it with `define topic`")
    for reading in readings(project):
        for send in reading.sends:
            topic = send.template.topic if send.template else None
            if topic and topic not in known:
                span = send.node.template.span
                message = f"the template `{send.node.template.text}` has the unknown topic `{topic}`"
                yield error("unknown-topic", reading.source, span, message, "name it with `define topic`, or change `meta.toml`")
