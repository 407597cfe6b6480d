"""Feeds and tables that are weapons: refused with a sentence, before they cost memory or time."""

from __future__ import annotations

import gzip
import io
import itertools
import tracemalloc
from collections.abc import Iterable

import pytest

from interpreter.ingest import yml
from interpreter.ingest.csv_facts import Rows
from interpreter.ingest.csv_table import Table
from interpreter.ingest.google import offers as google_offers
from interpreter.ingest.packed import unpacked
from interpreter.ingest.xml_records import XmlError

HEAD = b"<yml_catalog><shop><offers>"
LAUGHS = b"".join(b'<!ENTITY l%d "%s">' % (number, b"&l%d;" % (number - 1) * 10 if number else b"lol") for number in range(10))


class Endless(io.RawIOBase):
    """A file that is as long as somebody reads it."""

    def __init__(self, begin: bytes, more: bytes, most: int = 30_000_000) -> None:
        self._parts: Iterable[bytes] = itertools.chain([begin], itertools.repeat(more * (65_536 // len(more))))
        self.given, self._most = 0, most

    def read(self, size: int = -1) -> bytes:
        part = next(iter(self._parts)) if self.given < self._most else b""
        self.given += len(part)
        return part


def refused(stream) -> str:
    with pytest.raises(XmlError) as problem:
        list(yml.offers(stream, lambda _: None))
    return problem.value.message


@pytest.mark.parametrize(
    "declared",
    [
        b"<!DOCTYPE yml_catalog [" + LAUGHS + b"]>",
        b'<!DOCTYPE yml_catalog [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        b'<!DOCTYPE yml_catalog [<!ENTITY % x SYSTEM "http://127.0.0.1/x.dtd"> %x;]>',
        b'<!DOCTYPE yml_catalog [<!ENTITY x PUBLIC "a" "http://127.0.0.1/" NDATA gif>]>',
        b'<!DOCTYPE yml_catalog SYSTEM "shops.dtd" [<!ENTITY x "y">]>',
    ],
)
def test_entities_are_refused_where_they_are_declared(declared):
    for encoding in ("utf-8", "utf-16"):
        data = (declared + HEAD + b'<offer id="1"><name>&l9;&x;</name></offer></offers></shop></yml_catalog>').decode().encode(encoding)
        assert refused(io.BytesIO(data)).startswith("expected a file without entities of its own, found one")


def test_an_external_dtd_is_not_looked_for():
    data = b'<!DOCTYPE yml_catalog SYSTEM "file:///etc/passwd">' + HEAD + b'<offer id="1"/></offers></shop></yml_catalog>'
    assert [offer.key for offer in yml.offers(io.BytesIO(data), lambda _: None)] == ["1"]
    data = data.replace(b"/><", b"><name>a&nbsp;&laquo;b&nobody;</name></offer><", 1)
    assert [offer.product for offer in yml.offers(io.BytesIO(data), lambda _: None)] == [{"id": "1", "name": "a\u00a0«b&nobody;"}]
    assert refused(io.BytesIO(data.partition(b">")[2])).startswith("expected XML, found a mistake: undefined entity")


@pytest.mark.parametrize(
    ("begin", "more", "sentence"),
    [
        (b"<yml_catalog>", b"<a>", "expected at most 64 elements inside each other"),
        (HEAD + b'<offer id="1"><name>', b"x", "expected texts of at most 1,000,000 characters"),
        (HEAD, b" ", "expected texts of at most 1,000,000 characters"),
        (HEAD + b'<offer id="', b"x", "expected tags and comments of at most 1,000,000 bytes"),
        (HEAD + b"<!-- ", b"x", "expected tags and comments of at most 1,000,000 bytes"),
        (HEAD + b"<![CDATA[", b"x", "expected texts of at most 1,000,000 characters"),
        (HEAD + b'<offer id="1">', b"<a/>", "expected at most 2,000 elements in one"),
        (HEAD + b'<offer id="1">', b"<a><b/>xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx</a>", "expected at most 2,000,000 characters in one"),
        (b"<yml_catalog ", b"x", "expected tags and comments of at most 1,000,000 bytes"),
    ],
)
def test_what_never_ends_is_given_up_early(begin, more, sentence):
    stream = Endless(begin, more, 5_000_000)
    tracemalloc.start()
    try:
        message = refused(stream)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 12_000_000
    assert message.startswith(sentence)
    assert stream.given < 4_500_000


def test_a_packed_bomb_is_not_unpacked_at_once():
    bomb = gzip.compress(HEAD + b'<offer id="1"><name>' + b"x" * 30_000_000)
    tracemalloc.start()
    try:
        assert refused(unpacked(io.BytesIO(bomb))).startswith("expected texts of at most")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8_000_000


@pytest.mark.parametrize("encoding", ["utf-7", "cp037", "idna", "no-such", "utf-32", "shift_jis", "rot13", "undefined"])
def test_encodings_that_nobody_reads_are_refused(encoding):
    data = f'<?xml version="1.0" encoding="{encoding}"?><yml_catalog></yml_catalog>'.encode()
    assert refused(io.BytesIO(data)).startswith("expected XML")


def test_names_of_params_never_take_the_place_of_fields():
    data = HEAD + b'<offer id="1"><param name="id">2</param><param name="Price">3</param><param name="zone">z</param><price>1</price>'
    data += b'<param name="__proto__">4</param><param name="">5</param><param name="2x">6</param></offer></offers></shop></yml_catalog>'
    [offer] = yml.offers(io.BytesIO(data), lambda _: None)
    assert offer.product == {"id": "1", "price": 1, "Price": 3, "proto": 4, "_2x": 6}


def test_google_prices_of_hostile_length_cost_nothing():
    data = b"<rss><channel><item><id>1</id><price>" + b"1 " * 400_000 + b"x</price></item></channel></rss>"
    [offer] = google_offers(io.BytesIO(data), lambda _: None, 0)
    assert offer.problem is not None
    assert len(offer.problem[1]) < 200


def rows(data: bytes, of: str = "customers"):
    return list(Rows(Table(unpacked(io.BytesIO(data)), "utf-8"), of, {}, None).facts(lambda fact: fact))  # type: ignore[arg-type, return-value]


def test_a_quote_that_is_never_closed_costs_its_own_piece_only():
    found = rows(b'customer,email\nann,"' + b",,,,\n" * 40_000 + b"bob,b\n")
    assert [one.message for one in found[:-1]] == ["expected the end of a text in quotes, found none; is a quote too many or too few?"]
    assert found[-1]["customer"] == "bob"


def test_a_header_of_a_million_columns_is_refused():
    from interpreter.ingest.csv_table import CsvError

    with pytest.raises(CsvError, match="expected at most 500 columns"):
        rows(b"customer," + b"x," * 1_000)
