"""The ways through a scenario: for each step, what must have been true to come there, and what was waited for last."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence

from dsl import nodes
from dsl.forms import Record
from dsl.forms import evolve

WAITS = (nodes.Wait, nodes.WaitUntil, nodes.WaitUntilDate, nodes.WaitForEvent)


class State(Record):
    """What is known on every way to a step."""

    gates: tuple[nodes.Expression, ...] = ()
    """Conditions that were true somewhere on the way."""
    true: tuple[nodes.Expression, ...] = ()
    """Those of them asked since the last wait: still true."""
    false: tuple[nodes.Expression, ...] = ()
    """Conditions found false since the last wait."""
    waits: tuple[nodes.Step | None, ...] = (None,)
    """The last wait, one for each way; None: none since the start."""
    issued: frozenset[str] = frozenset()
    """Names of promo codes taken so far on any way."""

    def assume(self, condition: nodes.Expression) -> State:
        """Beyond a condition that was true."""
        match condition:
            case nodes.And(parts=parts):
                state = self
                for part in parts:
                    state = state.assume(part)
                return state
            case nodes.Not(operand=operand):
                return self.deny(operand)
            case _:
                return evolve(self, gates=_with(self.gates, condition), true=_with(self.true, condition))

    def deny(self, condition: nodes.Expression) -> State:
        """Beyond a condition that was false."""
        match condition:
            case nodes.Or(parts=parts):
                state = self
                for part in parts:
                    state = state.deny(part)
                return state
            case nodes.Not(operand=operand):
                return self.assume(operand)
            case _:
                return evolve(self, false=_with(self.false, condition))

    def after(self, wait: nodes.Step) -> State:
        """Beyond a wait: everything may have changed."""
        return evolve(self, true=(), false=(), waits=(wait,))


class Place(Record):
    """A step, or a branch of an `if`, and what is known before it."""

    node: nodes.Step | nodes.Branch
    state: State
    reached: bool = True
    """False after `end`."""


def places(steps: Iterable[nodes.Step], known: Sequence[nodes.Expression] = ()) -> list[Place]:
    """Every step and branch in the order written. known: what is true at the start, the `where` of the trigger."""
    found: list[Place] = []
    state = State()
    for condition in known:
        state = state.assume(condition)
    _follow(steps, evolve(state, gates=()), found)
    return found


def _follow(steps: Iterable[nodes.Step], state: State, found: list[Place], *, reached: bool = True) -> State | None:
    """The state after the steps; None: no way leads there."""
    for step in steps:
        found.append(Place(step, state, reached))
        after = _after(step, state, found, reached=reached)
        if after is None:
            reached = False
        else:
            state = after
    return state if reached else None


def _after(step: nodes.Step, state: State, found: list[Place], *, reached: bool) -> State | None:
    match step:
        case nodes.End():
            return None
        case nodes.Gate(condition=condition):
            return state.assume(condition)
        case nodes.IssuePromo():
            names = {"promo"} | ({step.label.text} if step.label else set())
            return evolve(state, issued=state.issued | names)
        case nodes.If():
            ends = []
            for branch in step.branches:
                found.append(Place(branch, state, reached))
                ends.append(_follow(branch.steps, state.assume(branch.condition), found, reached=reached))
                state = state.deny(branch.condition)
            ends.append(_follow(step.otherwise or (), state, found, reached=reached))
            return _join(ends)
        case nodes.WaitForEvent():
            state = state.after(step)
            return _join([_follow(block or (), state, found, reached=reached) for block in (step.then, step.otherwise)])
        case nodes.Split():
            return _join([_follow(arm.steps, state, found, reached=reached) for arm in step.arms]) if step.arms else state
        case _:
            return state.after(step) if isinstance(step, WAITS) else state


def _join(ends: Sequence[State | None]) -> State | None:
    """What is known where ways meet again."""
    alive = [end for end in ends if end]
    if not alive:
        return None
    first, *others = alive
    for other in others:
        first = State(
            gates=tuple(part for part in first.gates if part in other.gates),
            true=tuple(part for part in first.true if part in other.true),
            false=tuple(part for part in first.false if part in other.false),
            waits=(*first.waits, *(wait for wait in other.waits if wait not in first.waits)),
            issued=first.issued | other.issued,
        )
    return first


def _with(known: tuple[nodes.Expression, ...], condition: nodes.Expression) -> tuple[nodes.Expression, ...]:
    return known if condition in known else (*known, condition)
