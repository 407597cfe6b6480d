from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.catalog import OPERATIONS
from interpreter.facts import MAX_BYTES
from interpreter.facts import Fact
from interpreter.facts import Rejection
from interpreter.facts import contact_key
from interpreter.facts import read
from interpreter.needs import Needs
from interpreter.needs import needs
from interpreter.operations import PAYLOADS

OPTIONS: dict[str, Any] = {"zone": "Europe/Moscow", "received": 1000, "batch": "b", "actor": "import"}
ANN = {"op": "customer.edit", "customer": "ann"}
ORDER = {"op": "order.update", "customer": "ann"}
CHANNEL = "expected a channel such as `email` or a topic such as `email/news`"
CHANNELS = 'expected a list of channels such as `["email"]` or topics such as `["email/news"]`'
UNDER_WHICH = "write the channel under `subscribed` where it was agreed to, and under `unsubscribed` where it was not"


def fact(raw, **more):
    found = read(raw if isinstance(raw, (bytes, str)) else json.dumps(raw), **(OPTIONS | more))
    assert isinstance(found, Fact), found
    return found


def test_the_fact_of_the_contract_is_read():
    """events.md §2"""
    found = fact(
        b'{"op": "order.update", "at": "2024-06-05T23:00:00+03:00", "key": "shop-881", "batch": "import-7", "actor": "customer",'
        b' "customer": "ann", "order": {"id": "17", "status": "shipped", "total": 1200,'
        b' "lines": [{"id": "1", "product": "p-9", "quantity": 1, "price": 1200, "status": "shipped"}]}}'
    )
    assert found == Fact(
        0, "order.update", "shop-881", "ann", 1717617600, 1000, "import-7", "customer",
        {"order": {"id": "17", "status": "shipped", "total": 1200,
                   "lines": [{"id": "1", "product": "p-9", "quantity": 1, "price": 1200, "status": "shipped"}]}},
    )  # fmt: skip


def test_what_a_fact_does_not_say_is_taken_from_the_call():
    assert fact(ANN) == Fact(0, "customer.edit", None, "ann", 1000, 1000, "b", "import", {})


def test_moments_without_an_offset_are_the_projects():
    assert fact(ANN | {"at": "2024-06-05 23:00"}).at == fact(ANN | {"at": "2024-06-05T20:00:00Z"}).at
    assert fact(ANN | {"at": "2024-06-05"}).at == fact(ANN | {"at": "2024-06-04T21:00:00.999Z"}).at


def test_received_is_now_unless_every_fact_says_so_itself():
    late = ANN | {"at": "2024-06-05T00:00:00Z", "received": "2024-06-06T00:00:00Z"}
    assert fact(late).received == 1000
    assert fact(late, received_each=True).received == 1717632000
    assert fact(ANN | {"at": "2024-06-05T00:00:00Z"}, received_each=True).received == 1717545600
    found = fact(ANN, received_each=True)
    assert (found.at, found.received) == (1000, 1000)
    assert "received" not in fact(late).data


def test_a_key_is_made_of_the_content_only_with_a_date():
    one = ANN | {"at": "2024-06-05", "city": "Kazan", "x": {"a": 1, "b": 2}}
    key = fact(one).key
    assert key
    assert fact(json.dumps(dict(reversed(one.items())), indent=2)).key == key, "neither order nor layout count"
    assert fact(one | {"batch": "other", "received": "2024-07-01"}).key == key, "nor how it came"
    assert fact(one | {"city": "Omsk"}).key != key
    assert fact(one | {"at": "2024-06-06"}).key != key
    assert fact(ANN).key is None
    assert fact(one | {"key": 5}).key == "5"


def test_ids_are_text_however_they_are_written():
    found = fact({"op": "order.create", "customer": 5, "order": {"id": 17, "lines": [{"id": 1, "product": 9}, {"product": "p"}]}})
    assert found.customer == "5"
    assert found.data["order"] == {"id": "17", "lines": [{"id": "1", "product": "9"}, {"product": "p", "id": "p"}]}


