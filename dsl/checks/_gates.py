"""For the checks of logic: each condition that decides about a journey, and what is known before it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from dsl import nodes
from dsl.forms import Form
from dsl.meaning.logic import truth
from dsl.meaning.reading import Reading
from dsl.meaning.reading import readings
from dsl.project import Project
from dsl.source import Source


class GateFound(metaclass=Form):
    """A gate or a branch with its truth."""

    source: Source
    condition: nodes.Expression
    text: str
    truth: bool | None
    branch: bool
    """Belongs to `if … { … }`."""
    before: tuple[nodes.Expression, ...] = ()
    """Conditions of the branches before it, of the same `if`."""
    rest: bool = False
    """More branches, or an `else`, follow it."""


@lru_cache(maxsize=2)
def gates(project: Project) -> tuple[GateFound, ...]:
    """Every gate and branch that a journey can come to."""
    return tuple(_gates(project))


def _gates(project: Project) -> Iterator[GateFound]:
    for reading in readings(project):
        chains = {id(branch): (step, number) for step in _ifs(reading) for number, branch in enumerate(step.branches)}
        for place in reading.places:
            if not place.reached or not isinstance(place.node, (nodes.Gate, nodes.Branch)):
                continue
            condition = place.node.condition
            found = truth(condition, place.state.true, place.state.false)
            text = reading.scope.quote(condition)
            if isinstance(place.node, nodes.Gate):
                yield GateFound(reading.source, condition, text, found, branch=False)
            else:
                step, number = chains[id(place.node)]
                before = tuple(branch.condition for branch in step.branches[:number])
                rest = number + 1 < len(step.branches) or step.otherwise is not None
                yield GateFound(reading.source, condition, text, found, branch=True, before=before, rest=rest)


def taken_before(gate: GateFound) -> bool:
    """Whether a branch before it takes every journey that its condition lets in: `total >= 500`, then `total >= 1000`."""
    parts = gate.condition.parts if isinstance(gate.condition, nodes.And) else (gate.condition,)
    return any(truth(earlier, parts) is True for earlier in gate.before)


def _ifs(reading: Reading) -> list[nodes.If]:
    return [place.node for place in reading.places if isinstance(place.node, nodes.If)]
