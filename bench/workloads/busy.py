"""W2: due -> quiet hours -> condition -> limit -> durable send -> finished, with the ledger."""

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
DECIDED = "due -> finished: quiet hours, condition, limit, message, ledger, all of it on the disk; letters given"
STUBBED = "the same and handed over: intent on the disk, a channel that only counts, receipt"
RENDERED = "the same as the second, letters filled in from their template"
CONSOLE = "whole process `scn run --tick`, letters filled in, console channel: intent, letter, receipt one by one"
FILES = "whole process `scn run --tick`, letters filled in, a .eml file each"
UNIT = "/s"
NOW = loads.START + loads.WEEK


def pieces(bench: Bench) -> list[Piece]:
    """Scn in five ways, the limit, the peers."""
    count = bench.count(FULL)
    ready = partial(waiting, bench, count)
    found = [
        Piece("W2", DECIDED, "scn", UNIT, partial(_engine, bench, count, rendered=False, delivered=False), ready, count),
        Piece("W2", STUBBED, "scn", UNIT, partial(_engine, bench, count, rendered=False, delivered=True), ready, count),
        Piece("W2", RENDERED, "scn", UNIT, partial(_engine, bench, count, rendered=True, delivered=True), ready, count),
    ]
    few = bench.count(FULL, 10_000)
    for row, channel in ((CONSOLE, shop.CONSOLE), (FILES, shop.FILE)):
        found.append(Piece("W2", row, "scn", UNIT, partial(_command, bench, few, channel), partial(waiting, bench, few), few))
    for peer in others():
        few = bench.count(FULL, peer.few_due)
        found.append(
            Piece(
                "W2",
                DECIDED,
                peer.name,
                UNIT,
                partial(_peer, bench, peer, few),
                partial(_peer_due, bench, peer, few),
                few,
                note=peer.note_due,
                missing=peer.missing(),
            )
        )
    return found


def waiting(bench: Bench, count: int) -> Path:
    """So many letters are due at NOW."""
    return bench.prepared(f"scn-waiting-{count}", lambda place: shop.waiting(place, count))


def _engine(bench: Bench, count: int, folder: Path, *, rendered: bool, delivered: bool) -> Sample:
    shop.copied(waiting(bench, count), folder)
    before = (folder / "scn.db").stat().st_size
    done = work("scn_engine", "busy", folder, folder=str(folder), now=NOW, rendered=rendered, delivered=delivered)
    shop.same(done.said["finished"], count, "journeys finished")
    shop.same(done.said["taken"], count if delivered else 0, "letters taken")
    size, tables = shop.sizes(folder)
    extra = {
        "bytes on disk per act, with its message and ledger": (size - before) / count,
        **shop.per_row(tables, "decision", "message", "journey"),
    }
    return Sample(count / done.said["seconds"], done.peak, done.cpu / count, extra)


def _command(bench: Bench, count: int, channel: str, folder: Path) -> Sample:
    shop.settings(shop.copied(waiting(bench, count), folder), channel)
    done = scn("run", "--tick", "--now", loads.iso(NOW), "--format", "json", cwd=folder)
    shop.same(done.said["sent"], count, "letters sent")
    return Sample(count / done.seconds, done.peak, done.cpu / count)


def _peer_due(bench: Bench, peer: Peer, count: int) -> Path:
    return bench.prepared(f"{peer.name}-due-{count}", lambda place: peer.prepared(place, "due", count))


def _peer(bench: Bench, peer: Peer, count: int, folder: Path) -> Sample:
    place = peer.copied(_peer_due(bench, peer, count), folder)
    try:
        done = work(peer.module, "handle_due", folder, folder=str(place), count=count)
    finally:
        peer.spoilt(place)
    shop.same(done.said["handled"], count, "tasks handled")
    return Sample(done.said.get("timed", count) / done.said["seconds"], done.peak, done.cpu / count)
