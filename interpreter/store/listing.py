"""What people ask the store: messages, journeys and decisions as they are listed and explained."""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter
from typing import Any

import attrs

from interpreter.store.connection import Connection
from interpreter.store.pruning import pruned_before


@attrs.frozen(slots=True)
class MessageRow:
    """A message as `scn messages` shows it; `at` in seconds since 1970 UTC."""

    id: int
    at: int
    customer: str
    scenario: str
    template: str
    channel: str | None
    to: str | None
    state: str
    reason: str | None
    subject: str | None
    order: str | None
    kind: str
    journey: int
    step: int
    product: str | None
    """The product that triggered."""


@attrs.frozen(slots=True)
class JourneyRow:
    """A journey as `scn journeys` shows it; moments in seconds since 1970 UTC."""

    id: int
    scenario: str
    customer: str
    order: str | None
    state: str
    reason: str | None
    step: int
    version: int
    started_at: int
    due_at: int | None
    goal_at: int | None
    product: str | None
    """The product that triggered."""
    parked: bool


@attrs.frozen(slots=True)
class DecisionRow:
    """A line of the ledger."""

    id: int
    at: int
    customer: str
    scenario: str
    version: int | None
    journey: int | None
    order: str | None
    fact: int | None
    op: str | None
    fact_at: int | None
    outcome: str
    reason: str | None
    detail: str | None


#: What a journey is about stands with the rest of what few journeys have.
_PRODUCT = "json_extract(j.more, '$.about.product')"

#: There is an index of the open journeys only; of the others the ledger knows, as long as nothing was taken out of it.
_OF_CUSTOMER = (
    " AND j.id IN (SELECT o.id FROM journey o WHERE o.customer = c.id AND (o.due_at IS NOT NULL OR o.goal_until IS NOT NULL) "
    "UNION SELECT d.journey FROM decision d WHERE d.customer = c.id)"
)


