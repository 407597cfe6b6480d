"""The small parts of a parsed text: words, numbers, moments, ranges; what the calendar does not know is reported here.

A parsed text is made of leaves (a word, a number, a sign, with its place) and twigs (a form of the grammar and its parts). Spans are
taken from the first and the last leaf, so that no layout belongs to them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from datetime import datetime

import attrs

from dsl import nodes
from dsl.catalog import CHANNELS
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Fix
from dsl.diagnostic import Label
from dsl.diagnostic import error
from dsl.source import Source
from dsl.source import Span
from dsl.spelling import closest
from dsl.syntax.automaton import Leaf
from dsl.syntax.automaton import Part
from dsl.syntax.automaton import Twig

# ---------------------------------------------------------------------------------------------------- leaves and twigs


def span_of(part: Part) -> Span:
    """From the first leaf to the last."""
    first = last = part
    while not isinstance(first, str):
        first = first.children[0]
    while not isinstance(last, str):
        last = last.children[-1]
    return Span(first.start_pos, last.end_pos)


def leaf(twig: Twig, *types: str) -> Leaf | None:
    """The first leaf of one of these types directly in the twig."""
    for part in twig.children:
        if isinstance(part, str) and part.type in types:
            return part
    return None


def the_leaf(twig: Twig, *types: str) -> Leaf:
    """The same where the grammar demands one."""
    found = leaf(twig, *types)
    assert found is not None, f"{twig.data} without {types}"
    return found


def leaves(twig: Twig, *types: str) -> list[Leaf]:
    """All leaves of these types directly in the twig."""
    return [part for part in twig.children if isinstance(part, str) and part.type in types]


def twigs(twig: Twig, *forms: str) -> list[Twig]:
    """The twigs directly in this one, of these forms; without forms: all."""
    return [part for part in twig.children if not isinstance(part, str) and (not forms or part.data in forms)]


def twig(parent: Twig, *forms: str) -> Twig | None:
    """The first twig of one of these forms directly in the parent."""
    found = twigs(parent, *forms)
    return found[0] if found else None


def the_twig(parent: Twig, *forms: str) -> Twig:
    """The same where the grammar demands one."""
    return twigs(parent, *forms)[0]


def only_leaf(part: Part) -> Leaf:
    """The leaf inside a twig that holds just one, however deep."""
    while not isinstance(part, str):
        part = part.children[0]
    return part


# ------------------------------------------------------------------------------------------------------------ problems

#: Nobody writes this by hand; Python's own stack ends not far beyond.
DEEPEST = 100


@attrs.define(slots=True)
class Problems:
    """What is wrong in one statement although the grammar took it."""

    source: Source
    found: list[Diagnostic] = attrs.field(factory=list)
    in_test: bool = False
    _depth: int = 0

    @contextmanager
    def inside(self, span: Span) -> Iterator[bool]:
        """One level deeper for as long as it lasts; True: too deep to go on, which is reported."""
        self._depth += 1
        too_deep = self._depth > DEEPEST
        if too_deep:
            self.add(span, f"more than {DEEPEST} levels inside each other", "split it into parts")
        yield too_deep
        self._depth -= 1

    def add(self, span: Span, message: str, hint: str = "", fix: Fix | None = None, labels: tuple[Label, ...] = ()) -> None:
        """One more, as an error of the check `syntax`."""
        self.found.append(error("syntax", self.source, span, message, hint, fix=fix, labels=labels))

    def replace(self, span: Span, message: str, replacement: str, hint: str = "", *, safe: bool = True) -> None:
        """One more, with the words to write instead."""
        self.add(span, message, hint or f"write `{replacement}`", Fix(f"write `{replacement}`", span, replacement, safe))


# --------------------------------------------------------------------------------------------------- numbers and text

_ESCAPES = {"\\": "\\", '"': '"', "n": "\n"}
_UNITS = {"s": (0, 0, 1), "m": (0, 0, 60), "h": (0, 0, 3600), "d": (0, 1, 0), "w": (0, 7, 0), "mo": (1, 0, 0), "y": (12, 0, 0)}
_MOST_DIGITS = 15
_LONGEST_YEARS = 100


def text(part: Part, problems: Problems) -> str:
    r"""The text of a word or a string: quotes taken off, `\"`, `\\` and `\n` resolved."""
    token = only_leaf(part)
    written = str(token)
    if token.type != "STRING":
        return written
    inside = written[1:-1]
    if "\\" not in inside:
        return inside

    def resolve(match: re.Match[str]) -> str:
        letter = match.group(1)
        if letter not in _ESCAPES:
            start = token.start_pos + 1 + match.start()
            problems.replace(
                Span(start, start + 2),
                f"`\\{letter}` means nothing in a text",
                f"\\\\{letter}",
                'write `\\\\` for a backslash; besides there are `\\"` and `\\n`',
                safe=False,
            )
        return _ESCAPES.get(letter, letter)

    return re.sub(r"\\(.)", resolve, inside)


def name(part: Part, problems: Problems) -> nodes.Name:
    """A name, bare or quoted; an empty one is a mistake."""
    span = span_of(part)
    plain = text(part, problems)
    if not plain.strip():
        problems.add(span, "a name cannot be empty", "write a name between the quotes")
    return nodes.Name(plain, span=span)


def names(parent: Twig, problems: Problems) -> tuple[nodes.Name, ...]:
    """All names directly in the parent, in the order written."""
    return tuple(name(part, problems) for part in twigs(parent, "name"))


def number(token: Leaf, problems: Problems) -> int | float:
    """`12` or `12.5`"""
    written = str(token).rstrip("%")
    if len(written) > _MOST_DIGITS:
        problems.add(span_of(token), f"`{written}` is too long for a number", f"at most {_MOST_DIGITS} digits")
        return 0
    return float(written) if "." in written else int(written)


def whole(token: Leaf, problems: Problems, what: str, least: int = 1) -> int:
    """A whole number, not below `least`."""
    value = number(token, problems)
    if isinstance(value, float) or value < least:
        problems.add(span_of(token), f"expected a whole number from {least} for {what}, found `{token}`")
        return least
    return value


def percent(token: Leaf, problems: Problems, most: float | None = None) -> nodes.Percent:
    """`10%`; with `most`: a share that cannot be more."""
    value = float(number(token, problems))
    if most is not None and value > most:
        problems.add(span_of(token), f"`{token}` is more than there is", f"write a share from 0% to {most:g}%")
    return nodes.Percent(value)


def duration(token: Leaf, problems: Problems) -> nodes.Duration:
    """`7d`, `1d12h`; longer than a hundred years is a slip of the finger."""
    total = [0, 0, 0]
    for amount, unit in re.findall(r"(\d+)(mo|[smhdwy])", str(token)):
        count = int(amount) if len(amount) <= _MOST_DIGITS else 10**_MOST_DIGITS
        total = [whole + count * part for whole, part in zip(total, _UNITS[unit], strict=True)]
    months, days, seconds = total
    if months / 12 + days / 365 + seconds / (365 * 86400) > _LONGEST_YEARS:
        problems.add(span_of(token), f"`{token}` is longer than {_LONGEST_YEARS} years", "check the number and the unit")
        return nodes.Duration()
    return nodes.Duration(months, days, seconds)


def field(token: Leaf) -> nodes.Field:
    """`order.total`, `now`"""
    return nodes.Field(tuple(str(token).split(".")), span=span_of(token))


# -------------------------------------------------------------------------------------------------------------- moments


def _seconds(written: str) -> int | None:
    parts = [int(part) for part in written.split(":")]
    hours, minutes, seconds = (*parts, 0)[:3]
    return hours * 3600 + minutes * 60 + seconds if hours < 24 and minutes < 60 and seconds < 60 else None


def time_of_day(token: Leaf, problems: Problems) -> nodes.TimeOfDay:
    """`09:00`; seconds only in a test."""
    written = str(token)
    value = _seconds(written)
    if value is None:
        _no_such_time(written, span_of(token), problems)
    elif written.count(":") > 1 and not problems.in_test:
        problems.replace(span_of(token), f"`{written}` is more exact than a scenario can be", written[:5], safe=False)
    return nodes.TimeOfDay(value or 0)


def _no_such_time(written: str, span: Span, problems: Problems) -> None:
    if written in ("24:00", "24:00:00"):
        problems.replace(span, f"midnight is written `00:00`, found `{written}`", "00:00")
    else:
        problems.add(span, f"there is no time `{written}`", "hours go from 00 to 23, minutes from 00 to 59")


def day(token: Leaf, problems: Problems) -> date:
    """`2026-05-01`"""
    try:
        return date.fromisoformat(str(token))
    except ValueError:
        _no_such_date(str(token), span_of(token), problems)
        return date(2000, 1, 1)


def moment(token: Leaf, problems: Problems) -> datetime:
    """`2026-05-01 10:00`, naive, or with its offset."""
    written = str(token)
    clock = re.split(r"[ T]+", written, maxsplit=1)[1]
    try:
        date.fromisoformat(written[:10])
    except ValueError:
        _no_such_date(written[:10], Span(token.start_pos, token.start_pos + 10), problems)
        return datetime(2000, 1, 1)  # noqa: DTZ001 naive on purpose: the project's zone is not known here
    try:
        return datetime.fromisoformat(f"{written[:10]} {clock}")
    except ValueError:
        _no_such_time(clock, Span(token.end_pos - len(clock), token.end_pos), problems)
        return datetime(2000, 1, 1)  # noqa: DTZ001 as above


def _no_such_date(written: str, span: Span, problems: Problems) -> None:
    problems.add(span, f"there is no day `{written}`", "dates are written year-month-day: `2026-05-01`")


# --------------------------------------------------------------------------------------------------------- quiet hours

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SHORT_DAYS = tuple(weekday[:3] for weekday in WEEKDAYS)
_FULL_DAYS = dict(zip(SHORT_DAYS, WEEKDAYS, strict=True)) | {weekday: weekday for weekday in WEEKDAYS}


def weekday(word: str) -> str | None:
    """The full name of a day of the week, from its full or short name."""
    return _FULL_DAYS.get(word.lower())


def quiet(part: Twig, problems: Problems) -> nodes.Quiet:
    """`quiet 22:00-09:00, sun` · `only 10:00-20:00 mon-fri`"""
    return nodes.Quiet(ranges(part, problems), only=leaf(part, "ONLY") is not None, span=span_of(part))


def ranges(parent: Twig, problems: Problems) -> tuple[nodes.QuietRange, ...]:
    """The ranges directly in the parent."""
    return tuple(_range(part, problems) for part in twigs(parent, "range"))


def _range(part: Twig, problems: Problems) -> nodes.QuietRange:
    hours = leaf(part, "TIMERANGE")
    which = twig(part, "days")
    days = _days(which, problems) if which else ()
    if hours is None:
        return nodes.QuietRange(days=days, span=span_of(part))
    ends: list[int] = []
    for place, written in ((0, str(hours)[:5]), (6, str(hours)[6:])):
        value = _seconds(written)
        if value is None:
            start = hours.start_pos + place
            _no_such_time(written, Span(start, start + 5), problems)
        ends.append(value or 0)
    return nodes.QuietRange(ends[0], ends[1], days, span=span_of(part))


def _days(part: Twig, problems: Problems) -> tuple[str, ...]:
    words = twigs(part, "name")
    found: list[str] = []
    for word in words:
        plain = text(word, problems)
        full = weekday(plain)
        if full:
            found.append(full[:3])
        elif plain.lower() in ("holidays", "holiday") and len(words) == 1:
            found.append("holidays")
        else:
            _no_such_day(plain, span_of(word), problems, (*SHORT_DAYS, *WEEKDAYS, "holidays"))
    if len(words) == 1 or len(found) < len(words):
        return tuple(found)
    first, last = (SHORT_DAYS.index(word) for word in found)
    return tuple(SHORT_DAYS[(first + step) % 7] for step in range((last - first) % 7 + 1))


def _no_such_day(written: str, span: Span, problems: Problems, possible: tuple[str, ...]) -> None:
    meant = closest(written, possible)
    if meant and meant != written.lower():
        problems.replace(span, f"`{written}` is not a day of the week", meant, f"did you mean `{meant}`?", safe=False)
    else:
        of_channel = f"for one channel write `policy quiet 22:00-09:00 for {written}`" if written in CHANNELS else ""
        hint = of_channel or "days are `mon` to `sun`, `sat-sun` or `holidays`"
        problems.add(span, f"expected hours like `22:00-09:00` or days, found `{written}`", hint)
