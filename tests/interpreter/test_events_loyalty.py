"""Points and cards: what the language cannot say of them, and what the door refuses. The rest is `tests/conformance`."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from interpreter.belongings import Account
from interpreter.belongings import Card
from interpreter.belongings import Change
from interpreter.points import Ledger
from interpreter.points import plus


def cards(history):
    return {one.number: (one.type, one.status, one.fields) for one in history.shop.holdings.of(history.customer("ann").id, "card").values()}


def account(history, name="bonus"):
    return history.shop.holdings.of(history.customer("ann").id, "account")[name]


def change(history, number):
    return history.shop.holdings.of(history.customer("ann").id, "change")[str(number)]


@pytest.mark.example("X25.1", "X27.1")
def test_what_each_change_fires(history):
    for amount in (100, -100, -100, 40, -20, 100):
        history("balance.change", "06-01", customer="ann", account="bonus", amount=amount)
    history("balance.change", "06-01", customer="ann", account="gift", amount=5)
    assert history.fires('balance "bonus" negative') == [3, 4, 5]
    assert history.fires('balance "bonus" changed') == [1, 2, 3, 4, 5, 6]
    assert history.fires('balance "bonus" available') == [1, 4, 6]
    assert history.fires('balance "gift" changed') == [7]
    assert account(history) == Account("bonus", 20)


def test_the_action_of_points_that_became_available_is_the_accrual(history):
    history(
        "balance.change", "06-01", customer="ann", account="bonus", amount=5, available_from="2024-06-15", reason="birthday", actor="staff"
    )
    [later] = history.shop.later
    history.handle(later)
    event = history.events[-1]
    assert (event.kind, event.at, event.promised_at) == ("balance.available", later.at, history.facts[0].received)
    action = event.action
    assert (action.template, action.actor, action.at, action.fields["reason"]) == ("balance.change", "staff", later.at, "birthday")


def test_what_was_to_come_of_an_accrual_that_is_gone_brings_nobody_into_the_database(history):
    history("balance.change", "06-01", customer="ann", account="bonus", amount=5, available_from="2024-06-15")
    [later] = history.shop.later
    later.customer = "bob"
    assert history.handle(later) == []
    assert history.shop.customer("bob") is None


def test_an_accrual_told_again_by_its_id_is_not_paid_twice(history):
    history("balance.change", "06-01", customer="ann", account="bonus", amount=5, id="a-1")
    history("balance.change", "06-02", customer="ann", account="bonus", amount=5, id="a-1")
    history("balance.change", "06-03", customer="ann", account="bonus", amount=6, id="a-1")
    history("balance.change", "06-04", customer="ann", account="bonus", amount=-5, id="a-2")
    history("balance.change", "06-05", customer="ann", account="bonus", amount=-5, id="a-2")
    assert account(history) == Account("bonus", 0)
    assert [number for number, _ in history.shop.notes] == [3, 5]
    assert "only when it burns can change" in history.shop.notes[0][1]


def test_an_accrual_that_burns_later_after_all(history):
    history("balance.change", "06-01", customer="ann", account="bonus", amount=5, id="a-1", expires_at="2024-06-10")
    history("balance.change", "06-02", customer="ann", account="bonus", id="a-1", expires_at="2024-07-10")
    first, second = history.shop.later
    history.handle(first)
    assert account(history).available == 5
    history.handle(second)
    assert account(history).available == 0
    history("balance.change", "07-11", customer="ann", account="bonus", amount=5, id="a-3", expires_at="2024-08-10")
    history("balance.change", "07-12", customer="ann", account="bonus", id="a-3", expires_at=None)
    history.handle(history.shop.later[2])
    assert account(history).available == 5


def test_an_accrual_that_came_when_it_had_burned(history):
    found = history("balance.change", "06-01", "06-20", customer="ann", account="bonus", amount=5, expires="P5D")
    assert [event.kind for event in found] == ["customer.created", "balance.changed", "balance.available"]
    assert account(history).available == 0
    assert history.shop.later == []
    assert change(history, -1).what == "expiry"


def test_a_reset_takes_what_is_blocked_and_forgives_a_debt(history):
    history("balance.change", "06-01", customer="ann", account="bonus", amount=-30)
    history("balance.change", "06-01", customer="ann", account="bonus", amount=100, available_from="2024-06-15")
    history("balance.change", "06-02", customer="ann", account="bonus", kind="reset")
    assert account(history) == Account("bonus", 0)
    assert change(history, 3).amount == -70
    assert history.handle(history.shop.later[0]) == []


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({}, "amount: expected a number of points, above zero for those that come, found nothing"),
        ({"amount": "5"}, 'amount: expected a number, found "5"'),
        ({"amount": 0}, "amount: expected a number above or below zero, found 0; to empty a balance write `kind` `reset`"),
        ({"amount": 5, "kind": "reset"}, "amount: expected none, for a reset takes all there is, found 5"),
        ({"amount": 5, "kind": "write_off"}, "amount: expected a number below zero, for the kind is `write_off`, found 5"),
        ({"amount": 5, "kind": "expiry"}, 'kind: expected `accrual`, `write_off` or `reset`, found "expiry"'),
        ({"amount": -5, "expires_at": "2024-06-01"}, "expires_at: expected dates of points that come only; points that go have none"),
        (
            {"amount": 5, "expires_at": "2024-06-01", "available_from": "2024-06-02"},
            "expires_at: expected a moment after the points can be spent, found one before it",
        ),
        ({"amount": 5, "expires": "soon"}, 'expires: expected a duration such as `5m` or `30d`, found "soon"'),
        ({"amount": 5, "expires": "5d", "expires_at": "2024-06-01"}, "expires: expected either `expires` or `expires_at`, found both"),
    ],
)
def test_points_that_make_no_sense(refused, more, why):
    assert refused({"op": "balance.change", "customer": "ann", "account": "bonus", **more}) == why


def test_facts_of_our_own_cannot_come_from_outside(refused):
    assert refused({"op": "balance.mature", "customer": "ann", "change": 1}).startswith('op: unknown operation "balance.mature"')
    assert refused({"op": "balance.burn", "customer": "ann", "change": 1}).startswith('op: unknown operation "balance.burn"')


# ------------------------------------------------------------------------------------------------------------ the ledger


@pytest.mark.parametrize("numbers", [(0.1,) * 10, (0.1, 0.2, 0.7), (1, 1.005, -1.005), (99.99, -99.99, 1)])
def test_ten_tenths_are_one(numbers):
    assert plus(*numbers) == 1
    assert type(plus(*numbers)) is int


amounts = st.integers(1, 2) | st.integers(1, 19).map(lambda tenths: tenths / 10)
happenings = st.lists(
    st.tuples(st.integers(0, 3), amounts | amounts.map(lambda points: -points) | st.none(), st.integers(0, 4), st.integers(1, 9)),
    max_size=14,
)


@settings(max_examples=100)
@given(happenings)
def test_a_ledger_agrees_with_one_that_counts_in_tenths(rows):
    """Beside it stands a heap of single tenths, each with when it may be spent and when it burns; a debt is tenths owed."""
    ledger, now, owed = Ledger(Account("bonus"), []), 0, 0
    heap: list[tuple[float, int, int]] = []
    waiting: list[tuple[int, tuple[float, int, int], int]] = []

    def until(moment):
        nonlocal owed, heap
        times = sorted(
            {at for at, *_ in waiting} | {int(at) for at, *_ in heap if at != inf} | {int(row[1][0]) for row in waiting if row[1][0] != inf}
        )
        for at in [one for one in times if one <= moment]:
            for row in sorted(row for row in waiting if row[0] == at):
                waiting.remove(row)
                paid = min(owed, row[2])
                owed -= paid
                heap += [row[1]] * (row[2] - paid)
            heap = [tenth for tenth in heap if tenth[0] > at]

    for number, (step, amount, blocked, lasts) in enumerate(rows, 1):
        now += step
        until(now)
        ledger.settle(now)
        if amount is None:
            ledger.reset()
            heap, owed = [], 0
            waiting.clear()
        elif amount > 0:
            expires = now + blocked + lasts if lasts < 9 else None
            ledger.accrue(Change(number, "bonus", "accrual", amount, amount, now, now, now + blocked, expires, blocked=blocked > 0))
            waiting.append((now + blocked, (inf if expires is None else expires, now, number), round(amount * 10)))
            until(now)
        else:
            ledger.spend(-amount)
            for _ in range(round(-amount * 10)):
                if heap:
                    heap.remove(min(heap))
                else:
                    owed += 1
        assert round(ledger.account.available * 10, 6) == len(heap) - owed
        assert round(ledger.account.blocked * 10, 6) == sum(count for *_, count in waiting)
        assert not (heap and owed)
        assert round(plus(*(one.remaining for one in ledger.accruals if not one.blocked)) * 10, 6) == len(heap)


# ----------------------------------------------------------------------------------------------------------------- cards


@pytest.mark.example("X31.1", "X31.2", "X31.3", "X32.1", "X32.2")
def test_what_happens_to_cards(history):
    history("card.issue", "06-01", customer="ann", number=100, type="gold", colour="red")
    history("card.status", "06-03", number="100", status="activated")
    history("card.replace", "06-04", old="100", new="101", colour="blue")
    history("card.issue", "06-05", customer="ann", number="102", status="blocked")
    assert history.fires("card.status -> inactive") == [1]
    assert history.fires("card.status -> activated") == [2, 3]
    assert history.fires("card.status inactive -> activated") == [2]
    assert history.fires("card.status -> blocked") == [4]
    assert history.fires("card replaced") == [3]
    assert cards(history) == {
        "100": ("gold", "blocked", {"colour": "red"}),
        "101": ("gold", "activated", {"colour": "blue"}),
        "102": (None, "blocked", {}),
    }


def test_a_card_that_cannot_be_replaced_or_given(history):
    history("card.issue", "06-01", customer="ann", number="100")
    history("card.issue", "06-01", customer="bob", number="200")
    history("card.replace", "06-02", old="100", new="200")
    history("card.issue", "06-02", customer="bob", number="100")
    history("card.replace", "06-02", old="300", new="301")
    assert [number for number, _ in history.shop.notes] == [3, 4, 5]
    assert history.fires("card replaced") == []
    assert set(cards(history)) == {"100"}


def test_an_unknown_card_is_replaced_all_the_same_where_its_customer_is_named(history):
    history("card.replace", "06-02", customer="ann", old="300", new="301", status="activated")
    assert history.fires("card replaced") == [1]
    assert cards(history) == {"301": (None, "activated", {})}


def test_news_of_a_card_that_came_late(history):
    history("card.issue", "06-01", customer="ann", number="100")
    history("card.status", "06-03", number="100", status="blocked")
    history("card.status", "06-02", "06-04", number="100", status="activated", colour="old")
    assert history.fires("card.status -> activated", late=True) == [3]
    assert history.fires("card.status -> activated") == []
    found = history.shop.holdings.of(history.customer("ann").id, "card")["100"]
    assert found == Card("100", None, "blocked", history.facts[1].at)


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ({"op": "card.issue", "customer": "ann"}, "number: expected the number of the card, found nothing"),
        ({"op": "card.status", "number": "1", "status": "on"}, 'status: expected `activated`, `blocked` or `inactive`, found "on"'),
        ({"op": "card.status", "number": "1"}, "status: expected a status, found nothing"),
        ({"op": "card.replace", "old": "1", "new": 1}, 'new: expected another number than that of the old card, found "1"'),
        ({"op": "card.replace", "old": "1"}, "new: expected the number of the card that replaces it, found nothing"),
        ({"op": "balance.change", "customer": "ann"}, "account: expected the name of the balance, found nothing"),
    ],
)
def test_cards_that_make_no_sense(refused, raw, why):
    assert refused(raw) == why
