"""The examples of the language page are fine: no check finds anything in them."""

from __future__ import annotations

import pytest

from dsl.catalog import EVENTS
from tests.dsl.example_shop import findings

REPEAT_ORDER = """scenario repeat_order "Bring them back for a second order"
  on order.status -> category delivered
  where order.total >= 1000
  valid 1d
  stop on order created
  goal order created within 30d
  holdout 10%

  wait 14d quiet 22:00-09:00
  if order is not cancelled
  if subscribed email
  send related_products
  wait 3d at 10:00 quiet 22:00-09:00
  if no order since start and no message within 1d
  if subscribed email
  send new_arrivals

  limit 1 per customer within 90d
"""

ONE_LINE = 'on order.status -> "{}" wait 7d quiet 22:00-09:00 if subscribed email send review_request limit 1 per customer'

STATEMENTS = """segment vip where sum(order.total within 365d) >= 50000
policy quiet 22:00-09:00 for sms, push
policy cap 3 messages within 7d
policy cap 1 sms within 24h else hold 2d        # else skip is the default
define status order "new", "paid", "shipped", "delivered", "выдан", "cancelled"
define category delivered "delivered", "выдан"
define field customer.birthday date
define list "cart", "wishlist"
define topic "news"
define action "quiz_done"
define balance "bonus"
define segment "gold", "silver" in "tier"
define promo "NEXT10" one_time valid 30d generate "NEXT-########"
define products novelties where product.added_at > now - 30d

scenario all_of_it
  on action "quiz_done"
  stop on subscription email to "news" -> unsubscribed
  if in segment vip or in segment gold or in segment silver
  if count(orders (order.status in ("paid", "выдан")) within 30d) > 2
  if balance "bonus" >= 100
  add to list "cart"
  add to list "wishlist"
  issue promo "NEXT10"
  if subscribed email
  send gift with newest = "novelties"
  limit 1 per customer each month
"""

TESTED = """scenario review
  on order.status -> "shipped"
  wait 7d quiet 22:00-09:00
  if subscribed email
  split new_letter {
    50% new { send review_request }
    50% popular { send new_arrivals }
  }
  limit 1 per customer

test "a night delivery waits for the morning" {
  customer ann { email: "ann@example.com", subscribed: [email] }
  2026-03-01 23:30  order 17 of ann { status: "shipped" }
  ann takes new in new_letter
  2026-03-09 09:00  expect send review_request to ann by email
  expect nothing else
}
"""


@pytest.mark.parametrize(
    "text", [REPEAT_ORDER, ONE_LINE.format("shipped"), ONE_LINE.format("Отправлен"), STATEMENTS, TESTED], ids=lambda text: text[:20]
)
def test_the_language_page_is_fine(text):
    assert findings(text) == []


@pytest.mark.parametrize(
    "schedule",
    [
        "every day at 10:00",
        "every monday at 10:00",
        "every month on day 1 at 09:00",
        "every month on last day at 12:00",
        'every "0 10 * * 1-5"',
        "every year on customer.birthday at 10:00",
        "every year on customer.birthday - 7d at 10:00",
        *(f"on {kind.spelling}" for kind in EVENTS.values() if kind.key != "every"),
    ],
)
def test_every_start_is_fine(schedule):
    segment = "segment vip where customer.vip\n" if "segment vip" in schedule else ""
    assert findings(f"{segment}{schedule}\n  if subscribed email\n  send welcome\n  limit 1 per customer\n") == []


@pytest.mark.parametrize(
    ("start", "wait"),
    [
        ("order created", "wait until order.delivery_date - 3d at 10:00"),
        ("product bought", "wait until product.expires - 3d"),
        ('balance "bonus" changed', "wait until change.expires_at - 7d"),
        ("order created", "wait until monday 10:00"),
        ("order created", "wait until 10:00 quiet 22:00-09:00, sun"),
        ("order created", "wait 3d only 10:00-20:00"),
        ("order created", "wait up to 3d for order.status -> category paid { end } else { wait 1h }"),
    ],
)
def test_every_wait_is_fine(start, wait):
    assert findings(f"on {start}\n  {wait}\n  if subscribed email\n  send welcome\n  limit 1 per customer within 30d\n") == []
