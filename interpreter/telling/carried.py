"""What each operation carries, field by field: for `docs/reference/facts.md` and `scn explain`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from types import UnionType
from typing import Any
from typing import get_args
from typing import get_origin

import msgspec

from dsl import catalog

#: Name as code, kind, meaning.
Carried = tuple[str, str, str]


@cache
def carried(payload: type[msgspec.Struct]) -> tuple[Carried, ...]:
    """A row for each field of a payload, those of the objects in it behind them: `order.lines[].price`."""
    return tuple(_members(payload, ""))


def _members(payload: type[msgspec.Struct], prefix: str) -> Iterator[Carried]:
    for member in msgspec.structs.fields(payload):
        # A field that may be left out says so by its default, so `None` in its type adds nothing.
        inner = [one for one in (get_args(member.type) if isinstance(member.type, UnionType) else (member.type,)) if one is not type(None)]
        name = f"{prefix}{member.encode_name}"
        row = _row(payload.__name__, member.name)
        kind = row.type.value if row and row.type.value in _OF_TEXT else " or ".join(_kind(one) for one in inner)
        meaning = _CARRIED.get(f"{payload.__name__}.{member.name}") or _CARRIED.get(member.name) or (row.meaning if row else None)
        assert meaning, f"say in _CARRIED what `{payload.__name__}.{member.name}` is"
        yield f"`{name}`", kind, meaning + (" (needed)" if member.required else "")
        for one in inner:
            held = get_args(one)[0] if get_origin(one) is list else one
            if isinstance(held, type) and issubclass(held, msgspec.Struct):
                yield from _members(held, f"{name}[]." if held is not one else f"{name}.")


def _row(payload: str, name: str) -> catalog.FieldRow | None:
    """The field of the catalog that a payload carries under the same name."""
    entity = catalog.ENTITIES.get(payload.lower())
    return entity.fields.get(name) if entity else None


#: Types that JSON writes as text.
_OF_TEXT = ("date", "moment")

#: What payloads carry beside the fields of entities; a bare name stands for all payloads that have it.
_CARRIED = {
    "customer": "the shop's own id of the customer",
    "order": "the order",
    "push": "token of the mobile app",
    "webpush": "subscription of the browser",
    "subscribed": "channels, or topics as `channel/topic`, he subscribes to",
    "unsubscribed": "those he unsubscribes from",
    "pending": "those he has been asked to confirm",
    "email_confirmed": '`true`: he confirmed the address; `"pending"`: he is asked to; `false`: nothing is known; '
    "left out: what `confirm` in `scn.toml` says",
    "phone_confirmed": "the same of the phone",
    "kind": "`email`, `phone`, `push` or `webpush`",
    "value": "the contact; without it the customer's own of that kind, and of two the one that waits",
    "valid": "whether it works",
    "invalid_until": "from when on it is taken to work again: a full mailbox",
    "channel": "the channel",
    "topic": "one topic of the channel; without it the channel itself",
    "explicit": "whether the customer himself said so; left out: yes",
    "products": "products it was about",
    "message": "the id of the message, as `scn messages` lists it",
    "to": "the address it was about, if it is not the present one",
    "hard": "of a bounce: whether the address does not exist; left out: yes",
    "Subscription.status": "`subscribed`, `unsubscribed` or `pending`",
    "MessageStatus.status": "`delivered`, `opened`, `clicked`, `bounced`, `complained` or `unsubscribed`",
    "Action.order": "the order it was about",
    "promo": "the promo code it was made with",
    "Line.promo": "the promo code that applies to this line",
    "pool": "the pool of codes",
    "segment": "the name of the segment",
    "codes": "the codes that come in",
    "PromoIssued.code": "a code the shop gave out itself; left out: the next of the pool",
    "PromoIssued.valid_until": "last moment of its use; left out: as `define promo` says",
    "PromoRedeemed.code": "the code that was used",
    "PromoRedeemed.customer": "who used it; left out: whose order it is",
    "PromoRedeemed.pool": "its pool, where the code itself is not known to scn",
    "PromoRedeemed.order": "the order it was used in",
    "PromoRedeemed.lines": "the lines it applies to; left out: all",
    "CodeAsked.kind": "what it is for; left out: `login`",
    "CodeAsked.value": "the code; left out: six digits are drawn",
    "CodeAsked.expires": "how long it can be used: `5m`, `30d`, or as ISO 8601 writes it",
    "into": "whose record stays; `customer` of the envelope does as well",
    "from_": "the ids of the records that become one with it",
    "Line.product": "what was bought",
    "product": "the product",
    "ProductUpdate.zone": "the zone whose feed says so; without it the main feed",
    "ProductFeed.zone": "the zone whose feed it is; without it the main feed",
    "ProductFeed.products": "the products, whole or the part of each that changed; a feed may come in as many facts as one likes",
    "gone": "ids of products that the feed has no more",
    "Product.available": "in stock; `null`: not known",
    "Product.expiry": "how long it lasts after delivery: `P2M`, or as scn writes it, `2mo`",
    "list": "the name of the list",
    "template": "the template of the action that it is; left out: the name of the operation",
    "Action.template": "its template",
    "ListChange.products": "the products: an object for each, or just its id; `product` names the only one",
    "ListProduct.id": "the shop's own id of the product",
    "ListProduct.quantity": "how many; left out: one for `list.add`, all for `list.remove`, as many as there are, else one, for `list.set`",
    "ListProduct.price": "with which it is put in; left out: its price now",
    "ProductViewed.product": "the shop's own id of the product",
    "ProductViewed.price": "that was shown; left out: its price now",
    "CategoryViewed.category": "the name of the category",
    "BalanceChanged.account": "name of the balance",
    "BalanceChanged.amount": "points that come, or, below zero, that go; left out only with `reset`, or to say anew when an accrual burns",
    "BalanceChanged.available_from": "from when they can be spent; left out: at once",
    "BalanceChanged.expires_at": "when they burn; left out: never",
    "BalanceChanged.expires": "after what time they burn, instead of `expires_at`: `30d`, or as ISO 8601 writes it",
    "BalanceChanged.kind": "`reset` empties the balance; `accrual` and `write_off` say what the sign says already",
    "BalanceChanged.order": "the order it was about",
    "BalanceChanged.id": "the shop's own id of the change; the same one again changes when it burns, and nothing else",
    "CardIssued.number": "its number",
    "CardIssued.type": "kind of the card",
    "CardIssued.status": "`activated`, `blocked` or `inactive`; left out: `inactive`",
    "CardStatus.number": "its number; one that nobody has yet is given to the `customer`",
    "CardStatus.status": "`activated`, `blocked` or `inactive`",
    "CardStatus.customer": "whose it is; not needed for a card that is known",
    "CardStatus.type": "kind of the card",
    "CardReplaced.old": "number of the card that is replaced, and blocked from now on",
    "CardReplaced.new": "number of the new card",
    "CardReplaced.customer": "whose the old one is; not needed for a card that is known",
    "CardReplaced.type": "kind of the new card; left out: as the old one",
    "CardReplaced.status": "status of the new card; left out: as the old one had",
}


def _kind(one: Any) -> str:
    if get_origin(one) is list:
        return "list"
    return {str: "text", int: "whole number", float: "number", bool: "`true` or `false`"}.get(one, "object")
