"""W7: letters filled in from their template, to a mail server on this machine."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from bench import loads
from bench import shop
from bench.harness import Bench
from bench.harness import Piece
from bench.harness import Sample
from bench.launch import scn
from bench.launch import work
from bench.workloads import busy

FULL = 10_000
LETTERS = "whole process `scn run --tick`: due -> letter filled in -> SMTP -> receipt"
SINK = Path(__file__).resolve().parent.parent / "smtp_sink.py"


def pieces(bench: Bench) -> list[Piece]:
    """scn, and the mail library of Python alone."""
    count = bench.count(FULL)
    return [
        Piece("W7", LETTERS, "scn", "/s", partial(_delivered, bench, count), partial(busy.waiting, bench, count), count),
        Piece("W7", LETTERS, "smtplib", "/s", partial(_plain, count), items=count, note="the same letter again and again, one connection"),
    ]


@contextmanager
def sink() -> Iterator[int]:
    """A mail server that keeps nothing; its port."""
    server = subprocess.Popen([sys.executable, str(SINK), "0"], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        yield int(server.stdout.readline().split()[1])
        server.terminate()
        server.stdout.read()
    finally:
        server.kill()
        server.wait()


def _delivered(bench: Bench, count: int, folder: Path) -> Sample:
    shop.copied(busy.waiting(bench, count), folder)
    with sink() as port:
        shop.settings(folder, f'kind = "smtp"\nhost = "127.0.0.1"\nport = {port}\ntls = false')
        done = scn("run", "--tick", "--now", loads.iso(busy.NOW), "--format", "json", cwd=folder)
    shop.same(done.said["sent"], count, "letters sent")
    return Sample(count / done.seconds, done.peak, done.cpu / count)


def _plain(count: int, folder: Path) -> Sample:
    with sink() as port:
        done = work("peers.plain_smtp", "send", folder, port=port, count=count)
    return Sample(count / done.said["seconds"], done.peak, done.cpu / count)
