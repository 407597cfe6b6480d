"""What `engine.md` and `language.md` promise of a run, played as tests in the language."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance.plays import cases
from tests.conformance.plays import play


@pytest.mark.parametrize(("file", "number", "title"), cases(Path(__file__).parent))
def test_behaviour(file: Path, number: int, title: str) -> None:
    play(file, number, title)
