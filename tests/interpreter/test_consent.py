"""Reachable and subscribed: `domain.md` §4.2."""

from __future__ import annotations

import pytest

from interpreter.consent import refusal
from interpreter.consent import subscribed
from interpreter.entities import Contact
from interpreter.entities import Subscription
from tests.interpreter.scene import condition
from tests.interpreter.scene import customer
from tests.interpreter.scene import order
from tests.interpreter.scene import view

EMAIL = {"email": Contact("ann@example.com")}
INVALID = {"email": Contact("ann@example.com", valid=False)}
YES, NO, PENDING = Subscription("subscribed"), Subscription("unsubscribed"), Subscription("pending")
IMPLICIT = Subscription("subscribed", explicit=False)


@pytest.mark.parametrize(
    ("contacts", "subscriptions", "text", "reason"),
    [
        (EMAIL, {"email": YES}, "subscribed email", None),  # K-1
        (EMAIL, {"email": IMPLICIT}, "subscribed email", None),
        (EMAIL, {"email": NO, "email/news": IMPLICIT}, 'subscribed email to "news"', None),  # K-2
        (EMAIL, {"email": YES, "email/news": NO}, 'subscribed email to "news"', "no_consent"),  # K-3
        (EMAIL, {"email": YES, "email/news": NO}, "subscribed email", None),  # K-3
        (EMAIL, {"email": YES}, 'subscribed email to "news"', None),  # a new topic follows its channel (§2.6)
        (EMAIL, {"email": NO}, 'subscribed email to "news"', "no_consent"),
        (INVALID, {"email": YES}, "subscribed email", "invalid_contact"),  # K-4
        ({}, {"email": YES}, "subscribed email", "unreachable"),
        ({"email": Contact("new@example.com", confirmation="pending")}, {"email": YES}, "subscribed email", None),
        (EMAIL, {"email": PENDING}, "subscribed email", "no_consent"),  # K-6
        (EMAIL, {}, "subscribed email", "no_consent"),  # no data is no consent
        ({"phone": Contact("+7900")}, {"sms": YES}, "subscribed sms", None),
        ({"phone": Contact("+7900")}, {"sms": YES}, "subscribed viber", "no_consent"),
        ({"phone": Contact("+7900")}, {}, "subscribed flash", None),
        ({"push": Contact("token")}, {"push": YES}, "subscribed push", None),
        (EMAIL, {}, "reachable email", None),
        (INVALID, {}, "reachable email", "invalid_contact"),
        ({}, {}, "reachable push", "unreachable"),
    ],
)
def test_subscribed_and_reachable(contacts, subscriptions, text, reason):
    question, seen = condition(text), view(of=customer(contacts=contacts, subscriptions=subscriptions))
    assert question.test(seen) is (reason is None)
    assert question.seen(seen) == ((text.replace('"', ""), reason or "yes"),)
    assert question.reads == {"customer"}


def test_an_erased_customer_is_not_written_to():
    assert subscribed(customer(erased=True), "email", None) == "unreachable"


@pytest.mark.parametrize(
    ("contacts", "subscriptions", "order_email", "transactional", "expected"),
    [
        (EMAIL, {"email": YES}, None, False, (None, "ann@example.com")),
        (EMAIL, {"email": YES}, "order@example.com", False, (None, "ann@example.com")),  # marketing never goes to the order's contact
        (EMAIL, {"email": NO}, None, False, ("no_consent", None)),
        (INVALID, {"email": YES}, None, False, ("invalid_contact", None)),
        ({}, {"email": YES}, "order@example.com", False, ("unreachable", None)),
        (EMAIL, {"email": NO}, None, True, (None, "ann@example.com")),
        (INVALID, {}, None, True, (None, "ann@example.com")),  # K-4: a transactional one would still go
        (EMAIL, {}, "order@example.com", True, (None, "order@example.com")),
        ({}, {}, "order@example.com", True, (None, "order@example.com")),
        ({}, {}, None, True, ("unreachable", None)),
        (EMAIL, {}, "-", True, (None, "ann@example.com")),  # what is no address is none
        ({"email": Contact("-", valid=False)}, {}, "none", True, ("unreachable", None)),
    ],
)
def test_where_a_message_goes(contacts, subscriptions, order_email, transactional, expected):
    ann = customer(contacts=contacts, subscriptions=subscriptions)
    assert refusal(ann, order("7", "06-01", email=order_email), "email", None, transactional=transactional) == expected


def test_a_text_message_about_an_order_goes_to_the_phone_of_the_order():
    ann = customer(contacts={"phone": Contact("+7900")})
    assert refusal(ann, order("7", "06-01", email="a@example.com", phone="+7911"), "sms", None, transactional=True) == (None, "+7911")
    assert refusal(ann, None, "sms", None, transactional=True) == (None, "+7900")


def test_an_address_that_waits_beside_the_main_one_is_asked_only_by_what_is_about_it():
    ann = customer(contacts={}, subscriptions={"email": YES}, awaited={"email": "new@example.com"})
    assert subscribed(ann, "email", None) == "unreachable"  # K-5
    assert refusal(ann, None, "email", None, transactional=True) == ("unreachable", None)
    assert refusal(ann, None, "email", None, transactional=True, asks={"email"}) == (None, "new@example.com")
    both = customer(contacts=EMAIL, subscriptions={"email": YES}, awaited={"email": "new@example.com"})
    assert refusal(both, None, "email", None, transactional=True, asks={"phone"}) == (None, "ann@example.com")
    assert refusal(both, None, "email", None, transactional=False, asks={"email"}) == (None, "ann@example.com")
