"""Every distinct history of offsets that the tz database knows, 2015 to 2030, and what a wall clock showed around its changes.

Independent of `dsl.calendar`: the database is only ever asked what a moment of UTC is called locally, never the other way round.
Moments are whole minutes since 1970 UTC. What a clock shows is a minute, too: counted from midnight of 31 December of the year 0,
so that `shown // 1440` is the ordinal of the date.
"""

from __future__ import annotations

import zoneinfo
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from datetime import datetime
from functools import cache
from importlib.resources import files

import attrs

from dsl.civil import zones

HOUR = 60
DAY = 24 * HOUR
FIRST = int(datetime(2015, 1, 1, tzinfo=UTC).timestamp()) // 60
LAST = int(datetime(2031, 1, 1, tzinfo=UTC).timestamp()) // 60
AROUND = 3 * DAY
#: No zone ever changed its clocks twice within six days (`test_database.py`).
STEP = 6 * DAY

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
def database_of_the_package(*folders: str) -> Iterator[None]:
    """Zones from the package `tzdata` alone, so that no result depends on how old the machine's own database is; or these folders first."""
    before = zoneinfo.TZPATH
    _forget(folders)
    try:
        yield
    finally:
        _forget(before)


def _forget(path: tuple[str, ...]) -> None:
    zoneinfo.reset_tzpath(path)
    zoneinfo.ZoneInfo.clear_cache()
    for clear in (_info.cache_clear, zones._zone_info.cache_clear, zones._pieces.cache_clear, zones.known_zone.cache_clear):
        clear()


@cache
def _info(zone: str) -> zoneinfo.ZoneInfo:
    return zoneinfo.ZoneInfo.no_cache(zone)


def shown(minute: int, zone: str) -> int:
    """What the clocks of a zone show at a moment."""
    wall = datetime.fromtimestamp(minute * 60, _info(zone))
    assert not wall.second
    return wall.toordinal() * DAY + wall.hour * HOUR + wall.minute


def changes(zone: str, step: int = STEP) -> tuple[int, ...]:
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


def copies() -> dict[bytes, list[str]]:
    """What the package has of each zone, and the zones of which it is all the same."""
    texts: dict[bytes, list[str]] = {}
    for zone in sorted(zoneinfo.available_timezones()):
        texts.setdefault(files("tzdata").joinpath("zoneinfo", *zone.split("/")).read_bytes(), []).append(zone)
    return texts


def histories(step: int = STEP) -> list[History]:
    """One for each; its zone is one of the named if it can be. Links and copies are recognised by their bytes before anything is read."""
    groups: dict[tuple[int, ...], list[str]] = {}
    for names in copies().values():
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
        #: Runs of minutes in which the clocks went on evenly: what they showed first, and for how many minutes.
        self.runs: list[tuple[int, int]] = []
        here = shown(self.first, zone)
        for minute in range(self.first, self.last, step):
            there = shown(minute + step, zone)
            if there - here == step:
                self._went_on(here, step)
            else:
                for inside in range(minute, minute + step):
                    self._went_on(shown(inside, zone), 1)
            here = there
        self.shown: list[int] = []
        #: The latest that the clocks had shown so far. It never falls: what it passes, it passes for the first time.
        self.latest: list[int] = []
        for wall, length in self.runs:
            self.shown += range(wall, wall + length)
            latest = self.latest[-1] if self.latest else 0
            again = min(max(latest - wall, 0), length)
            self.latest += [latest] * again + list(range(wall + again, wall + length))

    def _went_on(self, wall: int, length: int) -> None:
        if self.runs and sum(self.runs[-1]) == wall:
            self.runs[-1] = (self.runs[-1][0], self.runs[-1][1] + length)
        else:
            self.runs.append((wall, length))

    def first_showing(self, wall: int) -> int | None:
        """The first minute that shows a time or, where it is skipped, a later one; None: not within these days."""
        found = bisect_left(self.latest, wall)
        return None if found in (0, len(self.latest)) else self.first + found

    def showings(self, wanted: frozenset[int]) -> dict[int, list[tuple[int, int]]]:
        """Of each time of day: every minute that shows it, or comes right after it was skipped, with what should have been shown."""
        found: dict[int, list[tuple[int, int]]] = {time: [] for time in wanted}
        minute, due = self.first, self.shown[0]
        for wall, length in self.runs:
            for time, at in found.items():
                at += [(minute, skipped) for skipped in range(due + (time - due) % DAY, wall, DAY)]
                at += [(minute + on, wall + on) for on in range((time - wall) % DAY, length, DAY)]
            minute, due = minute + length, wall + length
        return found
