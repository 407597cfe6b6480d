from __future__ import annotations

import pytest

from interpreter.entities import Action
from interpreter.entities import Contact
from interpreter.entities import Customer
from interpreter.entities import Message
from interpreter.entities import Order
from interpreter.shop import NeverLoadedError
from interpreter.shop import Shop


def person(number, key, **contacts):
    return Customer(number, key, contacts={kind: Contact(value) for kind, value in contacts.items()})


@pytest.fixture
def shop():
    return Shop(next_customer=100, next_order=200, next_action=300, topics=["news"])


def test_what_was_never_asked_of_the_store_is_never_guessed(shop):
    for ask in (
        lambda: shop.customer("ann"), lambda: shop.customer_by_id(1), lambda: shop.owner("email", "a@b.c"), lambda: shop.order("1"),
        lambda: shop.message(1), lambda: shop.orders_of(1), lambda: shop.messages_of(1), lambda: shop.actions_of(1),
    ):  # fmt: skip
        with pytest.raises(NeverLoadedError):
            ask()


def test_what_the_store_did_not_find_is_absent(shop):
    shop.know_customers([], keys=["ann"], contacts=[("email", "a@b.c")])
    shop.know_orders([], keys=["1"])
    shop.know_messages([], ids=[1])
    assert (shop.customer("ann"), shop.owner("email", "A@b.c"), shop.order("1"), shop.message(1)) == (None, None, None, None)


def test_loading_again_does_not_undo_what_changed(shop):
    ann, order, message = person(1, "ann"), Order(5, "1", 1, 0, 0), Message(7, 1, "t", "email", 0, "sent")
    shop.know_customers([ann], keys=["ann"])
    shop.know_orders([order], keys=["1"])
    shop.know_messages([message], ids=[7])
    order.status, message.state = "paid", "opened"
    shop.order_changed(order)
    shop.know_customers([person(1, "ann")], keys=["ann"])
    shop.know_orders([Order(5, "1", 1, 0, 0)], keys=["1"])
    shop.know_history(1, orders=[Order(5, "1", 1, 0, 0)], messages=[Message(7, 1, "t", "email", 0, "sent")])
    assert shop.customer("ann") is shop.customer_by_id(1) is ann
    assert shop.orders_of(1) == [order]
    assert shop.orders_of(1)[0].status == "paid"
    assert shop.messages_of(1)[0].state == "opened"


def test_contacts_follow_changes_within_the_batch(shop):
    ann = person(1, "ann", email="a@b.c")
    shop.know_customers([ann], keys=["ann", "bob"], contacts=[("email", "a@b.c"), ("email", "new@b.c")])
    assert shop.owner("email", "A@B.C") is ann
    shop.set_contact(ann, "email", Contact("new@b.c"))
    assert shop.owner("email", "a@b.c") is None
    assert shop.owner("email", "new@b.c") is ann
    bob = shop.new_customer("bob", 0)
    shop.set_contact(bob, "email", Contact("a@b.c"))
    shop.set_contact(ann, "email", None)
    assert shop.owner("email", "a@b.c") is bob
    assert shop.owner("email", "new@b.c") is None
    assert shop.changed_customers == {1: ann, 100: bob}


def test_of_several_with_one_address_the_first_is_found(shop):
    shop.know_customers(
        [person(9, "new", phone="8 900 0000000"), person(2, "old", phone="+79000000000")], contacts=[("phone", "79000000000")]
    )
    assert shop.owner("phone", "89000000000").key == "old"


def test_new_entities_have_new_ids_and_an_empty_history(shop):
    ann, bob = shop.new_customer("ann", 5), shop.new_customer("bob", 6)
    order, action = shop.new_order("1", ann, 7), shop.new_action(bob, "quiz", 8, "customer")
    assert (ann.id, bob.id, order.id, action.id) == (100, 101, 200, 300)
    assert shop.next_ids == (102, 201, 301)
    assert shop.orders_of(ann.id) == [order]
    assert shop.orders_of(bob.id) == []
    assert shop.actions_of(bob.id) == [action]
    assert shop.has_history(ann.id, "orders")
    assert shop.has_history(ann.id, "messages")
    assert not shop.has_history(1, "actions")


def test_history_loaded_late_holds_what_the_batch_made(shop):
    ann = person(1, "ann")
    shop.know_customers([ann])
    order, action = shop.new_order("2", ann, 7), shop.new_action(ann, "quiz", 8, "customer")
    old, done = Order(5, "1", 1, 0, 0), Action(6, 1, "old", 0)
    shop.know_history(1, orders=[old], actions=[done])
    assert shop.orders_of(1) == [old, order]
    assert shop.actions_of(1) == [done, action]


def test_an_order_that_left_a_customer_is_not_in_his_history(shop):
    ann, bob = person(1, "ann"), person(2, "bob")
    shop.know_customers([ann, bob])
    order = Order(5, "1", 1, 0, 0)
    shop.know_orders([order])
    shop.give_order(order, bob)
    shop.order_changed(order)
    shop.know_history(1, orders=[Order(5, "1", 1, 0, 0)])
    shop.know_history(2, orders=[])
    assert shop.orders_of(1) == []
    assert shop.orders_of(2) == [order]


def test_further_ids_of_a_customer(shop):
    ann = person(1, "ann")
    shop.know_customers([ann], keys=["ann", "web-7", "app-3"])
    shop.know_alias("web-7", 1)
    shop.found_under("app-3", ann)
    assert shop.customer("web-7") is shop.customer("app-3") is ann
    assert shop.new_keys == {"app-3": 1}
    assert shop.customers() == [ann]


def test_messages_made_in_the_batch_are_known(shop):
    ann = shop.new_customer("ann", 0)
    message = Message(7, ann.id, "t", "email", 0, "planned")
    shop.add_message(message)
    assert shop.message(7) is message
    assert shop.messages_of(ann.id) == [message]
    assert shop.changed_messages == {}, "who made it writes it"
