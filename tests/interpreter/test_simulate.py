"""What a simulation counts and how it is shown."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from interpreter.telling.simulated import LONGEST
from interpreter.telling.simulated import histogram


def at(*texts):
    return Counter(datetime.fromisoformat(text).date() for text in texts)


def test_no_messages_no_bars():
    assert histogram({}) == []


def test_a_bar_for_each_day():
    rows = histogram(at("2026-03-01T23:59", "2026-03-02T00:00", "2026-03-02T12:00", "2026-03-04T00:00"))
    assert [row.split() for row in rows] == [
        ["sent", "by", "day"], ["2026-03-01", "█" * (LONGEST // 2), "1"], ["2026-03-02", "█" * LONGEST, "2"], ["2026-03-03", "0"],
        ["2026-03-04", "█" * (LONGEST // 2), "1"],
    ]  # fmt: skip


def test_weeks_from_monday_then_months():
    weeks = histogram(at("2026-03-01T12:00", "2026-04-15T12:00"))
    assert [row.split()[0] for row in weeks[:3]] == ["sent", "2026-02-23", "2026-03-02"]
    assert weeks[-1].split()[0] == "2026-04-13"
    months = histogram(at("2025-11-30T12:00", "2026-12-31T12:00"))
    assert months[0] == "sent by month"
    assert [row.split()[0] for row in months[1:]] == ["2025-11", "2025-12", *(f"2026-{month:02}" for month in range(1, 13))]


def test_the_smallest_number_is_still_seen():
    rows = histogram(at(*["2026-03-01T12:00"] * 5000, "2026-03-02T12:00"))
    assert rows[2].split() == ["2026-03-02", "▏", "1"]
