"""The lines of a test, read: which facts come in when, what is expected when, and what is wrong with the test itself.

Times are in the project's zone unless they carry an offset; `+2d` counts from the line before, a bare `09:00` is on the day of the line
before. Facts without a time are the state of the shop before the launch.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import attrs

from dsl import calendar
from dsl import nodes
from dsl.project import Placed
from dsl.source import Source
from dsl.source import Span
from dsl.spelling import closest
from interpreter.facts import Fact
from interpreter.facts import Rejection
from interpreter.facts import read

MINUTE = 60

#: Times of a test, as those of facts.
EARLIEST, LATEST = calendar.parse_moment("1900-01-01", "UTC"), calendar.parse_moment("2200-01-01", "UTC")

#: What the short forms stand for, and the object their braces hold.
_SHORT = {"order": ("order.update", "order"), "product": ("product.update", "product")}
_ENVELOPE = ("at", "key", "batch", "actor")


@attrs.frozen(slots=True)
class Mistake:
    """Something wrong with the test itself."""

    span: Span
    message: str
    hint: str = ""


@attrs.frozen(slots=True)
class Given:
    """A line that happens to the shop, and when: None before the launch."""

    line: nodes.FactLine | nodes.FixArm | nodes.FixHoldout
    said: str
    """As the author wrote it, without its time."""
    at: int | None
    fact: Fact | None = None


@attrs.frozen(slots=True, eq=False)
class Expected:
    """An expectation with the moments between which it must come true, seconds since 1970 UTC."""

    line: nodes.Expect
    said: str
    """As the author wrote it, without `expect` and its time."""
    at: int | None
    """The minute asked for; None: any time."""
    since: int
    """Of `nothing`: from this minute on."""
    until: int | None
    """Of `nothing`: up to and with this minute; None: to the end."""


@attrs.frozen(slots=True)
class Timeline:
    """A test that can be run."""

    source: Source
    node: nodes.Test
    given: tuple[Given, ...]
    expected: tuple[Expected, ...]
    launch: int
    """The tick that launches the scenarios: the minute before the first line with a time. The shop's state comes a minute earlier."""
    last: int
    """The minute of the last line with a time."""
    mistakes: tuple[Mistake, ...] = ()

    @property
    def open_end(self) -> bool:
        """Whether something is expected of the time after the last line."""
        return any(expected.until is None and expected.at is None for expected in self.expected)


def read_test(placed: Placed[nodes.Test], zone: str) -> Timeline:
    """A test and everything that is wrong with its lines. `zone`: the project's."""
    return _Reader(placed, zone).timeline()


