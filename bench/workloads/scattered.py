"""W4: the cost of one due journey where many wait and few are due, over its cost where nobody else waits."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from bench import loads
from bench import shop
from bench.contenders import Peer
from bench.contenders import others
from bench.harness import Bench
from bench.harness import Piece
from bench.harness import Sample
from bench.launch import work
from bench.workloads import idle

Seen = tuple[float, float, float | None]

AMONG = "10,000 due, scattered among 1,000,000 that wait, over the same 10,000 alone"


def pieces(bench: Bench) -> list[Piece]:
    """scn, the limit, those that can."""
    mine = Piece("W4", AMONG, "scn", "times", partial(_among, bench), partial(_ready, bench), bench.count(idle.FULL))
    return [mine, *(_of(bench, peer) for peer in others() if peer.scatters)]


def _of(bench: Bench, peer: Peer) -> Piece:
    measure, prepare, rounds = partial(_peer_among, bench, peer), partial(_peer_ready, bench, peer), 1 if peer.postgres else None
    items, note = bench.count(idle.FULL), peer.note_scattered
    return Piece("W4", AMONG, peer.name, "times", measure, prepare, items, note=note, missing=peer.missing(), rounds=rounds)


def _ready(bench: Bench) -> tuple[Path, Path]:
    count, due = bench.count(idle.FULL), bench.count(idle.DUE)
    alone = bench.prepared(f"scn-alone-{due}", lambda place: shop.waiting(place, due, idle.start(), early=1))
    return alone, idle.many(bench, count, count // due)


def _among(bench: Bench, folder: Path) -> Sample:
    due = bench.count(idle.DUE)
    return _compared([_handled(shop.copied(place, folder / place.name), due) for place in _ready(bench)])


def _handled(folder: Path, due: int) -> Seen:
    now = idle.start() + 4 * loads.DAY + 7200
    done = work("scn_engine", "busy", folder, folder=str(folder), now=now, rendered=False, delivered=True)
    shop.same(done.said["finished"], due, "journeys finished")
    return done.said["seconds"] / due, done.peak, done.said["cpu"] / due


def _peer_ready(bench: Bench, peer: Peer) -> tuple[Path, Path]:
    few = bench.count(idle.DUE, peer.few_scattered)
    alone = bench.prepared(f"{peer.name}-many-{few}", lambda place: peer.prepared(place, "many", few))
    return alone, idle.peer_many(bench, peer, bench.count(idle.FULL))


def _peer_among(bench: Bench, peer: Peer, folder: Path) -> Sample:
    few = bench.count(idle.DUE, peer.few_scattered)
    found = []
    for place in _peer_ready(bench, peer):
        mine = folder / place.name
        mine.mkdir()
        peer.copied(place, mine)
        try:
            work(peer.module, "make_due", mine, folder=str(mine), due=few)
            done = work(peer.module, "handle_due", mine, folder=str(mine), count=few)
        finally:
            peer.spoilt(mine)
        shop.same(done.said["handled"], few, "tasks handled")
        found.append((done.said["seconds"] / few, done.peak, None))
    return _compared(found)


def _compared(found: list[Seen]) -> Sample:
    (alone, small, cpu_alone), (among, large, cpu_among) = found
    extra = {"microseconds each, alone": alone * 1e6, "microseconds each, among many": among * 1e6, "peak MB alone": small}
    if cpu_alone and cpu_among:
        extra["times by processor time"] = cpu_among / cpu_alone
    return Sample(among / alone, large, extra=extra)
