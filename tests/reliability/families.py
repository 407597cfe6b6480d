"""Another shop, with everything a customer can have: lists, looks, visits, segments, points, codes, cards, and records that become one.

Small pools and short times, so that within three days codes run out and are made, points come and burn, visits end, and somebody leaves
a segment because of nothing but time. Owners, products and customers are gone through by two.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from tests.reliability.story import FILES
from tests.reliability.story import Action
from tests.reliability.story import Story
from tests.reliability.story import customer
from tests.reliability.story import order

LOADED = ("W-1", "W-2", "W-3", "W-4")
"""The codes that are given out in turn; the last one comes later."""

_NAMES = {
    "gift": "Yours: {{ gift.code }}",
    "next": "The next: {{ promo.code }}",
    "points": "You have {{ points }}",
    "burning": "Soon gone: {{ change.remaining }}",
    "left": "You looked at {{ session.viewed | length }}",
    "back": "It is back: {{ product.name }}",
    "one": "You are one",
    "card": "Your card {{ card.number }}",
}

_FILES = {
    "scn.toml": FILES["scn.toml"],
    "words.scn": """
define list "cart", "waitlist", "seen"
define segment "silver", "gold" in "tier"
define balance "bonus"
define promo "WELCOME" one_time valid 2d
define promo "NEXT" one_time valid 1mo generate "N-##"
segment buyers where sum(order.total within 1d) >= 15
segment collectors where balance "bonus" > 50
""",
    "codes.scn": """
scenario welcome
  on customer registered
  if subscribed email
  issue promo "WELCOME" as gift
  send gift by email
scenario next_order
  on segment buyers entered
  issue promo "NEXT"
  send next by email
  wait 1d
  if promo.redeemed_at is not set
  award 3 to balance "bonus"
scenario used
  on promo "WELCOME" redeemed
  award 5.5 to balance "bonus"
scenario asked
  on code requested
  transactional
  send login by sms
""",
    "points.scn": """
scenario quiz
  on action "quiz_done"
  wait 10m
  award 70 to balance "bonus" expires in 1d
  add to segment "silver"
  deduct 30 from balance "bonus"
  limit 2 per customer
scenario ready
  on balance "bonus" available
  send points by email with points = balance "bonus"
scenario debt
  on balance "bonus" negative
  add to segment "gold"
  send text by sms
scenario burns
  on balance "bonus" changed where change.kind = "accrual" and change.expires_at is set
  wait until change.expires_at - 6h
  if change.remaining > 0
  send burning by email
""",
    "segments.scn": """
scenario no_buyer
  on segment buyers left
  add to segment "silver"
scenario collects
  on segment collectors entered
  send text by sms
scenario each_morning
  every day at 09:00 for segment "silver"
  deduct 1 from balance "bonus"
""",
    "products.scn": """
scenario looked
  on product viewed
  add to list "seen"
  wait 1d
  remove from list "seen"
scenario back
  on product restocked in list "waitlist"
  wait 5m
  if product.available and product in list "waitlist"
  send back by email
  remove from list "waitlist"
scenario cheaper
  on product.price drops 10% in views
  send text by sms
scenario left
  on session ended
  wait 30m
  if session.viewed is not empty
  send left by email
""",
    "others.scn": """
scenario one_again
  on customer merged
  send one by email
scenario card_new
  on card replaced
  send card by email
  wait up to 1d for card.status -> blocked { award 1 to balance "bonus" }
""",
    "templates/login/sms.txt": "Your code: {{ code.value }}\n",
    "templates/login/meta.toml": 'kind = "transactional"\n',
    "templates/text/sms.txt": "Come and see\n",
    **{f"templates/{name}/email.txt": f"{text} {{{{ unsubscribe_url }}}}\n" for name, text in _NAMES.items()},
    **{f"templates/{name}/meta.toml": f'subject = "{name}"\n' for name in _NAMES},
    "feed-1.xml": """
<yml_catalog><shop><categories><category id="1">Tea</category></categories><offers>
<offer id="P" available="false"><name>Pot</name><price>100</price><categoryId>1</categoryId></offer>
<offer id="Q" available="true"><name>Cup</name><price>50</price></offer>
<offer id="R" available="true"><name>Jar</name><price>70</price></offer>
<offer id="S" available="true"><name>Lid</name><price>7</price></offer>
</offers></shop></yml_catalog>
""",
    "feed-2.xml": """
