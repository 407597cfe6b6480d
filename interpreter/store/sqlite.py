"""The store on SQLite: one connection, one family of rows in each of its parts."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cached_property
from typing import TYPE_CHECKING

from interpreter.errors import UserError
from interpreter.store.belongings import Belongings
from interpreter.store.connection import Connection
from interpreter.store.entities import Entities
from interpreter.store.facts import Facts
from interpreter.store.feeds import Feeds
from interpreter.store.journeys import Journeys
from interpreter.store.messages import Messages
from interpreter.store.offers import Offers
from interpreter.store.scenarios import Scenarios

if TYPE_CHECKING:
    from interpreter.store.listing import Listing

_NEXT = """SELECT
    (SELECT received FROM inbox ORDER BY received LIMIT 1),
    (SELECT due_at FROM journey WHERE due_at IS NOT NULL AND parked = 0 ORDER BY due_at, id LIMIT 1),
    (SELECT min(next_run) FROM scenario WHERE state = 'running')"""


class Store:
    """Everything that is remembered."""

    def __init__(self, path: str, *, create: bool = True) -> None:
        """Open a database file, `PASSING` for one that is gone afterwards. Raises DatabaseError."""
        self.connection = Connection(path, create=create)
        self.facts = Facts(self.connection)
        self.entities = Entities(self.connection)
        self.belongings = Belongings(self.connection)
        self.feeds = Feeds(self.connection)
        self.journeys = Journeys(self.connection)
        self.messages = Messages(self.connection)
        self.offers = Offers(self.connection)
        self.scenarios = Scenarios(self.connection)

    @cached_property
    def listing(self) -> Listing:
        """What people ask; a tick asks none of it."""
        from interpreter.store.listing import Listing

        return Listing(self.connection)

    def transaction(self, *, durable: bool = False) -> AbstractContextManager[None]:
        """All or nothing; `durable`: survives a power cut, with everything before it."""
        return self.connection.transaction(durable=durable)

    def next_moments(self) -> tuple[int | None, int | None, int | None]:
        """When the next fact arrives, the next journey is due, and the next `every` comes; each may be past. None: never."""
        found: tuple[int | None, int | None, int | None] = self.connection.row(_NEXT)
        return found

    def next_id(self, table: str) -> int:
        """The first free id of `customer`, `orders`, `action`, `journey`, `message` or `fact`."""
        return self.connection.next_id(table)

    def close(self) -> None:
        """Close the database."""
        self.connection.close()


def open_store(url: str, *, create: bool = True) -> Store:
    """The store of `sqlite:PATH`. Raises UserError for any other kind, DatabaseError when it cannot be opened."""
    kind, _, path = url.partition(":")
    if kind != "sqlite":
        raise UserError(f"the database `{url}` cannot be used", "write `sqlite:scn.db`; postgresql comes with a later version of scn")
    return Store(path.removeprefix("//") or "scn.db", create=create)
