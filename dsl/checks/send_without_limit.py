"""A scenario that may write to the same customer any number of times.

## Why

Events repeat: a status is set twice, an import runs again, a schedule comes round every day.
Each time the customer would get the letter anew. For an order that comes to a status again `limit 1 per order` is enough.

## Avoid

```scn
on order.status -> "shipped"
  if subscribed email
  send review_request
```

## Prefer

```scn
on order.status -> "shipped"
  if subscribed email
  send review_request
  limit 1 per customer within 90d
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dsl import nodes
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Fix
from dsl.diagnostic import Severity
from dsl.diagnostic import warning
from dsl.meaning.reading import Reading
from dsl.meaning.reading import readings
from dsl.project import Project
from dsl.source import Span

SEVERITY = Severity.WARNING


def check(project: Project) -> Iterator[Diagnostic]:
    """Scenarios that send to the customer, are not transactional, and that neither a `limit` nor a rare schedule holds back."""
    for reading in readings(project):
        sends = [send for send in reading.sends if send.node.to is None and send.place.reached]
        if sends and not reading.transactional and reading.clause(nodes.Limit) is None and not _calendar_limits(reading):
            end = reading.node.span.end
            fix = Fix("add `limit 1 per customer`", Span(end, end), "\n  limit 1 per customer", safe=False)
            message = f"nothing limits how often a customer gets `{sends[0].node.template.text}`"
            per_order = ", `limit 1 per order`" if _same_order_again(reading) else ""
            hint = f"add `limit 1 per customer`{per_order}, or `limit 1 per customer within 30d`"
            yield warning("send-without-limit", reading.source, reading.node.name.span, message, hint, fix=fix)


def _same_order_again(reading: Reading) -> bool:
    """Whether one order may start it any number of times, and nothing else does."""
    return bool(reading.triggers) and all(event.kind.key in _OF_ORDERS for _, event in reading.triggers)


#: An order is created once; these come again for the same one.
_OF_ORDERS = frozenset({"order.changed", "order.status", "line.status"})


def _calendar_limits(reading: Reading) -> bool:
    """Whether it starts by the calendar alone, once a week or less often."""
    clauses = [clause for clause, _ in reading.triggers]
    return all(isinstance(clause, nodes.Every) and _is_rare(clause.schedule) for clause in clauses) and len(clauses) == 1


def _is_rare(schedule: nodes.Schedule) -> bool:
    return schedule.unit in {"month", "year"} or (schedule.unit == "weekday" and len(schedule.weekdays) == 1)
