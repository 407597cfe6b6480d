from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.forms import evolve
from interpreter.rules import Rules
from tests.interpreter.conftest import make_history


@pytest.mark.example("X19.2")
def test_marking_an_address_is_a_change_only_when_it_changes_something(history):
    history("customer.register", customer="ann", email="a@b.c")
    history("contact.validity", customer="ann", kind="email", valid=False)
    history("contact.validity", kind="email", value="A@b.c", valid=False)
    history("contact.validity", kind="email", value="A@b.c", valid=True)
    assert history.fires("customer changed") == [2, 4]
    assert history.customer("ann").contacts["email"].valid
    assert history.events[-1].changed == {"email"}


def test_confirming_proves_that_it_works(history):
    history("customer.register", customer="ann", phone="+79990000000")
    history("contact.validity", customer="ann", kind="phone", valid=False)
    history("contact.confirm", customer="ann", kind="phone", value="89990000000", actor="customer")
    history("contact.confirm", customer="ann", kind="phone", actor="customer")
    contact = history.customer("ann").contacts["phone"]
    assert (contact.confirmation, contact.valid) == ("confirmed", True)
    assert history.fires("customer edited") == [3]


def test_a_contact_he_does_not_have_changes_nothing_and_says_so(history):
    history("customer.register", customer="ann", email="a@b.c")
    assert history("contact.confirm", customer="ann", kind="email", value="b@b.c") == []
    assert history("contact.confirm", customer="ann", kind="phone") == []
    assert history("contact.validity", kind="email", value="c@b.c", valid=False) == []
    assert history("contact.validity", kind="push", value="token", valid=False) == []
    assert [note for _, note in history.shop.notes] == [
        "the customer has no email `b@b.c`: the fact changes nothing",
        "the customer has no phone: the fact changes nothing",
        "nobody has the email `c@b.c`: the fact changes nothing",
        "nobody has the push `token`: the fact changes nothing",
    ]


@pytest.fixture
def asking(history):
    """The same shop in a project that asks for e-mail addresses to be confirmed."""
    around = evolve(history.rules.project.surroundings, confirm=("email",))
    history.rules = Rules(evolve(history.rules.project, surroundings=around), history.rules.timezone)
    return history


def standing(history, kind="email"):
    """(main contact, how it is confirmed, the one that waits)"""
    ann = history.customer("ann")
    contact = ann.contacts.get(kind)
    return contact and contact.value, contact and contact.confirmation, ann.awaited.get(kind)


@pytest.mark.example("X15.2", "X15.9", "X15.10", "X15.12")
def test_a_project_may_ask_for_every_address_to_be_confirmed(asking):
    asking("customer.register", customer="ann", email="x@b.c", phone="+79990000000")
    assert standing(asking) == ("x@b.c", "pending", None)
    assert standing(asking, "phone") == ("+79990000000", "none", None)
    asking("contact.confirm", customer="ann", kind="email")
    asking("customer.edit", customer="ann", email="y@b.c")
    assert standing(asking) == ("x@b.c", "confirmed", "y@b.c")
    asking("customer.edit", customer="ann", email="X@b.c")
    assert standing(asking) == ("x@b.c", "confirmed", "y@b.c")
    asking("contact.confirm", customer="ann", kind="email", value="Y@b.c")
    assert standing(asking) == ("y@b.c", "confirmed", None)
    assert (asking.fires("customer.email changed"), asking.fires("customer.email confirmed")) == ([3], [2])
    assert asking.fires("customer changed") == [2, 3, 5]


def test_what_a_fact_says_itself_comes_before_what_the_project_asks(asking):
    asking("customer.import", customer="ann", email="x@b.c", email_confirmed=False)
    assert standing(asking) == ("x@b.c", "none", None)
    asking("customer.edit", customer="ann", email="x@b.c")
    assert standing(asking) == ("x@b.c", "pending", None)
    asking("customer.edit", customer="ann", email_confirmed=True)
    assert standing(asking) == ("x@b.c", "confirmed", None)
    asking("customer.edit", customer="ann", email="y@b.c", email_confirmed=False)
    assert standing(asking) == ("y@b.c", "none", None)
    asking("customer.edit", customer="ann", email_confirmed="pending")
    assert standing(asking) == ("y@b.c", "pending", None)
    assert asking.fires("customer.email changed") == [2, 4, 5]
    assert asking.fires("customer.email confirmed") == [3]


def test_a_subscription_form_asks_for_no_confirmation(asking):
    asking("customer.create_and_subscribe", customer="ann", email="x@b.c", subscribed=["email"])
    assert standing(asking) == ("x@b.c", "none", None)


def test_whoever_confirms_twice_in_one_fact_is_told_of_each_contact(history):
    history("customer.register", customer="ann", email="x@b.c", email_confirmed=True, phone="+7999", phone_confirmed=True)
    assert history.kinds() == ["customer.created", "customer.registered", "email.confirmed", "phone.confirmed"]


def test_a_word_about_a_contact_that_is_not_there_changes_nothing(history):
    history("customer.register", customer="ann", email_confirmed=True, phone_confirmed="pending")
    assert standing(history) == (None, None, None)
    assert history.kinds() == ["customer.created", "customer.registered"]


def test_what_is_said_of_a_contact_is_one_of_three_words(refused):
    said = refused({"op": "customer.edit", "customer": "ann", "email": "x@b.c", "email_confirmed": "yes"})
    assert said == 'email_confirmed: expected `true`, `false` or `"pending"`, found "yes"'
    assert refused({"op": "customer.edit", "customer": "ann", "phone_confirmed": 1}).startswith("phone_confirmed: expected")


def test_erasing_takes_the_address_that_waits_with_it(asking):
    asking("customer.register", customer="ann", email="x@b.c", email_confirmed=True)
    asking("customer.edit", customer="ann", email="y@b.c")
    asking("customer.erase", customer="ann")
    assert asking.customer("ann").awaited == {}


@given(st.lists(st.tuples(st.sampled_from("xyz"), st.sampled_from([None, False, "pending", True])), max_size=6), st.booleans())
def test_beside_an_address_that_waits_there_is_a_confirmed_one_and_nobody_is_told_of_nothing(steps, again):
    history = make_history()
    history("customer.register", customer="ann")
    before = standing(history)
    for number, (name, said) in enumerate(steps, start=2):
        events = history("customer.edit", customer="ann", email=f"{name}@b.c", **({} if said is None else {"email_confirmed": said}))
        value, confirmation, awaited = after = standing(history)
        assert awaited is None or (confirmation == "confirmed" and awaited != value)
        assert bool(events) is (after != before)
        kinds = {event.kind for event in events}
        assert ("email.changed" in kinds) <= (before[0] is not None)
        assert ("email.confirmed" in kinds) <= (confirmation == "confirmed" and before[1] != "confirmed")
        before = after
        if again:
            assert (
                history(
                    "customer.edit",
                    customer="ann",
                    email=f"{name}@b.c",
                    at=f"02-{number:02}",
                    **({} if said is None else {"email_confirmed": said}),
                )
                == []
            )
