"""What the rows of a CSV file may be about, and how the cells of each kind are read."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Mapping
from typing import Any

import attrs

from dsl.spelling import closest
from interpreter.ingest import cells
from interpreter.ingest import consent_names

Read = Callable[[str], Any]

#: A cell that empties what is known; an empty one says nothing.
NOTHING = "null"


def _confirmed(text: str) -> bool | str:
    return text if text == "pending" else cells.truth(text)


#: Beside every row, as beside every fact; what a fact has of it and a row has not is decided by the command.
ENVELOPE: Mapping[str, Read] = {"at": cells.moment, "key": str, "actor": str, "batch": str, "received": cells.moment}

_CUSTOMER: Mapping[str, Read] = {
    "customer": str, "email": str, "phone": str, "push": str, "webpush": str, "name": str, "first_name": str, "last_name": str,
    "birthday": cells.moment, "sex": str, "city": str, "zone": str, "timezone": str, "email_confirmed": _confirmed,
    "phone_confirmed": _confirmed, "created_at": cells.moment, "subscribed": cells.names, "unsubscribed": cells.names,
    "pending": cells.names,
}  # fmt: skip
_ORDER: Mapping[str, Read] = {
    "order": str, "customer": str, "status": str, "total": cells.number, "created_at": cells.moment, "updated_at": cells.moment,
    "email": str, "phone": str, "delivery_date": cells.moment, "promo": str,
}  # fmt: skip
#: In a file of orders these are of the line; everything else of it is written `line.status`.
LINE: Mapping[str, Read] = {
    "id": str, "product": str, "quantity": cells.number, "price": cells.number, "delivered_at": cells.moment, "status": str, "promo": str,
}  # fmt: skip
OF_LINE: Mapping[str, str] = {"line": "id", "product": "product", "quantity": "quantity", "price": "price", "delivered_at": "delivered_at"}
_PRODUCT: Mapping[str, Read] = {
    "product": str, "name": str, "url": str, "picture": str, "category": str, "price": cells.number, "old_price": cells.number,
    "available": cells.truth, "expiry": cells.duration, "added_at": cells.moment,
}  # fmt: skip
_SUBSCRIPTION: Mapping[str, Read] = {"customer": str, "channel": str, "topic": str, "status": str, "explicit": cells.truth}


@attrs.frozen
class Kind:
    """Rows of one kind."""

    name: str
    entity: str
    """Whose own fields a column may be."""
    fields: Mapping[str, Read]
    id: str
    """The column that says what a row is about; it may also be called `id`."""
    tells: frozenset[str]
    """A column by which a file is known to be of this kind, where it has the others of `needs`."""
    needs: frozenset[str]
    open: bool = True
    """Whether it may have fields of the shop's own."""


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "customers", "customer", _CUSTOMER, "customer",
            frozenset(_CUSTOMER) - {"customer", "name", "zone", "created_at"}, frozenset({"customer"}),
        ),
        Kind("orders", "order", _ORDER, "order", frozenset({"order", "line", "total", "delivery_date"}), frozenset({"order"})),
        Kind(
            "products", "product", _PRODUCT, "product",
            frozenset({"price", "old_price", "available", "url", "picture", "category", "expiry"}), frozenset({"product"}),
        ),
        Kind("subscriptions", "customer", _SUBSCRIPTION, "customer", frozenset({"channel"}), frozenset({"customer", "status"}), open=False),
        Kind("promo", "promo", {"pool": str, "code": str}, "code", frozenset({"code"}), frozenset(), open=False),
    )
}  # fmt: skip

#: What tables call these columns too.
_ALSO: Mapping[str, str] = {f"{name}_id": name for name in ("customer", "order", "product", "line")} | {
    f"line_{name}": f"line.{name}" for name in LINE if name != "id"
}


def plain(column: str) -> str:
    """The name of a column as scn knows it, if it does: `Customer_ID` is `customer`."""
    return _ALSO.get(column.lower(), column.lower())


#: Columns that speak against a kind: an order has an e-mail address and a price too.
_AGAINST: Mapping[str, frozenset[str]] = {
    "customers": frozenset({"order", "channel", "product", "line", "code", "price"}),
    "orders": frozenset({"channel", "code"}),
    "products": frozenset({"customer", "order", "channel", "code", "email", "phone", "line"}),
    "subscriptions": frozenset({"order", "product", "code"}),
    "promo": frozenset({"customer", "order", "product", "email", "channel", "id"}),
}


def found(columns: Collection[str]) -> list[str]:
    """The kinds that a header may be of."""
    names = {plain(column).partition(".")[0] for column in columns}
    return [
        kind.name
        for kind in KINDS.values()
        if names & kind.tells
        and not names & _AGAINST[kind.name]
        and (kind.needs - {kind.id} <= names)
        and (kind.id in names or "id" in names)
    ]


def meant(column: str) -> str | None:
    """The column of any kind that one is a slip of; None: it is one, or none at all."""
    known = dict.fromkeys(name for kind in KINDS.values() for name in (kind.id, *kind.fields, *ENVELOPE, "id", "line"))
    name = plain(column).partition(".")[0]
    return None if name in known else closest(name, known) or consent_names.field(column)
