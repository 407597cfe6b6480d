"""Each exit code of each command: 0 fine, 1 the answer is no, 2 could not do the work (cli.md §2). The real command, in a process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from interpreter import cli
from interpreter.commands import COMMANDS
from interpreter.commands import LATER

GOOD = 'define topic "news"\n\non customer created\n  if subscribed email to "news"\n  send hello by email\n  limit 1 per customer\n'
BROKEN = 'on order.status -> "new"\n  wait 2 days\n  send hello\n'

#: Command line and its exit code, in a folder with the files `good/`, `bad.scn`, `ugly.scn`.
CASES = [
    ("", 2),
    ("--version", 0),
    ("--help", 0),
    ("-h", 0),
    ("--nonsense", 2),
    ("nonsense", 2),
    ("validate good", 0),
    ("validate bad.scn", 1),
    ("validate missing.scn", 2),
    ("validate --format yaml good", 2),
    ("validate --only nonsense good", 2),
    ("validate --since HEAD good", 2),
    ("fmt --check good", 0),
    ("fmt --check ugly.scn", 1),
    ("fmt --diff ugly.scn", 1),
    ("fmt ugly.scn", 0),
    ("fmt bad.scn", 2),
    ("fmt missing.scn", 2),
    ("fix good", 0),
    ("fix --diff bad.scn", 1),
    ("fix bad.scn", 0),
    ("fix missing.scn", 2),
    ("explain wait", 0),
    ("explain good/hello.scn", 0),
    ("explain bad.scn", 1),
    ("explain nonsense", 2),
    ("explain", 2),
    ("explain --all", 0),
    ("init new", 0),
    ("init good", 2),
    ("init", 2),
    ("completion bash", 0),
    ("completion tcsh", 2),
    *((name, 2) for name in LATER),
]


@pytest.fixture
def files(folder):
    return folder(
        {
            "good/scn.toml": '[project]\ntimezone = "UTC"\n',
            "good/hello.scn": GOOD,
            "good/templates/hello/email.txt": "Hello\n{{ unsubscribe_url }}",
            "good/templates/hello/meta.toml": "subject = 'Hello'",
            "bad.scn": BROKEN,
            "ugly.scn": "on   customer created send hello\n",
        }
    )


@pytest.mark.parametrize(("line", "code"), CASES)
def test_exit_code(line: str, code: int, files: Path, scn) -> None:
    answer = scn(*line.split())
    assert (answer.code, "Traceback" in answer.err) == (code, False), answer.err
    if code == 2:
        assert answer.err or line == ""
        assert "bug in scn" not in answer.err


def test_the_installed_command_gives_the_code_to_the_shell(files: Path) -> None:
    codes = [
        subprocess.run(
            [sys.executable, "-m", "interpreter.cli", "validate", name],
            cwd=files,
            capture_output=True,
            env={"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": ""},
            check=False,
        ).returncode
        for name in ("good", "bad.scn", "none")
    ]
    assert codes == [0, 1, 2]


def test_every_command_of_the_table_has_help(scn) -> None:
    for name in COMMANDS:
        answer = scn(name, "--help")
        assert answer.code in {0, 2}
        assert answer.code == 0 or "is not there yet" in answer.err


def test_an_unknown_command_is_guessed(scn) -> None:
    assert "did you mean `scn validate`?" in scn("valdate").err


def test_options_for_all_commands_stand_before_or_after(files: Path, scn) -> None:
    assert scn("--project", "good", "validate").code == 0
    assert scn("validate", "--project", "good").code == 0
    assert scn("validate", "--project", "missing").code == 2


def test_an_unexpected_failure_is_a_sentence_with_the_place_of_its_details(scn, monkeypatch) -> None:
    def fail(arguments: list[str]) -> int:
        raise ZeroDivisionError("surprise")

    monkeypatch.setattr(cli, "_run", fail)
    answer = scn("validate")
    assert answer.code == 2
    assert answer.err.startswith("scn: this is a bug in scn (ZeroDivisionError); the details are in ")
    details = Path(answer.err.splitlines()[0].rpartition(" ")[2])
    assert "surprise" in details.read_text()
    details.unlink()
    monkeypatch.setenv("SCN_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        cli.main(["validate"])


def test_an_interrupt_is_no_traceback(scn, monkeypatch) -> None:
    def interrupt(arguments: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_run", interrupt)
    answer = scn("validate")
    assert (answer.code, answer.err) == (2, "scn: interrupted\n")


def test_a_closed_pipe_is_no_failure(files: Path) -> None:
    line = f"{sys.executable} -m interpreter.cli explain --all | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "0"
    assert done.stderr == ""


def test_a_poor_locale_is_no_failure(files: Path) -> None:
    (files / "good/hello.scn").write_text('on order.status -> "Отправлен"\n  wait 2 days\n  send "привет" by email\n')
    environment = {"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": "", "PYTHONIOENCODING": "ascii"}
    line = [sys.executable, "-m", "interpreter.cli", "validate", "good"]
    done = subprocess.run(line, cwd=files, capture_output=True, env=environment, check=False)
    assert (done.returncode, b"bug in scn" in done.stderr) == (1, False)


def test_completion_offers_every_command_without_importing_one() -> None:
    environment = {**os.environ, "_SCN_COMPLETE": "bash_complete", "COMP_WORDS": "scn ", "COMP_CWORD": "1"}
    line = "import sys; from interpreter.cli import main; sys.argv = ['scn']; main()"
    done = subprocess.run(
        [sys.executable, "-c", line], cwd=Path(__file__).parents[2], capture_output=True, text=True, env=environment, check=False
    )
    assert done.stdout.split() == [f"plain,{name}" for name in COMMANDS]
    assert done.stderr == ""
