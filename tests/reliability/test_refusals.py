"""What keeps a command from its work is a sentence and exit code 2; nothing is lost, and the next one does the work."""

from __future__ import annotations

import ctypes
import os
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from interpreter import cli
from interpreter.commands import running
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
    def process() -> int:
        first()
        return cli.main(line.split())

    before = len(world.said())
    code = world.fork(process, "2026-03-02T12:00")
    said = world.said()[before:]
    assert "Traceback" not in said, said
    assert "bug in scn" not in said, said
    return code, said


def nobody_special() -> None:
    """Root is kept from nothing; without his capabilities he is the owner of his files like any other."""
    header, none = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    ctypes.CDLL(None).capset(header, none)


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


def test_a_run_that_goes_on_outwaits_another_program(world):
    """It says so, tries again, and handles what has come in."""
    assert scn(world, LINES[0])[0] == 0
    waiting = world.look("SELECT count(*) FROM inbox")

    def first() -> None:
        holder = sqlite3.connect("scn.db", isolation_level=None, check_same_thread=False)
        holder.execute("BEGIN IMMEDIATE")

        class Stop:
            waits = 0

            def is_set(self) -> bool:
                return self.waits > 1

            def set(self) -> None:
                self.waits = 2

            def wait(self, _: float) -> None:
                self.waits += 1
                if holder.in_transaction:
                    holder.execute("ROLLBACK")

        connection.BUSY_TIMEOUT = 1
        vars(running)["Event"] = Stop

    code, said = scn(world, "run", first)
    assert (code, "is locked by another program; it is tried again" in said) == (0, True), said
    assert world.look("SELECT count(*) FROM inbox") < waiting


@pytest.mark.skipif(sys.platform != "linux", reason="rights are taken from root the way Linux does it")
@pytest.mark.parametrize(
    ("line", "what"), [(LINES[0], "file"), (LINES[1], "folder"), (LINES[2], "file"), ("doctor", "file"), ("doctor", "folder")]
)
def test_a_file_that_may_not_be_written_is_left_alone(world, line, what):
    (world.shop / "scn.db").chmod(0o444)
    world.shop.chmod(0o755 if what == "file" else 0o555)
    before = (world.shop / "scn.db").read_bytes()
    code, said = scn(world, line, nobody_special)
    world.shop.chmod(0o755)
    assert code == (1 if line == "doctor" else 2), said
    assert "scn.db" in said
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


@pytest.mark.parametrize(
    ("line", "end", "code"),
    [("messages", ">&-", 0), ("run --tick", ">/dev/full", 2), ("ingest first.jsonl --received each", "| true", 0)],
)
def test_nobody_listens_to_what_is_said(world, line, end, code):
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m interpreter.cli {line} {end}; exit ${{PIPESTATUS[0]}}"],
        cwd=world.shop,
        env={**os.environ, "PYTHONPATH": str(DIRECTORY)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr
    assert "bug in scn" not in done.stderr
