"""Rows of a CSV file become facts: customers, orders, subscriptions, promo codes; products go the way of feeds."""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import attrs
import msgspec

from dsl.catalog import Type
from dsl.catalog import written_list
from dsl.spelling import closest
from interpreter.facts import Fact
from interpreter.facts import Rejection
from interpreter.ingest import cells
from interpreter.ingest import csv_kinds
from interpreter.ingest.csv_kinds import ENVELOPE
from interpreter.ingest.csv_kinds import KINDS
from interpreter.ingest.csv_kinds import LINE
from interpreter.ingest.csv_kinds import NOTHING
from interpreter.ingest.csv_kinds import OF_LINE
from interpreter.ingest.csv_kinds import Kind
from interpreter.ingest.csv_table import CsvError
from interpreter.ingest.csv_table import Row
from interpreter.ingest.csv_table import Table
from interpreter.ingest.json_lines import BadLine
from interpreter.ingest.offers import Offer
from interpreter.payloads import shown
from interpreter.put_right import Refused
from interpreter.put_right import identifier

#: Lines of one order, promo codes of one fact.
MAX_LINES = 10_000
CODES = 1_000

Door = Callable[[Mapping[str, Any]], Fact | Rejection]
_LINE_PATH = re.compile(r"order\.lines\[(\d+)\]\.?")
_encode = msgspec.json.Encoder(order="sorted").encode


@attrs.frozen
class Column:
    """Where the cells of a column go."""

    name: str
    """As the header has it."""
    part: str
    """`fact`, `order`, `line`"""
    field: str
    read: Callable[[str], Any]


