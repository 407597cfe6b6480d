"""A message to send, a templates folder from texts, and what a template reads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from interpreter.delivery.message import Outgoing
from interpreter.delivery.readable import MISSING
from interpreter.delivery.readable import Readable

#: 2026-03-01 09:00:00 UTC
NOON = 1772355600


@pytest.fixture
def outgoing() -> Callable[..., Outgoing]:
    """A letter to Ann, but for what a test changes."""

    def make(number: int = 1, **changes: Any) -> Outgoing:
        given: dict[str, Any] = {
            "id": number,
            "key": f"j{number}-s2",
            "channel": "email",
            "to": "ann@example.com",
            "template": "review_request",
            "customer_key": "ann",
            "scenario": "reviews",
            "at": NOON,
            "deadline": NOON + 86400,
            "from_": "Shop <hello@shop.example>",
            "subject": "Your order",
            "text": "Hello, Ann!\n",
            "html": "<p>Hello, Ann!</p>\n",
        }
        return Outgoing(**{**given, **changes})

    return make


@pytest.fixture
def templates_folder(tmp_path: Path) -> Callable[[dict[str, str]], Path]:
    """Writes `NAME/FILE` below `templates/`; a template without a `meta.toml` of its own gets one with a subject."""

    def write(files: dict[str, str]) -> Path:
        root = tmp_path / "templates"
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            meta = path.parent / "meta.toml"
            if not meta.exists() and not path.parent.name.startswith("_"):
                meta.write_text('subject = "Hello"\n', encoding="utf-8")
        return root

    return write


@pytest.fixture
def entity() -> Callable[..., Readable]:
    """What a template sees of an entity with these fields."""

    def make(shown: str = "17", **fields: Any) -> Readable:
        return Readable(lambda name: fields.get(name, MISSING), shown)

    return make
