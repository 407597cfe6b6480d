"""Links to unsubscribe with: signed, so that nobody can make one for somebody else, and good for ever."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import quote

import attrs

from interpreter.delivery.mime import SenderError
from interpreter.delivery.mime import sender_address

_SALT = "scn.unsubscribe"
#: Longer than any token of ours: what is longer is not looked at.
_LONGEST = 2000


@attrs.frozen(slots=True)
class Unsubscription:
    """What a link says: this customer wants no more of this channel, or of this topic of it."""

    customer: str
    """The external id."""
    channel: str
    topic: str | None
    message: str
    """The key of the message that carried the link."""


class Unsubscribe:
    """Makes the links of a project and reads them."""

    def __init__(self, secret: str, public_url: str = "") -> None:
        self._secret = secret
        self._public_url = public_url.rstrip("/")

    def url(self, customer: str, channel: str, topic: str | None, message: str, sender: str = "") -> str:
        """The link of one message: below `public_url`, else a `mailto:` to the sender; empty when neither can be had."""
        if self._public_url and self._secret:
            return f"{self._public_url}/u/{self._token(customer, channel, topic, message)}"
        try:
            origin = sender_address(sender)
        except SenderError:
            return ""
        subject = f"unsubscribe {customer} {channel}{'/' + topic if topic else ''}"
        return f"mailto:{origin}?subject={quote(subject, safe='')}"

    def read(self, token: str) -> Unsubscription | None:
        """What a link says; None: it is not one of ours, or somebody changed it."""
        from itsdangerous import BadData

        if not self._secret or len(token) > _LONGEST or not token.isascii():
            return None
        try:
            found = self._serializer.loads(token)
        except BadData:
            return None
        match found:
            case [str() as customer, str() as channel, str() | None as topic, str() as message]:
                return Unsubscription(customer, channel, topic, message)
            case _:
                return None

    def _token(self, customer: str, channel: str, topic: str | None, message: str) -> str:
        return str(self._serializer.dumps([customer, channel, topic, message]))

    @cached_property
    def _serializer(self) -> Any:
        from hashlib import sha256

        from itsdangerous import URLSafeSerializer

        return URLSafeSerializer(self._secret, salt=_SALT, signer_kwargs={"digest_method": sha256, "key_derivation": "hmac"})


def headers(url: str, *, transactional: bool = False) -> dict[str, str]:
    """`List-Unsubscribe`, and the one-click header (RFC 8058) where the link is an https one; none for a transactional letter."""
    if not url or transactional:
        return {}
    found = {"List-Unsubscribe": f"<{url}>"}
    if url.startswith("https:"):
        found["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return found


def fact(wish: Unsubscription, at: int, *, whole_channel: bool = False) -> dict[str, Any]:
    """The `subscription.set` that a wish becomes at a moment (seconds since 1970 UTC); `whole_channel`: whatever topic the link names.

    Pressed twice within a minute it is one fact. Not for ever: who subscribes again and then uses the link of an old letter means it.
    """
    topic = None if whole_channel else wish.topic
    found: dict[str, Any] = {
        "op": "subscription.set",
        "key": f"unsubscribe:{wish.message}:{wish.channel}{'/' + topic if topic else ''}:{at // 60}",
        "at": datetime.fromtimestamp(at, UTC).isoformat(),
        "actor": "customer",
        "customer": wish.customer,
        "channel": wish.channel,
        "status": "unsubscribed",
    }
    if topic:
        found["topic"] = topic
    return found
