"""Quiet hours asked minute by minute: each rule says of one minute of one day whether it is quiet, as `language.md` §2.2 has it."""

from __future__ import annotations

from datetime import date
from functools import cache

import attrs

from dsl.nodes import Quiet
from dsl.nodes import QuietRange
from tests.time.histories import DAY
from tests.time.histories import Walk

_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WORKDAYS = _NAMES[:5]


def minute_of(text: str) -> int:
    """`09:30` -> 570"""
    return int(text[:2]) * 60 + int(text[3:])


def is_holiday(day: date) -> bool:
    """Every fifth day."""
    return day.toordinal() % 5 == 0


@attrs.frozen
class Span:
    """`22:00-09:00 sat sun`; without times: whole days."""

    start: int
    end: int
    days: tuple[str, ...]

    @classmethod
    def read(cls, text: str) -> Span:
        words = text.split()
        if "-" not in words[0]:
            return cls(0, DAY, tuple(words))
        start, end = words[0].split("-")
        return cls(minute_of(start), minute_of(end), tuple(words[1:]))

    def begins_on(self, weekday: int, *, holiday: bool) -> bool:
        return not self.days or _NAMES[weekday] in self.days or (holiday and "holidays" in self.days)

    def covers(self, weekday: int, minute: int, *, holiday: bool, after_holiday: bool) -> bool:
        if self.start < self.end:
            return self.start <= minute < self.end and self.begins_on(weekday, holiday=holiday)
        # Over midnight it is of the day on which it began.
        evening = minute >= self.start and self.begins_on(weekday, holiday=holiday)
        return evening or (minute < self.end and self.begins_on((weekday - 1) % 7, holiday=after_holiday))

    def node(self) -> QuietRange:
        whole = (self.start, self.end) == (0, DAY)
        return QuietRange(None if whole else self.start * 60, None if whole else self.end * 60, self.days)


@attrs.frozen
class Rule:
    """Several of them together: quiet if any says so."""

    text: str
    parts: tuple[tuple[bool, tuple[Span, ...]], ...]
    nodes: tuple[Quiet, ...]

    @classmethod
    def read(cls, text: str) -> Rule:
        """`22:00-09:00, sat sun` · `only 10:00-20:00`; a `+` between those of a scenario and those of a policy"""
        parts = []
        for part in text.split(" + "):
            only = part.startswith("only ")
            parts.append((only, tuple(Span.read(span) for span in part.removeprefix("only ").split(", "))))
        return cls(text, tuple(parts), tuple(Quiet(tuple(span.node() for span in spans), only) for only, spans in parts))

    @property
    def holidays(self) -> bool:
        """Whether it makes a difference what day is one."""
        return "holidays" in self.text

    def quiet(self, weekday: int, minute: int, *, holiday: bool, after_holiday: bool) -> bool:
        return any(
            only != any(span.covers(weekday, minute, holiday=holiday, after_holiday=after_holiday) for span in spans)
            for only, spans in self.parts
        )

    def minutes(self, walk: Walk) -> bytes:
        """Of each minute of a walk: 1 if it is quiet."""
        found = bytearray()
        for wall, length in walk.runs:
            for day in range(wall // DAY, (wall + length - 1) // DAY + 1):
                holiday, after = (self.holidays and is_holiday(date.fromordinal(number)) for number in (day, day - 1))
                today = _day(self, date.fromordinal(day).weekday(), holiday, after)
                found += today[max(wall - day * DAY, 0) : wall + length - day * DAY]
        return bytes(found)


@cache
def _day(rule: Rule, weekday: int, holiday: bool, after_holiday: bool) -> bytes:
    return bytes(rule.quiet(weekday, minute, holiday=holiday, after_holiday=after_holiday) for minute in range(DAY))


RULES = tuple(
    Rule.read(text)
    for text in (
        "22:00-09:00",
        "22:00-06:00",
        "01:30-02:30",
        "00:00-06:00",
        "02:00-03:00",
        "00:30-01:00",
        "23:30-00:00",
        "23:30-00:30 sat",
        "22:00-09:00 sat sun",
        "sat sun",
        "22:00-09:00, sun",
        "holidays",
        "21:00-03:00 holidays",
        "only 10:00-20:00",
        "only 02:00-03:00",
        "only 09:00-18:00 mon tue wed thu fri",
        "22:00-09:00 + 12:00-13:00 + only 08:00-19:00 mon tue wed thu fri sat",
    )
)
