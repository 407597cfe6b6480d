"""What the tests of ingesting share: a project, and a morning that does not pass."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from interpreter import clock
from tests.cli.intake import NOW
from tests.cli.intake import TOML


@pytest.fixture
def project(folder: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project without scenarios, at `NOW`."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return folder({"scn.toml": TOML})
