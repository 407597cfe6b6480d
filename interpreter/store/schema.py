"""The tables, and the steps that lead from any older database to them. Moments are seconds since 1970 UTC.

Migrations are only ever added at the end; `user_version` says how many have been applied,
so that an up-to-date database costs no look at all.
"""

from __future__ import annotations

# As type checkers know it; importing it from `typing` would cost the idle tick more than all it does.
TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    import sqlite_utils

#: How many migrations there are: the `user_version` of a database of this release.
VERSION = 3

#: Where sqlite-utils keeps which migrations have been applied.
_RECORD = "_sqlite_migrations"

#: The tables of the first release.
FIRST = (
    # One row for the few things that are single: the last tick, the signature of the scenario files, breakers of channels.
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID",
    # Everything that came in, in order of arrival; never changed but for `handled` and erasure.
    """CREATE TABLE fact (
        id INTEGER PRIMARY KEY, op TEXT NOT NULL, key TEXT UNIQUE, customer TEXT, at INTEGER NOT NULL, received INTEGER NOT NULL,
        batch TEXT NOT NULL, actor TEXT NOT NULL, data BLOB NOT NULL, handled INTEGER NOT NULL DEFAULT 0)""",
    "CREATE INDEX fact_pending ON fact (received, id) WHERE handled = 0",
    "CREATE TABLE customer (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, email TEXT, phone TEXT, document BLOB NOT NULL)",
    "CREATE INDEX customer_email ON customer (email) WHERE email IS NOT NULL",
    "CREATE INDEX customer_phone ON customer (phone) WHERE phone IS NOT NULL",
    # Further external ids of a customer, and topics that have been seen.
    "CREATE TABLE alias (key TEXT PRIMARY KEY, customer INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE topic (name TEXT PRIMARY KEY) WITHOUT ROWID",
    "CREATE TABLE orders (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, customer INTEGER NOT NULL, document BLOB NOT NULL)",
    "CREATE INDEX orders_customer ON orders (customer)",
    """CREATE TABLE action (id INTEGER PRIMARY KEY, customer INTEGER NOT NULL, template TEXT NOT NULL,
        at INTEGER NOT NULL, document BLOB NOT NULL)""",
    "CREATE INDEX action_customer ON action (customer)",
    # What has been changed on an order, in order: "since created" counts it again from the first fact on.
    "CREATE TABLE order_fact (order_key TEXT NOT NULL, fact INTEGER NOT NULL, PRIMARY KEY (order_key, fact)) WITHOUT ROWID",
    """CREATE TABLE scenario (
        id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, state TEXT NOT NULL,
        launched INTEGER, next_run INTEGER, drawn_as TEXT NOT NULL)""",
    """CREATE TABLE version (id INTEGER PRIMARY KEY, scenario INTEGER NOT NULL, hash TEXT NOT NULL, text TEXT NOT NULL,
        seen INTEGER NOT NULL)""",
    "CREATE TABLE interval (scenario INTEGER NOT NULL, since INTEGER NOT NULL, until INTEGER, PRIMARY KEY (scenario, since)) WITHOUT ROWID",
    # One row for each passage. `parked`: its scenario is paused or gone, so it is not looked for when due.
    """CREATE TABLE journey (
        id INTEGER PRIMARY KEY, scenario INTEGER NOT NULL, version INTEGER NOT NULL, customer INTEGER NOT NULL,
        order_key TEXT, fact INTEGER, message INTEGER,
        started INTEGER NOT NULL, context_time INTEGER NOT NULL, step INTEGER NOT NULL, inside INTEGER NOT NULL,
        state TEXT NOT NULL, reason TEXT,
        due_at INTEGER, held_since INTEGER, held INTEGER NOT NULL, acted INTEGER NOT NULL, reached_at INTEGER, last_send INTEGER,
        goal_until INTEGER, goal_at INTEGER, skip TEXT, finished_at INTEGER, heard TEXT, parked INTEGER NOT NULL DEFAULT 0)""",
    "CREATE INDEX journey_due ON journey (due_at, id) WHERE due_at IS NOT NULL AND parked = 0",
    "CREATE INDEX journey_customer ON journey (customer) WHERE due_at IS NOT NULL OR goal_until IS NOT NULL",
    # What limits count: for `order` every occurrence of the trigger (unit: fact), else every application (unit:
    # journey; at: its last step group).
    """CREATE TABLE application (
        scenario INTEGER NOT NULL, key TEXT NOT NULL, unit INTEGER NOT NULL, at INTEGER NOT NULL,
        PRIMARY KEY (scenario, key, unit)) WITHOUT ROWID""",
    # Messages, calls and write-backs: decided, then delivered.
    """CREATE TABLE message (
        id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, journey INTEGER NOT NULL,
        step INTEGER NOT NULL, customer INTEGER NOT NULL,
        scenario TEXT NOT NULL, template TEXT NOT NULL, channel TEXT, recipient TEXT, subject TEXT, order_key TEXT, at INTEGER NOT NULL,
        state TEXT NOT NULL, reason TEXT, transactional INTEGER NOT NULL, staff INTEGER NOT NULL, deadline INTEGER, retry_at INTEGER,
        attempts INTEGER NOT NULL DEFAULT 0, provider_id TEXT, times TEXT)""",
    "CREATE INDEX message_customer ON message (customer, at)",
    "CREATE INDEX message_open ON message (transactional DESC, id) WHERE state IN ('planned', 'sending')",
    # The content of a message that is still to be delivered.
    "CREATE TABLE outbox (message INTEGER PRIMARY KEY, content BLOB NOT NULL)",
    # The ledger: every decision, append-only.
    """CREATE TABLE decision (
        id INTEGER PRIMARY KEY, at INTEGER NOT NULL, customer INTEGER NOT NULL, scenario TEXT NOT NULL,
        version INTEGER, journey INTEGER, fact INTEGER,
        outcome TEXT NOT NULL, reason TEXT, detail TEXT)""",
    "CREATE INDEX decision_customer ON decision (customer)",
)

