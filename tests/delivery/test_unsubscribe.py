"""Links to unsubscribe with: nobody can forge one, and an old one still works."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpreter.delivery.unsubscribe import Unsubscribe
from interpreter.delivery.unsubscribe import Unsubscription
from interpreter.delivery.unsubscribe import fact
from interpreter.delivery.unsubscribe import headers
from interpreter.facts import Fact
from interpreter.facts import read

URL = "https://shop.example/scn"
T = 1772355600


def token(url: str) -> str:
    assert url.startswith(f"{URL}/u/")
    return url.removeprefix(f"{URL}/u/")


@given(customer=st.text(min_size=1, max_size=50), topic=st.one_of(st.none(), st.text(min_size=1, max_size=20)))
def test_a_link_says_who_and_what_and_fits_in_an_address(customer, topic):
    links = Unsubscribe("secret", URL + "/")
    found = token(links.url(customer, "email", topic, "12-1-3"))
    assert found.replace("-", "").replace("_", "").replace(".", "").isalnum()
    assert Unsubscribe("secret").read(found) == Unsubscription(customer, "email", topic, "12-1-3")


def test_a_link_cannot_be_forged():
    links = Unsubscribe("secret", URL)
    real = token(links.url("ann", "email", None, "1"))
    others = token(Unsubscribe("other", URL).url("ann", "email", None, "1"))
    assert links.read(others) is None
    assert Unsubscribe("").read(real) is None
    for place in range(len(real) - 1):
        changed = real[:place] + ("A" if real[place] != "A" else "B") + real[place + 1 :]
        assert links.read(changed) is None, place


@pytest.mark.parametrize("text", ["", ".", "a.b", "x" * 5000, "é", "W10.x", "%00", "../../etc"])
def test_rubbish_is_no_link(text):
    assert Unsubscribe("secret", URL).read(text) is None


def test_what_is_signed_for_something_else_is_no_link():
    from itsdangerous import URLSafeSerializer

    other = URLSafeSerializer("secret", salt="something else").dumps(["ann", "email", None, "1"])
    assert Unsubscribe("secret", URL).read(str(other)) is None


def test_without_a_public_address_people_write_to_the_sender():
    links = Unsubscribe("", "")
    assert links.url("ann & co", "email", "news", "1", "Shop <hello@shop.example>") == (
        "mailto:hello@shop.example?subject=unsubscribe%20ann%20%26%20co%20email%2Fnews"
    )
    assert links.url("ann", "sms", None, "1") == ""
    assert Unsubscribe("", URL).url("ann", "email", None, "1", "a@b.example").startswith("mailto:")


def test_the_one_click_header_stands_only_beside_an_https_link():
    assert headers("https://x.example/u/1") == {
        "List-Unsubscribe": "<https://x.example/u/1>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    assert headers("http://x.example/u/1") == {"List-Unsubscribe": "<http://x.example/u/1>"}
    assert headers("mailto:a@b.example?subject=x") == {"List-Unsubscribe": "<mailto:a@b.example?subject=x>"}
    assert headers("") == headers("https://x.example", transactional=True) == {}


def test_a_wish_is_a_fact_that_the_door_takes():
    wish = Unsubscription("ann", "email", "news", "12-1-3")
    found = read(fact(wish, T), zone="UTC", received=T, batch="http", actor="customer")
    assert isinstance(found, Fact)
    assert (found.op, found.customer, found.at, found.actor) == ("subscription.set", "ann", T, "customer")
    assert found.data == {"channel": "email", "topic": "news", "status": "unsubscribed"}
    assert "topic" not in fact(wish, T, whole_channel=True)


def test_pressed_twice_it_is_one_fact_but_not_for_ever():
    wish = Unsubscription("ann", "email", "news", "12-1-3")
    assert fact(wish, T)["key"] == fact(wish, T + 30)["key"]
    assert fact(wish, T)["key"] != fact(wish, T + 86400)["key"]
    assert fact(wish, T)["key"] != fact(wish, T, whole_channel=True)["key"]
