"""Two scenarios that move the same order on from the same status, each to another one.

## Why

Both are started by the order that gets the status, and each sets its own. The later one wins, whatever the first one meant; what hears of
the first status (a letter, the warehouse) goes ahead with it all the same. Often both were meant as a letter: then `send` is the step,
and the status stays.

## Avoid

```scn
scenario ask_for_review
  on order.status -> "shipped"
  wait 7d
  set order.status "review wanted"
  limit 1 per order

scenario close
  on order.status -> "shipped"
  wait 14d
  set order.status "closed"
  limit 1 per order
```

## Prefer

```scn
scenario ask_for_review
  on order.status -> "shipped"
  wait 7d
  set order.status "review wanted"
  limit 1 per order

scenario close
  on order.status -> "review wanted"
  wait 7d
  set order.status "closed"
  limit 1 per order
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dsl import nodes
from dsl.catalog import ResolvedEvent
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Label
from dsl.diagnostic import Severity
from dsl.diagnostic import warning
from dsl.forms import Form
from dsl.meaning.flow import State
from dsl.meaning.logic import truth
from dsl.meaning.reading import Reading
from dsl.meaning.reading import readings
from dsl.meaning.scopes import written_event
from dsl.project import Project

SEVERITY = Severity.WARNING


class _Move(metaclass=Form):
    """A `set order.status`, with what starts its scenario."""

    reading: Reading
    clause: nodes.On
    event: ResolvedEvent
    step: nodes.Set
    state: State


def check(project: Project) -> Iterator[Diagnostic]:
    """Each scenario whose `set` meets that of one before it; once for each."""
    seen: dict[str, list[_Move]] = {}
    for reading in readings(project):
        if reading.clause(nodes.Paused):
            continue
        own = [*_moves(reading)]
        pairs = (
            (move, earlier) for move in own for word in _words(move, project) for earlier in seen.get(word, ()) if _meet(earlier, move)
        )
        pair = next(pairs, None)
        if pair is not None:
            move, earlier = pair
            event = written_event(reading.source, move.clause.event)
            label = Label(earlier.reading.source, earlier.step.span, "the other step")
            message = f"by `{event}` this step and one of `{earlier.reading.name}` set the status of the same order: the later one wins"
            hint = f"let one follow the other, `on order.status -> {_value(earlier)}`, or use `send` in one of them"
            yield warning("status-set-twice", reading.source, move.step.span, message, hint, labels=(label,))
        for move in own:
            for word in _words(move, project):
                seen.setdefault(word, []).append(move)


def _moves(reading: Reading) -> Iterator[_Move]:
    steps = [(place.node, place.state) for place in reading.places if place.reached and isinstance(place.node, nodes.Set)]
    for clause, event in reading.triggers:
        if isinstance(clause, nodes.On) and event.kind.key in {"order.status", "line.status"}:
            yield from (_Move(reading, clause, event, step, state) for step, state in steps if step.field.path == ("order", "status"))


def _words(move: _Move, project: Project) -> list[str]:
    """The statuses it starts by."""
    category = move.event.category
    if category is None:
        return [*move.event.to]
    return [category, *(status for status, its in project.vocabulary.categories.items() if its == category)]


def _meet(one: _Move, other: _Move) -> bool:
    """Whether an order may come to both: nothing they ask for excludes the other."""
    if one.step.value == other.step.value or (one.event.from_ and other.event.from_ and not {*one.event.from_} & {*other.event.from_}):
        return False
    ours, theirs = _asked(one), _asked(other)
    if any(truth(condition, ours) is False for condition in theirs) or any(truth(condition, theirs) is False for condition in ours):
        return False
    mine, yours = one.reading.clause(nodes.Active), other.reading.clause(nodes.Active)
    return mine is None or yours is None or (mine.first <= yours.last and yours.first <= mine.last)


def _asked(move: _Move) -> tuple[nodes.Expression, ...]:
    """The filter in its parts, and the gates on the way."""
    where = move.clause.where
    parts = () if where is None else where.parts if isinstance(where, nodes.And) else (where,)
    return (*parts, *move.state.gates)


def _value(move: _Move) -> str:
    """The status that is set, as written."""
    span = move.step.value.span
    return move.reading.source.text[span.start : span.end] if isinstance(move.step.value, nodes.Literal) else '"…"'
