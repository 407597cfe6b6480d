"""Messages: what was decided to be sent, what is still to be delivered, and what became of it."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

import msgspec

from dsl.forms import Record
from interpreter.entities import Message
from interpreter.store.connection import Connection

encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(dict).decode


class NewMessage(msgspec.Struct, frozen=True):
    """A message as it is written at its decision; moments in seconds since 1970 UTC."""

    id: int
    kind: str
    """`message`, `call` or `writeback`"""
    customer: int
    journey: int
    version: int
    step: int
    scenario: int
    template: str
    channel: str | None
    recipient: str | None
    order: str | None
    at: int
    state: str
    reason: str | None
    transactional: bool
    staff: bool
    deadline: int | None
    subject: str | None = None
    content: dict[str, Any] | None = None
    """What the channel needs; kept until it is delivered."""


def message_key(journey: int, version: int, step: int) -> str:
    """The idempotency key: what a channel and the links in a letter know a message by."""
    return f"{journey}-{version}-{step}"


class Waiting(Record):
    """A message that is still to be delivered, with the customer's own id."""

    id: int
    key: str
    kind: str
    customer: str
    scenario: str
    template: str
    channel: str
    recipient: str
    subject: str | None
    at: int
    deadline: int
    transactional: bool
    staff: bool
    attempts: int
    doubtful: bool
    """It may have been delivered already."""
    content: dict[str, Any]


