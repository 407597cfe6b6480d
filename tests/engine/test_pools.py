"""Codes that leave a pool by another door than the next one in line (`domain.md` §4.7)."""

from __future__ import annotations

from unittest.mock import patch

import pytest

from tests.engine.house import House

SHOP = 'define promo "P" one_time\nscenario s\n  on promo "P" issued\n  send letter by email\n'


@pytest.mark.parametrize("sizes", [1, 2000])
@pytest.mark.parametrize(
    "gone",
    [
        {"op": "promo.issue", "customer": "ann", "pool": "P", "code": "C1"},
        {"op": "promo.redeem", "customer": "ann", "code": "C1"},
        {"op": "order.create", "customer": "ann", "order": {"id": "1", "promo": "C1"}},
    ],
)
def test_a_code_that_is_gone_is_not_the_next_one_also_in_one_batch(gone, sizes):
    shop = House(SHOP)
    shop.customer("ann", "bob")
    shop.fact("06-01 08:00", "promo.load", pool="P", codes=["C1", "C2"])
    shop.tick("06-01 08:00")
    shop.fact("06-01 09:00", **gone)
    shop.fact("06-01 09:00", "promo.issue", customer="bob", pool="P")
    with patch("interpreter.tick.FACTS", sizes):
        report = shop.tick("06-01 09:00")
    assert not report.notes
    assert "06-01 09:00 letter to bob" in shop.messages()
    assert shop.store.connection.rows("SELECT key FROM belonging WHERE customer = 2") == [("C2",)]
    assert not shop.store.connection.rows("SELECT key FROM belonging WHERE kind = 'stock'")
