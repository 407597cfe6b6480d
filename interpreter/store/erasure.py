"""Taking a person out of every table. Rows stay, so that counts, limits and the ledger still add up; what they say of him goes."""

from __future__ import annotations

import json
from collections.abc import Collection
from collections.abc import Sequence

import msgspec

from interpreter.belongings import NOBODY
from interpreter.belongings import Promo
from interpreter.entities import Customer
from interpreter.facts import contact_key
from interpreter.put_right import CONTACTS
from interpreter.store.belongings import Belongings
from interpreter.store.connection import Connection
from interpreter.store.entities import ALL_KNOWN
from interpreter.store.entities import Entities
from interpreter.store.facts import HANDLED
from interpreter.store.facts import decode

#: Facts that take a promo code out of its pool, or say that it was used.
_NAMING_CODES = frozenset({"promo.issue", "promo.redeem", "order.create", "order.update", "order.status"})


def erase(connection: Connection, customer: Customer, *, inbox: bool) -> None:
    """Erase one customer. To be called within a transaction.

    Afterwards his external ids are free: a fact that names one of them begins a new person. `inbox`: facts still to be handled are about
    him and go too; else they came behind his erasure, and are about that new person.
    """
    number = customer.id
    entities = Entities(connection)
    orders = entities.orders_of([number])
    keys = [customer.key, *(row[0] for row in connection.rows("SELECT key FROM alias WHERE customer = ?", (number,)))]
    done = "" if inbox else f" AND {HANDLED}"
    addresses = _addresses(connection, number, keys)
    for key in keys:
        _empty(connection, f"customer = ?{done}", (key,))
    # What was to come of what he had: nobody has it any more.
    for key in keys:
        _empty(connection, "customer = ? AND actor = 'scenario' AND batch LIKE 'tick %'", (key,))
    _erase_callbacks(connection, number, addresses, done)
    _erase_belongings(connection, number, done)
    for order in orders:
        _empty(connection, "id IN (SELECT value FROM json_each(?))", (json.dumps(order.facts),))
        order.email = order.phone = None
        order.fields = {}
        for line in order.lines.values():
            line.fields = {}
    entities.save_orders(orders, new_from=ALL_KNOWN)
    # Those that came before the order they are about, and named nobody.
    _empty(
        connection,
        "op LIKE 'order.%' AND customer IS NULL "
        f"AND json_extract(CAST(data AS TEXT), '$.order.id') IN (SELECT value FROM json_each(?)){done}",
        (json.dumps([order.key for order in orders]),),
    )
    blank = Customer(number, f"erased-{number}", customer.created_at, timezone=customer.timezone, erased=True)
    entities.save_customers([blank], new_from=ALL_KNOWN)
    connection.execute("DELETE FROM alias WHERE customer = ?", (number,))
    for action in entities.actions_of([number]):
        action.fields = {}
        connection.execute("UPDATE action SET document = ? WHERE id = ?", (msgspec.json.encode(action), action.id))
    # What a provider says of a failure quotes the address.
    connection.execute("UPDATE message SET reason = NULL WHERE customer = ? AND state <> 'skipped'", (number,))
    connection.execute("DELETE FROM outbox WHERE message IN (SELECT id FROM message WHERE customer = ?)", (number,))
    connection.execute(
        "UPDATE message SET state = 'failed', reason = 'erased' WHERE customer = ? AND state IN ('planned', 'sending')", (number,)
    )
    connection.execute("UPDATE message SET recipient = NULL, subject = NULL, provider_id = NULL WHERE customer = ?", (number,))
    connection.execute("UPDATE decision SET detail = NULL WHERE customer = ?", (number,))
    connection.execute(
        "DELETE FROM application WHERE (key LIKE 'customer.%' OR key LIKE 'order.email=%' OR key LIKE 'order.phone=%') "
        "AND unit IN (SELECT id FROM journey WHERE customer = ?)",
        (number,),
    )


