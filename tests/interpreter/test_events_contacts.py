from __future__ import annotations

import pytest


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
