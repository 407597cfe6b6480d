"""The text as the model reads it: which event is meant, and the steps as places that know where they lead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from typing import TypeVar

import attrs

from dsl import nodes

Steps = tuple[nodes.Step, ...]
Branches = tuple[nodes.Branch, ...]
C = TypeVar("C", bound=nodes.Clause)

ACTS = (nodes.Send, nodes.Set, nodes.Call)
WAITS = (nodes.Wait, nodes.WaitUntil, nodes.WaitUntilDate, nodes.WaitForEvent)


# --------------------------------------------------------------------------------------------------------------- events


@attrs.frozen
class Wanted:
    """Which event an `on` and its like mean."""

    kind: str
    names: tuple[str, ...] = ()
    came_from: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    category: str | None = None
    fields: tuple[str, ...] = ()
    topic: str | None = None
    any_order: bool = False


def wanted(event: nodes.Event) -> Wanted:
    """What an event says, in one plain record."""
    subject = event.subjects[0].text
    words = [tuple(name.text for name in group) for group in event.words]
    to = tuple(name.text for name in event.values)
    category = event.category.text if event.category else None
    topic = event.topic.text if event.topic else None
    if subject == "order":
        return Wanted(f"order.{words[0][0]}", any_order=event.any_of)
    if subject in {"order.status", "line.status"}:
        return Wanted(subject, came_from=words[0] if words else (), to=to, category=category, any_order=event.any_of)
    if subject == "action":
        return Wanted("action", names=words[0])
    if subject == "message":
        return Wanted(f"message.{words[-1][0]}", names=words[0] if len(words) == 2 else ())
    if subject == "customer":
        return Wanted(f"customer.{words[0][0]}")
    if subject == "subscription":
        return Wanted("subscription", names=words[0], to=to, topic=topic)
    return Wanted("customer.field", fields=tuple(one.text.removeprefix("customer.") for one in event.subjects))


# ---------------------------------------------------------------------------------------------------------------- steps


@attrs.define(eq=False)
class Place:
    """A step in its text. `following` None: the end."""

    node: Any
    """A step, or one branch of an `if`."""
    identity: tuple[str, ...]
    following: Place | None
    inner: Place | None = None
    """Of a branch: its block; of `wait up to`: the block for the event."""
    otherwise: Place | None = None
    arms: tuple[tuple[str, float, Place | None], ...] = ()
    channels: tuple[str, ...] = ()
    """Of a send: in the order to try."""
    topics: dict[str, str] = attrs.field(factory=dict)
    """Of a condition: the topics that `subscribed C` means, by the templates sent behind it."""
    number: int = -1

    @property
    def acts(self) -> bool:
        """Whether it belongs to a step group."""
        return isinstance(self.node, ACTS)


@attrs.define(eq=False)
class Text:
    """A scenario as it is written. `topics`: template -> its topic."""

    node: nodes.Scenario
    topics: dict[str, str | None]
    places: list[Place] = attrs.field(init=False)
    """From top to bottom."""

    def __attrs_post_init__(self) -> None:
        """Read the steps."""
        self.places = []
        self._number(self._block(self.node.steps, None, frozenset()), None)

    @property
    def first(self) -> Place | None:
        """Where a journey begins."""
        return self.places[0] if self.places else None

    def clauses(self, kind: type[C]) -> list[C]:
        """Of one kind, as written."""
        return [clause for clause in self.node.clauses if isinstance(clause, kind)]

    def has(self, kind: type[nodes.Clause]) -> bool:
        """Whether there is one."""
        return bool(self.clauses(kind))

    @property
    def quiet(self) -> tuple[nodes.Quiet, ...]:
        """For every wait and send that has none of its own."""
        return tuple(clause.quiet for clause in self.clauses(nodes.DefaultQuiet))

    def _block(self, steps: Steps, after: Place | None, consents: frozenset[str]) -> Place | None:
        """The steps of a block; behind the last one it goes on at `after`. `consents`: channels of the gates on the way here."""
        known = []
        for step in steps:
            known.append(consents)
            consents = beyond((step,), consents) or consents
        for number in reversed(range(len(steps))):
            after = self._place(steps[number], after, known[number], steps[number + 1 :])
        return after

    def _place(self, step: nodes.Step, after: Place | None, consents: frozenset[str], rest: Steps) -> Place:
        if isinstance(step, nodes.If):
            return self._choice(identity(step), step.branches, step.otherwise or (), after, consents)
        place = Place(step, identity(step), after)
        match step:
            case nodes.Gate(condition=condition):
                place.topics = self._topics(condition, rest)
            case nodes.Send(channels=channels, to=to):
                place.channels = tuple(name.text for name in channels) or (("email",) if to else tuple(consents))
            case nodes.WaitForEvent(then=then, otherwise=otherwise):
                place.inner = self._block(then or (), after, consents)
                place.otherwise = self._block(otherwise or (), after, consents)
            case nodes.Split(arms=arms):
                place.arms = tuple((arm.name.text, arm.share.value, self._block(arm.steps, after, consents)) for arm in arms)
        return place

    def _choice(self, name: tuple[str, ...], branches: Branches, last: Steps, after: Place | None, consents: frozenset[str]) -> Place:
        branch, *more = branches
        place = Place(branch, name, after)
        place.topics = self._topics(branch.condition, branch.steps)
        place.inner = self._block(branch.steps, after, consents | proven(branch.condition))
        place.otherwise = self._choice(("else if",), tuple(more), last, after, consents) if more else self._block(last, after, consents)
        return place

    def _topics(self, condition: nodes.Expression, behind: Steps) -> dict[str, str]:
        """`subscribed C` means the topic of the templates sent behind it up to the next wait, if they have one in common."""
        topics = {self.topics.get(send.template.text) for send in _sends_before_a_wait(behind)}
        topic = topics.pop() if len(topics) == 1 else None
        return dict.fromkeys(proven(condition), topic) if topic else {}

    def _number(self, place: Place | None, stop: Place | None) -> None:
        while place is not None and place is not stop:
            place.number = len(self.places)
            self.places.append(place)
            for block in (place.inner, *(first for _, _, first in place.arms), place.otherwise):
                self._number(block, place.following)
            place = place.following


def beyond(steps: Steps, consents: frozenset[str]) -> frozenset[str] | None:
    """The channels whose consent is proven on every way that leads behind these steps; None: none does."""
    for step in steps:
        ends: list[frozenset[str] | None]
        match step:
            case nodes.End():
                return None
            case nodes.Gate(condition=condition):
                ends = [consents | proven(condition)]
            case nodes.If(branches=branches, otherwise=otherwise):
                ends = [beyond(branch.steps, consents | proven(branch.condition)) for branch in branches]
                ends.append(beyond(otherwise or (), consents))
            case nodes.WaitForEvent(then=then, otherwise=otherwise):
                ends = [beyond(then or (), consents), beyond(otherwise or (), consents)]
            case nodes.Split(arms=arms):
                ends = [beyond(arm.steps, consents) for arm in arms]
            case _:
                continue
        alive = [end for end in ends if end is not None]
        if not alive:
            return None
        consents = frozenset.intersection(*alive)
    return consents


def proven(condition: nodes.Expression) -> frozenset[str]:
    """The channels whose consent a true condition proves, `and` taken apart."""
    if isinstance(condition, nodes.And):
        return frozenset().union(*map(proven, condition.parts))
    return frozenset({condition.channel.text}) if isinstance(condition, nodes.Subscribed) else frozenset()


def _sends_before_a_wait(steps: tuple[nodes.Step, ...]) -> Iterator[nodes.Send]:
    for step in steps:
        if isinstance(step, WAITS):
            return
        yield from _sends(step)


def _sends(step: nodes.Step) -> Iterator[nodes.Send]:
    match step:
        case nodes.Send():
            yield step
        case nodes.If(branches=branches, otherwise=otherwise):
            for block in (*(branch.steps for branch in branches), otherwise or ()):
                for inner in block:
                    yield from _sends(inner)
        case nodes.Split(arms=arms):
            for arm in arms:
                for inner in arm.steps:
                    yield from _sends(inner)


def identity(step: nodes.Step) -> tuple[str, ...]:
    """The name given by `as`, else keyword and target; of a wait its form, not its length (`engine.md` §6)."""
    if step.label:
        return ("as", step.label.text)
    match step:
        case nodes.Wait():
            return ("wait at",) if step.at else ("wait",)
        case nodes.WaitUntil():
            return ("wait until weekday",) if step.weekday else ("wait until time",)
        case nodes.WaitUntilDate():
            return ("wait until date",)
        case nodes.WaitForEvent():
            return ("wait up to", step.event.subjects[0].text)
        case nodes.Send():
            return ("send", step.template.text)
        case nodes.Set():
            return ("set", step.field.text)
        case nodes.Call():
            return ("call", step.name.text)
        case nodes.Split():
            return ("split", step.name.text)
    return (type(step).__name__,)


def aligned(old: list[Place], new: list[Place]) -> dict[int, int]:
    """Old place -> new place, by the longest common subsequence of identities."""
    lengths = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in reversed(range(len(old))):
        for j in reversed(range(len(new))):
            same = old[i].identity == new[j].identity
            lengths[i][j] = lengths[i + 1][j + 1] + 1 if same else max(lengths[i + 1][j], lengths[i][j + 1])
    found: dict[int, int] = {}
    i = j = 0
    while i < len(old) and j < len(new):
        if old[i].identity == new[j].identity:
            found[i] = j
            i, j = i + 1, j + 1
        elif lengths[i + 1][j] >= lengths[i][j + 1]:
            i += 1
        else:
            j += 1
    return found
