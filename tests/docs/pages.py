"""The pages of `docs/`, cut into what a test can look at: fences with their words, generated parts, links."""

from __future__ import annotations

import re
import shlex
from functools import cache
from pathlib import Path
from typing import Any

import attrs
import pytest
from markdown_it import MarkdownIt

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"
SHOP = Path(__file__).parent / "shop"


@attrs.frozen
class Fence:
    """A block between ```` ``` ````: what it is written in, the words behind that, and its text."""

    page: str
    line: int
    """Of the opening fence, from 1."""
    language: str
    words: tuple[str, ...]
    text: str
    shown: Fence | None = None
    """The `text` fence right behind it: what the program says about it."""

    def said(self, name: str) -> str | None:
        """The value of `name=value` behind the language; a bare `name` is empty."""
        for word in self.words:
            key, _, value = word.partition("=")
            if key == name:
                return value
        return None


def pages() -> list[Path]:
    return sorted(REFERENCE.glob("*.md"))


@cache
def tokens(path: Path) -> list[Any]:
    return [*MarkdownIt("commonmark").parse(path.read_text(encoding="utf-8"))]


@cache
def fences(path: Path) -> list[Fence]:
    found: list[Fence] = []
    between = True
    for token in tokens(path):
        if token.type != "fence":
            between = True
            continue
        language, *words = shlex.split(token.info) or [""]
        fence = Fence(path.name, token.map[0] + 1, language, tuple(words), token.content)
        if language == "text":
            behind = found and found[-1].language == "scn" and not between
            assert behind, f"{path.name}:{fence.line}: output of nothing; put it right behind its `scn`"
            found[-1] = attrs.evolve(found[-1], shown=fence)
        else:
            found.append(fence)
        between = False
    return found


def all_fences(language: str) -> list[Any]:
    """For `parametrize`."""
    found = [fence for path in pages() for fence in fences(path) if fence.language == language]
    return [pytest.param(fence, id=f"{fence.page}:{fence.line}") for fence in found]


@cache
def everything() -> str:
    """All of the reference as one text."""
    return "\n".join(path.read_text(encoding="utf-8") for path in pages())


def code_of(page: str) -> set[str]:
    """Every text in `backticks`, tables and fences of a page."""
    text = (REFERENCE / page).read_text(encoding="utf-8").replace("\\|", "|")
    return set(re.findall(r"`([^`\n]+)`", text))
