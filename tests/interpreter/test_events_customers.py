from __future__ import annotations

import pytest

REGISTERING = ["customer.register", "customer.register_or_enrich", "customer.import"]


@pytest.mark.example("X11.1", "X11.3")
def test_only_new_customers_are_created(history):
    for key in ("a", "b", "a"):
        history("customer.import", customer=key, email=f"{key}@x.y")
    history("customer.edit", customer="a", city="Kazan")
    assert history.fires("customer created") == [1, 2]


@pytest.mark.example("X12.1", "X12.2")
@pytest.mark.parametrize("op", REGISTERING)
def test_three_operations_register_those_they_create(history, op):
    history(op, customer="ann", phone="+7 900 000-00-00")
    assert history.kinds(1) == ["customer.created", "customer.registered"]


@pytest.mark.example("X12.2")
@pytest.mark.parametrize("op", [*REGISTERING[1:], "customer.create_and_subscribe", "customer.edit"])
def test_whoever_comes_under_a_new_id_is_found_by_his_phone(history, op):
    history("customer.register", customer="ann", phone="+7 900 000-00-00")
    history(op, customer="new-id", phone="89000000000", name="Ann")
    assert history.fires("customer registered") == [1]
    assert history.kinds(2) == ["customer.changed", "customer.field"]
    assert history.customer("new-id") is history.customer("ann")
    assert history.customer("ann").fields == {"name": "Ann"}
    assert history.shop.new_keys == {"new-id": 1}


@pytest.mark.parametrize(
    ("kind", "value"), [("email", "-"), ("email", "no e-mail"), ("email", "ann.x.y"), ("phone", "-"), ("phone", "none")]
)
@pytest.mark.parametrize("op", ["customer.register", "customer.import"])
def test_what_is_no_address_makes_nobody_one_with_somebody_else(history, op, kind, value):
    """Tables have a dash where there is nothing: those would all be one customer."""
    for key in ("ann", "bob"):
        history(op, customer=key, **{kind: value})
    assert history.customer("ann") is not history.customer("bob")
    contact = history.customer("bob").contacts[kind]
    assert (contact.value, contact.valid) == (value, False), "it is kept, and never written to"


@pytest.mark.example("X11.2")
def test_whoever_registers_under_a_new_id_is_created_and_part_of_whom_he_was(history):
    history("customer.register", customer="17", email="ann@x.y", name="Ann", unsubscribed=["email"])
    history("customer.register", customer="501", email="ANN@x.y", phone="+7900", name="Anna", city="Kazan", subscribed=["email"])
    assert history.kinds(2) == ["customer.created", "customer.registered", "customer.merged"]
    assert {event.customer.id for event in history.events} == {1}
    ann = history.customer("17")
    assert history.customer("501") is ann
    assert ann.fields == {"name": "Ann", "city": "Kazan"}
    assert {kind: contact.value for kind, contact in ann.contacts.items()} == {"email": "ann@x.y", "phone": "+7900"}
    assert ann.subscriptions["email"].status == "subscribed"
    assert history.shop.merged == [(1, 2, "customer.register", "501")]
    history("customer.import", customer="third", phone="+7900")
    assert history.customer("third") is ann
    history("customer.register", customer="501", city="Perm")
    assert history.kinds(4) == ["customer.changed", "customer.field"]


def test_of_two_records_the_one_that_confirmed_the_address_is_the_main_one(history):
    history("customer.register", customer="17", email="ann@x.y", name="Ann", city="Kazan")
    history("customer.register", customer="501", email="ann@x.y", email_confirmed=True, name="Anna")
    ann = history.customer("17")
    assert (ann.fields, ann.contacts["email"].confirmation) == ({"name": "Anna", "city": "Kazan"}, "confirmed")
    history("customer.register", customer="502", email="ann@x.y", email_confirmed=True, name="Annie")
    assert ann.fields["name"] == "Anna"
    assert history.fires("customer.email confirmed") == []


@pytest.mark.example("X12.3", "X22.5")
def test_a_subscription_form_creates_and_subscribes_without_registering(history):
    history("customer.create_and_subscribe", customer="ann", email="a@b.c", subscribed=["email/promo"])
    assert history.kinds() == ["customer.created", "subscription"]
    assert history.fires('subscription email to "promo" -> subscribed') == [1]


def test_the_registration_is_the_action_of_its_event(history):
    history("customer.register", customer="ann", actor="customer", promo="spring")
    action = history.events[-1].action
    assert (action.template, action.actor, action.fields) == ("customer.register", "customer", {"promo": "spring"})


