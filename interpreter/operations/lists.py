"""`list.add`, `list.remove`, `list.set`, `list.set_count`, `list.clear`: what a customer puts into his lists (E06)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from interpreter.payloads import Id
from interpreter.payloads import Number
from interpreter.payloads import shown
from interpreter.put_right import Refused
from interpreter.put_right import identifier


class ListProduct(msgspec.Struct):
    """A product of a list; an id alone stands for the whole."""

    id: Id
    quantity: Number | None = None
    price: Number | None = None


Products = list[ListProduct]
_READ = frozenset(ListProduct.__struct_fields__)


class ListChange(msgspec.Struct):
    """`list.add` and its like. `product` may name the only one."""

    customer: Id
    list: Id
    products: Products
    template: str | None = None


class ListCleared(msgspec.Struct):
    """`list.clear`"""

    customer: Id
    list: Id
    template: str | None = None


PAYLOADS: Mapping[str, type[msgspec.Struct]] = {
    "list.add": ListChange,
    "list.remove": ListChange,
    "list.set": ListChange,
    "list.set_count": ListChange,
    "list.clear": ListCleared,
}


def shape(_: str, data: dict[str, Any]) -> None:
    """Products become a list of objects, however few of them there are."""
    if "product" in data and "products" not in data:
        only = data.pop("product")
        data["products"] = [only if type(only) is dict else {"id": only}]
        if type(only) is not dict:
            data["products"][0] |= {name: data.pop(name) for name in ("quantity", "price") if name in data}
    elif type(data.get("products")) in (str, int, dict):
        data["products"] = [data["products"]]
    if type(data.get("products")) is list:
        data["products"] = [{"id": one} if type(one) in (str, int) else one for one in data["products"]]


def values(operation: str, data: dict[str, Any], _: str, __: int) -> None:
    """Ids become text; a product that is named twice is one, with both quantities."""
    data["list"] = identifier(data["list"], "list")
    if data.get("template") is not None:
        data["template"] = identifier(data["template"], "template")
    if operation == "list.clear":
        return
    found: dict[str, dict[str, Any]] = {}
    for index, product in enumerate(data["products"]):
        path = f"products[{index}]"
        one = {"id": identifier(product["id"], f"{path}.id")}
        if not product.keys() <= _READ:
            # What nothing reads stays where it was said, so that a slip can be asked about.
            one |= {name: value for name, value in product.items() if name not in _READ}
        for name in ("quantity", "price"):
            value = product.get(name)
            if value is not None:
                if value < 0:
                    raise Refused(f"{path}.{name}", f"expected a number that is not below zero, found {shown(value)}")
                one[name] = value
        if operation == "list.set_count" and "quantity" not in one:
            raise Refused(f"{path}.quantity", "expected how many of it are in the list now, found nothing")
        before = found.get(one["id"])
        if before is not None and operation != "list.remove":
            one = before | one | {"quantity": before.get("quantity", 1) + one.get("quantity", 1)}
        found[one["id"]] = one
    if not found and operation != "list.set":
        raise Refused("products", "expected at least one product, found none")
    data["products"] = list(found.values())