class _Reader:
    def __init__(self, placed: Placed[nodes.Test], zone: str) -> None:
        self.source = placed.source
        self.node = placed.node
        self.zone = zone
        self.mistakes: list[Mistake] = []
        self.unanchored = False

    def timeline(self) -> Timeline:
        lines = self.node.lines
        moments = [*self._moments(lines)]
        times = [at for at in moments if at is not None]
        if not times and not self.mistakes:
            hint = "write `2026-03-01 10:00` before a line"
            self.wrong(self.node.title, "no line of this test has a time, so nothing can happen in it", hint)
        first = _floor(min(times, default=0))
        given: list[Given] = []
        expected: list[Expected] = []
        clocks = times[:]
        for number, (line, at) in enumerate(zip(lines, moments, strict=True)):
            match line:
                case nodes.FactLine():
                    one = self._given(line, at, number, first - 2 * MINUTE)
                    given.append(one)
                    clocks += [one.fact.received] if one.fact and at is not None else []
                case nodes.FixArm() | nodes.FixHoldout():
                    given.append(Given(line, self.text(line.span), None))
                case nodes.Expect():
                    expected.append(self._expected(line, at, moments, number, first))
        self._check_customers(lines)
        last = _ceiling(max(clocks, default=0))
        return Timeline(self.source, self.node, tuple(given), tuple(expected), first - MINUTE, last, tuple(self.mistakes))

    def wrong(self, node: nodes.Node, message: str, hint: str = "") -> None:
        self.mistakes.append(Mistake(node.span, message, hint))

    # --------------------------------------------------------------------------------------------------------- times

    def _moments(self, lines: tuple[nodes.Line, ...]) -> Iterator[int | None]:
        before: int | None = None
        latest: int | None = None
        for line in lines:
            when = line.when if isinstance(line, nodes.FactLine | nodes.Expect) else None
            at = self._moment(when, before) if when else None
            if isinstance(line, nodes.FactLine) and at is None and before is not None and when is None:
                self.wrong(line.operation, "a fact without a time is the state before the launch: it stands before all lines with a time")
            late = isinstance(line, nodes.FactLine) and line.received is not None
            if at is not None and when is not None and latest is not None and at < latest and not late:
                hint = "write the date, or `+1d`" if isinstance(when.moment, nodes.TimeOfDay) else "lines follow each other in time"
                self.wrong(when, f"{self.shown(at)} is before the line above, {self.shown(latest)}", hint)
            if at is not None:
                before = at
                # One that goes back is a mistake once, not with every line behind it.
                latest = latest if late and latest is not None else at
            yield at

    def _moment(self, when: nodes.When, before: int | None) -> int | None:
        try:
            found = self._counted(when, before)
        except ValueError:
            found = LATEST
        if found is not None and not EARLIEST <= found < LATEST:
            self.wrong(when, "expected a time between the years 1900 and 2200")
            return None
        return found

    def _counted(self, when: nodes.When, before: int | None) -> int | None:
        moment = when.moment
        if isinstance(moment, datetime):
            return calendar.moment_of(moment, self.zone)
        if before is None:
            if not self.unanchored:
                self.wrong(when, "there is no line with a date before this one to count from", "write the date too: `2026-03-01 10:00`")
            self.unanchored = True
            return None
        if isinstance(moment, nodes.TimeOfDay):
            return calendar.instant(calendar.local(before, self.zone)[0], moment.seconds, self.zone)
        return calendar.add(before, moment, self.zone)

    def shown(self, at: int) -> str:
        """A moment as the test writes it."""
        return shown(at, self.zone)

    def said(self, line: nodes.Expect) -> str:
        """An expectation as it stands in the test."""
        start = line.when.span.end if line.when else line.span.start
        return self.text(Span(start, line.span.end)).removeprefix("expect ")

    def text(self, span: Span) -> str:
        """A stretch of the test on one line."""
        return " ".join(self.source.text[span.start : span.end].split())

    # --------------------------------------------------------------------------------------------------------- facts

    def _given(self, line: nodes.FactLine, at: int | None, number: int, before_launch: int) -> Given:
        moment = before_launch if at is None else at
        said = self.text(Span(line.operation.span.start, line.span.end))
        if at is None and line.received is not None:
            self.wrong(line.received, "a fact from before the launch arrives before the launch", "write its time in front of the line")
            return Given(line, said, at)
        received = self._moment(line.received, moment) if line.received else moment
        if received is None or received < moment:
            self.wrong(line.received or line, "a fact cannot arrive before it happens")
            return Given(line, said, at)
        raw = _raw(line)
        if at is not None:
            raw.setdefault("at", calendar.iso(at, self.zone))
        fact = read(raw, zone=self.zone, received=before_launch if at is None else received, batch=f"line {number}", actor="customer")
        if isinstance(fact, Rejection):
            self.wrong(line, str(fact))
            return Given(line, said, at)
        return Given(line, said, at, fact)

    def _expected(self, line: nodes.Expect, at: int | None, moments: list[int | None], number: int, first: int) -> Expected:
        if not isinstance(line, nodes.ExpectNothing):
            return Expected(line, self.said(line), at, first, at)
        if line.rest:
            return Expected(line, self.said(line), None, first - MINUTE, at)
        since = next((moment for moment in reversed(moments[:number]) if moment is not None), first)
        following = next((moment for moment in moments[number + 1 :] if moment is not None), None)
        until = at if at is not None or following is None else _floor(following) - MINUTE
        return Expected(line, self.said(line), at, _floor(since), until)

    # ----------------------------------------------------------------------------------------------------- customers

    def _check_customers(self, lines: tuple[nodes.Line, ...]) -> None:
        known = {name for line in lines if isinstance(line, nodes.FactLine) for name in _customers(line)}
        for line in lines:
            customer = getattr(line, "customer", None)
            if isinstance(line, nodes.FactLine) or not isinstance(customer, nodes.Name):
                continue
            if customer.text not in known and "@" not in customer.text:
                near = closest(customer.text, sorted(known))
                hint = f"did you mean `{near}`?" if near else f"write `customer {customer.text} {{ … }}` above"
                self.wrong(customer, f"no fact of this test is about the customer `{customer.text}`", hint)


def _customers(line: nodes.FactLine) -> Iterator[str]:
    if line.operation.text == "customer" and line.id:
        yield line.id.text
    if line.customer:
        yield line.customer.text
    for name in ("customer", "into"):
        if isinstance(value := line.data.get(name), str | int):
            yield str(value)


def _raw(line: nodes.FactLine) -> dict[str, Any]:
    """The JSON that a line stands for (`events.md` §2)."""
    data: dict[str, Any] = dict(line.data)
    operation = line.operation.text
    if operation in _SHORT:
        operation, place = _SHORT[operation]
        envelope = {name: data.pop(name) for name in _ENVELOPE if name in data}
        data = {**envelope, place: {"id": line.id.text if line.id else None, **data}}
    elif operation == "customer":
        operation, data = "customer.register_or_enrich", {"customer": line.id.text if line.id else None, **data}
    if line.customer is not None:
        data["customer"] = line.customer.text
    return {"op": operation, **data}


def shown(at: int, zone: str) -> str:
    """A moment as tests write it: `2026-03-09 09:00`, with seconds where there are some."""
    text = calendar.iso(at, zone)
    return f"{text[:10]} {text[11:19] if text[17:19] != '00' else text[11:16]}"


def _floor(at: int) -> int:
    return at // MINUTE * MINUTE


def _ceiling(at: int) -> int:
    return -(-at // MINUTE) * MINUTE
