"""What `scn ingest` does with files that are no JSON lines: CSV and feeds.

Rows of customers, orders, subscriptions and promo codes are facts as lines are. Products are compared with the load before, so their
files are read to the end before anything is stored.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any
from typing import BinaryIO

from dsl.catalog import Type
from interpreter.collection import no_collection
from interpreter.commands import choices
from interpreter.commands.taking import Outcome
from interpreter.commands.taking import Sheet
from interpreter.commands.taking import Streams
from interpreter.commands.taking import keep
from interpreter.commands.taking import progress
from interpreter.commands.taking import take_in
from interpreter.errors import UserError
from interpreter.facts import Fact
from interpreter.facts import Rejection
from interpreter.ingest import google
from interpreter.ingest import offers
from interpreter.ingest import yml
from interpreter.ingest.csv_facts import Rows
from interpreter.ingest.csv_table import CsvError
from interpreter.ingest.csv_table import Table
from interpreter.ingest.csv_table import known_encoding
from interpreter.ingest.feed_load import TOGETHER
from interpreter.ingest.feed_load import Load
from interpreter.ingest.json_lines import BadLine
from interpreter.ingest.offers import Offer
from interpreter.ingest.packed import DAMAGED
from interpreter.ingest.packed import unpacked
from interpreter.ingest.xml_records import XmlError
from interpreter.put_right import Refused
from interpreter.put_right import identifier
from interpreter.store.sqlite import Store

Door = Callable[[Mapping[str, Any]], Fact | Rejection]
#: A file of products: its name, itself, how its products are read.
Products = tuple[str, BinaryIO, Iterable[Offer | BadLine]]


def take_in_sheets(
    store: Store, streams: Streams, door: Door, outcome: Outcome, sheet: Sheet, defined: Mapping[str, Type], now: int, *, strict: bool
) -> None:
    """All files of one call. Raises UserError; then nothing of products is stored."""
    zone = _zone(sheet.zone)
    rows: dict[str, Rows] = {}
    products: list[Products] = []
    if sheet.format == "csv":
        rows = _headers(streams, sheet, defined)
        products = [(name, stream, rows[name].offers()) for name, stream in streams if rows[name].kind.name == "products"]
        if zone is not None and len(products) < len(streams):
            raise UserError("`--zone` is about products, and these files have others too", "leave it out, or load the products alone")
    else:
        read = yml.offers if sheet.format == "yml" else partial(google.offers, now=now)
        products = [(name, stream, read(unpacked(stream), types=offers.types(defined))) for name, stream in streams]
    load = None
    if products:
        load = Load(store.feeds, door, zone, whole=sheet.format != "csv")
        outcome.products = load.counts
        _read_products(load, products, outcome)
        if not sheet.shrink and (sizes := load.shrunk()) is not None:
            raise _shrunk(products[0][0], *sizes)
        if not sheet.shrink and (prices := load.unpriced()) is not None:
            raise _unpriced(products[0][0], *prices)
        # What the feed of a zone does not say, the main one does.
        outcome.unpriced = load.whole and zone is None and load.counts.products > 0 and not load.priced
    others = [(name, stream) for name, stream in streams if name in rows and rows[name].kind.name != "products"]
    take_in(
        store,
        others,
        lambda name, _: _guarded(name, rows[name].facts(door)),
        outcome,
        strict=strict,
        last=None if load is None else partial(_write, store, load, outcome),
    )


def _zone(name: str | None) -> str | None:
    try:
        return None if name is None else identifier(name, "zone")
    except Refused as problem:
        raise UserError(f"`--zone`: {problem.message}") from None


def _headers(streams: Streams, sheet: Sheet, defined: Mapping[str, Type]) -> dict[str, Rows]:
    """Of all files before any row is taken."""
    if not known_encoding(sheet.encoding):
        raise UserError(f"`--encoding {sheet.encoding}`: there is no such encoding of text in lines", "write `utf-8` or `cp1251`")
    found = {}
    for name, stream in streams:
        with _sentences(name):
            found[name] = Rows(Table(unpacked(stream), sheet.encoding.lower()), sheet.of, defined, sheet.pool)
    return found


def _read_products(load: Load, products: list[Products], outcome: Outcome) -> None:
    """Everything is compared; nothing is stored."""
    any_products = False
    with no_collection(), progress([(name, stream) for name, stream, _ in products]) as advance:
        for name, stream, found in products:
            before = len(outcome.rejected)
            with _sentences(name):
                for number, one in enumerate(found):
                    any_products = True
                    if isinstance(one, BadLine):
                        outcome.reject(name, one)
                        continue
                    for bad in load.add(one):
                        outcome.reject(name, bad)
                    if number % TOGETHER == 0:
                        advance(name, stream.tell)
            for bad in load.end():
                outcome.reject(name, bad)
            # Compared are many at a time: what is wrong with them is found later than what cannot be read.
            outcome.rejected[before:] = sorted(outcome.rejected[before:], key=lambda one: one[1].line)
    if load.whole and not any_products:
        raise UserError(
            f"{products[0][0]}: there are no products in it", "nothing was changed: a feed without products is taken for a mistake"
        )


def _shrunk(name: str, now: int, before: int) -> UserError:
    there_are = "there is 1 product" if now == 1 else f"there are {now:,} products"
    return _lost(f"{name}: {there_are} in it, and the load before had {before:,}", "more than half of its products")


def _unpriced(name: str, lost: int, before: int) -> UserError:
    left = "has none any more" if before == 1 else "none has one any more" if lost == before else f"{lost:,} have none any more"
    which = "all" if lost == before else "more than half"
    return _lost(f"{name}: {choices.products(before)} in it had a price in the load before, and {left}", f"{which} of its prices")


def _lost(message: str, what: str) -> UserError:
    why = f"a feed that has lost {what} is taken for a mistake"
    return UserError(message, f"nothing was changed: {why}; take it all the same with `--shrink`")


def _write(store: Store, load: Load, outcome: Outcome) -> None:
    with store.transaction(durable=True):
        load.write(lambda facts: keep(store, facts, outcome))


def _guarded(name: str, found: Iterable[Fact | BadLine]) -> Iterator[Fact | BadLine]:
    with _sentences(name, "what follows was not read"):
        yield from found


@contextmanager
def _sentences(name: str, hint: str = "nothing of it was stored") -> Iterator[None]:
    """What is wrong with a whole file, as a sentence."""
    try:
        yield
    except (CsvError, XmlError) as problem:
        raise UserError(f"{name}:{problem.line}: {problem.message}", hint) from None
    except DAMAGED:
        raise UserError(f"{name}: it is packed with gzip, and damaged; get it once more", hint) from None
