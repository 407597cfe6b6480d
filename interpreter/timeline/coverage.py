"""Which clauses and steps no test has gone through: gates both ways, branches, arms, limits, `stop on`, goals, waits for events."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator

import attrs

from dsl import nodes
from dsl.source import Span
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
from interpreter.program import WaitEventStep
from interpreter.rules import Rules
from interpreter.store.listing import DecisionRow
from interpreter.timeline.happened import detail


@attrs.define(slots=True)
class _Taken:
    """What the tests went through in one scenario."""

    outcomes: set[tuple[int, str]] = attrs.field(factory=set)
    """(step, what came of it)"""
    started: set[str] = attrs.field(factory=set)
    """Kinds of events, `every`."""
    refused: set[str] = attrs.field(factory=set)
    exits: set[str] = attrs.field(factory=set)
    goals: set[str] = attrs.field(factory=set)
    limits: set[str] = attrs.field(factory=set)
    stop_when: bool = False


def gaps(rules: Rules, paths: Collection[str], decisions: Iterable[DecisionRow]) -> dict[str, list[tuple[str, str]]]:
    """Per scenario of these files, in the order written: (place, what was never taken)."""
    taken = _taken(decisions)
    found: dict[str, list[tuple[str, str]]] = {}
    for name, placed in rules.project.scenarios.items():
        scenario = rules.scenarios[name]
        if placed.source.path not in paths or scenario.paused:
            continue
        missing = sorted(_gaps(scenario, taken.get(name, _Taken())), key=lambda gap: gap[0].start)
        found[name] = []
        for span, what in missing:
            position = placed.source.position(span.start)
            text = " ".join(placed.source.text[span.start : span.end].split()).split(" {")[0]
            found[name].append((f"{placed.source.path}:{position.line}:{position.column}", f"`{text}` {what}"))
    return found


def _taken(decisions: Iterable[DecisionRow]) -> dict[str, _Taken]:
    found: dict[str, _Taken] = {}
    standing: dict[tuple[int, int | None], int] = {}
    previous = 0
    run = 0
    for row in decisions:
        # Each test has a ledger of its own, numbered from 1.
        run += row.id <= previous
        previous = row.id
        one = found.setdefault(row.scenario, _Taken())
        reason, said = str(row.reason), detail(row)
        match row.outcome:
            case "started":
                one.started.add(reason)
            case "refused":
                one.refused.add(reason)
                if isinstance(said, str):
                    one.limits.add(said)
            case "goal":
                one.goals.add(reason)
            case "event" if (run, row.journey) in standing:
                one.outcomes.add((standing[run, row.journey], "happened"))
            case "stopped" if reason == "exit" and isinstance(said, dict):
                one.exits.add(str(said.get("event")))
        for step, outcome, *seen in said if isinstance(said, list) else ():
            if not isinstance(step, int):
                continue
            standing[run, row.journey] = step
            one.outcomes.add((step, outcome))
            if outcome == "limit" and seen:
                one.limits.add(seen[0][0])
            one.stop_when = one.stop_when or outcome == "stop when"
    return found


def _gaps(scenario: Scenario, taken: _Taken) -> Iterator[tuple[Span, str]]:
    for trigger in scenario.triggers:
        if trigger.event.kind.key not in taken.started:
            yield trigger.span, "never started a journey"
        elif trigger.where is not None and "where" not in taken.refused:
            yield trigger.span, "was never refused by its `where`"
    if "every" not in taken.started:
        yield from ((schedule.span, "never started a journey") for schedule in scenario.schedules)
    for listener in scenario.stop_on:
        if listener.event.kind.key not in taken.exits:
            yield listener.span, "never stopped a journey"
    if not taken.stop_when:
        yield from ((span, "never stopped a journey") for _, span in scenario.stop_when)
    for goal in scenario.goals:
        if goal.listener.event.kind.key not in taken.goals:
            yield goal.listener.span, "was never reached"
    for limit in scenario.limits:
        if f"limit {limit.count} per {limit.key}" not in taken.limits:
            yield limit.span, "was never full"
    for clause in scenario.node.clauses:
        if isinstance(clause, nodes.Holdout) and not any(outcome == "skipped (holdout)" for _, outcome in taken.outcomes):
            yield clause.span, "was never met"
    for step in scenario.steps:
        outcomes = {outcome for number, outcome in taken.outcomes if number == step.number}
        yield from ((step.span, what) for what in _step_gaps(step, outcomes))


def _step_gaps(step: Operation, outcomes: set[str]) -> Iterator[str]:
    match step:
        case GateStep() | BranchStep() if not outcomes & {"yes", "no"}:
            yield "was never asked"
        case GateStep() | BranchStep():
            for word, what in (("yes", "was never true"), ("no", "was never false")):
                if word not in outcomes:
                    yield what
        case SplitStep():
            yield from (f"never took `{name}`" for name, _, _ in step.arms if name not in outcomes)
        case WaitEventStep():
            if "happened" not in outcomes:
                yield "never saw its event"
            if "time ran out" not in outcomes:
                yield "never ran out of time"
        case SendStep() if "send" not in outcomes:
            yield "was never sent"
        case SetStep() if "set" not in outcomes:
            yield "never set anything"
        case IssueStep() if "issue" not in outcomes:
            yield "never gave out a code"
        case CallStep() if "call" not in outcomes:
            yield "was never called"
        case EndStep() if "end" not in outcomes:
            yield "was never reached"
