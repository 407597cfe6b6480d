"""The smallest case that still parts engine and model: leave things out one by one, as long as it lasts."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from typing import TypeVar

import attrs

from dsl import nodes
from tests.model.cases import Case
from tests.model.cases import Files

T = TypeVar("T")


def smallest(case: Case, fails: Callable[[Case], bool]) -> Case:
    """`case` fails; what is given back does too, and nothing can be left out of it."""
    going = True
    while going:
        going = False
        for smaller in _smaller(case):
            if all(one.is_right(case.zone) for one in smaller.files) and fails(smaller):
                case, going = smaller, True
                break
    return case


def _smaller(case: Case) -> Iterator[Case]:
    for number in range(1, len(case.files)):
        yield attrs.evolve(case, files=_without(case.files, number))
    names = dict.fromkeys(scenario.name.text for one in case.files for scenario in one.scenarios)
    for name in names:
        yield attrs.evolve(case, files=tuple(_files_without(one, name) for one in case.files))
    for number in range(len(case.outages)):
        yield attrs.evolve(case, outages=_without(case.outages, number))
    # From large parts to single facts.
    size = len(case.history) // 2
    while size:
        for first in range(0, len(case.history), size):
            yield attrs.evolve(case, history=case.history[:first] + case.history[first + size :])
        size //= 2
    for number, one in enumerate(case.files):
        for smaller in _smaller_files(one):
            yield attrs.evolve(case, files=(*case.files[:number], smaller, *case.files[number + 1 :]))
    # The same part of every version at once, or an edit would only get larger.
    if len(case.files) > 1:
        for scenario in case.files[0].scenarios:
            for clause in scenario.clauses:
                yield attrs.evolve(case, files=tuple(_files_without_part(one, clause) for one in case.files))
            for step in scenario.steps:
                yield attrs.evolve(case, files=tuple(_files_without_part(one, step) for one in case.files))


def _without(items: tuple[T, ...], number: int) -> tuple[T, ...]:
    return items[:number] + items[number + 1 :]


def _files_without(files: Files, name: str) -> Files:
    return attrs.evolve(files, scenarios=tuple(one for one in files.scenarios if one.name.text != name))


def _files_without_part(files: Files, part: nodes.Node) -> Files:
    scenarios = tuple(
        nodes.changed(
            one, clauses=tuple(each for each in one.clauses if each != part), steps=tuple(each for each in one.steps if each != part)
        )
        for one in files.scenarios
    )
    return attrs.evolve(files, scenarios=scenarios)


def _smaller_files(files: Files) -> Iterator[Files]:
    for number in range(len(files.policies)):
        yield attrs.evolve(files, policies=_without(files.policies, number))
    for number, scenario in enumerate(files.scenarios):
        for smaller in _smaller_scenarios(scenario):
            yield attrs.evolve(files, scenarios=(*files.scenarios[:number], smaller, *files.scenarios[number + 1 :]))


def _smaller_scenarios(scenario: nodes.Scenario) -> Iterator[nodes.Scenario]:
    for number, clause in enumerate(scenario.clauses):
        yield nodes.changed(scenario, clauses=_without(scenario.clauses, number))
        if getattr(clause, "where", None) is not None:
            plain = nodes.changed(clause, where=None)
            yield nodes.changed(scenario, clauses=(*scenario.clauses[:number], plain, *scenario.clauses[number + 1 :]))
    for steps in _smaller_blocks(scenario.steps):
        yield nodes.changed(scenario, steps=steps)


def _smaller_blocks(steps: tuple[nodes.Step, ...]) -> Iterator[tuple[nodes.Step, ...]]:
    for number, step in enumerate(steps):
        before, after = steps[:number], steps[number + 1 :]
        yield before + after
        for inner in _blocks(step):
            yield (*before, *inner, *after)
        for smaller in _smaller_steps(step):
            yield (*before, smaller, *after)


def _blocks(step: nodes.Step) -> Iterator[tuple[nodes.Step, ...]]:
    match step:
        case nodes.If(branches=branches, otherwise=otherwise):
            yield from (branch.steps for branch in branches)
            yield otherwise or ()
        case nodes.WaitForEvent(then=then, otherwise=otherwise):
            yield then or ()
            yield otherwise or ()
        case nodes.Split(arms=arms):
            yield from (arm.steps for arm in arms)


def _smaller_steps(step: nodes.Step) -> Iterator[nodes.Step]:
    if getattr(step, "quiet", ()):
        yield nodes.changed(step, quiet=())
    match step:
        case nodes.If(branches=branches, otherwise=otherwise):
            if len(branches) > 1:
                yield nodes.changed(step, branches=branches[:-1])
            if otherwise:
                yield nodes.changed(step, otherwise=None)
                yield from (nodes.changed(step, otherwise=block) for block in _smaller_blocks(otherwise))
            for number, branch in enumerate(branches):
                for block in _smaller_blocks(branch.steps):
                    smaller = nodes.changed(branch, steps=block)
                    yield nodes.changed(step, branches=(*branches[:number], smaller, *branches[number + 1 :]))
        case nodes.WaitForEvent(then=then, otherwise=otherwise):
            yield from (nodes.changed(step, then=block or None) for block in _smaller_blocks(then or ()))
            yield from (nodes.changed(step, otherwise=block or None) for block in _smaller_blocks(otherwise or ()))
            if step.where is not None:
                yield nodes.changed(step, where=None)
        case nodes.Split(arms=arms):
            for number, arm in enumerate(arms):
                for block in _smaller_blocks(arm.steps):
                    yield nodes.changed(step, arms=(*arms[:number], nodes.changed(arm, steps=block), *arms[number + 1 :]))
