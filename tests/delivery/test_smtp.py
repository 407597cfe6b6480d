"""Letters through real mail servers on this machine: one that accepts, one that refuses, one that greylists, ones that hang up."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from aiosmtpd.smtp import LoginPassword

from interpreter.config import ChannelConfig
from interpreter.config import Settings
from interpreter.delivery.channels.smtp import SmtpChannel
from interpreter.delivery.channels.smtp import make
from interpreter.delivery.message import Accepted
from interpreter.delivery.message import Refused
from interpreter.delivery.message import TryLater
from interpreter.delivery.message import Unknown
from interpreter.errors import UserError


class Mailbox:
    """Keeps what arrives; answers each recipient and each letter as told."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, str, bytes]] = []
        self.connections = 0
        self.of_recipient: dict[str, str] = {}
        self.of_letter = "250 2.0.0 Ok: queued as ABC123"

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802 - aiosmtpd's name
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's name
        answer = self.of_recipient.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        self.letters.append((envelope.mail_from, envelope.rcpt_tos[0], envelope.original_content))
        return self.of_letter


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def server(mailbox) -> Iterator[Controller]:
    controller = Controller(mailbox, hostname="127.0.0.1", port=_free_port())
    controller.start()
    yield controller
    controller.stop()


@pytest.fixture
def channel(server) -> Iterator[SmtpChannel]:
    found = SmtpChannel("127.0.0.1", server.port, tls="none", timeout=5)
    found.open()
    yield found
    found.close()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def test_a_letter_arrives_whole_and_the_servers_number_is_kept(channel, mailbox, outgoing):
    assert channel.deliver(outgoing(text=".\n..two dots\nend\n")) == Accepted("ABC123")
    [(sender, recipient, data)] = mailbox.letters
    assert (sender, recipient) == ("hello@shop.example", "ann@example.com")
    assert b"\r\n\r\n.\r\n..two dots\r\nend\r\n" in data


def test_a_batch_goes_over_one_connection(channel, mailbox, outgoing):
    for number in range(5):
        assert isinstance(channel.deliver(outgoing(number)), Accepted)
    assert (len(mailbox.letters), mailbox.connections) == (5, 1)


@pytest.mark.parametrize(
    ("answer", "hard_bounce"),
    [
        ("550 5.1.1 no such user", True),
        ("550 no such user", True),
        ("553 mailbox name not allowed", True),
        ("550 5.7.1 blocked by policy", False),
        ("552 5.2.2 mailbox full", False),
        ("554 transaction failed", False),
    ],
)
def test_a_refused_recipient_does_not_spoil_the_next(channel, mailbox, outgoing, answer, hard_bounce):
    mailbox.of_recipient["ann@example.com"] = answer
    receipt = channel.deliver(outgoing())
    assert receipt == Refused(f"127.0.0.1 said {answer}", hard_bounce)
    assert isinstance(channel.deliver(outgoing(to="bob@example.com")), Accepted)
    assert mailbox.connections == 1


def test_greylisting_means_later_for_this_recipient_only(channel, mailbox, outgoing):
    mailbox.of_recipient["ann@example.com"] = "451 4.7.1 greylisted, come back"
    assert channel.deliver(outgoing()) == TryLater("127.0.0.1 said 451 4.7.1 greylisted, come back", recipient_only=True)
    assert isinstance(channel.deliver(outgoing(to="bob@example.com")), Accepted)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("554 5.7.1 looks like spam", Refused("127.0.0.1 said 554 5.7.1 looks like spam")),
        ("452 4.3.1 disk full", TryLater("127.0.0.1 said 452 4.3.1 disk full")),
    ],
)
def test_a_letter_may_be_refused_after_it_was_read(channel, mailbox, outgoing, answer, expected):
    mailbox.of_letter = answer
    assert channel.deliver(outgoing()) == expected
    mailbox.of_letter = "250 OK"
    assert channel.deliver(outgoing()) == Accepted("OK")


def test_a_server_that_is_not_there_means_later(outgoing):
    channel = SmtpChannel("127.0.0.1", _free_port(), tls="none", timeout=2)
    receipt = channel.deliver(outgoing())
    assert isinstance(receipt, TryLater)
    assert receipt.reason.startswith(f"cannot reach 127.0.0.1:{channel.port}: ")
    assert not receipt.recipient_only


