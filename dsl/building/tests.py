"""Tests beside a scenario: facts, expectations and the data in their braces, from the parsed text to nodes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from dsl import nodes
from dsl.building.values import Problems
from dsl.building.values import day
from dsl.building.values import duration
from dsl.building.values import leaf
from dsl.building.values import moment
from dsl.building.values import name
from dsl.building.values import number
from dsl.building.values import only_leaf
from dsl.building.values import span_of
from dsl.building.values import text
from dsl.building.values import the_leaf
from dsl.building.values import the_twig
from dsl.building.values import time_of_day
from dsl.building.values import twig
from dsl.building.values import twigs
from dsl.diagnostic import Label
from dsl.source import Span
from dsl.spelling import closest
from dsl.syntax.automaton import Part
from dsl.syntax.automaton import Twig

#: Facts with a short form: `customer ann { … }`.
SHORT_FACTS = ("customer", "order", "product")


def test(part: Twig, problems: Problems) -> nodes.Test:
    """`test "title" { lines }`"""
    problems.in_test = True
    lines = tuple(_line(line, problems) for line in twigs(part)[1:])
    return nodes.Test(name(the_twig(part, "name"), problems), lines, span=span_of(part))


def _line(part: Twig, problems: Problems) -> nodes.Line:
    when: nodes.When | None = None
    span = span_of(part)
    if part.data == "timed":
        when = _when(the_twig(part, "when"), problems)
        part = twigs(part)[1]
    if part.data in ("fact_short", "fact_full"):
        return _fact(part, when, span, problems)
    return _LINES[part.data](part, when, span, problems)


def _when(part: Twig, problems: Problems) -> nodes.When:
    token = part.children[-1]
    assert isinstance(token, str)
    match token.type:
        case "TIMESTAMP":
            return nodes.When(moment(token, problems), span=span_of(part))
        case "TIME":
            return nodes.When(time_of_day(token, problems), span=span_of(part))
        case "DURATION":
            return nodes.When(duration(token, problems), span=span_of(part))
    midnight = datetime.combine(day(token, problems), datetime.min.time())
    return nodes.When(midnight, span=span_of(part))


# --------------------------------------------------------------------------------------------------------------- facts


def _fact(part: Twig, when: nodes.When | None, span: Span, problems: Problems) -> nodes.Line:
    first = only_leaf(part)
    operation = nodes.Name(str(first), span=span_of(first))
    id_value = twig(part, "id_value")
    if id_value and operation.text not in SHORT_FACTS:
        meant = closest(operation.text, (*SHORT_FACTS, "expect", "because", "containing", "received"))
        if meant:
            fact = meant in SHORT_FACTS
            message = f"there is no fact `{operation.text}`" if fact else f"`{operation.text}` is not a word that fits here"
            problems.replace(operation.span, message, meant, f"did you mean `{meant}`?", safe=False)
        else:
            hint = "facts are `customer ID`, `order ID of CUSTOMER`, `product ID`, or an operation by its name: `list.add of ann { … }`"
            problems.add(operation.span, f"there is no fact `{operation.text}`", hint)
    customer, received, data = twig(part, "fact_of"), twig(part, "fact_received"), twig(part, "object")
    return nodes.FactLine(
        operation,
        name(id_value, problems) if id_value else None,
        name(the_twig(customer, "id_value"), problems) if customer else None,
        when,
        _when(the_twig(received, "when"), problems) if received else None,
        _object(data, problems) if data else {},
        span=span,
    )


def _object(part: Twig, problems: Problems) -> dict[str, nodes.Data]:
    found: dict[str, nodes.Data] = {}
    places: dict[str, Span] = {}
    for pair in twigs(part, "pair"):
        key = text(pair.children[0], problems)
        span = span_of(pair.children[0])
        if key in found:
            first = Label(problems.source, places[key], "first written here")
            problems.add(span, f"`{key}` is written twice", "keep one of them", labels=(first,))
        found[key] = _datum(pair.children[2], problems)
        places[key] = span
    return found


def _datum(part: Part, problems: Problems) -> nodes.Data:
    """A value in braces. Dates, times and lengths stay text: what they mean is for the fact that takes them."""
    assert not isinstance(part, str)
    if part.data in ("object", "array"):
        with problems.inside(span_of(part)) as too_deep:
            if too_deep:
                return None
            return _object(part, problems) if part.data == "object" else [_datum(item, problems) for item in twigs(part)]
    token = only_leaf(part.children[-1])
    match token.type:
        case "NUMBER":
            value = number(token, problems)
            return -value if leaf(part, "MINUS") is not None else value
        case "TRUE" | "FALSE":
            return token.type == "TRUE"
        case "DATE":
            day(token, problems)
        case "TIMESTAMP":
            moment(token, problems)
        case "TIME":
            time_of_day(token, problems)
    plain = text(token, problems)
    return None if token.type == "NAME" and plain == "null" else plain


# -------------------------------------------------------------------------------------------------------- expectations

_Made = Callable[[Twig, nodes.When | None, Span, Problems], nodes.Line]


def _fix_arm(part: Twig, _when: nodes.When | None, span: Span, problems: Problems) -> nodes.Line:
    arm, split = twigs(part, "name")
    return nodes.FixArm(name(the_twig(part, "id_value"), problems), name(arm, problems), name(split, problems), span=span)


def _fix_holdout(part: Twig, _when: nodes.When | None, span: Span, problems: Problems) -> nodes.Line:
    return nodes.FixHoldout(name(the_twig(part, "id_value"), problems), name(the_twig(part, "name"), problems), span=span)


def _send(part: Twig, when: nodes.When | None, span: Span, problems: Problems) -> nodes.Line:
    by, containing = twig(part, "expect_by"), twig(part, "expect_containing")
    return nodes.ExpectSend(
        name(the_twig(part, "name"), problems),
        name(the_twig(part, "id_value"), problems),
        name(the_twig(by, "name"), problems) if by else None,
        text(the_leaf(containing, "STRING"), problems) if containing else None,
        when=when,
        span=span,
    )


def _skip(part: Twig, when: nodes.When | None, span: Span, problems: Problems) -> nodes.Line:
    template, reason = the_twig(part, "name"), the_twig(part, "reason")
    customer = name(the_twig(part, "id_value"), problems)
    return nodes.ExpectSkip(name(template, problems), customer, name(reason, problems), when=when, span=span)


def _stopped(part: Twig, when: nodes.When | None, span: Span, problems: Problems) -> nodes.Line:
    scenario, reason = the_twig(part, "name"), the_twig(part, "reason")
    customer = name(the_twig(part, "id_value"), problems)
    return nodes.ExpectStopped(customer, name(scenario, problems), name(reason, problems), when=when, span=span)


def _set(part: Twig, when: nodes.When | None, span: Span, problems: Problems) -> nodes.Line:
    entity, ident = twigs(part, "id_value")
    return nodes.ExpectSet(
        name(entity, problems),
        name(ident, problems),
        name(the_twig(part, "expect_field"), problems),
        _datum(part.children[-1], problems),
        when=when,
        span=span,
    )


def _issue(part: Twig, when: nodes.When | None, span: Span, problems: Problems) -> nodes.Line:
    customer = name(the_twig(part, "id_value"), problems)
    return nodes.ExpectIssue(name(the_twig(part, "name"), problems), customer, when=when, span=span)


def _award(part: Twig, when: nodes.When | None, span: Span, problems: Problems) -> nodes.Line:
    account, customer = name(the_twig(part, "name"), problems), name(the_twig(part, "id_value"), problems)
    return nodes.ExpectAward(number(the_leaf(part, "NUMBER"), problems), account, customer, when=when, span=span)


def _deduct(part: Twig, when: nodes.When | None, span: Span, problems: Problems) -> nodes.Line:
    account, customer = name(the_twig(part, "name"), problems), name(the_twig(part, "id_value"), problems)
    return nodes.ExpectDeduct(number(the_leaf(part, "NUMBER"), problems), account, customer, when=when, span=span)


def _goal(part: Twig, when: nodes.When | None, span: Span, problems: Problems) -> nodes.Line:
    customer = name(the_twig(part, "id_value"), problems)
    return nodes.ExpectGoal(name(the_twig(part, "name"), problems), customer, when=when, span=span)


def _nothing(part: Twig, when: nodes.When | None, span: Span, _problems: Problems) -> nodes.Line:
    return nodes.ExpectNothing(leaf(part, "ELSE") is not None, when=when, span=span)


_LINES: dict[str, _Made] = {
    "fix_arm": _fix_arm,
    "fix_holdout": _fix_holdout,
    "expect_send": _send,
    "expect_skip": _skip,
    "expect_stopped": _stopped,
    "expect_set": _set,
    "expect_issue": _issue,
    "expect_award": _award,
    "expect_deduct": _deduct,
    "expect_goal": _goal,
    "expect_nothing": _nothing,
}
