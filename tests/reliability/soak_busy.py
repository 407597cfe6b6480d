"""A tick so busy that several processes work on it: any of them, or all, killed at any time (`hands.py`).

`python -m tests.reliability.soak_busy [N]`: N stories. In each, half of some thousand customers have a letter due and the others an order
that just came; ticks are killed until one comes through. Then everybody has what he would have had, once.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from random import Random

from tests.reliability.groups import Group
from tests.reliability.groups import scn
from tests.reliability.groups import undisturbed

PEOPLE = 24_000
KILLS = 8
"""In one story."""
FILES = {
    "scn.toml": '[project]\ntimezone = "Europe/Moscow"\n[channels.email]\nkind = "console"\nfrom = "Shop <shop@example.com>"\n',
    "all.scn": (
        'scenario reviews\n  on order.status -> "shipped"\n  wait 1d\n  if subscribed email\n'
        "  send review by email\n  limit 1 per customer\n"
        'scenario welcome\n  on customer registered\n  set customer.stage "new"\n'
    ),
    "templates/review/email.txt": "How was {{ order.id }}?\n{{ unsubscribe_url }}\n",
    "templates/review/meta.toml": 'subject = "How was it?"\n',
}
START, LATER = "2026-03-01T12:00:00+03:00", "2026-03-02T12:00:00+03:00"
TICK = ("run", "--tick", "--now", LATER)


def main() -> int:
    """One line; 0 when nothing was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stories", nargs="?", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    started, defects, kills = time.monotonic(), 0, 0
    with tempfile.TemporaryDirectory() as folder:
        ready = prepared(Path(folder) / "ready")
        for number in range(given.stories):
            place = Path(folder) / "story"
            shutil.copytree(ready, place)
            random = Random(f"{given.seed} {number}")
            kills += sum(killed(place, random) for _ in range(KILLS))
            undisturbed(place, *TICK)
            wrong = list(differences(place))
            shutil.rmtree(place)
            if wrong:
                defects += 1
                print(f"story {number}: {'; '.join(wrong)}", file=sys.stderr)
    print(f"busy ticks: {given.stories:,} stories, {kills:,} killed with several processes at work, defects {defects}, ", end="")
    print(f"{time.monotonic() - started:.0f} s", flush=True)
    return 1 if defects else 0


def prepared(place: Path) -> Path:
    """Half of the letters wait until LATER, the other orders are still to be handled."""
    for name, text in FILES.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text)
    scn(place, "run", "--tick", "--now", "2026-03-01T11:00:00+03:00")
    taken(place, START, map(customer, range(PEOPLE)))
    taken(place, START, map(order, range(PEOPLE // 2)))
    scn(place, "run", "--tick", "--now", START)
    taken(place, LATER, map(order, range(PEOPLE // 2, PEOPLE)))
    return place


def customer(number: int) -> dict[str, object]:
    return {"op": "customer.register", "customer": f"c{number}", "email": f"c{number}@example.com", "subscribed": ["email"]}


def order(number: int) -> dict[str, object]:
    return {"op": "order.create", "customer": f"c{number}", "order": {"id": f"o{number}", "status": "shipped"}}


def taken(place: Path, received: str, facts: Iterable[dict[str, object]]) -> None:
    (place / "facts.jsonl").write_text("".join(json.dumps({**fact, "at": received}) + "\n" for fact in facts))
    scn(place, "ingest", "--received", received, "facts.jsonl")


def killed(place: Path, random: Random) -> bool:
    """A tick of which somebody is killed, told to stop or interrupted; whether several processes were at work."""
    with Group(place, *TICK) as tick:
        several = tick.several()
        time.sleep(random.uniform(0, 0.3))
        tick.hit(random)
        tick.ended()
    return several


def differences(place: Path) -> Iterable[str]:
    """What is not as it must be."""
    with closing(sqlite3.connect(place / "scn.db")) as database:
        half = PEOPLE // 2
        for query, wanted in (
            ("PRAGMA integrity_check", ("ok",)),
            ("SELECT count(*) FROM inbox", (0,)),
            ("SELECT count(*), count(DISTINCT key) FROM customer", (PEOPLE, PEOPLE)),
            ("SELECT count(*), count(DISTINCT key) FROM orders", (PEOPLE, PEOPLE)),
            ("SELECT count(*), count(DISTINCT customer) FROM journey WHERE order_key IS NOT NULL AND due_at IS NULL", (half, half)),
            ("SELECT count(*), count(DISTINCT customer) FROM journey WHERE order_key IS NOT NULL AND due_at IS NOT NULL", (half, half)),
            ("SELECT count(*), count(DISTINCT customer) FROM decision d WHERE scenario = 1", (half, half)),
            ("SELECT count(*) FROM application WHERE scenario = 1", (half,)),
        ):
            found = database.execute(query).fetchone()
            if found != wanted:
                yield f"{query}: {found} instead of {wanted}"
        states = dict(database.execute("SELECT state, count(*) FROM message GROUP BY 1"))
    # One letter may have been on its way whenever a process was killed.
    if states.get("sent", 0) + states.get("unsure", 0) != half or states.get("unsure", 0) > KILLS:
        yield f"messages {states}"


if __name__ == "__main__":
    sys.exit(main())