class Messages:
    """The outbox and its history."""

    def __init__(self, connection: Connection) -> None:
        """Over an open database."""
        self._connection = connection

    def add(self, messages: Iterable[NewMessage]) -> None:
        """Write decided messages, and the content of those to deliver."""
        written = list(messages)
        self._connection.insert(
            "INSERT OR FAIL INTO message (id, kind, customer, journey, version, step, scenario, template, channel, recipient, subject, "
            "order_key, at, state, reason, transactional, staff, deadline) VALUES (?)",
            [
                (
                    m.id, m.kind, m.customer, m.journey, m.version, m.step, m.scenario, m.template, m.channel, m.recipient, m.subject,
                    m.order, m.at, m.state, m.reason, m.transactional, m.staff, m.deadline,
                )
                for m in written
            ],
        )  # fmt: skip
        contents = [(m.id, encode(m.content)) for m in written if m.content is not None]
        self._connection.insert("INSERT OR FAIL INTO outbox VALUES (?)", contents)

    def of(self, customers: Sequence[int]) -> list[Message]:
        """The messages of these customers, oldest first; of calls and write-backs none."""
        found = self._connection.rows_in(
            f"SELECT {_ENTITY} FROM message WHERE customer IN (?) AND kind = 'message' ORDER BY at, id",
            customers,
        )
        return [_message(row) for row in found]

    def by_id(self, ids: Iterable[int]) -> list[Message]:
        """Messages by their ids."""
        return [_message(row) for row in self._connection.rows_in(f"SELECT {_ENTITY} FROM message WHERE id IN (?)", list(ids))]

    def save(self, messages: Iterable[Message]) -> None:
        """Write what became of messages."""
        self._connection.executemany(
            "UPDATE message SET state = ?, times = ? WHERE id = ?",
            [(m.state, encode(m.times).decode() if m.times else None, m.id) for m in messages],
        )

    # ------------------------------------------------------------------------------------------------------- delivery

    def waiting(
        self, state: str, now: int, limit: int, after: tuple[bool, int] | None = None, without: Collection[str] = ()
    ) -> list[Waiting]:
        """Messages to deliver, of all channels but `without`: transactional ones first, then in the order they were decided.

        `after`: (transactional, id) of the last one seen.
        """
        transactional, number = after or (2, 0)
        found = self._connection.rows(
            f"{_WAITING} WHERE m.state = ? AND m.state IN ('planned', 'sending') AND (m.retry_at IS NULL OR m.retry_at <= ?) "
            f"AND (m.transactional < ? OR (m.transactional = ? AND m.id > ?)) AND m.channel NOT IN ({','.join('?' * len(without))}) "
            "ORDER BY m.transactional DESC, m.id LIMIT ?",
            (state, now, transactional, transactional, number, *without, limit),
        )
        return [_waiting(row) for row in found]

    def overdue(self, now: int, limit: int, channels: Collection[str]) -> list[Waiting]:
        """Messages of these channels that are still planned and whose deadline is before `now`."""
        found = self._connection.rows(
            f"{_WAITING} WHERE m.state = 'planned' AND m.state IN ('planned', 'sending') AND m.deadline < ? "
            f"AND m.channel IN ({','.join('?' * len(channels))}) LIMIT ?",
            (now, *channels, limit),
        )
        return [_waiting(row) for row in found]

    def any_waiting(self) -> bool:
        """Whether anything is still to be delivered."""
        return self._connection.value("SELECT 1 FROM message WHERE state IN ('planned', 'sending') LIMIT 1") is not None

    def next_attempt(self) -> int | None:
        """When the next message is to be tried; 0: at once. Those of a paused channel not before its pause is over."""
        found = self._connection.rows(
            "SELECT channel, state, min(coalesce(retry_at, 0)) FROM message WHERE state IN ('planned', 'sending') GROUP BY channel, state"
        )
        if not found:
            return None
        kept = self._connection.value("SELECT value FROM meta WHERE name = 'channels'")
        paused = {name: state["paused_until"] for name, state in decode(kept).items()} if kept else {}
        return min(int(at if state == "sending" else max(at, paused.get(channel, 0))) for channel, state, at in found)

    def set_sending(self, ids: Sequence[int]) -> None:
        """The intent: these are about to leave."""
        # Not one whose customer was erased meanwhile: nothing of it is left to be tried again.
        self._connection.executemany(
            "UPDATE message SET state = 'sending' WHERE id = ? AND state = 'planned'", [(number,) for number in ids]
        )

    def sending(self, ids: Sequence[int]) -> set[int]:
        """Those of them that have an intent."""
        return {row[0] for row in self._connection.rows_in("SELECT id FROM message WHERE id IN (?) AND state = 'sending'", ids)}

    def set_sent(self, rows: Iterable[tuple[int, int, str]]) -> None:
        """(id, moment, provider's id): accepted by the channel."""
        found = [(provider_id or None, at, number) for number, at, provider_id in rows]
        self._connection.executemany(
            "UPDATE message SET state = 'sent', attempts = attempts + 1, reason = NULL, retry_at = NULL, provider_id = ?, times = "
            "json_set(coalesce(times, '{}'), '$.sent', ?) WHERE id = ?",
            found,
        )
        self._connection.executemany("DELETE FROM outbox WHERE message = ?", [row[2:] for row in found])

    def set_over(self, rows: Iterable[tuple[int, str, str, bool]]) -> None:
        """(id, `failed`, `unsure` or `skipped`, reason, tried just now): will not be tried again."""
        found = [(state, reason, tried, number) for number, state, reason, tried in rows]
        self._connection.executemany(
            "UPDATE message SET state = ?, reason = ?, attempts = attempts + ?, retry_at = NULL WHERE id = ?", found
        )
        self._connection.executemany("DELETE FROM outbox WHERE message = ?", [row[3:] for row in found])

    def set_retry(self, rows: Iterable[tuple[int, int, str, bool, bool]]) -> None:
        """(id, when, why, tried just now, whether it may have been delivered already): to be tried again."""
        self._connection.executemany(
            "UPDATE message SET state = 'planned', retry_at = ?, reason = ?, attempts = attempts + ?, doubtful = ? "
            "WHERE id = ? AND state IN ('planned', 'sending')",
            [(at, reason, tried, doubtful, number) for number, at, reason, tried, doubtful in rows],
        )

    def set_back(self, ids: Iterable[int]) -> None:
        """Their turn did not come: they stand as they stood before the intent."""
        self._connection.executemany(
            "UPDATE message SET state = 'planned' WHERE id = ? AND state = 'sending'", [(number,) for number in ids]
        )


_WAITING = (
    "SELECT m.id, m.journey, m.version, m.step, m.kind, coalesce(c.key, ''), s.name, m.template, m.channel, m.recipient, m.subject, m.at, "
    "m.deadline, m.transactional, m.staff, m.attempts, m.doubtful, o.content FROM message m JOIN outbox o ON o.message = m.id "
    "LEFT JOIN customer c ON c.id = m.customer LEFT JOIN scenario s ON s.id = m.scenario"
)


def _waiting(row: tuple[Any, ...]) -> Waiting:
    number, journey, version, step, *named, transactional, staff, attempts, doubtful, content = row
    key = message_key(journey, version, step)
    return Waiting(*[number, key, *named, bool(transactional), bool(staff), attempts, bool(doubtful), decode(content)])


_ENTITY = "id, customer, template, channel, at, state, transactional, staff, journey, order_key, times"


def _message(row: tuple[Any, ...]) -> Message:
    return Message(*[*row[:6], bool(row[6]), bool(row[7]), *row[8:10], decode(row[10]) if row[10] else {}])
