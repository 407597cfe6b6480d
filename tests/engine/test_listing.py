"""What people ask the store is found by an index, however many journeys there are."""

from __future__ import annotations

import pytest

from interpreter.store.connection import Connection
from tests.engine.house import House

SCENARIO = """\
scenario thanks
  on order.status -> "paid"
  wait 1d
  if order.total > 10
  send thanks by email
"""


@pytest.mark.parametrize("listed", ["journeys", "decisions", "messages"])
def test_of_one_customer_no_table_is_looked_through(listed, monkeypatch):
    house = House(SCENARIO)
    plans: list[str] = []
    rows = Connection.rows

    def watched(self, query, values=()):
        if query.startswith("SELECT"):
            plans.extend(row[-1] for row in rows(self, f"EXPLAIN QUERY PLAN {query}", values))
        return rows(self, query, values)

    monkeypatch.setattr(Connection, "rows", watched)
    list(getattr(house.store.listing, listed)())
    assert [plan for plan in plans if plan.startswith("SCAN")] != [], "of everybody there is no other way"
    plans.clear()
    list(getattr(house.store.listing, listed)(customer="ann"))
    assert plans
    assert [plan for plan in plans if plan.startswith("SCAN")] == []
