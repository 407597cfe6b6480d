"""The body of a scenario: its steps, what attaches to them, and the clauses between them."""

from __future__ import annotations

from collections.abc import Callable

from dsl import nodes
from dsl.building.clauses import CLAUSES
from dsl.building.clauses import clause
from dsl.building.conditions import condition_of
from dsl.building.conditions import event
from dsl.building.conditions import expression
from dsl.building.values import Problems
from dsl.building.values import duration
from dsl.building.values import field
from dsl.building.values import leaf
from dsl.building.values import moment
from dsl.building.values import name
from dsl.building.values import names
from dsl.building.values import only_leaf
from dsl.building.values import percent
from dsl.building.values import quiet
from dsl.building.values import span_of
from dsl.building.values import text
from dsl.building.values import the_leaf
from dsl.building.values import the_twig
from dsl.building.values import time_of_day
from dsl.building.values import twig
from dsl.building.values import twigs
from dsl.building.values import weekday
from dsl.diagnostic import Fix
from dsl.diagnostic import Label
from dsl.source import Span
from dsl.syntax.automaton import Part
from dsl.syntax.automaton import Twig

_Quietable = nodes.Wait | nodes.WaitUntil | nodes.WaitUntilDate | nodes.WaitForEvent | nodes.Send
_ONCE = (nodes.Valid, nodes.Goal, nodes.Holdout, nodes.Transactional, nodes.Priority, nodes.Active, nodes.Formerly, nodes.Paused)
_MORE = {"goal": "a scenario has one goal", "formerly": "write all names after one `formerly`: `formerly first, second`"}


def body(parts: list[Twig], problems: Problems) -> tuple[tuple[nodes.Clause, ...], tuple[nodes.Step, ...]]:
    """Clauses and steps of a scenario, each in the order written."""
    clauses: list[nodes.Clause] = []
    steps: list[nodes.Step] = []
    attached = False
    for part in parts:
        if part.data in CLAUSES:
            clauses.append(clause(part, problems))
            attached = False
        elif part.data in ("quiet", "only") and not steps:
            clauses.append(nodes.DefaultQuiet(quiet(part, problems), span=span_of(part)))
        else:
            attached = _add(part, steps, problems, attached=attached)
    _once(clauses, problems)
    return tuple(clauses), tuple(steps)


def block(part: Twig, problems: Problems) -> tuple[nodes.Step, ...]:
    """The steps inside braces; whatever concerns the whole scenario has no place there."""
    steps: list[nodes.Step] = []
    attached = False
    with problems.inside(span_of(part)) as too_deep:
        for item in [] if too_deep else twigs(part):
            if item.data in CLAUSES:
                word = only_leaf(item)
                problems.add(span_of(item), f"`{word}` belongs to the whole scenario", "write it outside the braces")
            else:
                attached = _add(item, steps, problems, attached=attached)
    return tuple(steps)


def _add(part: Twig, steps: list[nodes.Step], problems: Problems, *, attached: bool) -> bool:
    """A step, or what belongs to the step just before; returns whether the next item stands directly after a step."""
    if part.data in _STEPS:
        steps.append(_STEPS[part.data](part, problems))
        return True
    word = only_leaf(part)
    before = steps[-1] if steps and attached else None
    if part.data == "label":
        if before is None:
            problems.add(span_of(part), f"`{word}` names the step directly before it, and there is none", "write it at the end of a step")
        elif before.label:
            problems.add(span_of(part), "this step has a name already", "a step has one name", labels=(_label(before.label, problems),))
        else:
            steps[-1] = nodes.changed(before, label=name(part.children[1], problems), span=before.span.join(span_of(part)))
    elif not isinstance(before, _Quietable):
        hint = "to have it for the whole scenario, write it before the first step"
        problems.add(span_of(part), f"`{word}` belongs directly after a `wait` or a `send`", hint)
    elif before.label:
        problems.add(span_of(part), f"`{word}` comes before the name of the step", f"write it before `as {before.label.text}`")
    else:
        steps[-1] = nodes.changed(before, quiet=(*before.quiet, quiet(part, problems)), span=before.span.join(span_of(part)))
    return attached


