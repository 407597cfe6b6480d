"""Long files and many facts, each the work of several processes, any of which, or all, are killed at any time (`takers.py`, `relay.py`).

`python -m tests.reliability.soak_relay [N]`: N stories of each of three kinds; `--seconds S`: none is begun after that, an hour.

files: `scn ingest` of a long file is hit, and the file taken in again, until it comes through: every fact is there once, in the order
of the file, and so at every moment before.
ticks: `scn run --tick` over many facts that tie customers together is hit until it comes through: everybody has what one process that
nobody disturbs would have given him.
beside: the same while people are forgotten, who then are nowhere, and facts about others come in.
Afterwards no process is left over.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import ExitStack
from contextlib import closing
from pathlib import Path
from random import Random

from interpreter.store.sqlite import Store
from tests.engine.test_hands import told
from tests.reliability.crowd import FILES
from tests.reliability.crowd import Fact
from tests.reliability.crowd import happenings
from tests.reliability.crowd import moment
from tests.reliability.crowd import newcomers
from tests.reliability.groups import Group
from tests.reliability.groups import scn
from tests.reliability.groups import undisturbed

HITS = 8
"""In one story, at most."""
LINES = 32_000
LEAVING = 12
LAUNCH, LATER = "2026-03-01T11:00:00+03:00", "2026-03-02T12:00:00+03:00"
TICK = ("run", "--tick", "--now", LATER)


def main() -> int:
    """A line for each kind; 0 when nothing was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stories", nargs="?", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=3600)
    given = parser.parse_args()
    started, defects = time.monotonic(), Counter[str]()
    stories, attempts, hits = Counter[str](), Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(given.stories):
            for kind, play in (("files", files), ("ticks", ticks), ("beside", beside)):
                if time.monotonic() > started + given.seconds:
                    break
                place = Path(folder) / "story"
                project(place)
                stories[kind] += 1
                try:
                    for hit in play(place, Random(f"{given.seed} {number} {kind}")):
                        attempts[kind] += 1
                        hits[f"{kind} {hit}"] += bool(hit)
                except AssertionError as problem:
                    defects[kind] += 1
                    print(f"{kind} {number}: {str(problem)[:600]}", file=sys.stderr, flush=True)
                shutil.rmtree(place)
    for kind, count in stories.items():
        of_kind = {hit.partition(" ")[2]: times for hit, times in sorted(hits.items()) if hit.startswith(f"{kind} ")}
        told_of = ", ".join(f"{hit} {times}" for hit, times in of_kind.items() if times)
        print(f"{kind}: {count:,} stories, {attempts[kind]:,} attempts, {sum(of_kind.values()):,} hit ({told_of}), defects {defects[kind]}")
    print(f"{time.monotonic() - started:.0f} s", flush=True)
    return 1 if defects.total() else 0


def project(place: Path) -> None:
    """A shop that is launched, and has not heard of anybody."""
    for name, text in FILES.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text)
    scn(place, "run", "--tick", "--now", LAUNCH)


def lines(path: Path, facts: Iterable[Fact]) -> None:
    path.write_text("".join(json.dumps(fact) + "\n" for fact in facts))


# ------------------------------------------------------------------------------------------------------------------ files


