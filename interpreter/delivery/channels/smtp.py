"""`kind = "smtp"`: letters through a mail server, over one connection for a batch.

What can be known at each stage decides the receipt: until the final dot has been handed over nothing was delivered,
after it only the answer tells. And each answer is about somebody: about this recipient, this letter, or us, the channel.
"""

from __future__ import annotations

import ssl
from pathlib import Path

import attrs

from interpreter.config import ChannelConfig
from interpreter.delivery.channels import smtp_answers as answers
from interpreter.delivery.channels.smtp_wire import BrokenError
from interpreter.delivery.channels.smtp_wire import NotNowError
from interpreter.delivery.channels.smtp_wire import Reply
from interpreter.delivery.channels.smtp_wire import UnfitError
from interpreter.delivery.channels.smtp_wire import Wire
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


@attrs.frozen(slots=True, eq=False)
class _Ready:
    """A letter as it travels, dots doubled and the final one behind it."""

    key: str
    origin: str
    recipient: str
    data: bytes


class SmtpChannel:
    """A mail server. `timeout` in seconds, for each answer as a whole."""

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
        self._wire: Wire | None = None
        self._next: _Ready | None = None
        #: Its envelope is on the way, and the answers to it are not read yet.
        self._ahead: _Ready | None = None
        #: The last letter left its envelope open on the server.
        self._envelope_open = False

    def open(self) -> None:
        """Connections are made when the first letter goes: a server that is down delays letters, it does not stop the tick."""
        if self._password and self._tls == "none":
            raise UserError(f"a password would cross the network in the open to `{self.host}`", 'write `tls = "starttls"` or `"implicit"`')

    def announce(self, outgoing: Outgoing) -> None:
        """The letter that comes next: its envelope may travel behind the one before, which halves the time on the way."""
        found = self._prepared(outgoing)
        self._next = found if isinstance(found, _Ready) else None

    def deliver(self, outgoing: Outgoing) -> Receipt:
        """Hands over one letter."""
        ready = self._ahead or self._next
        if ready is None or ready.key != outgoing.key:
            found = self._prepared(outgoing)
            if not isinstance(found, _Ready):
                return found
            ready = found
        if self._next is not None and self._next.key == outgoing.key:
            self._next = None
        if self._ahead is not None and self._ahead is not ready:
            # The server waits for a letter that does not come.
            self._drop()
        reused = self._wire is not None
        try:
            receipt = self._attempt(ready)
            if not reused or self._wire is not None or not isinstance(receipt, TryLater) or receipt.misconfigured:
                return receipt
            # The server was tired of this connection ("too many messages in one session"); a fresh one may try at once.
        except BrokenError as problem:
            self._drop()
            # It may have closed an old connection. Nothing was delivered.
            if not reused or problem.timed_out:
                return TryLater(str(problem))
        try:
            return self._attempt(ready)
        except BrokenError as problem:
            self._drop()
            return TryLater(str(problem))

    def _prepared(self, outgoing: Outgoing) -> _Ready | Receipt:
        try:
            data = letter(outgoing, self.sender)
            origin, recipient = sender_address(outgoing.from_ or self.sender), address(outgoing.to)
        except AddressError as problem:
            return Refused(str(problem), hard_bounce=True)
        except SenderError as problem:
            return TryLater(str(problem))
        return _Ready(outgoing.key, origin, recipient, data.replace(b"\n.", b"\n..") + b".\r\n")

    def settle(self) -> None:
        """The server answers for what it accepted."""

    def close(self) -> None:
        """Says goodbye."""
        if self._ahead is not None:
            self._drop()
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.leave()

    def _attempt(self, ready: _Ready) -> Receipt:
        """Raises BrokenError: nothing was delivered."""
        try:
            wire = self._wire or self._connect()
        except UnfitError as problem:
            return TryLater(str(problem), misconfigured=True)
        except NotNowError as problem:
            return TryLater(str(problem))
        refusal = self._envelope(wire, ready)
        if refusal is not None:
            return refusal
        following = self._next if wire.pipelines and self._next is not None and self._fits(wire, self._next) else None
        wire.send(ready.data + (wire.lines(self._lines(wire, following)) if following is not None else b""))
        self._ahead = following
        try:
            answer = wire.reply()
        except BrokenError as problem:
            self._drop()
            return Unknown(f"the letter was handed over and the answer never came: {problem}")
        return self._finished(answer)

    def _connect(self) -> Wire:
        if self._tls != "none" and self._context is None:
            # Reading the machine's certificates takes longer than the letter: once is enough.
            self._context = ssl.create_default_context()
        wire = Wire(self.host, self.port, self._timeout)
        try:
            wire.connect(self._tls, self._context)
            if self._user:
                wire.login(self._user, self._password)
        except BaseException:
            wire.drop()
            raise
        self._wire, self._envelope_open = wire, False
        return wire

    def _envelope(self, wire: Wire, ready: _Ready) -> Receipt | None:
        """Everything before the letter itself; None: the server waits for it. Raises BrokenError: nothing was handed over."""
        if not self._fits(wire, ready):
            return Refused(f"`{self.host}` takes no addresses outside ASCII")
        if self._ahead is ready:
            self._ahead = None
            found = wire.replies(3)
        else:
            # What was left open is closed in the same packet.
            first = ["RSET"] if self._envelope_open else []
            found = wire.group([*first, *self._lines(wire, ready)])[len(first) :]
        self._envelope_open = True
        waits = len(found) == 3 and found[2].code == 354
        for place, answer in enumerate(found):
            if place == 2 and waits:
                return None
            if not answer.good:
                return self._refused(wire, place, answer, waits=waits)
        # Cut off by the answer to RSET, or DATA was taken for good without being wanted.
        self._drop()
        return TryLater(answers.said(self.host, found[-1]) if found else f"{self.host} closed the connection")

    def _fits(self, wire: Wire, ready: _Ready) -> bool:
        return "SMTPUTF8" in wire.extensions or (ready.origin + ready.recipient).isascii()

    def _lines(self, wire: Wire, ready: _Ready) -> list[str]:
        options = f" SIZE={len(ready.data)}" if "SIZE" in wire.extensions else ""
        if not (ready.origin + ready.recipient).isascii():
            options += " SMTPUTF8"
        return [f"MAIL FROM:<{ready.origin}>{options}", f"RCPT TO:<{ready.recipient}>", "DATA"]

    def _refused(self, wire: Wire, place: int, answer: Reply, *, waits: bool) -> Receipt:
        receipt = (answers.of_sender, answers.of_recipient, answers.of_letter)[place](self.host, answer)
        if answer.code == answers.CLOSING or (isinstance(receipt, TryLater) and not receipt.recipient_only):
            self._drop()
        elif waits:
            # All was sent in one packet, and it waits for a letter to nobody: an empty one (RFC 2920 §3.1).
            if place != 1:
                self._drop()
            else:
                wire.send(b".\r\n")
                wire.reply()
        return receipt

    def _finished(self, answer: Reply) -> Receipt:
        """The answer to the final dot, which closes the envelope whatever it is."""
        self._envelope_open = False
        if answer.good:
            return Accepted(answers.number_of(answer))
        if answer.code < 400:
            self._drop()
            return Unknown(f"the letter was handed over, and {answers.said(self.host, answer)}")
        receipt = answers.of_letter(self.host, answer)
        if isinstance(receipt, TryLater):
            # It may be tired of this connection only.
            self._drop()
        return receipt

    def _drop(self) -> None:
        wire, self._wire, self._ahead = self._wire, None, None
        if wire is not None:
            wire.drop()
