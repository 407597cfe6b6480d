"""Processes: each measured piece is a fresh one, started by a launcher so small that its memory does not show in what it starts."""

from __future__ import annotations

import compileall
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import attrs

from bench.memory import Together

ROOT = Path(__file__).resolve().parent.parent
SCN = str(Path(sys.executable).with_name("scn"))

#: A child counts the memory of its parent at its birth as its own peak: so nothing big starts what is measured.
_LAUNCHER = """
import os, resource, sys, time
out, err, *what = sys.argv[1:]
with open(out, "wb") as o, open(err, "wb") as e:
    files = [(os.POSIX_SPAWN_DUP2, o.fileno(), 1), (os.POSIX_SPAWN_DUP2, e.fileno(), 2)]
    started = time.perf_counter()
    child = os.posix_spawn(what[0], what, os.environ, file_actions=files)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    seconds = time.perf_counter() - started
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(seconds, used.ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1024), used.ru_utime + used.ru_stime, status)
"""


class BrokenError(Exception):
    """A process that should have worked has not; the message is for the table."""


@attrs.frozen
class Done:
    """A process that has ended well."""

    seconds: float
    """Of the whole process, by the clock on the wall."""
    peak: float
    """The most memory it held, in MB, with the processes it made."""
    cpu: float
    """Seconds of processor, its own and the system's for it, with the processes it made."""
    processes: int
    """The most there were at the same time."""
    out: str

    @property
    def said(self) -> dict[str, Any]:
        """The JSON in the last line of its stdout."""
        lines = self.out.strip().splitlines()
        return json.loads(lines[-1]) if lines else {}


def run(*command: str, cwd: Path, fine: tuple[int, ...] = (0,)) -> Done:
    """One measured process. Raises BrokenError."""
    out, err = cwd / ".stdout", cwd / ".stderr"
    launcher = [sys.executable, "-I", "-S", "-c", _LAUNCHER, str(out), str(err), *command]
    with Together() as together:
        told = subprocess.run(launcher, cwd=cwd, env=_environment(), capture_output=True, text=True, check=True).stdout.split()
    seconds, peak, cpu, status = (float(word) for word in told)
    said = out.read_text(errors="replace")
    wrong = err.read_text(errors="replace")
    out.unlink()
    err.unlink()
    if int(status) not in fine:
        raise BrokenError(f"{' '.join(command)[:120]}: {int(status)}: {(wrong or said).strip()[-600:]}")
    return Done(seconds, max(peak, together.peak), cpu, together.most, said)


def scn(*arguments: str, cwd: Path, fine: tuple[int, ...] = (0,)) -> Done:
    """One scn command as a person or cron starts it."""
    return run(SCN, *arguments, cwd=cwd, fine=fine)


def work(module: str, function: str, cwd: Path, **arguments: Any) -> Done:
    """A function of `bench.MODULE` in a process of its own; what it returns is `Done.said`."""
    return run(sys.executable, "-m", "bench.work", module, function, json.dumps(arguments), cwd=cwd)


def compiled() -> None:
    """What runs from the repository starts as what was installed does: with its bytecode beside it."""
    for name in ("dsl", "interpreter", "bench"):
        compileall.compile_dir(ROOT / name, quiet=2)


def _environment() -> dict[str, str]:
    known = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {**known, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0", "NO_COLOR": "1"}
