"""What was expected against what happened: who claims what, what is missing, what nobody expected."""

from __future__ import annotations

from collections import Counter

import attrs

from dsl import nodes
from dsl.source import Span
from interpreter.timeline.happened import Happening
from interpreter.timeline.happened import Story
from interpreter.timeline.lines import MINUTE
from interpreter.timeline.lines import Expected
from interpreter.timeline.lines import Timeline
from interpreter.timeline.lines import shown

#: Kinds of offences that one failure names.
NAMED = 5


@attrs.frozen(slots=True)
class Failure:
    """One thing that did not come as expected: where in the test, what, and what it may be about."""

    span: Span
    message: str
    hint: str = ""
    missing: Expected | None = None
    """What did not happen: the ledger may say why."""
    near: Happening | None = None
    """What happened in its place."""
    late: bool = False
    """It did so at another time."""
    offences: tuple[Happening, ...] = ()
    """What happened and should not have."""


@attrs.frozen(slots=True)
class Comparison:
    """Every expectation with what met it, and what remains."""

    met: dict[Expected, Happening]
    failures: tuple[Failure, ...]
    free: tuple[Happening, ...]
    """What no expectation claimed."""


def compare(timeline: Timeline, story: Story, zone: str) -> Comparison:
    """Who claims what. The more an expectation says, the earlier it chooses; none is met by what another one claimed."""
    free = list(story.happenings)
    met: dict[Expected, Happening] = {}
    wanted = [expected for expected in timeline.expected if not isinstance(expected.line, nodes.ExpectNothing)]
    for expected in sorted(wanted, key=_modesty):
        found = next((one for one in free if _on_time(expected, one) and meets(expected.line, one, story)), None)
        if found is not None:
            met[expected] = found
            free.remove(found)
    missed = []
    spare = free[:]
    for expected in wanted:
        if expected not in met:
            missed.append(_missed(expected, spare, story, zone))
            spare = [one for one in spare if one is not missed[-1].near]
    quiet = [expected for expected in timeline.expected if isinstance(expected.line, nodes.ExpectNothing)]
    failures = [*missed, *(failure for expected in quiet for failure in _offended(expected, spare))]
    failures.sort(key=lambda failure: failure.span.start)
    named = {one for failure in failures for one in (*failure.offences, failure.near)}
    failures += [
        Failure(timeline.node.title.span, f"{one.said}, which this test does not expect", offences=(one,))
        for one in free
        if one.failed and one not in named and (timeline.open_end or one.at <= timeline.last)
    ]
    return Comparison(met, tuple(failures), tuple(free))


def _modesty(expected: Expected) -> tuple[bool, int]:
    line = expected.line
    said_more = sum(getattr(line, name, None) is not None for name in ("containing", "channel"))
    return expected.at is None, -said_more


def _on_time(expected: Expected, happening: Happening) -> bool:
    """The minute is matched. With seconds, the tick may stand at the end of that minute."""
    if expected.at is None:
        return True
    minute = expected.at // MINUTE * MINUTE
    return happening.at // MINUTE * MINUTE in {minute, -(-expected.at // MINUTE) * MINUTE}


def meets(line: nodes.Expect, happening: Happening, story: Story) -> bool:
    """Whether it is what the line expects, whenever it happened."""
    found = happening.line
    match line, found:
        case nodes.ExpectSend(), nodes.ExpectSend():
            return (
                line.template.text == found.template.text
                and (story.customer(line.customer.text) == found.customer.text or line.customer.text == happening.to)
                and (line.channel is None or (found.channel is not None and line.channel.text == found.channel.text))
                and (line.containing is None or line.containing in (happening.letter or ""))
            )
        case nodes.ExpectSkip(), nodes.ExpectSkip():
            return (line.template.text, story.customer(line.customer.text), line.reason.text) == (
                found.template.text, found.customer.text, found.reason.text
            )  # fmt: skip
        case nodes.ExpectStopped(), nodes.ExpectStopped():
            return (line.scenario.text, story.customer(line.customer.text), line.reason.text) == (
                found.scenario.text, found.customer.text, found.reason.text
            )  # fmt: skip
        case nodes.ExpectGoal(), nodes.ExpectGoal():
            return (line.scenario.text, story.customer(line.customer.text)) == (found.scenario.text, found.customer.text)
        case nodes.ExpectIssue(), nodes.ExpectIssue():
            return (line.pool.text, story.customer(line.customer.text)) == (found.pool.text, story.customer(found.customer.text))
        case nodes.ExpectAward() | nodes.ExpectDeduct(), nodes.ExpectAward() | nodes.ExpectDeduct():
            return type(line) is type(found) and line.amount == found.amount and _alike(line, happening, story)
        case nodes.ExpectSet(), nodes.ExpectSet():
            field = line.field.text.removeprefix(f"{line.entity.text}.")
            same = (line.entity.text, line.id.text, field) == (found.entity.text, found.id.text, found.field.text)
            return same and _equal(line.value, found.value)
        case _:
            return False


