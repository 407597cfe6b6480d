"""One load of a feed: compared with the load before it, only what differs becomes facts (`domain.md` §2.4).

All or nothing: the facts are written when the last offer has been read. Memory stays bounded however many offers there are.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import attrs
import msgspec

from interpreter.facts import Fact
from interpreter.facts import Rejection
from interpreter.ingest.json_lines import BadLine
from interpreter.ingest.offers import Offer
from interpreter.put_right import Refused
from interpreter.put_right import identifier
from interpreter.store.feeds import Feeds

#: Products looked up together; products and bytes of one fact; facts stored together.
TOGETHER = 500
IN_FACT = 300
IN_FACT_BYTES = 400_000
STORED = 20
#: A feed that had so many products and has lost more than half of them is most likely a mistake of whoever makes it.
MANY = 100

_OWN = re.compile(r"products\[\d+\]\.?")
_encode = msgspec.json.Encoder(order="sorted").encode
_decode = msgspec.json.Decoder(dict[str, Any]).decode

#: The door, with everything but the fact itself.
Door = Callable[[Mapping[str, Any]], Fact | Rejection]


@attrs.define
class Counts:
    """What became of the products."""

    products: int = 0
    """That the files have and that could be read."""
    changed: int = 0
    gone: int = 0


class Load:
    """The files of one call; they are one feed."""

    def __init__(self, feeds: Feeds, door: Door, zone: str | None, *, whole: bool) -> None:
        """`whole`: what is not in it is gone; else only what is said counts."""
        self._feeds, self._door, self._zone, self.whole = feeds, door, zone, whole
        self._source = f"{'feed' if whole else 'rows'} {zone or ''}"
        self._looked_up: list[Offer] = []
        self._changed: list[tuple[Offer, bytes, bytes, str]] = []
        """Offer, what is said of it as JSON, digest, names."""
        self._bytes = 0
        self._first: Fact | None = None
        self.counts = Counts()
        self.priced = False
        """Whether any product has a price."""
        self._prices, self._prices_lost = 0, 0
        """Of the products with a price in the load before that are in this one too: all, and those without one now."""
        feeds.begin()

    def add(self, offer: Offer) -> Iterable[BadLine]:
        """The next product; what turns out to be wrong with this one or others before it."""
        self._looked_up.append(offer)
        return self._compare() if len(self._looked_up) >= TOGETHER else ()

    def end(self) -> Iterable[BadLine]:
        """There are no more."""
        yield from self._compare()
        yield from self._pack()

    def shrunk(self) -> tuple[int, int] | None:
        """How many products there are now and how many there were, where that is too few to be believed."""
        now, before = self._feeds.sizes(self._source)
        return (now, before) if self.whole and before >= MANY and 2 * now < before else None

    def unpriced(self) -> tuple[int, int] | None:
        """How many prices were lost, and of how many, where that is too many to be believed: all, or most of many."""
        lost, before = self._prices_lost, self._prices
        doubtful = not self.priced or (before >= MANY and 2 * lost > before)
        return (lost, before) if self.whole and lost and doubtful else None

    def write(self, store: Callable[[list[Fact]], None]) -> None:
        """All facts, and what to compare the next load with. In a transaction."""
        facts: list[Fact] = []
        for data in self._feeds.parts():
            assert self._first is not None
            facts.append(msgspec.structs.replace(self._first, data=_decode(data)))
            if len(facts) == STORED:
                store(facts)
                facts = []
        last = ""
        while self.whole and (gone := self._feeds.gone(self._source, last, TOGETHER)):
            last = gone[-1]
            self.counts.gone += len(gone)
            fact = self._door(self._fact(gone=gone))
            assert isinstance(fact, Fact), fact
            facts.append(fact)
        if facts:
            store(facts)
        self._feeds.settle(self._source, whole=self.whole)

    def _fact(self, **what: Any) -> dict[str, Any]:
        return {"op": "product.feed", **what} if self._zone is None else {"op": "product.feed", "zone": self._zone, **what}

    # ------------------------------------------------------------------------------------------------------- compared

    def _compare(self) -> Iterable[BadLine]:
        offers: dict[str, Offer] = {}
        listed = self._feeds.listed([offer.key for offer in self._looked_up if offer.key])
        for offer in self._looked_up:
            problem = offer.problem
            try:
                key = None if offer.key is None else identifier(offer.key, "id")
            except Refused as refused:
                key, problem = None, (refused.path, refused.message)
            if key is not None:
                offer.key = key
                before = offers[key].line if key in offers else listed.get(key)
                if before is not None:
                    yield BadLine(offer.line, "id", f"expected every product once, found {key} again; it stands in line {before} already")
                    continue
                offers[key] = offer
            if problem is not None:
                yield BadLine(offer.line, *problem)
        self._looked_up = []
        self._feeds.put_on_list([(key, offer.line) for key, offer in offers.items()])
        good = {key: offer for key, offer in offers.items() if offer.problem is None}
        known = self._feeds.known(self._source, list(good))
        self.counts.products += len(good)
        for key, offer in good.items():
            self.priced = self.priced or offer.product.get("price") is not None
            said = _encode(offer.product)
            digest = blake2b(said, digest_size=12).digest()
            before_this, names = known.get(key, (b"", ""))
            # What was gone already had no price the day before either.
            had_price = bool(before_this) and "price" in names.split()
            self._prices += had_price
            if digest == before_this:
                continue
            self._prices_lost += had_price and offer.product.get("price") is None
            now = sorted(name for name, value in offer.product.items() if value is not None and name != "id")
            if self.whole and (lost := set(names.split()).difference(now)):
                # The feed said it, and says it no more.
                offer.product.update(dict.fromkeys(lost))
                said = _encode(offer.product)
            self._changed.append((offer, said, digest, " ".join(now)))
            self._bytes += len(said)
            if len(self._changed) >= IN_FACT or self._bytes >= IN_FACT_BYTES:
                yield from self._pack()

    # --------------------------------------------------------------------------------------------------------- packed

    def _pack(self) -> Iterable[BadLine]:
        changed, self._changed, self._bytes = self._changed, [], 0
        fact = self._of(changed) if changed else None
        if isinstance(fact, Rejection):
            sound = []
            for one in changed:
                alone = self._of([one])
                if isinstance(alone, Rejection):
                    self.counts.products -= 1
                    yield BadLine(one[0].line, _OWN.sub("", alone.path, count=1), alone.message)
                else:
                    sound.append(one)
            changed = sound
            fact = self._of(changed) if changed else None
        if fact is None:
            return
        assert isinstance(fact, Fact), fact
        self._first = self._first or msgspec.structs.replace(fact, data={})
        self._feeds.put_part(_encode(fact.data))
        self._feeds.changed((str(offer.key), digest, names) for offer, _, digest, names in changed)
        self.counts.changed += len(changed)

    def _of(self, changed: list[tuple[Offer, bytes, bytes, str]]) -> Fact | Rejection:
        return self._door(self._fact(products=[{**offer.product, "id": offer.key} for offer, *_ in changed]))
