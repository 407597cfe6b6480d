"""What people write instead of the literals of the language: hours, dates, lengths of time, numbers. Each gets its own sentence.

Every function looks at the text where reading stopped and either knows what was meant or returns None.
"""

from __future__ import annotations

import re
from datetime import date

from dsl.diagnostic import Diagnostic
from dsl.source import Span
from dsl.syntax.near_signs import address
from dsl.syntax.near_signs import comment
from dsl.syntax.near_signs import needless_sign
from dsl.syntax.near_signs import quotes
from dsl.syntax.near_signs import reckoning
from dsl.syntax.near_signs import sign
from dsl.syntax.near_signs import strange_letters
from dsl.syntax.stuck import Stuck

# --------------------------------------------------------------------------------------------------- hours and moments

_CLOCK = r"(\d{1,2})(?:[:.](\d\d))?\s*(am|pm)?"
_HOURS = re.compile(
    rf"(?:from\s+|between\s+|с\s+)?{_CLOCK}\s*(?:[-–—−~]|\.\.+|…|to\b|till\b|until\b|and\b|до\b)\s*{_CLOCK}(?![\w:])", re.IGNORECASE
)


def _clock(hours: str, minutes: str | None, half: str | None) -> str | None:
    """`9`, `30`, `pm` as `21:30`; None: no such time."""
    hour = int(hours)
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half.lower() == "pm" else 0)
    minute = int(minutes or 0)
    return f"{hour % 24:02}:{minute:02}" if hour <= 24 and minute < 60 else None


def hours(stuck: Stuck) -> Diagnostic | None:
    """`22-9`, `22:00 - 09:00`, `from 22 to 9` where hours are expected."""
    before = stuck.previous
    if "TIMERANGE" not in stuck.accepted or before is None or before.type not in ("QUIET", "ONLY", "COMMA"):
        return None
    match = _HOURS.match(stuck.source.text, stuck.offset, stuck.line_end)
    if not match:
        if stuck.found is not None and stuck.found.type == "TIME":
            span = Span(stuck.found.start_pos, stuck.found.end_pos)
            return stuck.say(span, f"`{stuck.found}` is only the beginning", f"write from when to when: `{stuck.word}-09:00`")
        return None
    first, second = _clock(*match.group(1, 2, 3)), _clock(*match.group(4, 5, 6))
    span = Span(*match.span())
    message = f"hours are written `22:00-09:00`, found `{match.group()}`"
    return (
        stuck.replace(span, message, f"{first}-{second}")
        if first and second
        else stuck.say(span, message, "hours go from 00 to 23, minutes from 00 to 59")
    )


def time_of_day(stuck: Stuck) -> Diagnostic | None:
    """`9:00`, `9am`, `at 10`, `9.30` where a time may stand."""
    match = stuck.match(rf"{_CLOCK}(?![\w:.%]|-\d)")
    before = stuck.previous
    if not match or not ("TIME" in stuck.accepted or (before is not None and before.type == "DATE")):
        return None
    span = Span(*match.span())
    whole_number = not match.group(2) and not match.group(3)
    if whole_number and "NUMBER" in stuck.accepted:
        return None
    written = _clock(*match.group(1, 2, 3))
    if not written:
        return stuck.say(span, f"there is no time `{match.group()}`", "hours go from 00 to 23, minutes from 00 to 59")
    return stuck.replace(span, f"a time has four digits and a colon, found `{match.group()}`", written, safe=not whole_number)


_DATE = r"(?:(\d{4})[-./](\d{1,2})[-./](\d{1,2})|(\d{1,2})([./-])(\d{1,2})[./-](\d{4}|\d\d))(?![\w.])"


def calendar_day(stuck: Stuck) -> Diagnostic | None:
    """`01.05.2026`, `2026/5/1` where a date may stand."""
    before = stuck.previous
    adjacent = before is not None and before.type == "NUMBER" and before.end_pos == stuck.offset
    match = stuck.match(_DATE, before.start_pos if before is not None and adjacent else None)
    if not match or "DATE" not in (stuck.accepted_before if adjacent else stuck.accepted):
        return None
    span = Span(*match.span())
    message = f"dates are written year-month-day, found `{match.group()}`"
    year, month, day, first, sign, second, last = match.groups()
    if first:
        # 01.05.2026 is the first of May wherever dots are used; 01/05/2026 is not the same day everywhere.
        if sign != "." and int(first) <= 12 and int(second) <= 12:
            return stuck.say(span, message, "for the first of May write `2026-05-01`")
        day, month = (first, second) if int(second) <= 12 else (second, first)
        year = last if len(last) == 4 else f"20{last}"
    try:
        return stuck.replace(span, message, date(int(year), int(month), int(day)).isoformat(), safe=not first)
    except ValueError:
        return stuck.say(span, message, "for the first of May write `2026-05-01`")


# ------------------------------------------------------------------------------------------------------------- lengths

