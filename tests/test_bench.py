"""The measurements are no tests; what writes their figures into a page is tested."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
MACHINE = {
    "at": "2026-11-22T09:00:00+00:00", "processor": "one", "cores": 2, "memory_gb": 8, "system": "Linux", "python": "3.11.7",
    "sqlite": "3.40.1", "fsync_ms": 0.2, "load": [0.1, 0.1, 0.1], "commit": "abc", "packages": {}, "postgres": "",
}  # fmt: skip
ROW = {"workload": "W7", "row": "letters", "who": "scn", "unit": "/s", "items": 500}
MEASURED = {**ROW, "median": 1234.5, "low": 1200, "high": 1300, "samples": [1200, 1234.5, 1300], "peak_mb": 40, "cpu_us": 700, "extra": {}}
LACKING = {**ROW, "who": "other", "not_measured": "other not installed"}
PAGE = """# Speed
Typed by hand: 1,000 /s.
<!-- figures: W7 -->
of last year
<!-- end -->
Prose between.
<!-- figures: W1 -->
kept
<!-- end -->
"""


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "bench", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def test_figures_go_between_their_markers_and_nothing_else_is_touched(tmp_path):
    answer = {"machine": MACHINE, "options": {"rounds": 3, "scale": 1}, "workloads": {"W7": "delivery"}, "rows": [MEASURED, LACKING]}
    (tmp_path / "results.json").write_text(json.dumps(answer))
    (tmp_path / "page.md").write_text(PAGE)
    done = bench("--write", str(tmp_path / "page.md"), str(tmp_path / "results.json"))
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "page.md").read_text()
    assert "| scn | 500 | 1,234 /s | 1,200 - 1,300 | 700 µs | 40 MB |" in page
    assert "| other | 500 | not measured: other not installed |" in page
    assert "of last year" not in page
    assert page.startswith("# Speed\nTyped by hand: 1,000 /s.\n<!-- figures: W7 -->")
    assert page.endswith("Prose between.\n<!-- figures: W1 -->\nkept\n<!-- end -->\n")


def test_a_workload_or_a_peer_that_there_is_not_is_answered_with_those_there_are():
    for arguments, answer in (
        (["W99"], "there is no workload W99; there are W1"),
        (["W6", "--peers", "hui"], "there is no peer hui; there are raw"),
    ):
        done = bench(*arguments)
        assert done.returncode == 2
        assert done.stderr.startswith(answer)
