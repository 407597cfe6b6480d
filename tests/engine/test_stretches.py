"""Many ticks in one go leave the same rows behind as one tick after the other."""

from __future__ import annotations

from collections import Counter
from typing import Any
from unittest.mock import patch

import attrs
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from interpreter import stretches
from interpreter.phases.ids import Ids
from interpreter.project.loading import one
from interpreter.project.project_folder import Folder
from interpreter.rehearsal import Stage
from interpreter.runner import make_rules
from interpreter.shop import NeverLoadedError
from interpreter.simulate import Simulation
from interpreter.stretches import StretchedEngine
from interpreter.stretches import _Walk
from tests.engine.test_simulate import facts_of
from tests.engine.test_simulate import happenings
from tests.engine.test_simulate import shop
from tests.engine.test_simulate import stamp
from tests.engine.test_simulate import whole

TABLES = (
    "customer",
    "alias",
    "topic",
    "orders",
    "action",
    "journey",
    "application",
    "message",
    "outbox",
    "decision",
    "inbox",
    "fact",
    "belonging",
    "product",
)
PEOPLE = ("ann", "bob", "eve")
ADDRESSES = ("a@example.com", "A@example.com", "b@example.com", None)


@st.composite
def people(draw: st.DrawFn) -> dict[str, Any]:
    """Who is who, and what became of letters."""
    moment = stamp(draw(st.integers(0, 3 * 86_400)))
    who, address = draw(st.sampled_from(PEOPLE)), draw(st.sampled_from(ADDRESSES))
    raw: dict[str, Any] = draw(
        st.sampled_from(
            [
                {"op": "customer.register", "customer": who, "email": address, "subscribed": ["email"]},
                {"op": "customer.edit", "customer": who, "email": address},
                {"op": "contact.validity", "kind": "email", "value": "a@example.com", "valid": False},
                {"op": "customer.erase", "customer": who},
                {"op": "customer.merge", "into": who, "from": draw(st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=2))},
                {"op": "contact.confirm", "kind": "email", "customer": who},
                {"op": "message.status", "message": draw(st.integers(1, 6)), "status": "opened"},
                {"op": "message.status", "message": draw(st.integers(1, 6)), "status": "bounced"},
                {"op": "subscription.set", "customer": who, "channel": "email", "topic": "news", "status": "unsubscribed"},
                {"op": "balance.change", "customer": who, "account": "bonus", "amount": draw(st.sampled_from([30, 0.1, -20, -0.3]))},
                {
                    "op": "balance.change",
                    "customer": who,
                    "account": "bonus",
                    "amount": 7,
                    "available_from": stamp(draw(st.integers(0, 4 * 86_400))),
                },
                {
                    "op": "balance.change",
                    "customer": who,
                    "account": "bonus",
                    "amount": 5,
                    "id": draw(st.sampled_from(["1", "2"])),
                    "expires": "1d",
                },
                {"op": "balance.change", "customer": who, "account": "bonus", "kind": "reset"},
                {"op": "card.issue", "customer": who, "number": draw(st.sampled_from(["1", "2"])), "status": "activated"},
                {
                    "op": "card.status",
                    "number": draw(st.sampled_from(["1", "2"])),
                    "status": draw(st.sampled_from(["blocked", "activated"])),
                },
                {"op": "card.replace", "old": "1", "new": "2"},
                {"op": "promo.load", "pool": "P", "codes": ["P-1", "P-2", "P-3"]},
                {"op": "promo.issue", "customer": who, "pool": "P"},
                {"op": "promo.issue", "customer": who, "pool": "P", "code": "P-2"},
                {"op": "promo.redeem", "customer": who, "code": draw(st.sampled_from(["P-1", "P-2", "X"]))},
                {"op": "order.update", "customer": who, "order": {"id": "1", "promo": draw(st.sampled_from(["P-1", "P-2"]))}},
            ]
        )
    )
    return raw | {"at": moment, "received": moment}


@st.composite
def visitors(draw: st.DrawFn) -> dict[str, Any]:
    """Who is on the site and puts what into which list, some of it told late."""
    second = draw(st.integers(0, 7200) | st.sampled_from([0, 60, 1800, 3600, 86_400]))
    late = draw(st.sampled_from([0, 0, 0, 30, 1800, 7200]))
    beside = {"customer": draw(st.sampled_from(PEOPLE)), "at": stamp(second), "received": stamp(second + late)}
    product, quantity = draw(st.sampled_from(["P", "Q"])), draw(st.integers(0, 2))
    raw: dict[str, Any] = draw(
        st.sampled_from(
            [
                {"op": "session.activity"},
                {"op": "session.activity"},
                {"op": "session.close"},
                {"op": "product.view", "product": product},
                {"op": "category.view", "category": "shoes"},
                {"op": "list.add", "list": "cart", "product": product},
                {"op": "list.set", "list": "cart", "products": [{"id": product, "quantity": quantity}]},
                {"op": "list.clear", "list": "cart"},
                {"op": "customer.erase"},
            ]
        )
    )
    return raw | beside


