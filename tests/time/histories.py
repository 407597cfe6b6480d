"""Every distinct history of offsets that the tz database knows, 2015 to 2030, and what a wall clock showed around its changes.

Independent of `dsl.calendar`: the database is only ever asked what a moment of UTC is called locally, never the other way round.
Moments are whole minutes since 1970 UTC. What a clock shows is a minute, too: counted from midnight of 31 December of the year 0,
so that `shown // 1440` is the ordinal of the date.
"""

from __future__ import annotations

import hashlib
import zoneinfo
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from datetime import datetime
from functools import cache
from importlib.resources import files
from itertools import accumulate

import attrs

from dsl.civil import zones

HOUR = 60
DAY = 24 * HOUR
FIRST = int(datetime(2015, 1, 1, tzinfo=UTC).timestamp()) // 60
LAST = int(datetime(2031, 1, 1, tzinfo=UTC).timestamp()) // 60
AROUND = 3 * DAY

#: Those whose every change the ordinary suite walks over; the others are sampled there, and walked over by the soak.
NAMED = (
    "Africa/Cairo",
    "Africa/Casablanca",
    "Africa/Juba",
    "Africa/Khartoum",
    "America/Asuncion",
    "America/Caracas",
    "America/Havana",
    "America/New_York",
    "America/Nuuk",
    "America/Santiago",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Antarctica/Casey",
    "Antarctica/Troll",
    "Asia/Amman",
    "Asia/Beirut",
    "Asia/Gaza",
    "Asia/Pyongyang",
    "Asia/Tehran",
    "Asia/Ulaanbaatar",
    "Asia/Vladivostok",
    "Atlantic/Azores",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Europe/Dublin",
    "Europe/Istanbul",
    "Europe/Moscow",
    "Europe/Volgograd",
    "Pacific/Chatham",
    "Pacific/Norfolk",
)


@attrs.frozen
class History:
    """Zones that showed the same time at every moment of those years."""

    zone: str
    aliases: tuple[str, ...]
    changes: tuple[int, ...]


@contextmanager
def database_of_the_package() -> Iterator[None]:
    """Zones from the package `tzdata` alone, so that no result depends on how old the machine's own database is."""
    before = zoneinfo.TZPATH
    _forget(())
    try:
        yield
    finally:
        _forget(before)


def _forget(path: tuple[str, ...]) -> None:
    zoneinfo.reset_tzpath(path)
    zoneinfo.ZoneInfo.clear_cache()
    for cached in (zones._zone_info, zones._pieces, zones.known_zone):
        cached.cache_clear()


@cache
def _info(zone: str) -> zoneinfo.ZoneInfo:
    return zoneinfo.ZoneInfo.no_cache(zone)


def shown(minute: int, zone: str) -> int:
    """What the clocks of a zone show at a moment."""
    wall = datetime.fromtimestamp(minute * 60, _info(zone))
    assert not wall.second
    return wall.toordinal() * DAY + wall.hour * HOUR + wall.minute


def changes(zone: str, step: int = 4 * DAY) -> tuple[int, ...]:
    """The first minutes of a new offset; two changes within a step would be missed."""
    found = []
    low, before = FIRST, shown(FIRST, zone) - FIRST
    for mark in range(FIRST + step, LAST + step, step):
        if (ahead := shown(mark, zone) - mark) != before:
            unchanged, changed = low, mark
            while changed - unchanged > 1:
                middle = (unchanged + changed) // 2
                if shown(middle, zone) - middle == before:
                    unchanged = middle
                else:
                    changed = middle
            if changed < LAST:
                found.append(changed)
        low, before = mark, ahead
    return tuple(found)


def histories(step: int = 4 * DAY) -> list[History]:
    """One for each; its zone is one of the named if it can be. Links and copies are recognised by their bytes before anything is read."""
    texts: dict[bytes, list[str]] = {}
    for zone in sorted(zoneinfo.available_timezones()):
        text = files("tzdata").joinpath("zoneinfo", *zone.split("/")).read_bytes()
        texts.setdefault(hashlib.sha256(text).digest(), []).append(zone)
    groups: dict[tuple[int, ...], list[str]] = {}
    for names in texts.values():
        found = changes(names[0], step)
        offsets = (shown(minute, names[0]) - minute for minute in (FIRST, *found))
        groups.setdefault((*found, *offsets), []).extend(names)
    made = []
    for key, names in groups.items():
        zone = next((name for name in names if name in NAMED), names[0])
        made.append(History(zone, tuple(sorted(names)), key[: len(key) // 2]))
    return made


class Walk:
    """The clocks of a zone, minute by minute, three days either side of a moment."""

    def __init__(self, zone: str, middle: int, *, step: int = 1) -> None:
        """`step`: how many minutes apart the database is asked; between readings as far apart as they should be, none is asked."""
        self.zone = zone
        self.first, self.last = middle - AROUND, middle + AROUND
        self.shown: list[int] = []
        here = shown(self.first, zone)
        for minute in range(self.first, self.last, step):
            there = shown(minute + step, zone)
            steady = there - here == step
            self.shown += range(here, there) if steady else [shown(inside, zone) for inside in range(minute, minute + step)]
            here = there
        #: The latest that the clocks had shown so far. It never falls: what it passes, it passes for the first time.
        self.latest = list(accumulate(self.shown, max))

    def first_showing(self, wall: int) -> int | None:
        """The first minute that shows a time or, where it is skipped, a later one; None: not within these days."""
        found = bisect_left(self.latest, wall)
        return None if found in (0, len(self.latest)) else self.first + found

    def showings(self, wanted: frozenset[int]) -> dict[int, list[tuple[int, int]]]:
        """Of each time of day: every minute that shows it, or comes right after it was skipped, with what should have been shown."""
        found: dict[int, list[tuple[int, int]]] = {time: [] for time in wanted}
        before = self.shown[0] - 1
        for minute, wall in enumerate(self.shown, start=self.first):
            for passed in range(before + 1, wall + 1) if wall > before + 1 else (wall,):
                if passed % DAY in wanted:
                    found[passed % DAY].append((minute, passed))
            before = wall
        return found
