"""A marketing e-mail without a link to unsubscribe.

## Why

The law asks for one in the letter itself. The headers that scn adds help only in programs that show them.

## Avoid

```scn
on customer registered
  if subscribed email
  send plain
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
from dsl.diagnostic import warning
from dsl.meaning.reading import readings
from dsl.project import Project

SEVERITY = Severity.WARNING


def check(project: Project) -> Iterator[Diagnostic]:
    """Marketing templates sent by e-mail that do not use `unsubscribe_url`."""
    for reading in readings(project):
        for send in reading.sends:
            template = send.template
            if template is None or template.has_unsubscribe or template.problems or "email" not in template.channels:
                continue
            if send.marketing and "email" in send.known_channels:
                message = f"the e-mail `{send.node.template.text}` has no link to unsubscribe"
                hint = "put `{{ unsubscribe_url }}` into the e-mail texts of the template"
                yield warning("email-without-unsubscribe", reading.source, send.node.template.span, message, hint)