def test_an_order_may_be_only_its_id_with_its_fields_beside():
    found = fact({"op": "order.status", "order": 17, "status": "shipped", "source": "app"})
    assert found.data == {"order": {"id": "17", "status": "shipped"}, "source": "app"}


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        ({}, "op: expected an operation such as `order.update`, found nothing"),
        ({"op": 5}, "op: expected an operation such as `order.update`, found 5"),
        ({"op": "ordr.update"}, 'op: unknown operation "ordr.update", did you mean `order.update`?'),
        ({"op": "card.activate"}, 'op: unknown operation "card.activate", expected `card.issue` or `card.status` or `card.replace`'),
        ({"op": "zzz"}, 'op: unknown operation "zzz", expected one such as `order.update`'),
        ({"op": "segment.add", "customer": 1}, "segment: expected the name of the segment, found nothing"),
        ({"op": ["x"]}, 'op: expected an operation such as `order.update`, found ["x"]'),
        (ANN | {"actor": "robot"}, 'actor: expected `customer`, `staff`, `import` or `scenario`, found "robot"'),
        (ANN | {"actor": ["staff"]}, 'actor: expected `customer`, `staff`, `import` or `scenario`, found ["staff"]'),
        (ANN | {"at": 1717617600}, "at: expected a moment such as `2024-06-05T23:00:00+03:00`, found 1717617600"),
        (ANN | {"at": "3024-06-05"}, 'at: expected a moment between the years 1900 and 2200, found "3024-06-05"'),
        (
            ANN | {"at": "yesterday"},
            'at: expected a moment such as `2024-06-05T23:00:00+03:00` or a date such as `2024-06-05`, found "yesterday"',
        ),
        (ANN | {"key": ""}, 'key: expected an id of 1 to 200 visible characters, found ""'),
        (ANN | {"key": [1]}, "key: expected an id (text or a whole number), found [1]"),
        ({"op": "customer.edit"}, "customer: expected the external id of the customer, found nothing"),
        (ANN | {"customer": {"id": "ann"}}, 'customer: expected an id (text or a whole number), found {"id":"ann"}'),
        (ANN | {"customer": "a\nb"}, 'customer: expected an id of 1 to 200 visible characters, found "a\\nb"'),
        (ANN | {"email": "a@b.c\nBcc: x@y.z"}, 'email: expected an address of visible characters in one line, found "a@b.c\\nBcc: x@y.z"'),
        (ANN | {"email": 5}, "email: expected text, found 5"),
        (ANN | {"timezone": "MSK+3"}, 'timezone: expected a time zone such as `Europe/Moscow`, found "MSK+3"'),
        (ANN | {"birthday": "31.12.1990"}, 'birthday: expected a date such as `2024-06-05`, found "31.12.1990"'),
        (ANN | {"subscribed": "email"}, f'subscribed: {CHANNELS}, found "email"'),
        (ANN | {"subscribed": "yes"}, f'subscribed: {CHANNELS}, found "yes"; {UNDER_WHICH}'),
        (ANN | {"unsubscribed": True}, f"unsubscribed: {CHANNELS}, found true; {UNDER_WHICH}"),
        (ANN | {"subscribed": {"email": True}}, f'subscribed: {CHANNELS}, found {{"email":true}}; {UNDER_WHICH}'),
        (ANN | {"pending": ["email", 1]}, f"pending[1]: {CHANNEL}, found 1; {UNDER_WHICH}"),
        (ANN | {"subscribed": ["email", "Да"]}, f'subscribed[1]: {CHANNEL}, found "Да"; {UNDER_WHICH}'),
        (ANN | {"subscribed": ["email", 5]}, f"subscribed[1]: {CHANNEL}, found 5"),
        (ANN | {"unsubscribed": ["emial"]}, 'unsubscribed[0]: unknown channel "emial", did you mean `email`?'),
        (ANN | {"subscribed": ["/x"]}, 'subscribed[0]: expected a channel such as `email` or a topic such as `email/news`, found "/x"'),
        (ORDER, "order: expected the order, at least its id, found nothing"),
        (ORDER | {"order": {}}, "order.id: expected an id (text or a whole number), found nothing"),
        (ORDER | {"order": [1]}, "order: expected an object in braces, found [1]"),
        (ORDER | {"order": {"id": 1.5}}, "order.id: expected an id (text or a whole number), found 1.5"),
        (
            ORDER | {"order": {"id": 1, "lines": [{"id": 1}, {"id": 2}, {"id": 3, "price": "abc"}]}},
            'order.lines[2].price: expected a number, found "abc"',
        ),
        (
            ORDER | {"order": {"id": 1, "lines": [{"price": 5}]}},
            "order.lines[0].id: expected an id, or a product to know the line by, found neither",
        ),
        (
            ORDER | {"order": {"id": 1, "lines": [{"id": 1}, {"id": "1"}]}},
            'order.lines[1].id: expected every line once, found "1" again; give each line an id of its own',
        ),
        (ORDER | {"order": {"id": 1, "delivery_date": "soon"}}, 'order.delivery_date: expected a date such as `2024-06-05`, found "soon"'),
        (ORDER | {"op": "order.status", "order": 1}, "order.status: expected a status of the order or of its lines, found nothing"),
        ({"op": "order.create", "order": 1}, "customer: expected the external id of the customer, found nothing"),
        ({"op": "action.issue", "customer": 1}, "template: expected the name of the action's template, found nothing"),
        ({"op": "contact.validity", "kind": "email", "value": "a@b.c"}, "valid: expected `true` or `false`, found nothing"),
        ({"op": "contact.validity", "kind": "email", "valid": 0}, "valid: expected `true` or `false`, found 0"),
        ({"op": "contact.confirm", "kind": "fax", "value": "1"}, 'kind: expected `email`, `phone`, `push` or `webpush`, found "fax"'),
        ({"op": "contact.confirm", "kind": "email"}, "value: expected the contact, or in `customer` whose contact it is, found neither"),
        (
            ANN | {"op": "subscription.set", "channel": "email", "status": "yes"},
            'status: expected `subscribed`, `unsubscribed` or `pending`, found "yes"',
        ),
        ({"op": "message.status", "message": "x", "status": "opened"}, 'message: expected the id of a message, a whole number, found "x"'),
        (
            {"op": "message.status", "message": 5, "status": "read"},
            'status: expected `delivered`, `opened`, `clicked`, `bounced`, `complained` or `unsubscribed`, found "read"',
        ),
        (ANN | {"x": 10**15}, "x: expected a number below 10 to the power of 15, found 1e+15"),
        (ANN | {"x": [1, {"y": -1e300}]}, "x[1].y: expected a number below 10 to the power of 15, found -1e+300"),
        (ANN | {"x": "x" * 70_000}, "x: expected a text of at most 65,536 characters, found 70,000"),
    ],
)
def test_a_mistake_is_told_with_its_place(refused, raw, sentence):
    assert refused(json.dumps(raw)) == sentence
    assert refused(raw) == sentence, "the same for an object as for its text"


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "expected a fact in braces, found nothing"),
        (b"[]", "expected a fact in braces, found []"),
        (b'"x"', 'expected a fact in braces, found "x"'),
        (b'{"op": "x",}', "expected JSON, found a mistake: trailing comma in object (byte 11)"),
        (b'{"op": "x"', "expected JSON, found a mistake: it ends too early or holds half of a character"),
        (b'{"op": "\\ud800"}', "expected JSON, found a mistake: it ends too early or holds half of a character"),
        (b'{"op": "\xff"}', "expected text in UTF-8, found the byte 0xff"),
        (b'{"op": NaN}', "expected JSON, found a mistake: invalid character (byte 7)"),
        (b'{"op": 1e999}', "expected numbers below 10 to the power of 15, found a larger one"),
        (b'{"x":' * 100_000, "expected at most 32 lists and objects inside each other, found more"),
        (b'{"op": "' + b"x" * MAX_BYTES + b'"}', f"expected a fact of at most 1,000,000 bytes, found {MAX_BYTES + 10:,}"),
        ({"x": float("nan")}, "x: expected a number below 10 to the power of 15, found no number at all"),
        ({"x": float("inf")}, "x: expected a number below 10 to the power of 15, found no number at all"),
        ({"x": "\ud800"}, "expected text in UTF-8, found half of a character"),
        ({"x": object()}, "expected text, numbers, `true`, `false`, `null`, lists and objects only"),
    ],
)
def test_what_is_no_fact_at_all(refused, raw, sentence):
    assert refused(raw) == sentence


