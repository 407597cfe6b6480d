"""`product.view`, `category.view`, `session.activity`, `session.close`: what a customer looks at, and that he is there (E01, E07f)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from interpreter.payloads import Id
from interpreter.payloads import Number
from interpreter.payloads import shown
from interpreter.put_right import Refused
from interpreter.put_right import identifier


class ProductViewed(msgspec.Struct):
    """`product.view`"""

    customer: Id
    product: Id
    price: Number | None = None
    template: str | None = None


class CategoryViewed(msgspec.Struct):
    """`category.view`"""

    customer: Id
    category: Id
    template: str | None = None


class Presence(msgspec.Struct):
    """`session.activity`, `session.close`"""

    customer: Id


PAYLOADS: Mapping[str, type[msgspec.Struct]] = {
    "product.view": ProductViewed,
    "category.view": CategoryViewed,
    "session.activity": Presence,
    "session.close": Presence,
}


def shape(_: str, data: dict[str, Any]) -> None:
    """A product may be an object, as in a list."""
    product = data.get("product")
    if type(product) is dict and product.keys() <= {"id", "price"}:
        data.update({"product": product.get("id")} | {name: product[name] for name in ("price",) if name in product})


def values(_: str, data: dict[str, Any], __: str, ___: int) -> None:
    """Ids become text."""
    for name in ("product", "category", "template"):
        if data.get(name) is not None:
            data[name] = identifier(data[name], name)
    if data.get("price") is not None and data["price"] < 0:
        raise Refused("price", f"expected a number that is not below zero, found {shown(data['price'])}")
