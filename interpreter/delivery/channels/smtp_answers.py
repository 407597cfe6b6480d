"""What the answers of a mail server mean for a letter: each is about this recipient, this letter, or us.

A letter is given up only for what is its own fault, and an address only where the server says that nobody lives there:
with a wrong sender or a forbidden relay every letter would be lost, and every customer with it.
"""

from __future__ import annotations

import re

from interpreter.delivery.channels.smtp_wire import Reply
from interpreter.delivery.message import Receipt
from interpreter.delivery.message import Refused
from interpreter.delivery.message import TryLater

#: Stands at the start of an answer and nowhere else: further on it may be a version or a part of an IP address.
_ENHANCED = re.compile(r"#?([245]\.\d{1,3}\.\d{1,3})(?=\s|$)")
_QUEUED_AS = re.compile(r"queued as ([\w.-]+)", re.IGNORECASE)
CLOSING = 421
#: About us, not about the letter: it wants a login or TLS. Letters wait until somebody has put it right.
_NOT_LET_IN = frozenset({530, 534, 535, 538})
_TOO_LARGE = 552
#: Too large for the mailbox or the server, and an address outside ASCII.
_OF_THIS_LETTER = frozenset({"5.2.3", "5.3.4", "5.6.7"})
#: Refusals of an address without an enhanced code that still say: nobody lives here (RFC 5321 §4.2.3).
_NO_SUCH_MAILBOX = frozenset({550, 551, 553})
#: No such mailbox, no such host, bad syntax, moved away, takes no mail at all (RFC 3463, RFC 7505). Others of 5.1 speak of the sender.
_BAD_ADDRESS = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"})
_BAD_SENDER = frozenset({"5.1.7", "5.1.8"})
#: The same codes are used for what is no property of the address: then it must stay valid.
_POLICY = re.compile(
    r"relay|sender|spam|polic|block|black|listed|reputation|spf|dkim|dmarc|auth|denied|helo|ehlo|\bptr\b|reverse|dns|rate|limit|quota|full",
    re.IGNORECASE,
)
#: Not "user unknown in relay recipient table".
_RELAY = re.compile(r"relay(ing)?( access)? (denied|not|prohibited)|to relay\b|relaying", re.IGNORECASE)
#: Seen by the whole server: its disk, its load, the way to it.
_OF_SYSTEM = ("4.3.", "4.4.", "4.5.")


def of_sender(host: str, answer: Reply) -> Receipt:
    """MAIL: the sender is refused for every letter of his, so they wait; a letter too large is one letter."""
    if answer.code == _TOO_LARGE or _enhanced(answer) in _OF_THIS_LETTER:
        return Refused(said(host, answer))
    return TryLater(said(host, answer), misconfigured=answer.code in _NOT_LET_IN)


def of_recipient(host: str, answer: Reply) -> Receipt:
    """RCPT."""
    enhanced = _enhanced(answer)
    if answer.code in _NOT_LET_IN:
        return TryLater(said(host, answer), misconfigured=True)
    if answer.code < 500:
        return TryLater(said(host, answer), recipient_only=answer.code != CLOSING and not enhanced.startswith(_OF_SYSTEM))
    if enhanced in _BAD_SENDER or (enhanced not in _BAD_ADDRESS and _RELAY.search(answer.text)):
        return TryLater(said(host, answer))
    return Refused(said(host, answer), hard_bounce=_says_no_such_mailbox(answer))


def of_letter(host: str, answer: Reply) -> Receipt:
    """DATA and the final dot."""
    enhanced = _enhanced(answer)
    if answer.code in _NOT_LET_IN:
        return TryLater(said(host, answer), misconfigured=True)
    if answer.code >= 500:
        return Refused(said(host, answer), hard_bounce=enhanced == "5.1.1")
    of_this = bool(enhanced) and not enhanced.startswith(_OF_SYSTEM)
    return TryLater(said(host, answer), recipient_only=answer.code != CLOSING and of_this)


def said(host: str, answer: Reply) -> str:
    """`mail.example said 550 5.1.1 no such user`"""
    return f"{host} said {' '.join(str(answer).split())}"[:300]


def number_of(answer: Reply) -> str:
    """The server's own number for a letter it took."""
    text = " ".join(answer.text.split())
    queued = _QUEUED_AS.search(text)
    return queued[1] if queued else text[:200]


def _enhanced(answer: Reply) -> str:
    found = _ENHANCED.match(answer.text)
    return found[1] if found else ""


def _says_no_such_mailbox(answer: Reply) -> bool:
    enhanced = _enhanced(answer)
    if enhanced:
        return enhanced in _BAD_ADDRESS and (enhanced == "5.1.1" or not _POLICY.search(answer.text))
    return answer.code in _NO_SUCH_MAILBOX and not _POLICY.search(answer.text)
