"""Types of expressions and their mistakes, by language.md §2.3."""

from __future__ import annotations

import pytest

from dsl import nodes
from dsl.catalog import Type
from dsl.meaning.scopes import scenario_scope
from dsl.parser import parse
from dsl.source import Source
from dsl.types import Mistakes
from dsl.types import expect_condition
from dsl.types import type_of
from dsl.vocabulary import Vocabulary
from dsl.vocabulary import gather
from tests.dsl.example_shop import findings


def condition_of(text, start='order.status -> "shipped"', vocabulary=None):
    source = Source("t.scn", f"on {start}\n  if {text}")
    parsed = parse(source)
    assert not parsed.diagnostics
    [scenario] = parsed.file.statements
    assert isinstance(scenario, nodes.Scenario)
    [gate] = scenario.steps
    assert isinstance(gate, nodes.Gate)
    return gate.condition, scenario_scope(
        source, vocabulary or Vocabulary(), [clause for clause in scenario.clauses if isinstance(clause, nodes.On)]
    )


def value_type(text, **options):
    """The type of the left side of a comparison."""
    condition, scope = condition_of(f"{text} = customer.anything", **options)
    return type_of(condition.left, scope).type


def mistakes(text, **options):
    condition, scope = condition_of(text, **options)
    found = Mistakes()
    expect_condition(condition, scope, found)
    return [(one.check, one.message, one.hint) for one in found.found]


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("order.total", Type.NUMBER),
        ("order.id", Type.TEXT),
        ("order.created_at", Type.MOMENT),
        ("order.delivery_date", Type.DATE),
        ("order.delivery_date - 3d", Type.DATE),
        ("3d + order.delivery_date", Type.DATE),
        ("now", Type.MOMENT),
        ("now - order.created_at", Type.DURATION),
        ("1d + 2h", Type.DURATION),
        ("-5", Type.NUMBER),
        ("order.total + 5", Type.NUMBER),
        ("order.lines", Type.COLLECTION),
        ("order", Type.ENTITY),
        ("order.payment", Type.ANY),
        ("order.payment.method", Type.ANY),
        ("customer.vip + 5", Type.ANY),
        ("count(orders within 30d)", Type.NUMBER),
        ("sum(order.total within 365d)", Type.NUMBER),
        ("last(order.created_at)", Type.MOMENT),
        ('balance "bonus" expiring within 7d', Type.NUMBER),
        ("true", Type.BOOLEAN),
        ("10%", Type.PERCENT),
        ("10:00", Type.TIME),
        ("2026-05-01", Type.DATE),
        ("2026-05-01 10:00", Type.MOMENT),
    ],
)
def test_the_type_of_a_value(text, type_):
    assert value_type(text) is type_


@pytest.mark.parametrize(
    "text",
    [
        'order.total >= 1000 and order.status != "cancelled" and order.status = category delivered',
        "order is cancelled",
        "order is not cancelled",
        'customer.city in ("Москва", "Казань")',
        "customer.vip",
        'not (customer.vip or customer.city = "x")',
        'customer.city not in ("x")',
        "customer.city is set",
        "customer.city is not set",
        "customer.city is empty",
        'customer.city contains "y"',
        "order.delivery_date is set and order.delivery_date <= now + 3d",
        "subscribed email",
        'subscribed sms to "news"',
        "reachable push",
        "in segment vip",
        "no order since start",
        "any order (order.total > 500) within 30d",
        'at least 3 orders (order.status = "delivered") within 365d',
        "no message within 1d",
        "any message review_request opened since start",
        "no message by sms within 7d",
        'any line (line.product.category = "shoes")',
        'every line (line.status = "delivered")',
        "no line (line.price > 10000)",
        "any view since start",
        "count(orders within 30d) > 2",
        "sum(order.total within 365d) >= 10000",
        "last(order.created_at) < now - 90d",
        'balance "bonus" >= 100',
        'balance "bonus" expiring within 7d > 0',
        "any order (order.total > this.order.total)",
        'no action "quiz_done" within 30d',
        'any view (product.category = "shoes")',
        'any line (product.category = "shoes" and this.order is not cancelled)',
        'order.status in (category delivered, "shipped")',
        "order.created_at > order.delivery_date",
        "category delivered = order.status",
        "any order (any line (line.price > this.order.total))",
    ],
)
def test_conditions_of_the_language_page_are_right(text):
    assert mistakes(text) == []


