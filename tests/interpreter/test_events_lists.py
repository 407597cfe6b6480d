"""Lists and looks, where the language has no word for it: the rows that stay, prices, bounds, what the door refuses."""

from __future__ import annotations

from typing import Any

import pytest

from dsl.project import load
from dsl.source import Source
from interpreter.belongings import Item
from interpreter.belongings import Look
from interpreter.belongings import ProductView
from interpreter.entities import Product
from interpreter.entities import Regional
from interpreter.events.views import LOOKS
from interpreter.events.views import PRODUCTS
from interpreter.facts import Fact
from interpreter.facts import read
from interpreter.rules import Rules
from tests.interpreter.conftest import ZONE


def held(history: Any, key: str = "ann") -> dict[str, tuple[Any, Any]]:
    """Product -> how many at which price, of every list."""
    items = history.shop.holdings.of(history.customer(key).id, "item").values()
    return {f"{item.list} {item.product}": (item.quantity, item.price) for item in items if isinstance(item, Item)}


@pytest.fixture
def priced(history: Any) -> Any:
    """P costs 1000, in Moscow 900."""
    product = Product("P", price=1000, zones={"msk": Regional(price=900)})
    history.shop.holdings.know_products(["P"], [product])
    return history


def test_the_reference_price_is_that_given_else_that_of_the_customers_zone(priced):
    priced("customer.import", customer="bob", zone="msk")
    for key in ("ann", "bob"):
        priced("list.add", customer=key, list="wishlist", product="P")
        priced("list.add", customer=key, list="cart", product="P", price=1200)
        priced("list.add", customer=key, list="other", product="Q")
    assert held(priced) == {"wishlist P": (1, 1000), "cart P": (1, 1200), "other Q": (1, None)}
    assert held(priced, "bob") == {"wishlist P": (1, 900), "cart P": (1, 1200), "other Q": (1, None)}
    # It stays what it was when more of it is put in without a word of the price.
    priced.shop.holdings.product("P").price = 700
    priced("list.add", customer="ann", list="wishlist", product="P")
    assert held(priced)["wishlist P"] == (2, 1000)


def test_a_list_without_price_keeps_none(priced):
    priced.rules = Rules(load([Source("words.scn", 'define list "later" without price')]), ZONE)
    priced("list.add", customer="ann", list="later", product="P", price=5)
    priced("list.set", customer="ann", list="later", products=[{"id": "P", "price": 6}])
    assert held(priced) == {"later P": (1, None)}
    assert priced.fires('list "later" changed') == [1]


@pytest.mark.parametrize(
    ("op", "products", "after"),
    [
        ("list.add", ["P"], {"P": 3, "Q": 1}),
        ("list.add", [{"id": "P", "quantity": 2}, {"id": "P"}, {"id": "R", "quantity": 0.5}], {"P": 5, "Q": 1, "R": 0.5}),
        ("list.add", [{"id": "R", "quantity": 0}], {"P": 2, "Q": 1}),
        ("list.remove", ["P", "R"], {"Q": 1}),
        ("list.remove", [{"id": "P", "quantity": 1}], {"P": 1, "Q": 1}),
        ("list.remove", [{"id": "P", "quantity": 7}], {"Q": 1}),
        ("list.set_count", [{"id": "P", "quantity": 7}, {"id": "Q", "quantity": 0}], {"P": 7}),
        ("list.set_count", [{"id": "R", "quantity": 2}], {"P": 2, "Q": 1, "R": 2}),
        ("list.set", ["P", "R"], {"P": 2, "R": 1}),
        ("list.set", [{"id": "Q", "quantity": 3}], {"Q": 3}),
        ("list.set", [], {}),
    ],
)
def test_what_is_in_a_list_afterwards(history, op, products, after):
    history("list.add", customer="ann", list="cart", products=[{"id": "P", "quantity": 2}, "Q"])
    history("list.add", customer="ann", list="other", product="P")
    history(op, "01-02", customer="ann", list="cart", products=products)
    assert held(history) == {**{f"cart {product}": (number, None) for product, number in after.items()}, "other P": (1, None)}


