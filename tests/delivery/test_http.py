"""Messages to a real HTTP server on this machine."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from typing import Any

import pytest

from interpreter.config import Settings
from interpreter.delivery.channels.http import HttpChannel
from interpreter.delivery.message import Accepted
from interpreter.delivery.message import Refused
from interpreter.delivery.message import TryLater
from interpreter.delivery.message import Unknown
from interpreter.errors import UserError


class Api(ThreadingHTTPServer):
    """Keeps what it was asked; answers as told. `hang`: reads the request and says nothing; `cut`: reads it and hangs up."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        self.connections = 0
        self.answer: tuple[int, dict[str, str], str] = (200, {}, '{"id": "sms-1"}')
        self.behaviour = ""
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def process_request(self, request, client_address):
        self.connections += 1
        super().process_request(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Api

    def _any(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        self.server.asked.append((self.command, self.path, {name.lower(): value for name, value in self.headers.items()}, body))
        if self.server.behaviour == "hang":
            self.server.released.wait(10)
        if self.server.behaviour == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if self.server.behaviour:
            self.close_connection = True
            self.connection.close()
            return
        status, headers, text = self.server.answer
        self.send_response_only(status)
        for name, value in {"Content-Length": str(len(text.encode())), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text.encode())

    do_POST = do_GET = do_PUT = _any  # noqa: N815 - the library's names

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def api() -> Iterator[Api]:
    server = Api()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.released.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def channel(api) -> Iterator[Callable[..., HttpChannel]]:
    made = []

    def make(**values: Any) -> HttpChannel:
        found = HttpChannel(Settings("channels.sms", {"url": f"{api.url}/send", "timeout": 5, **values}), "Shop")
        found.open()
        made.append(found)
        return found

    yield make
    for found in made:
        found.close()


@pytest.fixture
def sms(outgoing):
    return lambda **changes: outgoing(
        **{"channel": "sms", "to": "+79001234567", "text": 'Он сказал "да"\n\\', "from_": None, "html": None, **changes}
    )


def asked_body(api: Api) -> Any:
    return json.loads(api.asked[-1][3])


def test_a_table_of_the_body_is_filled_in_and_keeps_types(api, channel, sms):
    body = {
        "phone": "{{ to }}",
        "text": "{{ text }}!",
        "sender": "{{ from }}",
        "push": "{{ payload }}",
        "at": "{{ at }}",
        "on": True,
        "tags": ["{{ scenario }}", 1],
    }
    assert channel(body=body).deliver(sms(payload={"title": "x"})) == Accepted("sms-1")
    method, path, headers, _ = api.asked[0]
    assert (method, path, headers["content-type"]) == ("POST", "/send", "application/json")
    assert asked_body(api) == {
        "phone": "+79001234567", "text": 'Он сказал "да"\n\\!', "sender": "Shop", "push": {"title": "x"}, "at": 1772355600, "on": True,
        "tags": ["reviews", 1],
    }  # fmt: skip


def test_a_text_body_is_json_that_no_value_breaks_out_of(api, channel, sms):
    channel(body='{"to": "{{ to }}", "text": "{{ text }}", "all": {{ payload | tojson }}}').deliver(
        sms(to='1", "admin": "yes', payload={"a": 1})
    )
    assert asked_body(api) == {"to": '1", "admin": "yes', "text": 'Он сказал "да"\n\\', "all": {"a": 1}}


def test_values_in_an_address_and_a_form_are_quoted(api, channel, sms):
    found = channel(
        url=f"{api.url}/send?to={{{{ to }}}}",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        body="to={{ to }}&text={{ text }}",
    )
    found.deliver(sms(to="+7&admin=1#", text="да"))
    _, path, _, body = api.asked[0]
    assert path == "/send?to=%2B7%26admin%3D1%23"
    assert body == b"to=%2B7%26admin%3D1%23&text=%D0%B4%D0%B0"


def test_a_form_may_be_a_table(api, channel, sms):
    channel(headers={"content-type": "application/x-www-form-urlencoded"}, body={"to": "{{ to }}"}).deliver(sms())
    assert api.asked[0][3] == b"to=%2B79001234567"


def test_without_a_body_everything_known_is_sent(api, channel, sms):
    channel().deliver(sms())
    assert asked_body(api)["to"] == "+79001234567"
    assert asked_body(api)["key"] == "j1-s2"
    channel(method="GET").deliver(sms())
    assert api.asked[1][0] == "GET"
    assert api.asked[1][3] == b""


def test_secrets_stay_as_they_are_whatever_signs_they_have(api, channel, sms, monkeypatch):
    monkeypatch.setenv("TOKEN", "{{ to }}{%")
    channel(headers={"Authorization": "Bearer env:TOKEN", "X-To": "{{ to }}"}, body={"key": "env:TOKEN"}).deliver(sms())
    assert api.asked[0][2]["authorization"] == "Bearer {{ to }}{%"
    assert api.asked[0][2]["x-to"] == "+79001234567"
    assert asked_body(api) == {"key": "{{ to }}{%"}


def test_what_a_customer_wrote_is_neither_a_template_nor_a_secret_nor_a_header(api, channel, sms, monkeypatch):
    monkeypatch.setenv("TOKEN", "secret")
    channel(headers={"X-Text": "{{ text }}"}, body={"text": "{{ text }}"}).deliver(sms(text="env:TOKEN {{ 7*7 }}\r\nX-Admin: 1"))
    assert asked_body(api) == {"text": "env:TOKEN {{ 7*7 }}\r\nX-Admin: 1"}
    assert api.asked[0][2]["x-text"] == "env:TOKEN {{ 7*7 }} X-Admin: 1"
    assert "x-admin" not in api.asked[0][2]


def test_a_batch_uses_one_connection(api, channel, sms):
    found = channel()
    for _ in range(4):
        found.deliver(sms())
    assert (len(api.asked), api.connections) == (4, 1)


# ---------------------------------------------------------------------------------------------------------- answers


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ((202, {}, ""), Accepted("")),
        ((200, {}, '{"message_id": 17}'), Accepted("17")),
        ((200, {}, "[1]"), Accepted("")),
        ((400, {}, "bad phone"), Refused("127.0.0.1 said 400 bad phone")),
        ((302, {"Location": "http://elsewhere.example"}, ""), Unknown("127.0.0.1 said 302")),
        ((429, {"Retry-After": "120"}, ""), TryLater("127.0.0.1 said 429", 120)),
        (
            (503, {"Retry-After": "Sun, 01 Mar 2026 09:02:00 GMT", "Date": "Sun, 01 Mar 2026 09:00:00 GMT"}, ""),
            TryLater("127.0.0.1 said 503", 120),
        ),
        ((503, {"Retry-After": "soon"}, ""), TryLater("127.0.0.1 said 503")),
        ((500, {}, "oops\r\n"), TryLater("127.0.0.1 said 500 oops")),
        ((401, {}, ""), TryLater("127.0.0.1 said 401", misconfigured=True)),
        ((504, {}, ""), Unknown("127.0.0.1 said 504")),
    ],
)
def test_the_answer_decides(api, channel, sms, answer, expected):
    api.answer = answer
    assert channel().deliver(sms()) == expected


