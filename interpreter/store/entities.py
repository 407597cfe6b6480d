"""Customers, orders, actions: one row each, the searched columns beside the document."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

import msgspec

from interpreter.entities import Action
from interpreter.entities import Customer
from interpreter.entities import Order
from interpreter.facts import contact_key
from interpreter.store.connection import Connection

#: Behind every id: nobody of those to be written is new.
ALL_KNOWN = 2**63 - 1

_encode = msgspec.json.Encoder().encode
_customer = msgspec.json.Decoder(Customer).decode
_order = msgspec.json.Decoder(Order).decode
_action = msgspec.json.Decoder(Action).decode


def _document(entity: Customer | Order | Action) -> bytearray:
    """As it is written. SQLite takes these bytes as they are, others only after a look for an adapter that costs more than this copy."""
    return bytearray(_encode(entity))


class Entities:
    """What the shop told us, in its latest state."""

    def __init__(self, connection: Connection) -> None:
        """Over an open database."""
        self._connection = connection

    def _rows(self, query: str, values: Iterable[Any]) -> Iterator[bytes]:
        # Sorted, every page is come to once, and not again with each piece that is asked for.
        return (row[0] for row in self._connection.rows_in(query, sorted(values)))

    def customers(self, *, keys: Iterable[str] = (), ids: Iterable[int] = ()) -> list[Customer]:
        """Customers by external id or by our own."""
        by_key = self._rows("SELECT document FROM customer WHERE key IN (?)", keys)
        by_id = self._rows("SELECT document FROM customer WHERE id IN (?)", ids)
        return [*map(_customer, by_key), *map(_customer, by_id)]

    def keys_from(self, start: str, limit: int) -> list[str]:
        """External ids from a text on, in their order, as long as they begin with it."""
        found = self._connection.rows("SELECT key FROM customer WHERE key >= ? ORDER BY key LIMIT ?", (start, limit))
        return [key for (key,) in found if key.startswith(start)]

    def called(self, key: str) -> Customer | None:
        """The customer of an external id, his first or a further one."""
        return next(iter(self.customers(keys=[key], ids=self.aliases([key]).values())), None)

    def aliases(self, keys: Iterable[str]) -> dict[str, int]:
        """Further external ids -> our own id of the customer."""
        return dict(self._connection.rows_in("SELECT key, customer FROM alias WHERE key IN (?)", list(keys)))

    def add_aliases(self, aliases: Iterable[tuple[str, int]]) -> None:
        """Write further external ids."""
        self._connection.executemany("INSERT OR REPLACE INTO alias VALUES (?, ?)", aliases)

    def topics(self) -> list[str]:
        """Every topic that has been seen."""
        return [row[0] for row in self._connection.rows("SELECT name FROM topic ORDER BY name")]

    def add_topics(self, topics: Iterable[str]) -> None:
        """Write new topics."""
        self._connection.executemany("INSERT OR IGNORE INTO topic VALUES (?)", [(topic,) for topic in topics])

    def customers_by_contact(self, *, emails: Iterable[str] = (), phones: Iterable[str] = ()) -> list[Customer]:
        """Customers whose e-mail address or phone is one of these."""
        by_email = self._rows("SELECT document FROM customer WHERE email IN (?)", emails)
        by_phone = self._rows("SELECT document FROM customer WHERE phone IN (?)", phones)
        return [*map(_customer, by_email), *map(_customer, by_phone)]

    def all_customers(self, after: int, limit: int) -> list[Customer]:
        """The next customers by our own id."""
        found = self._connection.rows("SELECT document FROM customer WHERE id > ? ORDER BY id LIMIT ?", (after, limit))
        return [_customer(row[0]) for row in found]

    def orders(self, keys: Iterable[str]) -> list[Order]:
        """Orders by their own ids."""
        return [*map(_order, self._rows("SELECT document FROM orders WHERE key IN (?)", keys))]

    def all_orders(self, after: int, limit: int) -> list[Order]:
        """The next orders by our own id."""
        found = self._connection.rows("SELECT document FROM orders WHERE id > ? ORDER BY id LIMIT ?", (after, limit))
        return [_order(row[0]) for row in found]

    def orders_of(self, customers: Sequence[int]) -> list[Order]:
        """All orders of these customers, oldest first."""
        return [*map(_order, self._rows("SELECT document FROM orders WHERE customer IN (?) ORDER BY id", customers))]

    def actions_of(self, customers: Sequence[int]) -> list[Action]:
        """All actions of these customers, in order of arrival."""
        return [*map(_action, self._rows("SELECT document FROM action WHERE customer IN (?) ORDER BY id", customers))]

    def save_customers(self, customers: Iterable[Customer], *, new_from: int) -> None:
        """Write customers: new ones, by their ids from `new_from` on, and changed ones."""
        new: list[tuple[object, ...]] = []
        known: list[tuple[object, ...]] = []
        for customer in customers:
            email, phone = customer.contacts.get("email"), customer.contacts.get("phone")
            address = email and contact_key("email", email.value)
            number = phone and contact_key("phone", phone.value)
            row = (customer.key, address, number, _document(customer), customer.id)
            (new if customer.id >= new_from else known).append(row)
        self._connection.insert("INSERT OR FAIL INTO customer (key, email, phone, document, id) VALUES (?)", new)
        self._connection.executemany("UPDATE customer SET key = ?, email = ?, phone = ?, document = ? WHERE id = ?", known)

    def save_orders(self, orders: Iterable[Order], *, new_from: int) -> None:
        """Write orders: new ones, by their ids from `new_from` on, and changed ones."""
        new: list[tuple[object, ...]] = []
        known: list[tuple[object, ...]] = []
        for order in orders:
            if order.id >= new_from:
                new.append((order.id, order.key, order.customer, _document(order)))
            else:
                known.append((order.customer, _document(order), order.id))
        self._connection.insert("INSERT OR FAIL INTO orders (id, key, customer, document) VALUES (?)", new)
        self._connection.executemany("UPDATE orders SET customer = ?, document = ? WHERE id = ?", known)

    def add_actions(self, actions: Iterable[Action]) -> None:
        """Write new actions."""
        rows = [(action.id, action.customer, action.template, action.at, _document(action)) for action in actions]
        self._connection.insert("INSERT OR FAIL INTO action VALUES (?)", rows)