def _label(node: nodes.Node, problems: Problems) -> Label:
    return Label(problems.source, node.span, "first written here")


def _once(clauses: list[nodes.Clause], problems: Problems) -> None:
    seen: dict[type[nodes.Clause], nodes.Clause] = {}
    for item in clauses:
        if isinstance(item, _ONCE) and seen.setdefault(type(item), item) is not item:
            word = problems.source.text[item.span.start : item.span.end].split(maxsplit=1)[0]
            hint = _MORE.get(word, "leave one of them out")
            problems.add(item.span, f"`{word}` is written twice", hint, labels=(_label(seen[type(item)], problems),))


# --------------------------------------------------------------------------------------------------------------- waits


def _at(part: Twig, problems: Problems) -> nodes.TimeOfDay | None:
    token = leaf(part, "TIME")
    return time_of_day(token, problems) if token is not None else None


def _wait(part: Twig, problems: Problems) -> nodes.Step:
    return nodes.Wait(duration(the_leaf(part, "DURATION"), problems), _at(part, problems), span=span_of(part))


def _wait_until(part: Twig, problems: Problems) -> nodes.Step:
    """`wait until HH:MM`, `wait until monday [HH:MM]` and `wait until EXPR [at HH:MM]` are one form of the grammar."""
    span = span_of(part)
    at = _at(part, problems)
    target = part.children[2]
    token = only_leaf(target)
    alone = span_of(token) == span_of(target)
    if alone and token.type == "NAME" and weekday(str(token)):
        return nodes.WaitUntil(at, weekday(str(token)), span=span)
    if alone and token.type == "TIME":
        if at:
            problems.add(span, "there are two times of day here", f"keep one: `wait until {token}`")
        return nodes.WaitUntil(time_of_day(token, problems), span=span)
    if alone and token.type == "DURATION":
        until = part.children[1]
        fix = Fix("leave `until` out", Span(span_of(until).start, token.start_pos), "", safe=False)
        problems.add(span, f"`{token}` is a length of time, not a moment", f"write `wait {token}`", fix)
    elif alone and token.type in ("STRING", "NUMBER", "PERCENT", "TRUE", "FALSE"):
        problems.add(
            span_of(token),
            f"expected a moment, found `{token}`",
            "write a time, a day of the week or a date like `order.delivery_date - 3d`",
        )
    elif alone and token.type == "TIMESTAMP" and at:
        moment(token, problems)
        problems.add(span, "there are two times of day here", f"keep one: `wait until {token}`")
    elif token.type == "NAME" and "." not in str(token) and not alone and weekday(str(token)):
        problems.add(
            span_of(target), "a day of the week cannot be shifted", f"write `wait until {token}` or a date like `order.delivery_date - 3d`"
        )
    return nodes.WaitUntilDate(expression(target, problems), at, span=span)


def _wait_event(part: Twig, problems: Problems) -> nodes.Step:
    then = twig(part, "block")
    return nodes.WaitForEvent(
        duration(the_leaf(part, "DURATION"), problems),
        event(the_twig(part, "event"), problems),
        condition_of(part, problems),
        block(then, problems) if then else None,
        _otherwise(part, problems),
        span=span_of(part),
    )


def _otherwise(part: Twig, problems: Problems) -> tuple[nodes.Step, ...] | None:
    otherwise = twig(part, "otherwise")
    return block(the_twig(otherwise, "block"), problems) if otherwise else None


# ------------------------------------------------------------------------------------------------------------- choices


def _gate(part: Twig, problems: Problems) -> nodes.Step:
    return nodes.Gate(expression(part.children[1], problems), span=span_of(part))


def _if_else(part: Twig, problems: Problems) -> nodes.Step:
    branches = [_branch(part.children[:3], problems)]
    branches += [_branch(again.children[1:], problems) for again in twigs(part, "else_if")]
    return nodes.If(tuple(branches), _otherwise(part, problems), span=span_of(part))


def _branch(parts: list[Part], problems: Problems) -> nodes.Branch:
    """Of `if`, a condition and a block."""
    word, condition, steps = parts
    assert not isinstance(steps, str)
    return nodes.Branch(expression(condition, problems), block(steps, problems), span=span_of(word).join(span_of(steps)))


