"""Records of one customer that become one: what the language cannot say (`domain.md` E13, A-17)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from interpreter.belongings import Account
from interpreter.belongings import Card
from interpreter.belongings import Change
from interpreter.belongings import Code
from interpreter.belongings import Item
from interpreter.belongings import Look
from interpreter.belongings import Membership
from interpreter.belongings import ProductView
from interpreter.belongings import Session
from interpreter.entities import Contact
from interpreter.entities import Customer
from interpreter.entities import Subscription
from interpreter.merging import absorb
from interpreter.merging import contacts
from interpreter.merging import united
from interpreter.phases.erasure import erase
from tests.engine.house import House
from tests.engine.house import moment

GO = 'scenario go\n  on action "go"\n  wait 1d\n  send letter by email\n  limit 1 per customer\n'


def two(text: str = GO, path: Path | None = None) -> House:
    """Ann, and what was known of her under another id."""
    house = House(text, path)
    house.customer("ann")
    house.customer("old")
    house.tick("01-02 00:00")
    return house


def merge(house: House, at: str, into: str = "ann", *others: str) -> None:
    said: dict[str, Any] = {"into": into, "from": list(others) or ["old"]}
    house.fact(at, "customer.merge", **said)


def traced(house: House, key: str) -> list[tuple[str, str, str | None]]:
    return [(row.scenario, row.outcome, row.reason) for row in house.store.listing.decisions(customer=key)]


@pytest.mark.example("X13.1", "L-8")
def test_facts_of_one_tick_before_and_behind_a_merge_are_about_the_same_person():
    house = two('scenario go\n  on action "go"\n  send letter by email\n')
    house.go("01-03 10:00", "old")
    merge(house, "01-03 10:00")
    house.go("01-03 10:00", "old")
    house.go("01-03 10:00", "ann")
    merge(house, "01-03 10:00", "new", "ann")
    house.go("01-03 10:00", "ann")
    house.tick("01-03 10:00")
    assert house.messages() == ["01-03 10:00 letter to new"] * 4
    assert house.store.connection.value("SELECT count(DISTINCT customer) FROM journey") == 1


def test_what_either_record_took_out_of_a_list_stays_out_of_it():
    house = two()
    house.fact("01-03 10:00", "list.remove", customer="old", list="cart", product="P")
    house.fact("01-03 10:00", "list.clear", customer="ann", list="wishlist")
    house.tick("01-03 10:00")
    merge(house, "01-03 12:00")
    house.tick("01-03 12:00")
    for name in ("cart", "wishlist"):
        house.fact("01-03 09:00", "list.add", "01-03 13:00", customer="ann", list=name, products=["P"])
    house.fact("01-03 12:30", "list.add", "01-03 13:00", customer="old", list="cart", products=["Q"])
    house.tick("01-03 13:00")
    assert house.store.connection.rows("SELECT key FROM belonging WHERE kind = 'item'") == [(Item("cart", "Q").key,)]


def test_the_trace_of_either_id_tells_the_whole_story():
    house = two()
    house.go("01-03 10:00", "old")
    house.tick("01-03 10:00")
    merge(house, "01-03 12:00")
    house.tick("01-03 12:00")
    house.run("01-03 13:00", "01-05 00:00")
    story = traced(house, "old")
    assert story == traced(house, "ann")
    assert ("go", "started", "action") in story
    assert ("", "merged", "customer.merge") in story
    assert story[-1] == ("go", "finished", None)
    assert house.messages() == ["01-04 10:00 letter to ann"]


def test_what_was_decided_before_the_merge_is_delivered_once():
    house = two('scenario go\n  on action "go"\n  send letter by email\n')
    house.engine.deliver = None
    house.go("01-03 10:00", "old")
    house.tick("01-03 10:00")
    house.engine.deliver = house.deliver
    merge(house, "01-03 12:00")
    house.tick("01-03 12:00")
    house.tick("01-03 12:01")
    assert house.messages() == ["01-03 10:00 letter to ann"]
    assert [row.to for row in house.store.listing.messages(customer="old")] == ["old@example.com"]


def test_forgetting_somebody_takes_everything_of_every_id_he_had():
    house = two()
    house.fact("01-03 09:00", "customer.edit", customer="old", city="Kazan")
    house.fact("01-03 10:00", "order.create", customer="old", order={"id": "1", "comment": "ring twice"})
    merge(house, "01-03 12:00")
    house.fact("01-03 13:00", "customer.register", customer="third", email="ann@example.com", city="Perm")
    house.tick("01-03 13:00")
    ann = house.store.entities.called("third")
    assert ann is not None
    with house.store.transaction():
        erase(house.store, ann, moment("01-04 00:00"), inbox=True)
    left = b"".join(
        value if isinstance(value, bytes) else str(value).encode()
        for table in ("customer", "alias", "orders", "fact", "decision", "message")
        for row in house.store.connection.rows(f"SELECT * FROM {table}")
        for value in row
    )
    for personal in (b"Kazan", b"Perm", b"example.com", b"ring", b'"old"', b"'old'", b"third"):
        assert personal not in left
    house.fact("01-05 10:00", "customer.register", customer="old", email="old@example.com")
    house.tick("01-05 10:00")
    new = house.store.entities.called("old")
    assert new is not None
    assert new.id != ann.id


def test_somebody_erased_is_merged_with_nobody():
    house = two()
    house.fact("01-03 10:00", "customer.erase", customer="old")
    house.tick("01-03 10:00")
    merge(house, "01-03 11:00", "ann", "erased-2")
    merge(house, "01-03 12:00", "erased-2", "ann")
    report = house.tick("01-03 12:00")
    assert sorted(set(report.notes.values())) == ["the customer `erased-2` was erased: he cannot be merged"]
    assert house.store.entities.called("ann") is not None


def test_people_become_one_also_while_nothing_runs():
    text = 'scenario go\n  on action "go"\n  wait 1d\n  send letter by email\nscenario one\n  on customer merged\n  send hello by email\n'
    house = two(text)
    house.go("01-03 10:00", "old")
    house.tick("01-03 10:00")
    house.edit(text.replace("\n  on", "\n  paused\n  on"))
    merge(house, "01-03 12:00")
    house.tick("01-03 12:00")
    house.edit(text)
    house.run("01-03 13:00", "01-06 00:00")
    assert house.messages() == ["01-04 10:00 letter to ann"]
    assert ("one", "refused", "paused") in traced(house, "ann")


def test_what_changes_nothing_says_so():
    house = two()
    merge(house, "01-03 10:00", "ann", "ann")
    merge(house, "01-03 10:00", "nobody", "noone")
    merge(house, "01-03 10:00", "ann", "later")
    assert sorted(house.tick("01-03 10:00").notes.values()) == [
        "nobody is known by any of these ids (`nobody`, `noone`): the fact changes nothing",
        "nobody was known as `later`: from now on an id of `ann`",
        "these ids are of one customer already, `ann`: the fact changes nothing",
    ]


def test_a_merge_of_merged_ones_keeps_every_id(tmp_path):
    house = two(path=tmp_path / "scn.db")
    house.customer("mid", at="01-02 12:00")
    merge(house, "01-03 10:00", "mid", "old")
    merge(house, "01-03 11:00", "ann", "mid")
    house.tick("01-03 11:00")
    for key in ("ann", "mid", "old"):
        found = house.store.entities.called(key)
        assert found is not None
        assert found.key == "ann"
    house.reopen()
    house.customer("next", at="01-04 00:00")
    house.tick("01-04 00:00")
    assert house.store.connection.value("SELECT count(*) FROM customer WHERE key NOT LIKE 'merged-%'") == 2
    assert house.store.connection.value("SELECT max(id) FROM customer") == 4, "no number is given out twice"


def test_what_both_have_becomes_one_and_of_two_journeys_about_it_one_goes_on():
    house = two()
    first, second = 1, 2
    store = house.store
    mine, theirs = Item("cart", "p", 1, 900, 20), Item("cart", "p", 2, 1000, 10)
    other = Item("cart", "q", 1, 5, 30)
    for customer, things in ((first, [mine, Account("bonus", 10, 5)]), (second, [theirs, other, Account("bonus", 7)])):
        store.belongings.save({(customer, thing.kind, thing.key): thing for thing in things})
    for key in ("ann", "old", "old"):
        house.go("01-03 10:00", key)
    house.tick("01-03 10:00")
    abouts = {1: mine.key, 2: theirs.key, 3: other.key}
    journeys = store.journeys.watching([first, second])
    for journey in journeys:
        journey.about = {"item": abouts[journey.id]}
    store.journeys.save([], journeys)
    merge(house, "01-03 12:00")
    assert house.tick("01-03 12:00").stopped == 1
    assert {thing.key: thing for _, thing in store.belongings.of([first], {"item"})} == {
        mine.key: Item("cart", "p", 2, 1000, 10), other.key: other,
    }  # fmt: skip
    assert [thing for _, thing in store.belongings.of([first], {"account"})] == [Account("bonus", 17, 5)]
    assert list(store.belongings.of([second], {"item", "account"})) == []
    assert [(row.id, row.state, row.reason) for row in store.listing.journeys()] == [
        (1, "waiting", None), (2, "stopped", "merged"), (3, "waiting", None),
    ]  # fmt: skip


def test_what_one_record_owes_is_paid_with_what_the_other_has(tmp_path):
    house = two(path=tmp_path / "scn.db")
    house.fact("01-03 10:00", "balance.change", customer="ann", account="bonus", amount=-30)
    house.fact("01-03 10:00", "balance.change", customer="old", account="bonus", amount=50)
    house.fact("01-03 10:00", "balance.change", customer="old", account="bonus", amount=7, available_from="2024-01-08T00:00")
    merge(house, "01-03 12:00")
    house.run("01-03 12:00", "01-04 00:00")
    assert [thing for _, thing in house.store.belongings.of([1], {"account"})] == [Account("bonus", 20, 7)]
    house.fact("01-05 10:00", "balance.change", customer="old", account="bonus", amount=-5)
    house.run("01-05 10:00", "01-09 00:00")
    assert [thing for _, thing in house.store.belongings.of([1], {"account"})] == [Account("bonus", 22)]
    accruals = [thing for _, thing in house.store.belongings.of([1], {"change"}) if isinstance(thing, Change) and thing.what == "accrual"]
    assert sorted(one.remaining for one in accruals) == [7, 15]


def test_counters_that_name_the_customer_go_with_him():
    house = two()
    row = 1
    house.store.journeys.save_applications([(row, "promo 2 SPRING", 7, 5), (row, "promo 22 SPRING", 8, 5), (row, 2, 7, 5)], [])
    merge(house, "01-03 12:00")
    house.tick("01-03 12:00")
    assert house.store.journeys.applications(row, ["promo 1 SPRING", "promo 2 SPRING", "promo 22 SPRING", 1, 2]) == {
        "promo 1 SPRING": {7: 5}, "promo 2 SPRING": {}, "promo 22 SPRING": {8: 5}, 1: {7: 5}, 2: {},
    }  # fmt: skip


# ---------------------------------------------------------------------------------------------------- whose data stay


def test_of_two_contacts_the_survivors_stays_unless_only_the_other_works():
    ann = Customer(1, "ann", contacts={"email": Contact("a@b.c"), "phone": Contact("+7900", valid=False)})
    old = Customer(
        2, "old", contacts={"email": Contact("A@b.c", confirmation="confirmed"), "phone": Contact("+7911"), "push": Contact("t")}
    )
    assert contacts(ann, old) == {"email": Contact("a@b.c", confirmation="confirmed"), "phone": Contact("+7911"), "push": Contact("t")}
    assert contacts(old, ann)["phone"] == Contact("+7911")


def test_fields_of_the_survivor_count_and_empty_ones_are_filled_in():
    ann = Customer(1, "ann", 50, fields={"city": "Kazan", "size": None, "name": "Ann"}, awaited={"email": "n@b.c"})
    absorb(ann, Customer(2, "old", 20, "Asia/Omsk", fields={"city": "Perm", "size": "M", "vip": True}, awaited={"email": "o@b.c"}))
    assert (ann.created_at, ann.timezone) == (20, "Asia/Omsk")
    assert ann.fields == {"city": "Kazan", "size": "M", "name": "Ann", "vip": True}
    assert ann.awaited == {"email": "n@b.c"}


@pytest.mark.example("X22.4")
@pytest.mark.parametrize(
    ("mine", "theirs", "found"),
    [
        ("unsubscribed", "subscribed", "subscribed"),
        ("subscribed", "unsubscribed", "subscribed"),
        ("pending", "unsubscribed", "pending"),
        ("pending", "subscribed", "subscribed"),
        (None, "unsubscribed", "unsubscribed"),
    ],
)
def test_subscribed_comes_before_to_be_confirmed_before_unsubscribed(mine, theirs, found):
    ann = Customer(1, "ann", subscriptions={} if mine is None else {"email": Subscription(mine, at=5)})
    absorb(ann, Customer(2, "old", subscriptions={"email": Subscription(theirs, at=3)}))
    assert ann.subscriptions["email"].status == found


@pytest.mark.parametrize(
    ("mine", "theirs", "found"),
    [
        (ProductView("p", 30, 5, (Look(10, 7),)), ProductView("p", 20, 6), ProductView("p", 30, 5, (Look(10, 7), Look(20, 6)))),
        (ProductView("p", 20, 6), ProductView("p", 30, 5), ProductView("p", 30, 5, (Look(20, 6),))),
        (Session(5, 9, 9, categories=("a",)), Session(5, 12, None, categories=("b", "a")), Session(5, 12, None, categories=("a", "b"))),
        (Code("login", "1", 10), Code("login", "2", 20), Code("login", "2", 20)),
        (Membership("vip", 10), Membership("vip", 20), Membership("vip", 20)),
        (Card("1", status="activated"), Card("1", status="blocked"), Card("1", status="activated")),
    ],
)
def test_what_becomes_of_two_of_a_kind(mine, theirs, found):
    assert united(mine, theirs) == found


# ------------------------------------------------------------------------------------------- one, or two merged at the end

WHO = ("ann", "old")


@st.composite
def histories(draw: st.DrawFn) -> list[dict[str, Any]]:
    """What one person does under two ids; no two facts say different things of the same."""
    found = []
    for number in range(draw(st.integers(1, 8))):
        kind = draw(st.sampled_from(["action", "order", "subscribe", "field"]))
        kinds: dict[str, dict[str, Any]] = {
            "action": {"op": "action.issue", "template": "seen"},
            "order": {"op": "order.create", "order": {"id": str(number), "total": number}},
            "subscribe": {"op": "subscription.set", "channel": "email", "topic": f"t{number}", "status": "subscribed"},
            "field": {"op": "customer.edit", f"field_{number}": number},
        }
        fact = kinds[kind]
        fact["customer"] = draw(st.sampled_from(WHO))
        found.append(fact)
    return found


@settings(max_examples=15)
@given(histories())
def test_two_records_merged_at_the_end_are_what_one_would_have_been(history):
    def shown(rename: dict[str, str], *, merged: bool) -> Any:
        house = House('scenario last\n  on action "end"\n  if count(orders) > 2\n  send letter by email\n')
        house.customer("ann")
        house.fact("01-01 01:00", "customer.import", customer=rename["old"])
        house.tick("01-02 00:00")
        for hour, fact in enumerate(history):
            house.fact(f"01-03 {hour:02}:00", **(fact | {"customer": rename[fact["customer"]]}))
        if merged:
            merge(house, "01-04 00:00")
        house.go("01-04 01:00", "ann", "end")
        house.tick("01-04 01:00")
        ann = house.store.entities.called("ann")
        assert ann is not None
        orders = [(order.key, order.total, order.status) for order in house.store.entities.orders_of([ann.id])]
        actions = sorted((action.template, action.at) for action in house.store.entities.actions_of([ann.id]))
        return orders, actions, ann.fields, ann.subscriptions, ann.contacts, house.messages()

    assert shown({"ann": "ann", "old": "old"}, merged=True) == shown({"ann": "ann", "old": "ann"}, merged=False)


@pytest.mark.parametrize(("first", "last"), [("old", "ann"), ("ann", "old")])
def test_of_two_segments_of_a_tier_the_one_that_was_entered_last_is_left(first, last):
    house = two('define segment "silver", "gold" in "tier"\n' + GO)
    house.fact("01-02 10:00", "segment.add", customer=first, segment="silver")
    house.fact("01-02 11:00", "segment.add", customer=last, segment="gold")
    merge(house, "01-03 10:00")
    house.tick("01-03 10:00")
    assert house.store.connection.rows("SELECT key FROM belonging WHERE kind = 'segment'") == [("gold",)]
