"""`limit … per order since created`: what happened to an order before, told again from its facts (`domain.md` §3.6)."""

from __future__ import annotations

import copy

from interpreter import events
from interpreter.events.event import Event
from interpreter.limits import occurrence
from interpreter.needs import needs
from interpreter.phases.batch import Batch
from interpreter.program import Scenario
from interpreter.shop import Shop


def occurrences_before(batch: Batch, scenario: Scenario, event: Event) -> list[int]:
    """The earlier facts of the event's order by which the scenario would have started, launched or not.

    Filters see the customer as he is today: his past is not kept.
    """
    order = event.order
    if order is None:
        return []
    said = [number for number in order.facts if number != event.fact]
    known = batch.facts_of(said)
    # Of an erased customer's facts nothing is left to tell again.
    earlier = [fact for fact in (known[number] for number in said) if fact.data]
    shop = Shop(next_customer=0, next_order=1, next_action=1, topics=batch.shop.topics)
    customer = copy.deepcopy(event.customer)
    shop.know_customers([customer], keys=[customer.key, *(fact.customer for fact in earlier if fact.customer is not None)])
    for fact in earlier:
        if fact.customer is not None:
            shop.know_alias(fact.customer, customer.id)
    shop.know_orders([], keys=[order.key])
    named = [line.product for line in order.lines.values() if line.product is not None and batch.shop.holdings.knows_product(line.product)]
    shop.holdings.know_products(named, [product for key in named if (product := batch.product(key)) is not None])
    # Codes that the order was made with had not been used by anybody yet.
    shop.holdings.know([customer.id], {"promo"}, [])
    shop.holdings.know_owners("promo", [code for _, code in needs(earlier).owners], [])
    found = []
    for fact in earlier:
        subjects: set[object] = set()
        for then in events.apply(fact, shop, batch.rules):
            view = batch.view(0, customer, at=then.at, started=then.at)
            view.order, view.action, view.line, view.things = then.order, then.action, then.line, then.things
            if then.subject in subjects or then.later_change:
                continue
            if any(
                events.matcher(trigger.event, batch.rules)(then) and (trigger.where is None or trigger.where.test(view))
                for trigger in scenario.triggers
            ):
                found.append(occurrence(fact.id, len(subjects)))
                subjects.add(then.subject)
    return found