def test_bad_addresses_and_senders_never_reach_the_server(channel, mailbox, outgoing):
    assert channel.deliver(outgoing(to="ann@example.com\r\nRCPT TO:<all@example.com>")).hard_bounce
    assert isinstance(channel.deliver(outgoing(from_=None)), TryLater)
    assert (mailbox.letters, mailbox.connections) == ([], 0)


# ------------------------------------------------------------------------------------------ servers that hang up


class Script:
    """A server that plays its lines: each is sent after one line of the client; None hangs up."""

    def __init__(self, *lines: str | None, after_letter: str | None = "250 OK") -> None:
        self.lines = list(lines)
        self.after_letter = after_letter
        self.heard: list[bytes] = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self._play, daemon=True)
        self.thread.start()

    def _play(self) -> None:
        lines = iter(self.lines)
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as reader:
                connection.sendall(b"220 hello\r\n")
                while line := reader.readline():
                    self.heard.append(line)
                    if line.upper() == b"DATA\r\n":
                        answer = next(lines, "354 go on")
                        if answer is None:
                            break
                        connection.sendall(answer.encode() + b"\r\n")
                        if answer.startswith("354"):
                            while (line := reader.readline()) and line != b".\r\n":
                                self.heard.append(line)
                            if self.after_letter is None:
                                break
                            connection.sendall(self.after_letter.encode() + b"\r\n")
                        continue
                    answer = next(lines, "250 OK")
                    if answer is None:
                        break
                    connection.sendall(answer.encode() + b"\r\n")

    def close(self) -> None:
        self.socket.close()


@pytest.fixture
def script() -> Iterator[Callable[..., tuple[Script, SmtpChannel]]]:
    running = []

    def start(*lines, after_letter="250 OK", timeout=5):
        played = Script(*lines, after_letter=after_letter)
        channel = SmtpChannel("127.0.0.1", played.port, tls="none", timeout=timeout)
        running.append((played, channel))
        return played, channel

    yield start
    for played, channel in running:
        channel.close()
        played.close()


def test_hung_up_after_the_final_dot_is_unsure(script, outgoing):
    _, channel = script(after_letter=None)
    receipt = channel.deliver(outgoing())
    assert isinstance(receipt, Unknown)
    assert receipt.reason.endswith("127.0.0.1 closed the connection")


def test_silence_after_the_final_dot_is_unsure(script, outgoing):
    played, channel = script(after_letter="250-", timeout=0.3)
    receipt = channel.deliver(outgoing())
    assert isinstance(receipt, Unknown)
    assert receipt.reason.endswith("127.0.0.1 did not answer within 0.3 s")
    assert b"Hello, Ann!\r\n" in played.heard


@pytest.mark.parametrize("before", [0, 1, 2, 3])
def test_hung_up_before_the_letter_means_later(script, outgoing, before):
    _, channel = script(*["250 OK"] * before, None)
    assert channel.deliver(outgoing()) == TryLater("127.0.0.1 closed the connection")


def test_service_closing_means_later_on_a_new_connection(script, outgoing):
    played, channel = script("250 OK", "421 4.3.2 shutting down")
    assert channel.deliver(outgoing()) == TryLater("127.0.0.1 said 421 4.3.2 shutting down")
    assert channel.deliver(outgoing()) == Accepted("OK")
    assert [line for line in played.heard if line.startswith(b"EHLO")] == [line for line in played.heard if line.startswith(b"EHLO")][
        :1
    ] * 2


def test_an_idle_connection_that_was_closed_is_opened_again_at_once(script, outgoing):
    played, channel = script(*["250 OK"] * 3, "354 go on", None)
    assert channel.deliver(outgoing(1)) == Accepted("OK")
    assert channel.deliver(outgoing(2)) == Accepted("OK")
    assert sum(line == b"DATA\r\n" for line in played.heard) == 2


def test_a_server_tired_of_a_connection_gets_a_new_one(script, outgoing):
    played, channel = script(*["250 OK"] * 3, "354 go on", "452 4.5.3 too many messages in this session")
    assert channel.deliver(outgoing(1)) == Accepted("OK")
    assert channel.deliver(outgoing(2)) == Accepted("OK")
    assert sum(line.startswith(b"EHLO") for line in played.heard) == 2


def test_a_server_that_is_busy_says_so_once(script, outgoing):
    played, channel = script("250 OK", "450 4.3.2 busy")
    assert channel.deliver(outgoing()) == TryLater("127.0.0.1 said 450 4.3.2 busy")
    assert sum(line.startswith(b"MAIL") for line in played.heard) == 1


