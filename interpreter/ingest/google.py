"""The feed of Google Merchant Center: RSS 2.0 or Atom, with elements of the namespace `g:`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping
from typing import BinaryIO

from dsl.calendar import parse_moment
from dsl.catalog import written_list
from interpreter.ingest import cells
from interpreter.ingest.offers import Offer
from interpreter.ingest.offers import Values
from interpreter.ingest.offers import first
from interpreter.ingest.offers import price
from interpreter.ingest.xml_records import Record
from interpreter.ingest.xml_records import records
from interpreter.payloads import shown

#: What Google knows; what is only promised cannot be had now.
AVAILABILITY: Mapping[str, bool] = {"in_stock": True, "out_of_stock": False, "preorder": False, "backorder": False}

_TEXTS = {"title": "name", "link": "url", "image_link": "picture"}
#: Elements of scn's own meaning, pages of text, and what there may be many of.
_PASSED = frozenset({
    "id", "title", "link", "image_link", "product_type", "google_product_category", "price", "sale_price", "sale_price_effective_date",
    "availability", "description", "additional_image_link", "guid", "pubDate", "updated", "author", "summary", "content",
})  # fmt: skip
_PRICE = re.compile(r"(?P<before>[A-Z]{3})?\s*(?P<amount>[-−0-9.,\s]*[0-9])\s*(?P<after>[A-Z]{3})?")


def offers(stream: BinaryIO, types: cells.Types, now: int) -> Iterator[Offer]:
    """The products of a feed, as they come; `now`: whether a sale has begun or ended. Raises XmlError."""
    for record in records(stream, ("rss", "feed", "RDF"), ("item", "entry")):
        yield _offer(record, types, now)


def _offer(record: Record, types: cells.Types, now: int) -> Offer:
    found: dict[str, str] = {}
    for name, attributes, text in record.children:
        # Atom has its link in an attribute.
        found.setdefault(name, text or attributes.get("href", "").strip())
    values = Values(record.line, found.get("id"), types)
    for name, field in _TEXTS.items():
        values.text(field, found.get(name, ""))
    values.text("category", first((found.get("product_type", ""), found.get("google_product_category", ""))))
    values.read("available", found.get("availability", ""), _available, "availability")
    usual = values.value("price", found.get("price", ""), _amount)
    sale = values.value("sale_price", found.get("sale_price", ""), _amount)
    if sale is not None and _on_sale(found.get("sale_price_effective_date", ""), now):
        values.put("price", sale)
        values.put("old_price", usual)
    else:
        values.put("price", usual)
    if written := _PRICE.fullmatch(found.get("price", "")):
        values.own("currency", written["after"] or written["before"] or "")
    values.own("availability", found.get("availability", ""))
    for name, text in found.items():
        if name not in _PASSED:
            values.own(name, text)
    return values.offer()


def _amount(text: str) -> int | float:
    """`12.50 RUB`"""
    written = _PRICE.fullmatch(text)
    if written is None:
        raise ValueError(f"expected a price such as `12.50 RUB`, found {shown(text)}")
    return price(written["amount"].strip())


def _available(text: str) -> bool:
    word = "_".join(text.casefold().split())
    if word not in AVAILABILITY:
        raise ValueError(f"expected {written_list(AVAILABILITY)}, found {shown(text)}")
    return AVAILABILITY[word]


def _on_sale(period: str, now: int) -> bool:
    """`2024-06-01T00:00+0300/2024-06-10T00:00+0300`; what cannot be read is no period."""
    begin, slash, end = period.partition("/")
    try:
        return not slash or parse_moment(begin, "UTC") <= now < parse_moment(end, "UTC")
    except ValueError:
        return True
