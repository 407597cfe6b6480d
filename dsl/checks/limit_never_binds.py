"""A limit that can never hold anything back.

## Why

Either another limit is always stricter, or what it counts happens at most so often anyway. The protection it seems to give is not there.

## Avoid

```scn
on order created
  if subscribed email
  send welcome
  limit 1 per order
```

## Prefer

```scn
on order created
  if subscribed email
  send welcome
  limit 1 per customer within 30d
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dsl import nodes
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Label
from dsl.diagnostic import Severity
from dsl.diagnostic import warning
from dsl.meaning.reading import Reading
from dsl.meaning.reading import readings
from dsl.project import Project

SEVERITY = Severity.WARNING


_DAY = 86_400
_PERIODS = {"day": _DAY, "week": 7 * _DAY, "month": 28 * _DAY, "year": 365 * _DAY}


def check(project: Project) -> Iterator[Diagnostic]:
    """Limits beside a stricter one with the same key, and limits on what happens once."""
    for reading in readings(project):
        limits = [*reading.clauses(nodes.Limit)]
        for limit in limits:
            earlier = [other for other in limits if other.span.start < limit.span.start]
            later = [other for other in limits if other.span.start > limit.span.start]
            stricter = next((other for other in (*earlier, *later) if _binds_first(other, limit, alike=other in earlier)), None)
            if stricter:
                label = Label(reading.source, stricter.span, "this limit is always full before")
                message = "this limit never holds anything back"
                yield warning("limit-never-binds", reading.source, limit.span, message, "take it out", labels=(label,))
            elif _once(reading, limit):
                hint = "count `per customer`: `limit 1 per customer within 30d`"
                yield warning(
                    "limit-never-binds",
                    reading.source,
                    limit.span,
                    "an order is created only once, so this never holds anything back",
                    hint,
                )
            elif _by_schedule(reading, limit):
                message = "the schedule comes round less often than this limit allows"
                yield warning("limit-never-binds", reading.source, limit.span, message, "take a longer `within`, or take the limit out")


def _binds_first(other: nodes.Limit, limit: nodes.Limit, *, alike: bool) -> bool:
    """Whether `other` is full whenever `limit` is. alike: also when they are the same, so that of two the later is told."""
    if other.key != limit.key or other.since_created != limit.since_created or other.count > limit.count:
        return False
    if other.count == limit.count and _window(other) == _window(limit):
        return alike and other.each == limit.each
    if _window(other) is None:
        return True
    if other.each or limit.each:
        return False
    mine, theirs = _window(limit), _window(other)
    return mine is not None and theirs is not None and theirs >= mine


def _window(limit: nodes.Limit) -> int | None:
    """About how long it looks back, in seconds; None: for ever."""
    if limit.each:
        return _PERIODS[limit.each]
    within = limit.within
    return within.months * 30 * _DAY + within.days * _DAY + within.seconds if within else None


def _once(reading: Reading, limit: nodes.Limit) -> bool:
    events = [event for _, event in reading.triggers]
    return (
        limit.key.text == "order"
        and not reading.transactional
        and reading.understood
        and len(events) == 1
        and events[0].kind.key == "order.created"
    )


def _by_schedule(reading: Reading, limit: nodes.Limit) -> bool:
    """A single schedule starts each customer once a round: a limit within less than a round is idle."""
    clauses = [clause for clause, _ in reading.triggers]
    if limit.key.text != "customer" or len(clauses) != 1 or not isinstance(clauses[0], nodes.Every):
        return False
    if clauses[0].schedule.field is not None:
        # Whoever moves his birthday comes round again.
        return False
    rounds = {"day": _DAY, "weekday": _DAY, "month": 28 * _DAY, "year": 365 * _DAY}
    length = rounds.get(clauses[0].schedule.unit)
    if clauses[0].schedule.unit == "weekday" and len(clauses[0].schedule.weekdays) == 1:
        length = 7 * _DAY
    window = _window(limit)
    # A rolling window of just one round still holds: the step group comes later than the start.
    return length is not None and window is not None and (window < length or (bool(limit.each) and window == length))
