"""From text to a letter in a mail server, and from its unsubscribe link back into the database."""

from __future__ import annotations

import asyncio
import email
import email.policy
import json
import shutil
import socket
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest
from aiosmtpd.controller import Controller

from interpreter.delivery.unsubscribe import Unsubscribe
from interpreter.facts import Fact
from interpreter.facts import read
from interpreter.server.app import create_app
from interpreter.store.sqlite import open_store

SCENARIO = """
    on order.status -> "shipped"
      if subscribed email
      send review
      limit 9 per customer
    """
TOML = """
    [project]
    timezone = "UTC"
    public_url = "https://shop.example/scn"
    secret = "env:SCN_SECRET"
    [channels.email]
    kind = "smtp"
    host = "127.0.0.1"
    port = {port}
    tls = "none"
    from = "Shop <hello@shop.example>"
    """


class Mailbox:
    """A mail server that greylists whoever it has not seen."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self.letters: list[EmailMessage] = []

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's name
        if address not in self.seen:
            self.seen.add(address)
            return "451 4.7.1 come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        self.letters.append(email.message_from_bytes(envelope.content, policy=email.policy.SMTP))
        return "250 OK"


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def shop(folder, mailbox, monkeypatch) -> Iterator[None]:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    monkeypatch.setenv("SCN_SECRET", "secret")
    folder(
        {
            "scn.toml": TOML.format(port=port),
            "review.scn": SCENARIO,
            "templates/review/meta.toml": 'subject = "Order {{ order.id }}"\n',
            "templates/review/email.html": "<p>Hello, {{ customer.first_name }}! <a href='{{ unsubscribe_url }}'>no more</a></p>",
        }
    )
    yield
    controller.stop()


@pytest.fixture
def tick(scn):
    def run(moment: str) -> dict[str, object]:
        answer = scn("run", "--tick", "--now", moment, "--format", "json")
        assert answer.code == 0, answer.err
        found: dict[str, object] = json.loads(answer.out)
        return found

    return run


@pytest.fixture
def ingest(scn):
    def take_in(moment: str, *facts: dict[str, object]) -> None:
        assert scn("ingest", "-", "--received", moment, stdin="\n".join(json.dumps(fact) for fact in facts)).code == 0

    return take_in


ANN: dict[str, object] = {
    "op": "customer.register",
    "customer": "ann",
    "email": "ann@example.com",
    "first_name": "Ann",
    "subscribed": ["email"],
}


def shipped(order: str) -> dict[str, object]:
    return {"op": "order.update", "customer": "ann", "order": {"id": order, "status": "shipped"}}


def test_a_letter_whose_template_is_gone_still_goes_and_holds_up_nobody(shop, mailbox, ingest, tick):
    Path("templates/review/meta.toml").write_text('subject = "x"\nfrom = "Ann from the shop <ann@shop.example>"\n')
    tick("2026-03-01T09:00Z")
    ingest("2026-03-01T10:00Z", ANN, shipped("17"))
    assert tick("2026-03-01T10:00Z")["sent"] == 0
    shutil.rmtree("templates/review")
    Path("review.scn").write_text('define topic "news"\n')
    assert tick("2026-03-01T10:02Z")["sent"] == 1
    assert mailbox.letters[0]["From"] == "Ann from the shop <ann@shop.example>"


def test_a_greylisted_letter_arrives_and_its_link_ends_the_letters(shop, mailbox, scn, ingest, tick):
    tick("2026-03-01T09:00Z")
    ingest("2026-03-01T10:00Z", ANN, shipped("17"))
    assert tick("2026-03-01T10:00Z")["sent"] == 0
    assert tick("2026-03-01T10:00:30Z")["sent"] == 0
    assert tick("2026-03-01T10:02Z")["sent"] == 1
    [letter] = mailbox.letters
    assert (letter["To"], letter["Subject"], letter["Date"]) == ("ann@example.com", "Order 17", "Sun, 01 Mar 2026 10:00:00 +0000")
    link = str(letter["List-Unsubscribe"]).strip("<>")
    text = letter.get_body(("plain",))
    assert text is not None
    assert text.get_content().strip() == f"Hello, Ann! no more ({link})"

    # The mail program's own button.
    store = open_store("sqlite:scn.db")
    now = 1772366400  # 2026-03-01 12:00 UTC

    def accept(given):
        found = read(given, zone="UTC", received=now, batch="http", actor="customer")
        assert isinstance(found, Fact)
        store.facts.add([found])

    async def press() -> int:
        app = create_app(Unsubscribe("secret", "https://shop.example/scn"), accept, lambda: now, "https://shop.example/scn")
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
            return (await client.post(link, data={"List-Unsubscribe": "One-Click"})).status_code

    assert asyncio.run(press()) == 200
    store.close()

    ingest("2026-03-01T13:00Z", shipped("18"))
    assert tick("2026-03-01T13:00Z")["sent"] == 0
    [message] = json.loads(scn("messages", "--format", "json").out)["messages"]
    assert (message["order"], message["state"]) == ("17", "sent")
    assert len(mailbox.letters) == 1
