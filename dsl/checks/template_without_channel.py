"""A template has no text for a channel it is sent through.

## Why

There would be nothing to send.

## Avoid

```scn
on customer registered
  if subscribed sms
  send welcome by sms quiet 22:00-09:00
  limit 1 per customer
```

## Prefer

```scn
on customer registered
  if subscribed sms
  send sale by sms quiet 22:00-09:00
  limit 1 per customer
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dsl.catalog import CHANNELS
from dsl.catalog import written_list
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Severity
from dsl.diagnostic import error
from dsl.meaning.reading import readings
from dsl.project import Project
from dsl.source import Span

SEVERITY = Severity.ERROR


def check(project: Project) -> Iterator[Diagnostic]:
    """The channels of each send against the texts of its template."""
    for reading in readings(project):
        for send in reading.sends:
            if send.template is None or send.template.problems:
                continue
            spans: dict[str, Span] = {channel.text: channel.span for channel in send.node.channels}
            for channel in send.known_channels:
                # A channel that nobody knows is one mistake: `unknown-channel` tells it.
                if channel not in send.template.channels and channel in (*CHANNELS, *(project.surroundings.channels or ())):
                    name = send.node.template
                    has = (
                        f"it has texts for {written_list(send.template.channels, 'and')}"
                        if send.template.channels
                        else "it has no text at all"
                    )
                    message = f"the template `{name.text}` has no text for `{channel}`"
                    hint = f"{has}; a text for another channel is one more file in `templates/{name.text}`"
                    yield error("template-without-channel", reading.source, spans.get(channel, name.span), message, hint)
