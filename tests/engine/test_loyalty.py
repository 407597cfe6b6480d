"""Points over launches, pauses, kills, outages and erasure (`domain.md` E26, §3.9)."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest

from interpreter.belongings import Account
from interpreter.belongings import Change
from interpreter.store.facts import Facts
from tests.engine.house import House
from tests.engine.house import Killed
from tests.engine.test_erasure import everything

LETTERS = 'scenario letters on action "go" send letter by email\n'
READY = 'scenario ready on balance "bonus" available send ready by email\n'
GIVING = """
scenario giving
  on action "go"
  award 100 to balance "bonus" expires in 30d
  send letter by email
scenario told
  on balance "bonus" changed
  send told by email
"""


def points(shop: House, at: str, amount: float, **more: Any) -> None:
    shop.fact(at, "balance.change", customer="ann", account="bonus", amount=amount, **more)


def account(shop: House, customer: int = 1) -> Account | None:
    found = [one for _, one in shop.store.belongings.of([customer], {"account"})]
    assert all(isinstance(one, Account) for one in found)
    return found[0] if found else None  # type: ignore[return-value]


def changes(shop: House, customer: int = 1) -> list[tuple[str, float, float]]:
    found = [one for _, one in shop.store.belongings.of([customer], {"change"})]
    return [(one.what, one.amount, one.remaining) for one in found if isinstance(one, Change)]


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        pytest.param({"05-01": READY}, ["06-15 00:00 ready to ann"], marks=pytest.mark.example("X26.1"), id="running throughout"),
        pytest.param({"05-01": LETTERS, "06-05": READY}, [], marks=pytest.mark.example("X26.2"), id="launched in between"),
        pytest.param({"05-01": READY, "06-10": LETTERS}, [], marks=pytest.mark.example("X26.3"), id="stopped and not relaunched"),
        pytest.param({"05-01": READY, "06-10": LETTERS, "06-16": READY}, [], id="relaunched too late"),
        pytest.param(
            {"05-01": READY, "06-08": LETTERS, "06-12": READY},
            ["06-15 00:00 ready to ann"],
            marks=pytest.mark.example("X26.5"),
            id="running at both moments",
        ),
    ],
)
def test_who_hears_that_points_became_available(edits, expected):
    shop = House(LETTERS)
    shop.customer("ann")
    points(shop, "06-01 10:00", 50, available_from="2024-06-15T00:00")
    since = "04-30"
    for day, text in edits.items():
        shop.run(f"{since} 00:00", f"{day} 00:00")
        shop.edit(text)
        since = day
    shop.run(f"{since} 00:00", "07-01 00:00")
    assert shop.messages() == expected


def test_the_trace_says_why_points_that_came_before_the_launch_start_nothing():
    shop = House(LETTERS)
    shop.customer("ann")
    points(shop, "06-01 10:00", 50, available_from="2024-06-15T00:00")
    shop.tick("06-01 10:00")
    shop.edit(READY)
    shop.run("06-05 00:00", "06-16 00:00")
    refused = [(row.scenario, row.reason) for row in shop.store.listing.decisions() if row.outcome == "refused"]
    assert refused == [("ready", "before_launch")]


def test_an_outage_changes_nothing_of_what_points_were_when():
    """Accrued, available, spent, burned while nobody ran: not below zero for a moment, and the letter is dated as always."""
    text = READY + 'scenario debt on balance "bonus" negative send debt by email\n'
    text += 'scenario rich on action "go" if balance "bonus" >= 20 send rich by email\n'
    shop = House(text)
    shop.customer("ann")
    shop.tick("06-01 09:00")
    points(shop, "06-01 10:00", 50, available_from="2024-06-01T11:00", expires_at="2024-06-01T14:00")
    points(shop, "06-01 12:00", -30)
    shop.go("06-01 13:00")
    points(shop, "06-01 15:00", -1)
    shop.tick("06-01 16:00")
    assert shop.messages() == ["06-01 16:00 ready to ann", "06-01 16:00 debt to ann"]
    assert changes(shop) == [("expiry", -20, 0), ("accrual", 50, 0), ("write_off", -30, 0), ("write_off", -1, 0)]
    assert account(shop) == Account("bonus", -1)


def test_points_that_are_available_by_now_are_there_before_anybody_acts():
    shop = House('scenario rich on action "go" wait 1h if balance "bonus" >= 20 send rich by email\n')
    shop.customer("ann")
    shop.tick("06-01 09:00")
    shop.go("06-01 10:00")
    points(shop, "06-01 10:30", 50, available_from="2024-06-01T10:45")
    shop.tick("06-01 11:00")
    assert shop.messages() == ["06-01 11:00 rich to ann"]


def test_an_award_happens_once_whenever_the_process_is_killed(tmp_path):
    shop = House(GIVING, tmp_path / "shop.db")
    shop.customer("ann")
    shop.tick("06-01 09:00")
    shop.go("06-01 10:00")
    add = Facts.add

    def killing(facts, several, **more):
        found = add(facts, several, **more)
        if any(fact.op == "balance.change" for fact in several):
            raise Killed
        return found

    with patch.object(Facts, "add", killing), pytest.raises(Killed):
        shop.tick("06-01 10:00")
    assert shop.messages() == []
    shop.reopen()
    shop.tick("06-01 10:00")
    shop.reopen()
    shop.tick("06-01 10:01")
    assert shop.messages() == ["06-01 10:00 letter to ann", "06-01 10:00 told to ann"]
    assert changes(shop) == [("accrual", 100, 100)]
    assert account(shop) == Account("bonus", 100)


def test_what_was_awarded_burns():
    shop = House(GIVING)
    shop.customer("ann")
    shop.tick("06-01 09:00")
    shop.go("06-01 10:00")
    shop.run("06-01 10:00", "07-01 09:59")
    assert account(shop) == Account("bonus", 100)
    shop.run("07-01 10:00", "07-01 10:01")
    assert account(shop) == Account("bonus", 0)
    assert len(shop.messages()) == 2, "burning tells nobody"


def test_points_go_with_a_record_that_becomes_another():
    """Those still to come too: whoever stays hears of them, and they burn for him."""
    shop = House(READY)
    shop.customer("ann", "bob")
    shop.tick("06-01 09:00")
    shop.fact("06-01 10:00", "balance.change", customer="ann", account="bonus", amount=0.1)
    shop.fact("06-01 10:00", "balance.change", customer="bob", account="bonus", amount=-30)
    points(shop, "06-01 11:00", 50, available_from="2024-06-15T00:00", expires_at="2024-06-20T00:00")
    shop.run("06-01 10:00", "06-01 12:00")
    gone: dict[str, Any] = {"from": ["ann"]}
    shop.fact("06-02 10:00", "customer.merge", into="bob", **gone)
    shop.run("06-02 10:00", "06-16 00:00")
    assert shop.messages()[1:] == ["06-15 00:00 ready to bob"]
    assert account(shop, 2) == Account("bonus", 20.1)
    shop.run("06-16 00:01", "06-21 00:00")
    assert account(shop, 2) == Account("bonus", 0)


def test_nothing_is_left_of_somebody_erased():
    shop = House("scenario s on card.status -> activated wait 1d send letter by email limit 1 per card\n" + READY)
    shop.customer("ann")
    shop.tick("06-01 09:00")
    shop.fact("06-01 10:00", "card.issue", customer="ann", number="4000-17", colour="crimson")
    shop.fact("06-01 11:00", "card.status", number="4000-17", status="activated")
    points(shop, "06-01 12:00", 50, available_from="2024-06-15T00:00", expires_at="2024-07-15T00:00", id="acc-1")
    shop.fact("06-01 13:00", "card.status", number="4000-17", status="blocked")
    shop.run("06-01 10:00", "06-02 12:00")
    shop.fact("06-02 12:30", "card.status", number="4000-17", status="activated")
    shop.run("06-02 12:30", "06-02 12:40")
    assert all(word in everything(shop) for word in ("4000-17", "crimson", "acc-1"))
    shop.fact("06-03 00:00", "customer.erase", customer="ann")
    shop.customer("ann", at="06-03 00:00")
    shop.tick("06-03 00:00")
    left = everything(shop)
    assert not [word for word in ("4000-17", "crimson", "acc-1") if word in left]
    sent = shop.messages()
    shop.run("06-03 00:01", "08-01 00:00")
    assert shop.messages() == sent
    assert account(shop, 2) is None