def test_older_news_of_a_product_in_a_list_change_nothing(history):
    history("list.add", "06-01", customer="ann", list="cart", product="P")
    history("list.set_count", "06-03", customer="ann", list="cart", product="P", quantity=5)
    for op, more in (("remove", {"product": "P"}), ("set", {"products": ["Q"]}), ("clear", {})):
        history(f"list.{op}", "06-02", received="06-04", customer="ann", list="cart", **more)
    assert held(history) == {"cart P": (5, None)}
    assert history.fires('product added to list "cart"') == [1, 4]


@pytest.mark.parametrize(
    ("op", "more"),
    [
        ("list.remove", {"product": "P"}),
        ("list.set_count", {"product": "P", "quantity": 0}),
        ("list.set", {"products": ["Q"]}),
        ("list.clear", {}),
    ],
)
@pytest.mark.parametrize("there", [True, False])
def test_what_has_left_a_list_is_not_put_in_again_by_older_news(history, op, more, there):
    """Also where what came first is told last: then it never was in."""
    if there:
        history("list.add", "06-01", customer="ann", list="cart", product="P")
    history(op, "06-03", customer="ann", list="cart", **more)
    before = held(history)
    assert "cart P" not in before
    assert history("list.add", "06-02", received="06-04", customer="ann", list="cart", product="P") == []
    assert history("list.set_count", "06-02", received="06-04", customer="ann", list="cart", product="P", quantity=3) == []
    assert held(history) == before
    history("list.add", "06-02", received="06-04", customer="ann", list="wishlist", product="P")
    history("list.add", "06-03", received="06-04", customer="ann", list="cart", product="P")
    assert held(history) == {**before, "wishlist P": (1, None), "cart P": (1, None)}, "another list, and news that are not older"


def test_a_whole_list_told_late_puts_nothing_in_that_was_not_there_later(history):
    history("list.set", "06-03", customer="ann", list="cart", products=["P"])
    history("list.set", "06-02", received="06-04", customer="ann", list="cart", products=["P", "Q"])
    history("list.remove", "06-05", customer="ann", list="cart", product="P")
    history("list.clear", "06-04", received="06-05", customer="ann", list="cart")
    assert history("list.add", "06-04 12:00", received="06-06", customer="ann", list="cart", product="P") == []
    assert history.fires('product added to list "cart"') == [1]
    history("list.add", "06-04 12:00", received="06-06", customer="ann", list="cart", product="R")
    assert held(history) == {"cart R": (1, None)}


def test_of_what_left_a_list_only_the_latest_is_remembered(history, monkeypatch):
    monkeypatch.setattr("interpreter.events.lists.REMEMBERED", 3)
    for number in range(1, 6):
        history("list.remove", f"06-0{number}", customer="ann", list="cart", product=f"P{number}")
    for number in range(1, 6):
        history("list.add", "05-01", received="06-06", customer="ann", list="cart", product=f"P{number}")
    assert sorted(held(history)) == ["cart P1", "cart P2"]


def test_more_of_nothing_takes_nothing_out(history):
    history("list.add", "06-03", customer="ann", list="cart", products=[{"id": "P", "quantity": 0}])
    history("list.add", "06-02", received="06-04", customer="ann", list="cart", product="P")
    assert held(history) == {"cart P": (1, None)}


def test_simultaneous_changes_are_those_of_one_batch_and_moment(history):
    for at in ("06-01", "06-01", "06-02"):
        history("list.add", at, customer="ann", list="cart", product=str(len(history.facts)))
        history("list.add", at, customer="ann", list="wishlist", product=str(len(history.facts)))
        history("list.add", at, customer="bob", list="cart", product=str(len(history.facts)))
    assert history.fires('list "cart" changed') == [1, 3, 7, 9]
    assert history.fires('list "wishlist" changed') == [2, 8]
    assert len(history.fires('product added to list "cart"')) == 6


def test_what_is_put_out_of_a_list_is_an_action_about_it(history):
    history("list.add", customer="ann", list="cart", products=["P", "Q"])
    history("list.set", "01-02", customer="ann", list="cart", products=["P", "R"])
    history("list.clear", "01-03", customer="ann", list="cart")
    assert history.fires('product action "list.add"') == [1, 1]
    assert history.fires('product action "list.set"') == [2, 2]
    assert history.fires('product action "list.clear"') == [3, 3]
    assert history.fires('action "list.clear" | "list.set"') == [2, 3]
    actions = history.shop.actions_of(history.customer("ann").id)
    assert [(action.template, action.fields["list"]) for action in actions] == [(f"list.{op}", "cart") for op in ("add", "set", "clear")]


