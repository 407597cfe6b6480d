"""How values, names, expressions, events and schedules are spelt on one line. Whole steps and statements: `steps.py`, `statements.py`.

- A name is bare when it reads as one word and is not reserved, else quoted. With a source at hand the author's quotes stay: `-> "shipped"`
  is not turned into `-> shipped`, nor the other way round.
- A duration is written from its largest unit down, each unit at most once: `1y2mo`, `14d`, `1d12h`, `1h30m` (so `2w` is `14d` and `90m` is
  `1h30m`). Days and hours are never mixed up: `24h` stays `24h`, a day is a calendar day.
- Numbers without exponent and without needless zeros: `1000`, `12.5`.
- Brackets where the meaning needs them, and where readers do: `a or (b and c)`, `not (order.total > 5)`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from functools import singledispatchmethod

from dsl import nodes
from dsl.building.conditions import MESSAGE_VERBS
from dsl.source import Source
from dsl.words import WORDS

#: Words the grammar keeps for itself when they stand bare.
RESERVED = frozenset(word.spelling for word in WORDS.values() if word.reserved)
#: Words the grammar knows that may also be names, though not where a number might stand as well (`order 17`).
SOFT = frozenset(word.spelling for word in WORDS.values() if not word.reserved)

_WORD = re.compile(r"[^\W\d]\w*")
_PATH = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)+")
_NUMBER = re.compile(r"\d+")

#: How tightly an expression holds together: what stands inside a tighter one is bracketed.
_LOOSENESS: dict[type[nodes.Node], int] = {nodes.Or: 1, nodes.And: 2, nodes.Not: 3, nodes.Binary: 5}
_CONDITION = 4
_ATOMS = (nodes.Literal, nodes.Field, nodes.Negative, nodes.Aggregate, nodes.BalanceOf)

#: Bare after `not`: one word, or what starts with a word of its own.
_AFTER_NOT = (nodes.Field, nodes.Literal, nodes.Not, nodes.InSegment, nodes.Subscribed, nodes.Reachable, nodes.History)


def _tightness(expression: nodes.Expression) -> int:
    return 6 if isinstance(expression, _ATOMS) else _LOOSENESS.get(type(expression), _CONDITION)


def quote(text: str) -> str:
    """`"text"`, on one line."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def one_word(text: str) -> bool:
    """Letters, digits and `_`, no digit in front; reserved or not."""
    return _WORD.fullmatch(text) is not None


def word(text: str) -> str:
    """A name: bare when it can be, else quoted."""
    return text if one_word(text) and text not in RESERVED else quote(text)


def number(value: float) -> str:
    """`1000`, `12.5`"""
    return str(value) if isinstance(value, int) else format(Decimal(repr(value)), "f")


def percent(value: nodes.Percent) -> str:
    """`10%`"""
    text = number(value.value)
    return (text.rstrip("0").rstrip(".") if "." in text else text) + "%"


def clock(seconds: int) -> str:
    """Seconds since midnight as `09:00`, or `09:00:30` where seconds matter."""
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    return f"{hours:02}:{minutes:02}" + (f":{rest:02}" if rest else "")