#: What is written by the thousand became narrower. The inbox is a table of its own instead of a mark on every fact; an order knows its
#: facts by itself; scenarios stand as numbers; what few journeys have stands in one column, and how one began is a part of it instead
#: of a row of the ledger. A message is known by its journey and step.
SECOND = (
    # What came in and is still to be handled, in order of arrival.
    "CREATE TABLE inbox (received INTEGER NOT NULL, fact INTEGER NOT NULL, PRIMARY KEY (received, fact)) WITHOUT ROWID",
    "INSERT INTO inbox SELECT received, id FROM fact WHERE handled = 0",
    # Everything that came in; never changed but for erasure. Indexes are made when their table is full: sorted, not row by row.
    """CREATE TABLE new_fact (
        id INTEGER PRIMARY KEY, op TEXT NOT NULL, key TEXT, customer TEXT, at INTEGER NOT NULL, received INTEGER NOT NULL,
        batch TEXT NOT NULL, actor TEXT NOT NULL, data BLOB NOT NULL)""",
    "INSERT INTO new_fact SELECT id, op, key, customer, at, received, batch, actor, data FROM fact",
    "DROP TABLE fact",
    "ALTER TABLE new_fact RENAME TO fact",
    "CREATE UNIQUE INDEX fact_key ON fact (key)",
    # In the order they were handled.
    """UPDATE orders SET document = CAST(json_set(CAST(document AS TEXT), '$.facts', (
        SELECT json_group_array(id) FROM (
            SELECT f.id FROM order_fact o JOIN fact f ON f.id = o.fact WHERE o.order_key = orders.key ORDER BY f.received, f.id)))
        AS BLOB)""",
    "DROP TABLE order_fact",
    # One row for each passage. `parked`: its scenario is paused or gone, so it is not looked for when due.
    # `begun_…`: the tick that started it, and the kind of event. `more`: what few journeys have, as JSON.
    """CREATE TABLE new_journey (
        id INTEGER PRIMARY KEY, scenario INTEGER NOT NULL, version INTEGER NOT NULL, customer INTEGER NOT NULL,
        order_key TEXT, fact INTEGER, begun_at INTEGER NOT NULL, begun_by TEXT, started INTEGER NOT NULL,
        context_time INTEGER NOT NULL, step INTEGER NOT NULL, inside INTEGER NOT NULL, state TEXT NOT NULL, due_at INTEGER,
        skip TEXT, more TEXT, reason TEXT, finished_at INTEGER, goal_until INTEGER, goal_at INTEGER, parked INTEGER NOT NULL DEFAULT 0)""",
    # Gone with its table: without it every journey would look through the whole ledger.
    "CREATE INDEX decision_started ON decision (journey) WHERE outcome = 'started'",
    """INSERT INTO new_journey SELECT
        id, scenario, version, customer, order_key, fact,
        coalesce((SELECT at FROM decision WHERE journey = j.id AND outcome = 'started'), started),
        (SELECT reason FROM decision WHERE journey = j.id AND outcome = 'started'),
        started, context_time, step, inside, state, due_at, skip,
        nullif(json_patch('{}', json_object(
            'message', message, 'held_since', held_since, 'held', nullif(held, 0), 'acted', CASE WHEN acted THEN json('true') END,
            'reached_at', reached_at, 'last_send', last_send, 'heard', json(heard))), '{}'),
        reason, finished_at, goal_until, goal_at, parked FROM journey j""",
    "DROP TABLE journey",
    "ALTER TABLE new_journey RENAME TO journey",
    "CREATE INDEX journey_due ON journey (due_at, id) WHERE due_at IS NOT NULL AND parked = 0",
    "CREATE INDEX journey_customer ON journey (customer) WHERE due_at IS NOT NULL OR goal_until IS NOT NULL",
    # What limits count, by a customer's number or the text of another key: for `order` every occurrence of the trigger (unit: fact),
    # else every application (unit: journey; at: its last step group).
    """CREATE TABLE new_application (
        scenario INTEGER NOT NULL, key BLOB NOT NULL, unit INTEGER NOT NULL, at INTEGER NOT NULL,
        PRIMARY KEY (scenario, key, unit)) WITHOUT ROWID""",
    """INSERT INTO new_application SELECT
        scenario, CASE WHEN key LIKE 'customer %' THEN CAST(substr(key, 10) AS INTEGER) ELSE key END, unit, at FROM application
        ORDER BY 1, 2, 3""",
    "DROP TABLE application",
    "ALTER TABLE new_application RENAME TO application",
    # Messages, calls and write-backs: decided, then delivered. No step of a journey is done twice. The name that stood with one may be
    # one that its scenario had before: its journey knows better.
    """CREATE TABLE new_message (
        id INTEGER PRIMARY KEY, kind TEXT NOT NULL, customer INTEGER NOT NULL, journey INTEGER NOT NULL, version INTEGER NOT NULL,
        step INTEGER NOT NULL, scenario INTEGER NOT NULL, template TEXT NOT NULL, channel TEXT, recipient TEXT, subject TEXT,
        order_key TEXT, at INTEGER NOT NULL, state TEXT NOT NULL, reason TEXT, transactional INTEGER NOT NULL, staff INTEGER NOT NULL,
        deadline INTEGER,
        retry_at INTEGER, attempts INTEGER NOT NULL DEFAULT 0, provider_id TEXT, times TEXT)""",
    """INSERT INTO new_message SELECT
        m.id, kind, customer, journey, CAST(substr(key, instr(key, '-') + 1) AS INTEGER), step,
        (SELECT scenario FROM journey j WHERE j.id = m.journey), template, channel, recipient, subject, order_key, at, state, reason,
        transactional, staff, deadline, retry_at, attempts, provider_id, times FROM message m""",
    "DROP TABLE message",
    "ALTER TABLE new_message RENAME TO message",
    "CREATE UNIQUE INDEX message_step ON message (customer, journey, version, step)",
    "CREATE INDEX message_open ON message (transactional DESC, id) WHERE state IN ('planned', 'sending')",
    # The ledger: every decision, append-only. `fact`: of a decision without a journey.
    """CREATE TABLE new_decision (
        id INTEGER PRIMARY KEY, at INTEGER NOT NULL, customer INTEGER NOT NULL, scenario INTEGER NOT NULL, version INTEGER, journey INTEGER,
        fact INTEGER, outcome TEXT NOT NULL, reason TEXT, detail TEXT)""",
    """INSERT INTO new_decision SELECT
        d.id, at, customer, (SELECT id FROM scenario s WHERE s.name = d.scenario), version, journey, fact, outcome, reason, detail
        FROM decision d WHERE outcome <> 'started'""",
    "DROP TABLE decision",
    "ALTER TABLE new_decision RENAME TO decision",
    "CREATE INDEX decision_customer ON decision (customer)",
)

