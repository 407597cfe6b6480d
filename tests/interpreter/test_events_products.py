from __future__ import annotations

import pytest

from interpreter.belongings import Item
from interpreter.belongings import ProductView
from interpreter.entities import Product

RESTOCKED = 'product restocked in list "wishlist"'
DROPS = 'product.price drops 10% in list "wishlist"'
BADGE = "product.badge, product.stock_left changed in list"


@pytest.fixture
def shop(history):
    """Ann has P and Q in her wishlist and looked at both."""
    history("customer.register", customer="ann")
    ann = history.customer("ann")
    for key in ("P", "Q"):
        history("product.update", product={"id": key})
        history.shop.holdings.know([ann.id], {"item", "view"}, [])
        history.shop.holdings.put(ann.id, Item("wishlist", key, 1, 1000, 5))
        history.shop.holdings.put(ann.id, ProductView(key, 5, 1000))
    history.events.clear()
    return history


def product(history, key="P") -> Product:
    found = history.shop.holdings.product(key)
    assert found is not None
    return found


def test_what_is_the_same_writes_nothing_and_is_no_event(shop):
    first = {"products": [{"id": "P", "price": 5, "available": True, "badge": "new"}, {"id": "Q", "price": 5}], "zone": None}
    shop("product.feed", "06-01", **first)
    shop.events.clear()
    shop.shop.holdings.changed_products.clear()
    shop("product.feed", "06-02", **first)
    assert shop.events == []
    assert shop.shop.holdings.changed_products == {}
    shop("product.feed", "06-03", products=[{"id": "P", "price": 5}, {"id": "Q", "price": 6}])
    assert list(shop.shop.holdings.changed_products) == ["Q"]


def test_what_a_feed_does_not_say_stays_and_null_empties(shop):
    shop("product.update", "06-01", product="P", price=5, badge="new", name="Pen")
    shop("product.update", "06-02", product="P", price=None, badge=None)
    assert (product(shop).price, product(shop).name, product(shop).fields) == (None, "Pen", {})


def test_fields_may_stand_beside_the_id_and_the_zone_among_those_of_the_product(shop):
    shop("product.update", "06-01", product={"id": "P", "zone": "msk", "price": 5})
    shop("product.update", "06-01", product="P", zone="spb", price=7)
    assert {zone: regional.price for zone, regional in product(shop).zones.items()} == {"msk": 5, "spb": 7}
    assert product(shop).price is None


def test_the_feed_of_a_zone_fills_in_what_is_the_same_everywhere(shop):
    shop("product.feed", "06-01", zone="msk", products=[{"id": "N", "name": "New", "url": "/n", "price": 5}])
    shop("product.feed", "06-02", products=[{"id": "N", "name": "Newer"}])
    shop("product.feed", "06-03", zone="msk", products=[{"id": "N", "name": "Other", "url": "/m"}])
    found = product(shop, "N")
    assert (found.name, found.url, found.price, found.zones["msk"].price) == ("Newer", "/n", None, 5)


def test_a_product_said_twice_in_one_feed_is_one(shop):
    shop("product.feed", "06-01", products=[{"id": "P", "available": True, "badge": "a"}, {"id": "P", "badge": "b"}])
    assert shop.fires(RESTOCKED) == [4]
    assert product(shop).fields == {"badge": "b"}


@pytest.mark.example("X05b.3")
def test_a_product_that_left_the_feed_is_not_known_to_be_out_of_stock(shop):
    shop("product.update", "06-01", product="P", available=True, price=5)
    shop("product.feed", "06-02", gone=["P", "never heard of"])
    assert shop.fires("product sold_out in list") == []
    assert (product(shop).available, product(shop).price) == (None, 5)
    shop("product.feed", "06-03", products=[{"id": "P", "available": True}])
    assert shop.fires(RESTOCKED) == [4, 6]
    assert shop.shop.holdings.product("never heard of") is None


def test_a_zone_that_has_it_no_more_says_nothing_of_it(shop):
    shop.customer("ann").fields["zone"] = "msk"
    shop("product.update", "06-01", product="P", zone="msk", available=False)
    shop("product.feed", "06-02", zone="msk", gone=["P"])
    assert product(shop).zones == {}
    shop("product.update", "06-03", product="P", available=True)
    assert shop.fires(RESTOCKED) == [6], "no zone has anything: the main feed (ZL4)"


def test_late_news_fill_in_what_nothing_is_known_of_and_start_nothing(shop):
    shop("product.update", "06-05", product="P", price=1000)
    shop.events.clear()
    shop("product.update", "06-04", "06-06", product="P", price=800, available=True, badge="new")
    assert (product(shop).price, product(shop).available, product(shop).fields) == (1000, None, {"badge": "new"})
    assert shop.events == []
    shop("product.update", "06-03", "06-07", product="P", price=1)
    assert shop.shop.notes == [(6, "the product `P` has news of a later date: nothing that is known already was changed")]


def test_each_source_has_its_own_latest_news(shop):
    shop("product.update", "06-05", product="P", price=1000)
    shop("product.update", "06-04", "06-06", product="P", zone="msk", price=800)
    assert product(shop).zones["msk"].price == 800


def test_what_is_changed_at_one_time_in_one_batch_is_changed_once(shop):
    shop("product.update", "06-05 10:00", product="P", badge="new")
    shop("product.update", "06-05 10:00", product="P", stock_left=2, colour="red")
    shop("product.update", "06-05 10:00", product="P", zone="msk", badge="new")
    shop("product.update", "06-05 10:01", product="P", stock_left=1)
    assert shop.fires(BADGE) == [4, 7]
    assert shop.fires("product.colour changed in list") == [5]


def test_whoever_was_erased_is_reached_no_more(shop):
    shop.customer("ann").erased = True
    shop("product.update", "06-05 10:00", product="P", available=True)
    assert shop.events == []


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ({"op": "product.update"}, "product: expected the product, at least its id, found nothing"),
        ({"op": "product.update", "product": {"price": 5}}, "product.id: expected an id (text or a whole number), found nothing"),
        ({"op": "product.update", "product": "P", "price": "5"}, 'product.price: expected a number, found "5"'),
        ({"op": "product.update", "product": "P", "price": True}, "product.price: expected a number, found true"),
        ({"op": "product.update", "product": "P", "price": -5}, "product.price: expected a price of 0 or more, found -5"),
        (
            {"op": "product.update", "product": "P", "expiry": "two months"},
            'product.expiry: expected a duration such as `P2M` or `30d`, found "two months"',
        ),
        (
            {"op": "product.update", "product": "P", "available": "yes"},
            'product.available: expected `true`, `false` or `null` (not known), found "yes"',
        ),
        (
            {"op": "product.feed", "products": [{"id": "P"}, {"id": ""}]},
            'products[1].id: expected an id of 1 to 200 visible characters, found ""',
        ),
        (
            {"op": "product.feed", "zone": "msk"},
            "products: expected the products of the feed, or in `gone` the ids of those it has no more, found neither",
        ),
        ({"op": "product.feed", "products": {"id": "P"}}, 'products: expected a list, found {"id":"P"}'),
        ({"op": "product.feed", "gone": [1.5]}, "gone[0]: expected an id (text or a whole number), found 1.5"),
        (
            {"op": "product.update", "product": "P", "added_at": "soon"},
            'product.added_at: expected a moment such as `2024-06-05T23:00:00+03:00` or a date such as `2024-06-05`, found "soon"',
        ),
    ],
)  # fmt: skip
def test_what_is_no_product(refused, raw, why):
    assert refused(raw) == why
