"""A scenario that may pay a customer the same points twice.

## Why

What points are paid for often happens again: an e-mail address is confirmed once more, two records of a customer become one,
an order gets its status a second time. Each time the points are paid anew, and they are money.
A promo code that is issued each time an address is confirmed is no different.

## Avoid

```scn
on customer.email confirmed
  award 100 to balance "bonus" expires in 30d
```

## Prefer

```scn
on customer.email confirmed
  award 100 to balance "bonus" expires in 30d
  limit 1 per customer
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

#: What a customer does once in his life, and what may be told more often; by the event, and what of it the limit counts.
_ONCE = {
    "customer.created": "customer",
    "customer.registered": "customer",
    "customer.merged": "customer",
    "email.confirmed": "customer",
    "phone.confirmed": "customer",
    "order.created": "order",
    "order.changed": "order",
    "order.status": "order",
    "line.status": "line",
    "product.bought": "line",
}
#: These a customer may repeat as often as he likes; for them a promo code is told too. Others seldom come without a letter and its limit.
_CONFIRMED = frozenset({"email.confirmed", "phone.confirmed"})
#: A limit by one of these counts what is narrower as well.
_WIDER = {"customer": ("customer",), "order": ("order", "customer"), "line": ("line", "order", "customer")}


def check(project: Project) -> Iterator[Diagnostic]:
    """Awards in scenarios whose trigger may come again for the same reason, and that no limit for that reason holds back."""
    for reading in readings(project):
        given = [place.node for place in reading.places if place.reached and isinstance(place.node, (nodes.Award, nodes.IssuePromo))]
        award = next((step for step in given if isinstance(step, nodes.Award)), None)
        for clause, event in reading.triggers:
            per = _ONCE.get(event.kind.key)
            if per is None or any(limit.key.text in _WIDER[per] or "." in limit.key.text for limit in reading.clauses(nodes.Limit)):
                continue
            step = award or (given[0] if given and event.kind.key in _CONFIRMED and not _told_elsewhere(reading) else None)
            if step is None:
                continue
            end = reading.node.span.end
            fix = Fix(f"add `limit 1 per {per}`", Span(end, end), f"\n  limit 1 per {per}", safe=False)
            message = f"`{reading.scope.quote(clause)}` may come again, and {'pays the points' if award else 'gives a promo code'} again"
            yield warning("points-paid-twice", reading.source, step.span, message, f"add `limit 1 per {per}`", fix=fix)
            break


def _told_elsewhere(reading: Reading) -> bool:
    """Whether it writes to the customer without any limit: `send-without-limit` says so."""
    return reading.clause(nodes.Limit) is None and any(send.node.to is None for send in reading.sends)
