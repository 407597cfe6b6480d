"""Letters through mail servers that misbehave: whatever they do, the letter waits, is given up for its own fault, or is unsure.

Before the final dot was handed over nothing was delivered, so it is always known; after it only the answer tells.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

import pytest

from interpreter.delivery.channels.smtp import SmtpChannel
from interpreter.delivery.message import Accepted
from interpreter.delivery.message import Refused
from interpreter.delivery.message import TryLater
from interpreter.delivery.message import Unknown
from tests.hostile import smtp

#: What the server may do at a stage without giving an answer that can be used.
MISBEHAVIOUR = [smtp.CUT, smtp.SILENT, smtp.DRIP, smtp.ENDLESS, smtp.LONG, smtp.GARBAGE]
#: `<1896.697170952@postoffice.reston.mci.net>`
CHALLENGE = "334 PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+"
BEFORE_THE_DOT = ["banner", "EHLO", "MAIL", "RCPT", "DATA"]


@pytest.fixture
def talk(mail_server) -> Iterator[Callable[..., tuple[Any, SmtpChannel]]]:
    """A server and the channel that goes to it."""
    channels = []

    def start(answers=None, *, timeout=5.0, tls="none", offers=("PIPELINING", "SIZE 10485760"), **options):
        served = {name: options.pop(name) for name in ("starttls", "implicit", "injected") if name in options}
        server = mail_server(answers, offers=offers, **served)
        channels.append(SmtpChannel("127.0.0.1", server.port, tls=tls, timeout=timeout, **options))
        return server, channels[-1]

    yield start
    for channel in channels:
        channel.close()


@pytest.fixture
def trusting(certificate) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate / "cert.pem"))


# ------------------------------------------------------------------------------------------- no answer, at every stage


@pytest.mark.parametrize("offers", [("PIPELINING",), ()], ids=["pipelining", "one by one"])
@pytest.mark.parametrize("misbehaviour", MISBEHAVIOUR)
@pytest.mark.parametrize("stage", BEFORE_THE_DOT)
def test_without_an_answer_before_the_dot_a_letter_waits(talk, outgoing, stage, misbehaviour, offers):
    server, channel = talk({stage: misbehaviour}, timeout=0.1 if misbehaviour in {smtp.SILENT, smtp.DRIP} else 5, offers=offers)
    receipt = channel.deliver(outgoing())
    assert isinstance(receipt, TryLater)
    assert not receipt.recipient_only
    assert server.letters == []
    # The next letter is not harmed by it.
    server.answers.clear()
    assert channel.deliver(outgoing(2)) == Accepted("ABC123")


@pytest.mark.parametrize("misbehaviour", MISBEHAVIOUR)
def test_without_an_answer_after_the_dot_a_letter_is_unsure_and_the_next_goes_on_a_new_connection(talk, outgoing, misbehaviour):
    server, channel = talk({"dot": misbehaviour}, timeout=0.1 if misbehaviour in {smtp.SILENT, smtp.DRIP} else 5)
    channel.announce(outgoing(2))
    receipt = channel.deliver(outgoing(1))
    assert isinstance(receipt, Unknown)
    assert receipt.reason.startswith("the letter was handed over and the answer never came: 127.0.0.1 ")
    assert len(server.letters) == 1
    server.answers.clear()
    assert channel.deliver(outgoing(2)) == Accepted("ABC123")
    assert (len(server.letters), server.connections) == (2, 2)


@pytest.mark.parametrize(
    ("misbehaviour", "words"),
    [
        (smtp.CUT, "closed the connection"),
        (smtp.SILENT, "did not answer within 0.1 s"),
        (smtp.DRIP, "did not answer within 0.1 s"),
        (smtp.ENDLESS, "answered without an end"),
        (smtp.LONG, "answered without an end"),
        (smtp.GARBAGE, "answered with what is no SMTP"),
    ],
)
def test_what_happened_is_said_in_words(talk, outgoing, misbehaviour, words):
    _, channel = talk({"MAIL": misbehaviour}, timeout=0.1 if "0.1" in words else 5)
    assert channel.deliver(outgoing()) == TryLater(f"127.0.0.1 {words}")


# --------------------------------------------------------------------------------------------- refusals, at every stage


@pytest.mark.parametrize("offers", [("PIPELINING",), ()], ids=["pipelining", "one by one"])
@pytest.mark.parametrize(
    ("stage", "answer", "expected"),
    [
        ("banner", "421 4.3.2 too busy", TryLater),
        ("banner", "554 5.3.2 no mail here", "misconfigured"),
        ("EHLO", "451 4.3.0 not now", TryLater),
        ("EHLO", "554 5.7.1 I do not talk to you", "misconfigured"),
        ("MAIL", "451 4.3.0 not now", TryLater),
        ("MAIL", "452 4.3.1 insufficient system storage", TryLater),
        ("MAIL", "530 5.7.0 authentication required", "misconfigured"),
        ("MAIL", "550 5.7.1 you may not write as this", TryLater),
        ("MAIL", "552 5.3.4 larger than we take", Refused),
        ("RCPT", "450 4.2.0 greylisted", "this recipient"),
        ("RCPT", "451 come back", "this recipient"),
        ("RCPT", "452 4.3.1 insufficient system storage", TryLater),
        ("RCPT", "421 4.7.0 too many", TryLater),
        ("RCPT", "550 5.7.1 blocked by policy", Refused),
        ("RCPT", "552 5.2.2 mailbox full", Refused),
        ("RCPT", "550 5.1.8 sender's domain not found", TryLater),
        ("RCPT", "554 5.7.1 Relay access denied", TryLater),
        ("RCPT", "550 relay not permitted", TryLater),
        ("DATA", "451 4.3.0 not now", TryLater),
        ("DATA", "554 5.5.1 no", Refused),
        ("dot", "451 4.7.1 greylisted, come back", "this recipient"),
        ("dot", "452 4.3.1 disk full", TryLater),
        ("dot", "421 4.3.2 shutting down", TryLater),
        ("dot", "552 5.3.4 too large", Refused),
        ("dot", "554 5.7.1 looks like spam", Refused),
        ("dot", "299 as you like", Accepted),
        ("dot", "354 and more?", Unknown),
    ],
)
def test_a_refusal_is_about_this_recipient_this_letter_or_the_channel(talk, outgoing, stage, answer, expected, offers):
    server, channel = talk({stage: answer}, offers=offers)
    receipt = channel.deliver(outgoing())
    assert isinstance(receipt, TryLater if isinstance(expected, str) else expected)
    if isinstance(receipt, TryLater):
        found = {(True, False): "misconfigured", (False, True): "this recipient", (False, False): TryLater}
        assert found[receipt.misconfigured, receipt.recipient_only] == expected
    if isinstance(receipt, Refused):
        assert not receipt.hard_bounce
        assert receipt.reason == f"127.0.0.1 said {answer}"
    # The same server in a better mood takes the next one; where only one was refused, on the same connection.
    server.answers.clear()
    assert channel.deliver(outgoing(2)) == Accepted("ABC123")
    if stage in {"RCPT", "dot"} and isinstance(receipt, Refused):
        assert server.connections == 1


@pytest.mark.parametrize(
    ("answer", "is_dead"),
    [
        ("550 5.1.1 no such user", True),
        ("550 #5.1.1 no such user", True),
        ("550 5.1.1 <ann@example.com>: Recipient address rejected: User unknown in relay recipient table", True),
        ("550 5.1.2 no such domain", True),
        ("556 5.1.10 the domain takes no mail", True),
        ("550-5.1.1 The account that you tried to reach\r\n550 5.1.1 does not exist", True),
        ("550 no such user here", True),
        ("551 user has moved away", True),
        ("553 mailbox name not allowed", True),
        ("550 5.7.1 rejected by policy", False),
        ("550 5.7.26 this mail is unauthenticated", False),
        ("550 5.1.0 address rejected", False),
        ("550 5.1.7 bad sender address", False),
        ("550 5.1.8 sender's domain not found", False),
        ("550 5.2.1 the mailbox is disabled", False),
        ("552 5.2.2 mailbox full", False),
        ("550 blocked, see https://dnsbl.example/?ip=5.1.1.7", False),
        ("550 rejected by postfix 5.1.1 policy", False),
        ("550 Sender verify failed", False),
        ("550 message rejected due to SPF", False),
        ("554 5.4.14 hop count exceeded", False),
        ("450 4.1.1 no such user yet", False),
    ],
)
@pytest.mark.parametrize("stage", ["RCPT"])
def test_only_an_address_where_nobody_lives_is_marked(talk, outgoing, stage, answer, is_dead):
    _, channel = talk({stage: answer})
    receipt = channel.deliver(outgoing())
    assert isinstance(receipt, Refused | TryLater)
    assert (isinstance(receipt, Refused) and receipt.hard_bounce) is is_dead


def test_an_address_may_turn_out_to_be_dead_after_the_dot(talk, outgoing):
    _, channel = talk({"dot": "550 5.1.1 no such user"})
    assert channel.deliver(outgoing()) == Refused("127.0.0.1 said 550 5.1.1 no such user", hard_bounce=True)


def test_an_answer_is_shown_in_one_line_without_orders_for_a_terminal(talk, outgoing):
    _, channel = talk({"RCPT": "550-5.7.1 нет\x1b[2J\x07\r\n550 5.7.1 \u009b31mтакого\x00"})
    assert channel.deliver(outgoing()) == Refused("127.0.0.1 said 550 5.7.1 нет [2J 5.7.1 31mтакого")


# ----------------------------------------------------------------------------------------------- many over one connection


def test_each_recipient_is_answered_alone_and_all_over_one_connection(talk, outgoing):
    """The envelope of the next letter travels with the letter before it: the answers must not be mixed up."""
    answers = {"dead@x.example": "550 5.1.1 no", "grey@x.example": "451 4.7.1 later", "full@x.example": "552 5.2.2 full"}
    server, channel = talk(answers)
    people = ["a@x.example", "dead@x.example", "b@x.example", "grey@x.example", "full@x.example", "c@x.example", "d@x.example"]
    letters = [outgoing(number, to=to, text=f"for {to}\n", html=None) for number, to in enumerate(people)]
    receipts = []
    for letter, following in zip(letters, [*letters[1:], None], strict=True):
        if following is not None:
            channel.announce(following)
        receipts.append(type(channel.deliver(letter)))
    assert receipts == [Accepted, Refused, Accepted, TryLater, Refused, Accepted, Accepted]
    arrived = [(to, data.rpartition(b"\r\n\r\n")[2]) for to, data in server.letters if data]
    assert arrived == [(to, f"for {to}\r\n".encode()) for to in people if to[1] == "@"]
    assert server.connections == 1
    # Those that were sent ahead before anything was refused took one way there and back.
    assert server.count("MAIL") == len(people)


def test_a_letter_announced_and_not_sent_is_nobodys(talk, outgoing):
    server, channel = talk()
    channel.announce(outgoing(2, to="bob@example.com"))
    assert isinstance(channel.deliver(outgoing(1)), Accepted)
    # Another one comes instead: the server waits for Bob's, and must not get this one for it.
    assert isinstance(channel.deliver(outgoing(3, to="eve@example.com")), Accepted)
    channel.announce(outgoing(4, to="bob@example.com"))
    assert isinstance(channel.deliver(outgoing(5, to="ida@example.com")), Accepted)
    channel.close()
    assert [to for to, _ in server.letters] == ["ann@example.com", "eve@example.com", "ida@example.com"]


def test_closing_in_the_middle_of_a_pooled_connection_costs_nobody_anything(talk, outgoing):
    server, channel = talk({"MAIL": ["250 Ok", "250 Ok", "421 4.7.0 too many letters", "250 Ok"]})
    for number in range(4):
        channel.announce(outgoing(number + 1))
        assert channel.deliver(outgoing(number)) == Accepted("ABC123")
    assert (len(server.letters), server.connections) == (4, 2)


def test_a_connection_cut_between_two_letters_is_made_anew_at_once(talk, outgoing):
    server, channel = talk({"RCPT": ["250 Ok", smtp.CUT, "250 Ok"]})
    channel.announce(outgoing(2))
    assert channel.deliver(outgoing(1)) == Accepted("ABC123")
    assert channel.deliver(outgoing(2)) == Accepted("ABC123")
    assert (len(server.letters), server.connections) == (2, 2)


def test_a_server_that_wants_one_line_at_a_time_gets_one(talk, outgoing):
    server, channel = talk(offers=())
    channel.announce(outgoing(2))
    channel.deliver(outgoing(1))
    assert server.count("MAIL") == 1
    channel.deliver(outgoing(2))
    assert server.heard[1:] == ["MAIL FROM:<hello@shop.example>", "RCPT TO:<ann@example.com>", "DATA"] * 2


def test_a_server_of_the_old_kind_is_greeted_in_the_old_way(talk, outgoing):
    server, channel = talk({"EHLO": "502 5.5.1 what?", "HELO": "250 hi"})
    assert channel.deliver(outgoing()) == Accepted("ABC123")
    assert server.heard[2] == "MAIL FROM:<hello@shop.example>"


def test_the_size_is_said_before_the_letter(talk, outgoing):
    server, channel = talk()
    channel.deliver(outgoing())
    assert server.heard[1].startswith("MAIL FROM:<hello@shop.example> SIZE=")


@pytest.mark.parametrize(("offers", "expected"), [(("SMTPUTF8", "PIPELINING"), Accepted), (("PIPELINING",), Refused)])
def test_an_address_outside_ascii_goes_where_it_can(talk, outgoing, offers, expected):
    server, channel = talk(offers=offers)
    channel.announce(outgoing(2, to="анна@example.com"))
    assert isinstance(channel.deliver(outgoing(1)), Accepted)
    assert isinstance(channel.deliver(outgoing(2, to="анна@example.com")), expected)
    assert isinstance(channel.deliver(outgoing(3)), Accepted)
    assert server.connections == 1
    assert ("RCPT TO:<анна@example.com>" in server.heard) is (expected is Accepted)


# --------------------------------------------------------------------------------------------------------- not reached


def test_a_host_that_does_not_exist_means_later(outgoing):
    receipt = SmtpChannel("host.invalid", 25, tls="none", timeout=2).deliver(outgoing())
    assert isinstance(receipt, TryLater)
    assert receipt.reason.startswith("cannot reach host.invalid:25: ") or "did not answer" in receipt.reason


@pytest.mark.parametrize("host", ["a..b", "x" * 70 + ".example"])
def test_a_host_that_cannot_exist_means_later(outgoing, host):
    assert SmtpChannel(host, 25, tls="none").deliver(outgoing()) == TryLater(f"cannot reach {host}:25: it is no name of a host")


def test_name_servers_are_not_waited_for_longer_than_for_anybody(outgoing, monkeypatch):
    from threading import Event

    answered = Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: answered.wait(30))
    assert SmtpChannel("mail.example", 25, tls="none", timeout=0.05).deliver(outgoing()) == TryLater(
        "mail.example did not answer within 0.05 s"
    )
    answered.set()


# ------------------------------------------------------------------------------------------------------ TLS and login


def test_encryption_that_is_not_offered_is_for_somebody_to_put_right(talk, outgoing):
    server, channel = talk(tls="starttls")
    receipt = channel.deliver(outgoing())
    assert isinstance(receipt, TryLater)
    assert receipt.misconfigured
    assert receipt.reason.endswith('offers no encryption (STARTTLS); for a server without TLS write `tls = "none"`')
    assert server.count("MAIL") == 0


@pytest.mark.parametrize(("answer", "hopeless"), [("454 4.7.0 TLS not available now", False), ("501 5.5.4 no", True)])
def test_encryption_that_is_refused_is_never_done_without(talk, outgoing, server_tls, trusting, answer, hopeless):
    server, channel = talk({"STARTTLS": answer}, tls="starttls", starttls=server_tls, context=trusting)
    assert channel.deliver(outgoing()) == TryLater(f"127.0.0.1 said {answer}", misconfigured=hopeless)
    assert server.count("MAIL") == 0


@pytest.mark.parametrize("said", ["220 go", smtp.GARBAGE, smtp.CUT, smtp.SILENT, smtp.DRIP])
def test_a_handshake_that_fails_means_later(talk, outgoing, trusting, said):
    """The server offers STARTTLS and then speaks something else."""
    server, channel = talk({"STARTTLS": said}, offers=("STARTTLS",), tls="starttls", context=trusting, timeout=0.1)
    assert isinstance(channel.deliver(outgoing()), TryLater)
    assert server.letters == []


@pytest.mark.parametrize("said", ["220 in the open", smtp.GARBAGE, smtp.CUT, smtp.SILENT])
def test_a_server_that_does_not_encrypt_from_the_start_means_later(talk, outgoing, trusting, said):
    server, channel = talk({"banner": said}, tls="implicit", context=trusting, timeout=0.1)
    assert isinstance(channel.deliver(outgoing()), TryLater)
    assert server.letters == []


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_certificate_signed_by_itself_is_for_somebody_to_put_right(talk, outgoing, server_tls, tls):
    _, channel = talk(tls=tls, **{tls: server_tls})
    receipt = channel.deliver(outgoing())
    assert receipt == TryLater("the certificate of 127.0.0.1 is not good: self-signed certificate", misconfigured=True)


def test_what_was_said_before_encryption_is_not_believed_behind_it(talk, outgoing, server_tls, trusting):
    server, channel = talk(tls="starttls", starttls=server_tls, context=trusting, injected=b"250-hi\r\n250 AUTH PLAIN\r\n")
    receipt = channel.deliver(outgoing())
    assert isinstance(receipt, TryLater)
    assert receipt.misconfigured
    assert "spoke on before the connection was encrypted" in receipt.reason
    assert server.count("MAIL") == 0


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({}, Accepted("ABC123")),
        ({"AUTH": "535 5.7.8 wrong password"}, TryLater("127.0.0.1 said 535 5.7.8 wrong password", misconfigured=True)),
        ({"AUTH": "454 4.7.0 temporary failure"}, TryLater("127.0.0.1 said 454 4.7.0 temporary failure")),
        ({"AUTH": "503 already known"}, Accepted("ABC123")),
        ({"AUTH": smtp.CUT}, TryLater("127.0.0.1 closed the connection")),
        ({"AUTH": smtp.SILENT}, TryLater("127.0.0.1 did not answer within 0.2 s")),
        ({"AUTH": smtp.DRIP}, TryLater("127.0.0.1 did not answer within 0.2 s")),
        ({"AUTH": smtp.ENDLESS}, TryLater("127.0.0.1 answered without an end")),
        ({"AUTH": smtp.GARBAGE}, TryLater("127.0.0.1 answered with what is no SMTP")),
    ],
)
def test_a_login_that_fails_is_not_the_letters_fault(talk, outgoing, server_tls, trusting, answers, expected):
    options = {"starttls": server_tls, "context": trusting, "offers": ("AUTH LOGIN PLAIN", "PIPELINING"), "timeout": 0.2}
    server, channel = talk(answers, tls="starttls", user="shop", password="päss", **options)
    assert channel.deliver(outgoing()) == expected
    # One attempt, in the way that needs no second line; five would lock the account.
    assert [line for line in server.heard if line.startswith("AUTH")] == ["AUTH PLAIN AHNob3AAcMOkc3M="]


@pytest.mark.parametrize(
    ("offered", "said", "heard"),
    [
        ("AUTH LOGIN", ["334 VXNlcm5hbWU6"], ["AUTH LOGIN", "dGlt", "dGFuc3RhYWZ0YW5zdGFhZg=="]),
        # The example of RFC 2195.
        ("AUTH CRAM-MD5", [CHALLENGE], ["AUTH CRAM-MD5", "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw"]),
        # Offered, but not known after all.
        ("AUTH PLAIN CRAM-MD5", ["504 5.5.4 what?", CHALLENGE], ["AUTH PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm", "AUTH CRAM-MD5"]),
        ("AUTH CRAM-MD5", ["334 ???"], ["AUTH CRAM-MD5"]),
    ],
)
def test_a_login_in_other_ways(talk, outgoing, offered, said, heard):
    answers = {"AUTH": [*said, "235 ok"], "DGLT": "334 UGFzc3dvcmQ6"}
    server, channel = talk(answers, offers=(offered,), user="tim", password="tanstaaftanstaaf")
    channel.deliver(outgoing())
    assert server.heard[1 : 1 + len(heard)] == heard


def test_a_server_that_takes_no_password_is_for_somebody_to_put_right(talk, outgoing):
    _, channel = talk(offers=("AUTH GSSAPI",), user="shop", password="pass")
    assert channel.deliver(outgoing()) == TryLater("127.0.0.1 takes no password, only GSSAPI", misconfigured=True)
