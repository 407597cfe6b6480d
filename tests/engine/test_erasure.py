"""Erasing a person: nothing personal stays in any table, the counts do, and his ids are free for somebody new (`engine.md` §7)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from interpreter.phases.erasure import erase
from tests.engine.house import House
from tests.engine.house import moment
from tests.engine.house import shown

SHOP = """
define status order "new", "paid"

scenario s
  on order.status -> "paid"
  where order.total > 5
  wait 1d
  send letter by email
  limit 1 per order.email
  limit 2 per order since created

scenario hello
  on action "go"
  send hello by email
"""


def everything(shop: House) -> str:
    """All that the database holds."""
    rows = shop.store.connection.rows
    tables = [row[0] for row in rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return "\n".join(repr(row) for table in tables for row in rows(f"SELECT * FROM {table}"))


def known_shop() -> House:
    """Ann, of whom everything is known in every place, and bob."""
    shop = House(SHOP)
    shop.tick("06-01 00:00")
    shop.customer("ann", email="ann@old.example", phone="+79261112233", first_name="Annabel")
    shop.customer("bob")
    shop.fact("06-01 01:00", "customer.edit", customer="ann", email="ann@new.example")
    shop.fact("06-01 02:00", "order.update", customer="ann", order={"id": "7", "status": "paid", "total": 9, "email": "ann@third.example"})
    shop.go("06-01 03:00")
    shop.run("06-01 03:00", "06-02 03:00")
    shop.fact("06-02 04:00", "message.status", message=1, status="bounced", to="ann@new.example")
    shop.fact("06-02 04:00", "contact.validity", kind="email", value="ann@old.example", valid=False)
    shop.fact("06-02 05:00", "order.update", customer="ann", order={"id": "8", "status": "paid", "total": 9, "email": "ann@third.example"})
    shop.tick("06-02 05:00")
    shop.store.connection.execute("UPDATE message SET reason = '550 no such user ann@new.example' WHERE id = 1")
    return shop


def test_nothing_personal_stays_in_any_table():
    shop = known_shop()
    before = everything(shop)
    assert all(word in before for word in ("ann@old", "ann@new", "ann@third", "9261112233", "Annabel", "'ann'"))
    shop.fact("06-02 06:00", "customer.erase", customer="ann")
    shop.tick("06-02 06:00")
    after = everything(shop)
    assert not [word for word in ("ann@old", "ann@new", "ann@third", "9261112233", "Annabel", "'ann'") if word in after]
    assert shop.journeys() == ["erased-1 finished", "erased-1 finished", "erased-1 stopped (erased)"]
    assert "bob@example.com" in after


def test_what_comes_behind_an_erasure_is_about_somebody_new():
    shop = known_shop()
    shop.customer("ann", email="ann@example.com")
    shop.fact("06-03 00:00", "customer.erase", customer="ann")
    shop.customer("ann", at="06-03 00:01")
    shop.go("06-03 00:02")
    shop.fact("06-03 00:03", "contact.confirm", kind="email", value="ann@example.com")
    shop.tick("06-03 00:03")
    assert shop.messages()[-1] == "06-03 00:03 hello to ann"
    assert shop.store.entities.customers(keys=["ann"])[0].contacts["email"].confirmation == "confirmed"


def test_facts_that_wait_to_be_handled_are_erased_with_whom_they_are_about():
    shop = known_shop()
    shop.customer("ann", at="06-03 00:01", first_name="Annabella")
    customer = shop.store.entities.customers(keys=["ann"])[0]
    with shop.store.transaction():
        assert erase(shop.store, customer, moment("06-03 00:01"), inbox=True) == 1
    shop.tick("06-03 00:01")
    assert "Annabella" not in everything(shop)
    assert shop.store.entities.customers(keys=["ann"]) == []


def test_what_was_said_of_an_order_before_it_was_known_whose_it_is_is_erased_with_him():
    shop = known_shop()
    shop.fact("06-03 00:00", "order.update", order={"id": "9", "email": "ann@early.example"})
    shop.tick("06-03 00:00")
    shop.fact("06-03 01:00", "order.update", customer="ann", order={"id": "9", "status": "new"})
    shop.tick("06-03 01:00")
    shop.fact("06-03 02:00", "customer.erase", customer="ann")
    shop.tick("06-03 02:00")
    assert "ann@early" not in everything(shop)


def test_an_order_of_an_erased_customer_can_go_on_with_another_one():
    shop = known_shop()
    shop.fact("06-03 00:00", "customer.erase", customer="ann")
    shop.tick("06-03 00:00")
    for status in ("new", "paid"):
        shop.fact("06-03 01:00", "order.update", customer="bob", order={"id": "7", "status": status, "email": "bob@example.com"})
    shop.tick("06-03 01:00")
    assert shop.journeys()[-1] == "bob waiting 06-04 01:00"


def test_the_ledger_knows_of_journeys_that_an_erasure_ended():
    shop = House('scenario s on action "go" wait 3d send letter by email')
    shop.tick("06-01 00:00")
    shop.customer("ann")
    shop.go("06-01 01:00")
    shop.tick("06-01 01:00")
    shop.fact("06-01 02:00", "customer.erase", customer="ann")
    shop.tick("06-01 02:00")
    told = [(shown(row.at), row.outcome, row.reason) for row in shop.store.listing.decisions(customer="erased-1")]
    assert told == [("06-01 01:00", "started", "action"), ("06-01 02:00", "stopped", "erased")]


def test_what_a_provider_says_of_an_erased_customer_is_counted_and_starts_nothing():
    shop = House('scenario s on action "go" send letter by email\nscenario t on message letter clicked send thanks by email')
    shop.tick("06-01 00:00")
    shop.customer("ann")
    shop.go("06-01 01:00")
    shop.tick("06-01 01:00")
    shop.fact("06-01 02:00", "customer.erase", customer="ann")
    shop.tick("06-01 02:00")
    shop.fact("06-01 03:00", "message.status", message=1, status="clicked")
    shop.tick("06-01 03:00")
    assert shop.messages() == ["06-01 01:00 letter to erased-1 clicked (None)"]


CODES = """
define promo "loaded" one_time
define promo "made" one_time generate "M-######"

