"""Every trigger of events.md §1 is understood as written there; whatever is no event is refused with a way out."""

from __future__ import annotations

import pytest

from dsl import nodes
from dsl.catalog import ENTITIES
from dsl.catalog import EVENTS
from dsl.catalog import LIMIT_KEYS
from dsl.catalog import OPERATIONS
from dsl.catalog import Problem
from dsl.catalog import ResolvedEvent
from dsl.catalog import noun
from dsl.catalog import resolve
from dsl.catalog import resolve_trigger
from dsl.parser import parse
from dsl.source import Source


def trigger(text):
    parsed = parse(Source("t.scn", f"{text}\n  send welcome"))
    assert not parsed.diagnostics
    [scenario] = parsed.file.statements
    assert isinstance(scenario, nodes.Scenario)
    [clause] = scenario.clauses
    assert isinstance(clause, (nodes.On, nodes.Every))
    return clause


def event(text):
    found = resolve(trigger(f"on {text}").event)
    assert isinstance(found, ResolvedEvent), found
    return found


def problem(text):
    found = resolve(trigger(f"on {text}").event)
    assert isinstance(found, Problem), found
    return found


#: events.md §1, row by row: number, text, what is understood of it.
ROWS = [
    ("E01", "session ended", {}),
    ("E02", "order changed", {}),
    ("E02", "order created", {}),
    ("E03a", 'order.status -> "shipped"', {"to": ("shipped",)}),
    ("E03a", 'order.status -> "paid" | "shipped"', {"to": ("paid", "shipped")}),
    ("E03a", 'order.status "new" -> "paid"', {"from_": ("new",), "to": ("paid",)}),
    ("E03a", 'order.status "new" | "held" -> "paid"', {"from_": ("new", "held"), "to": ("paid",)}),
    ("E03a", "order.status -> category delivered", {"category": "delivered"}),
    ("E03a", 'order.status -> "Отправлен"', {"to": ("Отправлен",)}),
    ("E03a", 'any order.status -> "paid"', {"to": ("paid",), "any_of": True}),
    ("E03b", 'any line.status -> "shipped"', {"to": ("shipped",)}),
    ("E04", "product bought", {}),
    ("E05a", 'product restocked in list "wishlist"', {"list_name": "wishlist"}),
    ("E05a", "product restocked in list", {"list_name": None}),
    ("E05b", 'product sold_out in list "wishlist"', {"list_name": "wishlist"}),
    ("E05c", 'product.price drops 10% in list "wishlist"', {"amount": nodes.Percent(10), "fields": ("price",), "list_name": "wishlist"}),
    ("E05c", 'product.price drops 500 in list "wishlist"', {"amount": 500, "fields": ("price",), "list_name": "wishlist"}),
    ("E05d", 'product.price rises 10% in list "wishlist"', {"amount": nodes.Percent(10), "fields": ("price",), "list_name": "wishlist"}),
    ("E05e", 'product.stock_left, product.badge changed in list "cart"', {"fields": ("stock_left", "badge"), "list_name": "cart"}),
    ("E06a", 'product added to list "cart"', {"list_name": "cart"}),
    ("E06b", 'list "cart" changed', {"list_name": "cart"}),
    ("E07a", "product restocked in views", {}),
    ("E07b", "product sold_out in views", {}),
    ("E07c", "product.price drops 10% in views", {"amount": nodes.Percent(10), "fields": ("price",)}),
    ("E07d", "product.price rises 500 in views", {"amount": 500, "fields": ("price",)}),
    ("E07e", "product.badge changed in views", {"fields": ("badge",)}),
    ("E07f", "product viewed", {}),
    ("E08", 'action "quiz_done" | "webinar_signup"', {"names": ("quiz_done", "webinar_signup")}),
    ("E09", 'product action "compared"', {"names": ("compared",)}),
    ("E10", "message formed", {}),
    ("E10", "message review_request sent", {"names": ("review_request",)}),
    ("E10", "message delivered", {}),
    ("E10", "message review_request | sale opened", {"names": ("review_request", "sale")}),
    ("E10", "message clicked", {}),
    ("E10", "message failed", {}),
    ("E10", "message unsubscribed", {}),
    ("E11", "customer created", {}),
    ("E12", "customer registered", {}),
    ("E13", "customer merged", {}),
    ("E14", "code requested", {}),
    ("E15", "customer.email changed", {}),
    ("E16", "customer.email confirmed", {}),
    ("E17", "customer.phone changed", {}),
    ("E18", "customer.phone confirmed", {}),
    ("E19", "customer changed", {}),
    ("E20", "customer edited", {}),
    ("E21", "customer.bonus_level changed", {"fields": ("bonus_level",)}),
    ("E21", "customer.size, customer.colour changed", {"fields": ("size", "colour")}),
    ("E22", "subscription email -> subscribed", {"channel": "email", "to": ("subscribed",)}),
    (
        "E22",
        'subscription email to "news" -> unsubscribed | pending',
        {"channel": "email", "topic": "news", "to": ("unsubscribed", "pending")},
    ),
    ("E23", "segment vip entered", {"names": ("vip",)}),
    ("E24", "segment vip left", {"names": ("vip",)}),
    ("E25", 'balance "bonus" negative', {"names": ("bonus",)}),
    ("E26", 'balance "bonus" available', {"names": ("bonus",)}),
    ("E27", 'balance "bonus" changed', {"names": ("bonus",)}),
    ("E28", 'promo "POOL" issued', {"names": ("POOL",)}),
    ("E28", "promo issued", {}),
    ("E29", 'promo "POOL" redeemed', {"names": ("POOL",)}),
    ("E30", "promo referred", {}),
    ("E31", "card.status -> activated | blocked | inactive", {"to": ("activated", "blocked", "inactive")}),
    ("E32", "card replaced", {}),
]