def _equal(written: nodes.Data, value: nodes.Data) -> bool:
    if isinstance(written, bool) or isinstance(value, bool):
        return written is value
    if isinstance(written, str) or isinstance(value, str):
        return str(written) == str(value)
    return written == value


# ---------------------------------------------------------------------------------------------------------- sentences


def _missed(expected: Expected, free: list[Happening], story: Story, zone: str) -> Failure:
    """What was found in its place, if there is something like it."""
    line = expected.line
    wanted = f"expected {expected.said}" + (f" at {shown(expected.at, zone)}" if expected.at is not None else "")
    near = _near(expected, free, story)
    if near is None:
        return Failure(line.span, f"{wanted}, found nothing", missing=expected)
    if meets(line, near, story):
        return Failure(line.span, f"{wanted}, found it at {shown(near.at, zone)}", missing=expected, near=near, late=True)
    late = not _on_time(expected, near)
    at = f" at {shown(near.at, zone)}" if late else ""
    if isinstance(line, nodes.ExpectSend) and line.containing is not None and meets(nodes.changed(line, containing=None), near, story):
        gone = line.template.text in story.missing_templates
        lack = f"empty: there is no template `{line.template.text}`" if gone else "without that text"
        return Failure(line.span, f"{wanted}, found it{at} {lack}", missing=expected, near=near, late=late)
    return Failure(line.span, f"{wanted}, found {near.said}{at}", missing=expected, near=near, late=late)


def _near(expected: Expected, free: list[Happening], story: Story) -> Happening | None:
    """The free happening most like the expected one: the same at another time, at this time with another detail, or both."""
    line = expected.line
    exact = [one for one in free if meets(line, one, story)]
    loose = [one for one in free if _alike(line, one, story)]
    for candidates in ([one for one in loose if _on_time(expected, one)], exact, loose):
        if candidates:
            return min(candidates, key=lambda one: abs(one.at - (expected.at or one.at)))
    return None


def _alike(line: nodes.Expect, happening: Happening, story: Story) -> bool:
    """The same thing with another detail: sent instead of skipped, by another channel, for another reason, another value."""
    found = happening.line
    match line, found:
        case nodes.ExpectSend() | nodes.ExpectSkip(), nodes.ExpectSend() | nodes.ExpectSkip():
            return (line.template.text, story.customer(line.customer.text)) == (found.template.text, found.customer.text)
        case nodes.ExpectStopped(), nodes.ExpectStopped():
            return (line.scenario.text, story.customer(line.customer.text)) == (found.scenario.text, found.customer.text)
        case nodes.ExpectIssue(), nodes.ExpectIssue():
            return story.customer(line.customer.text) == found.customer.text
        case nodes.ExpectAward() | nodes.ExpectDeduct(), nodes.ExpectAward() | nodes.ExpectDeduct():
            return (line.account.text, story.customer(line.customer.text)) == (found.account.text, story.customer(found.customer.text))
        case nodes.ExpectSet(), nodes.ExpectSet():
            return (line.entity.text, line.id.text, line.field.text) == (found.entity.text, found.id.text, found.field.text)
        case _:
            return False


def _offended(expected: Expected, free: list[Happening]) -> list[Failure]:
    """What happened in a time in which nothing should."""
    until = expected.until
    offences = [
        one for one in free if one.counts and one.at >= expected.since and (until is None or one.at <= -(-until // MINUTE) * MINUTE)
    ]
    if not offences:
        return []
    counted = Counter(one.said for one in offences)
    named = ", ".join(f"{what} ({count} times)" if count > 1 else what for what, count in list(counted.items())[:NAMED])
    more = f" and {len(counted) - NAMED} more" if len(counted) > NAMED else ""
    return [Failure(expected.line.span, f"expected {expected.said}, found {named}{more}", offences=tuple(offences))]
