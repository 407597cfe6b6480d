"""`kind = "smtp"`: letters through a mail server, over one connection for a batch.

What can be known at each stage decides the receipt: until the final dot has been handed over nothing was delivered,
after it only the answer tells.
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import socket
import ssl
from pathlib import Path

from interpreter.config import ChannelConfig
from interpreter.delivery.message import Accepted
from interpreter.delivery.message import Outgoing
from interpreter.delivery.message import Receipt
from interpreter.delivery.message import Refused
from interpreter.delivery.message import TryLater
from interpreter.delivery.message import Unknown
from interpreter.delivery.mime import AddressError
from interpreter.delivery.mime import SenderError
from interpreter.delivery.mime import address
from interpreter.delivery.mime import letter
from interpreter.delivery.mime import sender_address
from interpreter.errors import UserError

_IMPLICIT_TLS_PORT = 465
_ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_QUEUED_AS = re.compile(r"queued as ([\w.-]+)", re.IGNORECASE)
_DOT_AT_START = re.compile(rb"^\.", re.MULTILINE)
#: About us, not about the letter: the service closes, wants a login or TLS. Letters wait until somebody has put it right.
_NOT_LET_IN = frozenset({421, 530, 534, 535, 538})
#: Refusals of an address without an enhanced code that still say: nobody lives here (RFC 5321 §4.2.3).
_NO_SUCH_MAILBOX = frozenset({550, 551, 553})


def make(config: ChannelConfig, _folder: Path) -> SmtpChannel:
    """The channel of a `[channels.NAME]`."""
    settings = config.settings
    port = int(settings.number("port", 587))
    return SmtpChannel(
        host=settings.text("host"),
        port=port,
        tls=settings.text("tls", "implicit" if port == _IMPLICIT_TLS_PORT else "starttls"),
        user=settings.text("user"),
        password=settings.text("password"),
        timeout=settings.number("timeout", 30),
        sender=config.sender,
    )


class SmtpChannel:
    """A mail server. `timeout` in seconds, for each answer."""

    idempotent = False

    def __init__(
        self,
        host: str,
        port: int = 587,
        *,
        tls: str = "starttls",
        user: str = "",
        password: str = "",
        timeout: float = 30,
        sender: str = "",
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.host = host
        self.port = port
        self.sender = sender
        self._tls = tls
        self._user = user
        self._password = password
        self._timeout = timeout
        self._context = context
        self._server: smtplib.SMTP | None = None

    def open(self) -> None:
        """Connections are made when the first letter goes: a server that is down delays letters, it does not stop the tick."""
        if self._password and self._tls == "none":
            raise UserError(f"a password would cross the network in the open to `{self.host}`", 'write `tls = "starttls"` or `"implicit"`')

    def deliver(self, outgoing: Outgoing) -> Receipt:
        """Hands over one letter."""
        try:
            data = letter(outgoing, self.sender)
            origin, recipient = sender_address(outgoing.from_ or self.sender), address(outgoing.to)
        except AddressError as problem:
            return Refused(str(problem), hard_bounce=True)
        except SenderError as problem:
            return TryLater(str(problem))
        reused = self._server is not None
        receipt = self._attempt(origin, recipient, data)
        if reused and self._server is None and isinstance(receipt, TryLater):
            # The server had closed an old connection, or was tired of it; nothing was delivered, so a fresh one may try at once.
            receipt = self._attempt(origin, recipient, data)
        return receipt

    def settle(self) -> None:
        """The server answers for what it accepted."""

    def close(self) -> None:
        """Says goodbye."""
        server, self._server = self._server, None
        if server is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                server.quit()
            server.close()

    def _attempt(self, origin: str, recipient: str, data: bytes) -> Receipt:
        try:
            server = self._server or self._connect()
            refusal = self._envelope(server, origin, recipient)
            if refusal is not None:
                return refusal
            server.send(_DOT_AT_START.sub(b"..", data))
        except (OSError, smtplib.SMTPException) as problem:
            self._drop()
            return TryLater(self._sentence(problem))
        return self._finish(server)

    def _connect(self) -> smtplib.SMTP:
        if self._tls != "none" and self._context is None:
            # Reading the machine's certificates takes longer than the letter: once is enough.
            self._context = ssl.create_default_context()
        context = self._context
        if self._tls == "implicit":
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=self._timeout, context=context)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=self._timeout)
        if server.sock is not None:
            # The letter and its final dot are two small sends; waiting to join them would cost 40 ms a letter.
            server.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            if self._tls == "starttls":
                server.starttls(context=context)
            server.ehlo_or_helo_if_needed()
            if self._user:
                server.login(self._user, self._password)
        except BaseException:
            server.close()
            raise
        self._server = server
        return server

    def _envelope(self, server: smtplib.SMTP, origin: str, recipient: str) -> Receipt | None:
        """Everything before the letter itself; None: the server waits for it. Raises OSError, SMTPException: nothing was handed over."""
        options = []
        if not (origin + recipient).isascii():
            if not server.has_extn("smtputf8"):
                return Refused(f"`{self.host}` takes no addresses outside ASCII")
            options = ["SMTPUTF8"]
        code, answer = server.mail(origin, options)
        if code != 250:
            return self._refusal(server, code, answer)
        code, answer = server.rcpt(recipient)
        if code not in {250, 251}:
            return self._refusal(server, code, answer, of_recipient=True)
        code, answer = server.docmd("data")
        if code != 354:
            return self._refusal(server, code, answer)
        return None

    def _finish(self, server: smtplib.SMTP) -> Receipt:
        """The final dot and its answer."""
        try:
            server.send(b".\r\n")
            code, answer = server.getreply()
        except (OSError, smtplib.SMTPException) as problem:
            self._drop()
            return Unknown(f"the letter was handed over and the answer never came: {self._sentence(problem)}")
        if code != 250:
            return self._refusal(server, code, answer)
        text = _text(answer)
        queued = _QUEUED_AS.search(text)
        return Accepted(queued[1] if queued else text[:200])

    def _refusal(self, server: smtplib.SMTP, code: int, answer: bytes, *, of_recipient: bool = False) -> Receipt:
        reason = f"{self.host} said {code} {_text(answer)}"[:300]
        if code in _NOT_LET_IN or (code < 500 and not of_recipient):
            # It may be tired of this connection only ("too many messages in one session").
            self._drop()
            return TryLater(reason)
        try:
            server.rset()
        except (OSError, smtplib.SMTPException):
            self._drop()
        if 500 <= code < 600:
            return Refused(reason, hard_bounce=of_recipient and _says_no_such_mailbox(code, _text(answer)))
        return TryLater(reason, recipient_only=True)

    def _sentence(self, problem: Exception) -> str:
        if isinstance(problem, smtplib.SMTPResponseException):
            return f"{self.host} said {problem.smtp_code} {_text(problem.smtp_error)}"[:300]
        # smtplib hides a timeout behind its own words.
        if isinstance(problem, TimeoutError) or isinstance(problem.__context__, TimeoutError):
            return f"{self.host} did not answer within {self._timeout:g} s"
        if isinstance(problem, smtplib.SMTPServerDisconnected):
            return f"{self.host} closed the connection"
        if isinstance(problem, smtplib.SMTPNotSupportedError):
            return f'{self.host} offers no such thing: {problem}; for a server without TLS write `tls = "none"`'
        return f"cannot reach {self.host}:{self.port}: {getattr(problem, 'strerror', None) or problem}"

    def _drop(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()


def _says_no_such_mailbox(code: int, text: str) -> bool:
    enhanced = _ENHANCED.search(text)
    return enhanced[1].startswith("5.1.") if enhanced else code in _NO_SUCH_MAILBOX


def _text(answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join(text.split())
