"""Splits and control groups: the same for a customer every time, in the shares asked for (`language.md` §2.1, §2.2)."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.engine.house import House

CUSTOMERS = [f"c{number}" for number in range(1000)]
TESTED = """
scenario s
  on action "go"
  split style { 50% warm { send warm by email } 30% cool { send cool by email } 20% none { } }
"""


@pytest.fixture(scope="module")
def crowd() -> House:
    shop = House(TESTED + '\nscenario held\n  on action "hold"\n  holdout 10%\n  send offer by email\n')
    shop.customer(*CUSTOMERS)
    shop.tick("06-01 10:00")
    for minute, template in ((0, "go"), (1, "hold")):
        for customer in CUSTOMERS:
            shop.go(f"06-01 11:0{minute}", customer, template)
        shop.tick(f"06-01 11:0{minute}")
    return shop


def drawn(shop: House) -> dict[str, str]:
    return {message.split()[-1]: message.split()[2] for message in shop.messages() if message.split()[2] in {"warm", "cool"}}


def test_shares_are_those_asked_for(crowd):
    """Four standard deviations of a thousand draws at most."""
    counted = Counter(drawn(crowd).values())
    assert abs(counted["warm"] - 500) < 64
    assert abs(counted["cool"] - 300) < 58


def test_the_control_group_has_its_share_and_is_drawn_apart_from_splits(crowd):
    held = {row.customer for row in crowd.store.listing.messages() if row.reason == "holdout"}
    assert abs(len(held) - 100) < 38
    warm = {customer for customer, arm in drawn(crowd).items() if arm == "warm"}
    assert abs(len(held & warm) - len(held) / 2) < 25, "who is held out of one scenario is not all of one arm of another"


def test_a_customer_gets_the_same_arm_again(crowd):
    before = drawn(crowd)
    known = len(crowd.messages())
    for customer in CUSTOMERS[:100]:
        crowd.go("06-02 11:00", customer)
    crowd.tick("06-02 11:00")
    again = {row.split()[-1]: row.split()[2] for row in crowd.messages()[known:]}
    assert again == {customer: arm for customer, arm in before.items() if customer in set(CUSTOMERS[:100])}


def test_another_scenario_or_split_draws_anew():
    texts = {"s style": TESTED, "t style": TESTED.replace("scenario s", "scenario t"), "s other": TESTED.replace("style", "other")}
    found = {}
    for name, text in texts.items():
        shop = House(text)
        shop.customer(*CUSTOMERS[:200])
        shop.tick("06-01 10:00")
        for customer in CUSTOMERS[:200]:
            shop.go("06-01 11:00", customer)
        shop.tick("06-01 11:00")
        found[name] = drawn(shop)
    assert found["s style"] != found["t style"] != found["s other"] != found["s style"]


def test_a_changed_share_moves_only_the_customers_it_must():
    """Arms are stretches of one line: with 60% instead of 50%, nobody leaves the first arm."""
    shop = House(TESTED)
    shop.customer(*CUSTOMERS[:200])
    shop.tick("06-01 10:00")
    for customer in CUSTOMERS[:200]:
        shop.go("06-01 11:00", customer)
    shop.tick("06-01 11:00")
    before = drawn(shop)
    shop.edit(TESTED.replace("50%", "60%").replace("30%", "20%"))
    known = len(shop.messages())
    for customer in CUSTOMERS[:200]:
        shop.go("06-02 11:00", customer)
    shop.tick("06-02 11:00")
    after = {row.split()[-1]: row.split()[2] for row in shop.messages()[known:]}
    assert {customer for customer, arm in before.items() if arm == "warm"} < {customer for customer, arm in after.items() if arm == "warm"}
    assert before.keys() == after.keys()
