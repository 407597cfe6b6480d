"""A mail server that misbehaves below the protocol, on a real socket of this machine."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence

#: Hangs up without a word.
CUT = "cut"
#: Says nothing until the other side hangs up.
SILENT = "silent"
#: A byte now and then, for as long as the other side listens, at most a few seconds; then the good answer comes.
DRIP = "drip"
#: Line after line of one answer, without an end.
ENDLESS = "endless"
#: One line without an end.
LONG = "long"
#: Bytes that are no SMTP.
GARBAGE = "garbage"

#: What a server says that has nothing against anybody.
GOOD = {
    "banner": "220 hostile ESMTP",
    "STARTTLS": "220 go on",
    "AUTH": "235 2.7.0 welcome",
    "MAIL": "250 2.1.0 Ok",
    "RCPT": "250 2.1.5 Ok",
    "DATA": "354 go on",
    "dot": "250 2.0.0 Ok: queued as ABC123",
    "RSET": "250 2.0.0 Ok",
    "QUIT": "221 2.0.0 bye",
}
_DRIPS = 300


class HostileSmtp:
    """Answers each stage as told: `banner EHLO STARTTLS AUTH MAIL RCPT DATA dot RSET`.

    An answer is a text, one of the words above, or a list of them: one for each time the stage is reached, the last one for ever.
    Under an address instead of a stage stands the answer to `RCPT` for it.
    """

    def __init__(
        self,
        answers: Mapping[str, str | Sequence[str]] | None = None,
        *,
        offers: Sequence[str] = ("PIPELINING", "SIZE 10485760"),
        starttls: ssl.SSLContext | None = None,
        implicit: ssl.SSLContext | None = None,
        injected: bytes = b"",
    ) -> None:
        """`injected`: sent in the open behind the answer to STARTTLS."""
        self.answers = {stage: [given] if isinstance(given, str) else list(given) for stage, given in (answers or {}).items()}
        self.letters: list[tuple[str, bytes]] = []
        """Recipient and bytes of each letter whose final dot came, whatever was answered."""
        self.connections = 0
        self.heard: list[str] = []
        self.on_letter: Callable[[], None] = lambda: None
        self._offers = [*offers, *(["STARTTLS"] if starttls else [])]
        self._starttls, self._implicit, self._injected = starttls, implicit, injected
        self._ended = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Nobody listens any more."""
        self._ended.set()
        self._socket.close()

    def count(self, verb: str) -> int:
        """How often a command came."""
        return sum(line.upper().startswith(verb) for line in self.heard)

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            if self._implicit is not None:
                connection = self._implicit.wrap_socket(connection, server_side=True)
            _Conversation(self, connection).go()
        except (OSError, ValueError):
            pass
        finally:
            connection.close()

    def answer(self, stage: str) -> str:
        """The next answer of a stage."""
        given = self.answers.get(stage)
        if given:
            return given.pop(0) if len(given) > 1 else given[0]
        if stage == "EHLO":
            return "\r\n".join(f"250{'-' if place < len(self._offers) else ' '}{line}" for place, line in enumerate(["hi", *self._offers]))
        return GOOD.get(stage, "502 5.5.2 what?")


class _Conversation:
    """One connection."""

    def __init__(self, server: HostileSmtp, connection: socket.socket) -> None:
        self._server = server
        self._connection = connection
        self._reader = connection.makefile("rb")

    def go(self) -> None:
        if not self._say("banner"):
            return
        recipient = ""
        while line := self._reader.readline():
            text = line.decode("utf-8", "replace").rstrip("\r\n")
            self._server.heard.append(text)
            verb = text.split(" ")[0].upper()
            stage = verb
            if verb == "RCPT":
                recipient = text.partition("<")[2].partition(">")[0]
                stage = recipient if recipient in self._server.answers else verb
            if not self._say(stage) or verb == "QUIT":
                return
            if verb == "RCPT" and not self._last.startswith("2"):
                recipient = ""
            if verb == "STARTTLS" and self._server._starttls is not None:
                self._connection = self._server._starttls.wrap_socket(self._connection, server_side=True)
                self._reader = self._connection.makefile("rb")
            if verb == "DATA" and self._last.startswith("354"):
                letter = b""
                while (line := self._reader.readline()) and line != b".\r\n":
                    letter += line
                if not line:
                    return
                if not recipient:
                    self._connection.sendall(b"554 5.5.1 nobody to take it\r\n")
                    continue
                self._server.letters.append((recipient, letter))
                self._server.on_letter()
                if not self._say("dot"):
                    return

    def _say(self, stage: str) -> bool:
        self._last = said = self._server.answer(stage)
        match said:
            case "cut":
                self._connection.shutdown(socket.SHUT_RDWR)
                return False
            case "silent":
                self._wait_until_left()
                return False
            case "drip":
                for _ in range(_DRIPS):
                    self._connection.sendall(b"2")
                    if self._server._ended.wait(0.01):
                        return False
                return False
            case "endless":
                while not self._server._ended.is_set():
                    self._connection.sendall(b"250-and another thing\r\n" * 100)
                return False
            case "long":
                while not self._server._ended.is_set():
                    self._connection.sendall(b"250 " + b"x" * 65536)
                return False
            case "garbage":
                self._connection.sendall(b"\x00\xff\xfe\x80 \r\n\x16\x03\x01\r\n")
                return True
            case _:
                self._connection.sendall(f"{said}\r\n".encode() + (self._server._injected if stage == "STARTTLS" else b""))
                return True

    def _wait_until_left(self) -> None:
        while self._reader.readline():
            pass
