"""`product.update`, `product.feed`: what the shop sells, as its main feed has it or the feed of a zone (E05, E07)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from dsl.calendar import parse_duration
from interpreter.payloads import Id
from interpreter.payloads import Number
from interpreter.payloads import shown
from interpreter.put_right import Refused
from interpreter.put_right import identifier
from interpreter.put_right import moment

#: The facts that change products.
CHANGING = frozenset({"product.update", "product.feed"})

#: What stands beside the product and is not of it. A feed has the customer nowhere: whoever names one means nobody.
_BESIDE = frozenset({"product", "products", "gone", "zone", "customer"})


class Product(msgspec.Struct):
    """A product, whole or the part of it that changed; `null` empties a field."""

    id: Id
    name: str | None = None
    url: str | None = None
    picture: str | None = None
    category: Id | None = None
    price: Number | None = None
    old_price: Number | None = None
    available: bool | None = None
    expiry: str | None = None
    added_at: str | None = None


class ProductUpdate(msgspec.Struct):
    """`product.update`: one product."""

    product: Product
    zone: Id | None = None


class ProductFeed(msgspec.Struct):
    """`product.feed`: a feed, or a part of one."""

    products: list[Product] = []
    zone: Id | None = None
    gone: list[Id] = []


PAYLOADS: Mapping[str, type[msgspec.Struct]] = {"product.update": ProductUpdate, "product.feed": ProductFeed}


def shape(operation: str, data: dict[str, Any]) -> None:
    """Of one product the fields may stand beside its id, and the zone among them: it always means whose feed speaks."""
    if operation != "product.update":
        return
    product = data.get("product")
    if type(product) is str or type(product) is int:
        data["product"] = product = {"id": product}
    if type(product) is dict:
        for name in [name for name in data if name not in _BESIDE]:
            product.setdefault(name, data.pop(name))
        if "zone" in product:
            data.setdefault("zone", product.pop("zone"))


def values(operation: str, data: dict[str, Any], zone: str, _: int) -> None:
    """Ids become text, moments seconds; a price below zero or an expiry that is no duration is refused."""
    if data.get("zone") is not None:
        data["zone"] = identifier(data["zone"], "zone")
    if operation == "product.update":
        _product(data["product"], "product", zone)
        return
    for index, product in enumerate(data.get("products") or ()):
        _product(product, f"products[{index}]", zone)
    if "gone" in data:
        data["gone"] = [identifier(key, f"gone[{index}]") for index, key in enumerate(data["gone"])]
    if not data.get("products") and not data.get("gone"):
        raise Refused("products", "expected the products of the feed, or in `gone` the ids of those it has no more, found neither")


def _product(product: dict[str, Any], path: str, zone: str) -> None:
    product["id"] = identifier(product["id"], f"{path}.id")
    if product.get("category") is not None:
        product["category"] = str(product["category"])
    for name in ("price", "old_price"):
        if product.get(name) is not None and product[name] < 0:
            raise Refused(f"{path}.{name}", f"expected a price of 0 or more, found {shown(product[name])}")
    if product.get("expiry") is not None:
        try:
            parse_duration(product["expiry"])
        except ValueError:
            like = "a duration such as `P2M` or `30d`"
            raise Refused(f"{path}.expiry", f"expected {like}, found {shown(product['expiry'])}") from None
    if product.get("added_at") is not None:
        product["added_at"] = moment(product["added_at"], f"{path}.added_at", zone)


def rows(operation: str, data: dict[str, Any]) -> dict[str, dict[str, Any] | None]:
    """What a fact says of each product, by its id; None: the feed has it no more. What is said twice adds to what was said before."""
    if operation == "product.update":
        return {data["product"]["id"]: data["product"]}
    found: dict[str, dict[str, Any] | None] = {}
    for row in data.get("products") or ():
        found[row["id"]] = {**(found.get(row["id"]) or {}), **row}
    return found | dict.fromkeys(data.get("gone") or ())
