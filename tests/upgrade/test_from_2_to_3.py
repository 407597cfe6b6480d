"""From schema 2 to 3: what the kept database has too little of to show it."""

from __future__ import annotations

import sqlite3

from interpreter.store.sqlite import Store
from tests.upgrade.make import kept

LETTERS = """
DELETE FROM message; DELETE FROM outbox;
INSERT INTO message (id, kind, customer, journey, version, step, scenario, template, channel, recipient, at, state, reason, transactional,
    staff, deadline, retry_at, attempts) VALUES
    (1, 'message', 1, 1, 1, 1, 1, 'letter', 'email', 'a@shop.example', 60, 'planned', 'perhaps delivered: cut', 0, 0, 900, 70, 1),
    (2, 'message', 1, 1, 1, 2, 1, 'letter', 'email', 'a@shop.example', 60, 'planned', 'the server is busy', 0, 0, 900, 70, 1),
    (3, 'message', 1, 1, 1, 3, 1, 'letter', 'email', 'a@shop.example', 60, 'planned', NULL, 0, 0, 900, NULL, 0);
INSERT INTO outbox VALUES (1, '{}'), (2, '{}'), (3, '{}');
"""


def test_the_doubt_whether_a_message_left_is_taken_along_and_goes_on_being_told(tmp_path):
    old = sqlite3.connect(tmp_path / "scn.db", isolation_level=None)
    old.executescript(kept(2).read_text(encoding="utf-8") + LETTERS)
    old.close()
    store = Store(str(tmp_path / "scn.db"))
    try:
        assert {one.id: one.doubtful for one in store.messages.waiting("planned", 100, 9)} == {1: True, 2: False, 3: False}
        assert [row[0] for row in store.connection.rows("SELECT reason FROM message ORDER BY id")] == [
            "cut", "the server is busy", None,
        ]  # fmt: skip
        assert [row.reason for row in store.listing.messages()] == ["perhaps delivered: cut", "the server is busy", None]
        store.messages.set_retry([(2, 80, "no answer", True, True), (1, 80, "busy", True, True)])
        assert {one.id: one.doubtful for one in store.messages.waiting("planned", 100, 9)} == {1: True, 2: True, 3: False}
    finally:
        store.close()
