"""The words of SMTP over one connection: every wait has an end, every answer a size, and nothing is believed that came before TLS.

`smtplib` waits for each piece of an answer anew and keeps an answer however long it is:
a server that dribbles or never stops would hold up every letter.
"""

from __future__ import annotations

import base64
import contextlib
import hmac
import re
import socket
import ssl
import threading
from collections.abc import Sequence

import attrs

from interpreter import clock

#: What one answer may hold: longer ones are cut off with their connection.
_LONGEST_LINE = 4096
_MOST_LINES = 200
_PIECE = 16_384
_NO_TIME = 0.0001
#: Seconds that saying goodbye may take.
_GOODBYE = 1.0

_LINE = re.compile(rb"([2-5][0-9][0-9])([ -]?)(.*)")
#: What a terminal or a log could take for an order.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@attrs.frozen(slots=True)
class Reply:
    """An answer: its code, and its text in one line."""

    code: int
    text: str

    @property
    def good(self) -> bool:
        """2xx"""
        return 200 <= self.code < 300

    def __str__(self) -> str:
        """`550 5.1.1 no such user`"""
        return f"{self.code} {self.text}".rstrip()


class BrokenError(Exception):
    """The conversation ended where it should not have: a sentence."""

    def __init__(self, sentence: str, *, timed_out: bool = False) -> None:
        super().__init__(sentence)
        self.timed_out = timed_out


class UnfitError(Exception):
    """The server does not do what scn.toml asks for, or does not let us in: somebody must put it right. A sentence."""


class NotNowError(Exception):
    """The server will not talk to us now: a sentence."""


