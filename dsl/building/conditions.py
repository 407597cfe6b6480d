"""Expressions, conditions, history questions and events: from the parsed text to nodes."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from dsl import nodes
from dsl.building.values import Problems
from dsl.building.values import day
from dsl.building.values import duration
from dsl.building.values import field
from dsl.building.values import leaf
from dsl.building.values import leaves
from dsl.building.values import moment
from dsl.building.values import name
from dsl.building.values import names
from dsl.building.values import number
from dsl.building.values import only_leaf
from dsl.building.values import percent
from dsl.building.values import span_of
from dsl.building.values import text
from dsl.building.values import the_leaf
from dsl.building.values import the_twig
from dsl.building.values import time_of_day
from dsl.building.values import twig
from dsl.building.values import twigs
from dsl.building.values import whole
from dsl.source import Span
from dsl.syntax.automaton import Part
from dsl.syntax.automaton import Twig

#: What can be said of a message; a bare word of these after `message` is no template.
MESSAGE_VERBS = frozenset(
    {
        *("formed", "planned", "sending", "sent", "delivered", "opened", "clicked"),
        *("failed", "unsure", "skipped", "bounced", "complained", "unsubscribed"),
    },
)


def expression(part: Part, problems: Problems) -> nodes.Expression:
    """Any expression or condition."""
    assert not isinstance(part, str)
    with problems.inside(span_of(part)) as too_deep:
        return nodes.Literal(value=False) if too_deep else _FORMS[part.data](part, problems)


def condition_of(parent: Twig, problems: Problems) -> nodes.Expression | None:
    """The condition of the `where` directly in the parent."""
    where = twig(parent, "where")
    return expression(where.children[1], problems) if where else None


def _all(parent: Twig, problems: Problems) -> tuple[nodes.Expression, ...]:
    return tuple(expression(part, problems) for part in twigs(parent))


def _disjunction(part: Twig, problems: Problems) -> nodes.Expression:
    return nodes.Or(_all(part, problems), span=span_of(part))


def _conjunction(part: Twig, problems: Problems) -> nodes.Expression:
    return nodes.And(_all(part, problems), span=span_of(part))


def _negation(part: Twig, problems: Problems) -> nodes.Expression:
    return nodes.Not(expression(part.children[1], problems), span=span_of(part))


def _parentheses(part: Twig, problems: Problems) -> nodes.Expression:
    return expression(part.children[1], problems)


def _compare(part: Twig, problems: Problems) -> nodes.Expression:
    left, right = _all(part, problems)
    return nodes.Compare(str(part.children[1]), left, right, span=span_of(part))


def _is_word(part: Twig, problems: Problems) -> nodes.Expression:
    word = part.children[-1]
    return nodes.Is(expression(part.children[0], problems), text(word, problems), leaf(part, "NOT") is not None, span=span_of(part))


def _one_of(part: Twig, problems: Problems) -> nodes.Expression:
    operand, *choices = _all(part, problems)
    return nodes.OneOf(operand, tuple(choices), leaf(part, "NOT") is not None, span=span_of(part))


def _in_list(part: Twig, problems: Problems) -> nodes.Expression:
    operand = expression(part.children[0], problems)
    return nodes.InList(operand, name(part.children[-1], problems), leaf(part, "NOT") is not None, span=span_of(part))


def _in_segment(part: Twig, problems: Problems) -> nodes.Expression:
    return nodes.InSegment(name(part.children[-1], problems), span=span_of(part))


def _subscribed(part: Twig, problems: Problems) -> nodes.Expression:
    channel, *topic = names(part, problems)
    return nodes.Subscribed(channel, topic[0] if topic else None, span=span_of(part))


def _reachable(part: Twig, problems: Problems) -> nodes.Expression:
    return nodes.Reachable(name(part.children[-1], problems), span=span_of(part))


def _history(part: Twig, problems: Problems) -> nodes.Expression:
    return nodes.History(str(part.children[0]), _selection(the_twig(part, "selection"), problems), span=span_of(part))


def _at_least(part: Twig, problems: Problems) -> nodes.Expression:
    count = whole(the_leaf(part, "NUMBER"), problems, "`at least`")
    return nodes.History("at least", _selection(the_twig(part, "selection"), problems), count, span=span_of(part))


def _binary(part: Twig, problems: Problems) -> nodes.Expression:
    left, right = _all(part, problems)
    _loose_date(span_of(part), problems)
    return nodes.Binary(str(part.children[1]), left, right, span=span_of(part))


def _loose_date(span: Span, problems: Problems) -> None:
    """`2026-5-1` is no date, and nobody means the sum."""
    written = problems.source.text[span.start : span.end]
    parts = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", written)
    if parts:
        year, month, day_of_month = map(int, parts.groups())
        try:
            meant = date(year, month, day_of_month).isoformat()
        except ValueError:
            problems.add(span, f"there is no day `{written}`", "dates are written year-month-day: `2026-05-01`")
        else:
            problems.replace(span, f"dates are written year-month-day, found `{written}`", meant)


def _negative(part: Twig, problems: Problems) -> nodes.Expression:
    return nodes.Negative(expression(part.children[1], problems), span=span_of(part))


def _balance(part: Twig, problems: Problems) -> nodes.Expression:
    expiring = leaf(part, "DURATION")
    return nodes.BalanceOf(
        name(the_twig(part, "name"), problems),
        duration(expiring, problems) if expiring is not None else None,
        span=span_of(part),
    )


def _field(part: Twig, _problems: Problems) -> nodes.Expression:
    return field(only_leaf(part))


def _category(part: Twig, problems: Problems) -> nodes.Expression:
    return nodes.Literal(nodes.CategoryName(text(part.children[1], problems)), span=span_of(part))


def _literal(part: Twig, problems: Problems) -> nodes.Expression:
    token = only_leaf(part)
    value: nodes.Value
    match token.type:
        case "STRING":
            value = text(token, problems)
        case "NUMBER":
            value = number(token, problems)
        case "PERCENT":
            value = percent(token, problems)
        case "TIME":
            value = time_of_day(token, problems)
        case "DATE":
            value = day(token, problems)
        case "TIMESTAMP":
            value = moment(token, problems)
        case "DURATION":
            value = duration(token, problems)
        case _:
            value = token.type == "TRUE"
    return nodes.Literal(value, span=span_of(part))


# ------------------------------------------------------------------------------------------------------------- history


def _window(parent: Twig, problems: Problems) -> nodes.Window | None:
    part = twig(parent, "within", "since")
    if part is None:
        return None
    if part.data == "within":
        return nodes.Within(duration(the_leaf(part, "DURATION"), problems), span=span_of(part))
    words = " ".join(str(word) for word in leaves(part, "NAME", "LAST", "SEND"))
    if words not in ("start", "last send"):
        problems.add(
            span_of(part), f"expected `since start` or `since last send`, found `since {words}`", "for a length of time write `within 30d`"
        )
    return nodes.Since(words, span=span_of(part))


def _selection(part: Twig, problems: Problems) -> nodes.Selection:
    noun = only_leaf(the_twig(part, "selection_noun"))
    return _selected(part, nodes.Name(str(noun), span=span_of(noun)), problems)


def _selected(part: Twig, noun: nodes.Name, problems: Problems) -> nodes.Selection:
    words = [name(word, problems) for word in twigs(part, "selection_name")]
    verb: nodes.Name | None = None
    if len(words) > 1 or (words and _is_verb(twigs(part, "selection_name")[-1], noun)):
        verb = words.pop()
    by = twig(part, "selection_by")
    source = twig(part, "selection_in")
    where = twig(part, "selection_where")
    return nodes.Selection(
        noun,
        words[0] if words else None,
        verb,
        name(by.children[1], problems) if by else None,
        field(the_leaf(source, "PATH")) if source else None,
        expression(where.children[1], problems) if where else None,
        _window(part, problems),
        span=span_of(part),
    )


def _is_verb(part: Twig, noun: nodes.Name) -> bool:
    """`message opened` asks for opened ones; `message "opened"` names a template."""
    token = only_leaf(part)
    return noun.text in ("message", "messages") and token.type != "STRING" and str(token) in MESSAGE_VERBS


def _aggregate(part: Twig, problems: Problems) -> nodes.Expression:
    of = only_leaf(the_twig(part, "aggregate_of"))
    path = field(of) if of.type == "PATH" else None
    noun = nodes.Name(str(of).partition(".")[0], span=span_of(of))
    selection = _selected(part, noun, problems)
    return nodes.Aggregate(name(part.children[0], problems), selection, path, span=span_of(part))


# -------------------------------------------------------------------------------------------------------------- events


def event(part: Twig, problems: Problems) -> nodes.Event:
    """`[any] SUBJECT, … [WORDS] [WORDS] [to TOPIC] [-> VALUES] [AMOUNT] [in list L | to list L | in views]`"""
    topic = twig(part, "event_topic")
    values = twig(part, "event_values")
    category = twig(part, "event_category")
    amount = twig(part, "event_amount")
    place = twig(part, "event_place")
    list_name = twig(place, "name") if place else None
    return nodes.Event(
        tuple(nodes.Name(str(only_leaf(subject)), span=span_of(subject)) for subject in twigs(part, "event_subject")),
        leaf(part, "ANY") is not None,
        tuple(names(words, problems) for words in twigs(part, "event_words")),
        name(topic.children[1], problems) if topic else None,
        tuple(name(value, problems) for value in twigs(values)) if values else (),
        name(category.children[1], problems) if category else None,
        _amount(amount, problems) if amount else None,
        " ".join(str(word) for word in leaves(place, "IN", "TO", "LIST", "VIEWS")) if place else None,
        name(list_name, problems) if list_name else None,
        span=span_of(part),
    )


def _amount(part: Twig, problems: Problems) -> int | float | nodes.Percent:
    token = only_leaf(part)
    return percent(token, problems) if token.type == "PERCENT" else number(token, problems)


_FORMS: dict[str, Callable[[Twig, Problems], nodes.Expression]] = {
    "disjunction": _disjunction,
    "conjunction": _conjunction,
    "negation": _negation,
    "atom": _parentheses,
    "compare": _compare,
    "is_word": _is_word,
    "one_of": _one_of,
    "in_list": _in_list,
    "in_segment": _in_segment,
    "subscribed": _subscribed,
    "reachable": _reachable,
    "history": _history,
    "at_least": _at_least,
    "binary": _binary,
    "negative": _negative,
    "balance": _balance,
    "field": _field,
    "category": _category,
    "literal": _literal,
    "aggregate": _aggregate,
}
