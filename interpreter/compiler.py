"""From a checked scenario to its program: conditions compiled, channels and topics settled, steps numbered and linked."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from functools import lru_cache
from typing import TypeVar

from dsl import nodes
from dsl.catalog import Problem
from dsl.catalog import ResolvedEvent
from dsl.catalog import resolve
from dsl.forms import evolve
from dsl.meaning.flow import places
from dsl.offers import SEGMENT
from dsl.offers import Offer
from dsl.project import TemplateTable
from dsl.sends import channels_of
from dsl.source import Span
from dsl.walk import find
from interpreter import acts
from interpreter.belongings import Awaited
from interpreter.conditions import Condition
from interpreter.conditions import compile as compile_condition
from interpreter.expressions.reading import Scope
from interpreter.identity import heard_as
from interpreter.identity import identity
from interpreter.program import ActStep
from interpreter.program import BranchStep
from interpreter.program import CallStep
from interpreter.program import EndStep
from interpreter.program import GateStep
from interpreter.program import GoalClause
from interpreter.program import IssueStep
from interpreter.program import LimitClause
from interpreter.program import Listener
from interpreter.program import Operation
from interpreter.program import Scenario
from interpreter.program import ScheduleTrigger
from interpreter.program import SendStep
from interpreter.program import SetStep
from interpreter.program import SplitStep
from interpreter.program import TellStep
from interpreter.program import WaitEventStep
from interpreter.program import WaitStep
from interpreter.program import listened_for

C = TypeVar("C", bound=nodes.Clause)

#: Events of a contact that may be about one that waits to be confirmed.
_ASKS = {"email.changed": "email", "phone.changed": "phone"}


class CompileError(Exception):
    """The text passed no check; a program is compiled only from checked text, so this is a defect of scn or an unchecked call."""

    def __init__(self, span: Span, message: str) -> None:
        """With the place."""
        super().__init__(message)
        self.span = span


def _resolve(event: nodes.Event) -> ResolvedEvent:
    found = resolve(event)
    if isinstance(found, Problem):
        raise CompileError(found.span, found.message)
    return found


class _Compiler:
    def __init__(self, node: nodes.Scenario, scope: Scope, templates: Mapping[str, TemplateTable], valid: nodes.Duration) -> None:
        self.node = node
        self.scope = evolve(scope, codes=frozenset(_codes(node.steps)))
        self.templates = templates
        self.default_valid = valid
        self.clauses = node.clauses
        self.quiet = _shared(tuple(clause.quiet for clause in node.clauses if isinstance(clause, nodes.DefaultQuiet)))
        self.transactional = any(isinstance(clause, nodes.Transactional) for clause in node.clauses)
        self.steps: list[Operation] = []
        self.read: set[str] = set()
        self.offers: set[Offer] = set()
        # What is true on every way to a step: found as the checks find it, or a text they let through could not be compiled.
        self.gates = {id(place.node): place.state.gates for place in places(node.steps)}

    def condition(self, expression: nodes.Expression) -> Condition:
        compiled = compile_condition(expression, self.scope)
        self.read |= compiled.reads
        return compiled

    def maybe(self, expression: nodes.Expression | None) -> Condition | None:
        return None if expression is None else self.condition(expression)

    def listener(self, clause: nodes.On | nodes.StopOn | nodes.Goal | nodes.WaitForEvent) -> Listener:
        return Listener(_resolve(clause.event), self.maybe(clause.where), clause.span)

    # Steps are laid out from the last to the first, so that each knows where it leads; numbers come from counting beforehand.

    def block(self, steps: tuple[nodes.Step, ...], first: int, after: int) -> None:
        """Lay out `steps`, numbered from `first`; then go on at `after`."""
        number = first
        for place, step in enumerate(steps):
            following = number + _size(step)
            last = place == len(steps) - 1
            self.step(step, number, after if last else following, steps[place + 1 :])
            number = following

    def step(self, step: nodes.Step, number: int, after: int, rest: tuple[nodes.Step, ...]) -> None:
        head = (number, after, step.span, identity(step))
        match step:
            case nodes.Wait() | nodes.WaitUntil():
                self.steps.append(WaitStep(*head, step, None, _shared(step.quiet) or self.quiet))
            case nodes.WaitUntilDate():
                self.steps.append(WaitStep(*head, step, self.condition(step.date), _shared(step.quiet) or self.quiet))
            case nodes.WaitForEvent():
                self.wait_for_event(step, number, after)
            case nodes.Gate():
                self.steps.append(GateStep(*head, self.condition(self.with_topics(step.condition, rest))))
            case nodes.If():
                self.branches(step, number, after)
            case nodes.Split():
                arms, first = [], number + 1
                for arm in step.arms:
                    arms.append((arm.name.text, arm.share.value, first if arm.steps else after))
                    first += _sizes(arm.steps)
                self.steps.append(SplitStep(*head, step.name.text, tuple(arms)))
                for arm, (_, _, place) in zip(step.arms, arms, strict=True):
                    self.block(arm.steps, place, after)
            case nodes.End():
                self.steps.append(EndStep(*head))
            case nodes.Send():
                self.send(step, head)
            case nodes.Set():
                entity, *field = step.field.path
                self.steps.append(SetStep(*head, entity, ".".join(field), self.condition(step.value), self.condition(step.field)))
                self.read.add(entity)
            case nodes.IssuePromo():
                self.steps.append(IssueStep(*head, step.pool.text, step.label.text if step.label else None))
                self.read.add("promo")
            case nodes.Call():
                self.steps.append(CallStep(*head, step.name.text, self.arguments(step.arguments)))
            case _:
                told = acts.told(step, self.condition)
                if told is None:
                    raise CompileError(step.span, "this step comes with a later version")
                self.steps.append(TellStep(*head, *told))

    def wait_for_event(self, step: nodes.WaitForEvent, number: int, after: int) -> None:
        first = number + 1
        second = first + _sizes(step.then or ())
        happened, ran_out = (first if step.then else after), (second if step.otherwise else after)
        quiet = _shared(step.quiet) or self.quiet
        heard = heard_as(step)
        listener = self.listener(step)
        self.steps.append(WaitEventStep(number, happened, step.span, identity(step), step.duration, listener, ran_out, quiet, heard))
        self.block(step.then or (), first, after)
        self.block(step.otherwise or (), second, after)

    def branches(self, step: nodes.If, number: int, after: int) -> None:
        """One numbered step for each condition; the first carries the identity of the whole."""
        place = number
        for branch in step.branches:
            inside = place + 1
            below = inside + _sizes(branch.steps)
            last = branch is step.branches[-1]
            otherwise = after if last and not step.otherwise else below
            condition = self.condition(self.with_topics(branch.condition, branch.steps))
            known_as = identity(step) if place == number else ("else if",)
            self.steps.append(BranchStep(place, inside if branch.steps else after, branch.span, known_as, condition, otherwise))
            self.block(branch.steps, inside, after)
            place = below
        self.block(step.otherwise or (), place, after)

    def send(self, step: nodes.Send, head: tuple[int, int, Span, tuple[str, ...]]) -> None:
        template = self.templates.get(step.template.text, TemplateTable((), "transactional" if self.transactional else "marketing"))
        channels = channels_of(step, self.gates[id(step)], self.templates)
        if isinstance(channels, Problem):
            raise CompileError(channels.span, channels.message)
        self.read |= {"customer", *_read_by(template)}
        self.offers |= {use.offer for uses in template.offers.values() for use in uses}
        self.steps.append(
            SendStep(
                *head,
                step.template.text,
                channels or ("email",),
                step.to.text if step.to else None,
                self.transactional and template.kind == "transactional",
                template.topic,
                _shared(step.quiet) or self.quiet,
                self.arguments(step.arguments),
            )
        )

    def arguments(self, arguments: tuple[nodes.Argument, ...]) -> tuple[tuple[str, Condition], ...]:
        return tuple((argument.name.text, self.condition(argument.value)) for argument in arguments)

    def with_topics(self, condition: nodes.Expression, rest: tuple[nodes.Step, ...]) -> nodes.Expression:
        """`subscribed C` means the topic of the template that is sent behind it, if that has one (`domain.md` K-2, K-3)."""
        consents = [part.channel.text for part in _parts(condition) if isinstance(part, nodes.Subscribed)]
        topics: dict[str, set[str | None]] = {}
        for step in rest:
            if isinstance(step, nodes.Wait | nodes.WaitUntil | nodes.WaitUntilDate | nodes.WaitForEvent):
                break
            for send in _sends(step):
                known = self.templates.get(send.template.text)
                for channel in consents:
                    topics.setdefault(channel, set()).add(known.topic if known else None)
        named = {channel: next(iter(found)) for channel, found in topics.items() if len(found) == 1}
        return _name_topics(condition, {channel: topic for channel, topic in named.items() if topic})

    def schedule(self, clause: nodes.Every) -> ScheduleTrigger:
        if clause.segment:
            self.read.add("segment")
        return ScheduleTrigger(clause.schedule, clause.segment.text if clause.segment else None, self.maybe(clause.where), clause.span)

    def limit(self, clause: nodes.Limit) -> LimitClause:
        key = clause.key.text
        value = self.condition(nodes.Field(tuple(key.split(".")), span=clause.key.span)) if "." in key else None
        return LimitClause(clause.count, key, value, clause.within, clause.each, clause.since_created, clause.span)

    def compile(self) -> Scenario:
        of = self.of
        triggers = tuple(self.listener(clause) for clause in of(nodes.On))
        schedules = tuple(self.schedule(clause) for clause in of(nodes.Every))
        start_reads = frozenset(self.read)
        self.read = {"customer"}
        self.block(self.node.steps, 0, _sizes(self.node.steps))
        if any(isinstance(step, WaitStep) and step.date is not None and "products" in step.date.reads for step in self.steps):
            self.read.add(Awaited.kind)
        limits = tuple(self.limit(clause) for clause in of(nodes.Limit))
        valid = [clause.duration for clause in of(nodes.Valid)]
        steps = tuple(sorted(self.steps, key=lambda step: step.number))
        stop_on = tuple(self.listener(clause) for clause in of(nodes.StopOn))
        goals = tuple(GoalClause(self.listener(clause), clause.within) for clause in of(nodes.Goal))
        return Scenario(
            name=self.node.name.text,
            drawn_as=self.node.name.text,
            title=self.node.title,
            node=self.node,
            triggers=triggers,
            schedules=schedules,
            valid=valid[0] if valid else self.default_valid,
            stop_on=stop_on,
            stop_when=tuple((self.condition(clause.condition), clause.span) for clause in of(nodes.StopWhen)),
            goals=goals,
            holdout=sum(clause.share.value for clause in of(nodes.Holdout)),
            limits=limits,
            counted_by=tuple(limit for limit in limits if limit.key not in {"order", "customer"}),
            transactional=self.transactional,
            asks=frozenset(_ASKS[kind] for one in triggers if (kind := one.event.kind.key) in _ASKS),
            priority=sum(clause.value for clause in of(nodes.Priority)),
            active=next(of(nodes.Active), None),
            paused=any(of(nodes.Paused)),
            formerly=tuple(name.text for clause in of(nodes.Formerly) for name in clause.names),
            steps=steps,
            groups={step.number: _group(steps, step) for step in steps if isinstance(step, ActStep)},
            issues=tuple(step for step in steps if isinstance(step, IssueStep)),
            reads=frozenset(self.read),
            start_reads=start_reads,
            hears=frozenset(listener.event.kind.key for listener in listened_for(stop_on, goals, steps)),
            dated=any(isinstance(step, WaitStep) and step.date is not None for step in steps),
            offers=frozenset(self.offers),
        )

    def of(self, kind: type[C]) -> Iterator[C]:
        return (clause for clause in self.clauses if isinstance(clause, kind))


#: What of the past an offer looks at.
_READ_BY_OFFERS = {
    "related_to_last_order": ("orders", "products"),
    "category_match": ("orders", "products"),
    "popular": ("orders",),
    "personal": ("orders", "view", "products"),
    "recently_viewed": ("view", "products"),
    "related": ("order", "products"),
    "similar": ("order", "products"),
    SEGMENT: (),
}


def _read_by(template: TemplateTable) -> Iterator[str]:
    """What has to be looked up for a template alone: products, also those of lines and visits, and the action that triggered."""
    for names in template.uses.values():
        for name, _ in names:
            parts = name.split(".")
            if "product" in parts:
                yield "products"
            if parts[0] == "action":
                yield "action"
            if parts[:2] == ["customer", "balances"]:
                yield from ("account", "change")
    for uses in template.offers.values():
        for use in uses:
            yield from _READ_BY_OFFERS[use.offer.name]


def compile_scenario(node: nodes.Scenario, scope: Scope, templates: Mapping[str, TemplateTable], valid: nodes.Duration) -> Scenario:
    """Compile one checked scenario; `valid` is the project's default relevance. Raises CompileError."""
    return _Compiler(node, scope, templates, valid).compile()


