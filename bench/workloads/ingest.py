"""W1: order facts -> events -> waiting journeys."""

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
from bench.launch import scn
from bench.launch import work

FULL = 200_000
ORDERS = "a file of orders -> each stored, its letter waiting 7 days"
MIXED = "the same from a file of registrations and orders, half each"
UNIT = "/s"


def pieces(bench: Bench) -> list[Piece]:
    """scn, the limit, the peers."""
    count = bench.count(FULL)
    found = [
        Piece("W1", ORDERS, "scn", UNIT, partial(_orders, bench, count), partial(_known, bench, count), count),
        Piece("W1", MIXED, "scn", UNIT, partial(_mixed, bench, count), partial(_launched, bench), count),
    ]
    for peer in others():
        few = bench.count(FULL, peer.few_in)
        found.append(
            Piece(
                "W1",
                ORDERS,
                peer.name,
                UNIT,
                partial(_peer, bench, peer, few),
                partial(_peer_ready, bench, peer, few),
                few,
                note=peer.note_in,
                missing=peer.missing(),
            )
        )
    return found


def _file(bench: Bench, count: int) -> Path:
    return bench.prepared(f"orders-{count}", lambda place: loads.write(place / "facts.jsonl", loads.orders(count))) / "facts.jsonl"


def _known(bench: Bench, count: int) -> Path:
    _file(bench, count)
    return bench.prepared(f"scn-known-{count}", lambda place: shop.launched(place, count))


def _launched(bench: Bench) -> Path:
    return bench.prepared("scn-launched", lambda place: shop.launched(place, 0))


def _orders(bench: Bench, count: int, folder: Path) -> Sample:
    return _taken_in(shop.copied(_known(bench, count), folder), _file(bench, count), count, count)


def _mixed(bench: Bench, count: int, folder: Path) -> Sample:
    facts = bench.prepared(f"mixed-{count}", lambda place: loads.write(place / "facts.jsonl", loads.mixed(count))) / "facts.jsonl"
    return _taken_in(shop.copied(_launched(bench), folder), facts, count // 2 * 2, count // 2)


def _taken_in(folder: Path, facts: Path, count: int, starting: int) -> Sample:
    """`scn ingest` and `scn run --tick`, as a person would."""
    before = (folder / "scn.db").stat().st_size
    taken = scn("ingest", "--received", loads.iso(loads.START), str(facts), cwd=folder)
    ticked = scn("run", "--tick", "--now", loads.iso(loads.START), "--format", "json", cwd=folder)
    shop.same(ticked.said["started"], starting, "journeys wait")
    size, tables = shop.sizes(folder)
    extra = {
        "ingest alone /s": count / taken.seconds,
        "tick alone /s": count / ticked.seconds,
        "ingest peak MB": taken.peak,
        "tick peak MB": ticked.peak,
        "bytes on disk per waiting journey, with its order and fact": (size - before) / starting,
        **shop.per_row(tables, "journey", "fact", "orders", "decision"),
    }
    return Sample(count / (taken.seconds + ticked.seconds), max(taken.peak, ticked.peak), (taken.cpu + ticked.cpu) / count, extra)


def _peer_ready(bench: Bench, peer: Peer, count: int) -> Path:
    _file(bench, count)
    return bench.prepared(f"{peer.name}-known-{count}", lambda place: peer.prepared(place, "ready", count))


def _peer(bench: Bench, peer: Peer, count: int, folder: Path) -> Sample:
    place = peer.copied(_peer_ready(bench, peer, count), folder)
    try:
        done = work(peer.module, "take_in", folder, folder=str(place), facts=str(_file(bench, count)), count=count)
    finally:
        peer.spoilt(place)
    shop.same(done.said["waiting"], count, "tasks wait")
    return Sample(count / done.said["seconds"], done.peak, done.cpu / count)