def _empty(connection: Connection, where: str, values: Sequence[object]) -> None:
    """Facts say nothing any more; what of them was still to be handled is done."""
    found = connection.rows(f"SELECT received, id, op FROM fact WHERE {where}", values)
    for received, number, op in found:
        if op in _NAMING_CODES and connection.row("SELECT 1 FROM inbox WHERE received = ? AND fact = ?", (received, number)):
            _keep_codes(connection, number)
    connection.executemany("DELETE FROM inbox WHERE received = ? AND fact = ?", [row[:2] for row in found])
    connection.executemany("UPDATE fact SET data = '{}', customer = NULL WHERE id = ?", [(number,) for _, number, _ in found])


def _keep_codes(connection: Connection, number: int) -> None:
    """Codes of which a fact was still to be handled were given out or used, of nobody: no other customer gets them."""
    at, data = connection.rows("SELECT at, data FROM fact WHERE id = ?", (number,))[0]
    fields = decode(data)
    order = fields.get("order")
    things = [order, *(order.get("lines") or ())] if isinstance(order, dict) else []
    for code in {thing["promo"] for thing in things if "promo" in thing} | ({fields["code"]} if fields.get("code") else set()):
        connection.execute("DELETE FROM belonging WHERE customer = ? AND kind = 'stock' AND key = ?", (NOBODY, code))
        if not connection.row("SELECT 1 FROM belonging WHERE kind = 'promo' AND about = ?", (code,)):
            Belongings(connection).save({(NOBODY, "promo", code): Promo(code, fields.get("pool") or "", at)})


def _erase_belongings(connection: Connection, number: int, done: str) -> None:
    """What he has, what journeys and limits know of it, and facts that know him by the number of his card."""
    cards = json.dumps([row[0] for row in connection.rows("SELECT key FROM belonging WHERE customer = ? AND kind = 'card'", (number,))])
    for name in ("number", "old", "new"):
        _empty(
            connection,
            "op LIKE 'card.%' AND customer IS NULL "
            f"AND json_extract(CAST(data AS TEXT), '$.{name}') IN (SELECT value FROM json_each(?)){done}",
            (cards,),
        )
    # That a code was given out stays true, of nobody: loaded anew, it would be given to somebody else.
    connection.execute("UPDATE OR REPLACE belonging SET customer = ? WHERE customer = ? AND kind = 'promo'", (NOBODY, number))
    connection.execute("DELETE FROM belonging WHERE customer = ?", (number,))
    connection.execute("UPDATE journey SET more = json_remove(more, '$.about') WHERE customer = ? AND more IS NOT NULL", (number,))
    connection.execute("DELETE FROM application WHERE key LIKE ?", (f"card {number} %",))


def _addresses(connection: Connection, number: int, keys: Sequence[str]) -> set[tuple[str, str]]:
    """Every address we ever had of him, by kind: from his facts, and where we wrote to."""
    found = {("email", row[0]) for row in connection.rows("SELECT DISTINCT recipient FROM message WHERE customer = ?", (number,)) if row[0]}
    for (data,) in connection.rows_in("SELECT data FROM fact WHERE customer IN (?)", keys):
        fields = decode(data)
        found |= {(kind, str(value)) for kind in CONTACTS for value in (fields.get(kind),) if value}
    return {(kind, contact_key(kind, value)) for kind, value in found}


def _erase_callbacks(connection: Connection, number: int, addresses: Collection[tuple[str, str]], done: str) -> None:
    """Facts that know him by an address, or by a message he got. `done`: the condition that leaves those to be handled alone."""
    _empty(
        connection,
        "op = 'message.status' "
        "AND CAST(json_extract(CAST(data AS TEXT), '$.message') AS INTEGER) IN (SELECT id FROM message WHERE customer = ?)",
        (number,),
    )
    by_address = connection.rows(
        f"SELECT id, data FROM fact WHERE op IN ('contact.confirm', 'contact.validity') AND customer IS NULL{done}"
    )
    for fact, data in by_address:
        fields = decode(data)
        if fields and (fields["kind"], contact_key(fields["kind"], fields.get("value") or "")) in addresses:
            _empty(connection, "id = ?", (fact,))