class Rows:
    """The rows of one file, of the kind they are."""

    def __init__(self, table: Table, of: str | None, defined: Mapping[str, Type], pool: str | None) -> None:
        """`of`: what the rows are, where that is said; `defined`: the fields that `define field` knows. Raises CsvError."""
        self.kind = _kind(table.columns, of)
        self._table, self._pool = table, pool
        self._columns = {column.name: column for column in _columns(table.columns, self.kind, defined)}
        fields = {column.field for column in self._columns.values() if column.part != "line"}
        if self.kind.name == "promo" and pool is None and "pool" not in fields:
            raise CsvError(1, "expected the pool of these codes in a column `pool` or as `--pool NAME`, found neither")
        if self.kind.name == "promo" and pool is not None and "pool" in fields:
            raise CsvError(1, "expected the pool of these codes in a column `pool` or as `--pool NAME`, found both")
        if self.kind.id not in fields:
            near = closest(self.kind.id, table.columns)
            raise CsvError(1, f"expected a column `{self.kind.id}`, found none" + (f"; is it {shown(near)}?" if near else ""))

    # --------------------------------------------------------------------------------------------------------- facts

    def facts(self, door: Door) -> Iterator[Fact | BadLine]:
        """Of all kinds but products."""
        rows = {"orders": self._orders, "promo": self._promo}.get(self.kind.name, self._single)
        for one in rows():
            if isinstance(one, BadLine):
                yield one
                continue
            lines, fact = one
            if fact.get("key") is None and fact.get("at") is None:
                fact["key"] = f"csv-{sha256(_encode([self.kind.name, fact])).hexdigest()[:28]}"
            answer = door(fact)
            yield self._bad(lines, answer) if isinstance(answer, Rejection) else answer

    def _single(self) -> Iterator[tuple[list[int], dict[str, Any]] | BadLine]:
        operation = {"customers": "customer.import", "subscriptions": "subscription.set"}[self.kind.name]
        for row in self._table.rows():
            read = row if isinstance(row, BadLine) else self._read(row)
            yield read if isinstance(read, BadLine) else ([_line(row)], {"op": operation, **read["fact"]})

    def offers(self) -> Iterator[Offer | BadLine]:
        """Of products."""
        for row in self._table.rows():
            read = row if isinstance(row, BadLine) else self._read(row)
            if isinstance(read, BadLine):
                yield read
                continue
            product = read["fact"]
            key = product.pop("product", None)
            problem = None if key else (self._shown("product"), "expected the id of the product, found nothing")
            yield Offer(_line(row), key, {"id": key, **product}, problem)

    def _orders(self) -> Iterator[tuple[list[int], dict[str, Any]] | BadLine]:
        group: _Group | None = None
        for row in self._table.rows():
            if isinstance(row, BadLine):
                yield row
                continue
            read = self._read(row)
            key = row.cells.get(self._shown("order"))
            if key is None or key == NOTHING:
                if group is not None:
                    yield from group.told()
                    group = None
                yield BadLine(row.line, self._shown("order"), "expected the id of the order, found nothing")
                continue
            if group is not None and (key != group.key or len(group.lines) >= MAX_LINES):
                yield from group.told()
                group = None
            group = group or _Group(key, self._shown)
            bad = read if isinstance(read, BadLine) else group.add(row.line, read)
            if bad is not None:
                group.sound = False
                yield bad
        if group is not None:
            yield from group.told()

    def _promo(self) -> Iterator[tuple[list[int], dict[str, Any]] | BadLine]:
        pool, lines, codes = self._pool, list[int](), list[str]()
        for row in self._table.rows():
            read = row if isinstance(row, BadLine) else self._read(row)
            if isinstance(read, BadLine):
                yield read
                continue
            said = read["fact"]
            try:
                code = identifier(said.get("code") or "", self._shown("code"))
                into = self._pool or identifier(said.get("pool") or "", "pool")
            except Refused as problem:
                yield BadLine(_line(row), problem.path, problem.message)
                continue
            if codes and (into != pool or len(codes) == CODES):
                yield lines, {"op": "promo.load", "pool": pool, "codes": codes}
                lines, codes = [], []
            pool = into
            lines.append(_line(row))
            codes.append(code)
        if codes:
            yield lines, {"op": "promo.load", "pool": pool, "codes": codes}

    # --------------------------------------------------------------------------------------------------------- cells

    def _read(self, row: Row) -> dict[str, dict[str, Any]] | BadLine:
        """What the cells mean, by where it goes."""
        parts: dict[str, dict[str, Any]] = {"fact": {}, "order": {}, "line": {}}
        for name, text in row.cells.items():
            column = self._columns[name]
            try:
                parts[column.part][column.field] = None if text == NOTHING else column.read(text)
            except ValueError as problem:
                return BadLine(row.line, name, str(problem))
        return parts

    def _shown(self, field: str, part: str | None = None) -> str:
        """The column that a field stands in."""
        return next(
            (column.name for column in self._columns.values() if column.field == field and part in {None, column.part}), field
        )  # fmt: skip

    def _bad(self, lines: list[int], problem: Rejection) -> BadLine:
        """In the words of the file: the line of the row, the name of its column."""
        line, path, part = lines[0], problem.path, None
        if found := _LINE_PATH.match(path):
            line, path, part = lines[int(found[1])], path[found.end() :], "line"
        elif path.startswith("order."):
            path, part = path.removeprefix("order."), "order"
            path = "order" if path == "id" else path
        name = re.split(r"[.\[]", path, maxsplit=1)[0]
        return BadLine(line, self._shown(name, part) if name else "", problem.message)


class _Group:
    """The rows of one order that follow each other."""

    def __init__(self, key: str, shown_as: Callable[[str], str]) -> None:
        self.key, self._shown = key, shown_as
        self.lines: list[int] = []
        self.sound = True
        self._fact: dict[str, Any] = {}
        self._order: dict[str, Any] = {}
        self._lines: list[dict[str, Any]] = []
        self._begun: int | None = None

    def add(self, line: int, read: Mapping[str, dict[str, Any]]) -> BadLine | None:
        """One row more. What is of the order stands in each of its rows, or in one of them."""
        self._begun = self._begun or line
        for said, known in ((read["fact"], self._fact), (read["order"], self._order)):
            for name, value in said.items():
                if known.setdefault(name, value) != value:
                    wanted = f"{shown(known[name])} as in line {self._begun}, of the same order"
                    return BadLine(line, self._shown(name), f"expected {wanted}, found {shown(value)}")
        if read["line"]:
            self.lines.append(line)
            self._lines.append(read["line"])
        return None

    def told(self) -> Iterator[tuple[list[int], dict[str, Any]]]:
        """The order, if all of its rows are sound."""
        if not self.sound:
            return
        fact = {key: value for key, value in self._fact.items() if key != "order"}
        order: dict[str, Any] = {"id": self.key, **self._order}
        if self._lines:
            order["lines"] = self._lines
        # When an order last changed is when what is said of it happened (`domain.md` §2.1).
        if fact.get("at") is None and order.get("updated_at") is not None:
            fact["at"] = order["updated_at"]
        yield self.lines or [self._begun or 1], {"op": "order.update", **fact, "order": order}


