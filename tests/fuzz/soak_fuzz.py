"""Hostile input for every door of scn: `python -m tests.fuzz.soak_fuzz 100000`, or for as long as there is time, `--seconds 600`.

Guided by coverage where Atheris is installed (`pip install -r requirements/soak.txt`), else by Hypothesis alone. Each target has a process
of its own with bounded memory, and an input that takes half a minute counts as a hang. Ends with the number of inputs for each target;
exit code 1 when one was answered wrongly.
"""

from __future__ import annotations

import argparse
import importlib.util
import math
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

#: Bytes a target may ask of the system, coverage counters and Hypothesis included.
MEMORY = 3 * 2**30
#: Seconds one input may take.
HANG = 30

# ------------------------------------------------------------------------------------------------------- one target


def _fuzz(name: str, count: int, seconds: int, engine: str) -> None:
    """In a process of its own: throws until it were enough or the time is over, or until something is wrong."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    if engine == "atheris":
        _by_coverage(name, count, seconds)
    else:
        _by_chance(name, count, seconds)


def _by_coverage(name: str, count: int, seconds: int) -> None:
    import atheris

    with atheris.instrument_imports(include=["dsl", "interpreter"]):
        from tests.fuzz.targets import TARGETS
    target = TARGETS[name]
    # Below the folder that the parent takes away: libFuzzer ends the process without asking anybody.
    place = Path(tempfile.mkdtemp())
    for number, seed in enumerate(target.seeds()):
        (place / str(number)).write_text(seed, encoding="utf-8")
    options = [
        f"-runs={count or -1}",
        f"-max_total_time={seconds}",
        f"-timeout={HANG}",
        "-print_final_stats=1",
        "-verbosity=0",
        "-max_len=8192",
        "-len_control=20",
        f"-artifact_prefix={place.parents[1]}/scn-soak-{name.replace(' ', '-')}-",
    ]
    take = target.check if target.raw else _drawn(name)
    atheris.Setup([sys.argv[0], *options, str(place)], take, enable_python_coverage=True)
    atheris.Fuzz()


def _drawn(name: str):
    """Bytes as the choices of the target's strategy."""
    from hypothesis import HealthCheck
    from hypothesis import given
    from hypothesis import settings

    from tests.fuzz.targets import TARGETS

    target = TARGETS[name]

    @settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(target.given)
    def answered(input_):
        target.check(*input_)

    return answered.hypothesis.fuzz_one_input  # type: ignore[attr-defined]


def _by_chance(name: str, count: int, seconds: int) -> None:
    import faulthandler
    import random

    from hypothesis import HealthCheck
    from hypothesis import given
    from hypothesis import seed
    from hypothesis import settings

    from tests.fuzz.targets import TARGETS

    target = TARGETS[name]
    inputs = 0
    end = time.monotonic() + (seconds or math.inf)

    def answered(input_):
        nonlocal inputs
        inputs += 1
        faulthandler.dump_traceback_later(HANG, exit=True)
        target.check(*input_)

    while time.monotonic() < end and not 0 < count <= inputs:
        quiet = settings(max_examples=200, deadline=None, database=None, suppress_health_check=list(HealthCheck), print_blob=True)
        seed(random.SystemRandom().getrandbits(64))(quiet(given(target.given)(answered)))()
    faulthandler.cancel_dump_traceback_later()
    print(f"stat::number_of_executed_units: {inputs}", file=sys.stderr)


# ------------------------------------------------------------------------------------------------------------- all


def main() -> int:
    """All targets, one after the other; prints a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("count", nargs="?", type=int, default=0, help="inputs for each target and engine")
    parser.add_argument("--seconds", type=int, default=0, help="for all targets together; 300 when no count is given")
    parser.add_argument("--only", action="append", metavar="TARGET", help="only this one")
    parser.add_argument(
        "--engine", choices=["atheris", "hypothesis"], help="without it: both, half the time each, as far as they are there"
    )
    parser.add_argument("--target", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.target:
        _fuzz(given.target, given.count, given.seconds, given.engine)
        return 0
    engines = [given.engine] if given.engine else ["atheris", "hypothesis"]
    if "atheris" in engines and importlib.util.find_spec("atheris") is None:
        print("Atheris is not installed (there may be none for this Python): Hypothesis alone", flush=True)
        engines = ["hypothesis"]
    from tests.fuzz.targets import TARGETS

    names = given.only or list(TARGETS)
    seconds = given.seconds or (0 if given.count else 300)
    each = max(5, seconds // len(names) // len(engines)) if seconds else 0
    total = wrong = 0
    for name in names:
        counts = []
        for engine in engines:
            count, failure = _in_process(name, given.count, each, engine)
            counts.append(f"{count:>9,} ({engine})")
            total += count
            if failure:
                wrong += 1
                counts.append("WRONG")
                print(failure, flush=True)
        print(f"{name:<16} {' '.join(counts)}", flush=True)
    print(f"{'all':<16} {total:>9,} inputs, {wrong} answered wrongly")
    return 1 if wrong else 0


def _in_process(name: str, count: int, seconds: int, engine: str) -> tuple[int, str]:
    """How many inputs; what was wrong, if anything."""
    line = [sys.executable, __file__, str(count), "--target", name, "--seconds", str(seconds), "--engine", engine]
    with tempfile.TemporaryDirectory(prefix="scn-soak-") as place:
        environment = {**os.environ, "NO_COLOR": "1", "TMPDIR": place}
        done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, errors="replace", check=False, env=environment)
    said = done.stderr + done.stdout
    units = re.findall(r"stat::number_of_executed_units: +(\d+)", said)
    return int(units[-1]) if units else 0, "" if done.returncode == 0 else said[-4000:]


if __name__ == "__main__":
    sys.exit(main())
