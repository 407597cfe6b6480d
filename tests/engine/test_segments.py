"""Segments that recalculate themselves: new ones, edits, the clock, kills (`domain.md` E23, E24, `language.md` §3)."""

from __future__ import annotations

from unittest.mock import patch

import pytest

from interpreter.phases import recalculate
from tests.engine.house import House

LETTER = "scenario s\n  on segment vip entered\n  send came by email\nscenario t\n  on segment vip left\n  send went by email\n"
RICH = "segment vip where sum(order.total within 30d) >= 100\n"


@pytest.mark.example("X23.4")
@pytest.mark.parametrize("chunk", [1, 2, 1000])
def test_whoever_matches_when_a_segment_is_new_enters_it_with_the_first_tick(chunk):
    shop = House(LETTER)
    shop.customer("ann", "bob", "eve")
    for number, key in enumerate(("ann", "eve")):
        shop.fact("06-01 10:00", "order.create", customer=key, order={"id": number, "total": 100})
    shop.tick("06-01 10:00")
    shop.edit(RICH + LETTER)
    with patch.object(recalculate, "CHUNK", chunk):
        shop.tick("06-02 10:00")
    assert shop.messages() == ["06-02 10:00 came to ann", "06-02 10:00 came to eve"]
    shop.tick("06-02 10:01")
    assert len(shop.messages()) == 2


def test_another_text_asks_everybody_anew():
    shop = House(RICH + LETTER)
    shop.customer("ann", "bob")
    shop.tick("06-01 09:00")
    shop.fact("06-01 10:00", "order.create", customer="ann", order={"id": 1, "total": 100})
    shop.fact("06-01 10:00", "order.create", customer="bob", order={"id": 2, "total": 200})
    shop.tick("06-01 10:00")
    shop.edit(RICH.replace("100", "150") + LETTER)
    shop.tick("06-02 10:00")
    assert shop.messages()[2:] == ["06-02 10:00 went to ann"]
    shop.edit(LETTER)
    shop.tick("06-03 10:00")
    shop.edit(RICH + LETTER)
    shop.tick("06-04 10:00")
    assert sorted(shop.messages()[3:]) == ["06-04 10:00 came to ann", "06-04 10:00 came to bob"], "nobody was in it while it was gone"


def test_time_alone_takes_out_of_a_window():
    shop = House(RICH + LETTER)
    shop.customer("ann")
    shop.tick("06-01 09:00")
    shop.fact("06-01 10:00", "order.create", customer="ann", order={"id": 1, "total": 60})
    shop.fact("06-11 10:00", "order.create", customer="ann", order={"id": 2, "total": 60})
    shop.run("06-01 09:01", "08-01 00:00")
    assert shop.messages() == ["06-11 10:00 came to ann", "07-01 10:01 went to ann"]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("last(order.created_at) < now - 10d", "06-11 10:01"),
        ("now - last(order.created_at) > 10d", "06-11 10:01"),
        ("customer.meeting <= now + 1d", "06-04 12:00"),
        ("customer.meeting - now < 12h", "06-05 00:01"),
        ("last(order.created_at) < now - 1mo", "07-01 10:01"),
    ],
)
def test_a_date_that_is_reached_brings_in(where, expected):
    shop = House("define field customer.meeting moment\n" + f"segment vip where {where}\n" + LETTER)
    shop.customer("ann", meeting="2024-06-05T12:00")
    shop.tick("06-01 09:00")
    shop.fact("06-01 10:00", "order.create", customer="ann", order={"id": 1, "total": 60})
    shop.run("06-01 09:01", "08-01 00:00")
    assert shop.messages()[:1] == [f"{expected} came to ann"]


def test_what_steps_do_counts_in_the_same_tick():
    shop = House(
        'segment tired where count(messages within 7d) >= 2\nscenario go\n  on action "go"\n  send letter by email\n'
        + LETTER.replace("vip", "tired")
    )
    shop.customer("ann")
    shop.tick("06-01 09:00")
    for at in ("06-01 10:00", "06-02 10:00"):
        shop.go(at)
        shop.tick(at)
    assert shop.messages()[2:] == ["06-02 10:00 came to ann"]


def test_a_tick_that_is_killed_anywhere_forgets_nobody(tmp_path):
    for number in range(1, 200):
        shop = House(RICH + LETTER, tmp_path / f"{number}.db")
        shop.customer("ann", "bob")
        shop.tick("06-01 09:00")
        shop.fact("06-01 10:00", "order.create", customer="ann", order={"id": 1, "total": 100})
        with shop.killed_at(number):
            shop.tick("06-01 10:00")
        killed = shop.messages() == []
        shop.tick("06-01 10:01")
        assert [message.split(" ", 2)[2] for message in shop.messages()] == ["came to ann"], number
        if not killed:
            return
    pytest.fail("the tick never came to its end")


