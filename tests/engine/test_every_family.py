"""Projects and facts of every family at once: no tick raises, and what must always hold holds behind each of them.

Projects are put together from pieces; a piece that the checker refuses at its place is left out.
"""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from dsl.checker import check
from dsl.diagnostic import Severity
from dsl.project import Surroundings
from dsl.project import load
from dsl.source import Source
from interpreter.facts import Fact
from interpreter.facts import read
from interpreter.phases import reach
from interpreter.phases import recalculate
from tests.engine.house import ZONE
from tests.engine.house import House
from tests.engine.house import moment
from tests.engine.test_simulate import stamp

WORDS = """
define list "wishlist", "cart"
define balance "bonus"
define promo "FRIEND" referral
define promo "MADE" one_time valid 30d generate "M-##"
define promo "P" one_time valid 30d
define segment "silver", "gold" in "tier"
define action "go", "ping"
define status order "new", "paid", "delivered"
define category delivered "delivered"
define field customer.level number
define field product.badge text
define field product.sale_ends moment
"""
EVENTS = """
session ended, order created, order changed, order.status -> "paid", any line.status -> "delivered", product bought,
product restocked in list "wishlist", product sold_out in list, product.price drops 10% in list, product.price rises 10% in list,
product.badge changed in list, product added to list "cart", list "cart" changed, product restocked in views,
product.price drops 10 in views, product.badge changed in views, product viewed, action "go", product action "ping",
product action "list.add" | "product.view", message letter formed, message letter sent, customer created, customer registered,
customer merged, code requested, customer.email changed, customer.email confirmed, customer changed, customer.level changed,
subscription email -> subscribed, segment gold entered, segment silver left, segment moving entered, segment moving left,
balance "bonus" negative, balance "bonus" available, balance "bonus" changed, promo "MADE" issued, promo "P" issued,
promo "P" redeemed, promo "FRIEND" referred, card.status -> activated, card replaced
"""
CONDITIONS = """
customer.level > 1; any order (order.total >= 100); count(orders within 2d) >= 1; any view (view.product.category = "shoes");
any view (view.product.price < 90); any item (item.list = "cart" and item.product.price < 90); at least 2 sessions within 2d;
balance "bonus" >= 5; balance "bonus" expiring within 1d > 0; any change (change.kind = "accrual") within 1d;
any promo (promo.redeemed_at is not set); no message within 1d; any action "go" within 1d; subscribed email; in segment gold;
last(order.created_at) < now - 1d; any line (line.product.price < 90); any line (line.status = "delivered"); customer.email is set
"""
OWN = """
product.available; product in list "wishlist"; item.quantity > 0; view.price > 10; change.remaining > 0; promo.redeemed_at is not set;
card.status = "activated"; any view in session.viewed; any item in session.added (item.product.price > 1); order.total > 10;
line.product.price < 90; code.value is set; action.template = "go"
"""
STEPS = """
send letter by email; wait 10m; wait 1d; wait until product.sale_ends - 1h; wait until promo.valid_until - 1d;
deduct 7 from balance "bonus"; award 5 to balance "bonus" expires in 1d; add to segment "gold"; add to segment "silver";
add to list "wishlist"; set customer.level 3; remove from list "cart"; issue promo "MADE"; issue promo "P" as gift; issue promo "FRIEND"
"""
LIMITS = ("customer", "product", "session", "promo", "card", "line")


def pieces(text: str, sign: str) -> st.SearchStrategy[str]:
    return st.sampled_from([piece.strip().replace("\n", " ") for piece in text.split(sign) if piece.strip()])


def valid(text: str) -> bool:
    project = load([Source("shop.scn", text)], Surroundings(timezone=ZONE))
    return not any(found.severity is Severity.ERROR for found in (*project.diagnostics, *check(project)))


@st.composite
def projects(draw: st.DrawFn) -> str:
    """Words, a segment that moves people, and some scenarios."""
    text = WORDS + f"segment moving where {draw(pieces(CONDITIONS, ';'))}\n"
    for number in range(draw(st.integers(1, 5))):
        event = draw(st.sampled_from([one.strip() for one in EVENTS.replace("\n", " ").split(", ")]))
        scenario = f"scenario s{number}\n  on {event}\n"
        if draw(st.booleans()):
            scenario = f"scenario s{number}\n  on {event} where {draw(pieces(CONDITIONS + ';' + OWN, ';'))}\n"
        if draw(st.integers(0, 5)) == 0:
            scenario = f"scenario s{number}\n  every day at 10:00 where {draw(pieces(CONDITIONS, ';'))}\n"
        parts = [draw(pieces(STEPS, ";")) for _ in range(draw(st.integers(1, 4)))]
        parts.insert(0, f"if {draw(pieces(CONDITIONS + ';' + OWN, ';'))}")
        parts.append(f"limit 2 per {draw(st.sampled_from(LIMITS))} within 1d")
        for part in parts:
            if valid(f"{text}{scenario}  {part}\n  send letter by email\n"):
                scenario += f"  {part}\n"
        if valid(f"{text}{scenario}  send letter by email\n"):
            text += f"{scenario}  send letter by email\n"
    return text


WHO = ("ann", "bob", "eve")
CODES = ("P-1", "P-2", "F-1", "X")