def duration(value: nodes.Duration) -> str:
    """`1y2mo`, `14d`, `1d12h`, `1h30m`; `0s` when empty."""
    if min(value.months, value.days, value.seconds) < 0:
        return "-" + duration(-value)
    years, months = divmod(value.months, 12)
    hours, rest = divmod(value.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    parts = ((years, "y"), (months, "mo"), (value.days, "d"), (hours, "h"), (minutes, "m"), (seconds, "s"))
    return "".join(f"{count}{unit}" for count, unit in parts if count) or "0s"


def moment(value: datetime) -> str:
    """`2026-03-01 23:30`, `2026-03-01 23:30:05+03:00`"""
    text = value.strftime("%Y-%m-%d %H:%M").rjust(16, "0") + (f":{value.second:02}" if value.second else "")
    offset = value.utcoffset()
    if offset is None:
        return text
    if offset == timedelta(0):
        return text + "Z"
    minutes = int(offset.total_seconds()) // 60
    return f"{text}{'-' if minutes < 0 else '+'}{clock(abs(minutes) * 60)}"


def literal(value: nodes.Value) -> str:
    """Any value as it stands in an expression."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return quote(value)
        case int() | float():
            return number(value)
        case nodes.Percent():
            return percent(value)
        case nodes.TimeOfDay():
            return clock(value.seconds)
        case nodes.Duration():
            return duration(value)
        case datetime():
            return moment(value)
        case date():
            return value.isoformat()
        case nodes.CategoryName():
            return f"category {word(value.name)}"


def quiet_range(value: nodes.QuietRange) -> str:
    """`22:00-09:00 sat, …`: the days as a run where they are one (`sat-sun`)."""
    hours = "" if value.start is None or value.end is None else f"{clock(value.start)}-{clock(value.end)}"
    return " ".join(part for part in (hours, _days(value.days)) if part)


def _days(days: tuple[str, ...]) -> str:
    return "".join(days) if len(days) < 2 else f"{days[0]}-{days[-1]}"


class Phrases:
    """The spelling of expressions and what stands in them; with a source, names keep the quotes their author gave them."""

    def __init__(self, source: Source | None = None) -> None:
        self._source = source

    # ------------------------------------------------------------------------------------------------------- names

    def quoted(self, node: nodes.Node) -> bool:
        """Did the author put quotes here?"""
        return self._source is not None and node.span.end > node.span.start and self._source.text.startswith('"', node.span.start)

    def name(self, node: nodes.Name) -> str:
        """`vip`, `"Отправлен"`"""
        return quote(node.text) if self.quoted(node) else word(node.text)

    def word_of_shop(self, node: nodes.Name) -> str:
        """`"bonus"`: a name that scenarios write in quotes, unless the author did not."""
        written = self._source is not None and node.span.end > node.span.start
        return self.name(node) if written else quote(node.text)

    def reason(self, node: nodes.Name) -> str:
        """`condition`, `limit`: behind `because` a word of the language is a reason too."""
        return node.text if node.text in {"limit", "end", "holdout"} else self.name(node)

    def names(self, several: Iterable[nodes.Name]) -> str:
        """`"new", "paid"`"""
        return ", ".join(self.name(one) for one in several)

    def dotted(self, node: nodes.Name) -> str:
        """A name that may be a field: `customer`, `promo`, `order.total`."""
        return node.text if _PATH.fullmatch(node.text) or node.text == "promo" else self.name(node)

    def id(self, node: nodes.Name) -> str:
        """`ann`, `17`, `"p-9"`"""
        if self.quoted(node):
            return quote(node.text)
        if _NUMBER.fullmatch(node.text):
            return node.text
        return quote(node.text) if node.text in SOFT else word(node.text)

    # ------------------------------------------------------------------------------------------------- expressions

    @singledispatchmethod
    def phrase(self, node: nodes.Node) -> str:
        """The node on one line."""
        raise TypeError(type(node))

    def within(self, expression: nodes.Expression, tightness: int) -> str:
        """An expression where only something at least so tight may stand bare."""
        text = self.phrase(expression)
        return f"({text})" if self.needs_brackets(expression, tightness) else text

    def needs_brackets(self, expression: nodes.Expression, tightness: int) -> bool:
        """Would it fall apart where only something at least so tight may stand bare?"""
        return _tightness(expression) < tightness

    @phrase.register
    def _(self, node: nodes.Name) -> str:
        return self.name(node)

    @phrase.register
    def _(self, node: nodes.Literal) -> str:
        return literal(node.value)

    @phrase.register
    def _(self, node: nodes.Field) -> str:
        return node.text

    @phrase.register
    def _(self, node: nodes.Binary) -> str:
        return f"{self.within(node.left, 5)} {node.operator} {self.within(node.right, 6)}"

    @phrase.register
    def _(self, node: nodes.Negative) -> str:
        return f"-{self.within(node.operand, 6)}"

    @phrase.register
    def _(self, node: nodes.Compare) -> str:
        return f"{self.within(node.left, 5)} {node.operator} {self.within(node.right, 5)}"

    @phrase.register
    def _(self, node: nodes.And) -> str:
        return " and ".join(self.within(part, 3) for part in node.parts)

    @phrase.register
    def _(self, node: nodes.Or) -> str:
        return " or ".join(self.within(part, 3) for part in node.parts)

    @phrase.register
    def _(self, node: nodes.Not) -> str:
        bare = isinstance(node.operand, _AFTER_NOT)
        return f"not {self.phrase(node.operand)}" if bare else f"not ({self.phrase(node.operand)})"

    @phrase.register
    def _(self, node: nodes.Is) -> str:
        return f"{self.within(node.operand, 5)} is {'not ' if node.negated else ''}{node.word if node.word == 'set' else word(node.word)}"

    @phrase.register
    def _(self, node: nodes.OneOf) -> str:
        choices = ", ".join(self.within(choice, 5) for choice in node.choices)
        return f"{self.within(node.operand, 5)} {'not ' if node.negated else ''}in ({choices})"

    @phrase.register
    def _(self, node: nodes.InList) -> str:
        return f"{self.within(node.operand, 5)} {'not ' if node.negated else ''}in list {self.name(node.name)}"

    @phrase.register
    def _(self, node: nodes.InSegment) -> str:
        return f"in segment {self.name(node.name)}"

    @phrase.register
    def _(self, node: nodes.Subscribed) -> str:
        return f"subscribed {self.name(node.channel)}" + (f" to {self.name(node.topic)}" if node.topic else "")

    @phrase.register
    def _(self, node: nodes.Reachable) -> str:
        return f"reachable {self.name(node.channel)}"

    @phrase.register
    def _(self, node: nodes.BalanceOf) -> str:
        return f"balance {self.name(node.account)}" + (f" expiring within {duration(node.expiring)}" if node.expiring else "")

    # ----------------------------------------------------------------------------------------------------- history

    @phrase.register
    def _(self, node: nodes.Within) -> str:
        return f"within {duration(node.duration)}"

    @phrase.register
    def _(self, node: nodes.Since) -> str:
        return f"since {node.moment}"

    def _narrowed(self, selection: nodes.Selection) -> str:
        """What follows the noun of a selection."""
        parts = [self.name(part) for part in (selection.name, selection.verb) if part]
        if selection.name and not selection.verb and selection.name.text in MESSAGE_VERBS:
            parts = [quote(selection.name.text)]
        parts += [f"by {self.name(selection.channel)}"] if selection.channel else []
        parts += [f"in {selection.source.text}"] if selection.source else []
        parts += [f"({self.phrase(selection.where)})"] if selection.where else []
        parts += [self.phrase(selection.window)] if selection.window else []
        return "".join(f" {part}" for part in parts)

    @phrase.register
    def _(self, node: nodes.Selection) -> str:
        return node.noun.text + self._narrowed(node)

    @phrase.register
    def _(self, node: nodes.History) -> str:
        quantifier = f"at least {node.count}" if node.quantifier == "at least" else node.quantifier
        return f"{quantifier} {self.phrase(node.selection)}"

    @phrase.register
    def _(self, node: nodes.Aggregate) -> str:
        of = node.field.text if node.field else node.selection.noun.text
        return f"{self.name(node.function)}({of}{self._narrowed(node.selection)})"

    # ------------------------------------------------------------------------------------------ events and schedules

    def _alternatives(self, several: Iterable[nodes.Name]) -> str:
        return " | ".join(self.name(one) for one in several)

    @phrase.register
    def _(self, node: nodes.Event) -> str:
        parts = ["any"] if node.any_of else []
        parts += [", ".join(subject.text for subject in node.subjects)]
        parts += [self._alternatives(group) for group in node.words]
        parts += [f"to {self.name(node.topic)}"] if node.topic else []
        parts += [f"-> {self._alternatives(node.values)}"] if node.values else []
        parts += [f"-> category {self.name(node.category)}"] if node.category else []
        if node.amount is not None:
            parts += [percent(node.amount) if isinstance(node.amount, nodes.Percent) else number(node.amount)]
        parts += [node.place] if node.place else []
        parts += [self.name(node.list_name)] if node.list_name else []
        return " ".join(parts)

    @phrase.register
    def _(self, node: nodes.Schedule) -> str:
        if node.unit == "cron":
            return quote(node.cron)
        at = f" at {clock(node.at.seconds)}" if node.at else ""
        if node.unit == "weekday":
            return ", ".join(node.weekdays) + at
        if node.unit == "month":
            return ("month on last day" if node.day == -1 else f"month on day {node.day}") + at
        if node.unit == "year" and node.field:
            return f"year on {node.field.text}{self.shift(node.shift)}{at}"
        return node.unit + at

    def shift(self, by: nodes.Duration | None) -> str:
        """` - 7d`, ` + 1d`, or nothing."""
        if by is None:
            return ""
        text = duration(by)
        return f" - {text[1:]}" if text.startswith("-") else f" + {text}"

    @phrase.register
    def _(self, node: nodes.QuietRange) -> str:
        return quiet_range(node)

    @phrase.register
    def _(self, node: nodes.Quiet) -> str:
        return f"{'only' if node.only else 'quiet'} {', '.join(quiet_range(one) for one in node.ranges)}"

    @phrase.register
    def _(self, node: nodes.Argument) -> str:
        return f"{self.name(node.name)} = {self.within(node.value, 5)}"

    @phrase.register
    def _(self, node: nodes.When) -> str:
        match node.moment:
            case datetime():
                return moment(node.moment)
            case nodes.Duration():
                return f"+{duration(node.moment)}"
            case nodes.TimeOfDay():
                return clock(node.moment.seconds)

    @phrase.register
    def _(self, node: nodes.Comment) -> str:
        return node.text