def test_a_fact_between_a_recalculation_and_its_outcome_counts():
    """Both orders come in one tick, but not in one batch: the customer never belonged to it."""
    shop = House(RICH + LETTER)
    shop.customer("ann")
    shop.tick("06-01 09:00")
    shop.fact("06-01 10:00", "order.create", customer="ann", order={"id": 1, "total": 100})
    shop.fact("06-01 10:00", "order.update", order={"id": 1, "total": 50})
    with patch("interpreter.tick.FACTS", 1):
        shop.tick("06-01 10:00")
    assert shop.messages() == []


@pytest.mark.parametrize("sizes", [1, 2000])
def test_a_product_that_an_order_names_first_is_known_to_the_segment_that_asks_about_it(sizes):
    shop = House("segment vip where any line (line.product.price < 90)\n" + LETTER)
    shop.customer("ann")
    shop.fact("06-01 09:00", "product.update", product={"id": "P", "price": 50})
    shop.tick("06-01 09:00")
    shop.fact("06-01 10:00", "order.create", customer="ann", order={"id": 1, "lines": [{"id": 1, "product": "P"}]})
    shop.fact("06-01 10:00", "order.create", customer="ann", order={"id": 2, "lines": [{"id": 1, "product": "Q"}]})
    with patch("interpreter.tick.FACTS", sizes):
        shop.tick("06-01 10:00")
    assert shop.messages() == ["06-01 10:00 came to ann"]


@pytest.mark.parametrize(
    ("where", "before", "fact"),
    [
        (
            "any item (item.product.price < 90)",
            {"op": "list.add", "customer": "ann", "list": "cart", "product": "P"},
            {"op": "product.update", "product": {"id": "P", "price": 50}},
        ),
        (
            'any view (view.product.category = "shoes")',
            {"op": "product.view", "customer": "ann", "product": "P"},
            {"op": "product.update", "product": {"id": "P", "category": "shoes"}, "zone": "msk"},
        ),
        (
            'any card (card.type = "gold")',
            {"op": "card.issue", "customer": "ann", "number": "7", "status": "activated"},
            {"op": "card.status", "number": "7", "status": "activated", "type": "gold"},
        ),
        (
            "any promo (promo.redeemed_at is set)",
            {"op": "promo.issue", "customer": "ann", "pool": "P", "code": "P-1"},
            {"op": "promo.redeem", "customer": "bob", "code": "P-1"},
        ),
        (
            "no order within 9d",
            {"op": "order.create", "customer": "ann", "order": {"id": "1"}},
            {"op": "order.update", "customer": "bob", "order": {"id": "1"}},
        ),
    ],
)
@pytest.mark.parametrize("owners", [1, 4000])
def test_what_changes_without_an_event_of_theirs_moves_customers(where, before, fact, owners):
    shop = House('define list "cart"\ndefine promo "P" one_time\n' + f"segment vip where {where}\n" + LETTER)
    shop.customer("ann", "bob", "eve")
    shop.fact("06-01 09:00", **before)
    shop.tick("06-01 09:00")
    came = shop.messages()
    assert not any(message.endswith("to ann") for message in came)
    shop.fact("06-02 10:00", **fact)
    with patch("interpreter.phases.reach.OWNERS", owners):
        shop.tick("06-02 10:00")
    assert shop.messages()[len(came) :][0] == "06-02 10:00 came to ann"


def test_of_the_moments_at_which_a_segment_was_asked_again_nothing_is_kept(tmp_path):
    shop = House("segment vip where no order within 1d\n" + LETTER, tmp_path / "shop.db")
    shop.customer("ann")
    for day in range(1, 9):
        shop.fact(f"06-{day:02} 10:00", "order.create", customer="ann", order={"id": day})
    shop.run("06-01 09:00", "06-20 00:00")
    kept = shop.store.connection.rows("SELECT op, count(*) FROM fact GROUP BY op")
    assert dict(kept) == {"customer.import": 1, "order.create": 8, "segment.review": 1, "segment.enter": 2, "segment.leave": 1}


def test_a_tick_that_is_killed_anywhere_tells_of_a_segment_after_its_journeys_have_acted(tmp_path):
    """As one does that nobody kills: the letter goes, and the journey is through before it could be stopped."""
    text = RICH + LETTER + "scenario hello\n  on order created\n  stop on segment vip entered\n  send letter by email\n"
    text += "scenario daily\n  every day at 10:00\n  send daily by email\n"
    found = set()
    for number in range(1, 300, 2):
        shop = House(text, tmp_path / f"{number}.db")
        shop.customer("ann")
        shop.tick("06-01 09:00")
        shop.fact("06-01 10:00", "order.create", customer="ann", order={"id": 1, "total": 100})
        whole = []
        with shop.killed_at(number):
            whole.append(shop.tick("06-01 10:00"))
        shop.tick("06-01 10:00")
        found.add(tuple(sorted(shop.messages())))
        if whole:
            break
    assert found == {tuple(f"06-01 10:00 {name} to ann" for name in ("came", "daily", "letter"))}
