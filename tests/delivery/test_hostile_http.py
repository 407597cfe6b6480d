"""Messages through HTTP services that misbehave: whatever they do, the message waits, is given up for its own fault, or is unsure."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

import pytest

from interpreter.config import Settings
from interpreter.delivery.channels.http import HttpChannel
from interpreter.delivery.message import Accepted
from interpreter.delivery.message import Refused
from interpreter.delivery.message import TryLater
from interpreter.delivery.message import Unknown
from tests.hostile import http
from tests.hostile.http import answer

GOOD = answer(200, '{"id": "sms-1"}')
NINE = "Sun, 01 Mar 2026 09:00:00 GMT"
CYRILLIC = answer(400, "плохой номер".encode("cp1251"), Content_Type="text/plain; charset=windows-1251")


@pytest.fixture
def ask(web_server) -> Iterator[Callable[..., tuple[Any, HttpChannel]]]:
    """A service and the channel that goes to it."""
    channels = []

    def start(*answers, tls=None, path="/send", **values):
        server = web_server(*answers, tls=tls)
        channel = HttpChannel(Settings("channels.sms", {"timeout": 5, "url": f"{server.url}{path}", **values}), "Shop")
        channels.append(channel)
        return server, channel

    yield start
    for channel in channels:
        channel.close()


# --------------------------------------------------------------------------------------------------------- no answer


@pytest.mark.parametrize(
    "said",
    [
        http.CUT, http.CUT_AT_ONCE, http.RESET, http.SILENT, http.SILENT_BEFORE, http.DRIP, http.ENDLESS_HEAD,
        b"\x00\xff\x16\x03\r\n\r\n", b"HTTP/1.1 2oo fine\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", b"HTTP/1.1 200",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 60000 + b"\r\n",
    ],
    ids=["cut", "cut at once", "reset", "silent", "silent before the body", "dripping head", "endless head", "garbage", "no status",
         "negative length", "half a line", "too many headers"],
)  # fmt: skip
def test_without_an_answer_a_message_is_unsure_unless_its_key_makes_it_safe(ask, outgoing, said):
    server, channel = ask(said, GOOD, timeout=0.15)
    assert isinstance(channel.deliver(outgoing()), Unknown)
    # The next one is not harmed by it.
    assert channel.deliver(outgoing(2)) == Accepted("sms-1")

    server, channel = ask(said, GOOD, timeout=0.15, idempotency_header="Idempotency-Key")
    receipt = channel.deliver(outgoing())
    assert isinstance(receipt, TryLater)
    assert receipt.perhaps_delivered
    assert channel.deliver(outgoing()) == Accepted("sms-1")
    assert server.keys() == ["j1-s2", "j1-s2"]


@pytest.mark.parametrize("said", [http.SILENT, http.DRIP])
def test_what_takes_too_long_is_said_so(ask, outgoing, said):
    _, channel = ask(said, timeout=0.1)
    assert channel.deliver(outgoing()) == Unknown("127.0.0.1 did not answer: it took too long")


# ------------------------------------------------------------------------------------- an answer that is not all there


@pytest.mark.parametrize(
    "said",
    [
        http.DRIP_BODY,
        http.ENDLESS,
        b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"id": ',
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\ngarbage",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
    ],
    ids=["drips", "endless", "cut", "garbage of chunks", "cut chunk"],
)  # fmt: skip
def test_the_status_counts_although_the_rest_is_lost(ask, outgoing, said):
    server, channel = ask(said, timeout=0.3)
    if not said.startswith(b"HTTP"):
        assert channel.deliver(outgoing()) == Accepted("")
    else:
        # Cut off behind what was sent.
        server.answers = [said, http.CUT]
        assert channel.deliver(outgoing()) == Accepted("")


@pytest.mark.parametrize("said", [http.DRIP_BODY, http.ENDLESS])
def test_where_the_text_would_tell_a_lost_text_is_unsure(ask, outgoing, said):
    server, channel = ask(said, timeout=0.3, success='"status":"ok"')
    assert isinstance(channel.deliver(outgoing()), Unknown)
    # Of an endless answer no more is taken than fits into the pipes between two programs.
    assert server.sent < 50_000_000


def test_an_endless_refusal_is_a_refusal(ask, outgoing):
    _, channel = ask(answer(422, "x" * 5_000_000))
    assert channel.deliver(outgoing()) == Refused("127.0.0.1 said 422 " + "x" * 200)


def test_an_answer_is_read_packed_too_and_never_unpacked_beyond_reason(ask, outgoing):
    bomb = gzip.compress(b'{"status":"ok"}' + b" " * 5_000_000)
    server, channel = ask(answer(200, bomb, Content_Encoding="gzip"), success='"status":"ok"')
    assert isinstance(channel.deliver(outgoing()), Accepted)
    assert server.asked[0].headers["accept-encoding"] == "identity"
    server.will_say(answer(200, b"no gzip", Content_Encoding="gzip"))
    assert isinstance(channel.deliver(outgoing()), Refused)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (answer(200, "[" * 60_000), Accepted("")),
        (answer(200, '{"id": ' + "9" * 6000 + "}"), Accepted("")),
        (answer(200, '{"id": {"a": 1}}'), Accepted("")),
        (answer(200, '{"id": "a\\u001b[2Jb"}'), Accepted("a [2Jb")),
        (answer(200, "\xff\xfe not JSON".encode("latin-1"), Content_Type="application/json; charset=klingon"), Accepted("")),
        (answer(204), Accepted("")),
        (CYRILLIC, Refused("127.0.0.1 said 400 плохой номер")),
        (answer(400, "\x1b]0;owned\x07\r\nX"), Refused("127.0.0.1 said 400  ]0;owned X")),
    ],
    ids=["deep JSON", "huge number", "odd id", "terminal", "odd charset", "empty", "cp1251", "orders for a terminal"],
)  # fmt: skip
def test_odd_texts_do_no_harm(ask, outgoing, said, expected):
    _, channel = ask(said)
    assert channel.deliver(outgoing()) == expected


# ------------------------------------------------------------------------------------------------- what a status means


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (answer(429, "", Retry_After="120"), TryLater("127.0.0.1 said 429", 120)),
        (answer(429, "", Retry_After="99999999999999999999"), TryLater("127.0.0.1 said 429")),
        (answer(429, "", Retry_After="9" * 5000), TryLater("127.0.0.1 said 429")),
        (answer(429, "", Retry_After="-5"), TryLater("127.0.0.1 said 429")),
        (answer(429, "", Retry_After="²"), TryLater("127.0.0.1 said 429")),
        (answer(429, "", Retry_After="Sun, 01 Mar 2026 09:02:00 GMT", Date=NINE), TryLater("127.0.0.1 said 429", 120)),
        (answer(429, "", Retry_After="Sun, 01 Mar 2020 09:02:00 GMT", Date=NINE), TryLater("127.0.0.1 said 429", 0)),
        (answer(429, "", Retry_After="Sun, 01 Mar 2026 09:02:00 GMT"), TryLater("127.0.0.1 said 429")),
        (answer(429, "", Retry_After="Sun, 99 Foo 99999 09:02:00 GMT", Date="soon"), TryLater("127.0.0.1 said 429")),
        (answer(500), TryLater("127.0.0.1 said 500")),
        (answer(502), TryLater("127.0.0.1 said 502")),
        (answer(503), TryLater("127.0.0.1 said 503")),
        (answer(504), Unknown("127.0.0.1 said 504")),
        (answer(524), Unknown("127.0.0.1 said 524")),
        (answer(401), TryLater("127.0.0.1 said 401", misconfigured=True)),
        (answer(402, "no money"), TryLater("127.0.0.1 said 402 no money")),
        (answer(403), TryLater("127.0.0.1 said 403")),
        (answer(404), TryLater("127.0.0.1 said 404")),
        (answer(405), TryLater("127.0.0.1 said 405")),
        (answer(400), Refused("127.0.0.1 said 400")),
        (answer(409), Refused("127.0.0.1 said 409")),
        (answer(413), Refused("127.0.0.1 said 413")),
        (answer(422, "bad phone"), Refused("127.0.0.1 said 422 bad phone")),
        (answer(303, "", Location="/done"), Unknown("127.0.0.1 said 303")),
    ],
)  # fmt: skip
def test_a_message_is_given_up_only_for_its_own_fault(ask, outgoing, said, expected):
    _, channel = ask(said)
    assert channel.deliver(outgoing()) == expected


@pytest.mark.parametrize("status", [404, 405, 410])
def test_an_address_made_for_one_customer_may_be_his_fault(ask, outgoing, status):
    _, channel = ask(answer(status), path="/send/{{ to }}")
    assert channel.deliver(outgoing()) == Refused(f"127.0.0.1 said {status}")


@pytest.mark.parametrize("status", [301, 307, 308])
def test_a_service_that_has_moved_is_not_followed_with_the_customers_data(ask, web_server, outgoing, status):
    elsewhere = web_server(GOOD)
    _, channel = ask(answer(status, "", Location=elsewhere.url))
    receipt = channel.deliver(outgoing())
    assert isinstance(receipt, TryLater)
    assert receipt.misconfigured
    assert receipt.reason.endswith("the service has moved; write its new address as `url` of [channels.sms]")
    assert elsewhere.asked == []


def test_a_key_that_is_still_at_work_is_asked_for_again(ask, outgoing):
    server, channel = ask(answer(409, "in progress"), GOOD, idempotency_header="X-Key")
    assert channel.deliver(outgoing()) == TryLater("127.0.0.1 said 409 in progress", perhaps_delivered=True)
    assert channel.deliver(outgoing()) == Accepted("sms-1")
    assert server.keys("x-key") == ["j1-s2", "j1-s2"]


def test_a_page_is_no_answer_of_a_service_that_says_what_success_is(ask, outgoing):
    _, channel = ask(answer(200, " <!doctype html><h1>Back soon</h1>", Content_Type="text/html"), success='"status":"ok"')
    assert channel.deliver(outgoing()) == TryLater("127.0.0.1 answered with a page, not with an answer")


# -------------------------------------------------------------------------------------------------------- not reached


def test_a_certificate_signed_by_itself_means_later(ask, outgoing, server_tls):
    server, channel = ask(GOOD, tls=server_tls)
    receipt = channel.deliver(outgoing())
    assert isinstance(receipt, TryLater)
    assert not receipt.perhaps_delivered
    assert "certificate" in receipt.reason
    assert server.asked == []


def test_a_handshake_that_fails_means_later(web_server, outgoing):
    plain = web_server(GOOD)
    channel = HttpChannel(Settings("channels.sms", {"timeout": 0.2, "url": plain.url.replace("http:", "https:")}))
    receipt = channel.deliver(outgoing())
    channel.close()
    assert isinstance(receipt, TryLater)
    assert receipt.reason.startswith("cannot reach 127.0.0.1: ")


def test_a_slow_answer_over_tls_is_cut_off_too(ask, outgoing, server_tls, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "cert.pem"))
    _, channel = ask(http.DRIP, GOOD, tls=server_tls, timeout=0.2)
    assert channel.deliver(outgoing()) == Unknown("127.0.0.1 did not answer: it took too long")
    assert isinstance(channel.deliver(outgoing()), Accepted)


@pytest.mark.parametrize("host", ["host.invalid", "a..b", "x" * 70 + ".example"])
def test_a_host_that_does_not_exist_means_later(outgoing, host):
    channel = HttpChannel(Settings("channels.sms", {"timeout": 2, "url": f"http://{host}/send"}))
    receipt = channel.deliver(outgoing())
    channel.close()
    assert isinstance(receipt, TryLater)
    assert not receipt.perhaps_delivered


def test_a_limit_that_comes_too_late_cuts_nobody(ask, outgoing, monkeypatch):
    """The connection is kept: what was to end one request must not end the next."""
    limits = []

    class Timer(threading.Timer):
        def start(self):
            limits.append(self.function)

    monkeypatch.setattr(threading, "Timer", Timer)
    server, channel = ask(GOOD)
    for number in range(3):
        assert channel.deliver(outgoing(number)) == Accepted("sms-1")
        limits[-1]()
    assert (len(limits), server.connections) == (3, 1)
