"""A template offers products and does not say what stands there when there is nothing to offer.

## Why

An offer can be empty: nobody bought anything with it yet, nothing of it is left in the customer's zone, he has it all.
The letter goes all the same, with a headline and nothing under it.
Write `{% else %}` before `{% endfor %}`, or ask before: `{% if customer.recommendations.popular %}`.

## Avoid

```scn
on order.status -> category delivered
  wait 3d
  if subscribed email
  send goes_with_it
  limit 1 per customer within 60d
```

## Prefer

```scn
on order.status -> category delivered
  wait 3d
  if subscribed email
  send goes_with_it_or_popular
  limit 1 per customer within 60d
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
    """The offers of each template that is sent (`domain.md` M-5)."""
    for reading in readings(project):
        for send in reading.sends:
            told: set[str] = set()
            for channel in (send.known_channels or send.template.channels) if send.template else ():
                assert send.template
                for use in send.template.offers.get(channel, ()):
                    if not use.empty_case and use.written not in told:
                        told.add(use.written)
                        name = send.node.template
                        message = f"the template `{name.text}` does not say what stands there when `{use.written}` is empty ({use.place})"
                        hint = "write `{% else %}` and what stands there then before its `{% endfor %}`"
                        yield warning("offer-without-empty-case", reading.source, name.span, message, hint)