def test_the_session_can_be_looked_through():
    assert mistakes('any item in session.added (product in list "cart")', start="session ended") == []


@pytest.mark.parametrize(
    ("text", "check", "message", "hint"),
    [
        ("order.created_at > 5", "type-mismatch", "`order.created_at` is a moment, `5` is a number", "count from now: `now - 5d`"),
        ("order.created_at > 5d", "type-mismatch", "`order.created_at` is a moment, `5d` is a duration", "count from now: `now - 5d`"),
        ("order.id = 17", "type-mismatch", "`order.id` is text, `17` is a number", 'write `"17"`'),
        ('order.total > "5"', "type-mismatch", '`order.total` is a number, `"5"` is text', "write `5`"),
        ("order.total", "type-mismatch", "`order.total` is a number, not a condition", "compare it: `order.total > 0`"),
        ("order", "type-mismatch", "`order` is the order as a whole, not a condition", "ask `order is set`, or compare one of its fields"),
        ("order > 5", "type-mismatch", "`order` is the order as a whole, not a value", "compare one of its fields: `order.…`"),
        ('order.status > "paid"', "type-mismatch", "`order.status` is text: it has no more and no less", "compare with `=` or `!=`"),
        ("order.delivery_date < now + 3", "type-mismatch", "`3` has no unit", "write `3d` for days, `3h` for hours"),
        ("order.total + 1d > 5", "type-mismatch", "a duration cannot be added to a number", ""),
        ("order.total = category paid", "type-mismatch", "`order.total` is no status", "write `order.status = category paid`"),
        ("order.total contains 5", "type-mismatch", "`contains` looks into text or a collection, found a number: `order.total`", ""),
        ('order.lines contains "x"', "type-mismatch", "`order.lines` holds more than text", "write `any line in order.lines (line.… = …)`"),
        (
            "customer is cancelled",
            "type-mismatch",
            "only an order can be cancelled, `customer` is the customer as a whole",
            "write `order is cancelled`",
        ),
        ("every line", "type-mismatch", "what must be true of every `line` is not said", "write `every line (line.status = …)`"),
        (
            "count(order.total) > 5",
            "type-mismatch",
            "`count` counts things, found the field `order.total`",
            "write `count(orders within 30d)`",
        ),
        ("sum(order.status) > 5", "type-mismatch", "expected a number, found text: `order.status`", "only numbers can be summed"),
        ("no order opened", "type-mismatch", "`opened` does not go with `order`", "filter: `order (order.… = …)`"),
        ("any view in order.lines", "type-mismatch", "`order.lines` does not hold `views`", "expected `session.viewed`"),
        ("order.totl > 5", "unknown-field", "unknown field `totl` of `order`", "did you mean `total`?"),
        ("ordr.total > 5", "unknown-field", "unknown field `ordr.total`", "did you mean `order.total`?"),
        ("customer.city = Moscow", "unknown-field", "`Moscow` is neither a field nor a value", 'text stands in quotes: `"Moscow"`'),
        ("order.created_at < tomorrow", "unknown-field", "`tomorrow` is neither a field nor a value", "`now + 1d` to compare"),
        ("order.total.net > 5", "unknown-field", "`order.total` has no fields, found `net`", "write `order.total`"),
        ("this.order.total > 5", "unknown-field", "`this` belongs inside `( )`", "write `order.total`"),
        ('no message (message.chanel = "sms")', "unknown-field", "unknown field `chanel` of `message`", "did you mean `channel`?"),
        ('no message (message.subject = "x")', "unknown-field", "unknown field `subject` of `message`", "expected `template`"),
        ("order is canceled", "unknown-word", "unknown word after `is`: `canceled`", "did you mean `cancelled`?"),
        ("order is paid", "unknown-word", "unknown word after `is`: `paid`", "write `order.status = category paid`"),
        ("order.status = category deliverd", "unknown-word", "unknown category `deliverd`", "did you mean `delivered`?"),
        ("no ordr since start", "unknown-word", "unknown thing to look for: `ordr`", "did you mean `order`?"),
        ("sum(orders) > 5", "type-mismatch", "`sum` needs a field", "write `sum(order.total within 365d)`"),
        ("order.status + category paid = 5", "type-mismatch", "`category paid` can only be compared with a status", ""),
        ("order.total in (category paid, 5)", "type-mismatch", "`order.total` is no status", "write `order.status = category paid`"),
        ("category paid = order.total", "type-mismatch", "`order.total` is no status", "write `order.status = category paid`"),
        ("order.status > category paid", "type-mismatch", "a category has no more and no less", "compare with `=` or `!=`"),
        ("order.total > 10:00", "type-mismatch", "`order.total` is a number, `10:00` is a time of day", "compare things of one type"),
        ('order.total > "many"', "type-mismatch", '`"many"` is text', "compare with a number"),
        ('order in list "cart"', "type-mismatch", "only a product can be in a list, `order` is the order as a whole", ""),
        ("any line (line.product.available > 5)", "type-mismatch", "`line.product.available` is true or false", "write `true` or `false`"),
        ("any message review_request openend", "unknown-word", "unknown verb `openend` for a message", "did you mean `opened`?"),
        ("xyz.abc > 5", "unknown-field", "unknown field `xyz.abc`", "a field starts with `action`, `customer` or `order`"),
        ("this > 5", "unknown-field", "`this` belongs inside `( )`", "write `this.order.…`"),
        ("any order (any line (this.order.totl > 5))", "unknown-field", "unknown field `totl` of `order`", "did you mean `total`?"),
        ("average(order.total) > 5", "unknown-word", "unknown function `average`", "expected `count`, `sum` or `last`"),
        ("product.price > 5", "unavailable-field", "`product.price` cannot be used here", "`product` comes with"),
    ],
)
def test_a_mistake_is_told_once_with_a_way_out(text, check, message, hint):
    found = mistakes(text)
    assert [one[0] for one in found] == [check]
    assert message in found[0][1]
    assert hint in found[0][2]


