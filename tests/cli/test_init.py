"""`scn init`: what it makes is without findings, and nothing is overwritten."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest


@pytest.fixture
def made(folder, scn) -> Path:
    root = folder()
    assert scn("init", "shop").code == 0
    return root / "shop"


def test_what_it_makes(made: Path) -> None:
    names = {path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file()}
    assert names >= {
        "scn.toml",
        "scenarios/review_request.scn",
        "templates/review_request/email.html",
        "templates/review_request/email.txt",
        "templates/review_request/meta.toml",
        "facts/sample.jsonl",
        ".github/workflows/scn.yml",
        ".gitignore",
        "deploy/crontab",
        "deploy/scn.service",
        "deploy/scn.timer",
    }


def test_it_has_no_findings_and_is_formatted(made: Path, scn) -> None:
    answer = scn("validate", "--project", made, "--deny", "warnings")
    assert (answer.code, answer.out, answer.err) == (0, "", "2 files: no findings\n")
    assert scn("fmt", "--check", made).code == 0


def test_its_facts_are_facts_with_an_offset(made: Path) -> None:
    for line in (made / "facts/sample.jsonl").read_text().splitlines():
        fact = json.loads(line)
        assert fact["at"].endswith("+03:00")
        assert fact["op"]


def test_its_configuration_explains_every_key_it_leaves_out(made: Path, scn, monkeypatch) -> None:
    text = (made / "scn.toml").read_text()
    file_only = [line for line in text.splitlines() if not line.startswith('kind = "file"')]
    (made / "scn.toml").write_text("\n".join(line.removeprefix("# ") for line in file_only))
    tomllib.loads((made / "scn.toml").read_text())
    assert scn("validate", "--project", made).code == 0


def test_nothing_is_overwritten(made: Path, scn) -> None:
    (made / "scn.toml").write_text("mine")
    (made / "README.md").unlink()
    answer = scn("init", made)
    assert answer.code == 2
    assert "is there already, nothing was written" in answer.err
    assert (made / "scn.toml").read_text() == "mine"
    assert not (made / "README.md").exists()


def test_a_folder_with_other_files_is_fine(folder, scn) -> None:
    root = folder({"shop/notes.txt": "mine"})
    assert scn("init", "shop").code == 0
    assert (root / "shop/notes.txt").read_text() == "mine"


def test_a_file_is_no_folder(folder, scn) -> None:
    folder({"shop": "x"})
    assert scn("init", "shop").code == 2
