"""A field that does not exist, or is one letter away from one that does.

## Why

Missing data make a comparison false, so a misspelt field is a condition that is never true.
Customers, orders, lines, actions, cards and products may have fields of your own: any name that is not a slip of a standard one.
For a name that is close to a standard one, write `define field`.

## Avoid

```scn
on order created where order.totl > 1000
  if subscribed email
  send welcome
  limit 1 per customer
```

## Prefer

```scn
on order created where order.total > 1000 and order.payment = "card"
  if subscribed email
  send welcome
  limit 1 per customer
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dsl.catalog import ResolvedEvent
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Fix
from dsl.diagnostic import Severity
from dsl.diagnostic import error
from dsl.meaning.fields import near_field
from dsl.meaning.fields import step
from dsl.meaning.reading import readings
from dsl.meaning.scopes import Scope
from dsl.meaning.typed import mistakes_of_type
from dsl.project import Project
from dsl.source import Span

SEVERITY = Severity.ERROR
ESSENTIAL = True


def check(project: Project) -> Iterator[Diagnostic]:
    """Found while typing the expressions; and the fields that an event waits for."""
    yield from (mistake for mistake in mistakes_of_type(project) if mistake.check == "unknown-field")
    for reading in readings(project):
        for event, found in reading.events:
            if isinstance(found, ResolvedEvent) and found.fields:
                for subject in event.subjects:
                    entity, _, name = subject.text.partition(".")
                    scope = Scope(reading.source, project.vocabulary, {entity: entity}, {})
                    near = near_field(entity, name, scope) if step(entity, name, scope) is None else None
                    if near:
                        hint = f"did you mean `{near}`? For a field of your own write `define field {entity}.{name} text`"
                        span = Span(subject.span.end - len(name), subject.span.end)
                        fix = Fix(f"write `{near}`", span, near)
                        yield error("unknown-field", reading.source, span, f"unknown field `{name}` of `{entity}`", hint, fix=fix)
