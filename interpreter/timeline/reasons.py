"""Why something did not happen, in sentences, from the ledger of the rehearsal."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any

import attrs

from dsl import nodes
from dsl.source import Source
from dsl.source import Span
from interpreter.program import Scenario
from interpreter.program import SendStep
from interpreter.program import SetStep
from interpreter.rules import Rules
from interpreter.store.listing import DecisionRow
from interpreter.store.listing import JourneyRow
from interpreter.timeline.compare import Failure
from interpreter.timeline.happened import Happening
from interpreter.timeline.happened import Story
from interpreter.timeline.happened import detail
from interpreter.timeline.lines import shown
from interpreter.trace import SENTENCES

#: Sentences for one failure at most.
MOST = 4
#: Characters of a letter that are shown.
LETTER = 160

_HOLDS = {"quiet": "quiet hours", "cap": "a cap"}


@attrs.frozen(slots=True)
class Reasons:
    """Explains failures of one test."""

    rules: Rules
    story: Story

    def of(self, failure: Failure) -> list[str]:
        """What the ledger says about it."""
        found: list[str] = []
        for offence in failure.offences:
            found += self._origin(offence)
        if failure.near is not None:
            found += self._origin(failure.near)
            found += self._timing(failure.near) if failure.late else ()
            found += _letter(failure)
        if failure.missing is not None and (failure.near is None or failure.near.line.__class__ is not failure.missing.line.__class__):
            found += self._absence(failure.missing.line)
        return list(dict.fromkeys(found))[:MOST]

    # ------------------------------------------------------------------------------------------------- what happened

    def _origin(self, happening: Happening) -> Iterator[str]:
        """Which step did it, or why it ended."""
        if happening.decision is not None and happening.decision.outcome != "goal":
            yield self._end(happening.decision)
        elif happening.step is not None:
            number = happening.step[1]
            yield f"{self._shown(happening.at)}: came from {self._step(happening.scenario, number)}"
        elif isinstance(happening.line, nodes.ExpectSet):
            yield from self._setter(happening, happening.line)

    def _setter(self, happening: Happening, line: nodes.ExpectSet) -> Iterator[str]:
        """The step that set a value."""
        wanted = [f"{line.entity.text}.{line.field.text}", line.value]
        for decision in self.story.decisions:
            for step, outcome, *seen in _entries(decision) if decision.at == happening.at else ():
                if outcome == "set" and seen == [wanted]:
                    yield f"{self._shown(happening.at)}: came from {self._step(decision.scenario, step)}"
                    return

    def _timing(self, happening: Happening) -> Iterator[str]:
        """What the journey of a message waited for last."""
        journey = happening.step[0] if happening.step else None
        for decision in reversed(self.story.decisions):
            if journey is None or decision.journey != journey or decision.at > happening.at:
                continue
            for step, outcome, *seen in _entries(decision):
                until = _until(outcome)
                if until is not None and until <= happening.at:
                    held = outcome.startswith("held")
                    because = f" because of {_HOLDS.get(seen[0][1], seen[0][1])}" if held and seen else ""
                    what = "was held at" if held else "waited at"
                    yield f"{self._shown(decision.at)}: {what} {self._step(decision.scenario, step)} until {self._shown(until)}{because}"
                    return

    # ------------------------------------------------------------------------------------------------- what did not

    def _absence(self, line: nodes.Expect) -> Iterator[str]:
        name = getattr(line, "customer", None)
        customer = self.story.customer(name.text) if name is not None else None
        able = self._able(line)
        if not able and (nobody := _nobody(line)):
            yield nobody
        decisions = [row for row in self.story.decisions if customer in {None, row.customer}]
        journeys = [row for row in self.story.journeys if customer in {None, row.customer}]
        touched = [one for one in able if any(row.scenario == one.name for row in decisions)]
        for scenario in touched:
            if scenario.paused:
                yield self._unstarted(scenario, customer or "anybody", line)
                continue
            own = [row for row in decisions if row.scenario == scenario.name]
            yield from self._fate(scenario, own, [row for row in journeys if row.scenario == scenario.name])
        for scenario in () if touched else able:
            yield self._unstarted(scenario, customer or "anybody", line)

    def _able(self, line: nodes.Expect) -> list[Scenario]:
        """The scenarios that could have done it."""
        known = self.rules.scenarios
        match line:
            case nodes.ExpectSend(template=template) | nodes.ExpectSkip(template=template):
                return [one for one in known.values() if template.text in _sends(one)]
            case nodes.ExpectStopped(scenario=scenario) | nodes.ExpectGoal(scenario=scenario):
                return [known[scenario.text]] if scenario.text in known else []
            case nodes.ExpectSet(entity=entity, field=field):
                wanted = f"{entity.text}.{field.text.removeprefix(f'{entity.text}.')}"
                return [one for one in known.values() if wanted in _sets(one)]
        return []

    def _fate(self, scenario: Scenario, decisions: list[DecisionRow], journeys: list[JourneyRow]) -> Iterator[str]:
        """What became of a customer in a scenario."""
        ends = [row for row in decisions if row.outcome in {"stopped", "failed", "refused"}]
        waiting = [row for row in journeys if row.due_at is not None]
        yield from (self._end(row) for row in ends[-2:])
        for row in waiting[-1:]:
            until = f" until {self._shown(row.due_at)}" if row.due_at is not None else ""
            stands = "is held" if row.state == "held" else "waits"
            yield f"{row.customer} {stands} in {row.scenario} at {self._step(row.scenario, row.step)}{until}"
        if journeys and not ends and not waiting:
            yield f"{journeys[-1].customer} came to the end of {self._name(scenario)}"

    def _unstarted(self, scenario: Scenario, customer: str, line: nodes.Expect) -> str:
        if scenario.paused:
            return f"{self._name(scenario)} is paused"
        source = self._source(scenario.name)
        clauses = [clause for clause in scenario.node.clauses if isinstance(clause, nodes.On | nodes.Every)]
        starts = " or ".join(f"`{_text(source, clause.span)}`" for clause in clauses)
        regular = line.when is None and any(isinstance(clause, nodes.Every) for clause in clauses)
        end = ", and `every` starts nobody after the last line with a time" if regular else ""
        return f"nothing started {self._name(scenario)} for {customer}; it starts {starts}{end}"

    def _name(self, scenario: Scenario) -> str:
        """repeat_order (reviews.scn:1:10)"""
        return f"{scenario.name} ({self._place(scenario.name, scenario.node.name.span)})"

    # ----------------------------------------------------------------------------------------------------- one decision

    def _end(self, row: DecisionRow) -> str:
        """How a journey ended, or why it did not begin."""
        at = self._shown(row.at)
        if row.outcome == "refused":
            head = f"{at}: {row.scenario} was not started for {row.customer}"
        else:
            head = f"{at}: {row.customer} {row.outcome} in {row.scenario}"
        return f"{head}: {self._because(row)}"

    def _because(self, row: DecisionRow) -> str:
        found = detail(row)
        if isinstance(found, str):
            return f"{found}" if row.outcome == "failed" else f"`{found}` was full"
        if row.reason == "where":
            clauses = self.rules.scenarios[row.scenario].node.clauses
            wheres = [clause.where for clause in clauses if isinstance(clause, nodes.On) and clause.where]
            written = f"`where {_text(self._source(row.scenario), wheres[0].span)}` ({self._place(row.scenario, wheres[0].span)})"
            return (written if len(wheres) == 1 else "no `where` of its triggers was met") + _saw(found or ())
        if row.outcome == "refused":
            return SENTENCES.get(str(row.reason), str(row.reason))
        entries = _entries(row)
        plain = SENTENCES.get(str(row.reason), str(row.reason))
        if not entries:
            return plain + (f" ({found['event']})" if isinstance(found, dict) and "event" in found else "")
        step, _, *seen = entries[-1]
        match row.reason:
            case "condition":
                return f"condition {self._step(row.scenario, step)}{_saw(seen)}"
            case "limit":
                return f"`{seen[0][0]}` was full" if seen else plain
            case "expired":
                until = f", it was valid until {self._shown(seen[0][1])}" if seen else ""
                return f"too late for {self._step(row.scenario, step)}{until}"
            case _:
                return f"{plain} at {self._step(row.scenario, step)}{_saw(seen)}"

    def _step(self, scenario: str, number: int) -> str:
        """`subscribed email` at reviews.scn:3:6"""
        program = self.rules.scenarios[scenario]
        if number >= len(program.steps):
            return f"its end ({self._place(scenario, program.node.span)})"
        span = program.steps[number].span
        source = self._source(scenario)
        text = _text(source, span).split(" {")[0]
        return f"`{text.removeprefix('if ')}` ({self._place(scenario, span)})"

    def _place(self, scenario: str, span: Span) -> str:
        source = self._source(scenario)
        position = source.position(span.start)
        return f"{source.path}:{position.line}:{position.column}"

    def _source(self, scenario: str) -> Source:
        return self.rules.project.scenarios[scenario].source

    def _shown(self, at: int) -> str:
        return shown(at, self.rules.timezone)


def _nobody(line: nodes.Expect) -> str:
    """No scenario could have done it."""
    match line:
        case nodes.ExpectSend(template=template) | nodes.ExpectSkip(template=template):
            return f"no scenario sends `{template.text}`"
        case nodes.ExpectSet(entity=entity, field=field):
            return f"no scenario sets `{entity.text}.{field.text.removeprefix(f'{entity.text}.')}`"
    return ""


def _letter(failure: Failure) -> Iterator[str]:
    """How a letter begins that lacks a text."""
    line = failure.missing.line if failure.missing else None
    letter = failure.near.letter if failure.near else None
    if isinstance(line, nodes.ExpectSend) and letter and line.containing is not None and line.containing not in letter:
        begin = " ".join(letter.split())
        yield f"the letter begins: {begin[:LETTER]}{'…' if len(begin) > LETTER else ''}"


def _sends(scenario: Scenario) -> set[str]:
    return {step.template for step in scenario.steps if isinstance(step, SendStep)}


def _sets(scenario: Scenario) -> set[str]:
    return {f"{step.entity}.{step.field}" for step in scenario.steps if isinstance(step, SetStep)}


def _entries(row: DecisionRow) -> list[Any]:
    """The steps of a decision's trace."""
    found = detail(row)
    return [entry for entry in found if isinstance(entry, list) and isinstance(entry[0], int)] if isinstance(found, list) else []


def _until(outcome: str) -> int | None:
    last = outcome.rsplit(maxsplit=1)[-1]
    return int(last) if last.isdigit() and len(last) >= 9 else None


def _saw(seen: Iterable[Any]) -> str:
    pairs = [f"{name} = {_value(value)}" for name, value in (entry for entry in seen if isinstance(entry, list) and len(entry) == 2)]
    return f" saw {', '.join(pairs)}" if pairs else ""


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) and " " in value else str(value)


def _text(source: Source, span: Span) -> str:
    """As written, on one line."""
    return " ".join(source.text[span.start : span.end].split())