def test_nobody_who_was_erased_has_a_list(history):
    history("list.add", customer="ann", list="cart", product="P")
    history("customer.erase", "01-02", customer="ann")
    assert history("list.add", "01-03", customer="ann", list="cart", product="Q") == []
    assert history("product.view", "01-03", customer="ann", product="Q") == []
    assert len(history.shop.notes) == 2


# --------------------------------------------------------------------------------------------------------------- looks


def views(history: Any) -> dict[str, ProductView]:
    found: dict[str, ProductView] = history.shop.holdings.of(history.customer("ann").id, "view")
    return found


def test_the_latest_look_stands_in_front_also_when_an_older_one_is_told_later(priced):
    priced("product.view", "06-03", customer="ann", product="P")
    priced("product.view", "06-01", received="06-04", customer="ann", product="P", price=1200)
    early, late = (priced.facts[number].at for number in (1, 0))
    assert views(priced) == {"P": ProductView("P", late, 1000, (Look(early, 1200),))}
    assert priced.fires("product viewed") == [1, 2]


def test_looks_do_not_grow_without_end(history):
    for number in range(LOOKS + 5):
        history("product.view", f"06-01 10:{number:02}", customer="ann", product="P")
    assert len(views(history)["P"].earlier) == LOOKS
    for number in range(PRODUCTS + 5):
        history("product.view", f"06-02 10:{number % 60:02}", customer="ann", product=f"p{number}", key=str(number))
    assert len(views(history)) == PRODUCTS
    assert "P" not in views(history)


# ---------------------------------------------------------------------------------------------------------- the door


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ({"op": "list.add", "customer": "ann", "product": "P"}, "list: expected the name of the list, found nothing"),
        ({"op": "list.add", "customer": "ann", "list": "cart"}, "products: expected the products, at least their ids, found nothing"),
        ({"op": "list.add", "customer": "ann", "list": "cart", "products": []}, "products: expected at least one product, found none"),
        (
            {"op": "list.add", "customer": "ann", "list": "cart", "products": [{"quantity": 1}]},
            "products[0].id: expected an id (text or a whole number), found nothing",
        ),
        (
            {"op": "list.add", "customer": "ann", "list": "cart", "products": ["P", {"id": "Q", "price": -1}]},
            "products[1].price: expected a number that is not below zero, found -1",
        ),
        (
            {"op": "list.set_count", "customer": "ann", "list": "cart", "product": "P"},
            "products[0].quantity: expected how many of it are in the list now, found nothing",
        ),
        ({"op": "list.add", "list": "cart", "product": "P"}, "customer: expected the external id of the customer, found nothing"),
        ({"op": "product.view", "customer": "ann"}, "product: expected the product, at least its id, found nothing"),
        ({"op": "product.view", "customer": "ann", "product": " "}, 'product: expected an id of 1 to 200 visible characters, found " "'),
        ({"op": "category.view", "customer": "ann"}, "category: expected the name of the category, found nothing"),
        ({"op": "session.activity"}, "customer: expected the external id of the customer, found nothing"),
        (
            {"op": "session.timeout", "customer": "ann"},
            'op: unknown operation "session.timeout", expected `session.activity` or `session.close`',
        ),
    ],
)
def test_a_mistake_is_told_with_its_place(refused, raw, why):
    assert refused(raw) == why


@pytest.mark.parametrize(
    "more",
    [
        {"product": "P", "quantity": 2, "price": 5},
        {"product": {"id": "P", "quantity": 2, "price": 5}},
        {"products": [{"id": "P", "quantity": 2, "price": 5}]},
        {"products": {"id": "P", "quantity": 2, "price": 5}},
        {"products": [{"id": "P", "price": 5}, "P"]},
    ],
)
def test_one_product_may_be_written_in_several_ways(more):
    fact = read({"op": "list.add", "customer": 7, "list": "cart", **more}, zone=ZONE, received=0, batch="b", actor="import")
    assert isinstance(fact, Fact)
    assert fact.data == {"list": "cart", "products": [{"id": "P", "quantity": 2, "price": 5}]}