def test_a_server_that_wants_a_login_delays_letters_it_does_not_burn_them(script, outgoing):
    _, channel = script("250 OK", "530 5.7.0 authentication required")
    assert channel.deliver(outgoing()) == TryLater("127.0.0.1 said 530 5.7.0 authentication required", misconfigured=True)


def test_a_sender_the_server_refuses_delays_letters_it_does_not_burn_them(script, outgoing):
    _, channel = script("250 OK", "550 5.7.1 sender rejected")
    assert channel.deliver(outgoing()) == TryLater("127.0.0.1 said 550 5.7.1 sender rejected")


def test_an_address_outside_ascii_needs_a_server_that_takes_it(server, channel, mailbox, script, outgoing):
    assert channel.deliver(outgoing(to="анна@пример.рф")) == Accepted("ABC123")
    assert mailbox.letters[0][1] == "анна@xn--e1afmkfd.xn--p1ai"
    _, plain = script()
    assert plain.deliver(outgoing(to="анна@пример.рф")) == Refused("`127.0.0.1` takes no addresses outside ASCII")


# ------------------------------------------------------------------------------------------------ TLS and login


@pytest.fixture
def tls_server(certificate, mailbox):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")

    def check(server, session, envelope, mechanism, data):
        known = isinstance(data, LoginPassword) and (data.login, data.password) == (b"shop", b"right")
        return AuthResult(success=known, handled=False)

    controller = Controller(
        mailbox,
        hostname="127.0.0.1",
        port=_free_port(),
        tls_context=context,
        require_starttls=True,
        authenticator=check,
        auth_required=True,
    )
    controller.start()
    yield controller
    controller.stop()


def _trusting(certificate) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate / "cert.pem"))


def test_a_letter_goes_over_tls_after_login(tls_server, certificate, mailbox, outgoing):
    channel = SmtpChannel("127.0.0.1", tls_server.port, user="shop", password="right", context=_trusting(certificate))
    channel.open()
    assert channel.deliver(outgoing()) == Accepted("ABC123")
    channel.close()
    assert len(mailbox.letters) == 1


def test_a_letter_goes_over_a_connection_that_is_tls_from_the_start(certificate, mailbox, outgoing):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    controller = Controller(mailbox, hostname="127.0.0.1", port=_free_port(), ssl_context=context)
    controller.start()
    try:
        channel = SmtpChannel("127.0.0.1", controller.port, tls="implicit", context=_trusting(certificate))
        assert channel.deliver(outgoing()) == Accepted("ABC123")
        channel.close()
    finally:
        controller.stop()


def test_a_wrong_password_delays_letters_it_does_not_burn_them(tls_server, certificate, outgoing):
    channel = SmtpChannel("127.0.0.1", tls_server.port, user="shop", password="wrong", context=_trusting(certificate))
    receipt = channel.deliver(outgoing())
    assert isinstance(receipt, TryLater)
    assert receipt.reason.startswith("127.0.0.1 said 535")
    assert "wrong" not in receipt.reason


def test_a_certificate_that_is_not_trusted_means_later(tls_server, mailbox, outgoing):
    receipt = SmtpChannel("127.0.0.1", tls_server.port).deliver(outgoing())
    assert isinstance(receipt, TryLater)
    assert "certificate" in receipt.reason.lower()
    assert mailbox.letters == []


def test_a_server_without_tls_is_never_spoken_to_in_the_open_unasked(server, mailbox, outgoing):
    receipt = SmtpChannel("127.0.0.1", server.port).deliver(outgoing())
    assert isinstance(receipt, TryLater)
    assert 'write `tls = "none"`' in receipt.reason
    assert mailbox.letters == []


def test_a_password_is_never_sent_in_the_open():
    with pytest.raises(UserError, match=r"a password would cross the network in the open to `mail\.example`"):
        SmtpChannel("mail.example", tls="none", user="shop", password="secret").open()


def test_the_keys_of_scn_toml_make_a_channel(tmp_path, monkeypatch):
    monkeypatch.setenv("SMTP_PASSWORD", "p")
    values = {"host": "mail.example", "port": 465, "user": "u", "password": "env:SMTP_PASSWORD", "timeout": 7.0}
    made = make(ChannelConfig("email", "smtp", "Shop <a@b.example>", settings=Settings("channels.email", values)), tmp_path)
    assert (made.host, made.port, made._tls, made._password, made._timeout, made.sender) == (
        "mail.example", 465, "implicit", "p", 7.0, "Shop <a@b.example>",
    )  # fmt: skip