def _split(part: Twig, problems: Problems) -> nodes.Step:
    arms: list[nodes.Arm] = []
    for arm in twigs(part, "arm"):
        share = percent(the_leaf(arm, "PERCENT"), problems, most=100)
        called = name(the_twig(arm, "name"), problems)
        first = next((other for other in arms if other.name.text == called.text), None)
        if first:
            problems.add(
                called.span, f"two arms are called `{called.text}`", "give each its own name", labels=(_label(first.name, problems),)
            )
        arms.append(nodes.Arm(share, called, block(the_twig(arm, "block"), problems), span=span_of(arm)))
    if not arms:
        problems.add(span_of(part), "a split without arms", "write each arm as `50% name { … }`")
    return nodes.Split(name(the_twig(part, "name"), problems), tuple(arms), span=span_of(part))


def _end(part: Twig, _problems: Problems) -> nodes.Step:
    return nodes.End(span=span_of(part))


# ---------------------------------------------------------------------------------------------------------------- acts


def _send(part: Twig, problems: Problems) -> nodes.Step:
    for form in ("send_by", "send_to", "arguments"):
        for again in twigs(part, form)[1:]:
            problems.add(span_of(again), f"`{again.children[0]}` is written twice", "write it once, with commas between several")
    by, to = twig(part, "send_by"), twig(part, "send_to")
    return nodes.Send(
        name(the_twig(part, "name"), problems),
        names(by, problems) if by else (),
        name(the_leaf(to, "STRING"), problems) if to else None,
        _arguments(part, problems),
        span=span_of(part),
    )


def _arguments(part: Twig, problems: Problems) -> tuple[nodes.Argument, ...]:
    found: list[nodes.Argument] = []
    given = twig(part, "arguments")
    for argument in twigs(given, "argument") if given else []:
        called = name(argument.children[0], problems)
        first = next((other for other in found if other.name.text == called.text), None)
        if first:
            problems.add(called.span, f"`{called.text}` is given twice", "keep one of them", labels=(_label(first, problems),))
        found.append(nodes.Argument(called, expression(argument.children[2], problems), span=span_of(argument)))
    return tuple(found)


def _set(part: Twig, problems: Problems) -> nodes.Step:
    return nodes.Set(field(the_leaf(part, "PATH")), expression(part.children[2], problems), span=span_of(part))


def _issue(part: Twig, problems: Problems) -> nodes.Step:
    return nodes.IssuePromo(name(the_twig(part, "name"), problems), span=span_of(part))


def _award(part: Twig, problems: Problems) -> nodes.Step:
    expires = twig(part, "award_expires")
    return nodes.Award(
        expression(part.children[1], problems),
        name(the_twig(part, "name"), problems),
        duration(the_leaf(expires, "DURATION"), problems) if expires else None,
        span=span_of(part),
    )


def _deduct(part: Twig, problems: Problems) -> nodes.Step:
    return nodes.Deduct(expression(part.children[1], problems), name(the_twig(part, "name"), problems), span=span_of(part))


def _add_to(part: Twig, problems: Problems) -> nodes.Step:
    return nodes.AddTo(text(the_leaf(part, "SEGMENT", "LIST"), problems), name(the_twig(part, "name"), problems), span=span_of(part))


def _remove_from(part: Twig, problems: Problems) -> nodes.Step:
    return nodes.RemoveFrom(text(the_leaf(part, "SEGMENT", "LIST"), problems), name(the_twig(part, "name"), problems), span=span_of(part))


def _call(part: Twig, problems: Problems) -> nodes.Step:
    return nodes.Call(name(the_twig(part, "name"), problems), _arguments(part, problems), span=span_of(part))


_STEPS: dict[str, Callable[[Twig, Problems], nodes.Step]] = {
    "wait": _wait,
    "wait_until": _wait_until,
    "wait_event": _wait_event,
    "gate": _gate,
    "if_else": _if_else,
    "send": _send,
    "set": _set,
    "issue": _issue,
    "award": _award,
    "deduct": _deduct,
    "add_to": _add_to,
    "remove_from": _remove_from,
    "call": _call,
    "split": _split,
    "end": _end,
}
