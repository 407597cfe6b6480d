"""Names under which shops keep what a customer agreed to, one for each channel: `email_subscribed`, `sms_opt_in`, `newsletter`.

In scn the channel stands under `subscribed` or `unsubscribed`; a yes under a name of the shop's own would subscribe nobody.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from dsl.catalog import CHANNELS
from interpreter.payloads import NO
from interpreter.payloads import UNDER_WHICH
from interpreter.payloads import YES

#: Words of which one makes a name that of a consent, if a yes or no stands behind it.
_AGREED = frozenset({
    "subscribed", "subscribe", "subscriber", "subscription", "subscriptions", "optin", "consent", "consents", "newsletter", "newsletters",
    "mailing", "mailings", "marketing", "подписка", "подписки", "подписан", "рассылка", "рассылки", "согласие",
})  # fmt: skip
#: Of these it is the end of one that a yes tells.
_LEFT = frozenset({"unsubscribed", "unsubscribe", "unsub", "optout", "отписка", "отписан"})
#: How channels are called besides.
_CHANNELS = dict.fromkeys(CHANNELS) | {"mail": "email", "phone": "sms", "почта": "email", "смс": "sms"}
#: What else people write for yes and no where nothing but those is meant.
_ALSO = frozenset({"y", "n", "on", "off", "t", "f", "д", "н"})

_WORD = re.compile(r"[^\W\d_]+")
_HUMP = re.compile(r"(?<=[a-zа-я])(?=[A-ZА-Я])")


def field(name: str) -> str | None:
    """`subscribed` or `unsubscribed`, where a yes under this name means one of them; None: it is about something else."""
    words = _words(name)
    if not _LEFT.isdisjoint(words):
        return "unsubscribed"
    return None if _AGREED.isdisjoint(words) else "subscribed"


def instead(name: str) -> str | None:
    """Where to write what a field of this name seems to tell; None: it is about something else.

    >>> instead("emailOptOut")
    'write `email` under `unsubscribed` where it says yes'
    >>> instead("favourite_colour")
    """
    meant = field(name)
    if meant is None:
        return None
    found = next((word for word in _words(name) if word in _CHANNELS), None)
    channel = None if found is None else _CHANNELS[found] or found
    what = f"`{channel}`" if channel else "the channel, such as `email`,"
    return f"write {what} {UNDER_WHICH}" if meant == "subscribed" else f"write {what} under `unsubscribed` where it says yes"


def _words(name: str) -> list[str]:
    """Two that follow each other are also read as one: `opt_in`, `web_push`."""
    words = [word.casefold() for word in _WORD.findall(_HUMP.sub(" ", name))]
    return [first + second for first, second in pairwise(words)] + words


def is_yes_or_no(value: Any) -> bool:
    """Whether a value answers a question."""
    return isinstance(value, bool | int | str) and str(value).strip().casefold() in YES | NO | _ALSO
