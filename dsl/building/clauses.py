"""Clauses of a scenario, schedules and limits: from the parsed text to nodes."""

from __future__ import annotations

from collections.abc import Callable

from dsl import nodes
from dsl.building.conditions import condition_of
from dsl.building.conditions import event
from dsl.building.conditions import expression
from dsl.building.values import WEEKDAYS
from dsl.building.values import Problems
from dsl.building.values import day
from dsl.building.values import duration
from dsl.building.values import field
from dsl.building.values import leaf
from dsl.building.values import leaves
from dsl.building.values import name
from dsl.building.values import names
from dsl.building.values import only_leaf
from dsl.building.values import percent
from dsl.building.values import span_of
from dsl.building.values import text
from dsl.building.values import the_leaf
from dsl.building.values import the_twig
from dsl.building.values import time_of_day
from dsl.building.values import twig
from dsl.building.values import twigs
from dsl.building.values import weekday
from dsl.building.values import whole
from dsl.calendar import cron_problem
from dsl.source import Span
from dsl.spelling import closest
from dsl.syntax.automaton import Leaf
from dsl.syntax.automaton import Twig

#: What `limit 1 per …` counts by; besides them any dotted field.
LIMIT_KEYS = ("customer", "order", "line", "product", "session", "promo", "card", "scenario")
_PERIODS = ("day", "week", "month", "year")


def clause(part: Twig, problems: Problems) -> nodes.Clause:
    """Any clause but the default `quiet`."""
    return CLAUSES[part.data](part, problems)


def _on(part: Twig, problems: Problems) -> nodes.Clause:
    return nodes.On(event(the_twig(part, "event"), problems), condition_of(part, problems), span=span_of(part))


def _every(part: Twig, problems: Problems) -> nodes.Clause:
    segment = twig(part, "every_segment")
    return nodes.Every(
        _schedule(twigs(part)[0], problems),
        name(the_twig(segment, "name"), problems) if segment else None,
        condition_of(part, problems),
        span=span_of(part),
    )


def _valid(part: Twig, problems: Problems) -> nodes.Clause:
    return nodes.Valid(duration(the_leaf(part, "DURATION"), problems), span=span_of(part))


def _stop_on(part: Twig, problems: Problems) -> nodes.Clause:
    return nodes.StopOn(event(the_twig(part, "event"), problems), condition_of(part, problems), span=span_of(part))


def _stop_when(part: Twig, problems: Problems) -> nodes.Clause:
    return nodes.StopWhen(expression(part.children[-1], problems), span=span_of(part))


def _goal(part: Twig, problems: Problems) -> nodes.Clause:
    within = duration(the_leaf(part, "DURATION"), problems)
    return nodes.Goal(event(the_twig(part, "event"), problems), within, condition_of(part, problems), span=span_of(part))


def _holdout(part: Twig, problems: Problems) -> nodes.Clause:
    return nodes.Holdout(percent(the_leaf(part, "PERCENT"), problems, most=100), span=span_of(part))


def _transactional(part: Twig, _problems: Problems) -> nodes.Clause:
    return nodes.Transactional(span=span_of(part))


def _paused(part: Twig, _problems: Problems) -> nodes.Clause:
    return nodes.Paused(span=span_of(part))


def _priority(part: Twig, problems: Problems) -> nodes.Clause:
    value = whole(the_leaf(part, "NUMBER"), problems, "`priority`", least=0)
    return nodes.Priority(-value if leaf(part, "MINUS") else value, span=span_of(part))


def _active(part: Twig, problems: Problems) -> nodes.Clause:
    before = len(problems.found)
    first, last = (day(token, problems) for token in leaves(part, "DATE"))
    if last < first and len(problems.found) == before:
        problems.add(span_of(part), f"`{last}` comes before `{first}`", "write the earlier day first; both days are included")
    return nodes.Active(first, last, span=span_of(part))


def _formerly(part: Twig, problems: Problems) -> nodes.Clause:
    return nodes.Formerly(names(part, problems), span=span_of(part))


# -------------------------------------------------------------------------------------------------------------- limits


def _limit(part: Twig, problems: Problems) -> nodes.Clause:
    count = whole(the_leaf(part, "NUMBER"), problems, "`limit`")
    key_part = the_twig(part, "limit_key")
    key = nodes.Name(text(key_part, problems), span=span_of(key_part))
    dotted = only_leaf(key_part).type == "PATH"
    if not dotted and key.text not in LIMIT_KEYS:
        _unknown_key(key, problems)
    for form in ("limit_within", "limit_each", "limit_since"):
        for again in twigs(part, form)[1:]:
            problems.add(span_of(again), f"`{again.children[0]}` is written twice", "one is enough")
    within, each, since = twig(part, "limit_within"), twig(part, "limit_each"), twig(part, "limit_since")
    if within and each:
        problems.add(
            span_of(each),
            "a limit has one window, `within` or `each`",
            "write a second `limit` for the second window: all of them must hold",
        )
    if since:
        _check_since(since, key, problems)
    return nodes.Limit(
        count,
        key,
        duration(the_leaf(within, "DURATION"), problems) if within else None,
        _period(each, problems) if each else None,
        since_created=since is not None,
        span=span_of(part),
    )