def test_deep_nesting_is_told_where_it_begins_to_be_too_deep(refused):
    deep: object = 1
    for _ in range(40):
        deep = [deep]
    assert refused(ANN | {"x": deep}).endswith(": expected at most 32 lists and objects inside each other, found more")


def test_every_operation_is_read():
    assert set(OPERATIONS) == set(PAYLOADS)


def test_needs_are_what_the_handling_asks_for():
    assert needs([fact(ORDER | {"order": 17})]) == Needs({"ann"}, orders={"17"})
    assert needs([fact({"op": "order.status", "order": 17, "status": "x"})]) == Needs(orders={"17"})
    assert needs([fact(ANN | {"email": "A@b.c", "phone": "8 900 000-00-00"}), fact(ORDER | {"order": 17})]) == Needs(
        {"ann"}, {("email", "a@b.c"), ("phone", "79000000000")}, {"17"}
    )
    assert needs([fact({"op": "contact.confirm", "kind": "email", "value": "A@b.c"})]) == Needs(contacts={("email", "a@b.c")})
    assert needs([fact({"op": "message.status", "message": "5", "status": "opened"})]) == Needs(messages={5})


@pytest.mark.parametrize(
    ("kind", "value", "key"),
    [
        ("email", " Ann@B.C ", "ann@b.c"),
        ("phone", "+7 (900) 000-00-00", "79000000000"),
        ("phone", "89000000000", "79000000000"),
        ("phone", "+84 912 345 678", "84912345678"),
        ("phone", "84912345678", "84912345678"),
        ("push", "Token ", "Token "),
    ],
)
def test_contacts_are_compared_by_what_reaches_the_person(kind, value, key):
    assert contact_key(kind, value) == key


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
NAMES = st.sampled_from(
    ["op", "at", "key", "received", "batch", "actor", "customer", "order", "email", "status", "lines", "kind", "value", "message"]
)


@given(raw=st.dictionaries(NAMES | st.text(), VALUES), op=st.sampled_from(sorted(PAYLOADS)))
def test_nothing_that_comes_in_breaks_the_door(raw, op):
    for body in (raw, raw | {"op": op}, raw | {"op": op, "customer": "a", "order": raw | {"id": "1"}, "message": 1}):
        found = read(body, **OPTIONS)
        assert isinstance(found, (Fact, Rejection))
        if isinstance(found, Rejection):
            assert "`int" not in found.message
            assert "Expected" not in found.message
        else:
            assert msgspec.json.decode(msgspec.json.encode(found.data)) == found.data, "what is stored is what was read"


@given(raw=st.binary(max_size=60))
def test_no_bytes_break_the_door(raw):
    assert isinstance(read(raw, **OPTIONS), Rejection)
