"""Products that change while people put them into lists, look at them and buy them: the same however the facts are cut."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from interpreter.phases import reach
from interpreter.project.project_folder import Folder
from interpreter.project.project_folder import open_folder
from tests.engine.house import ZONE
from tests.engine.test_simulate import stamp
from tests.engine.test_stretches import played

SCENARIOS = """
define list "wishlist", "cart"
scenario back
  on product restocked in list "wishlist"
  stop on product sold_out in list "wishlist"
  wait 6h
  if product.available
  send about by email
  limit 1 per product within 1d
scenario cheaper
  on product.price drops 10% in list where item.quantity > 0
  send about by email
scenario badge
  on product.badge, product.left changed in list "wishlist"
  send about by email
scenario seen
  on product.price drops 10 in views where action.at > now - 2d
  on product restocked in views
  wait up to 1d for product bought { end }
  send about by email
scenario replenish
  on product bought
  wait until product.expires - 1d
  send about by email
"""


@contextmanager
def shop() -> Iterator[Folder]:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "scn.toml").write_text(f'[project]\ntimezone = "{ZONE}"\n[channels.email]\nkind = "console"\n')
        (root / "all.scn").write_text(SCENARIOS)
        (root / "templates" / "about").mkdir(parents=True)
        (root / "templates" / "about" / "email.txt").write_text("{{ product.id }} {{ product.price }} {{ product.badge or '' }}\n")
        (root / "templates" / "about" / "meta.toml").write_text('subject = "about"\n')
        yield open_folder(root)


PEOPLE = st.sampled_from(["ann", "bob", "eve"])
PRODUCTS = st.sampled_from(["P", "Q"])
PRICES = st.sampled_from([None, 70, 80, 100])


@st.composite
def news(draw: st.DrawFn) -> dict[str, Any]:
    """What a feed says of a product."""
    said: dict[str, Any] = {"id": draw(PRODUCTS)}
    said |= draw(
        st.fixed_dictionaries(
            {},
            optional={
                "available": st.sampled_from([True, False, None]),
                "price": PRICES,
                "badge": st.sampled_from(["new", None]),
                "left": st.integers(0, 2),
                "expiry": st.sampled_from(["P2D", "P3D", None]),
            },
        )
    )
    return said


@st.composite
def happenings(draw: st.DrawFn) -> dict[str, Any]:
    moment = stamp(draw(st.integers(0, 3 * 86_400) | st.sampled_from([0, 3600, 3600, 7200])))
    who, product, zone = draw(PEOPLE), draw(PRODUCTS), draw(st.sampled_from([None, None, "msk", "spb"]))
    raw: dict[str, Any] = draw(
        st.sampled_from(
            [
                {"op": "product.update", "product": draw(news()), "zone": zone},
                {"op": "product.feed", "products": draw(st.lists(news(), min_size=1, max_size=3)), "zone": zone},
                {"op": "product.feed", "gone": [product], "zone": zone},
                {"op": "list.add", "customer": who, "list": draw(st.sampled_from(["wishlist", "cart"])), "product": product},
                {"op": "list.remove", "customer": who, "list": "wishlist", "product": product},
                {"op": "product.view", "customer": who, "product": product},
                {"op": "customer.edit", "customer": who, "zone": zone, "email": f"{who}@example.com", "subscribed": ["email"]},
                {
                    "op": "order.update",
                    "customer": who,
                    "order": {
                        "id": who,
                        "lines": [{"id": product, "product": product, "status": draw(st.sampled_from(["paid", "delivered"]))}],
                    },
                },
                {"op": "customer.erase", "customer": who},
            ]
        )
    )
    return raw | {"at": moment, "received": moment}


FULL = [
    {"op": "customer.edit", "customer": who, "email": f"{who}@example.com", "subscribed": ["email"], "at": stamp(0), "received": stamp(0)}
    for who in ("ann", "bob", "eve")
] + [
    {"op": "list.add", "customer": who, "list": "wishlist", "products": ["P", "Q"], "at": stamp(0), "received": stamp(0)}
    for who in ("ann", "bob", "eve")
]  # fmt: skip


@settings(max_examples=6)
@given(raw=st.lists(happenings(), min_size=2, max_size=14), owners=st.sampled_from([1, 2, 4000]), facts=st.sampled_from([3, 4000]))
def test_products_change_alike_however_the_facts_are_cut(raw, owners, facts):
    raw = FULL + raw
    with shop() as folder:
        single = played(folder, raw, facts=1, journeys=1, one_by_one=True)
        with patch.object(reach, "OWNERS", owners):
            many = played(folder, raw, facts=facts, journeys=4000)
        for table, found in single.items():
            assert many[table] == found, table


def test_a_product_that_left_the_feed_twice():
    moments = [stamp(1), stamp(3600), stamp(3700)]
    raw: list[dict[str, Any]] = [
        *FULL,
        {"op": "product.update", "product": {"id": "P", "available": True}, "at": moments[0], "received": moments[0]},
        *({"op": "product.feed", "gone": ["P"], "at": moment, "received": moment} for moment in moments[1:]),
    ]
    with shop() as folder:
        assert played(folder, raw, facts=6, journeys=4000) == played(folder, raw, facts=1, journeys=1, one_by_one=True)
