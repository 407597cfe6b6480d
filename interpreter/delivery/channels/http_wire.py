"""One HTTP request within limits: so many seconds for all of it, however slowly it is answered; of a long answer only the beginning."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import zlib
from collections.abc import Mapping
from typing import Any

import attrs
import httpx

#: Bytes of an answer that are read; nobody's status or number stands behind them.
_MOST = 65_536

#: What a terminal or a log could take for an order.
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class UnreachableError(Exception):
    """Nothing was asked: a sentence."""


class UnansweredError(Exception):
    """It was asked, perhaps, and what came of it is not known: a sentence."""


@attrs.frozen(slots=True)
class Answer:
    """What came back; `whole`: nothing of the text is missing."""

    host: str
    status: int
    headers: Mapping[str, str]
    text: str
    whole: bool

    def __str__(self) -> str:
        """`sms.example said 400 bad phone`"""
        return f"{self.host} said {self.status} {UNSEEN.sub(' ', self.text[:200])}".strip()


class Wire:
    """Connections that are kept for the next request."""

    def __init__(self, seconds: float) -> None:
        """`seconds`: what one request may take in all."""
        self._seconds = seconds
        # A connection that lay idle may be closed by the server just as it is used again: whether it was carried out would be unknown.
        limits = httpx.Limits(keepalive_expiry=1, max_connections=1)
        # Packed, a few bytes of an answer may be gigabytes.
        plain = {"Accept-Encoding": "identity"}
        self.client = httpx.Client(timeout=seconds, limits=limits, headers=plain, follow_redirects=False)
        self._socket: socket.socket | None = None

    def ask(self, request: httpx.Request) -> Answer:
        """Makes a request. Raises UnreachableError, UnansweredError, httpx.LocalProtocolError: a header that HTTP cannot carry."""
        host = request.url.host
        request.extensions = {**request.extensions, "trace": self._trace}
        limit = _Limit(self._seconds, self._cut)
        with limit:
            try:
                response = self.client.send(request, stream=True)
            except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol) as problem:
                raise UnreachableError(f"cannot reach {host}: {_said(problem, late=limit.over)}") from problem
            except UnicodeError as problem:
                raise UnreachableError(f"cannot reach {host}: it is no name of a host") from problem
            except httpx.LocalProtocolError:
                raise
            except httpx.HTTPError as problem:
                raise UnansweredError(f"{host} did not answer: {_said(problem, late=limit.over)}") from problem
            data, whole = _beginning(response)
        return Answer(host, response.status_code, response.headers, _text(response, data), whole)

    def _trace(self, event: str, info: Mapping[str, Any]) -> None:
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            self._socket = info["return_value"].get_extra_info("socket")

    def _cut(self) -> None:
        """Ends a wait from outside: httpx has limits for the pieces of an answer, and none for the sum of them."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                # Not `SSLSocket.shutdown`, which would take the encryption away under the hands of whoever reads.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def close(self) -> None:
        """Lets go of the connections."""
        self.client.close()


class _Limit:
    """Calls `cut` when it has lasted too long, and never afterwards."""

    def __init__(self, seconds: float, cut: Any) -> None:
        self.over = False
        self._cut = cut
        self._lock = threading.Lock()
        self._done = False
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def _end(self) -> None:
        with self._lock:
            if not self._done:
                self.over = True
                self._cut()

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._done = True
        self._timer.cancel()


def _beginning(response: httpx.Response) -> tuple[bytes, bool]:
    """What was read of a body, and whether that is all of it."""
    data = bytearray()
    try:
        for piece in response.iter_raw(_MOST):
            data += piece
            if len(data) >= _MOST:
                return bytes(data[:_MOST]), False
    except httpx.HTTPError:
        return bytes(data), False
    finally:
        with contextlib.suppress(httpx.HTTPError):
            response.close()
    return bytes(data), True


def _text(response: httpx.Response, data: bytes) -> str:
    if response.headers.get("content-encoding", "").lower() in {"gzip", "deflate"}:
        try:
            data = zlib.decompressobj(wbits=47).decompress(data, _MOST)
        except zlib.error:
            data = b""
    try:
        return data.decode(response.charset_encoding or "utf-8", "replace")
    except LookupError:
        return data.decode("utf-8", "replace")


def _said(problem: Exception, *, late: bool) -> str:
    if late or isinstance(problem, httpx.TimeoutException):
        return "it took too long"
    text = UNSEEN.sub(" ", str(problem)).rstrip(".")
    return text[:1].lower() + text[1:200] if text else "the connection broke"