def rows(simulation: Simulation) -> dict[str, list[Any]]:
    """Every row of every table."""
    connection = simulation.store.connection
    return {table: sorted(connection.rows(f"SELECT * FROM {table}"), key=repr) for table in TABLES}


def played(
    folder: Folder,
    raw: list[dict[str, Any]],
    *,
    facts: int,
    journeys: int,
    size: int = 40_000,
    one_by_one: bool = False,
    expected: bool = True,
) -> dict[str, list[Any]]:
    over = whole(facts_of(raw))
    over = attrs.evolve(over, last_fact=over.launch + 5 * 86_400, end=over.launch + 6 * 86_400)
    simulation = Simulation(Stage.of(folder, make_rules(folder, one(folder).project)), facts_of(raw), lambda *_: over)
    try:
        with patch.multiple(stretches, FACTS=facts, JOURNEYS=journeys, SIZE=size):
            if one_by_one:
                with patch.object(StretchedEngine, "_stretch", lambda *_: None):
                    reports = list(simulation.run())
            elif not expected:
                reports = list(simulation.run())
            else:
                # Nobody turns up in the middle of one who was not expected.
                with patch.object(Ids, "back_to", side_effect=AssertionError):
                    reports = list(simulation.run())
        found = rows(simulation)
        total = {name: sum(getattr(report, name) for report in reports) for name in ("facts", "events", "started", "sent", "too_early")}
        return found | {"total": [sorted(total.items())], "last": [reports[-1].now]}
    finally:
        simulation.store.close()


@settings(max_examples=8)
@given(
    raw=st.lists(happenings() | people() | visitors() | visitors(), min_size=1, max_size=14),
    sizes=st.sampled_from([(4000, 4000, 40_000), (4000, 4000, 40_000), (4000, 4000, 1), (4000, 4000, 5), (2, 4000, 40_000), (3, 2, 7)]),
)
def test_stretches_leave_the_rows_of_single_ticks(raw, sizes):
    with shop() as folder:
        single = played(folder, raw, facts=1, journeys=1, one_by_one=True)
        many = played(folder, raw, facts=sizes[0], journeys=sizes[1], size=sizes[2])
        for table, found in single.items():
            assert many[table] == found, table


@pytest.mark.parametrize("given_to", ["ann", "eve"])
def test_an_address_that_was_given_up_finds_whoever_else_has_it(given_to):
    """In one batch as in two: of several customers the first one owns a contact, whoever had it before."""
    raw: list[dict[str, Any]] = [
        {"op": "customer.register", "customer": "ann", "email": "x@example.com", "at": stamp(0), "received": stamp(0)},
        {"op": "order.update", "customer": "bob", "order": {"id": "1"}, "at": stamp(60), "received": stamp(60)},
        {"op": "customer.edit", "customer": "bob", "email": "y@example.com", "at": stamp(60), "received": stamp(60)},
        {"op": "customer.edit", "customer": given_to, "email": "y@example.com", "at": stamp(120), "received": stamp(120)},
        {"op": "customer.edit", "customer": "bob", "email": None, "at": stamp(180), "received": stamp(180)},
        {"op": "contact.validity", "kind": "email", "value": "y@example.com", "valid": False, "at": stamp(240), "received": stamp(240)},
    ]
    with shop() as folder:
        assert played(folder, raw, facts=4000, journeys=4000) == played(folder, raw, facts=1, journeys=1, one_by_one=True)


def test_a_minute_with_somebody_nobody_expected_goes_alone_and_nothing_is_done_more_than_twice():
    raw: list[dict[str, Any]] = [
        {"op": "action.issue", "customer": "ann", "template": "go", "at": stamp(36_000 + number * 60)} for number in range(40)
    ]
    decided: list[int] = []
    deliver = _Walk.deliver

    def stumbling(walk: _Walk, now: int) -> None:
        decided.append(now)
        if now == facts_of(raw)[30].at:
            raise NeverLoadedError
        deliver(walk, now)

    with shop() as folder:
        single = played(folder, raw, facts=1, journeys=1, one_by_one=True)
        with patch.object(_Walk, "deliver", stumbling):
            assert played(folder, raw, facts=4000, journeys=4000, expected=False) == single
    assert max(Counter(decided).values()) == 2


def statements(folder: Folder, minutes: int) -> int:
    """How often the database is asked while forty actions are handled, spread over so many minutes."""
    raw: list[dict[str, Any]] = [
        {"op": "action.issue", "customer": "ann", "template": "go", "at": stamp(36_000 + number % minutes * 60)} for number in range(40)
    ]
    over = whole(facts_of(raw))
    simulation = Simulation(
        Stage.of(folder, make_rules(folder, one(folder).project)),
        facts_of(raw),
        lambda *_: attrs.evolve(over, last_fact=over.launch, end=over.end),
    )
    asked: list[str] = []
    simulation.store.connection.sqlite.set_trace_callback(asked.append)
    try:
        for _ in simulation.run():
            pass
    finally:
        simulation.store.close()
    return len(asked)


def test_a_minute_more_asks_the_database_nothing_more():
    with shop() as folder:
        assert statements(folder, 40) <= statements(folder, 1)
