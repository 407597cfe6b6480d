"""Dates and times as a customer reads them: on his own clock."""

from __future__ import annotations

from datetime import datetime
from datetime import tzinfo
from functools import lru_cache


class Day(datetime):
    """A date without a time of day: midnight of the customer's zone, printed without the time."""


def from_seconds(at: int, zone: tzinfo) -> datetime:
    """A moment, given in seconds since 1970 UTC."""
    return datetime.fromtimestamp(at, zone)


@lru_cache(maxsize=1024)
def from_text(text: str, zone: tzinfo) -> datetime | None:
    """A date as a shop writes it: `2026-05-01`, or ISO 8601 with a time, read in `zone` where it names none; None: something else."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    if len(text) <= len("2026-05-01"):
        return Day(found.year, found.month, found.day, tzinfo=zone)
    return found.replace(tzinfo=zone) if found.tzinfo is None else found.astimezone(zone)