@lru_cache(maxsize=256)
def _shared(quiet: tuple[nodes.Quiet, ...]) -> tuple[nodes.Quiet, ...]:
    """One of those that are equal: whoever looks up what is known of them finds the same ones fastest."""
    return quiet


def _group(steps: tuple[Operation, ...], first: ActStep) -> tuple[tuple[ActStep, ...], int]:
    """The acting steps that follow each other, and the step behind them."""
    acts, after = [first], first.next
    while after < len(steps) and isinstance(following := steps[after], ActStep):
        acts.append(following)
        after = following.next
    return tuple(acts), after


def _sizes(steps: tuple[nodes.Step, ...]) -> int:
    return sum(map(_size, steps))


def _size(step: nodes.Step) -> int:
    """How many numbers a step takes."""
    match step:
        case nodes.If():
            return sum(1 + _sizes(branch.steps) for branch in step.branches) + _sizes(step.otherwise or ())
        case nodes.Split():
            return 1 + sum(_sizes(arm.steps) for arm in step.arms)
        case nodes.WaitForEvent():
            return 1 + _sizes(step.then or ()) + _sizes(step.otherwise or ())
        case _:
            return 1


def _parts(condition: nodes.Expression) -> tuple[nodes.Expression, ...]:
    """What a true condition proves, `and` taken apart."""
    return tuple(part for inner in condition.parts for part in _parts(inner)) if isinstance(condition, nodes.And) else (condition,)


def _name_topics(condition: nodes.Expression, topics: Mapping[str, str]) -> nodes.Expression:
    match condition:
        case nodes.Subscribed(topic=None) if condition.channel.text in topics:
            return nodes.changed(condition, topic=nodes.Name(topics[condition.channel.text]))
        case nodes.And():
            return nodes.changed(condition, parts=tuple(_name_topics(part, topics) for part in condition.parts))
        case _:
            return condition


def _codes(steps: Iterable[nodes.Step]) -> Iterator[str]:
    """The names that codes are given out under."""
    return (one.label.text for step in steps for one in find(step, nodes.IssuePromo) if one.label)


def _sends(step: nodes.Step) -> Iterator[nodes.Send]:
    match step:
        case nodes.Send():
            yield step
        case nodes.If():
            for branch in step.branches:
                for inner in branch.steps:
                    yield from _sends(inner)
            for inner in step.otherwise or ():
                yield from _sends(inner)
        case nodes.Split():
            for arm in step.arms:
                for inner in arm.steps:
                    yield from _sends(inner)