<yml_catalog><shop><categories><category id="1">Tea</category></categories><offers>
<offer id="P" available="true"><name>Pot</name><price>80</price><categoryId>1</categoryId></offer>
<offer id="Q" available="true"><name>Cup</name><price>40</price></offer>
<offer id="R" available="true"><name>Jar</name><price>70</price></offer>
</offers></shop></yml_catalog>
""",
}

_HEARD = {"heard.scn": 'scenario heard\n  on message gift sent\n  award 1 to balance "bonus"\n'}


def _fact(op: str, who: str | None, at: str, **data: Any) -> dict[str, object]:
    return {"op": op, "at": f"2026-03-{at}", **({} if who is None else {"customer": who}), **data}


_FIRST: list[dict[str, object]] = [
    _fact("promo.load", None, "01T12:00", pool="WELCOME", codes=list(LOADED[:3])),
    *(customer(key, "2026-03-01T12:00", "email", "sms") for key in ("ann", "bob", "cat", "dan")),
    customer("eve", "2026-03-01T12:01", "email"),
    _fact("list.add", "ann", "01T12:10", list="waitlist", product="P"),
    _fact("list.add", "bob", "01T12:10", list="waitlist", products=["P", "Q"]),
    _fact("list.add", "eve", "01T12:11", list="waitlist", product="P"),
    _fact("session.activity", "ann", "01T12:15"),
    _fact("product.view", "ann", "01T12:16", product="P"),
    _fact("product.view", "eve", "01T12:17", product="Q", price=50),
    _fact("session.activity", "eve", "01T12:20"),
    _fact("product.view", "eve", "01T12:21", product="P"),
    _fact("list.set", "eve", "01T12:22", list="cart", products=[{"id": "Q", "quantity": 2}, "S"]),
    _fact("session.close", "eve", "01T12:23"),
    _fact("action.issue", "bob", "01T12:30", template="quiz_done"),
    _fact("balance.change", "ann", "01T12:30", account="bonus", amount=40, available_from="2026-03-02T11:30", id="a-1"),
    _fact("balance.change", "eve", "01T12:30", account="bonus", amount=0.1, expires="2d"),
    _fact("balance.change", "dan", "01T12:31", account="bonus", amount=9, available_from="2026-03-04T10:00"),
    _fact("card.issue", "ann", "01T12:40", number="100", status="activated"),
    _fact("code.generate", "cat", "01T12:40", value="1234", expires="5m"),
    order("cat", 1, "2026-03-01T13:00", total=10, status="new"),
    order("cat", 2, "2026-03-01T13:30", total=10, status="new", promo="W-1"),
    order("eve", 3, "2026-03-01T14:00", total=20, status="new"),
]
_SECOND: list[dict[str, object]] = [
    _fact("promo.load", None, "02T12:00", pool="WELCOME", codes=list(LOADED[2:])),
    customer("fay", "2026-03-02T12:05", "email"),
    _fact("customer.merge", None, "02T12:10", **{"into": "ann", "from": ["eve"]}),
    _fact("card.replace", None, "02T12:20", old="100", new="200"),
    _fact("promo.redeem", "bob", "02T12:30", code="W-2"),
    _fact("balance.change", "bob", "02T12:40", account="bonus", amount=-60),
    _fact("balance.change", "ann", "02T12:41", account="bonus", id="a-1", expires_at="2026-03-03T20:00"),
    _fact("action.issue", "eve", "02T13:00", template="quiz_done"),
    _fact("session.activity", "bob", "02T13:00"),
    _fact("list.clear", "eve", "02T13:10", list="cart"),
    _fact("card.status", None, "02T14:00", number="200", status="blocked"),
    _fact("segment.remove", "bob", "02T15:00", segment="silver"),
    _fact("customer.erase", "dan", "02T15:00"),
]

#: The file of codes comes again as a whole; whose codes some of it were is forgotten by now.
_THIRD: list[dict[str, object]] = [
    _fact("promo.load", None, "02T18:30", pool="WELCOME", codes=[*LOADED, "W-5"]),
    customer("gus", "2026-03-02T19:00", "email"),
    _fact("balance.change", "cat", "02T19:00", account="bonus", kind="reset"),
]

FAMILIES = Story(
    "families",
    _FILES,
    _HEARD,
    {"first": _FIRST, "second": _SECOND, "third": _THIRD},
    (
        Action("run --tick --now 2026-03-01T11:00"),
        Action("ingest --format yml --received 2026-03-01T11:30 feed-1.xml"),
        Action("ingest --received each first.jsonl"),
        Action("run --tick --now 2026-03-01T12:00 --until 2026-03-02T11:00"),
        Action("ingest --received each second.jsonl"),
        Action("ingest --format yml --received 2026-03-02T12:15 feed-2.xml"),
        Action("run --tick --now 2026-03-02T11:01 --until 2026-03-02T18:00"),
        Action("backup copy.db", clock="2026-03-02T18:00"),
        Action("forget bob --yes", clock="2026-03-02T18:00"),
        Action("ingest --received each third.jsonl"),
        Action("run --tick --now 2026-03-02T18:01 --until 2026-03-04T12:00"),
    ),
    portion=2,
)


def wrong_codes(state: dict[str, list[Any]]) -> str:
    """What is wrong with the codes at any moment at all: one in two places, one that is nowhere, one that nobody loaded."""
    places = Counter(json.loads(row[4])["code"] for row in state["belonging"] if row[1] in {"promo", "stock"})
    waiting = {row[-1] for row in state["inbox"]}
    # A step has taken it, and the fact that says so has its turn next.
    places.update(json.loads(row[-1]).get("code") for row in state["fact"] if row[1] == "promo.issue" and row[0] in waiting)
    loads = [(row[0], json.loads(row[-1])["codes"]) for row in state["fact"] if row[1] == "promo.load"]
    loaded = {code for fact, codes in loads if fact not in waiting for code in codes}
    found = {
        "twice": sorted(code for code, count in places.items() if count > 1),
        "lost": sorted(loaded - places.keys()),
        "never loaded": sorted(code for code in places.keys() - loaded if not code.startswith("N-")),
    }
    return "; ".join(f"{what}: {', '.join(codes)}" for what, codes in found.items() if codes)
