"""How fast: validate, ingest, intake, a busy tick, an idle tick. Prints a table; every workload is one shop with one scenario.

python bench/bench_speed.py [--waiting 1000000] [--busy 200000]
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

from interpreter.facts import read
from interpreter.project.project_folder import open_folder
from interpreter.runner import Orders
from interpreter.runner import checked
from interpreter.runner import make_engine
from interpreter.store.sqlite import Store
from interpreter.tick import Engine

SCN = str(Path(sys.executable).with_name("scn"))
SCENARIO = """on order.status -> "shipped"
  wait 7d quiet 22:00-09:00
  if subscribed email
  send review_request
  limit 1 per customer
"""
LINE = {"id": "1", "product": "p-9", "price": 1200}
START = 1_772_355_600  # 2026-03-01 12:00 in Moscow
WEEK = 7 * 86_400


def project(folder: Path) -> Path:
    """A shop with one scenario and its template."""
    (folder / "templates/review_request").mkdir(parents=True)
    (folder / "scn.toml").write_text('[project]\ntimezone = "Europe/Moscow"\n[channels.email]\nkind = "file"\nfrom = "shop@shop.example"\n')
    (folder / "reviews.scn").write_text(SCENARIO)
    (folder / "templates/review_request/meta.toml").write_text('subject = "How was order {{ order.id }}?"\n')
    (folder / "templates/review_request/email.html").write_text(
        "<p>Dear {{ customer.first_name }}, how do you like it?</p><p><a href='{{ unsubscribe_url }}'>Unsubscribe</a></p>\n"
    )
    return folder


def facts(count: int) -> Iterator[dict[str, object]]:
    """Two facts a customer: he registers, and an order of his is shipped."""
    for number in range(count):
        who = f"customer-{number}"
        yield {"op": "customer.register", "key": f"c{number}", "customer": who, "email": f"{who}@example.com", "first_name": "Ann",
               "subscribed": ["email"], "timezone": "Europe/Moscow"}  # fmt: skip
        yield {"op": "order.create", "key": f"o{number}", "customer": who,
               "order": {"id": f"order-{number}", "status": "shipped", "total": 1200, "lines": [LINE]}}  # fmt: skip


def clocked(work: Callable[[], object]) -> float:
    """Seconds of one piece of work."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


#: A child counts the memory of its parent at its birth as its own peak, so a small process starts what is measured.
LAUNCHER = """
import os, resource, subprocess, sys, time
started = time.perf_counter()
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
"""


def command(folder: Path, *arguments: str, times: int = 5) -> tuple[float, float]:
    """Median wall seconds and peak MB of a command as cron starts it."""
    found = []
    for _ in range(times):
        launched = [sys.executable, "-S", "-c", LAUNCHER, SCN, *arguments]
        out = subprocess.run(launched, cwd=folder, capture_output=True, text=True, check=True).stdout
        found.append(tuple(float(word) for word in out.split()))
    return statistics.median(seconds for seconds, _ in found), max(peak for _, peak in found)


def show(name: str, value: str, wanted: str) -> None:
    """A row of the table."""
    print(f"{name:<52} {value:>22}   {wanted}", flush=True)


def text_workloads() -> None:
    """Validating."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "one.scn").write_text(SCENARIO)
        seconds, _ = command(folder, "validate", "one.scn", times=11)
        show("validate, one file, cold", f"{seconds * 1000:.0f} ms", "at most 150 ms")
        (folder / "one.scn").unlink()
        for number in range(1000):
            body = "\n".join(f"  {line}" for line in SCENARIO.splitlines())
            (folder / f"s{number}.scn").write_text(f"scenario s{number}\n{body.replace('review_request', f'letter_{number}')}\n")
        seconds, peak = command(folder, "validate", times=3)
        show("validate, 1,000 scenarios", f"{seconds:.2f} s, {peak:.0f} MB", "at most 2 s")


def ingest(count: int) -> None:
    """Facts from a file into the database."""
    with tempfile.TemporaryDirectory() as name:
        folder = project(Path(name))
        lines = folder / "facts.jsonl"
        with lines.open("w") as file:
            file.writelines(json.dumps(fact) + "\n" for fact in facts(count // 2))
        seconds, _ = command(folder, "ingest", "--received", "2026-03-01T12:00", str(lines), times=1)
        show(f"ingest, {count:,} facts from a file", f"{count / seconds:,.0f} /s", "at least 10,000 /s")


def filled(first: int, last: int, engine: Engine) -> float:
    """Two facts for each of these customers, and the tick that handles them; its seconds."""
    for chunk in _chunks(facts_between(first, last), 5000):
        engine.store.facts.add([read(fact, zone="UTC", received=START, batch="bench", actor="import") for fact in chunk])
    return clocked(lambda: engine.tick(START))


def opened(folder: Path) -> Engine:
    """The engine of a project; nothing leaves."""
    place = open_folder(folder)
    store = Store(str(folder / "scn.db"))
    engine = make_engine(place, checked(place), store, Orders(deliver=False))
    engine.tick(START - 60)
    return engine


def busy_tick(count: int, *, stubbed: bool) -> None:
    """Due, quiet hours, condition, limit, durable message, finished."""
    with tempfile.TemporaryDirectory() as name:
        folder = project(Path(name))
        engine = opened(folder)
        if stubbed:
            engine.render = lambda *_: ("How was it?", {"text": "How do you like it? " * 10})
        seconds = filled(0, count, engine)
        if stubbed:
            show(f"intake, {count * 2:,} facts -> {count:,} waiting", f"{count * 2 / seconds:,.0f} facts/s", "")
        seconds = clocked(lambda: engine.tick(START + WEEK))
        letters = "letters stubbed" if stubbed else "letters rendered"
        show(f"busy tick, {count:,} due, {letters}", f"{count / seconds:,.0f} journeys/s", "at least 10,000 /s" if stubbed else "")
        engine.store.close()


def idle_tick(waiting: int) -> None:
    """The whole process, as cron starts it."""
    with tempfile.TemporaryDirectory() as name:
        folder = project(Path(name))
        (folder / "reviews.scn").write_text(SCENARIO.replace("7d", "3650d"))
        engine = opened(folder)
        for first in range(0, waiting, 100_000):
            filled(first, min(first + 100_000, waiting), engine)
        engine.store.close()
        command(folder, "run", "--tick", times=1)
        seconds, peak = command(folder, "run", "--tick", "--silent", times=15)
        show(f"idle tick, {waiting:,} waiting, whole process", f"{seconds * 1000:.0f} ms, {peak:.0f} MB", "at most 150 ms, 50 MB")
        size = (folder / "scn.db").stat().st_size / waiting
        show("  database, per waiting journey with its two facts", f"{size:.0f} bytes", "")


def facts_between(first: int, last: int) -> Iterator[dict[str, object]]:
    """The facts of a run of customers."""
    for number, fact in enumerate(facts(last)):
        if number >= first * 2:
            yield fact


def _chunks(found: Iterator[dict[str, object]], size: int) -> Iterator[list[dict[str, object]]]:
    batch = []
    for fact in found:
        batch.append(fact)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--waiting", type=int, default=1_000_000)
    parser.add_argument("--busy", type=int, default=200_000)
    chosen = parser.parse_args()
    text_workloads()
    ingest(chosen.busy)
    busy_tick(chosen.busy, stubbed=True)
    busy_tick(chosen.busy, stubbed=False)
    show("  peak memory of these ticks", f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB", "")
    idle_tick(chosen.waiting)
