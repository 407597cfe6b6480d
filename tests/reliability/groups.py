"""A real command with the processes it starts: any of them, or all, are killed, told to stop or interrupted, and nobody may be left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Self

HOWS = (signal.SIGKILL, signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
#: The command, on a machine with so many cores, and told of SIGINT also where whoever started us is not.
WITH_CORES = """
import os, signal, sys
os.sched_getaffinity = lambda _: range({})
signal.signal(signal.SIGINT, signal.default_int_handler)
from interpreter.cli import main
sys.exit(main())
"""
#: Seconds after which whoever still waits will wait for ever.
PATIENCE = 120


class Group:
    """A command at work, in a process group of its own as under a shell."""

    def __init__(self, place: Path, *arguments: str, cores: int = 2) -> None:
        """Begins it."""
        self._heard = tempfile.TemporaryFile()  # noqa: SIM115 - a pipe would be open as long as anybody is left over
        self.process = subprocess.Popen(
            [sys.executable, "-c", WITH_CORES.format(cores), *arguments],
            cwd=place,
            stdout=self._heard,
            stderr=self._heard,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *how: object) -> None:
        """Whatever went wrong, nobody goes on."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._heard.close()

    def several(self) -> bool:
        """Wait until several are at work; False: it came to its end alone."""
        while self.process.poll() is None:
            if children(self.process.pid):
                return True
            time.sleep(0.002)
        return False

    def hit(self, random: Random) -> str:
        """Kill, tell to stop or interrupt one, all of those who work, the one who deals, or all. How and whom; empty: they had ended."""
        master, workers = self.process.pid, children(self.process.pid)
        who, hit = random.choice(
            [("master", [master]), ("one", random.sample(workers, min(1, len(workers)))), ("workers", workers), ("all", [*workers, master])]
        )
        how = random.choice(HOWS)
        if not workers or self.process.poll() is not None:
            return ""
        for process in hit:
            with suppress(ProcessLookupError):
                os.kill(process, how)
        return f"{how.name} {who}"

    def ended(self) -> tuple[int, str]:
        """The exit code of the one who deals, and what was said by all until then. Others may still bring what they began to its end."""
        try:
            code = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"it has not ended within {PATIENCE} s") from None
        self._heard.seek(0)
        said = self._heard.read().decode()
        assert "Traceback" not in said, said
        assert "bug in scn" not in said, said
        return code, said

    def gone(self) -> float:
        """Wait until nobody is left; how long that was, in seconds."""
        started = time.monotonic()
        while left := members(self.process.pid):
            assert time.monotonic() < started + PATIENCE, f"left over: {left}"
            time.sleep(0.005)
        return time.monotonic() - started


def children(process: int) -> list[int]:
    """Those whom a process started."""
    try:
        return [int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except OSError:
        return []


def members(group: int) -> list[int]:
    """The processes of a group that live, also those whose master is gone."""
    found = []
    for one in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            state, _, its = (one / "stat").read_text().rpartition(")")[2].split()[:3]
            if int(its) == group and state != "Z":
                found.append(int(one.name))
    return found


def scn(place: Path, *arguments: str, cores: int = 2) -> str:
    """A command that comes through."""
    with Group(place, *arguments, cores=cores) as group:
        code, said = group.ended()
        group.gone()
    assert code == 0, said
    return said


def undisturbed(place: Path, *arguments: str) -> None:
    """A tick once nobody of an earlier one is left: processes whose master is gone bring what they began to its end."""
    while "another tick" in scn(place, *arguments):
        time.sleep(0.1)
