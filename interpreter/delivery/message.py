"""A message ready to leave, and what the channel said of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs


@attrs.frozen(slots=True)
class Outgoing:
    """One decided and rendered message. Moments in seconds since 1970 UTC; what a channel does not use is None."""

    id: int
    """The row of the message table."""
    key: str
    """The idempotency key: one decision has one key for ever, whatever is retried."""
    channel: str
    to: str
    template: str
    customer_key: str
    """The external id of the customer; empty for a notice to staff."""
    scenario: str
    at: int
    """The decision moment: the `Date` of a letter."""
    deadline: int
    """Decision moment + `valid`: no attempt after it."""
    from_: str | None = None
    subject: str | None = None
    text: str | None = None
    html: str | None = None
    payload: Mapping[str, Any] | None = None
    """The JSON of a push or of another channel whose template is `CHANNEL.json`."""
    headers: Mapping[str, str] = attrs.field(factory=dict)
    """More headers of a letter, `List-Unsubscribe` among them."""
    topic: str | None = None
    transactional: bool = False
    attempts: int = 0
    """How often it was tried before."""
    doubtful: bool = False
    """An attempt before this one may have delivered it."""


@attrs.frozen(slots=True)
class Accepted:
    """The channel took it; `provider_id` is its own number for it, empty when it gives none."""

    provider_id: str = ""


@attrs.frozen(slots=True)
class Refused:
    """The channel will never take it. A hard bounce says the address itself is bad: the contact becomes invalid."""

    reason: str
    hard_bounce: bool = False


@attrs.frozen(slots=True)
class TryLater:
    """Not taken now; `after_seconds` is the channel's own wish, else the outbox decides."""

    reason: str
    after_seconds: int | None = None
    recipient_only: bool = False
    """This recipient cannot be served now; it says nothing about the channel."""
    perhaps_delivered: bool = False
    """Trying again does no harm, but it may have arrived: given up, it is `unsure`."""
    misconfigured: bool = False
    """No letter can go before somebody has put something right (a password, a certificate, an address): the channel is paused at once."""


@attrs.frozen(slots=True)
class Unknown:
    """Handed over, but the answer was lost: nobody can know whether it was delivered."""

    reason: str


Receipt = Accepted | Refused | TryLater | Unknown