@st.composite
def happenings(draw: st.DrawFn) -> dict[str, Any]:
    def one_of(*several: Any) -> Any:
        return draw(st.sampled_from(several))

    who, product, order, card, code = one_of(*WHO), one_of("A", "B"), one_of("1", "2"), one_of("7", "8"), one_of(*CODES)
    beside = {"customer": who}
    row = {"id": one_of("1", "2"), "product": product, "price": one_of(5, 100), "status": one_of("paid", "delivered"), "promo": code}
    news = one_of(
        {"available": one_of(True, False)},
        {"price": one_of(50, 70, 100)},
        {"badge": one_of("new", None), "category": one_of("shoes", "hats")},
        {"sale_ends": stamp(draw(st.integers(0, 4)) * 86_400)},
    )
    raw: dict[str, Any] = one_of(
        {"op": "customer.register", **beside, "email": one_of("a@x.com", "b@x.com"), "subscribed": ["email"]},
        {"op": "customer.edit", **beside, "level": one_of(0, 3), "zone": one_of(None, "msk")},
        {"op": "contact.confirm", "kind": "email", **beside},
        {"op": "customer.erase", **beside},
        {"op": "customer.merge", "into": who, "from": [one_of(*WHO, "new")]},
        {"op": "message.status", "message": one_of(1, 2, 3), "status": one_of("opened", "bounced")},
        {"op": "subscription.set", **beside, "channel": "email", "status": one_of("subscribed", "unsubscribed")},
        {"op": "balance.change", **beside, "account": "bonus", "amount": one_of(30, 0.1, -20)},
        {"op": "balance.change", **beside, "account": "bonus", "amount": 7, "expires": "1d"},
        {"op": "card.issue", **beside, "number": card, "status": one_of("activated", "inactive")},
        {"op": "card.status", "number": card, "status": one_of("activated", "blocked")},
        {"op": "card.replace", "old": card, "new": "9"},
        {"op": "promo.load", "pool": one_of("P", "FRIEND"), "codes": [one_of("P-1", "F-1"), one_of("P-2", "F-2")]},
        {"op": "promo.issue", **beside, "pool": one_of("P", "MADE", "FRIEND")},
        {"op": "promo.issue", **beside, "pool": "P", "code": code},
        {"op": "promo.redeem", **beside, "code": code},
        {"op": "promo.redeem", "order": order, "code": code},
        {"op": "order.create", **beside, "order": {"id": order, "total": one_of(50, 150), "lines": [row]}},
        {"op": "order.update", "order": {"id": order, "status": one_of("new", "paid"), "promo": code}},
        {"op": "session.activity", **beside},
        {"op": "session.close", **beside},
        {"op": "product.view", **beside, "product": product},
        {"op": "list.add", **beside, "list": one_of("cart", "wishlist"), "product": product},
        {"op": "list.clear", **beside, "list": "cart"},
        {"op": "product.update", "product": {"id": product, **news}, "zone": one_of(None, None, "msk")},
        {"op": "product.feed", "products": [{"id": product, **news}], "gone": one_of([], ["B"])},
        {"op": "action.issue", **beside, "template": one_of("go", "ping"), "products": one_of([product], [])},
        {"op": "code.generate", **beside, "value": "12"},
        {"op": one_of("segment.add", "segment.remove"), **beside, "segment": one_of("gold", "silver")},
    )
    second = draw(st.integers(0, 2 * 86_400) | st.sampled_from([0, 3600, 86_400]))
    return raw | {"at": stamp(second), "received": second + one_of(0, 0, 30, 7200)}


def holds(shop: House, now: int) -> None:
    """Everybody is in the segments whose condition he meets, in one of a tier, and no code or card is there twice."""
    engine = shop.engine
    running = engine._launched(now)
    assert engine._ids is not None
    batch = engine.batch(running, engine._ids, now)
    customers = [customer for customer in shop.store.entities.all_customers(0, 100) if not customer.erased]
    batch.shop.know_customers(customers)
    recalculate.load(batch, [customer.id for customer in customers])
    for customer in customers:
        view = batch.view(0, customer, at=now, started=now)
        members = view.of("segment")
        for segment in engine.rules.segments:
            assert segment.condition.test(view) is (segment.name in members), (segment.name, customer.key)
        assert not {"silver", "gold"} <= members.keys()
    for kind in ("promo', 'stock", "card"):
        keys = [key for (key,) in shop.store.connection.rows(f"SELECT key FROM belonging WHERE kind IN ('{kind}')")]
        assert len(keys) == len(set(keys)), kind


@settings(max_examples=6, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(text=projects(), raw=st.lists(happenings(), min_size=8, max_size=24), sizes=st.sampled_from([(2000, 4000), (1, 4000), (2, 1)]))
def test_whatever_comes_together_no_tick_fails_and_everything_is_in_its_place(text, raw, sizes):
    shop = House(text)
    launch = moment("2026-03-01 00:00")
    shop.tick("2026-02-28 23:00")
    for number, row in enumerate(raw):
        known = {name: value for name, value in row.items() if name != "received"} | {"key": str(number)}
        fact = read(known, zone=ZONE, received=launch + row["received"], batch=str(number), actor="customer")
        assert isinstance(fact, Fact), fact
        shop.store.facts.add([fact])
    with patch("interpreter.tick.FACTS", sizes[0]), patch.object(reach, "OWNERS", sizes[1]):
        for report in shop.engine.run_until(launch, launch + 5 * 86_400):
            holds(shop, report.now)
    shop.store.close()
