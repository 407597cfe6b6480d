"""What a feed says of one product, and the little that all feeds have in common."""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import attrs

from dsl.catalog import ENTITIES
from dsl.catalog import Type
from interpreter.ingest import cells
from interpreter.payloads import shown

#: Longer texts stay in the feed: nobody compares a field with a page.
MAX_OWN = 1_000
#: Fields of the shop's own in one product.
MAX_FIELDS = 200

#: Letters of the name of a field.
MAX_NAME = 100

_NO_NAME = re.compile(r"\W+")
#: What a product has by itself: a param of such a name is not one of these.
STANDARD = frozenset(ENTITIES["product"].fields) | {"zone"}


@attrs.define(slots=True)
class Offer:
    """A product as a file has it."""

    line: int
    key: str | None
    """Its id, as it stands there."""
    product: dict[str, Any]
    """All that is said of it; what is said to be nothing is None."""
    problem: tuple[str, str] | None = None
    """Where it is not to be understood, and why."""


class Values:
    """The fields of one product, as they are found; the first one of a name counts. What cannot be read is remembered."""

    def __init__(self, line: int, key: str | None, types: cells.Types) -> None:
        """Of the element that begins in `line`."""
        self._offer = Offer(line, key or None, {"id": key} if key else {})
        self._types = types
        if not key:
            self.refuse("id", "expected the id of the product, found nothing")

    def text(self, name: str, text: str) -> None:
        """An empty one says nothing."""
        if text:
            self._offer.product.setdefault(name, text)

    def read(self, name: str, text: str, how: Callable[[str], Any], shown_as: str | None = None) -> None:
        """A text that is read by `how`; where it cannot be, the place is called `shown_as`."""
        if text and name not in self._offer.product:
            self.put(name, self.value(shown_as or name, text, how))

    def value(self, path: str, text: str, how: Callable[[str], Any]) -> Any:
        """What a text means; None: nothing, or it cannot be read."""
        try:
            return how(text) if text else None
        except ValueError as problem:
            self.refuse(path, str(problem))
            return None

    def put(self, name: str, value: Any) -> None:
        """None says nothing."""
        if value is not None:
            self._offer.product[name] = value

    def own(self, name: str, text: str, *, more: bool = False) -> None:
        """A field of the shop's own, by a name that can stand in a condition. `more`: several of one name stand one behind the other."""
        field, product = _field(name[:MAX_NAME]), self._offer.product
        if not text or len(text) > MAX_OWN or not field or len(product) >= MAX_FIELDS:
            return
        if field in product:
            if more and len(joined := f"{product[field]}, {text}") <= MAX_OWN:
                product[field] = joined
            return
        kind = self._types(field)
        if kind is None:
            product[field] = cells.guess(text)
        else:
            self.put(field, self.value(name, text, lambda text: cells.own(text, kind)))

    def refuse(self, path: str, message: str) -> None:
        """The first reason counts."""
        if self._offer.problem is None:
            self._offer.problem = (path, message)

    def offer(self) -> Offer:
        """What has been found."""
        return self._offer


@lru_cache(4_096)
def _field(name: str) -> str:
    """A name as it can stand in a condition; empty: it cannot, or it is one of scn."""
    field = _NO_NAME.sub("_", name).strip("_")
    return "" if field in STANDARD else f"_{field}" if field[:1].isdigit() else field


def price(text: str) -> int | float:
    """0 or more. Raises ValueError."""
    found = cells.number(text)
    if found < 0:
        raise ValueError(f"expected a price of 0 or more, found {shown(text)}")
    return found


def types(defined: Mapping[str, Type]) -> cells.Types:
    """Of the fields of products that `define field` knows."""
    own = {name.partition(".")[2]: kind for name, kind in defined.items() if name.startswith("product.")}
    return own.get


def first(texts: Iterable[str]) -> str:
    """The first one that says anything."""
    return next((text for text in texts if text), "")