@pytest.mark.parametrize(
    ("success", "answer", "good"),
    [
        (202, (202, {}, ""), True),
        (202, (200, {}, ""), False),
        ((200, 409), (409, {}, ""), True),
        ('"status":"ok"', (200, {}, '{"status":"ok"}'), True),
        ('"status":"ok"', (200, {}, '{"status":"no money"}'), False),
        ('"status":"ok"', (500, {}, '{"status":"ok"}'), False),
    ],
)
def test_the_project_may_say_what_success_is(api, channel, sms, success, answer, good):
    api.answer = answer
    assert isinstance(channel(success=success).deliver(sms()), Accepted) is good


@pytest.mark.parametrize("behaviour", ["hang", "cut", "reset"])
def test_a_lost_answer_is_unsure_unless_the_key_makes_it_safe(api, channel, sms, behaviour):
    api.behaviour = behaviour
    assert isinstance(channel(timeout=0.3).deliver(sms()), Unknown)
    safe = channel(timeout=0.3, idempotency_header="Idempotency-Key")
    assert safe.idempotent
    receipt = safe.deliver(sms())
    assert isinstance(receipt, TryLater)
    assert receipt.perhaps_delivered
    assert [headers.get("idempotency-key") for _, _, headers, _ in api.asked] == [None, "j1-s2"]


def test_a_server_that_is_not_there_means_later(sms):
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    receipt = HttpChannel(Settings("channels.sms", {"url": f"http://127.0.0.1:{port}", "timeout": 2})).deliver(sms())
    assert isinstance(receipt, TryLater)
    assert receipt.reason.startswith("cannot reach 127.0.0.1: ")
    assert not receipt.perhaps_delivered


# ---------------------------------------------------------------------------------------------------- mistakes of scn.toml


def test_a_template_that_cannot_be_read_is_said_when_the_channel_is_made():
    with pytest.raises(UserError, match=r"^\[channels.sms\] in scn.toml: `\{\{ to `: "):
        HttpChannel(Settings("channels.sms", {"url": "http://x.example", "body": {"to": "{{ to "}}))


def test_a_secret_that_is_not_set_is_said_when_the_channel_is_made():
    with pytest.raises(UserError, match="the environment variable `TOKEN` is not set"):
        HttpChannel(Settings("channels.sms", {"url": "http://x.example", "headers": {"Authorization": "env:TOKEN"}}))


@pytest.mark.parametrize("body", [{"x": "{{ phone }}"}, {"x": "to {{ phone }}"}, "{{ phone }}"])
def test_an_unknown_name_means_later_and_asks_nobody(api, channel, sms, body):
    assert channel(body=body).deliver(sms()) == TryLater("[channels.sms] cannot be filled in: unknown name `phone`")
    assert api.asked == []
