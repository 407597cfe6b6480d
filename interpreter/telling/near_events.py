"""The events that somebody most likely means who writes one as he would say it: `price drops`, `balance expiring`, `cart abandoned`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from dsl.catalog import EVENTS
from dsl.catalog import EventKind

#: How many are offered.
MOST = 3

_DROPS = ("list.price_drops", "views.price_drops")
_RISES = ("list.price_rises", "views.price_rises")
_BACK = ("list.restocked", "views.restocked")
_OUT = ("list.sold_out", "views.sold_out")
_BURNS = ("balance.changed",)

#: Words of the trade -> the events that tell of it.
_SAID: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("drop", "dropped", "cheaper", "reduced", "discounted", "falls", "fell"), _DROPS),
    **dict.fromkeys(("rise", "rose", "dearer"), _RISES),
    **dict.fromkeys(("restock", "back", "stock"), _BACK),
    **dict.fromkeys(("sold", "unavailable"), _OUT),
    **dict.fromkeys(("expire", "expires", "expired", "expiring", "burn", "burns", "burning"), _BURNS),
    **dict.fromkeys(("abandon", "abandoned", "visit"), ("session.ended",)),
    **dict.fromkeys(("points", "bonus", "bonuses"), ("balance.changed", "balance.available")),
    **dict.fromkeys(("browsed", "looked", "seen"), ("product.viewed",)),
    **dict.fromkeys(("purchased", "purchase", "delivered"), ("product.bought", "order.status")),
    **dict.fromkeys(("paid", "shipped", "cancelled"), ("order.status",)),
    **dict.fromkeys(("signup", "signed"), ("customer.registered",)),
    "birthday": ("every",),
}
#: What a scenario waits for behind the event, where the event alone is not yet what was meant.
_THEN: Mapping[tuple[str, ...], str] = {_BURNS: "wait until change.expires_at - 7d"}

_QUOTED = re.compile(r'"[^"]*"?')
#: Words that stand between the others.
_JOINING = frozenset({"on", "any", "in", "to", "at", "is", "the", "a"})
_WORD = re.compile(r"[^\W\d]\w*")


def near_events(text: str, *, whole: bool) -> list[str]:
    """Events as a scenario writes them, the likeliest only. `whole`: only where every word of the text is about some event."""
    words = _words(text)
    scores = {key: _score(words, event) for key, event in EVENTS.items()}
    best = max(scores.values())
    if not best or (whole and not all(any(_score({word}, event) for event in EVENTS.values()) for word in words)):
        return []
    found = [key for key, score in scores.items() if score == best]
    return [_written(key, words) for key in found[:MOST]]


def _words(text: str) -> set[str]:
    return {word.casefold() for word in _WORD.findall(_QUOTED.sub(" ", text))} - _JOINING


def _score(words: set[str], event: EventKind) -> int:
    """Words that are the event's own count twice: they are how it is written."""
    own = _words(event.spelling)
    return sum(2 * (word in own) + (event.key in _SAID.get(word, ())) for word in words)


def _written(key: str, words: set[str]) -> str:
    written = f"`{'' if key == 'every' else 'on '}{EVENTS[key].spelling}`"
    then = next((step for keys, step in _THEN.items() if key in keys and any(_SAID.get(word) is keys for word in words)), None)
    return f"{written}, then `{then}`" if then else written
