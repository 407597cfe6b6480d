"""Moments and durations as text: what comes in with a fact, what is shown to people. `calendar.py` is the door to it."""

from __future__ import annotations

import re
from datetime import UTC
from datetime import date
from datetime import datetime

from dsl.civil.zones import DAY
from dsl.civil.zones import EPOCH_DAY
from dsl.civil.zones import instant
from dsl.civil.zones import offset
from dsl.nodes import Duration

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PART = re.compile(r"(\d+)(mo|[smhdwy])")
_DURATION = re.compile(r"(?:\d+(?:mo|[smhdwy]))+")
_ISO_DURATION = re.compile(r"P(?=.)(?:\d+Y)?(?:\d+M)?(?:\d+W)?(?:\d+D)?(?:T(?=.)(?:\d+H)?(?:\d+M)?(?:\d+S)?)?")
#: Unit -> months, days, seconds.
_UNITS = {
    "y": (12, 0, 0),
    "mo": (1, 0, 0),
    "w": (0, 7, 0),
    "d": (0, 1, 0),
    "h": (0, 0, 3600),
    "m": (0, 0, 60),
    "s": (0, 0, 1),
}


def parse_moment(text: str, zone: str) -> int:
    """An instant from ISO 8601: `2024-06-05T23:00:00+03:00`, or without an offset in `zone`; a date alone is its midnight.

    Fractions of a second are cut off. Raises ValueError with a sentence for anything else.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"expected a moment such as `2024-06-05T23:00:00+03:00` or a date such as `2024-06-05`, found `{text}`") from None
    return moment_of(moment, zone)


def moment_of(moment: datetime, zone: str) -> int:
    """The instant of a `datetime`: by its own offset, else as the wall clock of `zone`. Fractions of a second are cut off."""
    if moment.tzinfo is not None:
        since = moment - _EPOCH
        return since.days * DAY + since.seconds
    return instant(moment.toordinal(), moment.hour * 3600 + moment.minute * 60 + moment.second, zone)


def iso(at: int, zone: str) -> str:
    """An instant as people read it: `2024-06-05T23:00:00+03:00`, with the offset of the zone. Raises ValueError beyond the year 9999."""
    ahead = offset(at, zone)
    days, seconds = divmod(at + ahead, DAY)
    return f"{date.fromordinal(days + EPOCH_DAY)}T{_clock(seconds)}:{seconds % 60:02}{'-' if ahead < 0 else '+'}{_distance(abs(ahead))}"


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds % 3600 // 60:02}"


def _distance(seconds: int) -> str:
    """Before there were zones, offsets had seconds too."""
    return _clock(seconds) + (f":{seconds % 60:02}" if seconds % 60 else "")


def parse_duration(text: str) -> Duration:
    """`30s 5m 2h 7d 2w 1mo 1y` and sums `1d12h`, or as ISO 8601 writes it: `P2M`, `P1Y2M3DT4H`. Raises ValueError with a sentence."""
    written = text.strip()
    if _ISO_DURATION.fullmatch(written):
        date, _, time = written[1:].partition("T")
        written = date.replace("M", "mo").lower() + time.lower()
    if not _DURATION.fullmatch(written):
        raise ValueError(f"expected a duration such as `30m`, `7d` or `1d12h`, found `{text}`")
    months = days = seconds = 0
    for count, unit in _PART.findall(written):
        unit_months, unit_days, unit_seconds = _UNITS[unit]
        months += int(count) * unit_months
        days += int(count) * unit_days
        seconds += int(count) * unit_seconds
    return Duration(months, days, seconds)


def duration_text(duration: Duration) -> str:
    """A duration as it is written: `1y2mo`, `7d`, `1d12h`, `0s`; backwards with a minus. `parse_duration` reads it back."""
    counts = (duration.months, duration.days, duration.seconds)
    if min(counts) < 0:
        return "-" + duration_text(-duration) if max(counts) <= 0 else " ".join(duration_text(part) for part in _alone(duration))
    years, months = divmod(duration.months, 12)
    hours, rest = divmod(duration.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    parts = ((years, "y"), (months, "mo"), (duration.days, "d"), (hours, "h"), (minutes, "m"), (seconds, "s"))
    return "".join(f"{count}{unit}" for count, unit in parts if count) or "0s"


def _alone(duration: Duration) -> tuple[Duration, ...]:
    """The parts of a length whose months, days and seconds point in different directions (`1mo - 1d`)."""
    parts = (Duration(months=duration.months), Duration(days=duration.days), Duration(seconds=duration.seconds))
    return tuple(part for part in parts if part != Duration())
