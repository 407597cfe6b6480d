"""A scenario retold: what starts it, what happens, what ends it, and every default that was not written."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator

from dsl import nodes
from dsl.meaning.reading import Reading
from dsl.meaning.reading import SendPlace
from dsl.printer import print_node
from dsl.project import Project
from interpreter.telling.phrases import clock
from interpreter.telling.phrases import hours
from interpreter.telling.phrases import joined
from interpreter.telling.phrases import length
from interpreter.telling.phrases import schedule

#: A line, indented by so many levels.
Line = tuple[int, str]


def retell(project: Project, reading: Reading) -> str:
    """The scenario in plain words, ending with a line break."""
    return _Teller(project, reading).text()


class _Teller:
    def __init__(self, project: Project, reading: Reading) -> None:
        self.project = project
        self.reading = reading
        self.node = reading.node
        self.sends: dict[int, SendPlace] = {id(send.node): send for send in reading.sends}

    def text(self) -> str:
        place = self.reading.source.position(self.node.span.start)
        title = f" ({self.node.title})" if self.node.title else ""
        lines = [f"{self.reading.name}{title}: {self.reading.source.path}:{place.line}"]
        for heading, part in (
            ("starts", self._starts()),
            ("then", self._steps(self.node.steps)),
            ("ends early", self._ends()),
            ("rules", self._rules()),
        ):
            told = list(part)
            if told:
                lines += ["", heading, *("  " * (depth + 1) + text for depth, text in told)]
        return "\n".join(lines) + "\n"

    # ---------------------------------------------------------------------------------------------------- what starts it

    def _starts(self) -> Iterator[Line]:
        for clause in self.node.clauses:
            match clause:
                case nodes.On(event=event, where=where):
                    yield 0, self._event(event) + _where(where)
                case nodes.Every(schedule=when, segment=segment, where=where):
                    who = f"for each customer of the segment `{segment.text}`" if segment else "for every customer"
                    yield 0, f"{schedule(when)}, {who}{_where(where)}"
                case nodes.Active(first=first, last=last):
                    yield 0, f"only from {first} to {last}, both days included; those under way go on"
                case nodes.Paused():
                    yield 0, "paused: nothing starts and nothing is sent"

    def _event(self, event: nodes.Event) -> str:
        written = print_node(event)
        found = self.reading.event(event)
        return f"`{written}`: {found.kind.meaning}" if found else f"`{written}`"

    # ------------------------------------------------------------------------------------------------------ what happens

    def _steps(self, steps: Iterable[nodes.Step], depth: int = 0) -> Iterator[Line]:
        for step in steps:
            match step:
                case nodes.If():
                    yield from self._if(step, depth)
                case nodes.WaitForEvent():
                    yield from self._wait_for(step, depth)
                case nodes.Split(name=name, arms=arms):
                    yield depth, f"customers are divided by chance (`{name.text}`), each always into the same arm{_label(step)}"
                    for arm in arms:
                        yield depth + 1, f"{print_node(arm.share)} `{arm.name.text}`:"
                        yield from self._steps(arm.steps, depth + 2)
                case _:
                    yield depth, self._step(step) + _label(step)

    def _if(self, step: nodes.If, depth: int) -> Iterator[Line]:
        word = "if"
        for branch in step.branches:
            yield depth, f"{word} {print_node(branch.condition)}{_label(step) if word == 'if' else ''}:"
            yield from self._steps(branch.steps, depth + 1)
            word = "else, if"
        if step.otherwise is not None:
            yield depth, "else:"
            yield from self._steps(step.otherwise, depth + 1)

    def _wait_for(self, step: nodes.WaitForEvent, depth: int) -> Iterator[Line]:
        yield (
            depth,
            f"wait at most {length(step.duration)} for {self._event(step.event)}{_where(step.where)}{self._quiet(step)}{_label(step)}",
        )
        for words, steps in (("when it happens", step.then), ("when the time runs out", step.otherwise)):
            if steps is None:
                yield depth + 1, f"{words}: go on"
            else:
                yield depth + 1, f"{words}:"
                yield from self._steps(steps, depth + 2)

    def _step(self, step: nodes.Step) -> str:
        match step:
            case nodes.Wait(duration=duration, at=at):
                return f"wait {length(duration)}" + (f", then until {clock(at.seconds)}" if at else "") + self._quiet(step)
            case nodes.WaitUntil(time=time, weekday=weekday):
                moment = " ".join(part for part in (weekday.capitalize() if weekday else "", clock(time.seconds) if time else "") if part)
                return f"wait until {moment}" + self._quiet(step)
            case nodes.WaitUntilDate(date=date, at=at):
                when = f" at {clock(at.seconds)}" if at else ""
                return f"wait until {print_node(date)}{when}; without a date the journey stops" + self._quiet(step)
            case nodes.Gate(condition=condition):
                return f"go on only if {print_node(condition)}"
            case nodes.Send():
                return self._send(step)
            case nodes.End():
                return "the journey ends"
            case _:
                # Written steps read as sentences already: `award 100 to balance "bonus"`.
                return print_node(step).partition("\n")[0].removesuffix(f" as {step.label.text}" if step.label else "")

    def _send(self, step: nodes.Send) -> str:
        place = self.sends.get(id(step))
        channels = place.known_channels if place else ()
        by = f" by {joined(channels, 'or else by')}" if channels else ""
        to = f" to {step.to.text} (staff)" if step.to else ""
        values = f", with {joined(f'{each.name.text} = {print_node(each.value)}' for each in step.arguments)}" if step.arguments else ""
        return f"send `{step.template.text}`{by}{to}{values}{self._quiet(step)}"

    def _quiet(self, step: nodes.Step) -> str:
        own = getattr(step, "quiet", ())
        return f" ({'; '.join(hours(quiet) for quiet in own)}, instead of the scenario's hours)" if own else ""

    # ---------------------------------------------------------------------------------------------------- what ends it

    def _ends(self) -> Iterator[Line]:
        for clause in self.node.clauses:
            match clause:
                case nodes.StopOn(event=event, where=where):
                    yield 0, f"at once, when {self._event(event)}{_where(where)}"
                case nodes.StopWhen(condition=condition):
                    yield 0, f"when {print_node(condition)}, looked at before every act"

    # ------------------------------------------------------------------------------------------------- rules and defaults

    def _rules(self) -> Iterator[Line]:
        reading, around = self.reading, self.project.surroundings
        limits = [_limit(limit) for limit in reading.clauses(nodes.Limit)]
        yield from ((0, f"limit: {limit}") for limit in limits or ["none, one customer may go through again and again (default)"])
        valid = reading.clause(nodes.Valid)
        yield (
            0,
            f"valid: an act more than {length(valid.duration if valid else around.valid)} late is left out{'' if valid else ' (default)'}",
        )
        yield 0, f"hours: {'; '.join(hours(quiet) for quiet in reading.quiet) or 'any (default)'}"
        if reading.transactional:
            yield 0, "transactional: needs no consent, outside caps, holdout and policy hours"
        else:
            yield 0, "marketing: goes only to those who subscribed (default)"
            yield from ((0, f"policy: {_policy(placed.node)}") for placed in self.project.policies)
        for goal in reading.clauses(nodes.Goal):
            yield 0, f"goal: {self._event(goal.event)}{_where(goal.where)}, within {length(goal.within)} of its first act"
        holdout = reading.clause(nodes.Holdout)
        yield (
            0,
            f"control group: {print_node(holdout.share)} of customers get nothing, for comparison"
            if holdout
            else "control group: none (default)",
        )
        priority = reading.clause(nodes.Priority)
        yield 0, f"priority: {priority.value if priority else '0 (default)'}"
        for formerly in reading.clauses(nodes.Formerly):
            yield 0, f"formerly: {joined(name.text for name in formerly.names)}"
        yield 0, f"clock: days and hours as the customer has them, else {around.timezone}"
        yield 0, "runs: with every tick of `scn run`"


def _where(condition: nodes.Expression | None) -> str:
    return f", if {print_node(condition)}" if condition else ""


def _label(step: nodes.Step) -> str:
    return f" [{step.label.text}]" if step.label else ""


def _limit(limit: nodes.Limit) -> str:
    per = "over all customers" if limit.key.text == "scenario" else f"per {limit.key.text}"
    parts = [f"at most {limit.count} {per}"]
    if limit.within:
        parts.append(f"within {length(limit.within)}")
    if limit.each:
        parts.append(f"each {limit.each}")
    if limit.since_created:
        parts.append("since it was created")
    return " ".join(parts) + ("" if limit.within or limit.each or limit.since_created else ", ever")


def _policy(policy: nodes.PolicyQuiet | nodes.PolicyCap) -> str:
    if isinstance(policy, nodes.PolicyQuiet):
        channels = f" by {joined((name.text for name in policy.channels), 'or')}" if policy.channels else ""
        return f"{hours(policy.quiet)}{channels}"
    what = policy.channel.text if policy.channel else f"message{'' if policy.count == 1 else 's'}"
    rest = f"held for at most {length(policy.hold)}" if policy.hold else "skipped"
    return f"at most {policy.count} {what} within {length(policy.within)} from all scenarios together; what is over is {rest}"
