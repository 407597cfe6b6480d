"""A letter as the bytes that travel: deterministic for one message, and nothing in a value can add a header."""

from __future__ import annotations

import binascii
import hashlib
import re
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from email.utils import format_datetime
from email.utils import parseaddr
from functools import lru_cache

from interpreter.delivery.message import Outgoing

_CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]+")
_HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_LINE_END = re.compile(r"\r\n?|\n")
_ATOM = r"[^\s()<>@,;:\\\".\[\]\x00-\x1f\x7f]+"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_ATOM}(?:\.{_ATOM})*")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]*")

#: What one encoded word may carry: 75 characters with its frame, base64 being 4 for 3.
_WORD_BYTES = 45
#: A header line longer than this is folded where it may be.
_LINE = 76
#: The longest line a mail server must take.
_LONGEST_LINE = 998


class AddressError(ValueError):
    """The address cannot be written to: a sentence."""


class SenderError(ValueError):
    """There is no sender that a letter could carry: a sentence."""


def address(text: str) -> str:
    """The bare address, its domain in ASCII. Raises AddressError: it is no e-mail address."""
    text = text.strip()
    if not _ADDRESS.fullmatch(text) or len(text) > 254:
        raise AddressError(f"`{_one_line(text)}` is not an e-mail address")
    local, _, domain = text.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode('ascii') if not domain.isascii() else domain}"
    except UnicodeError as problem:
        raise AddressError(f"`{text}` is not an e-mail address") from problem


@lru_cache
def sender_address(sender: str) -> str:
    """The bare address of `Shop <hello@shop.example>`. Raises SenderError: there is none."""
    if not sender:
        raise SenderError("a letter needs a sender: write `from` under `[channels.email]` in scn.toml")
    try:
        return address(parseaddr(_one_line(sender))[1])
    except AddressError as problem:
        raise SenderError(f"the sender `{_one_line(sender)}` has no e-mail address") from problem


def letter(outgoing: Outgoing, sender: str) -> bytes:
    """The letter, lines ending in CRLF; `sender` stands in where the message names none. Raises AddressError, SenderError."""
    shown, origin = _sender(outgoing.from_ or sender)
    digest = hashlib.sha256(outgoing.key.encode()).hexdigest()
    headers = {
        "From": shown,
        "To": address(outgoing.to),
        "Subject": _unstructured("Subject", outgoing.subject or ""),
        "Date": _date(outgoing.at),
        "Message-ID": f"<{digest[:32]}@{origin.rpartition('@')[2]}>",
        "MIME-Version": "1.0",
    }
    taken = {name.lower() for name in headers}
    for name, value in outgoing.headers.items():
        if _HEADER_NAME.fullmatch(name) and name.lower() not in taken and not name.lower().startswith("content-"):
            headers[name] = _unstructured(name, value)
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return head.encode() + _body(outgoing, f"=_{digest[32:]}")


@lru_cache
def _sender(from_: str) -> tuple[str, str]:
    """How a sender stands in the head of a letter, and his bare address. Raises SenderError."""
    origin = sender_address(from_)
    return _mailbox(parseaddr(_one_line(from_))[0], origin), origin


@lru_cache
def _date(at: int) -> str:
    return format_datetime(datetime.fromtimestamp(at, UTC))


def _body(outgoing: Outgoing, boundary: str) -> bytes:
    parts = [(kind, text) for kind, text in (("plain", outgoing.text), ("html", outgoing.html)) if text is not None]
    if len(parts) < 2:
        return _part(*(parts[0] if parts else ("plain", "")))
    # The best part stands last (RFC 2046 §5.1.4).
    inner = b"".join(f"--{boundary}\r\n".encode() + _part(kind, text) + b"\r\n" for kind, text in parts)
    return f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n\r\n'.encode() + inner + f"--{boundary}--\r\n".encode()


def _part(kind: str, text: str) -> bytes:
    text = _LINE_END.sub("\n", text)
    if not text.endswith("\n"):
        text += "\n"
    encoding, data = _encoded(text)
    head = f'Content-Type: text/{kind}; charset="utf-8"\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n'
    return head.encode() + data.replace(b"\n", b"\r\n")


def _encoded(text: str) -> tuple[str, bytes]:
    """As readable as it can be: as it is, quoted where little needs it, base64 for other scripts."""
    data = text.encode("utf-8", "replace")
    if data.isascii() and max(map(len, data.split(b"\n"))) < _LONGEST_LINE and b"\0" not in data:
        return "7bit", data
    if len(data) - len(text) < len(text) // 4:
        return "quoted-printable", binascii.b2a_qp(data, istext=True)
    return "base64", b"".join(binascii.b2a_base64(data[start : start + 57]) for start in range(0, len(data), 57))


def _mailbox(name: str, origin: str) -> str:
    if not name:
        return origin
    if _PLAIN_NAME.fullmatch(name):
        return f"{name} <{origin}>"
    if name.isascii():
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}" <{origin}>'
    return "\r\n ".join([*_words(name), f"<{origin}>"])


def _unstructured(name: str, value: str) -> str:
    value = _one_line(value)
    if not value.isascii() or "=?" in value:
        return "\r\n ".join(_words(value))
    return "\r\n ".join(_folded(value, _LINE - len(name) - 2))


def _folded(value: str, room: int) -> Iterator[str]:
    """Cut at spaces only: an unfolding reader gives the very same text back."""
    while len(value) > room:
        place = value.rfind(" ", 1, room + 1)
        place = place if place != -1 else value.find(" ", room)
        # What follows the fold must not be empty, nor may a line hold white space alone.
        if place == -1 or not value[:place].strip() or not value[place:].strip():
            break
        yield value[:place]
        value, room = value[place + 1 :], _LINE - 1
    yield value


def _words(text: str) -> Iterator[str]:
    """Encoded words (RFC 2047), never cutting a character."""
    chunk = b""
    for character in text:
        data = character.encode("utf-8", "replace")
        if len(chunk) + len(data) > _WORD_BYTES:
            yield _word(chunk)
            chunk = b""
        chunk += data
    yield _word(chunk)


def _word(data: bytes) -> str:
    return f"=?utf-8?b?{binascii.b2a_base64(data, newline=False).decode()}?="


def _one_line(text: str) -> str:
    return _CONTROL.sub(" ", text).strip()
