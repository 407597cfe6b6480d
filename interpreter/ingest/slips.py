"""What a fact loses without a word, because somebody slipped: `emial` is kept as a field of the shop's own, `-` is nobody's address,
`email_subscribed` subscribes nobody.

A fact is never refused for it, for the shop may mean it. A name is judged once; of a fact whose names are all known to be fine only that
is asked.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from dsl.catalog import CHANNELS
from dsl.catalog import ENTITIES
from dsl.spelling import closest
from dsl.spelling import question
from interpreter.facts import ENVELOPE
from interpreter.facts import Fact
from interpreter.facts import is_address
from interpreter.ingest import consent_names
from interpreter.operations import PAYLOADS
from interpreter.operations.lists import PAYLOADS as LISTS
from interpreter.operations.lists import ListProduct
from interpreter.operations.products import CHANGING
from interpreter.operations.products import Product
from interpreter.operations.promos import PAYLOADS as PROMOS
from interpreter.payloads import CONSENTS
from interpreter.payloads import Line
from interpreter.payloads import Order
from interpreter.payloads import shown

#: Different names at one place that are judged; whoever has more makes them up anew in each fact.
MANY = 1_000


#: What the reader of a feed says of a product beside the fields of scn.
OF_FEEDS = ("category_id",)

#: What becomes of a name that scn does not know.
OWN = "kept as a field of your own"
UNREAD = "nothing reads it"


#: Operations that say what a customer agreed to.
_CONSENTING = frozenset(op for op, payload in PAYLOADS.items() if {*CONSENTS} & {*payload.__struct_encode_fields__})


class Slips:
    """What was found in the facts looked at."""

    def __init__(self) -> None:
        self._envelopes = {op: _Place("", *ENVELOPE, *_beside(op), consents=op in _CONSENTING) for op in PAYLOADS}
        self._order = _Place("order.", *Order.__struct_fields__, *ENTITIES["order"].fields)
        self._line = _Place("order.lines.", *Line.__struct_fields__, *ENTITIES["line"].fields)
        # What stands beside the id of the only product is of the product, and its slips of the envelope too.
        self._product = _Place("product.", *Product.__struct_fields__, *ENTITIES["product"].fields, *OF_FEEDS, "zone", *ENVELOPE)
        self._item = _Place("products.", *ListProduct.__struct_fields__, fate=UNREAD)
        self._addresses: dict[str, tuple[int, str]] = {}
        """Where what is no address stands: in how many facts, and the first one."""
        self.pools: dict[str, int] = {}
        """The pools of promo codes that facts name, each with their number."""
        self._channels: dict[str, int] = {}
        """The same of channels that scn does not know of itself."""

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
                    self._line.count({name: value for line in lines for name, value in line.items()})
                self._look_at_addresses("order.", order)
            elif fact.op in CHANGING:
                self._look_at(self._product, [data["product"]] if "product" in data else data.get("products") or ())
            elif "products" in data and fact.op in LISTS:
                self._look_at(self._item, data["products"])
            elif "pool" in data and fact.op in PROMOS:
                if data["pool"] in self.pools or len(self.pools) < MANY:
                    self.pools[data["pool"]] = self.pools.get(data["pool"], 0) + 1
            elif "email" in data or "phone" in data:
                self._look_at_addresses("", data)
            if fact.op in _CONSENTING:
                self._look_at_channels(data)

    def add(self, other: Slips) -> None:
        """What was found in further facts."""
        for mine, theirs in zip(self._places(), other._places(), strict=True):
            mine.add(theirs)
        for name, (count, theirs_first) in other._addresses.items():
            before, first = self._addresses.get(name, (0, theirs_first))
            self._addresses[name] = before + count, first
        for counts, more in ((self.pools, other.pools), (self._channels, other._channels)):
            for name, count in more.items():
                counts[name] = counts.get(name, 0) + count

    def _places(self) -> tuple[_Place, ...]:
        return (*self._envelopes.values(), self._order, self._line, self._product, self._item)

    def _look_at(self, place: _Place, objects: Collection[Mapping[str, Any]]) -> None:
        if not all(map(place.fine.issuperset, objects)):
            # What is taken away was said before.
            said = [{name: value for name, value in one.items() if value is not None} for one in objects]
            place.count({name: value for one in said for name, value in one.items()})
            for one in said:
                place.count_thing(one)

    def _look_at_addresses(self, prefix: str, data: Mapping[str, Any]) -> None:
        for kind in ("email", "phone"):
            value = data.get(kind)
            if value.__class__ is str and value and not is_address(kind, value):
                count, first = self._addresses.get(f"{prefix}{kind}", (0, value))
                self._addresses[f"{prefix}{kind}"] = (count + 1, first)

    def _look_at_channels(self, data: Mapping[str, Any]) -> None:
        for name in CONSENTS:
            for node in data.get(name) or ():
                channel = node.partition("/")[0]
                if channel not in CHANNELS and (channel in self._channels or len(self._channels) < MANY):
                    self._channels[channel] = self._channels.get(channel, 0) + 1

    def told(self, defined: Collection[str], *, each: bool = False) -> Iterator[tuple[str, int, str]]:
        """Each slip with its place, in how many facts it stands, and what to say; `defined`: `customer.points`, fields the shop means.

        `each`: of products, in how many of them.
        """
        own = {name.partition(".")[2] for name in defined}
        found: dict[tuple[str, str], int] = {}
        for place in self._places():
            for name, count in (place.things if each and place is self._product else place.counts).items():
                if name not in own:
                    key = (f"{place.prefix}{name}", place.told(name))
                    found[key] = found.get(key, 0) + count
        return ((name, count, meant) for (name, meant), count in found.items())

    def unknown_pools(self, defined: Collection[str]) -> Iterator[tuple[str, int, str]]:
        """The same of pools that nobody defined, where the name of one that somebody did is near."""
        for pool, count in self.pools.items():
            near = None if pool in defined else closest(pool, defined)
            if near is not None:
                yield pool, count, f"nobody defined this pool, so it is one of its own; {question(pool, near)}"

    def unknown_channels(self, configured: Collection[str]) -> Iterator[tuple[str, int, str]]:
        """The same of channels that are neither scn's nor in `scn.toml`."""
        for channel, count in self._channels.items():
            if channel not in configured:
                yield (
                    channel,
                    count,
                    "no channel that scn or scn.toml knows, so nobody is written to by it; write one such as `email`",
                )

    def no_addresses(self) -> Iterator[tuple[str, int, str]]:
        """The same of values where an address belongs, which are none."""
        for name, (count, first) in self._addresses.items():
            address = "phone number" if name.endswith("phone") else "e-mail address"
            yield name, count, f"{shown(first)} is no {address}; it is kept, but nothing is written to it and nobody is known by it"