@pytest.mark.parametrize(("number", "text", "details"), ROWS, ids=[text for _, text, _ in ROWS])
def test_a_row_of_the_table_is_understood(number, text, details):
    found = event(text)
    assert found.kind.number == number
    expected = ResolvedEvent(found.kind, **details)
    assert found == expected


@pytest.mark.parametrize("key", [key for key in EVENTS if key != "every"])
def test_the_spelling_of_the_catalog_gives_its_own_row(key):
    assert event(EVENTS[key].spelling).kind.key == key


def test_every_row_of_the_source_is_there():
    """The 34 entries of domain.md §1.0, E33 being the obsolete one."""
    numbers = {kind.number[:3] for kind in EVENTS.values()}
    assert numbers == {*(f"E{number:02}" for number in range(1, 33)), "S34"}


def test_a_schedule_knows_the_customer_only():
    found = resolve_trigger(trigger("every day at 10:00"))
    assert isinstance(found, ResolvedEvent)
    assert found.kind.number == "S34"
    assert found.kind.contexts == ("customer",)


def test_what_this_release_executes_can_happen():
    """Every event that is not for later is caused by an operation that this release takes in, or by the clock."""
    caused = {key for operation in OPERATIONS.values() for key in operation.causes}
    assert {key for key, kind in EVENTS.items()} - caused == {"every"}


def test_what_may_start_a_transactional_scenario():
    """The Tx column of domain.md §1.0."""
    assert {kind.number for kind in EVENTS.values() if kind.tx} == {"E02", "E03a", "E03b", "E12", "E14", "E18", "E21", "E22"}


@pytest.mark.parametrize(
    ("text", "replacement"),
    [
        ("fmcg.order.created", "order changed"),
        ("fmcg.order.status", "order.status"),
        ("prize.received", 'action "…"'),
        ("prize received", "action"),
    ],
)
def test_obsolete_events_name_their_replacement(text, replacement):
    """X33.1"""
    found = problem(text)
    assert "obsolete" in found.message
    assert replacement in found.hint


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("ordr created", "no event is about `ordr`", "did you mean `order`?"),
        ("order shipped", "unknown verb `shipped` for `order`", 'write `order.status -> "shipped"`'),
        ("order creatd", "unknown verb `creatd` for `order`", "did you mean `created`?"),
        ('order -> "paid"', "an order has no arrow, its status has", "write `order.status`"),
        ("order.status shipped", "`order.status` needs an arrow", 'write `order.status -> "shipped"`'),
        ("order.changed", "unknown event `order.changed`", "write `order changed`"),
        ('line.status -> "shipped"', "which line is not said", "write `any line.status`"),
        ("order.status -> category deliverd", "unknown category `deliverd`", "did you mean `delivered`?"),
        ("customer", "`customer` needs a verb", "write `customer created`"),
        ("customer regstered", "unknown verb `regstered` for `customer`", "did you mean `registered`?"),
        ("customer.email, customer.city changed", "`customer.email` is an event of its own", "second `on customer.email changed`"),
        ("product restocked", "whose products are meant is not said", 'in list "wishlist"'),
        ("product.price drops in views", "by how much the price drops is not said", "write `drops 10%`"),
        ("product added", "where the product was added is not said", 'product added to list "cart"'),
        ("message sale", "`message sale` needs a verb", "expected `formed`"),
        ("message opened | clicked", "only one verb can stand here", "write a second `on message … clicked`"),
        ("subscription email", "`subscription` needs an arrow and a status", "write `subscription email -> subscribed`"),
        ("subscription email -> subscribd", "unknown status of a subscription `subscribd`", "did you mean `subscribed`?"),
        ("subscription email | sms -> subscribed", "`subscription` needs one channel", "a second `on`"),
        ("segment entered", "`segment entered` needs the name of a segment", "write `segment vip entered`"),
        ("action", "`action` needs the name of its template", 'write `action "quiz_done"`'),
        ("card.status -> blockd", "unknown status of a card `blockd`", "did you mean `blocked`?"),
        ("customer created in views", "`customer` does not go with `in views …`", "write `customer created`"),
        ('order created -> "paid"', "an order has no arrow", "write `order.status`"),
    ],
)
def test_what_is_no_event_is_refused_with_a_way_out(text, message, hint):
    found = problem(text)
    assert message in found.message
    assert hint in found.hint


def test_a_problem_points_at_the_word_that_is_wrong():
    found = problem("order.status -> category deliverd")
    text = "on order.status -> category deliverd"
    assert text[found.span.start : found.span.end] == "deliverd"


def test_contexts_are_entities():
    for kind in EVENTS.values():
        assert kind.contexts[0] == "customer"
        assert set(kind.contexts) <= set(ENTITIES)


def test_limit_keys_count_entities():
    assert {entity for entity in LIMIT_KEYS.values() if entity} <= set(ENTITIES)


def test_every_event_has_an_operation_that_causes_it():
    """Segments are also recalculated by the tick, and schedules have no operation."""
    caused = {key for operation in OPERATIONS.values() for key in operation.causes}
    assert caused <= set(EVENTS)
    assert set(EVENTS) - caused == {"every"}


def test_every_available_event_has_an_available_operation():
    caused = {key for operation in OPERATIONS.values() for key in operation.causes}
    assert {kind.key for kind in EVENTS.values()} - caused == {"every"}


def test_fields_that_hold_an_entity_name_one():
    for entity in ENTITIES.values():
        for field in entity.fields.values():
            assert not field.of or field.of in ENTITIES


def test_nouns_are_known_in_both_numbers():
    assert noun("order") is noun("orders")
    assert noun("ordrs") is None
