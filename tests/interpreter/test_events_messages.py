from __future__ import annotations

import pytest


@pytest.fixture
def ann(history):
    history("customer.register", customer="ann", email="a@b.c", subscribed=["email"])
    history.events.clear()
    return history.customer("ann")


def says(history, status, at="06-02", number=7, **more):
    return history("message.status", at, message=number, status=status, **more)


@pytest.mark.example("E10")
@pytest.mark.parametrize(
    ("status", "verb"),
    [("delivered", "delivered"), ("opened", "opened"), ("clicked", "clicked"), ("bounced", "failed"), ("unsubscribed", "unsubscribed")],
)
def test_each_status_is_an_event_once(history, ann, status, verb):
    message = history.message()
    says(history, status)
    says(history, status, "06-03")
    assert history.fires(f"message review_request {verb}") == history.fires(f"message {verb}") == [2]
    assert history.fires(f"message other {verb}") == []
    assert message.state == status
    assert list(message.times) == [status]
    assert history.shop.changed_messages == {7: message}


def test_a_state_never_goes_back(history, ann):
    message = history.message(state="unsure")
    for status in ("clicked", "delivered", "opened"):
        says(history, status)
    assert message.state == "clicked"
    assert set(message.times) == {"clicked", "delivered", "opened"}
    assert history.fires("message delivered") == [3]


@pytest.mark.example("X19.2")
def test_a_hard_bounce_makes_the_address_invalid(history, ann):
    history.message()
    says(history, "bounced", actor="customer")
    assert not ann.contacts["email"].valid
    assert history.kinds() == ["message.failed", "customer.changed"]


def test_a_soft_bounce_or_one_of_an_old_address_does_not(history, ann):
    history.message()
    history.message(id=8)
    history.message(id=9, channel=None)
    says(history, "bounced", hard=False)
    says(history, "bounced", number=8, to="old@b.c")
    says(history, "bounced", number=9)
    assert ann.contacts["email"].valid
    history.message(id=10)
    says(history, "bounced", number=10, to="A@B.C")
    assert not ann.contacts["email"].valid


def test_a_complaint_is_about_the_whole_channel(history, ann):
    history.message()
    assert [event.kind for event in says(history, "complained")] == ["customer.changed", "subscription", "subscription"]
    assert {place: row.status for place, row in ann.subscriptions.items()} == {"email": "unsubscribed"}


def test_unsubscribing_by_a_letter_without_a_topic_is_about_the_channel(history, ann):
    history.message()
    says(history, "unsubscribed")
    assert ann.subscriptions["email"].status == "unsubscribed"
    assert history.fires("subscription email -> unsubscribed") == [2]


def test_unsubscribing_by_a_letter_with_a_topic_is_about_the_topic(history, ann, monkeypatch):
    monkeypatch.setattr(type(history.rules), "topic", lambda self, template: "news")
    history.message()
    says(history, "unsubscribed")
    assert {place: row.status for place, row in ann.subscriptions.items()} == {"email": "subscribed", "email/news": "unsubscribed"}


def test_a_notice_to_staff_is_no_message_to_the_customer(history, ann):
    message = history.message(staff=True)
    says(history, "unsubscribed")
    assert message.state == "unsubscribed"
    assert ann.subscriptions["email"].status == "subscribed"
    assert history.fires("message unsubscribed") == []


def test_a_message_nobody_sent_changes_nothing_and_says_so(history, ann):
    history.message(state="skipped")
    assert says(history, "opened") == []
    assert says(history, "opened", number=99) == []
    assert [note for _, note in history.shop.notes] == [f"no message `{number}` was sent: the fact changes nothing" for number in (7, 99)]