#: Products, and what customers have beside orders. That a message may have been delivered already stood before its reason.
THIRD = (
    "CREATE TABLE product (key TEXT PRIMARY KEY, document BLOB NOT NULL)",
    # `about`: what its owners are looked for by.
    """CREATE TABLE belonging (
        customer INTEGER NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, about TEXT, document BLOB NOT NULL,
        PRIMARY KEY (customer, kind, key)) WITHOUT ROWID""",
    # Of one customer: who was merged and who is erased is rare, and everybody may have some.
    "CREATE INDEX alias_customer ON alias (customer)",
    "CREATE INDEX belonging_about ON belonging (kind, about, customer) WHERE about IS NOT NULL",
    "ALTER TABLE message ADD COLUMN doubtful INTEGER NOT NULL DEFAULT 0",
    """UPDATE message SET doubtful = 1, reason = substr(reason, length('perhaps delivered: ') + 1)
        WHERE state IN ('planned', 'sending') AND reason LIKE 'perhaps delivered: %'""",
    # What was loaded last of each feed: of every product a digest of all that was said, and the names of what was.
    """CREATE TABLE feed (source TEXT NOT NULL, product TEXT NOT NULL, hash BLOB NOT NULL, names TEXT NOT NULL,
        PRIMARY KEY (source, product)) WITHOUT ROWID""",
    # For offers, where a template asks for them: what each order counts for, so that it can be taken back; in how many orders of a day
    # a product was, and in how many together with another; lists that are made once a day.
    "CREATE TABLE counted (orders INTEGER PRIMARY KEY, day INTEGER NOT NULL, products BLOB NOT NULL)",
    "CREATE TABLE sold (day INTEGER NOT NULL, product TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (day, product)) WITHOUT ROWID",
    """CREATE TABLE bought_with (product TEXT NOT NULL, other TEXT NOT NULL, count INTEGER NOT NULL,
        PRIMARY KEY (product, other)) WITHOUT ROWID""",
    "CREATE TABLE offer (name TEXT PRIMARY KEY, made INTEGER NOT NULL, products BLOB NOT NULL) WITHOUT ROWID",
)