def test_events_of_one_fact_come_in_a_fixed_order(history):
    history("customer.register", customer="ann")
    history("customer.edit", actor="customer", customer="ann", email="a@b.c", city="Kazan", size="M", subscribed=["email"])
    assert history.kinds(2) == ["customer.changed", "customer.edited", "customer.field", "subscription", "subscription"]
    assert [sorted(event.changed) for event in history.events[2:5]] == [
        ["city", "email", "subscription"], ["city", "email", "subscription"], ["city", "size"],
    ]  # fmt: skip
    assert [event.topic for event in history.events[5:]] == [None, "news"]


@pytest.mark.example("X19.1", "X19.4", "A-14")
def test_filling_and_wiping_are_changes_and_being_created_is_none(history):
    history("customer.register", customer="ann", name="Ann", phone="1")
    history("customer.edit", customer="ann", birthday="1990-05-01", city="Kazan")
    history("customer.edit", customer="ann", birthday=None)
    history("customer.edit", customer="ann", birthday=None, city="Kazan")
    assert history.fires("customer changed") == [2, 3]
    assert history.customer("ann").fields == {"name": "Ann", "birthday": None, "city": "Kazan"}


@pytest.mark.example("X19.3")
def test_fields_of_the_shops_own_have_no_history(history):
    history("customer.register", customer="ann")
    history("customer.edit", customer="ann", bonus_level="silver")
    assert history.fires("customer changed") == []
    assert history.fires("customer.bonus_level changed") == [2]


@pytest.mark.example("X20.1", "X20.2")
def test_only_the_customer_himself_edits(history):
    for actor in ("import", "customer", "staff", "scenario"):
        history("customer.edit", customer="ann", actor=actor, city=actor)
    assert history.fires("customer edited") == [2]
    assert history.fires("customer changed") == [2, 3, 4]


@pytest.mark.example("X21.1", "X21.2", "X21.3")
def test_a_field_is_filled_changed_and_wiped(history):
    history("customer.register", customer="ann", size="S")
    for level in ("silver", "silver", "gold", None):
        history("customer.edit", customer="ann", bonus_level=level)
    history("customer.edit", customer="ann", size="M", colour="red")
    assert history.fires("customer.bonus_level changed") == [2, 4, 5]
    assert history.fires("customer.size, customer.colour changed") == [6]
    assert history.fires("customer.other changed") == []


def test_contacts_are_compared_as_people_mean_them(history):
    history("customer.register", customer="ann", email="Ann@Example.com", phone="8 (900) 111-22-33")
    history("customer.edit", customer="ann", email="ann@example.com", phone="+79001112233")
    history("customer.edit", customer="ann", email="", phone="+79001112234")
    assert history.fires("customer changed") == [3]
    assert {kind: contact.value for kind, contact in history.customer("ann").contacts.items()} == {"phone": "+79001112234"}
    history("customer.import", customer="other", email="ANN@example.com")
    assert history.customer("other") is not history.customer("ann"), "the address is free again"


def test_an_address_that_cannot_be_one_is_kept_but_never_written_to(history):
    history("customer.register", customer="ann", email="ann at example.com")
    assert not history.customer("ann").contacts["email"].valid


def test_two_customers_may_share_an_address_and_the_first_is_found_by_it(history):
    history("customer.register", customer="ann", email="home@x.y")
    history("customer.register", customer="bob")
    history("customer.edit", customer="bob", email="home@x.y")
    history("customer.import", customer="third", email="home@x.y")
    assert history.customer("bob").contacts["email"].value == "home@x.y"
    assert history.customer("third") is history.customer("ann")


def test_dates_of_the_customer_are_those_of_the_shop(history):
    history("customer.import", "06-05", customer="ann", created_at="2020-01-01T00:00:00Z", timezone="Asia/Omsk", zone=5)
    ann = history.customer("ann")
    assert (ann.created_at, ann.timezone, ann.fields) == (1577836800, "Asia/Omsk", {"zone": "5"})
    history("order.create", "06-06", customer="bob", order=1)
    assert history.customer("bob").created_at == history.events[-1].at


def test_erasing_leaves_an_empty_person_whom_facts_change_no_more(history):
    history("customer.register", customer="ann", email="a@b.c", city="Kazan", timezone="Asia/Omsk", subscribed=["email"])
    history("order.create", customer="ann", order=1)
    assert history("customer.erase", customer="ann") == []
    ann = history.customer("ann")
    assert (ann.erased, ann.contacts, ann.fields, ann.subscriptions, ann.timezone) == (True, {}, {}, {}, None)
    assert history("customer.edit", customer="ann", city="Omsk") == []
    assert history("order.status", order=1, status="paid") == []
    assert ann.fields == {}
    assert [note for _, note in history.shop.notes] == [
        "the customer `ann` was erased: the fact changes nothing",
        "the customer of the order `1` was erased: the fact changes nothing",
    ]
    assert history("customer.erase", customer="nobody") == []
    history("customer.register", customer="new", email="a@b.c")
    assert history.customer("new") is not ann