class Wire:
    """One connection. Raises BrokenError wherever it waits; then it is of no use any more."""

    def __init__(self, host: str, port: int, timeout: float) -> None:
        """`timeout`: seconds for each answer."""
        self.host = host
        self.port = port
        self.extensions: dict[str, str] = {}
        self._timeout = timeout
        self._socket: socket.socket | None = None
        self._buffer = bytearray()

    # ------------------------------------------------------------------------------------------------ getting there

    def connect(self, tls: str, context: ssl.SSLContext | None) -> None:
        """Up to the server's greeting and what it offers; `tls`: `implicit`, `starttls` or `none`.

        Raises BrokenError, UnfitError, NotNowError.
        """
        end = clock.stopwatch() + self._timeout
        try:
            self._socket = self._reach(end)
            # A letter is a few small packets; waiting to join them would cost 40 ms a letter.
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except TimeoutError as problem:
            raise BrokenError(self._too_long(), timed_out=True) from problem
        except (OSError, UnicodeError) as problem:
            said = getattr(problem, "strerror", None) or "it is no name of a host"
            raise BrokenError(f"cannot reach {self.host}:{self.port}: {said}") from problem
        if tls == "implicit":
            self._encrypt(context)
        greeting = self.reply()
        if not greeting.good:
            self._turned_away(greeting)
        self._hello()
        if tls == "starttls":
            if "STARTTLS" not in self.extensions:
                raise UnfitError(f'{self.host} offers no encryption (STARTTLS); for a server without TLS write `tls = "none"`')
            answer = self.command("STARTTLS")
            if not answer.good:
                self._turned_away(answer)
            if self._buffer:
                # Said in the open, to be taken for what was said behind the lock (CVE-2011-0411).
                raise UnfitError(f"{self.host} spoke on before the connection was encrypted; somebody may stand between")
            self._encrypt(context)
            self._hello()

    def login(self, user: str, password: str) -> None:
        """Raises BrokenError, UnfitError, NotNowError."""
        offered = self.extensions.get("AUTH", "").upper().split()
        known = [name for name in ("PLAIN", "LOGIN", "CRAM-MD5") if name in offered]
        if not known:
            raise UnfitError(f"{self.host} takes no password" + (f", only {' '.join(offered)}" if offered else ""))
        answer = Reply(0, "")
        for name in known:
            answer = self._authenticate(name, user.encode(), password.encode())
            # 504: offered, but not known after all.
            if answer.good or answer.code != 504:
                break
        # 503: it knows us already.
        if not answer.good and answer.code != 503:
            self._turned_away(answer)

    def _authenticate(self, name: str, user: bytes, password: bytes) -> Reply:
        if name == "PLAIN":
            return self.command("AUTH PLAIN " + _base64(b"\0".join((b"", user, password))))
        answer = self.command(f"AUTH {name}")
        if answer.code == 334 and name == "LOGIN":
            answer = self.command(_base64(user))
            return self.command(_base64(password)) if answer.code == 334 else answer
        if answer.code == 334:
            try:
                challenge = base64.b64decode(answer.text)
            except ValueError as problem:
                raise BrokenError(f"{self.host} answered with what is no SMTP") from problem
            return self.command(_base64(user + b" " + hmac.digest(password, challenge, "md5").hex().encode()))
        return answer

    def _turned_away(self, answer: Reply) -> None:
        said = f"{self.host} said {answer}"[:300]
        raise UnfitError(said) if answer.code >= 500 else NotNowError(said)

    def _reach(self, end: float) -> socket.socket:
        problem: OSError = OSError(None, "it has no address")
        for family, kind, protocol, _name, address in _addresses(self.host, self.port, self._timeout):
            found = socket.socket(family, kind, protocol)
            try:
                found.settimeout(max(0.001, end - clock.stopwatch()))
                found.connect(address)
            except OSError as failed:
                problem = failed
                found.close()
            else:
                return found
        raise problem

    def _encrypt(self, context: ssl.SSLContext | None) -> None:
        assert self._socket is not None
        assert context is not None
        try:
            self._socket.settimeout(self._timeout)
            self._socket = context.wrap_socket(self._socket, server_hostname=self.host)
        except ssl.SSLCertVerificationError as problem:
            raise UnfitError(f"the certificate of {self.host} is not good: {problem.verify_message}") from problem
        except TimeoutError as problem:
            raise BrokenError(self._too_long(), timed_out=True) from problem
        except (OSError, ValueError) as problem:
            said = getattr(problem, "reason", None) or getattr(problem, "strerror", None) or "the connection broke"
            raise BrokenError(f"no encrypted connection to {self.host}:{self.port}: {_one_line(str(said))}") from problem

    def _hello(self) -> None:
        self.extensions = {}
        name = self._own_name()
        answer = self.command(f"EHLO {name}")
        if answer.good:
            for line in answer.text.split("\n")[1:]:
                word, _, rest = line.strip().partition(" ")
                self.extensions[word.upper()] = rest
            return
        if answer.code < 500 or answer.code == 554:
            self._turned_away(answer)
        answer = self.command(f"HELO {name}")
        if not answer.good:
            self._turned_away(answer)

    def _own_name(self) -> str:
        """No question to a name server: it could take longer than the letter."""
        name = socket.gethostname()
        if "." in name and re.fullmatch(r"[A-Za-z0-9.-]+", name):
            return name
        assert self._socket is not None
        try:
            own = str(self._socket.getsockname()[0])
        except OSError:
            own = "127.0.0.1"
        return f"[IPv6:{own}]" if ":" in own else f"[{own}]"

    # ----------------------------------------------------------------------------------------------------- talking

    def command(self, line: str) -> Reply:
        """One line and its answer."""
        self.send(line.encode("utf-8", "replace") + b"\r\n")
        return self.reply()

    def group(self, lines: Sequence[str]) -> list[Reply]:
        """Some lines and their answers: sent at once where the server takes that (RFC 2920), else until one is refused."""
        if self.pipelines:
            self.send(self.lines(lines))
            return self.replies(len(lines))
        answers: list[Reply] = []
        for line in lines:
            answers.append(self.command(line))
            if answers[-1].code >= 400:
                break
        return answers

    @property
    def pipelines(self) -> bool:
        """Whether it takes several lines at once."""
        return "PIPELINING" in self.extensions

    @staticmethod
    def lines(lines: Sequence[str]) -> bytes:
        """As they travel."""
        return "".join(f"{line}\r\n" for line in lines).encode("utf-8", "replace")

    def replies(self, count: int) -> list[Reply]:
        """The answers to lines that were sent at once; behind a 421 comes none."""
        answers: list[Reply] = []
        while len(answers) < count and not (answers and answers[-1].code == 421):
            answers.append(self.reply())
        return answers

    def send(self, data: bytes) -> None:
        """Hands over bytes. Raises BrokenError: the last of them were not handed over."""
        assert self._socket is not None
        try:
            self._socket.settimeout(self._timeout)
            self._socket.sendall(data)
        except TimeoutError as problem:
            raise BrokenError(self._too_long(), timed_out=True) from problem
        except OSError as problem:
            raise BrokenError(f"{self.host} closed the connection") from problem

    def reply(self) -> Reply:
        """The next answer: whole within `timeout`, however slowly it comes."""
        end = clock.stopwatch() + self._timeout
        lines: list[str] = []
        while len(lines) < _MOST_LINES:
            found = _LINE.fullmatch(self._line(end))
            if found is None:
                raise BrokenError(f"{self.host} answered with what is no SMTP")
            lines.append(_one_line(found[3].decode("utf-8", "replace")))
            if found[2] != b"-":
                return Reply(int(found[1]), "\n".join(lines))
        raise BrokenError(f"{self.host} answered without an end")

    def _line(self, end: float) -> bytes:
        assert self._socket is not None
        start = 0
        while (place := self._buffer.find(b"\n", start)) < 0:
            start = len(self._buffer)
            if start > _LONGEST_LINE:
                raise BrokenError(f"{self.host} answered without an end")
            left = end - clock.stopwatch()
            try:
                self._socket.settimeout(max(left, _NO_TIME))
                piece = self._socket.recv(_PIECE)
            except TimeoutError as problem:
                raise BrokenError(self._too_long(), timed_out=True) from problem
            except OSError as problem:
                raise BrokenError(f"{self.host} closed the connection") from problem
            if not piece:
                raise BrokenError(f"{self.host} closed the connection")
            self._buffer += piece
        line = bytes(self._buffer[:place])
        del self._buffer[: place + 1]
        return line.rstrip(b"\r")

    def _too_long(self) -> str:
        return f"{self.host} did not answer within {self._timeout:g} s"

    # ----------------------------------------------------------------------------------------------------- leaving

    def leave(self) -> None:
        """Says goodbye, and does not wait long for the answer."""
        self._timeout = min(self._timeout, _GOODBYE)
        with contextlib.suppress(BrokenError):
            self.command("QUIT")
        self.drop()

    def drop(self) -> None:
        """Hangs up."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.close()


def _addresses(host: str, port: int, timeout: float) -> list[tuple[int, int, int, str, tuple[object, ...]]]:
    """Name servers are asked by the system, which knows no limit of ours: a question that takes too long is left behind."""
    found: list[object] = []

    def ask() -> None:
        try:
            found.append(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as problem:
            found.append(problem)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(timeout)
    if not found:
        raise TimeoutError
    if isinstance(found[0], Exception):
        raise found[0]
    return found[0]  # type: ignore[return-value]


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _one_line(text: str) -> str:
    return " ".join(_UNSEEN.sub(" ", text).split())
