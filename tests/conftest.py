"""What all tests share: a clean environment, folders written from text, the command as a person calls it, golden files."""

from __future__ import annotations

import inspect
import os
import re
import textwrap
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest
from hypothesis import settings

settings.register_profile("scn", deadline=None, max_examples=60, derandomize=True)
settings.register_profile("thorough", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "scn"))

#: Counts the worked examples of `domain.md` that the tests play.
pytest_plugins = ["tests.conformance.examples"]

GOLDEN = Path(__file__).parent / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="write golden files anew; read what changed as you would read a user interface")


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No colours, no CI, no settings of whoever runs the tests."""
    for name in list(os.environ):
        if re.match(r"SCN_|GITHUB_|GITLAB_|CI$|GIT_|FORCE_COLOR|CLICOLOR|COLUMNS|NO_COLOR", name):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NO_COLOR", "1")


@pytest.fixture
def program(request: pytest.FixtureRequest) -> str:
    """The docstring of the test: its input program."""
    text = inspect.getdoc(request.function) or ""
    return textwrap.dedent(text) + "\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Writes files by their names and makes their folder the current one."""

    def write(files: dict[str, str | bytes] | None = None) -> Path:
        for name, content in (files or {}).items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else textwrap.dedent(content).lstrip("\n").encode())
        monkeypatch.chdir(tmp_path)
        return tmp_path

    return write


@attrs.frozen
class Answer:
    """What a command gave back."""

    code: int
    out: str
    err: str


@pytest.fixture
def scn(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Answer]:
    """Calls `scn` as the installed command would, in this process: the exit code, stdout, stderr."""

    def call(*arguments: str | Path, stdin: bytes | str = b"") -> Answer:
        import io
        import sys

        from interpreter.cli import main

        data = stdin.encode() if isinstance(stdin, str) else stdin
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))
        capfd.readouterr()
        code = main([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return Answer(code, out, err)

    return call


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compares a text with `tests/golden/NAME`; with `--update` writes it."""

    def check(name: str, text: str) -> None:
        path = GOLDEN / name
        if request.config.getoption("--update"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.exists(), f"no golden file {name}: run with --update and read it"
        assert text == path.read_text(encoding="utf-8")

    return check
