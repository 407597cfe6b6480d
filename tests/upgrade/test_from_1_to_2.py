"""From schema 1 to 2: what the kept database has too little of to show it."""

from __future__ import annotations

import sqlite3

import pytest

from interpreter.store import schema
from interpreter.store.sqlite import Store
from tests.engine.house import House
from tests.upgrade.make import kept

#: A scenario and one journey through it, as the first release wrote them.
OF_FIRST = """
INSERT INTO scenario VALUES (1, 'shown now', 1, 'running', 0, NULL, 'named first');
INSERT INTO journey (id, scenario, version, customer, fact, started, context_time, step, inside, state, due_at, held, acted)
VALUES (7, 1, 12, 3, 1, 5, 5, 2, 0, 'waiting', 90, 0, 1);
"""


@pytest.fixture
def first(tmp_path) -> sqlite3.Connection:
    """An empty database of the first release, to be filled and then opened."""
    connection = sqlite3.connect(tmp_path / "first.db", isolation_level=None)
    connection.executescript(kept(1).read_text(encoding="utf-8"))
    for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name <> '_sqlite_migrations'").fetchall():
        connection.execute(f"DELETE FROM {table}")
    connection.executescript(OF_FIRST)
    return connection


def test_a_message_with_the_name_its_scenario_had_before_is_taken_along(first, tmp_path):
    """The first release wrote it so, for those who went on under a text from before `formerly`."""
    for number, name in ((1, "named first"), (2, "shown now")):
        first.execute(
            "INSERT INTO message (id, key, kind, journey, step, customer, scenario, template, at, state, transactional, staff) "
            "VALUES (?, ?, 'message', 7, ?, 3, ?, 'letter', 60, 'sent', 0, 0)",
            (number, f"7-12-{number}", number, name),
        )
    store = Store(str(tmp_path / "first.db"))
    assert [(row.scenario, row.step) for row in store.listing.messages()] == [("shown now", 1), ("shown now", 2)]
    assert store.connection.rows("SELECT version, step FROM message") == [(12, 1), (12, 2)]


def test_what_limits_count_is_taken_along_under_keys_of_every_kind(first, tmp_path):
    texts = ["customer.city=customer 7", "customer.customer 8=1", "order customer 9", "order.email=customer 7", "scenario"]
    for key in ("customer 7", *texts):
        first.execute("INSERT INTO application VALUES (1, ?, 40, 50)", (key,))
    store = Store(str(tmp_path / "first.db"))
    assert store.connection.rows("SELECT key, unit, at FROM application ORDER BY key") == [(key, 40, 50) for key in (7, *texts)]


def test_the_facts_of_an_order_are_taken_along_in_the_order_they_were_handled(first, tmp_path):
    document = b'{"id":1,"key":"o","customer":3,"created_at":1,"updated_at":2,"fields":{"facts":[9]}}'
    first.execute("INSERT INTO orders VALUES (1, 'o', 3, ?)", (document,))
    for number, received in ((1, 30), (2, 10), (3, 20)):
        first.execute("INSERT INTO fact VALUES (?, 'order.update', NULL, 'c', 1, ?, 'b', 'import', x'7b7d', 1)", (number, received))
        first.execute("INSERT INTO order_fact VALUES ('o', ?)", (number,))
    store = Store(str(tmp_path / "first.db"))
    [order] = store.entities.orders(["o"])
    assert (order.facts, order.fields) == ([2, 3, 1], {"facts": [9]})


def test_what_a_journey_had_heard_for_a_wait_further_on_still_ends_it(tmp_path):
    """The first release kept it under the identity of the wait alone."""
    shop = House("""
scenario s
  on action "go"
  wait 1d
  wait up to 3d for action "yes" { send thanks by email } else { send reminder by email }
  wait up to 3d for action "yes" { send thanks_again by email } else { send reminder by email }
""")
    shop.customer("ann")
    shop.tick("06-01 00:00")
    shop.go("06-01 10:00")
    shop.tick("06-01 10:00")
    shop.store.connection.execute(
        "UPDATE journey SET more = json_object('heard', json_array(json_array('wait up to action', started + 86400)))"
    )
    shop.run("06-02 10:00", "06-10 00:00")
    assert shop.messages() == ["06-02 10:00 thanks to ann", "06-05 10:00 reminder to ann"]


def test_a_database_of_twice_the_size_takes_about_twice_the_work(first, tmp_path):
    """It is the one wait that a large shop cannot go around."""

    def work(journeys: int) -> int:
        path = tmp_path / f"{journeys}.db"
        connection = sqlite3.connect(path, isolation_level=None)
        first.backup(connection)
        connection.executescript(
            f"""
            WITH RECURSIVE number (n) AS (SELECT 100 UNION ALL SELECT n + 1 FROM number WHERE n < {100 + journeys})
            INSERT INTO journey (id, scenario, version, customer, started, context_time, step, inside, state, held, acted)
            SELECT n, 1, 1, n, 1, 1, 1, 0, 'waiting', 0, 0 FROM number;
            INSERT INTO decision (at, customer, scenario, journey, outcome) SELECT 1, id, 'shown now', id, 'started' FROM journey;
            INSERT INTO fact SELECT id, 'order.update', NULL, 'c', 1, 1, 'b', 'import', x'7b7d', 1 FROM journey;
            INSERT INTO orders SELECT id, id, id, '{{}}' FROM journey;
            INSERT INTO order_fact SELECT id, id FROM journey;
            INSERT INTO message (key, kind, journey, step, customer, scenario, template, at, state, transactional, staff)
            SELECT id || '-1-1', 'message', id, 1, id, 'shown now', 't', 1, 'sent', 0, 0 FROM journey;
            """
        )
        steps = [0]

        def count() -> int:
            steps[0] += 1
            return 0

        connection.set_progress_handler(count, 100)
        schema.migrate(connection)
        connection.close()
        return steps[0]

    assert work(800) < 2.5 * work(400)