def _unknown_key(key: nodes.Name, problems: Problems) -> None:
    if key.text.rstrip("s") in _PERIODS:
        period = key.text.rstrip("s")
        hint = f"write `per customer each {period}`, by the calendar, or `per customer within 7d` for any seven days"
        problems.replace(key.span, f"a limit counts somebody, found `per {key.text}`", f"customer each {period}", hint, safe=False)
        return
    meant = closest(key.text, LIMIT_KEYS)
    possible = ", ".join(f"`{word}`" for word in LIMIT_KEYS)
    if meant:
        problems.replace(key.span, f"a limit cannot count by `{key.text}`", meant, f"did you mean `{meant}`?", safe=False)
    else:
        problems.add(key.span, f"a limit cannot count by `{key.text}`", f"it counts by {possible} or a field like `order.email`")


def _period(part: Twig, problems: Problems) -> str:
    word = the_twig(part, "name")
    plain = text(word, problems)
    if plain not in _PERIODS:
        meant = closest(plain, _PERIODS) or "day"
        problems.replace(span_of(word), f"expected `each day`, `week`, `month` or `year`, found `{plain}`", meant, safe=False)
    return plain


def _check_since(part: Twig, key: nodes.Name, problems: Problems) -> None:
    word = the_twig(part, "name")
    plain = text(word, problems)
    if plain != "created":
        problems.replace(span_of(word), f"a limit counts `since created`, found `since {plain}`", "created", safe=False)
    elif key.text != "order":
        problems.add(span_of(part), "`since created` goes with `per order`", f"counting by `{key.text}`, leave it out")


# ----------------------------------------------------------------------------------------------------------- schedules


def _schedule(part: Twig, problems: Problems) -> nodes.Schedule:
    span = span_of(part)
    if part.data == "schedule_cron":
        cron = text(part, problems)
        wrong = cron_problem(cron)
        if wrong:
            problems.add(span, wrong, 'the parts are minute, hour, day, month and day of the week: `every "0 10 * * 1-5"`')
        return nodes.Schedule("cron", cron=cron, span=span)
    at = time_of_day(the_leaf(part, "TIME"), problems)
    words = leaves(part, "NAME")
    match part.data:
        case "schedule_plain":
            return _plain(words, at, span_of(part), problems)
        case "schedule_month_day":
            _expect(words, ("month", "day"), "every month on day 1 at 09:00", problems)
            token = the_leaf(part, "NUMBER")
            number = whole(token, problems, "the day of a month")
            if number > 31:
                problems.add(
                    span_of(token), f"no month has a day {number}", "write a day from 1 to 31, or `every month on last day at 09:00`"
                )
            return nodes.Schedule("month", at, day=number, span=span)
        case "schedule_month_last":
            _expect(words, ("month", "day"), "every month on last day at 12:00", problems)
            return nodes.Schedule("month", at, day=-1, span=span)
    _expect(words, ("year",), "every year on customer.birthday at 10:00", problems)
    shift = twig(part, "schedule_shift")
    length = duration(the_leaf(shift, "DURATION"), problems) if shift else None
    backwards = shift is not None and leaf(shift, "MINUS") is not None
    return nodes.Schedule("year", at, field=field(the_leaf(part, "PATH")), shift=-length if length and backwards else length, span=span)


def _plain(words: list[Leaf], at: nodes.TimeOfDay, span: Span, problems: Problems) -> nodes.Schedule:
    plain = [str(word) for word in words]
    if plain == ["day"]:
        return nodes.Schedule("day", at, span=span)
    known = tuple(full for full in map(weekday, plain) if full)
    if len(known) == len(plain):
        return nodes.Schedule("weekday", at, known, span=span)
    word = next(word for word in words if not weekday(str(word)))
    hints = {
        "day": "`every day` already has all of them",
        "week": "name the day: `every monday at 10:00`",
        "month": "name the day: `every month on day 1 at 10:00` or `every month on last day at 10:00`",
        "year": "name the date: `every year on customer.birthday at 10:00`",
    }
    meant = closest(str(word), ("day", *WEEKDAYS))
    if str(word) in hints:
        problems.add(span_of(word), f"`every {word}` does not say which day", hints[str(word)])
    elif meant:
        problems.replace(span_of(word), f"`{word}` is not a day of the week", meant, f"did you mean `{meant}`?", safe=False)
    else:
        example = 'write `every day at 10:00`, `every monday at 10:00` or a cron text like `every "0 10 * * 1-5"`'
        problems.add(span_of(word), f"expected `day` or a day of the week, found `{word}`", example)
    return nodes.Schedule("weekday", at, known, span=span)


def _expect(words: list[Leaf], wanted: tuple[str, ...], example: str, problems: Problems) -> None:
    for word, right in zip(words, wanted, strict=True):
        if str(word) != right:
            problems.add(span_of(word), f"expected `{right}`, found `{word}`", f"for example `{example}`")
            return


CLAUSES: dict[str, Callable[[Twig, Problems], nodes.Clause]] = {
    "on": _on,
    "every": _every,
    "valid": _valid,
    "stop_on": _stop_on,
    "stop_when": _stop_when,
    "goal": _goal,
    "holdout": _holdout,
    "limit": _limit,
    "transactional": _transactional,
    "priority": _priority,
    "active": _active,
    "formerly": _formerly,
    "paused": _paused,
}