def files(place: Path, random: Random) -> Iterator[str]:
    """Of each attempt: how it was hit."""
    lines(place / "long.jsonl", ({**filler(number, random), "key": f"k{number}", "at": moment(number)} for number in range(LINES)))
    for _ in range(HITS):
        with Group(place, "ingest", "long.jsonl", cores=random.choice((2, 2, 3, 4))) as ingest:
            before = len(keys(place))
            ingest.several()
            time.sleep(random.uniform(0, 0.4))
            hit = ingest.hit(random)
            code, said = ingest.ended()
            at_once = random.random() < 0.3
            if not at_once:
                ingest.gone()
                stored = in_order(place)
                assert code != 0 or stored == LINES, f"{hit}: exit code 0, and {stored:,} of {LINES:,} facts are stored"
                claimed = re.search(r"([\d,]+) facts? stored before that", said)
                if claimed and "master" not in hit:
                    assert int(claimed[1].replace(",", "")) == stored - before, f"{hit}: {before:,}, then {stored:,}: {said}"
            yield hit
            if at_once:
                # Whoever goes on works beside those who are left, but for this: they are looked for in the end.
                if random.random() < 0.3:
                    scn(place, "ingest", "long.jsonl")
                ingest.gone()
            if in_order(place) == LINES:
                break
    said = scn(place, "ingest", "long.jsonl")
    assert in_order(place) == LINES, said
    with closing(sqlite3.connect(place / "scn.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("SELECT count(*) FROM inbox JOIN fact ON fact.id = inbox.fact").fetchone() == (LINES,)


def filler(number: int, random: Random) -> Fact:
    return {"op": "order.create", "customer": f"c{number}", "order": {"id": f"o{number}", "note": "x" * random.randint(100, 300)}}


def keys(place: Path) -> list[str]:
    with closing(sqlite3.connect(place / "scn.db")) as database:
        return [key for (key,) in database.execute("SELECT key FROM fact ORDER BY id")]


def in_order(place: Path) -> int:
    """How many facts there are: the first ones of the file, in its order."""
    found = keys(place)
    for number, key in enumerate(found):
        assert key == f"k{number}", f"{key} where k{number} was to be"
    return len(found)


# ------------------------------------------------------------------------------------------------------------------ ticks


def ticks(place: Path, random: Random) -> Iterator[str]:
    """Of each attempt: how it was hit."""
    wanted = prepared(place, happenings(random))
    yield from until_done(place, random)
    compare(place, wanted)


def beside(place: Path, random: Random) -> Iterator[str]:
    """Of each attempt: how it was hit."""
    lines(place / "new.jsonl", ({**one, "key": f"new {number}"} for number, one in enumerate(newcomers())))
    comes = ("ingest", "--received", "each", "new.jsonl")
    wanted = prepared(place, happenings(random, leaving=LEAVING), comes)
    leaving = [("forget", f"leaving-{number}", "--yes") for number in range(LEAVING)]
    # Each has to be known before he can be forgotten.
    scn(place, "run", "--tick", "--now", moment(1))
    errands = [*leaving, comes, comes]
    random.shuffle(errands)
    yield from until_done(place, random, errands)
    compare(place, wanted, beside=True)
    with closing(sqlite3.connect(place / "scn.db")) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rest = "\n".join(
            value.decode(errors="replace") if isinstance(value, bytes) else str(value)
            for table in tables
            for row in database.execute(f"SELECT * FROM {table}")
            for value in row
        )
    assert "new-1@example.com" in rest
    for number in range(LEAVING):
        assert f"leaving-{number}@" not in rest, f"leaving-{number} was forgotten, and is still there"


def prepared(place: Path, facts: Sequence[Fact], *more: Sequence[str]) -> dict[str, list[str]]:
    """Takes in the facts; what one process makes of them, and of what comes beside."""
    lines(place / "facts.jsonl", ({"key": str(number), "batch": "b", **fact} for number, fact in enumerate(facts)))
    said = scn(place, "ingest", "--received", "each", "facts.jsonl")
    assert f"{len(facts):,} facts accepted" in said, said
    other = place.with_name("other")
    shutil.copytree(place, other)
    scn(other, "run", "--tick", "--now", moment(1), cores=1)
    for command in more:
        scn(other, *command, cores=1)
    for _ in range(2):
        scn(other, *TICK, cores=1)
    wanted = outcome(other, beside=bool(more))
    shutil.rmtree(other)
    return wanted


def until_done(place: Path, random: Random, errands: Sequence[tuple[str, ...]] = ()) -> Iterator[str]:
    """Ticks, each hit while several processes work, and errands beside them."""
    left = list(errands)
    for _ in range(HITS):
        with Group(place, *TICK, cores=random.choice((2, 2, 3, 4))) as tick, ExitStack() as stack:
            tick.several()
            now = [stack.enter_context(Group(place, *left.pop())) for _ in range(min(len(left), 3))]
            time.sleep(random.uniform(0, 0.8))
            hit = tick.hit(random)
            code, said = tick.ended()
            assert code in {0, 2, -9, -15, -2}, f"{hit}: exit code {code}: {said}"
            if random.random() < 0.3:
                # Whoever goes on at once waits for those who are left.
                undisturbed(place, *TICK)
            tick.gone()
            for one in now:
                its_code, said = one.ended()
                assert its_code == 0, f"{hit}: an errand ended with {its_code}: {said}"
        yield hit
        if code == 0 and not hit and not left:
            break
    for errand in left:
        scn(place, *errand)
    for _ in range(2):
        undisturbed(place, *TICK)


def outcome(place: Path, *, beside: bool) -> dict[str, list[str]]:
    """All that the tables say of people, but of those who were leaving, and whether a letter is known to have left."""
    store = Store(str(place / "scn.db"), create=False)
    try:
        found = told(store)
    finally:
        store.close()
    # Whoever is forgotten is so by the side of ticks, sooner or later.
    gone = re.compile("leaving-|gone" if beside else "leaving-")
    return {name: [row.replace("'unsure'", "'sent'") for row in rows if not gone.search(row)] for name, rows in found.items()}


def compare(place: Path, wanted: dict[str, list[str]], *, beside: bool = False) -> None:
    """Everybody has what he was to have."""
    found = outcome(place, beside=beside)
    assert found["inbox"] == [], f"{len(found['inbox'])} facts were not handled"
    for name, rows in wanted.items():
        less, more = Counter(rows), Counter(found[name])
        lost, new = list((less - more).elements()), list((more - less).elements())
        assert lost == new == [], f"{name}: {len(lost)} of {len(rows)} are missing: {lost[:4]}; instead {len(new)}: {new[:4]}"
    with closing(sqlite3.connect(place / "scn.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        unsure = database.execute("SELECT count(*) FROM message WHERE state = 'unsure'").fetchone()[0]
    assert unsure <= HITS, f"{unsure} letters are in doubt"


if __name__ == "__main__":
    sys.exit(main())
