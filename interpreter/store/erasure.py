"""Taking a person out of every table. Rows stay, so that counts, limits and the ledger still add up; what they say of him goes."""

from __future__ import annotations

import msgspec

from interpreter.entities import Customer
from interpreter.store.connection import Connection
from interpreter.store.entities import Entities


def erase(connection: Connection, customer: Customer) -> None:
    """Erase one customer. To be called within a transaction.

    Afterwards his external ids are free: a fact that names one of them begins a new person.
    """
    number = customer.id
    entities = Entities(connection)
    orders = entities.orders_of([number])
    keys = [customer.key, *(row[0] for row in connection.rows("SELECT key FROM alias WHERE customer = ?", (number,)))]
    for key in keys:
        connection.execute("UPDATE fact SET data = '{}', customer = NULL, handled = 1 WHERE customer = ?", (key,))
    for order in orders:
        connection.execute(
            "UPDATE fact SET data = '{}', handled = 1 WHERE id IN (SELECT fact FROM order_fact WHERE order_key = ?)", (order.key,)
        )
        order.email = order.phone = None
        order.fields = {}
        for line in order.lines.values():
            line.fields = {}
    entities.save_orders(orders)
    blank = Customer(number, f"erased-{number}", customer.created_at, timezone=customer.timezone, erased=True)
    entities.save_customers([blank])
    connection.execute("DELETE FROM alias WHERE customer = ?", (number,))
    for action in entities.actions_of([number]):
        action.fields = {}
        connection.execute("UPDATE action SET document = ? WHERE id = ?", (msgspec.json.encode(action), action.id))
    connection.execute("DELETE FROM outbox WHERE message IN (SELECT id FROM message WHERE customer = ?)", (number,))
    connection.execute(
        "UPDATE message SET state = 'failed', reason = 'erased' WHERE customer = ? AND state IN ('planned', 'sending')", (number,)
    )
    connection.execute("UPDATE message SET recipient = NULL, subject = NULL WHERE customer = ?", (number,))
    connection.execute("UPDATE decision SET detail = NULL WHERE customer = ?", (number,))
    connection.execute(
        "DELETE FROM application WHERE key LIKE 'customer.%' AND unit IN (SELECT id FROM journey WHERE customer = ?)", (number,)
    )
