"""Changed products reach whoever has them: so many at a time that memory stays bounded, however many have one in their lists.

A batch ends before the fact with which it would reach too many. A fact that alone reaches too many stays first in the inbox,
and the product as it was, until all of them have had their turn: batch by batch, in one transaction each with how far they have come.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

import msgspec

from dsl.forms import Record
from interpreter.entities import Product
from interpreter.events.products import reached
from interpreter.facts import Fact
from interpreter.operations.products import CHANGING
from interpreter.operations.products import rows
from interpreter.phases.batch import Batch
from interpreter.rules import Rules
from interpreter.store.sqlite import Store

#: Owners of changed products that are in memory together, and products that feeds name.
OWNERS = 4000
PRODUCTS = 10_000

#: The single value that holds how far a fact has come.
_PLACE = "reach"


class _Place(msgspec.Struct, array_like=True):
    """Up to whom a fact has been handled."""

    fact: int
    kind: str = ""
    product: str = ""
    customer: int = 0


class Turn(Record):
    """What a batch takes of the facts that are there."""

    facts: list[Fact]
    following: _Place | None = None
    """Where the next batch goes on with the one fact; None: all are through."""

    def keep(self, batch: Batch) -> None:
        """With what was decided. Until all are through the product stays as it was, for the next ones are to see the same change."""
        if self.following is not None:
            batch.shop.holdings.changed_products.clear()
            batch.store.scenarios.set(_PLACE, msgspec.json.encode(self.following).decode())
        elif batch.portion is not None:
            batch.store.scenarios.set(_PLACE, None)


def turn(batch: Batch, facts: list[Fact]) -> Turn:
    """As many of the facts as reach no more than may be in memory; tells the batch whose turn it is."""
    if not any(fact.op in CHANGING for fact in facts):
        return Turn(facts)
    kept = batch.store.scenarios.get(_PLACE)
    begun = _Place(0) if kept is None else msgspec.json.decode(kept, type=_Place)
    place = next((place for place, fact in enumerate(facts) if fact.id == begun.fact), len(facts))
    before = facts[: min(place, _short(facts))]
    batch.know_products(_named(before or facts[:1]))
    known = batch.shop.holdings.product
    before = before[: _affordable(batch.store, batch.rules, before, known)]
    if before:
        return Turn(before)
    begun = begun if facts[0].id == begun.fact else _Place(facts[0].id)
    return _portion(batch, facts[0], begun, reached([facts[0]], known, batch.rules))


def affordable(store: Store, rules: Rules, facts: Sequence[Fact]) -> int:
    """How many of the facts, from the first on, name and reach no more than may be in memory together."""
    if not any(fact.op in CHANGING for fact in facts):
        return len(facts)
    facts = facts[: _short(facts)]
    known = {product.key: product for product in store.belongings.products(_named(facts))}
    return _affordable(store, rules, facts, known.get)


def _named(facts: Iterable[Fact]) -> set[str]:
    return {key for fact in facts if fact.op in CHANGING for key in rows(fact.op, fact.data)}


def _short(facts: Sequence[Fact]) -> int:
    """How many of the facts, at least one, name no more products than may be in memory together."""
    total = 0
    for number, fact in enumerate(facts):
        if fact.op == "product.feed":
            total += len(fact.data.get("products") or ()) + len(fact.data.get("gone") or ())
            if total > PRODUCTS and number:
                return number
    return len(facts)


def _affordable(store: Store, rules: Rules, facts: Sequence[Fact], product: Callable[[str], Product | None]) -> int:
    counts = _counts(store, reached([fact for fact in facts if fact.op in CHANGING], product, rules))
    if sum(counts.values()) <= OWNERS:
        return len(facts)
    of_product: dict[str, int] = {}
    for (_, key), count in counts.items():
        of_product[key] = of_product.get(key, 0) + count
    total = 0
    for number, fact in enumerate(facts):
        if fact.op in CHANGING:
            total += sum(of_product.pop(key, 0) for key in rows(fact.op, fact.data))
            if total > OWNERS:
                return number
    return len(facts)


def _counts(store: Store, pairs: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], int]:
    """How many have something of a kind about a product."""
    kinds: dict[str, list[str]] = {}
    for kind, product in pairs:
        kinds.setdefault(kind, []).append(product)
    return {(kind, product): count for kind, several in kinds.items() for product, count in store.belongings.count_owners(kind, several)}


def _portion(batch: Batch, fact: Fact, begun: _Place, pairs: Sequence[tuple[str, str]]) -> Turn:
    """The next owners of what one fact changes."""
    portion: dict[tuple[str, str], list[int]] = {}
    left = OWNERS
    following = None
    for kind, product, after in _from(pairs, begun):
        found = batch.store.belongings.members(kind, product, after, left)
        portion[kind, product] = found
        left -= len(found)
        if not left:
            following = _Place(fact.id, kind, product, found[-1])
            break
    batch.portion = portion
    return Turn([fact], following)


def _from(pairs: Sequence[tuple[str, str]], begun: _Place) -> Iterator[tuple[str, str, int]]:
    """What is still to be gone through, each from whom on."""
    for kind, product in pairs:
        if (product, kind) >= (begun.product, begun.kind):
            yield kind, product, begun.customer if (kind, product) == (begun.kind, begun.product) else -1
