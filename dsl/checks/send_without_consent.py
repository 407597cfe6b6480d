"""A marketing message without a question for consent right before it.

## Why

The engine never writes to somebody who has not subscribed: the message is skipped. But the journey then counts as an application,
uses up its limit, and goes on to its next letters. Consent given before a wait may be gone after it, so ask after the last wait.

## Avoid

```scn
on customer registered
  if subscribed email
  wait 3d
  send welcome
  limit 1 per customer
```

## Prefer

```scn
on customer registered
  wait 3d
  if subscribed email
  send welcome
  limit 1 per customer
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dsl.catalog import CHANNELS
from dsl.checks._words import gap_before
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Fix
from dsl.diagnostic import Severity
from dsl.diagnostic import warning
from dsl.meaning.reading import SendPlace
from dsl.meaning.reading import readings
from dsl.project import Project
from dsl.sends import consent_channels
from dsl.source import Span

SEVERITY = Severity.WARNING


def check(project: Project) -> Iterator[Diagnostic]:
    """Marketing sends on whose way no gate since the last wait guarantees one of their channels."""
    own = project.surroundings.channels
    known = frozenset((*CHANNELS, *(own or ())))
    for reading in readings(project):
        if reading.transactional:
            continue
        for send in reading.sends:
            channels = frozenset(send.known_channels)
            if own is not None and not channels <= known:
                continue  # a slip, and told as such
            if send.place.reached and send.marketing and channels and not _asked(send, channels, known):
                name, place = send.node.template, send.node.span.start
                question = f"if {' or '.join(f'subscribed {channel}' for channel in send.known_channels)}"
                after = " after the last wait" if any(send.place.state.waits) else ""
                message = f"`{name.text}` is sent without asking for consent{after}"
                fix = Fix(f"write `{question}` before it", Span(place, place), question + gap_before(reading.source, place), safe=False)
                yield warning("send-without-consent", reading.source, send.node.span, message, f"write `{question}` before it", fix=fix)


def _asked(send: SendPlace, channels: frozenset[str], known: frozenset[str]) -> bool:
    """A question about a channel that does not exist is a slip, and told as such."""
    questions = [consent_channels(condition) for condition in send.place.state.true]
    return any(asked and (asked <= channels or not asked <= known) for asked in questions)
