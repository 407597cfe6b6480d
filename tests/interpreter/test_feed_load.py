"""Loads of a feed, held against the plainest thing they may mean: whoever applies all facts knows what the feed says now."""

from __future__ import annotations

from functools import partial
from typing import Any

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from interpreter.facts import Fact
from interpreter.facts import read
from interpreter.ingest import feed_load
from interpreter.ingest.feed_load import Load
from interpreter.ingest.offers import Offer
from interpreter.store.sqlite import Store

DOOR = partial(read, zone="UTC", received=0, batch="b", actor="import")

_FIELDS = {"price": st.integers(1, 3), "name": st.sampled_from("xy"), "badge": st.sampled_from("xy"), "available": st.booleans()}
_FEEDS = st.lists(st.dictionaries(st.sampled_from("abcdefg"), st.fixed_dictionaries({}, optional=_FIELDS)), min_size=1, max_size=5)


def loaded(store: Store, feed: dict[str, dict[str, Any]], zone: str | None) -> list[Fact]:
    facts: list[Fact] = []
    load = Load(store.feeds, DOOR, zone, whole=True)
    bad = [one for line, (key, said) in enumerate(feed.items(), 1) for one in load.add(Offer(line, key, {"id": key, **said}))]
    bad += load.end()
    assert bad == []
    with store.transaction():
        load.write(facts.extend)
    return facts


@settings(max_examples=80)
@given(feeds=_FEEDS, zone=st.sampled_from((None, "spb")), portions=st.tuples(*(st.integers(1, 4) for _ in range(3))))
def test_the_facts_of_all_loads_say_what_the_feed_says_now(feeds, zone, portions):
    kept = feed_load.TOGETHER, feed_load.IN_FACT, feed_load.STORED
    feed_load.TOGETHER, feed_load.IN_FACT, feed_load.STORED = portions
    store = Store(":memory:")
    try:
        known: dict[str, dict[str, Any]] = {}
        here: set[str] = set()
        # Another feed beside it is another matter.
        loaded(store, {"a": {"price": 9}, "z": {"price": 9}}, "other")
        for feed in feeds:
            for fact in loaded(store, feed, zone):
                assert fact.data.get("zone") == zone
                for product in fact.data.get("products", ()):
                    mine = known.setdefault(product["id"], {})
                    mine.update({name: value for name, value in product.items() if name != "id"})
                    here.add(product["id"])
                assert here.issuperset(fact.data.get("gone", ()))
                here.difference_update(fact.data.get("gone", ()))
            assert here == feed.keys()
            assert {key: {name: value for name, value in known[key].items() if value is not None} for key in here} == feed
            assert loaded(store, feed, zone) == [], "the same again is no news"
    finally:
        store.close()
        feed_load.TOGETHER, feed_load.IN_FACT, feed_load.STORED = kept
