"""What goes on from batch to batch: the ids a tick hands out, the topics seen so far, what made codes are drawn by."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from secrets import token_hex

from interpreter.offers.counting import counted_to
from interpreter.shop import Shop
from interpreter.store.sqlite import Store

#: The single value that made codes depend on.
_SALT = "salt"

#: The ids a tick hands out.
COUNTED = ("customer", "orders", "action", "journey", "message")


class Ids:
    """Free ids, and the topics seen so far: what goes on from batch to batch. There is one tick, and what its
    processes hand out is told to the one who deals.
    """

    def __init__(self, store: Store, topics: Iterable[str]) -> None:
        """Go on behind what the store has; `topics`: those that the project names."""
        self._next = {table: store.next_id(table) for table in COUNTED}
        self.topics = {*topics, *store.entities.topics()}
        """Those that follow their channel."""
        self._store = store
        self.counted_to = counted_to(store)
        """Up to which order offers have counted what was before."""

    @cached_property
    def salt(self) -> str:
        """By what codes are made: drawn once for each database; a rehearsal always has the same."""
        if not self._store.connection.outlives:
            return "rehearsal"
        kept = self._store.scenarios.get(_SALT)
        if kept is None:
            kept = token_hex(16)
            self._store.scenarios.set(_SALT, kept)
        return kept

    def next(self, table: str) -> int:
        """The id that is handed out next."""
        return self._next[table]

    def mark(self) -> dict[str, int]:
        """Where the ids stand, to come back to."""
        return dict(self._next)

    def back_to(self, mark: dict[str, int]) -> None:
        """What was handed out since was never used."""
        self._next = dict(mark)

    def go_to(self, table: str, number: int) -> None:
        """Hand out this one next: others have what was before it."""
        self._next[table] = number

    def take(self, table: str) -> int:
        """The next id of a table."""
        number = self._next[table]
        self._next[table] += 1
        return number

    def shop(self) -> Shop:
        """An empty shop that goes on with these ids."""
        return Shop(
            next_customer=self._next["customer"], next_order=self._next["orders"], next_action=self._next["action"], topics=self.topics
        )

    def follow(self, shop: Shop) -> None:
        """Go on behind what a shop has taken and seen."""
        self.topics |= shop.new_topics
        self._next["customer"], self._next["orders"], self._next["action"] = shop.next_ids
