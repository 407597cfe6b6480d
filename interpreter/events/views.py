"""Looks at products (E07f) and categories, and the actions they are (E08, E09)."""

from __future__ import annotations

from interpreter.belongings import Look
from interpreter.belongings import ProductView
from interpreter.entities import Customer
from interpreter.events import sessions
from interpreter.events.actions import issued
from interpreter.events.actions import product_of
from interpreter.events.event import Event
from interpreter.events.event import Words
from interpreter.events.who import who
from interpreter.facts import Fact
from interpreter.needs import ON_SITE
from interpreter.shop import Shop

#: Earlier looks at one product that are kept, and products whose looks are: a robot would look without end.
LOOKS = 20
PRODUCTS = 500


def apply_product(fact: Fact, shop: Shop, _project: Words) -> list[Event]:
    """`product.view`: `product.viewed`, each time, and the action."""
    customer, events = who(fact, shop)
    if customer is None:
        return []
    product = product_of(shop, fact.data["product"])
    price = fact.data.get("price")
    if price is None:
        price = product.at_zone("price", customer.fields.get("zone"))
    view = _seen(customer, shop, product.key, Look(fact.at, price))
    if fact.actor in ON_SITE:
        sessions.stayed(fact, customer, shop, viewed=ProductView(product.key, fact.at, price))
    things = {"view": view, "product": product}
    actions = issued(fact, customer, shop, [product.key])
    return [
        *events,
        Event("product.viewed", customer, fact.at, fact.id, fact.actor, done=actions[0].done, things=things),
        *actions,
    ]


def _seen(customer: Customer, shop: Shop, product: str, look: Look) -> ProductView:
    """The latest look stands in front, also when an older one is told later (A-11)."""
    views = shop.holdings.of(customer.id, "view")
    before = views.get(product)
    if isinstance(before, ProductView):
        looks = sorted((*before.earlier, Look(before.seen_at, before.price), look), key=lambda one: one.at)
        view = ProductView(product, looks[-1].at, looks[-1].price, tuple(looks[-1 - LOOKS : -1]))
    else:
        view = ProductView(product, look.at, look.price)
        if len(views) >= PRODUCTS:
            shop.holdings.drop(customer.id, min(views.values(), key=lambda one: (one.at, one.key)))
    shop.holdings.put(customer.id, view)
    return view


def apply_category(fact: Fact, shop: Shop, _project: Words) -> list[Event]:
    """`category.view`: the action."""
    customer, events = who(fact, shop)
    if customer is None:
        return []
    if fact.actor in ON_SITE:
        sessions.stayed(fact, customer, shop, category=fact.data["category"])
    return events + issued(fact, customer, shop, ())
