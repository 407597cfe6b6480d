"""`python -m bench [W1 W2 …] [--peers huey,raw] [--rounds 3] [--scale 0.1] [--json FILE]`; `--write PAGE FILE` puts figures into a page."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench import machine
from bench import table
from bench.contenders import PEERS
from bench.harness import Bench
from bench.launch import compiled
from bench.plan import WORKLOADS

VERSION = 1


def main() -> int:
    """Everything asked for; what a machine lacks is said, never a failure."""
    chosen = _options()
    if chosen.write:
        from bench.page import write

        gone = [name for name in chosen.names if not Path(name).is_file()]
        if gone:
            print(f"there is no file {', '.join(gone)}", file=sys.stderr)
            return 2
        write(Path(chosen.write), [json.loads(Path(name).read_text()) for name in chosen.names])
        return 0
    names = chosen.names or [name for name, workload in WORKLOADS.items() if not workload.by_name]
    unknown = [name for name in names if name not in WORKLOADS]
    if unknown:
        print(f"there is no workload {', '.join(unknown)}; there are {', '.join(WORKLOADS)}", file=sys.stderr)
        return 2
    strangers = _asked(chosen) - {peer.name for peer in PEERS} - {"none"}
    if strangers:
        print(f"there is no peer {', '.join(sorted(strangers))}; there are {', '.join(peer.name for peer in PEERS)}", file=sys.stderr)
        return 2
    # Ended from outside, it still takes its folders and its server with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    answer = measured(chosen, names)
    table.show(answer)
    if chosen.json:
        Path(chosen.json).write_text(json.dumps(answer, indent=1, ensure_ascii=False) + "\n")
    return 0


def measured(chosen: argparse.Namespace, names: list[str]) -> dict[str, Any]:
    """The JSON of a run."""
    with tempfile.TemporaryDirectory(prefix="scn-bench-", dir=chosen.work, ignore_cleanup_errors=True) as name:
        bench = Bench(Path(name), chosen.scale, chosen.rounds, _asked(chosen), chosen.data, _say)
        compiled()
        known = machine.facts(bench.folder)
        _say(", ".join(f"{name} {known[name]}" for name in ("processor", "cores", "python", "sqlite", "fsync_ms")))
        rows = []
        try:
            for workload in names:
                _say(f"{workload}: {WORKLOADS[workload].title}")
                rows += bench.rows(WORKLOADS[workload].pieces(bench))
        except KeyboardInterrupt:
            _say("stopped; what was measured until now follows")
        finally:
            _stop_postgres()
    return {
        "version": VERSION,
        "machine": {**known, "postgres": _postgres()},
        "options": {"scale": chosen.scale, "rounds": chosen.rounds},
        "workloads": {workload: WORKLOADS[workload].title for workload in names},
        "rows": [{**row.shape(), "full": chosen.scale == 1} for row in rows],
    }


def _asked(chosen: argparse.Namespace) -> frozenset[str]:
    return frozenset(part for part in (chosen.peers or "").split(",") if part)


def _postgres() -> str:
    from bench import postgres

    return postgres.version()


def _stop_postgres() -> None:
    if "bench.postgres" in sys.modules:
        sys.modules["bench.postgres"].stop()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="How fast, against what one would take instead.")
    parser.add_argument("names", nargs="*", metavar="WORKLOAD", help=f"{', '.join(WORKLOADS)}; all but olist when left out")
    parser.add_argument("--peers", metavar="A,B", help=f"of {', '.join(peer.name for peer in PEERS)}; `none`: scn alone; all when left out")
    parser.add_argument("--rounds", type=int, default=3, help="times everything is measured (3)")
    parser.add_argument("--scale", type=float, default=1.0, help="part of the full sizes: 0.1 for a quick look")
    parser.add_argument("--json", metavar="FILE", help="the figures as JSON")
    parser.add_argument(
        "--work", type=Path, default=_disk(), help="where the databases lie while it is measured: a real disk (%(default)s)"
    )
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="make_facts.py and olist/*.csv, for the workload olist")
    parser.add_argument("--write", metavar="PAGE", help="put the figures of the JSON files named instead of workloads into a page")
    return parser.parse_args()


def _disk() -> Path:
    """A folder for temporary files that is no memory, where there is one."""
    disk = Path("/var/tmp")  # noqa: S108 - a private folder is made in it
    return disk if disk.is_dir() else Path(tempfile.gettempdir())


if __name__ == "__main__":
    sys.exit(main())
