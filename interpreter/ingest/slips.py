"""Names in facts that are nearly names of scn: `emial` is kept as a field of the shop's own, and the address is lost without a word.

A fact is never refused for it, for the shop may mean it. A name is judged once; of a fact whose names are all known to be fine only that
is asked.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from dsl.catalog import ENTITIES
from dsl.spelling import closest
from dsl.spelling import question
from interpreter.facts import ENVELOPE
from interpreter.facts import Fact
from interpreter.operations import PAYLOADS
from interpreter.payloads import Line
from interpreter.payloads import Order

#: Different names at one place that are judged; whoever has more makes them up anew in each fact.
MANY = 1_000


class Slips:
    """What was found in the facts looked at."""

    def __init__(self) -> None:
        self._envelopes = {op: _Place("", *ENVELOPE, *_beside(op)) for op in PAYLOADS}
        self._order = _Place("order.", *Order.__struct_fields__, *ENTITIES["order"].fields)
        self._line = _Place("order.lines.", *Line.__struct_fields__, *ENTITIES["line"].fields)

    def look(self, facts: Iterable[Fact]) -> None:
        """Counts the slips in facts that `interpreter.facts.read` took."""
        envelopes, fine_order, fine_line = self._envelopes, self._order.fine.issuperset, self._line.fine.issuperset
        for fact in facts:
            data = fact.data
            place = envelopes[fact.op]
            if not place.fine.issuperset(data):
                place.count(data)
            if "order" in data and data["order"].__class__ is dict:
                order = data["order"]
                if not fine_order(order):
                    self._order.count(order)
                lines = order.get("lines")
                if lines and not all(map(fine_line, lines)):
                    self._line.count({name for line in lines for name in line})

    def told(self, defined: Collection[str]) -> Iterator[tuple[str, int, str]]:
        """Each slip with its place, in how many facts it stands, and the question; `defined`: `customer.points`, fields the shop means."""
        own = {name.partition(".")[2] for name in defined}
        found: dict[tuple[str, str], int] = {}
        for place in (*self._envelopes.values(), self._order, self._line):
            for name, count in place.counts.items():
                if name not in own:
                    key = (f"{place.prefix}{name}", question(name, place.near[name]))
                    found[key] = found.get(key, 0) + count
        return ((name, count, meant) for (name, meant), count in found.items())


def _beside(op: str) -> tuple[str, ...]:
    """What stands beside the envelope of an operation; for `order.*` that may be the fields of the order too."""
    own = PAYLOADS[op].__struct_encode_fields__
    return (*own, *Order.__struct_fields__) if op.startswith("order.") else own


class _Place:
    """Where names stand: beside the envelope of an operation, in an order, in its lines."""

    def __init__(self, prefix: str, *known: str) -> None:
        self.prefix = prefix
        self.fine = set(known)
        """Names of scn, and those judged to be no slip of them."""
        self.near: dict[str, str] = {}
        """Slip -> the name that is meant."""
        self.counts: dict[str, int] = {}
        self._known = tuple(dict.fromkeys(known))

    def count(self, names: Mapping[str, Any] | Collection[str]) -> None:
        """One fact more with these names."""
        for name in names:
            if name in self.near:
                self.counts[name] += 1
            elif name not in self.fine and len(self.fine) + len(self.near) < MANY:
                near = closest(name, self._known)
                if near is None:
                    self.fine.add(name)
                else:
                    self.near[name], self.counts[name] = near, 1
