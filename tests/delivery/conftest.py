"""A message to send, a templates folder from texts, and what a template reads."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from interpreter.delivery.message import Outgoing
from interpreter.delivery.readable import MISSING
from interpreter.delivery.readable import Readable
from tests.hostile.http import HostileHttp
from tests.hostile.smtp import HostileSmtp

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


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `cert.pem`, for 127.0.0.1 and signed by itself, and `key.pem`."""
    folder = tmp_path_factory.mktemp("tls")
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "3650"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    made = subprocess.run(["openssl", "req", *kind, *names, *files], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("no openssl here")
    return Path(folder)


@pytest.fixture(scope="session")
def server_tls(certificate: Path) -> ssl.SSLContext:
    """What a server needs to encrypt."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    return context


@pytest.fixture
def mail_server() -> Iterator[Callable[..., HostileSmtp]]:
    """Starts mail servers that answer as told."""
    running: list[HostileSmtp] = []

    def start(*given: Any, **options: Any) -> HostileSmtp:
        running.append(HostileSmtp(*given, **options))
        return running[-1]

    yield start
    for server in running:
        server.close()


@pytest.fixture
def web_server() -> Iterator[Callable[..., HostileHttp]]:
    """Starts HTTP services that answer as told."""
    running: list[HostileHttp] = []

    def start(*given: bytes, **options: Any) -> HostileHttp:
        running.append(HostileHttp(*given, **options))
        return running[-1]

    yield start
    for server in running:
        server.close()