_UNIT_WORDS = {
    "s": "s sec secs second seconds с сек секунд секунды секунду",
    "m": "m min mins minute minutes мин минут минуты минуту",
    "h": "h hr hrs hour hours ч час часа часов",
    "d": "d day days д дн день дня дней сутки суток",
    "w": "w wk wks week weeks н нед неделя неделю недели недель",
    "mo": "mo mon month months мес месяц месяца месяцев",
    "y": "y yr yrs year years г год года лет",
}
_UNITS = {word: unit for unit, words in _UNIT_WORDS.items() for word in words.split()}
_LENGTH = re.compile(r"(\d+)(?:[.,](\d+))?\s*-?\s*([^\W\d]+)\.?")
_SMALLER = {"h": ("m", 60), "m": ("s", 60), "w": ("d", 7), "y": ("mo", 12)}


def length_of_time(stuck: Stuck) -> Diagnostic | None:
    """`5min`, `2 days`, `7 d`, `1d 12h`, `1.5h`, and `wait 7` without a unit."""
    start = stuck.offset
    before = stuck.previous
    if before is not None and before.type in ("NUMBER", "DURATION") and not stuck.new_line:
        start = before.start_pos
    may = stuck.accepted if start == stuck.offset else stuck.accepted_before
    span, written = _length(stuck, start)
    if written is None or span is None:
        return _no_unit(stuck)
    if "DURATION" not in may and stuck.found is not None:
        return None
    found = stuck.source.text[span.start : span.end]
    if not written:
        return stuck.say(span, f"a length of time has whole numbers, found `{found}`", "write a smaller unit: `12h`, `90m`, `1d12h`")
    if written == found:
        return None
    return stuck.replace(span, f"a length of time is written `{written}`, found `{found}`", written)


def _length(stuck: Stuck, start: int) -> tuple[Span | None, str | None]:
    """What hangs together as numbers with units, and how it is written; an empty text: it cannot be."""
    written = ""
    end = start
    fraction = False
    while match := _LENGTH.match(stuck.source.text, end, stuck.line_end):
        unit = _UNITS.get(match.group(3).lower())
        if unit is None:
            break
        part = _part(match.group(1), match.group(2), unit)
        fraction = fraction or part is None
        written += part or ""
        end = match.end()
        blank = re.compile(r"(?:\s*(?:,|and|и)?\s+)(?=\d)").match(stuck.source.text, end, stuck.line_end)
        if (
            not blank
            or not (follow := _LENGTH.match(stuck.source.text, blank.end(), stuck.line_end))
            or follow.group(3).lower() not in _UNITS
        ):
            break
        end = blank.end()
    return (Span(start, end), "" if fraction else written) if end > start else (None, None)


def _part(number: str, fraction: str | None, unit: str) -> str | None:
    if not fraction or not int(fraction):
        return f"{number}{unit}"
    if unit not in _SMALLER:
        return None
    smaller, times = _SMALLER[unit]
    rest, over = divmod(int(fraction) * times, 10 ** len(fraction))
    return None if over else (f"{number}{unit}" if int(number) else "") + f"{rest}{smaller}"


def _no_unit(stuck: Stuck) -> Diagnostic | None:
    """`wait 7`, `wait 7q`"""
    if "DURATION" not in stuck.accepted or "NUMBER" in stuck.accepted:
        return None
    found = stuck.found
    if found is not None and found.type == "NUMBER":
        return stuck.say(Span(found.start_pos, found.end_pos), f"`{found}` needs a unit", f"write `{found}m`, `{found}h` or `{found}d`")
    match = stuck.match(r"\d+[^\W\d]\w*")
    if found is not None or not match:
        return None
    units = "units are `s`, `m` (minutes), `h`, `d`, `w`, `mo` (months) and `y`"
    return stuck.say(Span(*match.span()), f"`{match.group()}` is not a length of time", units)


# ------------------------------------------------------------------------------------------------------------- numbers


def number(stuck: Stuck) -> Diagnostic | None:
    """`1 000`, `1_000`, `1,5`, `.5`, `10 %`, `1000₽`"""
    before = stuck.previous
    start = stuck.offset
    if before is not None and before.type == "NUMBER" and not stuck.new_line:
        start = before.start_pos
    for pattern, form in (
        (r"(\d+)\s+%", r"\1%"),
        (r"(\d+),(\d{1,2})(?!\d)", r"\1.\2"),
        (r"(\d{1,3})(?:[ _,\u00a0\u202f](\d{3}))+(?!\w)", ""),
        (r"(\d+(?:_\d+)+)(?!\w)", ""),
        (r"\.(\d+)", r"0.\1"),
        (r"(\d+(?:\.\d+)?)\s*[$€₽£]", r"\1"),
        (r"[$€₽£]\s*(\d+(?:\.\d+)?)", r"\1"),
    ):
        match = stuck.match(pattern, start)
        if match and match.end() > stuck.offset:
            written = match.expand(form) if form else re.sub(r"\D", "", match.group())
            message = f"a number is written `{written}`, found `{match.group()}`"
            return stuck.replace(Span(*match.span()), message, written, safe="," not in match.group())
    return None


#: In the order in which they are tried.
NEAR_MISSES = (
    quotes,
    hours,
    calendar_day,
    time_of_day,
    length_of_time,
    address,
    number,
    comment,
    sign,
    needless_sign,
    reckoning,
    strange_letters,
)
