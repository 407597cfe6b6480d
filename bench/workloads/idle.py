"""W3: the tick that finds nothing to do, as a whole process."""

from __future__ import annotations

import sys
import time
from functools import partial
from pathlib import Path

from bench import loads
from bench import shop
from bench.contenders import Peer
from bench.contenders import others
from bench.harness import Bench
from bench.harness import Piece
from bench.harness import Sample
from bench.launch import Done
from bench.launch import run
from bench.launch import scn
from bench.launch import work

FULL = 1_000_000
DUE = 10_000
STARTS = 7
NOON = loads.START % loads.DAY
IDLE = "whole process, nothing due"
BARE = "Python starts and ends"


def start() -> int:
    """The last noon of Moscow: the idle tick goes by the clock, so what waits must be due in its future, and by day."""
    return (int(time.time()) - NOON) // loads.DAY * loads.DAY + NOON


def pieces(bench: Bench) -> list[Piece]:
    """scn, the peers, Python itself."""
    count = bench.count(FULL)
    found = [
        Piece("W3", IDLE, "scn", "ms", partial(_idle, bench, count), partial(_idle_ready, bench, count), count),
        Piece("W3", BARE, "python -I -S", "ms", partial(_bare, ("-I", "-S")), note="`python -I -S -c pass`: the floor"),
        Piece("W3", BARE, "python", "ms", partial(_bare, ()), note="`python -c pass`, with the site-packages of this environment"),
    ]
    return found + [_of(bench, peer, count) for peer in others() if peer.idles]


def _of(bench: Bench, peer: Peer, count: int) -> Piece:
    measure, prepare = partial(_peer_idle, bench, peer, count), partial(peer_many, bench, peer, count)
    return Piece("W3", IDLE, peer.name, "ms", measure, prepare, count, note=peer.note_idle, missing=peer.missing())


def many(bench: Bench, count: int, early: int) -> Path:
    """So many wait for days by the clock on the wall, every `early`th of them shorter than the others."""
    return bench.prepared(f"scn-many-{count}-{early}", lambda place: shop.waiting(place, count, start(), early=early))


def _idle_ready(bench: Bench, count: int) -> None:
    place = many(bench, count, count // bench.count(DUE))
    scn("run", "--tick", "--silent", cwd=place)  # the first tick by the clock notes which files it saw
    scn("run", "--tick", "--silent", cwd=place)


def median(found: list[Done]) -> Sample:
    """Of several starts, in milliseconds: one is over too soon to say much."""
    seconds, cpu = sorted(done.seconds for done in found), sorted(done.cpu for done in found)
    return Sample(seconds[len(seconds) // 2] * 1000, max(done.peak for done in found), cpu[len(cpu) // 2])


def _idle(bench: Bench, count: int, _folder: Path) -> Sample:
    place = many(bench, count, count // bench.count(DUE))
    found = [scn("run", "--tick", "--silent", cwd=place) for _ in range(STARTS)]
    return median(found)


def _bare(flags: tuple[str, ...], folder: Path) -> Sample:
    found = [run(sys.executable, *flags, "-c", "pass", cwd=folder) for _ in range(STARTS)]
    return median(found)


def peer_many(bench: Bench, peer: Peer, count: int) -> Path:
    """So many wait for days."""
    return bench.prepared(f"{peer.name}-many-{count}", lambda place: peer.prepared(place, "many", count))


def _peer_idle(bench: Bench, peer: Peer, count: int, folder: Path) -> Sample:
    place = peer_many(bench, peer, count)
    found = [work(f"{peer.module}_look", "look", folder, folder=str(place)) for _ in range(STARTS)]
    return median(found)
