"""A file that is no sound database any more: found by `doctor`, never a traceback, and restored from a copy."""

from __future__ import annotations

import json
import sqlite3
from random import Random

import pytest

from interpreter import cli
from tests.reliability.story import ACTIONS
from tests.reliability.world import VARIANTS
from tests.reliability.world import World

PAGE = 4096
NEXT = "run --tick --now 2026-03-02T11:00 --until 2026-03-02T18:00"


@pytest.fixture(scope="module")
def halfway(tmp_path_factory) -> World:
    """The story after its fourth line, with a copy of the database."""
    world = World.new(tmp_path_factory.mktemp("halfway") / "world", VARIANTS[0])
    for action in ACTIONS[:4]:
        assert world.do(action) == 0, world.said()
    assert scn(world, "backup copy.db")[0] == 0
    return world


@pytest.fixture
def world(halfway, tmp_path) -> World:
    return halfway.copy(tmp_path / "world")


def scn(world: World, line: str) -> tuple[int, str]:
    before = len(world.said())
    code = world.fork(lambda: cli.main(line.split()), "2026-03-02T12:00")
    said = world.said()[before:]
    assert "Traceback" not in said, said
    assert "bug in scn" not in said, said
    return code, said


def spoil(data: bytes, how: str) -> bytes:
    kind, _, number = how.partition(" ")
    pages = len(data) // PAGE
    match kind:
        case "cut":
            return data[: int(number)]
        case "half":
            return data[: pages // 2 * PAGE]
        case "head":
            return bytes(reversed(data[:16])) + data[16:]
        case "page":
            place = int(number) * PAGE
            return data[:place] + Random(number).randbytes(PAGE) + data[place + PAGE :]
        case "zeros":
            place = int(number) * PAGE
            return data[:place] + bytes(PAGE) + data[place + PAGE :]
        case _:
            return b"letters of another kind\n" * 500


@pytest.mark.parametrize("how", ["cut 5000", "half", "head", "page 1", "page 5", "zeros 4"])
def test_a_damaged_file_is_found_by_doctor_and_refused_by_a_run_that_reads_there(world, how):
    file = world.shop / "scn.db"
    file.write_bytes(spoil(file.read_bytes(), how))
    code, said = scn(world, "doctor")
    assert code == 1, said
    assert "wrong " in said
    code, said = scn(world, NEXT)
    if how != "page 1":  # the record of migrations, which a tick has no need of
        assert code == 2, said
        assert said.startswith("scn: the database `"), said


@pytest.mark.parametrize("column", ["customer.document", "fact.data", "meta.value"])
def test_a_row_that_is_not_what_was_written_is_damage_and_no_defect_of_scn(world, column):
    table, _, name = column.partition(".")
    connection = sqlite3.connect(world.shop / "scn.db", isolation_level=None)
    connection.execute(f"UPDATE {table} SET {name} = {'CAST(x%s AS TEXT)' if table == 'meta' else 'x%s'}" % "'ff7b'")
    connection.close()
    for line, expected in (("doctor", 1), (NEXT, 2)):
        code, said = scn(world, line)
        assert (code, "is damaged" in said) == (expected, True), said


@pytest.mark.parametrize("name", ["scn.db-wal", "scn.db-shm", "scn.db-journal"])
def test_a_log_that_is_none_changes_nothing(world, name):
    before = world.state()
    for content in (b"", bytes(range(256)) * 40):
        (world.shop / name).write_bytes(content)
        assert world.state() == before
    (world.shop / name).write_bytes(content)
    assert scn(world, "doctor")[0] == 0


def test_an_empty_file_is_said_to_remember_nothing(world):
    (world.shop / "scn.db").write_bytes(b"")
    code, said = scn(world, "doctor")
    assert (code, "nothing is remembered" in said) == (0, True)


def test_a_copy_is_restored_as_the_command_says_itself(world):
    """Nothing came in after the copy, so nothing is lost: what is due is done as if nothing had been."""
    undisturbed = world.copy(world.root.with_name("undisturbed"))
    assert scn(undisturbed, NEXT)[0] == 0
    file = world.shop / "scn.db"
    file.write_bytes(spoil(file.read_bytes(), "page 3"))
    assert scn(world, NEXT)[0] == 2
    for name in ("scn.db", "scn.db-wal", "scn.db-shm"):
        (world.shop / name).unlink(missing_ok=True)
    (world.shop / "copy.db").rename(file)
    assert scn(world, "doctor")[0] == 0
    assert scn(world, NEXT)[0] == 0
    assert world.state() == undisturbed.state()


def test_a_damaged_database_is_not_copied_over_good_copies(world):
    file = world.shop / "scn.db"
    file.write_bytes(spoil(file.read_bytes(), "page 6"))
    code, said = scn(world, "backup nightly.db")
    assert (code, "is damaged" in said) == (2, True), said
    assert "***" not in said
    assert len(said.splitlines()) == 2
    assert not list(world.shop.glob("*nightly*"))


def test_nothing_is_left_of_a_copy_that_did_not_come_to_its_end(world):
    (world.shop / ".nightly.db.unfinished").write_bytes(b"half")
    assert scn(world, "backup nightly.db")[0] == 0
    assert sorted(path.name for path in world.shop.glob("*nightly*")) == ["nightly.db"]
    code, said = scn(world, "--database sqlite:nightly.db messages --format json")
    assert (code, len(json.loads(said)["messages"]) > 5) == (0, True)
