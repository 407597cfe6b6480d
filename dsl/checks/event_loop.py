"""A scenario that starts itself again, directly or through others, without end.

## Why

A step like `set`, `award`, `add to` or `send` is a fact too, and facts start scenarios. It may also move the customer into a segment
whose `where` looks at what the step writes, or out of it, and that starts scenarios too.
Round and round the customer gets the letter or the points again, until the engine ends the journey as a cycle.
A limit, or a condition that the step itself makes false, ends the round.

## Avoid

```scn
scenario thank_you
  on customer.level changed
  set customer.visits customer.visits + 1  # scn: ignore[set-without-writeback] kept in scn alone

scenario count_up
  on customer.visits changed
  set customer.level customer.visits + 1  # scn: ignore[set-without-writeback] kept in scn alone
```

## Prefer

```scn
scenario thank_you
  on customer.level changed
  set customer.visits customer.visits + 1  # scn: ignore[set-without-writeback] kept in scn alone
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dsl import nodes
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Label
from dsl.diagnostic import Severity
from dsl.diagnostic import error
from dsl.meaning.effects import Effect
from dsl.meaning.effects import effects
from dsl.meaning.effects import starts
from dsl.meaning.effects import written
from dsl.meaning.logic import truth
from dsl.meaning.moves import ENTERED
from dsl.meaning.moves import LEFT
from dsl.meaning.moves import moves
from dsl.meaning.reading import Reading
from dsl.meaning.reading import readings
from dsl.project import Project

SEVERITY = Severity.ERROR


#: Events that need a real change: writing the same value again does not fire them.
_CHANGES = frozenset(
    {"order.status", "line.status", "product.bought", "customer.changed", "customer.field", "email.changed", "phone.changed"}
)
_STATUSES = frozenset({"order.status", "line.status", "product.bought"})
#: Events that come again only after their opposite.
_OPPOSITES = {ENTERED: LEFT, LEFT: ENTERED, "list.added": "list.removed"}
#: A longer way round is not looked for.
_LONGEST = 6


def check(project: Project) -> Iterator[Diagnostic]:
    """Circles of effects, each starting the scenario of the next, that no limit, filter or unchanged value ends."""
    moved = moves(project)
    own = {id(reading): [*effects(reading, moved, project.vocabulary.segments)] for reading in readings(project)}
    every = [effect for found in own.values() for effect in found]
    targets: dict[str, list[Reading]] = {}
    for reading in readings(project):
        if own[id(reading)]:
            for key in dict.fromkeys(event.kind.key for _, event in reading.triggers):
                targets.setdefault(key, []).append(reading)
    follow = {id(effect): [*_next(effect, targets, own, project)] for effect in every}
    told: set[frozenset[int]] = set()
    for effect in every:
        circle = _circle(effect, follow, own)
        if circle and (round_ := frozenset(id(one.step) for one in circle)) not in told:
            told.add(round_)
            yield _finding(circle)


def _next(
    effect: Effect, targets: dict[str, list[Reading]], own: dict[int, list[Effect]], project: Project
) -> Iterator[tuple[str, Effect]]:
    """The effects of the scenarios that an effect starts, each with the event that started it."""
    known = written(effect)
    for target in {id(reading): reading for key in effect.keys for reading in targets.get(key, ())}.values():
        event = starts(effect, target, project.vocabulary)
        for after in own[id(target)] if event else ():
            if event and not _limited(after) and not _refuses(after, known):
                yield event.kind.key, after


def _limited(effect: Effect) -> bool:
    """Whether a limit ends the round: one without a window always does, one with a window unless waits may outlast it."""
    at_once = effect.state.waits == (None,)
    return any(
        "." not in limit.key.text and (at_once or (limit.within is None and limit.each is None))
        for limit in effect.reading.clauses(nodes.Limit)
    )


def _refuses(effect: Effect, known: tuple[nodes.Expression, ...]) -> bool:
    """Whether what was written before keeps a journey from coming to this step."""
    return any(truth(gate, known) is False for gate in _asked(effect)) or any(truth(gate, known) is True for gate in effect.state.false)


def _asked(effect: Effect) -> list[nodes.Expression]:
    """What a journey must have found true on its way to a step, from its trigger on."""
    wheres = [clause.where for clause, _ in effect.reading.triggers if clause.where]
    return [*effect.state.gates, *(wheres if len(effect.reading.triggers) == 1 else ())]


def _circle(first: Effect, follow: dict[int, list[tuple[str, Effect]]], own: dict[int, list[Effect]]) -> list[Effect] | None:
    """The shortest way from an effect back to itself on which every step is a real change."""
    ways: list[tuple[list[Effect], list[str]]] = [([first], [])]
    seen = {id(first)}
    while ways:
        way, keys = ways.pop(0)
        for key, after in follow[id(way[-1])]:
            if after is first and _goes_on(way, [*keys, key], own):
                return way
            if id(after) not in seen and len(way) < _LONGEST:
                seen.add(id(after))
                ways.append(([*way, after], [*keys, key]))
    return None


def _goes_on(way: list[Effect], keys: list[str], own: dict[int, list[Effect]]) -> bool:
    """Whether the next round is like this one: a value written again changes nothing, unless another step wrote something else.

    A status that a step works out is no different: the journey came because it has the right one already. Nobody enters a segment,
    and nothing is put into a list, a second time unless some step of the round takes it out again.
    """
    round_ = [effect for reading in {id(effect.reading) for effect in way} for effect in own[reading]]
    for effect, key in zip(way, keys, strict=True):
        if key in _CHANGES and (effect.value is not None or key in _STATUSES):
            others = [other for other in way if other is not effect and other.field == effect.field]
            if not any(other.value is None or other.value != effect.value for other in others):
                return False
        if key in _OPPOSITES and not any(_undoes(other, effect, _OPPOSITES[key]) for other in round_):
            return False
    return True


def _undoes(other: Effect, effect: Effect, key: str) -> bool:
    """Whether another step takes out what this one put in. Two of a kind never do, but two values of a field may."""
    if other.step is effect.step or other.name != effect.name or key not in other.keys:
        return False
    if isinstance(effect.step, nodes.Set) and isinstance(other.step, nodes.Set):
        return effect.field != other.field or effect.value is None or effect.value != other.value
    return type(other.step) is not type(effect.step) or isinstance(effect.step, nodes.AddTo)


def _finding(circle: list[Effect]) -> Diagnostic:
    first, *rest = circle
    names = list(dict.fromkeys(f"`{effect.reading.name}`" for effect in circle))
    through = f", through {' and '.join(names[1:])}" if len(names) > 1 else ""
    labels = tuple(Label(effect.reading.source, effect.step.span, "and this step starts the next") for effect in rest)
    message = f"this step starts {names[0]} again{through}, without end"
    hint = "add `limit 1 per customer`, or a `where` that the step makes false"
    return error("event-loop", first.reading.source, first.step.span, message, hint, labels=labels)
