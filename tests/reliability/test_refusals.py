"""What keeps a command from its work is a sentence and exit code 2; nothing is lost, and the next one does the work."""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from interpreter import cli
from interpreter.store import connection
from tests.reliability.kills import difference
from tests.reliability.story import ACTIONS
from tests.reliability.world import VARIANTS
from tests.reliability.world import World

LINES = [
    "ingest --received each second.jsonl",
    "run --tick --now 2026-03-02T11:00 --until 2026-03-02T14:00",
    "forget bob --yes",
    "backup copy.db",
]
DIRECTORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def halfway(tmp_path_factory) -> World:
    world = World.new(tmp_path_factory.mktemp("halfway") / "world", VARIANTS[0])
    for action in ACTIONS[:3]:
        assert world.do(action) == 0, world.said()
    return world


@pytest.fixture
def world(halfway, tmp_path) -> World:
    return halfway.copy(tmp_path / "world")


def scn(world: World, line: str, first: Callable[[], object] = lambda: None) -> tuple[int, str]:
    def run() -> int:
        first()
        return cli.main(line.split())

    before = len(world.said())
    code = world.fork(run, "2026-03-02T12:00")
    said = world.said()[before:]
    assert "Traceback" not in said, said
    assert "bug in scn" not in said, said
    return code, said


def nobody() -> None:
    """A user who owns nothing here; only root can become him."""
    os.setgid(65534)
    os.setuid(65534)


def small_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, resource.RLIM_INFINITY))


@pytest.mark.parametrize("line", LINES)
def test_no_room_on_the_disk(world, line):
    undisturbed = world.copy(world.root.with_name("undisturbed"))
    assert scn(undisturbed, line)[0] == 0
    code, said = scn(world, line, small_files)
    assert code == 2, said
    assert said.startswith("scn: "), said
    assert scn(world, line)[0] == 0
    assert difference(world.state(), undisturbed.state()) == ""


@pytest.mark.parametrize("line", LINES[:3])
def test_another_program_writes_for_too_long(world, line):
    holder = sqlite3.connect(world.shop / "scn.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        code, said = scn(world, line, lambda: setattr(connection, "BUSY_TIMEOUT", 1))
    finally:
        holder.execute("ROLLBACK")
        holder.close()
    assert (code, "is locked by another program" in said) == (2, True), said
    assert scn(world, line)[0] == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize("line", [*LINES[:3], "doctor"])
@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_file_of_another_user_is_left_alone(world, line, what):
    for path in (world.root.parent, world.root, world.shop):
        path.chmod(0o755 if what == "folder" or path != world.shop else 0o777)
    open_to_root = [path for path in world.root.parents if path.stat().st_mode & 0o005 != 0o005]
    if open_to_root:
        pytest.skip("the temporary folder is closed to others")
    before = (world.shop / "scn.db").read_bytes()
    code, said = scn(world, line, nobody)
    assert code == (1 if line == "doctor" else 2), said
    assert (world.shop / "scn.db").read_bytes() == before


def test_a_lock_that_a_killed_process_left_behind_holds_nobody_up(world):
    (world.shop / "scn.db-tick").write_text("12345")
    assert scn(world, LINES[1])[0] == 0


def test_a_file_system_without_locks_is_a_sentence_and_not_another_tick(world):
    def broken(_handle: int, _what: int) -> None:
        raise OSError(37, "No locks available")

    def first() -> None:
        import fcntl

        fcntl.flock = broken  # type: ignore[assignment]

    code, said = scn(world, LINES[1], first)
    assert (code, "no locks available" in said) == (2, True), said


@pytest.mark.parametrize("end", [">&-", ">/dev/full", "| true"])
@pytest.mark.parametrize("line", ["run --tick", "messages", "ingest first.jsonl --received each"])
def test_nobody_listens_to_what_is_said(world, line, end):
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m interpreter.cli {line} {end}; exit ${{PIPESTATUS[0]}}"],
        cwd=world.shop,
        env={**os.environ, "PYTHONPATH": str(DIRECTORY)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == (2 if "full" in end else 0), done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr
    assert "bug in scn" not in done.stderr
