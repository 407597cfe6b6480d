"""Actions: something the customer did, or was done to him (E08), also to a product (E09). No rule of later changes."""

from __future__ import annotations

from collections.abc import Iterable

from dsl.catalog import ResolvedEvent
from interpreter.entities import Customer
from interpreter.entities import Product
from interpreter.events.event import Event
from interpreter.events.event import Matcher
from interpreter.events.event import Words
from interpreter.events.event import action_fields
from interpreter.events.event import action_template
from interpreter.events.who import who
from interpreter.facts import Fact
from interpreter.shop import Shop


def apply(fact: Fact, shop: Shop, _project: Words) -> list[Event]:
    """`action.issue`: `customer.created` when he was unknown, then as `issued`."""
    customer, events = who(fact, shop)
    if customer is None:
        return []
    return events + issued(fact, customer, shop, fact.data.get("products") or ())


def issued(fact: Fact, customer: Customer, shop: Shop, products: Iterable[str]) -> list[Event]:
    """The action that a fact issues: `action` once, `product.action` for each product it was about (A-10)."""
    action = shop.new_action(customer, action_template(fact), fact.at, fact.actor)
    action.order = fact.data.get("order") if fact.op == "action.issue" else None
    action.fields = action_fields(fact)
    events = [Event("action", customer, fact.at, fact.id, fact.actor, done=action)]
    for key in products:
        things = {"product": product_of(shop, key)}
        events.append(Event("product.action", customer, fact.at, fact.id, fact.actor, done=action, things=things))
    return events


def product_of(shop: Shop, key: str) -> Product:
    """A product; of one that nobody told us about, or asks about, only its id is known."""
    known = shop.holdings.product(key) if shop.holdings.knows_product(key) else None
    return known or Product(key)


def word(event: Event) -> str | None:
    """What triggers tell actions apart by: the template."""
    return event.done.template if event.done is not None else None


def matcher(trigger: ResolvedEvent, _project: Words) -> Matcher:
    """`on action "quiz_done" | "webinar_signup"`, `on product action "compared"`"""
    return lambda event: event.done is not None and event.done.template in trigger.names