def _line(row: Row | BadLine) -> int:
    return row.line


# ------------------------------------------------------------------------------------------------------------- header


def _kind(columns: Collection[str], of: str | None) -> Kind:
    if of is not None:
        return KINDS[of]
    found = csv_kinds.found(columns)
    if len(found) == 1:
        return KINDS[found[0]]
    doubt = f"they may be {written_list(found, 'or')}" if found else f"say it: `--of {'|'.join(KINDS)}`"
    if slips := [f"{shown(name)} is perhaps `{near}`" for name in columns if (near := csv_kinds.meant(name)) is not None]:
        doubt = f"{', '.join(slips)}; else {doubt}"
    raise CsvError(1, f"expected columns that tell what the rows are, found {', '.join(shown(name) for name in columns)}; {doubt}")


def _columns(names: Collection[str], kind: Kind, defined: Mapping[str, Type]) -> Iterator[Column]:
    taken: set[tuple[str, str]] = set()
    own_id = kind.id in map(csv_kinds.plain, names)
    for name in names:
        if not name:
            continue
        column = _column(name, kind, defined, id_is_known=own_id)
        if (column.part, column.field) in taken:
            raise CsvError(1, f"expected every column once, found {shown(name)} for what another says too")
        taken.add((column.part, column.field))
        yield column


def _column(name: str, kind: Kind, defined: Mapping[str, Type], *, id_is_known: bool) -> Column:
    """Where a column goes. Raises CsvError for one that has no place."""
    low = csv_kinds.plain(name)
    if low == "op":
        raise CsvError(1, "expected no column `op`: what the rows are says `--of`")
    if low == "id" and not id_is_known:
        low = kind.id
    if kind.name == "orders":
        prefix, dot, rest = low.partition(".")
        if dot and prefix == "line":
            return _of_line(name, name[5:], rest, defined)
        if low in OF_LINE:
            return _of_line(name, OF_LINE[low], OF_LINE[low], defined)
        if dot and prefix == "order":
            low, name_of_own = rest if rest != "id" else "order", name[6:]
        else:
            name_of_own = name
        if low in kind.fields:
            return Column(name, "fact" if low in {"order", "customer"} else "order", low, kind.fields[low])
        if low in ENVELOPE:
            return Column(name, "fact", low, ENVELOPE[low])
        return Column(name, "order", name_of_own, _own(defined.get(f"order.{name_of_own}")))
    if low in kind.fields:
        return Column(name, "fact", low, kind.fields[low])
    if kind.name in {"products", "promo"} and (low in ENVELOPE or low == "zone"):
        way = (
            "of a zone is loaded with `--zone NAME`" if low == "zone" else "is compared with the one before: it needs no dates and no keys"
        )
        raise CsvError(1, f"expected no column {shown(name)}: a file of {kind.name} {way}")
    if low in ENVELOPE:
        return Column(name, "fact", low, ENVELOPE[low])
    if not kind.open:
        near = closest(low, kind.fields)
        meant = f"did you mean `{near}`?" if near else f"it may have {written_list(kind.fields)}"
        raise CsvError(1, f"unknown column {shown(name)} in a file of {kind.name}, {meant}")
    return Column(name, "fact", name, _own(defined.get(f"{kind.entity}.{name}")))


def _of_line(name: str, own: str, field: str, defined: Mapping[str, Type]) -> Column:
    if field in LINE:
        return Column(name, "line", field, LINE[field])
    return Column(name, "line", own, _own(defined.get(f"line.{own}")))


def _own(kind: Type | None) -> Callable[[str], Any]:
    return lambda text: cells.own(text, kind)