def _beside(op: str) -> tuple[str, ...]:
    """What stands beside the envelope of an operation; of the only order or product that may be its fields too."""
    own = PAYLOADS[op].__struct_encode_fields__
    if op.startswith("order."):
        return (*own, *Order.__struct_fields__)
    return (*own, "product", *ListProduct.__struct_fields__) if op in LISTS else own


class _Place:
    """Where names stand: beside the envelope of an operation, in an order, in its lines, in a product."""

    def __init__(self, prefix: str, *known: str, fate: str = OWN, consents: bool = False) -> None:
        """`consents`: what customers agreed to may be told there."""
        self.prefix, self.fate, self._consents = prefix, fate, consents
        self.fine = set(known)
        """Names of scn, and those judged to be no slip of them."""
        self._near: dict[str, str] = {}
        self._agreed: dict[str, str] = {}
        """Names of a consent, which is one only with a yes or no behind it: what to write instead."""
        self.counts: dict[str, int] = {}
        self.things: dict[str, int] = {}
        """The same by products: a fact may have many."""
        self._known = tuple(dict.fromkeys(known))

    def count(self, said: Mapping[str, Any]) -> None:
        """One fact more with these names."""
        for name, value in said.items():
            if name not in self.fine and name not in self._near and name not in self._agreed:
                self._judge(name)
            if name in self._near or (name in self._agreed and consent_names.is_yes_or_no(value)):
                self.counts[name] = self.counts.get(name, 0) + 1

    def count_thing(self, names: Iterable[str]) -> None:
        """One product more with these names, of a fact that was counted."""
        for name in names:
            if name in self.counts:
                self.things[name] = self.things.get(name, 0) + 1

    def told(self, name: str) -> str:
        """What to say of a name that was counted."""
        return f"{self.fate}; {question(name, self._near[name])}" if name in self._near else self._agreed[name]

    def _judge(self, name: str) -> None:
        if len(self.fine) + len(self._near) + len(self._agreed) >= MANY:
            return
        near = closest(name, self._known)
        instead = consent_names.instead(name) if near is None and self._consents else None
        if near is not None:
            self._near[name] = near
        elif instead is not None:
            self._agreed[name] = f"{self.fate}, so it subscribes nobody; {instead}"
        else:
            self.fine.add(name)

    def add(self, other: _Place) -> None:
        """What was found at this place in further facts."""
        self._near.update(other._near)
        self._agreed.update(other._agreed)
        for counts, more in ((self.counts, other.counts), (self.things, other.things)):
            for name, count in more.items():
                counts[name] = counts.get(name, 0) + count
