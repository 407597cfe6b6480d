"""The worked examples of `domain.md`, played through the whole engine as tests in the language."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance.plays import cases
from tests.conformance.plays import play


@pytest.mark.parametrize(("file", "number", "title"), cases(Path(__file__).parent))
def test_example(file: Path, number: int, title: str) -> None:
    play(file, number, title)
