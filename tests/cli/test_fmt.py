"""`scn fmt`: writes only what is proven, and only when asked to."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsl.formatter import Formatted
from interpreter.commands import fmt

UGLY = "on   customer created\n      send hello   # why\n"
NEAT = "on customer created\n  send hello  # why\n"


def test_writes_what_changes_and_names_it(folder, scn) -> None:
    root = folder({"a.scn": UGLY, "b/c.scn": NEAT})
    answer = scn("fmt", ".")
    assert (answer.code, answer.out, answer.err) == (0, "", "formatted a.scn\n")
    assert (root / "a.scn").read_text() == NEAT
    assert scn("fmt", ".").err == "2 files in order\n"


def test_check_and_diff_write_nothing(folder, scn) -> None:
    root = folder({"a.scn": UGLY})
    answer = scn("fmt", "--check", ".")
    assert (answer.code, answer.out, answer.err) == (1, "", "would format a.scn\n")
    answer = scn("fmt", "--diff", ".")
    assert answer.code == 1
    assert answer.out.startswith("--- a/a.scn\n+++ b/a.scn\n@@ ")
    assert (root / "a.scn").read_text() == UGLY


def test_diff_of_a_file_without_a_last_line_break_can_be_applied(folder, scn) -> None:
    folder({"a.scn": b"on   customer created send hello"})
    assert "\\ No newline at end of file\n" in scn("fmt", "--diff", ".").out


def test_stdin_goes_to_stdout(folder, scn) -> None:
    folder()
    answer = scn("fmt", "-", stdin=UGLY)
    assert (answer.code, answer.out, answer.err) == (0, NEAT, "")
    assert scn("fmt", "--check", "-", stdin=NEAT).code == 0
    assert (scn("fmt", "--check", "-", stdin=UGLY).code, scn("fmt", "--check", "-", stdin=UGLY).out) == (1, "")
    assert scn("fmt", "-", "a.scn").code == 2


def test_a_broken_file_stays_and_the_others_are_formatted(folder, scn) -> None:
    broken = "on   order.status -> x\n   wiat\n"
    root = folder({"a.scn": UGLY, "broken.scn": broken, "strange.scn": b"on   customer created send \xff"})
    answer = scn("fmt", ".")
    assert answer.code == 2
    assert "broken.scn:2:4: error[syntax]" in answer.err
    assert "strange.scn:1:28: error[encoding]" in answer.err
    assert (root / "broken.scn").read_text() == broken
    assert (root / "strange.scn").read_bytes().endswith(b"\xff")
    assert (root / "a.scn").read_text() == NEAT
    assert scn("fmt", "-", stdin=broken).code == 2


def test_a_failed_proof_leaves_the_file(folder, scn, monkeypatch) -> None:
    root = folder({"a.scn": UGLY})
    monkeypatch.setattr(fmt, "format_text", lambda source: Formatted(None, failure="this is a bug in scn, the file is unchanged"))
    answer = scn("fmt", ".")
    assert (answer.code, answer.err.splitlines()[0]) == (2, "a.scn: this is a bug in scn, the file is unchanged")
    assert (root / "a.scn").read_text() == UGLY


def test_line_ends_and_marks_of_other_systems_go(folder, scn) -> None:
    root = folder({"a.scn": b"\xef\xbb\xbf" + NEAT.replace("\n", "\r\n").encode()})
    assert scn("fmt", ".").code == 0
    assert (root / "a.scn").read_bytes() == NEAT.encode()


def test_rights_and_links_stay(folder, scn) -> None:
    root = folder({"real.txt": UGLY})
    (root / "real.txt").chmod(0o640)
    (root / "a.scn").symlink_to("real.txt")
    assert scn("fmt", ".").code == 0
    assert (root / "a.scn").is_symlink()
    assert ((root / "real.txt").read_text(), (root / "real.txt").stat().st_mode & 0o777) == (NEAT, 0o640)
    assert [path.name for path in root.iterdir() if path.name.startswith(".")] == []


def test_a_file_that_cannot_be_written_is_a_sentence(folder, scn, monkeypatch) -> None:
    folder({"a.scn": UGLY})

    def refuse(self: Path, target: Path) -> Path:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)
    answer = scn("fmt", ".")
    assert (answer.code, answer.err) == (2, "scn: cannot write a.scn: permission denied\n")


@pytest.mark.parametrize("name", ["scenarios", "interpreter/starter"])
def test_our_own_scenarios_are_in_order(name: str, scn, monkeypatch) -> None:
    monkeypatch.chdir(Path(__file__).parents[2])
    assert scn("fmt", "--check", name).code == 0
