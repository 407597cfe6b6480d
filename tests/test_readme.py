"""What README and the guides show is typed into a shell, in their order, and must answer as shown.

A `console` fence holds `$ command` lines, `> ` for the next lines of a command, and below what it says; `…` stands for anything,
alone on its line for any lines. A command that shows nothing may say anything, but must succeed.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest
from markdown_it import MarkdownIt

ROOT = Path(__file__).parent.parent
GUIDES = sorted((ROOT / "docs" / "guide").glob("*.md"))
PAGES = [ROOT / "README.md", *GUIDES]


@attrs.frozen
class Typed:
    """A command and what it must say."""

    line: int
    command: str
    shown: str


def typed(page: Path) -> Iterator[Typed]:
    """The commands of a page in their order."""
    for token in MarkdownIt("commonmark").parse(page.read_text(encoding="utf-8")):
        if token.type != "fence" or token.info != "console":
            continue
        assert token.map is not None
        lines = list(enumerate(token.content.splitlines(), token.map[0] + 2))
        assert lines[0][1].startswith("$ "), f"{page.name}:{lines[0][0]}: a console begins with a command"
        starts = [place for place, (_, text) in enumerate(lines) if text.startswith("$ ")]
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
            number, first = lines[start]
            rest = [text for _, text in lines[start + 1 : end]]
            more = [text for text in rest if text == ">" or text.startswith("> ")]
            yield Typed(number, "\n".join([first[2:], *(text[2:] for text in more)]), "\n".join(rest[len(more) :]))


def matches(shown: str, said: str) -> bool:
    """`…` is anything within its line; alone on a line it is any number of lines."""
    parts = ["(?:.*\\n)*" if line == "…" else ".*".join(map(re.escape, line.split("…"))) + "\\n" for line in shown.strip("\n").split("\n")]
    return re.fullmatch("".join(parts), said.strip("\n") + "\n") is not None


def type_in(commands: Iterator[Typed], page: Path, folder: Path) -> None:
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}/usr/bin{os.pathsep}/bin",
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "NO_COLOR": "1",
    }
    here = folder
    for one in commands:
        script = f"{one.command}\ncode=$?\npwd > '{folder}/.here'\nexit $code"
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=here,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=False,
        )
        here = Path((folder / ".here").read_text(encoding="utf-8").strip())
        place = f"{page.relative_to(ROOT)}:{one.line}: {one.command}"
        said = "\n".join(line.rstrip() for line in done.stdout.splitlines())
        if one.shown.strip():
            assert matches(one.shown, said), f"{place}\nsays\n{said}\nand not\n{one.shown}"
        else:
            assert done.returncode == 0, f"{place}\nends with {done.returncode}\n{said}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_is_shown_is_what_happens(page: Path, tmp_path: Path) -> None:
    commands = list(typed(page))
    assert commands, "a page without a command to type"
    type_in(iter(commands), page, tmp_path)


def test_a_wrong_answer_is_noticed(tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        type_in(iter([Typed(1, "echo no", "yes")]), ROOT / "README.md", tmp_path)
    with pytest.raises(AssertionError):
        type_in(iter([Typed(1, "false", "")]), ROOT / "README.md", tmp_path)
    assert not matches("a\n…\nb", "a\nc")
    assert matches("a\n…\nb", "a\n1\n2\nb")


def test_every_command_there_is_stands_in_the_readme() -> None:
    from interpreter.commands import COMMANDS

    table = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Commands")[2].partition("## A project")[0]
    assert {name for name in COMMANDS if f"`scn {name}" not in table} == set()


def test_the_first_line_is_a_whole_scenario(folder, scn) -> None:
    line = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()[2].strip()
    folder()
    assert scn("init", "shop").code == 0
    answer = scn("validate", "--project", "shop", "--stdin-filename", "shop/scenarios/review.scn", "-", stdin=f"{line}\n")
    assert answer.code == 0, answer.out


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / link).exists(), link