def test_a_field_that_the_trigger_does_not_provide_names_the_events_that_do():
    [(check, message, hint)] = mistakes("order.total > 5", start="customer created")
    assert check == "unavailable-field"
    assert message == "`order.total` cannot be used here: `on customer created` does not provide `order`"
    assert "`order created`" in hint


def test_of_several_triggers_only_what_every_one_provides():
    text = "scenario s\n  on order created\n  on customer created\n  if order.total > 5\n  if subscribed email\n  send welcome\n"
    [found] = findings(text + "  limit 1 per customer\n")
    assert found.check == "unavailable-field"
    assert "`on customer created` does not provide `order`" in found.message


def test_a_schedule_provides_the_customer_only():
    text = "every day at 10:00\n  if order.total > 5\n  if subscribed email\n  send welcome\n  limit 1 per customer\n"
    [found] = findings(text)
    assert found.check == "unavailable-field"
    assert "`every` provides the customer only" in found.message


def test_a_trigger_that_is_not_understood_causes_no_second_mistake():
    assert [
        found.check
        for found in findings("on ordr created\n  if order.total > 5\n  if subscribed email\n  send welcome\n  limit 1 per customer")
    ] == ["unknown-event"]


def defined(text):
    return gather(parse(Source("d.scn", text)).file.statements)


