"""Conditions over the journey's own things: fields, comparisons, arithmetic, missing data (`language.md` §2.3)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpreter.entities import Action
from interpreter.entities import Contact
from interpreter.entities import Message
from interpreter.entities import Order
from tests.interpreter.scene import action
from tests.interpreter.scene import at
from tests.interpreter.scene import condition
from tests.interpreter.scene import customer
from tests.interpreter.scene import message
from tests.interpreter.scene import order
from tests.interpreter.scene import value
from tests.interpreter.scene import view

ANN = customer(
    city="Москва",
    vip=True,
    bonus=7,
    sex="",
    tags=["new", "loud"],
    address={"street": "Arbat"},
    birthday="1990-06-10",
    anniversary="2024-06-23",
    visited="2024-06-19T10:00:00+03:00",
    nothing=None,
    created_at=at("01-15 10:00"),
    timezone="Asia/Vladivostok",
)
SEVEN = order(
    "7",
    "06-01 10:00",
    "delivered",
    ["delivered", "cancelled"],
    total=1200,
    updated_at=at("06-05 12:00"),
    delivery_date="2024-06-22",
    gift="yes",
)
VIEW = view(
    of=ANN, order=SEVEN, line=SEVEN.lines["7-1"], action=action("quiz_done", "06-05 12:00", score=3), message=message("hello", "06-05")
)


@pytest.mark.parametrize(
    "text",
    [
        # numbers
        "order.total = 1200",
        "order.total >= 1200 and order.total <= 1200.0 and order.total > 1199.5",
        "1000 < order.total",
        "order.total + 300 - 100.5 = 1399.5",
        "order.total - order.total = 0",
        "customer.bonus >= 5%",
        "-5 < customer.bonus",
        # text
        'customer.city = "Москва" and customer.city != "Казань"',
        'customer.city in ("Казань", "Москва") and customer.city not in ("Казань", "Самара")',
        'customer.bonus in (5, 7) and customer.bonus not in (5, "7")',
        'customer.city contains "оскв" and customer.tags contains "loud" and not customer.tags contains "lou"',
        'customer.id = "ann" and order.id = "7" and customer.email = "ann@example.com" and line.product = "p-1"',
        'customer.timezone = "Asia/Vladivostok" and customer.address.street = "Arbat"',
        "customer.city = customer.city and not customer.city = order.status",
        # true and false
        "customer.vip and customer.vip = true and not customer.vip = false",
        "not (customer.vip and customer.bonus > 7)",
        "customer.bonus > 7 or customer.vip",
        'customer.bonus > 7 or customer.bonus < 0 or order.gift = "yes"',
        # statuses
        'order.status = "delivered" and order.status = category delivered and order.status != category cancelled',
        "category delivered = order.status",
        "order.status in (category paid, category delivered)",
        "order.status not in (category paid, category cancelled)",
        "line.status = category delivered and line.order.status = category delivered",
        # is
        "customer.city is set and customer.nothing is not set and customer.unheard is not set and order is set",
        "customer.sex is empty and customer.nothing is empty and customer.tags is not empty and order.lines is not empty",
        "order is not cancelled",
        # other things of the journey
        'action.template = "quiz_done" and action.score = 3 and action.at = 2024-06-05 12:00 and message.template = "hello"',
        "this.order.id = order.id and line.order.id = order.id and line.price = 100",
        # dates and moments: a date is midnight in the customer's zone
        "order.delivery_date is set and order.delivery_date <= now + 3d",
        "order.delivery_date = 2024-06-22 and order.delivery_date > now and now + 1d < order.delivery_date",
        "order.delivery_date - 3d < now and order.delivery_date - 1d > now",
        "customer.anniversary - 3d = 2024-06-20 and customer.anniversary != 2024-06-20",
        "order.created_at > 2024-06-01 and order.created_at < 2024-06-02 and order.created_at = 2024-06-01 10:00",
        "customer.visited > now - 2d and customer.visited < order.delivery_date",
        "customer.created_at < now - 5mo",
        "now = 2024-06-20 12:00 and now = 2024-06-20 09:00+00:00",
        "now - order.created_at > 19d and now - order.created_at < 19d3h and now - order.created_at < 1mo",
        "2d < order.delivery_date - customer.visited and order.delivery_date - customer.visited < 2d14h1s",
    ],
)
def test_true(text):
    assert condition(text).test(VIEW)


@pytest.mark.parametrize(
    "text",
    [
        # missing data makes a comparison false, whichever it is
        "customer.unheard = 1",
        "customer.unheard != 1",
        'customer.unheard not in ("a", "b")',
        "customer.unheard not in (1, 2)",
        'customer.unheard contains "a"',
        "customer.nothing = customer.nothing",
        "customer.unheard > now",
        "customer.unheard != 2024-06-20",
        "customer.unheard + 1 > 0",
        "customer.unheard + 1d != now",
        "customer.unheard",
        "order.unheard != category paid",
        'promo.code != "A"',
        "this.card.status != category paid",
        # a wrong type likewise
        'customer.city > 5 or customer.city != 5 or customer.bonus = "7" or customer.bonus != "7"',
        "customer.vip > 0 or customer.vip = 1 or customer.vip != 1",
        "customer.city < now or customer.city != 2024-06-20 or customer.bonus < now",
        "customer.city",
        "customer.bonus",
        'customer.bonus contains "7"',
        'customer.address = "Arbat" or customer.city.name = "Москва"',
        "customer.city < customer.sex",  # texts have no order
        "customer.city + 1 > 0 or customer.city - 1 < 0",
        "now - customer.city > 1d",
        "customer.city > 09:00",
        # just false
        "order is cancelled",
        "order.total < 1200 or order.total > 1200 or order.total != 1200",
        'order.status = category paid or line.status != "delivered"',
        "order.delivery_date = 2024-06-21",
    ],
)
def test_false(text):
    assert not condition(text).test(VIEW)


def test_a_journey_without_an_order():
    alone = view(of=ANN)
    for text in ("order is cancelled", "order is not cancelled", "order.total > 0", "order.total != 0", "order is set", "line.price = 100"):
        assert not condition(text).test(alone)
    assert condition("order is not set and line.order.id is not set and message.at is not set").test(alone)


def test_a_date_is_midnight_in_the_zone_of_the_customer():
    text = condition("now >= order.delivery_date")
    assert not text.test(view("06-21 18:00", order=SEVEN))
    assert text.test(view("06-21 18:00", order=SEVEN, zone="Asia/Vladivostok"))


def test_days_of_arithmetic_are_calendar_days_in_the_zone_of_the_customer():
    evening = view("2024-03-09 20:00", zone="America/New_York")
    evening.now = at("2024-03-09 20:00", "America/New_York")
    assert value("now + 1d").value(evening) == "2024-03-10T20:00:00-04:00"
    assert value("now + 24h").value(evening) == "2024-03-10T21:00:00-04:00"


@pytest.mark.parametrize(
    ("statuses", "own", "cancelled"),
    [
        (["delivered", "delivered"], None, False),  # O-1
        (["delivered", "cancelled"], None, False),  # O-2
        (["cancelled", "returned"], None, True),  # O-3
        (["cancelled", None], "cancelled", False),
        ([], "cancelled", True),  # without lines: the order's own status
        ([], "returned", True),
        ([], "new", False),
        ([], None, None),  # nothing is known
    ],
)
def test_cancelled(statuses, own, cancelled):
    seen = view(order=order("7", "06-01", own, statuses))
    assert condition("order is cancelled").test(seen) is (cancelled is True)
    assert condition("order is not cancelled").test(seen) is (cancelled is False)


def test_what_was_seen():
    """Every leaf as written, with its value, for the trace."""
    found = condition(
        "order.total >= 1000 and (customer.unheard = 1 or order is not cancelled)"
        " and subscribed email and order.delivery_date < now + 3d and not customer.vip"
    ).seen(VIEW)
    assert found == (
        ("order.total", 1200),
        ("customer.unheard", "missing"),
        ("order is not cancelled", "delivered, cancelled"),
        ("subscribed email", "yes"),
        ("order.delivery_date", "2024-06-22"),
        ("now", "2024-06-20T12:00:00+03:00"),
        ("customer.vip", True),
    )


def test_what_was_seen_shows_a_wrong_type():
    assert condition("order.total > 5").seen(view(order=order("7", "06-01", total="many"))) == (("order.total", "many"),)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ('"x"', "x"),
        ("order.total", 1200),
        ("order.created_at", "2024-06-01T10:00:00+03:00"),
        ("order.delivery_date", "2024-06-22"),
        ("order.delivery_date - 3d", "2024-06-19"),
        ("order.delivery_date - 3h", "2024-06-21T21:00:00+03:00"),
        ("now - order.created_at", "458h"),
        ("2024-06-01", "2024-06-01"),
        ("09:30", "09:30"),
        ("7d + 1mo", "1mo7d"),
        ("1mo - 1mo", "0s"),
        ("10%", 10),
        ("customer.tags", ["new", "loud"]),
        ("order.lines", ["7-1", "7-2"]),
        ("order", "7"),
        ("customer", "ann"),
        ("action", "quiz_done"),
        ("line.product", "p-1"),
        ("product.id", "p-1"),
        ("customer.unheard", None),
        ("product.category", None),
    ],
)
def test_values_are_plain_data(text, plain):
    assert value(text).value(VIEW) == plain


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("order.delivery_date", "06-22 00:00"),
        ("order.delivery_date - 3d", "06-19 00:00"),
        ("customer.visited", "06-19 10:00"),  # a field of the shop's own that holds a date
        ("order.created_at + 1h", "06-01 11:00"),
        ("2024-06-01 10:00", "06-01 10:00"),
        ("customer.city", None),
        ("customer.bonus", None),
        ("customer.unheard - 3d", None),
        ("change.expires_at - 7d", None),
        ('"2024-06-01"', None),
    ],
)
def test_moments_to_wait_for(text, moment):
    assert value(text).moment(VIEW) == (moment and at(moment))


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("order.total > 5", {"order"}),
        ("line.price > 5 and action.score = 1", {"order", "action"}),
        ("customer.city is set and message.state is set", {"customer", "message"}),
        ("no order since start", {"order", "orders"}),
        ("no order (order.total > 5) within 1d", {"orders"}),
        ("no message within 1d and any action within 1d", {"messages", "actions"}),
        ("any order (order.total > this.order.total)", {"orders", "order"}),
        ("count(orders within 30d) > 2", {"orders"}),
        ("reachable email", {"customer"}),
        ("now > 2024-01-01", set()),
    ],
)
def test_which_facts_are_read(text, reads):
    assert condition(text).reads == reads


def test_the_filter_of_a_later_event_sees_the_journeys_own_order():
    """stop on order created where order.total > this.order.total"""
    journey = view(order=SEVEN)
    event = view(order=order("8", "06-10", total=2000), this=journey)
    assert condition('order.total > this.order.total and this.order.id = "7"').test(event)


# Whatever stands in the data, nothing raises.

JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**15), 10**15),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(
        [
            "",
            "x",
            "2024-06-20",
            "2024-06-20T12:00+03:00",
            "0001-01-01",
            "9999-12-31T23:59",
            "7d",
            "9" * 30 + "y",
            "10:00",
            "9:9:9:9",
            "99999:1",
        ]
    ),
    st.lists(st.integers() | st.text(max_size=3), max_size=2),
    st.dictionaries(st.sampled_from(["a", "b"]), st.integers(), max_size=2),
)
FIELDS = st.dictionaries(st.sampled_from(["a", "b", "delivery_date", "anniversary", "birthday", "weight"]), JUNK, max_size=6)
OTHERS = ("customer.b", '"x"', "5", "true", "now", "7d", "10:00", "2024-06-20")
LEFT = ("customer.a", "now", "order.delivery_date", "5", "7d")
RIGHT = ("customer.b", "3d", "99y", "5")
EXPRESSIONS = [
    *(f"customer.a {sign} {other}" for sign in ("=", "!=", "<", ">=") for other in OTHERS),
    *(f"{left} {sign} {right} > {other}" for left in LEFT for sign in "+-" for right in RIGHT for other in ("5", "now", "1d")),
    *(
        f"customer.a {form}"
        for form in ("is set", "is empty", 'contains "x"', 'in ("x", 5, 2024-06-20)', 'not in ("x", "y")', "= category paid")
    ),
    "customer.anniversary = customer.birthday and order.delivery_date < 0001-01-01 and customer.a.b = 1 and now < 9999-12-31 23:59",
    "-order.weight < 5 and order.total > 5 and order is cancelled",
    "any order (order.a > order.b and order.weight < 5) within 99y",
    "sum(order.weight within 1mo) > 5 and last(order.a) = 5 and count(orders (order.a = 5)) >= 0",
    "last(order.delivery_date) < now + 1d",
    'every line (line.a = line.b) and any line (line.order.a contains "x")',
    "no message (message.at > now - 1d) and any action (action.a = 5)",
]
COMPILED = [condition(text) for text in EXPRESSIONS]


@given(FIELDS, FIELDS, st.sampled_from(["Europe/Moscow", "America/New_York"]))
def test_nothing_raises_for_what_stands_in_the_data(ours, orders, zone):
    one = order("7", "06-01", "new", ["new"], total=orders.get("a"), **orders)
    one.lines["7-1"].fields = ours
    done = Action(1, 1, "t", at("06-01"), fields=ours)
    letter = Message(1, 1, "t", "email", at("06-01"), "sent")
    seen = view(
        of=customer(**ours),
        order=one,
        orders=[one, Order(2, "8", 1, at("06-02"), 0, fields=ours)],
        messages=[letter],
        actions=[done],
        zone=zone,
    )
    for compiled in COMPILED:
        assert compiled.test(seen) in (True, False)
        compiled.value(seen)
        compiled.moment(seen)
        compiled.seen(seen)


def test_a_contact_that_was_taken_away_is_missing():
    assert not condition('customer.phone != "+7"').test(view(of=customer(contacts={"email": Contact("a@example.com")})))
