"""Two years of real orders, four ways, and an independent reckoning: the same letters at the same minutes, or an exit code of 1.

    python -m bench.olist.replay FOLDER [--ticks 300]

FOLDER holds `make_facts.py` and `olist/*.csv`; without them there is nothing to do. The ways: `scn simulate`;
`scn ingest` and one `scn run` over the file channel; the same over SMTP to a server here;
and a run whose middle is done by as many `scn run --tick` processes as --ticks says.
"""

from __future__ import annotations

import argparse
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path

from bench.olist.reckoning import reckon

SCN = str(Path(sys.executable).with_name("scn"))
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
    """One command; its stdout. Its failure is the end."""
    done = subprocess.run([SCN, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"scn {' '.join(arguments)}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def letters(text: str) -> Letters:
    """(minute in UTC, customer, order) of what `--format json` lists as sent."""
    found = json.loads(text)["messages"]
    return {
        (datetime.fromisoformat(one["at"]).astimezone(UTC).strftime("%Y-%m-%dT%H:%M"), one["customer"], one["order"])
        for one in found
        if one["state"] == "sent"
    }


def told(name: str, seconds: float, found: Letters, wanted: Letters) -> bool:
    """A line of the outcome."""
    same = found == wanted
    print(f"{name:<46} {len(found):>6} letters  {seconds:>6.1f} s  {'agrees' if same else f'DIFFERS: {len(found ^ wanted)}'}", flush=True)
    return same


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
            assert files == len(found), f"{files} files for {len(found)} letters"
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


def main() -> int:
    """Everything, in a row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--ticks", type=int, default=300)
    chosen = parser.parse_args()
    if chosen.folder is None:
        print("no data given: python -m bench.olist.replay FOLDER")
        return 0
    wanted = {(minute, customer, order) for customer, (order, minute) in reckon(chosen.folder / "olist").items()}
    print(f"{'independent reckoning from the CSV files':<46} {len(wanted):>6} letters")
    with tempfile.TemporaryDirectory() as name:
        facts = Path(name) / "olist.facts.jsonl"
        facts.write_text(
            subprocess.run(
                [sys.executable, str(chosen.folder / "make_facts.py"), "olist"], capture_output=True, text=True, check=True
            ).stdout
        )
        fine = True
        fine &= _timed("scn simulate", lambda: simulated(facts), wanted)
        fine &= _timed("ingest + run --until, file channel", lambda: replayed(facts, 'kind = "file"'), wanted)
        minutes = busy_minutes(facts, wanted, chosen.ticks)
        fine &= _timed(
            f"the same, {chosen.ticks} ticks as processes of their own", lambda: replayed(facts, 'kind = "file"', minutes), wanted
        )
        fine &= _over_smtp(facts, wanted)
    return 0 if fine else 1


def _timed(name: str, way: Callable[[], Letters], wanted: Letters) -> bool:
    started = time.perf_counter()
    found = way()
    return told(name, time.perf_counter() - started, found, wanted)


def _over_smtp(facts: Path, wanted: Letters) -> bool:
    from aiosmtpd.controller import Controller

    class Counting:
        got = 0

        async def handle_DATA(self, _server: object, _session: object, _envelope: object) -> str:  # noqa: N802 - aiosmtpd's name
            self.got += 1
            return "250 taken"

    handler = Counting()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(handler, hostname="127.0.0.1", port=port)
    server.start()
    try:
        channel = f'kind = "smtp"\nhost = "127.0.0.1"\nport = {port}\ntls = false'
        fine = _timed("ingest + run --until, SMTP", lambda: replayed(facts, channel), wanted)
    finally:
        server.stop()
    print(f"{'':<46} {handler.got:>6} letters at the server")
    return fine and handler.got == len(wanted)


if __name__ == "__main__":
    sys.exit(main())
