"""A scenario compiled: its triggers and clauses ready to be asked, its steps numbered in one flat list.

Step numbers are those of the text from top to bottom, nested steps included, so that the same text always gives the same numbers.
`next` of a step is where the journey goes on; `len(steps)` is the end.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from dsl import nodes
from dsl.catalog import ResolvedEvent
from dsl.forms import Record
from dsl.offers import Offer
from dsl.source import Span
from interpreter.conditions import Condition
from interpreter.view import View

# ------------------------------------------------------------------------------------------------------------- steps


class Operation(Record):
    """One numbered step."""

    number: int
    next: int
    span: Span
    identity: tuple[str, ...]
    """What stays the same over an edit: the name given by `as`, else keyword and target."""

    @property
    def known_as(self) -> str:
        """The identity in one text, as journeys keep it."""
        return " ".join(self.identity)


class WaitStep(Operation):
    """Any wait that ends at a moment known from T and the facts."""

    node: nodes.Wait | nodes.WaitUntil | nodes.WaitUntilDate
    date: Condition | None
    """Of `wait until EXPR`: the wake time follows its value."""
    quiet: tuple[nodes.Quiet, ...]


class WaitEventStep(Operation):
    """`wait up to D for EVENT`: `next` when it happens, `otherwise` when time runs out."""

    duration: nodes.Duration
    listener: Listener
    otherwise: int
    quiet: tuple[nodes.Quiet, ...]
    heard_as: str
    """What it waits for, in one text, as journeys keep it: two waits of one identity may wait for different things."""

    def waits_for(self, kept: str) -> bool:
        """Whether what a journey kept of an event is about this wait. The first release kept the identity alone."""
        return kept in {self.heard_as, self.known_as}


class GateStep(Operation):
    """`if COND`: false stops."""

    condition: Condition


class BranchStep(Operation):
    """`if COND { … }`: true goes to `next`, false to `otherwise`."""

    condition: Condition
    otherwise: int


class SplitStep(Operation):
    """`split NAME { … }`: each arm with its name, share in percent and first step."""

    name: str
    arms: tuple[tuple[str, float, int], ...]


class EndStep(Operation):
    """`end`"""


class ActStep(Operation):
    """A step that does something; neighbours act together as a step group."""


class SendStep(ActStep):
    """`send TEMPLATE …`"""

    template: str
    channels: tuple[str, ...]
    """In the order to try."""
    to: str | None
    transactional: bool
    topic: str | None
    quiet: tuple[nodes.Quiet, ...]
    arguments: tuple[tuple[str, Condition], ...]


class SetStep(ActStep):
    """`set ENTITY.FIELD EXPR`"""

    entity: str
    field: str
    value: Condition
    before: Condition
    """What the field holds now: a write-back says what it was decided on."""


class TellStep(ActStep):
    """`award`, `deduct`, `add to`, `remove from`: a fact of the shop's, made by a step."""

    op: str
    data: Callable[[View], Mapping[str, Any]]
    """What the fact says. Raises BadValueError with a sentence."""


class IssueStep(ActStep):
    """`issue promo POOL [as NAME]`"""

    pool: str
    name: str | None

    def seed(self, journey: int) -> str:
        """What a made code is drawn by: another one for each journey."""
        return f"journey {journey} {self.number}"


class BadValueError(Exception):
    """A step has nothing sound to do it with."""


class CallStep(ActStep):
    """`call NAME …`"""

    name: str
    arguments: tuple[tuple[str, Condition], ...]


# ----------------------------------------------------------------------------------------------------------- clauses


class Listener(Record):
    """An event to notice, with its filter."""

    event: ResolvedEvent
    where: Condition | None
    span: Span


class GoalClause(Record):
    """`goal EVENT within D`"""

    listener: Listener
    within: nodes.Duration


def listened_for(stop_on: Sequence[Listener], goals: Sequence[GoalClause], steps: Sequence[Operation]) -> tuple[Listener, ...]:
    """The events of `stop on`, `goal` and `wait up to`."""
    awaited = (step.listener for step in steps if isinstance(step, WaitEventStep))
    return (*stop_on, *(goal.listener for goal in goals), *awaited)


class ScheduleTrigger(Record):
    """`every SCHEDULE [for segment NAME] [where COND]`"""

    schedule: nodes.Schedule
    segment: str | None
    where: Condition | None
    span: Span


class LimitClause(Record):
    """`limit N per KEY …`"""

    count: int
    key: str
    value: Condition | None
    """Of a dotted field."""
    within: nodes.Duration | None
    each: str | None
    since_created: bool
    span: Span


class Scenario(Record):
    """A scenario ready to run."""

    name: str
    drawn_as: str
    """The name it had first: draws stay the same over a rename."""
    title: str
    node: nodes.Scenario
    triggers: tuple[Listener, ...]
    schedules: tuple[ScheduleTrigger, ...]
    valid: nodes.Duration
    stop_on: tuple[Listener, ...]
    stop_when: tuple[tuple[Condition, Span], ...]
    goals: tuple[GoalClause, ...]
    holdout: float
    limits: tuple[LimitClause, ...]
    counted_by: tuple[LimitClause, ...]
    """Those whose applications are counted by something else than the customer."""
    transactional: bool
    asks: frozenset[str]
    """The kinds of contact by whose change it starts: what it sends then asks the new one, though it waits to be confirmed."""
    priority: int
    active: nodes.Active | None
    paused: bool
    formerly: tuple[str, ...]
    steps: tuple[Operation, ...]
    groups: Mapping[int, tuple[tuple[ActStep, ...], int]]
    """Acting step -> the step group that begins there, and where the journey stands behind it."""
    issues: tuple[IssueStep, ...]
    """The steps that give out codes."""
    reads: frozenset[str]
    """The families of facts that steps and clauses look at after the start."""
    start_reads: frozenset[str]
    """The families that the filters of triggers look at."""
    hears: frozenset[str]
    """The kinds of event that end, move or crown a journey."""
    dated: bool
    """Whether a wait follows a date."""
    offers: frozenset[Offer] = frozenset()
    """What its templates offer."""

    @property
    def listened_for(self) -> tuple[Listener, ...]:
        """The events that end, move or crown a journey: of `stop on`, `goal` and `wait up to`."""
        return listened_for(self.stop_on, self.goals, self.steps)

    @property
    def watch_reads(self) -> frozenset[str]:
        """The families that the filters of events it listens for look at: from the start on, so of whoever may start."""
        return frozenset().union(*(listener.where.reads for listener in self.listened_for if listener.where is not None))

    @property
    def watches(self) -> bool:
        """Whether events matter to a journey that has started."""
        return bool(self.hears) or self.dated
