"""The feed of Yandex Market: `<yml_catalog>`, its categories, its offers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from interpreter.ingest import cells
from interpreter.ingest.offers import Offer
from interpreter.ingest.offers import Values
from interpreter.ingest.offers import price
from interpreter.ingest.xml_records import Record
from interpreter.ingest.xml_records import XmlError
from interpreter.ingest.xml_records import records

#: Between a category and the one it belongs to.
WITHIN = " > "
#: Categories of one feed: they are kept until its end. And how deep they may lie.
MAX_CATEGORIES = 100_000
MAX_PATH = 20

#: Elements of scn's own meaning, pages of text, and what is told by another.
_TEXTS = ("url", "picture", "name")
_PASSED = frozenset({"description", "picture", "url", "name", "model", "typePrefix", "vendor"})


def offers(stream: BinaryIO, types: cells.Types) -> Iterator[Offer]:
    """The products of a feed, as they come. Raises XmlError."""
    categories = _Categories()
    for record in records(stream, ("yml_catalog",), ("category", "offer")):
        if record.name == "category":
            categories.add(record)
        else:
            yield _offer(record, categories, types)


class _Categories:
    """Each by its id: its name behind those it lies in."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, str | None]] = {}
        self._paths: dict[str, str] = {}

    def add(self, record: Record) -> None:
        if len(self._known) >= MAX_CATEGORIES:
            raise XmlError(record.line, f"expected at most {MAX_CATEGORIES:,} categories, found more")
        key = record.attributes.get("id", "").strip()
        if key:
            self._known[key] = (record.text[:200] or key, record.attributes.get("parentId"))
            self._paths.clear()

    def path(self, key: str) -> str:
        """`Clothes > Shoes`; one that the feed does not name is its id."""
        found = self._paths.get(key)
        if found is None:
            names, at = [], key
            seen: set[str] = set()
            while at in self._known and at not in seen and len(seen) < MAX_PATH:
                seen.add(at)
                name, parent = self._known[at]
                names.append(name)
                at = (parent or "").strip()
            found = self._paths[key] = WITHIN.join(reversed(names)) or key
        return found


def _offer(record: Record, categories: _Categories, types: cells.Types) -> Offer:
    values = Values(record.line, record.attributes.get("id", "").strip(), types)
    values.read("available", record.attributes.get("available", "").strip(), cells.truth)
    parts: dict[str, str] = {}
    for name, attributes, text in record.children:
        if name in _TEXTS:
            values.text(name, text)
        elif name == "price":
            values.read("price", text, price)
        elif name in {"oldprice", "old_price"}:
            values.read("old_price", text, price, name)
        elif name == "available":
            values.read("available", text, cells.truth)
        elif name == "categoryId":
            if text:
                values.text("category", categories.path(text))
                values.own("category_id", text)
        elif name == "expiry":
            # It may also say a date; what is compared with the day of delivery is a duration.
            values.read(
                "expiry" if text.startswith("P") else "expiry_date", text, cells.duration if text.startswith("P") else cells.moment, name
            )
        elif name == "param":
            values.own(attributes.get("name", "").strip(), text, more=True)
        elif name not in _PASSED:
            values.own(name, text)
        if name in {"typePrefix", "vendor", "model"} and text:
            parts.setdefault(name, text)
    for name in ("vendor", "model"):
        values.own(name, parts.get(name, ""))
    # Offers of the type `vendor.model` have no name of their own.
    values.text("name", " ".join(parts[name] for name in ("typePrefix", "vendor", "model") if name in parts))
    values.own("group_id", record.attributes.get("group_id", "").strip())
    return values.offer()
