"""The ways to replay real orders: one scenario, its letters as (minute, customer, order)."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path

from bench.launch import SCN
from bench.launch import BrokenError

FIRST = "2016-09-04T21:14-03:00"
LAST = "2018-12-31T00:00-02:00"
ZONE = "America/Sao_Paulo"

Letters = set[tuple[str, str, str]]


def project(folder: Path, channel: str) -> Path:
    """The shop of the README."""
    (folder / "templates/review_request").mkdir(parents=True)
    (folder / "scn.toml").write_text(f'[project]\ntimezone = "{ZONE}"\n[channels.email]\nfrom = "Shop <hello@shop.example>"\n{channel}\n')
    (folder / "reviews.scn").write_text(
        'on order.status -> "shipped" wait 7d quiet 22:00-09:00 if subscribed email send review_request limit 1 per customer\n'
    )
    (folder / "templates/review_request/meta.toml").write_text('subject = "How was order {{ order.id }}?"\n')
    (folder / "templates/review_request/email.html").write_text(
        "<p>How do you like what you bought for {{ order.total|money }}?</p><p><a href='{{ unsubscribe_url }}'>Unsubscribe</a></p>\n"
    )
    return folder


def scn(folder: Path, *arguments: str) -> str:
    """One command; its stdout. Raises BrokenError."""
    done = subprocess.run([SCN, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BrokenError(f"scn {' '.join(arguments)}: {done.returncode}: {(done.stderr or done.stdout).strip()[-300:]}")
    return done.stdout


def letters(text: str) -> Letters:
    """(minute in UTC, customer, order) of what `--format json` lists as sent."""
    found = json.loads(text)["messages"]
    return {
        (datetime.fromisoformat(one["at"]).astimezone(UTC).strftime("%Y-%m-%dT%H:%M"), one["customer"], one["order"])
        for one in found
        if one["state"] == "sent"
    }


def simulated(facts: Path) -> Letters:
    """`scn simulate`"""
    with tempfile.TemporaryDirectory() as name:
        return letters(scn(project(Path(name), 'kind = "file"'), "simulate", "--facts", str(facts), "--format", "json"))


def replayed(facts: Path, channel: str, middle: list[str] | None = None) -> Letters:
    """`scn ingest` and `scn run --tick`; `middle`: minutes that are each a process of their own."""
    with tempfile.TemporaryDirectory() as name:
        folder = project(Path(name), channel)
        scn(folder, "ingest", "--received", "each", str(facts))
        if middle:
            scn(folder, "run", "--tick", "--now", FIRST, "--until", middle[0])
            for minute in middle[1:]:
                scn(folder, "run", "--tick", "--now", minute)
        scn(folder, "run", "--tick", "--now", middle[-1] if middle else FIRST, "--until", LAST)
        found = letters(scn(folder, "messages", "--format", "json"))
        if "file" in channel:
            files = len(list((folder / "outbox").glob("*.eml")))
            if files != len(found):
                raise BrokenError(f"{files} files for {len(found)} letters")
        return found


def busy_minutes(facts: Path, wanted: Letters, count: int) -> list[str]:
    """`count` minutes in a row in which a fact arrives or a letter is due, from the middle of the history."""
    minutes = {datetime.fromisoformat(minute).replace(tzinfo=UTC) for minute, _, _ in wanted}
    for line in facts.open():
        at = datetime.fromisoformat(json.loads(line)["at"]).astimezone(UTC)
        floor = at.replace(second=0)
        minutes.add(floor if floor == at else floor + timedelta(minutes=1))
    middle = [minute for minute in sorted(minutes) if minute >= datetime(2018, 3, 1, tzinfo=UTC)]
    return [minute.isoformat() for minute in middle[: count + 1]]


def timed(way: Callable[[], Letters]) -> tuple[float, Letters]:
    """Seconds of a way, and what it found."""
    started = time.perf_counter()
    found = way()
    return time.perf_counter() - started, found
