"""What `dsl.civil.zones` takes for granted of the tz database, read from its bytes (RFC 9636); and what it keeps of it."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import pairwise

import pytest

from dsl import calendar
from dsl.civil import zones
from dsl.nodes import Duration
from tests.time.histories import NAMED
from tests.time.histories import copies

DAY = 86_400


def written_changes(text: bytes) -> Iterator[tuple[int, int, int]]:
    """The moments of change that are written down, with the offsets before and after; later ones follow a rule."""
    header = struct.Struct(">4sc15x6l")
    _, _, marks, standard, leaps, times, types, characters = header.unpack_from(text)
    second = header.size + times * 5 + types * 6 + characters + leaps * 8 + standard + marks
    _, _, _, _, _, times, types, _ = header.unpack_from(text, second)
    body = second + header.size
    moments = struct.unpack_from(f">{times}q", text, body)
    kinds = text[body + times * 8 : body + times * 9]
    offsets = [struct.unpack_from(">l", text, body + times * 9 + number * 6)[0] for number in range(types)]
    before = offsets[0]
    for at, kind in zip(moments, kinds, strict=True):
        if offsets[kind] != before:
            yield at, before, offsets[kind]
        before = offsets[kind]


def test_no_zone_ever_changed_its_clocks_twice_within_six_days():
    """Between two readings of the same offset, `dsl.civil.zones` looks for no change."""
    closest = {names[0]: [later - at for (at, _, _), (later, _, _) in pairwise(written_changes(text))] for text, names in copies().items()}
    assert sum(map(len, closest.values())) > 10_000
    assert min(min(gaps) for gaps in closest.values() if gaps) > 6 * DAY > zones._STEP


@pytest.mark.parametrize("zone", NAMED)
def test_every_change_that_is_written_down_is_known_to_the_second(zone):
    text = next(text for text, names in copies().items() if zone in names)
    recent = [change for change in written_changes(text) if change[0] > 0][-40:]
    for at, before, after in recent:
        assert (calendar.offset(at - 1, zone), calendar.offset(at, zone)) == (before, after)


def test_what_is_kept_is_bounded():
    """Whatever zones and dates the data have."""
    for year in range(-1900, 8000, 200):
        calendar.offset(year * 365 * DAY, "UTC")
    for kept in (zones._pieces, zones._zone_info, zones.known_zone, calendar._week, calendar._every_week):
        assert 0 < (kept.cache_info().maxsize or 0) <= 4096


def test_the_first_and_the_last_days_of_the_calendar_have_offsets():
    for text in ("0001-01-03T00:00:00+00:00", "9999-12-29T00:00:00+00:00", "9999-12-31T12:00:00+00:00"):
        assert calendar.iso(calendar.parse_moment(text, "UTC"), "UTC") == text
        assert (
            calendar.iso(calendar.parse_moment(text[:19], "Asia/Tokyo"), "Asia/Tokyo")
            == text[:19] + calendar.iso(calendar.parse_moment(text, "UTC"), "Asia/Tokyo")[19:]
        )
    with pytest.raises(ValueError, match="outside the years 1 to 9999"):
        calendar.add(calendar.parse_moment("9999-12-29", "UTC"), Duration(days=3), "UTC")
    with pytest.raises(ValueError, match="outside the years 1 to 9999"):
        calendar.offset(10**12, "UTC")
