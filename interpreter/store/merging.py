"""All rows of one customer become those of another."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from interpreter.store.connection import Connection
from interpreter.store.entities import ALL_KNOWN
from interpreter.store.entities import Entities


def move(connection: Connection, absorbed: int, survivor: int, counted_by: Iterable[str]) -> None:
    """Orders, actions, journeys, messages, the ledger, what limits count, further ids. To be called within a transaction.

    `counted_by`: the words of limits under which a customer's number is a part of the key.
    """
    entities = Entities(connection)
    orders = entities.orders_of([absorbed])
    for order in orders:
        order.customer = survivor
    entities.save_orders(orders, new_from=ALL_KNOWN)
    actions = entities.actions_of([absorbed])
    for action in actions:
        action.customer = survivor
    connection.executemany(
        "UPDATE action SET customer = ?, document = ? WHERE id = ?",
        [(survivor, msgspec.json.encode(action), action.id) for action in actions],
    )
    # There is an index of the open ones only; of the others the ledger and the messages know.
    connection.execute(
        "UPDATE journey SET customer = ?2 WHERE id IN ("
        "SELECT id FROM journey WHERE customer = ?1 AND (due_at IS NOT NULL OR goal_until IS NOT NULL) "
        "UNION SELECT journey FROM decision WHERE customer = ?1 UNION SELECT journey FROM message WHERE customer = ?1) AND customer = ?1",
        (absorbed, survivor),
    )
    for table in ("message", "decision", "alias"):
        connection.execute(f"UPDATE {table} SET customer = ? WHERE customer = ?", (survivor, absorbed))
    connection.execute(
        "UPDATE application SET key = ? WHERE key = ? AND scenario IN (SELECT id FROM scenario)",
        (survivor, absorbed),
    )
    for word in counted_by:
        before = f"{word} {absorbed} "
        connection.execute(
            "UPDATE application SET key = ? || substr(key, ?) WHERE key >= ? AND key < ? AND scenario IN (SELECT id FROM scenario)",
            (f"{word} {survivor} ", len(before) + 1, before, f"{word} {absorbed}!"),
        )
