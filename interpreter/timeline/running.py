"""A test runs: the clock jumps from one thing to the next, on the grid of production (`engine.md` §1)."""

from __future__ import annotations

from typing import TypeVar

from dsl import nodes
from interpreter.facts import Fact
from interpreter.rehearsal import Rehearsal
from interpreter.rehearsal import Stage
from interpreter.timeline.happened import Story
from interpreter.timeline.happened import story
from interpreter.timeline.lines import Given
from interpreter.timeline.lines import Timeline

L = TypeVar("L", bound=nodes.Line)

DAY = 86_400

#: How long after the last line the clock goes on while somebody still waits, and in how many ticks at most: scenarios may set each
#: other off for ever.
AFTERWARDS = 400 * DAY
TICKS = 2_000


def play(timeline: Timeline, stage: Stage, *, afterwards: bool) -> Story:
    """Runs a test without mistakes to its last line with a time.

    `afterwards`: whoever is on the way then goes on until nothing is due any more; `every` starts nobody in that time.
    """
    stage.rules.fixed_arms = {(line.split.text, line.customer.text): line.arm.text for line in _given(timeline, nodes.FixArm)}
    stage.rules.fixed_holdouts = {(line.scenario.text, line.customer.text): True for line in _given(timeline, nodes.FixHoldout)}
    rehearsal = stage.rehearsal(keep_letters=True)
    try:
        _before(timeline, stage, rehearsal)
        _during(timeline, rehearsal)
        if afterwards:
            _afterwards(timeline, rehearsal)
        return story(rehearsal, sorted(_names(timeline)))
    finally:
        rehearsal.store.close()


def _given(timeline: Timeline, kind: type[L]) -> list[L]:
    return [given.line for given in timeline.given if isinstance(given.line, kind)]


def _facts(given: list[Given]) -> list[Fact]:
    return [one.fact for one in given if one.fact is not None]


def _before(timeline: Timeline, stage: Stage, rehearsal: Rehearsal) -> None:
    facts = _facts([given for given in timeline.given if given.at is None])
    if facts:
        rehearsal.store.facts.add(facts)
        rehearsal.engine_of(stage.nobody).tick(facts[0].received)


def _during(timeline: Timeline, rehearsal: Rehearsal) -> None:
    engine = rehearsal.engine
    engine.tick(timeline.launch)
    rehearsal.store.facts.add(_facts([given for given in timeline.given if given.at is not None]))
    now = engine.next_tick(timeline.launch)
    while now is not None and now <= timeline.last:
        engine.tick(now)
        now = engine.next_tick(now)


def _afterwards(timeline: Timeline, rehearsal: Rehearsal) -> None:
    engine = rehearsal.engine
    engine.passes = False
    now = engine.next_tick(timeline.last)
    for _ in range(TICKS):
        if now is None or now > timeline.last + AFTERWARDS:
            return
        engine.tick(now)
        now = engine.next_tick(now)


def _names(timeline: Timeline) -> set[str]:
    named = (getattr(expected.line, "customer", None) for expected in timeline.expected)
    return {name.text for name in named if name is not None}
