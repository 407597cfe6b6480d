"""The heart: where a journey stands and what it sees, to what happens next. Pure: no clock, database, network or chance.

A call goes on from the journey's step through gates and branches until a wait is entered, a step group has been decided,
or the journey ends; so one `Decision` holds at most one step group, and whatever comes after it is decided when that is done.
Rules: `engine.md` §2 and §3, `domain.md` §0.3.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from itertools import chain
from typing import Any

import msgspec

from dsl import calendar
from dsl import nodes
from interpreter import limits
from interpreter.consent import refusal
from interpreter.consent import refusals
from interpreter.effects import CallOut
from interpreter.effects import Effect
from interpreter.effects import IssueCode
from interpreter.effects import PlanMessage
from interpreter.effects import SetField
from interpreter.effects import SkipMessage
from interpreter.effects import Tell
from interpreter.journey import Journey
from interpreter.journey import SkipReason
from interpreter.journey import State
from interpreter.journey import StopReason
from interpreter.program import ActStep
from interpreter.program import BranchStep
from interpreter.program import CallStep
from interpreter.program import EndStep
from interpreter.program import GateStep
from interpreter.program import IssueStep
from interpreter.program import Operation
from interpreter.program import Scenario
from interpreter.program import SendStep
from interpreter.program import SetStep
from interpreter.program import SplitStep
from interpreter.program import TellStep
from interpreter.program import WaitEventStep
from interpreter.program import WaitStep
from interpreter.view import View

#: A line of the trace: which step, what came of it, and behind it the values it saw, each with its name.
Entry = tuple[int | str | tuple[str, object], ...]

#: A decision mentions several, and to look for a member of an enumeration takes as long as ten names like these.
WAITING, HELD, FINISHED, STOPPED = State.WAITING, State.HELD, State.FINISHED, State.STOPPED


class Decision(msgspec.Struct, frozen=True):
    """What happens now: the journey afterwards, the effects of its step group, and why."""

    journey: Journey
    effects: list[Effect]
    trace: list[Entry]
    applied: bool = False
    """A step group acted or was withheld for a reason that counts: an application (`domain.md` L-6)."""


def step(scenario: Scenario, before: Journey, view: View) -> Decision:
    """Decide what a due journey does at `view.now`."""
    walk = _Walk(scenario, before.copy(), view)
    try:
        return walk.go()
    except ValueError as endless:
        # Quiet hours of the scenario and of policies may together leave no minute: whatever waits for one comes too late.
        walk.trace.append((walk.journey.step, "expired", ("quiet", str(endless))))
        return walk.end(STOPPED, StopReason.EXPIRED)


class _Resolved(msgspec.Struct):
    """A send with the channel it would take, or why it cannot go."""

    step: SendStep
    channel: str | None
    address: str | None
    reason: SkipReason | None
    quiet: tuple[nodes.Quiet, ...] = ()
    """Of the channel it would take, policies included."""
    refusals: tuple[tuple[str, str], ...] = ()
    """What it asked of each channel, and why none will do."""


class _Walk:
    """From step to step. What takes one gives a decision, or None to go on from where the journey stands then."""

    __slots__ = ("applied", "effects", "journey", "scenario", "trace", "view")

    def __init__(self, scenario: Scenario, journey: Journey, view: View) -> None:
        self.scenario = scenario
        self.journey = journey
        self.view = view
        self.trace: list[Entry] = []
        self.effects: list[Effect] = []
        self.applied = False

    def decision(self) -> Decision:
        return Decision(self.journey, self.effects, self.trace, self.applied)

    def note(self, at: Operation, outcome: str, seen: tuple[tuple[str, object], ...] = ()) -> None:
        self.trace.append((at.number, outcome, *seen))

    def go(self) -> Decision:
        steps, journey = self.scenario.steps, self.journey
        while journey.step < len(steps):
            at = steps[journey.step]
            decision = _TAKE[type(at)](self, at)
            if decision is not None:
                return decision
        return self.end(FINISHED, None)

    def gate(self, at: GateStep) -> Decision | None:
        passed, seen = at.condition.judge(self.view)
        self.note(at, "yes" if passed else "no", seen)
        if not passed:
            return self.end(STOPPED, StopReason.CONDITION)
        self.move(at.next)
        return None

    def branch(self, at: BranchStep) -> None:
        taken, seen = at.condition.judge(self.view)
        self.note(at, "yes" if taken else "no", seen)
        self.move(at.next if taken else at.otherwise)

    def split(self, at: SplitStep) -> None:
        name, first = limits.arm(self.scenario, at.name, at.arms, self.view)
        self.note(at, name)
        self.move(first)

    def stop(self, at: EndStep) -> Decision:
        self.note(at, "end")
        return self.end(STOPPED, StopReason.END)

    def move(self, step: int) -> None:
        """Stand before another step."""
        journey = self.journey
        journey.step = step
        journey.inside = False
        journey.state = WAITING
        journey.due_at = self.view.now

    def end(self, state: State, reason: StopReason | None) -> Decision:
        journey = self.journey
        journey.state = state
        journey.reason = reason
        journey.inside = False
        journey.due_at = None
        journey.finished_at = self.view.now
        return self.decision()

    # ---------------------------------------------------------------------------------------------------------- waits

    def wait(self, at: WaitStep) -> Decision | None:
        """Enter a wait, or leave it."""
        journey, view = self.journey, self.view
        if journey.state is not HELD:
            due = wait_end(at, view) if not journey.inside or at.date else journey.due_at
            if due is None:
                self.note(at, "no date", at.date.seen(view) if at.date else ())
                return self.end(STOPPED, StopReason.NO_DATE)
            if due > view.now:
                if not journey.inside or due != journey.due_at:
                    self.note(at, f"until {due}", at.date.seen(view) if at.date else ())
                journey.inside, journey.state, journey.due_at = True, WAITING, due
                return self.decision()
            self.set_context_time(due)
            journey.inside = True
        return self.leave(at, at.next)

    def wait_for_event(self, at: WaitEventStep) -> Decision | None:
        """Enter `wait up to`, or see its time run out. (That the event came is noticed when its fact is handled.)"""
        journey, view = self.journey, self.view
        if journey.state is not HELD:
            due = journey.due_at if journey.inside else calendar.add(journey.context_time, at.duration, view.zone)
            came = None if journey.inside else first_heard(journey, at, due)
            if came is not None:
                # It came while the journey was on its way here, behind a gate or in an outage, or now, at a wait with quiet hours.
                self.note(at, "the event came")
                # One event ends one wait.
                journey.heard = tuple((kept, moment) for kept, moment in journey.heard if moment != came or not at.waits_for(kept))
                self.set_context_time(came)
                return self.leave(at, at.next)
            if due is None or due > view.now:
                if not journey.inside:
                    self.note(at, f"until {due}")
                journey.inside, journey.state, journey.due_at = True, WAITING, due
                return self.decision()
            self.note(at, "time ran out")
            self.set_context_time(due)
            journey.inside = True
        # Held outside the wait: the event came in quiet hours. Held inside it: its time ran out in them.
        return self.leave(at, at.otherwise if journey.inside else at.next)

    def leave(self, at: WaitStep | WaitEventStep, to: int) -> Decision | None:
        """Go on behind a wait that is over, unless it is quiet now."""
        if at.quiet:
            until = self.quiet_end(at.quiet)
            if until is not None:
                return self.hold(at, until, "quiet")
        self.move(to)
        return None

    def quiet_end(self, quiet: tuple[nodes.Quiet, ...]) -> int | None:
        """When all of these quiet hours are over; None: it is not quiet now. Raises ValueError: they never end."""
        view = self.view
        return view.project.quiet_end(view.now, quiet, view.zone) if quiet else None

    def set_context_time(self, at: int) -> None:
        self.journey.context_time = at
        self.view.context_time = at

    def hold(self, at: Operation, until: int, reason: str) -> Decision:
        self.note(at, f"held until {until}", (("because", reason),))
        self.journey.state = HELD
        self.journey.due_at = until
        if reason == "cap":
            # To the end of the hold, not to the tick that finds it ended: an outage adds nothing to `valid`. Nor do quiet hours.
            self.journey.held += until - self.view.now
        return self.decision()

    # ----------------------------------------------------------------------------------------------------- step group

    def group(self, first: ActStep) -> Decision:
        """Decide the run of acting steps that starts here, whole (`engine.md` §2, `domain.md` §4.7)."""
        scenario, journey, view = self.scenario, self.journey, self.view
        for condition, _ in scenario.stop_when:
            if condition.test(view):
                self.note(first, "stop when", condition.seen(view))
                return self.end(STOPPED, StopReason.STOP_WHEN)
        acts, after = scenario.groups[first.number]
        if journey.skip:
            acts = tuple(act for act in acts if act.known_as not in journey.skip)
            if not acts:  # everything here was done under an earlier text
                self.move(after)
                return self.decision()
        deadline = calendar.add_exact(journey.context_time, scenario.valid, view.zone) + journey.held
        sends = [self.resolve(act) for act in acts if isinstance(act, SendStep)]
        if view.now > deadline:
            self.note(first, "expired", (("valid until", deadline),))
            return self.end(STOPPED, StopReason.EXPIRED)
        until = self.quiet_until(sends)
        if until is not None:
            return self.hold(first, until, "quiet")
        if not journey.acted:
            full = limits.full_limit(scenario, view, journey.id)
            if full is not None:
                self.note(first, "limit", ((f"limit {full.count} per {full.key}", "full"),))
                return self.end(STOPPED, StopReason.LIMIT)
        holdout = not scenario.transactional and limits.in_holdout(scenario, view)
        if holdout:
            self.apply_holdout(sends)
        elif view.project.caps and (until := self.apply_caps(sends)) is not None:
            return self.hold(first, until, "cap")
        self.act(acts, sends, holdout=holdout)
        if after < len(scenario.steps):
            self.move(after)
            return self.decision()
        journey.step = after
        return self.end(FINISHED, None)

    def resolve(self, send: SendStep) -> _Resolved:
        """The first listed channel in which the customer may be reached, else the reason of the first."""
        view = self.view
        if send.to is not None:
            return _Resolved(send, send.channels[0], send.to, None, send.quiet)
        first: SkipReason | None = None
        for channel in send.channels:
            reason, address = refusal(
                view.customer, view.order, channel, send.topic, transactional=send.transactional, asks=self.scenario.asks
            )
            if reason is None:
                policy = () if send.transactional else view.project.policy_quiet(channel)
                return _Resolved(send, channel, address, None, (*send.quiet, *policy) if policy else send.quiet)
            first = first or SkipReason(reason)
        refused = refusals(view.customer, send.channels, send.topic, transactional=send.transactional)
        return _Resolved(send, None, None, first, refusals=refused)

    def quiet_until(self, sends: list[_Resolved]) -> int | None:
        """When no send of the group is in its quiet hours any more; None: now."""
        rules = [send.quiet for send in sends if send.quiet]
        return self.quiet_end(rules[0] if len(rules) == 1 else tuple(chain.from_iterable(rules))) if rules else None

    def apply_holdout(self, sends: list[_Resolved]) -> None:
        for send in sends:
            if not send.step.transactional:
                send.channel, send.reason, send.refusals = None, SkipReason.HOLDOUT, ()

    def apply_caps(self, sends: list[_Resolved]) -> int | None:
        """Take back the channel of sends that a cap refuses; or until when the group is held for one."""
        journey, view = self.journey, self.view
        granted: list[str] = []
        for send in sends:
            if send.channel is None or send.step.transactional or send.step.to is not None:
                continue
            reached = limits.cap_reached(view.project.caps, send.channel, view.messages(), granted, view)
            if reached is None:
                granted.append(send.channel)
                continue
            cap, free = reached
            if cap.hold is not None:
                since = journey.held_since if journey.held_since is not None else view.now
                last = calendar.add_exact(since, cap.hold, view.zone)
                if view.now < last:
                    journey.held_since = since
                    return min(free, last)
            send.channel, send.reason = None, SkipReason.CAP
        return None

    def act(self, acts: Sequence[ActStep], sends: list[_Resolved], *, holdout: bool) -> None:
        """Do the group: effects, T, what counts."""
        journey, view = self.journey, self.view
        deadline = calendar.add_exact(view.now, self.scenario.valid, view.zone)
        resolved = iter(sends)
        done = counted = sent = False
        for act in acts:
            match act:
                case SendStep():
                    send = next(resolved)
                    if send.channel is not None and send.address is not None:
                        values = tuple([(name, condition.value(view)) for name, condition in act.arguments])
                        self.effects.append(
                            PlanMessage(
                                act.number,
                                act.template,
                                send.channel,
                                send.address,
                                act.to is not None,
                                act.transactional,
                                act.topic,
                                values,
                                deadline,
                                send.quiet,
                            )
                        )
                        self.note(act, "send", (("by", send.channel),))
                        done, sent = True, sent or act.to is None
                    else:
                        reason = send.reason or SkipReason.UNREACHABLE
                        self.effects.append(SkipMessage(act.number, act.template, act.channels[0], reason, act.transactional))
                        self.note(act, f"skipped ({reason})", send.refusals)
                        counted = counted or reason is not SkipReason.CAP
                case SetStep() | TellStep() | IssueStep() | CallStep() if holdout:
                    self.note(act, f"skipped ({SkipReason.HOLDOUT})")
                    counted = True
                case SetStep():
                    value = act.value.value(view)
                    self.effects.append(SetField(act.number, act.entity, act.field, value, act.before.value(view)))
                    self.note(act, "set", ((f"{act.entity}.{act.field}", value),))
                    done = True
                case TellStep():
                    data = tuple(act.data(view).items())
                    self.effects.append(Tell(act.number, act.op, data))
                    self.note(act, act.op, data)
                    done = True
                case IssueStep() if sends and not any(send.channel for send in sends):
                    self.note(act, "skipped (no message)")
                case IssueStep():
                    self.effects.append(IssueCode(act.number, act.pool, act.name))
                    self.note(act, "issue", (("promo", act.pool),))
                    done = True
                case CallStep():
                    values = tuple((name, condition.value(view)) for name, condition in act.arguments)
                    self.effects.append(CallOut(act.number, act.name, values, deadline))
                    self.note(act, "call", values)
                    done = True
        if journey.reached_at is None:
            journey.reached_at = view.now
            if self.scenario.goals:
                journey.goal_until = max(calendar.add_exact(view.now, goal.within, view.project.timezone) for goal in self.scenario.goals)
        if done or counted:
            journey.acted = self.applied = True
            self.set_context_time(view.now)
        if sent:
            journey.last_send = view.last_send = view.now
        journey.held, journey.held_since = 0, None


#: What takes a step.
_TAKE: Mapping[type[Operation], Callable[[_Walk, Any], Decision | None]] = {
    WaitStep: _Walk.wait,
    WaitEventStep: _Walk.wait_for_event,
    GateStep: _Walk.gate,
    BranchStep: _Walk.branch,
    SplitStep: _Walk.split,
    EndStep: _Walk.stop,
    SendStep: _Walk.group,
    SetStep: _Walk.group,
    TellStep: _Walk.group,
    IssueStep: _Walk.group,
    CallStep: _Walk.group,
}


def first_heard(journey: Journey, at: WaitEventStep, due: int | None) -> int | None:
    """The date of the first event heard for a wait that begins at T: one behind its end does not hide one before it."""
    heard = (came for kept, came in journey.heard if at.waits_for(kept))
    return next((came for came in heard if journey.context_time <= came and (due is None or came <= due)), None)


def wait_end(at: WaitStep, view: View) -> int | None:
    """When a wait that starts at T ends, in the customer's zone; None: its date has no value (`language.md` §2.2)."""
    start, zone = view.context_time, view.zone
    match at.node:
        case nodes.Wait(duration=duration, at=time):
            end = calendar.add(start, duration, zone)
            return end if time is None else calendar.next_time(end, time.seconds, zone)
        case nodes.WaitUntil(time=time, weekday=None):
            return calendar.next_time(start, time.seconds if time else 0, zone)
        case nodes.WaitUntil(time=time, weekday=weekday):
            return calendar.next_weekday(start, str(weekday), time.seconds if time else None, zone)
        case nodes.WaitUntilDate(at=time):
            date = at.date.moment(view) if at.date else None
            if date is None or time is None:
                return date
            return calendar.next_time(date, time.seconds, zone)