class Listing:
    """Reads for people."""

    def __init__(self, connection: Connection) -> None:
        """Over an open database."""
        self._connection = connection

    def _own(self, customer: str | None) -> str | None:
        """The id that a customer is listed by, from any of his ids."""
        further = "SELECT c.key FROM alias a JOIN customer c ON c.id = a.customer WHERE a.key = ?"
        return None if customer is None else self._connection.value(further, (customer,)) or customer

    def messages(
        self, *, customer: str | None = None, scenario: str | None = None, state: str | None = None, since: int | None = None
    ) -> Iterator[MessageRow]:
        """Messages by the moment they were decided."""
        where, values = _where({"c.key": self._own(customer), "s.name": scenario, "m.state": state}, ("m.at", since))
        query = (
            "SELECT m.id, m.at, coalesce(c.key, ''), s.name, m.template, m.channel, m.recipient, m.state, "
            "CASE WHEN m.doubtful AND m.state = 'planned' THEN 'perhaps delivered: ' || m.reason ELSE m.reason END, "
            "m.subject, m.order_key, m.kind, "
            f"m.journey, m.step, {_PRODUCT} FROM message m JOIN scenario s ON s.id = m.scenario LEFT JOIN customer c ON c.id = m.customer "
            "LEFT JOIN journey j ON j.id = m.journey "
            f"{where} ORDER BY m.at, m.id"
        )
        return (MessageRow(*row) for row in self._connection.rows(query, values))

    def journeys(
        self, *, customer: str | None = None, scenario: str | None = None, state: str | None = None, since: int | None = None
    ) -> Iterator[JourneyRow]:
        """Journeys by the moment they started."""
        own = self._own(customer)
        where, values = _where({"c.key": own, "s.name": scenario, "j.state": state}, ("j.started", since))
        # What the first release stopped because somebody was erased is in no ledger either.
        if own is not None and not own.startswith("erased-") and pruned_before(self._connection) is None:
            where += _OF_CUSTOMER
        query = (
            "SELECT j.id, s.name, coalesce(c.key, ''), j.order_key, j.state, j.reason, j.step, j.version, "
            f"j.started, j.due_at, j.goal_at, {_PRODUCT}, j.parked "
            f"FROM journey j JOIN scenario s ON s.id = j.scenario LEFT JOIN customer c ON c.id = j.customer "
            f"{where} ORDER BY j.started, j.id"
        )
        return (JourneyRow(*[*row[:12], bool(row[12])]) for row in self._connection.rows(query, values))

    def decisions(self, *, customer: str | None = None, scenario: str | None = None, upto: int | None = None) -> Iterator[DecisionRow]:
        """The ledger in the order of its ticks; of one customer, if named. How a journey started stands with the journey."""
        own = self._own(customer)
        where, values = _where({"c.key": own, "s.name": scenario}, None, ("d.at", upto))
        written = self._connection.rows(
            "SELECT d.id, d.at, coalesce(c.key, ''), s.name, d.version, d.journey, "
            # A trigger that was refused has no journey: its fact knows the order.
            "coalesce(j.order_key, json_extract(CAST(f.data AS TEXT), '$.order.id')), coalesce(d.fact, j.fact), "
            "f.op, f.at, d.outcome, d.reason, d.detail "
            "FROM decision d JOIN scenario s ON s.id = d.scenario LEFT JOIN customer c ON c.id = d.customer "
            "LEFT JOIN journey j ON j.id = d.journey LEFT JOIN fact f ON f.id = coalesce(d.fact, j.fact) "
            f"{where} ORDER BY d.id",
            values,
        )
        where, values = _where({"c.key": own, "s.name": scenario}, None, ("j.begun_at", upto))
        if own is not None:
            where += _OF_CUSTOMER
        begun = self._connection.rows(
            "SELECT 0, j.begun_at, coalesce(c.key, ''), s.name, j.version, j.id, j.order_key, j.fact, f.op, f.at, 'started', "
            "j.begun_by, NULL FROM journey j JOIN scenario s ON s.id = j.scenario LEFT JOIN customer c ON c.id = j.customer "
            "LEFT JOIN fact f ON f.id = j.fact "
            f"{where} ORDER BY j.id",
            values,
        )
        merged = self._merged(own, upto) if own is not None and scenario is None else []
        return (DecisionRow(*row) for row in sorted([*merged, *begun, *written], key=itemgetter(1)))

    def _merged(self, customer: str, upto: int | None) -> list[tuple[Any, ...]]:
        """Records that became one with a customer: lines of the ledger without a scenario."""
        where, values = _where({"c.key": customer}, None, ("d.at", upto))
        return self._connection.rows(
            "SELECT d.id, d.at, c.key, '', NULL, NULL, NULL, d.fact, f.op, f.at, d.outcome, d.reason, d.detail "
            "FROM decision d JOIN customer c ON c.id = d.customer LEFT JOIN fact f ON f.id = d.fact "
            f"{where} AND d.scenario = 0 ORDER BY d.id",
            values,
        )

    def counts(self, now: int) -> dict[str, int]:
        """How much of everything there is at `now`, each by the name of one: what will happen later is not to be handled yet."""
        return {
            name: int(self._connection.value(query))
            for name, query in (
                ("fact", "SELECT count(*) FROM fact"),
                ("fact to handle", f"SELECT count(*) FROM inbox WHERE received <= {now:d}"),
                ("customer", "SELECT count(*) FROM customer"),
                ("order", "SELECT count(*) FROM orders"),
                ("journey waiting", "SELECT count(*) FROM journey WHERE due_at IS NOT NULL"),
                ("message to deliver", "SELECT count(*) FROM message WHERE state = 'planned'"),
                ("message unsure", "SELECT count(*) FROM message WHERE state IN ('unsure', 'sending')"),
            )
        }


def _where(
    equal: dict[str, str | None], since: tuple[str, int | None] | None, upto: tuple[str, int | None] | None = None
) -> tuple[str, list[object]]:
    conditions = [(f"{column} = ?", value) for column, value in equal.items() if value is not None]
    for bound, sign in ((since, ">="), (upto, "<=")):
        if bound is not None and bound[1] is not None:
            conditions.append((f"{bound[0]} {sign} ?", bound[1]))  # type: ignore[arg-type]
    return ("WHERE " + " AND ".join(text for text, _ in conditions) if conditions else ""), [value for _, value in conditions]