def test_a_defined_field_has_its_type():
    vocabulary = defined("define field order.pickup date")
    assert value_type("order.pickup", vocabulary=vocabulary) is Type.DATE
    [(check, message, _hint)] = mistakes("order.pickup > 5", vocabulary=vocabulary)
    assert (check, message) == ("type-mismatch", "`order.pickup` is a date, `5` is a number")


def test_a_defined_field_may_look_like_a_standard_one():
    assert [one[0] for one in mistakes("order.totals > 5")] == ["unknown-field"]
    assert mistakes("order.totals > 5", vocabulary=defined("define field order.totals number")) == []


def test_a_slip_of_a_defined_field_is_found():
    [(check, _message, hint)] = mistakes("customer.loyalty_levl = 5", vocabulary=defined("define field customer.loyalty_level number"))
    assert check == "unknown-field"
    assert "did you mean `loyalty_level`?" in hint


@pytest.mark.parametrize("field", ["payment", "note", "weight", "vip", "comment", "source", "delivery", "manager", "date", "sum", "state"])
def test_fields_of_the_shop_are_no_slips(field):
    assert mistakes(f"order.{field} = 5") == []


def test_an_arm_of_the_journey_sees_the_code_issued_before_it():
    text = """
on customer registered
  {}
  if promo.code = "x"
  if subscribed email
  send gift
  limit 1 per customer
"""
    assert findings(text.format('issue promo "P"').lstrip()) == []
    checks = [found.check for found in findings(text.format("wait 1d").lstrip())]
    assert checks == ["unavailable-field", "template-value"]


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ("wait until order.total", "expected a date, found a number: `order.total`"),
        ('award order.status to balance "b"', "expected a number, found text: `order.status`"),
        ('set order.total "x"', '`order.total` is a number, `"x"` is text'),
        ('set order.id "x"', "`order.id` cannot be set"),
        ("set order.lines 5", "`order.lines` cannot be set"),
    ],
)
def test_steps_take_values_of_their_type(step, message):
    [found] = [one for one in findings(f"on order created\n  {step}") if one.check != "points-paid-twice"]
    assert found.check == "type-mismatch"
    assert found.message == message


def test_the_event_of_stop_on_is_asked_about_itself_and_the_journey_by_this():
    text = """on order created
  stop on order created where order.total > this.order.total
  goal order created within 30d where order.totl > 5
  if subscribed email
  send welcome
  limit 1 per customer within 1d
"""
    assert [(found.check, found.message) for found in findings(text)] == [("unknown-field", "unknown field `totl` of `order`")]


def test_a_limit_counts_only_what_the_trigger_provides():
    [found] = findings("on customer registered\n  if subscribed email\n  send welcome\n  limit 1 per order")
    assert found.check == "unavailable-field"
    assert found.message == "it cannot be counted `per order`: `on customer registered` does not provide `order`"


def test_a_limit_counts_a_field_that_is_there():
    text = "on order created\n  if subscribed email\n  send welcome\n  limit 1 per {}"
    assert findings(text.format("order.email")) == []
    assert findings(text.format("customer.email within 1d")) == []
    [found] = findings(text.format("order.emial"))
    assert (found.check, found.hint) == (
        "unknown-field",
        "did you mean `email`? For a field of your own write `define field order.emial text`",
    )
    assert found.fix
    assert found.fix.replacement == "order.email"


def test_a_yearly_start_needs_a_date():
    [found] = findings("every year on customer.city at 10:00\n  if subscribed email\n  send welcome\n  limit 1 per customer")
    assert found.message == "expected a date, found text: `customer.city`"


def test_a_segment_knows_the_customer_only():
    found = findings("segment big where order.total > 5")
    assert [one.check for one in found] == ["unused-segment", "unavailable-field"]
    assert "`segment` does not provide `order`" in found[1].message


def test_a_product_segment_knows_the_product_only():
    found = findings("define products new where product.added_at > now - 30d and customer.vip")
    assert [one.check for one in found] == ["unused-define", "unavailable-field"]
