"""`scn doctor`: the words of the data beside those of the project."""

from __future__ import annotations

import json

import pytest

DEFINES = """\
define status order "new", "paid", "shipped"
define list "cart", "wishlist"
define action "quiz_done"
define balance "bonus"
define promo "GIFT" one_time
define segment "gold", "silver" in "tier"
define topic "news"
"""
FACTS = [
    {"op": "order.update", "order": {"id": 1, "status": "paid"}},
    {"op": "order.update", "order": {"id": 2, "status": "shiped", "lines": [{"id": "1", "status": "lost"}, {"id": "2", "status": "lost"}]}},
    {"op": "order.update", "order": {"id": 3, "status": "shiped"}},
    {"op": "order.update", "order": {"id": 4, "status": "shiped"}},
    {"op": "list.add", "list": "kart", "products": ["p-1", "p-2"]},
    {"op": "action.issue", "template": "quiz-done"},
    {"op": "product.view", "product": "p-1"},
    {"op": "balance.change", "account": "boni", "amount": 5},
    {"op": "promo.issue", "pool": "GIFTS", "code": "G-1"},
    {"op": "segment.add", "segment": "golden"},
    {"op": "subscription.set", "channel": "email", "topic": "newz", "status": "subscribed"},
]


@pytest.fixture
def shop(folder, scn):
    def make(text, facts=FACTS):
        root = folder({"scn.toml": '[project]\ntimezone = "UTC"\n', "shop.scn": text})
        lines = [{"op": "customer.register", "customer": "ann"}, *({"customer": "ann", **fact} for fact in facts)]
        (root / "facts.jsonl").write_text("\n".join(json.dumps({"at": "2026-03-01T10:00", **line}) for line in lines))
        assert scn("ingest", "--received", "each", "facts.jsonl").code == 0
        assert scn("run", "--tick", "--now", "2026-03-01T10:01").code == 0
        return root

    return make


def told(scn, *, words=" in the data"):
    answer = scn("doctor")
    assert answer.code == 0, answer.out
    lines = answer.out.splitlines()
    return [(line.removeprefix("note  "), lines[number + 1].strip()) for number, line in enumerate(lines) if words in line]


def test_words_of_the_data_that_no_define_has(shop, scn):
    shop(DEFINES + "on order created\n  call crm\n".replace("call crm", 'set order.status "paid"'))
    found = dict(told(scn))
    assert found["statuses in the data that no `define status order` has: `shiped` (2 orders), `lost` (1 order)"] == (
        "put the source right, or add them to `define status order`; `shiped` may mean `shipped`"
    )
    assert "lists in the data that no `define list` has: `kart` (2 lines)" in found
    assert "actions in the data that no `define action` has: `quiz-done` (1 action)" in found
    assert "balances in the data that no `define balance` has: `boni` (1 account)" in found
    assert "promo pools in the data that no `define promo` has: `GIFTS` (1 code)" in found
    assert "segments in the data that no `define segment` has: `golden` (1 customer)" in found
    assert "topics in the data that no `define topic` has: `newz`" in found


def test_nothing_is_strange_where_nothing_is_defined(shop, scn):
    shop("on order created\n  if order.total > 5\n")
    assert told(scn) == []


def test_many_strange_words_are_cut(shop, scn):
    facts = [{"op": "order.update", "order": {"id": number, "status": f"s{number}"}} for number in range(8)]
    shop(DEFINES, facts)
    assert told(scn)[0][0].endswith(" and 3 more")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            'on order.status -> "shipped"\n  if order.total > 5\n',
            ("the scenarios ask for the status `shipped`, never seen in the data", "did you mean `shiped`?"),
        ),
        (
            'on product added to list "later"\n  if product in list "wanted"\n',
            ("the scenarios ask for the lists `later`, `wanted`, never seen in the data", "seen so far: `kart`"),
        ),
        ('on order.status -> "paid"\n  set order.status "done"\nscenario s\n  on order.status -> "done"\n  if order.total > 5\n', None),
        ('on action "product.view"\n  if customer.city = "Kazan"\n', None),
        ('on segment golden entered\n  if balance "boni" > 5\n  if subscribed email to "newz"\n', None),
    ],
)
def test_words_of_the_scenarios_that_never_came(shop, scn, text, expected):
    shop(text)
    assert told(scn, words="never seen") == ([expected] if expected else [])


def test_a_status_that_orders_had_and_left_is_no_stranger(shop, scn):
    facts = [{"op": "order.update", "order": {"id": 1, "status": status}} for status in ("new", "paid")]
    shop('on order.status "new" -> "paid"\n  if order.total > 5\n', facts)
    assert told(scn, words="never seen") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            'on product viewed\n  if product.category in ("shoe", "hats")\n',
            ("the scenarios ask for the product category `shoe`, never seen in the data", "did you mean `shoes`?"),
        ),
        (
            'on product.stock_let changed in list "wishlist"\n  if product.price > 5\n',
            ("the scenarios ask for the product field `stock_let`, never seen in the data", "did you mean `stock_left`?"),
        ),
        ('on product viewed\n  if product.badge = "new" and product.category = "hats" and product.stock_left < 3\n', None),
    ],
)
def test_words_of_products(shop, scn, text, expected):
    facts = [
        {"op": "product.update", "product": {"id": "p-1", "category": "shoes", "stock_left": 5}},
        {"op": "product.update", "product": {"id": "p-2", "category": "hats"}},
        {"op": "product.update", "product": {"id": "p-2", "badge": "new"}, "zone": "msk"},
    ]
    shop(text, facts)
    assert told(scn, words="never seen") == ([expected] if expected else [])