def is_foreign(connection: sqlite3.Connection) -> bool:
    """Whether a file holds tables, but not those of scn. Raises sqlite3.Error."""
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables or tables == {_RECORD}:
        return False
    return _RECORD not in tables or connection.execute(f"SELECT 1 FROM {_RECORD} WHERE migration_set = 'scn'").fetchone() is None


def migrate(connection: sqlite3.Connection) -> None:
    """Bring a database to this release (sqlite-utils keeps the record): whole or not at all, and by one process only.

    Raises sqlite3.Error: locked, full, read-only or damaged.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        _apply(connection)
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    finally:
        # Still open: something failed.
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _apply(connection: sqlite3.Connection) -> None:
    import sqlite_utils
    from sqlite_utils.migrations import Migrations

    migrations = Migrations("scn")

    @migrations()
    def m001_first_release(database: sqlite_utils.Database) -> None:
        _run(database, FIRST)

    @migrations()
    def m002_narrower_rows(database: sqlite_utils.Database) -> None:
        _run(database, SECOND)

    @migrations()
    def m003_what_customers_have(database: sqlite_utils.Database) -> None:
        _run(database, THIRD)

    migrations.apply(sqlite_utils.Database(connection))


def _run(database: sqlite_utils.Database, statements: Iterable[str]) -> None:
    for statement in statements:
        database.execute(statement)
