"""An HTTP service that misbehaves below the protocol, on a real socket of this machine."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Sequence

import attrs

#: Hangs up without a word, when the request is read.
CUT = b"cut"
#: The same, at once.
CUT_AT_ONCE = b"cut at once"
#: The same, with a reset.
RESET = b"reset"
#: Says nothing until the other side hangs up, when the request is read.
SILENT = b"silent"
#: The same, without reading the body.
SILENT_BEFORE = b"silent before"
#: A byte of a header now and then, at most for a few seconds.
DRIP = b"drip"
#: A good answer whose body comes a byte now and then.
DRIP_BODY = b"drip body"
#: A good answer without an end.
ENDLESS = b"endless"
#: Headers without an end.
ENDLESS_HEAD = b"endless head"
_DRIPS = 300


@attrs.frozen
class Asked:
    """A request that was read."""

    line: str
    headers: dict[str, str]
    body: bytes


def answer(status: int, body: bytes | str = b"", **headers: str) -> bytes:
    """A whole answer. Names of headers: with `_` for `-`."""
    data = body.encode() if isinstance(body, str) else body
    given = {"Content-Length": str(len(data)), **{name.replace("_", "-"): value for name, value in headers.items()}}
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"HTTP/1.1 {status} said\r\n{head}\r\n".encode("latin-1") + data


class HostileHttp:
    """Answers each request as told: bytes that are sent as they are, or one of the words above; the last answer for ever."""

    def __init__(self, *answers: bytes, tls: ssl.SSLContext | None = None) -> None:
        self.answers: list[bytes] = list(answers)
        self.asked: list[Asked] = []
        self.connections = 0
        self.sent = 0
        """Bytes of an endless answer that the other side took."""
        self._tls = tls
        self._ended = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Nobody listens any more."""
        self._ended.set()
        self._socket.close()

    def will_say(self, *answers: bytes) -> None:
        """From now on."""
        self.answers = list(answers)

    def keys(self, header: str = "idempotency-key") -> Sequence[str | None]:
        """A header of all requests."""
        return [asked.headers.get(header) for asked in self.asked]

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            found = connection
            if self._tls is not None:
                found = self._tls.wrap_socket(connection, server_side=True)
            with found, found.makefile("rb") as reader:
                while line := reader.readline():
                    headers: dict[str, str] = {}
                    while (head := reader.readline()) not in {b"", b"\r\n"}:
                        name, _, value = head.decode("latin-1").partition(":")
                        headers[name.strip().lower()] = value.strip()
                    said = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                    body = b"" if said in {SILENT_BEFORE, CUT_AT_ONCE} else reader.read(int(headers.get("content-length") or 0))
                    self.asked.append(Asked(line.decode("latin-1").strip(), headers, body))
                    if not self._say(found, said):
                        return

    def _say(self, connection: socket.socket, said: bytes) -> bool:
        if said in {CUT, CUT_AT_ONCE}:
            connection.shutdown(socket.SHUT_RDWR)
        elif said == RESET:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif said in {SILENT, SILENT_BEFORE}:
            while connection.recv(4096):
                pass
        elif said in {DRIP, DRIP_BODY}:
            connection.sendall(b"HTTP/1.1 200 OK\r\n" + (b"X: " if said == DRIP else b"Content-Length: 9999\r\n\r\n"))
            for _ in range(_DRIPS):
                connection.sendall(b"x")
                if self._ended.wait(0.01):
                    break
        elif said in {ENDLESS, ENDLESS_HEAD}:
            connection.sendall(b"HTTP/1.1 200 OK\r\n" + (b"\r\n" if said == ENDLESS else b"X: "))
            while not self._ended.is_set():
                connection.sendall(b"x" * 65536)
                self.sent += 65536
        else:
            connection.sendall(said)
            return True
        return False