scenario present
  on action "go"
  issue promo "{pool}"
  send present by email
"""


def waiting(shop: House) -> list[str]:
    """The codes on their way: taken out of the pool, and with nobody yet."""
    rows = shop.store.connection.rows("SELECT f.data FROM inbox i JOIN fact f ON f.id = i.fact WHERE f.op = 'promo.issue'")
    return [str(json.loads(data)["code"]) for (data,) in rows]


def killed_with_a_code_on_its_way(path: Path, pool: str) -> tuple[House, str]:
    """A shop whose tick died when the code had been taken and `promo.issue` was not handled."""
    for number in range(1, 400):
        shop = House(CODES.replace("{pool}", pool), path / f"{number}.db")
        shop.tick("06-01 00:00")
        shop.customer("ann", "bob")
        shop.fact("06-01 01:00", "promo.load", pool="loaded", codes=["C1", "C2"])
        shop.tick("06-01 01:00")
        shop.go("06-01 02:00")
        with shop.killed_at(number):
            shop.tick("06-01 02:00")
        if codes := waiting(shop):
            return shop, codes[0]
        shop.store.close()
    raise AssertionError("never was a code on its way when the process was killed")


@pytest.mark.parametrize("door", ["forget", "fact"])
@pytest.mark.parametrize("pool", ["loaded", "made"])
def test_a_code_that_was_on_its_way_to_an_erased_customer_goes_to_nobody_else(tmp_path, pool, door):
    shop, code = killed_with_a_code_on_its_way(tmp_path, pool)
    if door == "forget":
        with shop.store.transaction():
            erase(shop.store, shop.store.entities.customers(keys=["ann"])[0], moment("06-01 02:30"), inbox=True)
    else:
        # It came in before the code was taken, and is handled first.
        shop.fact("06-01 01:30", "customer.erase", received="06-01 01:30", customer="ann")
        shop.tick("06-01 02:30")
    assert waiting(shop) == []
    shop.fact("06-01 03:00", "promo.load", pool=pool, codes=[code, "C9"])
    shop.tick("06-01 03:00")
    for hour in range(4, 9):
        shop.fact(f"06-01 0{hour}:00", "promo.issue", customer="bob", pool="loaded")
        shop.tick(f"06-01 0{hour}:00")
    rows = shop.store.connection.rows("SELECT customer, kind, key FROM belonging ORDER BY key")
    assert [row for row in rows if row[2] == code] == [(0, "promo", code)], "it was given out, of nobody"
    assert [row[0] for row in rows if row[2] == "C2"] == [2]
    assert code not in {row[0] for row in shop.store.connection.rows("SELECT more FROM journey WHERE more IS NOT NULL")}


@pytest.mark.parametrize(
    "fact",
    [
        {"op": "promo.issue", "customer": "ann", "pool": "loaded", "code": "C1"},
        {"op": "promo.redeem", "customer": "ann", "code": "C1"},
        {"op": "order.create", "customer": "ann", "order": {"id": "1", "promo": "C1"}},
        {"op": "order.update", "order": {"id": "7", "lines": [{"id": "1", "promo": "C1"}]}},
    ],
)
def test_a_code_of_which_a_fact_still_waited_when_he_was_erased_goes_to_nobody_else(fact):
    shop = House(CODES.replace("{pool}", "loaded"))
    shop.tick("06-01 00:00")
    shop.customer("ann", "bob")
    shop.fact("06-01 01:00", "promo.load", pool="loaded", codes=["C1", "C2"])
    shop.fact("06-01 01:00", "order.create", customer="ann", order={"id": "7"})
    shop.tick("06-01 01:00")
    shop.fact("06-01 02:00", **fact)
    with shop.store.transaction():
        erase(shop.store, shop.store.entities.customers(keys=["ann"])[0], moment("06-01 02:30"), inbox=True)
    shop.go("06-01 03:00", customer="bob")
    shop.run("06-01 03:00", "06-01 03:05")
    assert shop.store.connection.rows("SELECT customer, key FROM belonging WHERE kind = 'promo' ORDER BY key") == [(0, "C1"), (2, "C2")]
