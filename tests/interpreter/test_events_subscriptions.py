from __future__ import annotations

import pytest

CHANNEL = "subscription email -> subscribed"
NEWS = 'subscription email to "news" -> subscribed'
NO_NEWS = 'subscription email to "news" -> unsubscribed'


def put(history, status, at="06-01", topic=None, **more):
    return history("subscription.set", at, customer="ann", channel="email", topic=topic, status=status, **more)


def rows(history):
    return {place: (row.status, row.explicit) for place, row in history.customer("ann").subscriptions.items()}


@pytest.mark.example("X22.1", "X22.2")
def test_a_channel_takes_its_topics_along_and_making_that_explicit_is_nothing_new(history):
    put(history, "subscribed")
    assert history.fires(CHANNEL) == [1]
    assert history.fires(NEWS) == [1]
    put(history, "subscribed", "06-02", topic="news")
    assert history.fires(NEWS) == [1]
    assert rows(history) == {"email": ("subscribed", True), "email/news": ("subscribed", True)}


@pytest.mark.example("X22.3")
def test_a_topic_there_and_back(history):
    put(history, "subscribed", topic="news")
    put(history, "unsubscribed", "06-02", topic="news")
    put(history, "subscribed", "06-03", topic="news")
    assert history.fires(NEWS) == [1, 3]
    assert history.fires(NO_NEWS) == [2]
    assert history.fires(CHANNEL) == [], "the channel itself was never told"


def test_a_change_of_the_channel_undoes_what_topics_said(history):
    put(history, "subscribed")
    put(history, "unsubscribed", "06-02", topic="news")
    put(history, "unsubscribed", "06-03")
    assert rows(history) == {"email": ("unsubscribed", True)}
    assert history.fires(NO_NEWS) == [2], "it was unsubscribed already"
    put(history, "subscribed", "06-04")
    assert history.fires(NEWS) == [1, 4]


def test_subscribing_a_subscribed_channel_leaves_topics_alone(history):
    put(history, "subscribed")
    put(history, "unsubscribed", "06-02", topic="news")
    put(history, "subscribed", "06-03")
    assert rows(history)["email/news"] == ("unsubscribed", True)
    assert history.fires(CHANNEL) == [1]


def test_staff_change_a_channel_without_touching_what_topics_said_themselves(history):
    put(history, "subscribed", topic="news")
    put(history, "subscribed", topic="sales")
    put(history, "pending", "06-02", actor="staff")
    assert rows(history) == {"email/news": ("subscribed", True), "email/sales": ("subscribed", True), "email": ("pending", True)}
    assert history.fires('subscription email to "news" -> unsubscribed | pending') == []


def test_topics_ever_seen_follow_too(history):
    history("subscription.set", customer="bob", channel="sms", topic="sales", status="subscribed")
    put(history, "subscribed")
    assert history.fires('subscription email to "sales" -> subscribed') == [2]
    assert history.shop.new_topics == {"sales"}


def test_consent_given_earlier_never_undoes_what_was_said_later(history):
    put(history, "unsubscribed", "06-10")
    put(history, "subscribed", "06-01")
    put(history, "subscribed", "06-01", topic="news")
    assert rows(history) == {"email": ("unsubscribed", True)}
    assert history.fires(CHANNEL) == history.fires(NEWS) == []


def test_a_topic_that_spoke_later_stays_when_older_news_of_its_channel_come(history):
    put(history, "subscribed", "06-10", topic="news")
    put(history, "unsubscribed", "06-01")
    assert rows(history) == {"email/news": ("subscribed", True), "email": ("unsubscribed", True)}


def test_a_date_in_the_future_does_not_close_the_door(history):
    history("subscription.set", "12-31", received="06-01", customer="ann", channel="email", status="subscribed")
    put(history, "unsubscribed", "06-02")
    assert rows(history) == {"email": ("unsubscribed", True)}


def test_an_implicit_status_follows_and_never_overrules(history):
    put(history, "unsubscribed", topic="news")
    put(history, "subscribed", "06-02", topic="news", explicit=False)
    put(history, "subscribed", "06-03", explicit=False)
    assert rows(history) == {"email/news": ("unsubscribed", True), "email": ("subscribed", False)}
    assert history.fires(CHANNEL) == [3]


@pytest.mark.example("E19", "E20")
def test_explicit_changes_are_changes_of_the_customer(history):
    put(history, "subscribed", actor="customer")
    put(history, "unsubscribed", "06-02", actor="customer")
    put(history, "unsubscribed", "06-03", actor="customer")
    put(history, "subscribed", "06-04", topic="x", explicit=False)
    assert history.kinds(1) == ["customer.created", "subscription", "subscription"]
    assert history.fires("customer changed") == history.fires("customer edited") == [2]


def test_lists_beside_a_customer_speak_of_channels_before_topics(history):
    history("customer.register", customer="ann", unsubscribed=["email/news"], subscribed=["email"], pending=["sms"])
    assert rows(history) == {"email": ("subscribed", True), "email/news": ("unsubscribed", True), "sms": ("pending", True)}
    assert history.fires(CHANNEL) == [1]
    assert history.fires(NO_NEWS) == [1]
    assert history.fires('subscription sms to "news" -> pending') == [1]
