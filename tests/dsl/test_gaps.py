"""One mistake is told once: what a statement that could not be read may have said is not missed anywhere else."""

from __future__ import annotations

import pytest

from dsl.project import Surroundings
from dsl.project import TemplateTable
from tests.dsl.example_shop import names

LETTER = "  if subscribed email\n  send welcome\n  limit 1 per customer\n"


@pytest.mark.parametrize(
    "text",
    [
        'define balance "bonus"\nscenario paid\n  on customer registered\n  if balance "bonus" >\n' + LETTER,
        'define promo "GIFT" one_time\nscenario paid\n  on customer registered\n  isue promo "GIFT"\n' + LETTER,
        "segment vip where customer.vip\nscenario paid\n  on customer registered\n  if in segment vip and\n" + LETTER,
        'define products fresh where product.added_at > now - 30d\nscenario paid\n  on customer registered\n  send x wth y = "fresh"\n',
    ],
)
def test_a_word_that_an_unread_statement_uses_is_not_unused(text):
    assert names(text) == ["syntax"]


@pytest.mark.parametrize(
    "text",
    [
        "segment vip where customer.vip and\nsegment used where customer.vip\non order created\n  if in segment vip and in segment used\n",
        'define list "cart" "wishlist"\ndefine list "later"\non customer registered\n  add to list "later"\n  add to list "cart"\n',
        'define topic "news" x\ndefine topic "offers"\non subscription email to "offers" -> subscribed\n  if subscribed email to "news"\n',
        'define status order "new" x\ndefine status order "paid"\non order.status -> "new"\n',
        'define action "quiz" x\ndefine action "poll"\non action "poll"\n  stop on action "quiz"\n',
        'define promo "SALE" one_tyme\ndefine promo "GIFT" one_time\non customer registered\n  issue promo "GIFT"\n  issue promo "SALE"\n',
        'define balance "bonus" x\ndefine balance "miles"\non customer registered\n  if balance "miles" > balance "bonus"\n',
        'define category delivered "shipped" x\ndefine status order "paid"\non order.status -> "paid"\n  if order.status = "shipped"\n',
    ],
)
def test_a_word_that_an_unread_statement_defines_is_not_unknown(text):
    found = names(text + LETTER)
    assert [name for name in found if name == "syntax" or name.startswith("un")] == ["syntax"]


def test_a_scenario_that_cannot_be_read_is_no_unknown_one():
    text = "scenario good\n  on customer registered\n" + LETTER + "scenario paid\n  on customer registered\n  sned welcome\n"
    test = 'test "t" {\n  2026-03-01 10:00  expect goal of paid by ann\n}\n'
    assert names(text + test) == ["syntax"]
    assert names("on customer registered\n  sned welcome\n" + text.replace("sned", "send") + test.replace("paid", "main"))[0] == "syntax"


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("policy quiet 22-9x", ["syntax"]),
        ("polciy quiet 22:00-09:00", ["syntax"]),
        ("policy cap 3 messages withn 7d", ["syntax", "send-without-quiet"]),
    ],
)
def test_a_policy_that_cannot_be_read_is_not_missed(policy, expected):
    assert names(f"{policy}\non customer registered\n  if subscribed sms\n  send alert\n  limit 1 per customer\n") == expected


def test_a_comment_for_an_unread_statement_is_not_useless():
    text = "scenario paid\n  on customer registered\n  # scn: ignore[send-without-consent] they asked for it\n  sned welcome\n"
    assert names(text) == ["syntax"]
    assert names("# scn: ignore[send-without-limit] they asked for it\n" + text) == ["syntax"]
    other = "# scn: ignore[send-without-limit] they asked for it\non order created\n  call crm\n"
    assert names(other + text) == ["unused-suppression", "syntax"]


def test_what_is_certain_is_told_all_the_same():
    text = 'define list "later"\nsegment idle where customer.vip\nscenario paid\n  on customer registered\n  sned welcome\n'
    assert names(text) == ["unused-define", "unused-segment", "syntax"]
    assert "unknown-list" in names('define list "cart"\non customer registered\n  add to list "kart"\n' + text)


def test_a_template_may_name_what_an_unread_statement_defines():
    uses = {"email": (("products.fresh", "email.html:2"), ("customer.balances.miles.available", "email.html:3"))}
    shop = Surroundings(templates={"novelties": TemplateTable(("email",), uses=uses)})
    text = 'define products fresh where product.added_at > now -\ndefine balance "miles" x\ndefine balance "bonus"\n'
    letter = 'on customer registered\n  if balance "bonus" > 0\n  if subscribed email\n  send novelties\n  limit 1 per customer\n'
    assert names(text + letter, surroundings=shop) == ["syntax", "syntax"]


@pytest.mark.parametrize("line", ["on order.status = delivered", "every day 10:00"])
def test_a_trigger_in_the_first_column_that_cannot_be_read_is_not_missed(line):
    assert names(f'scenario late "Late"\n{line}\n' + LETTER) == ["syntax"]
    assert "no-trigger" in names(f'scenario late "Late"\n  wait 1d\n{line}\n' + LETTER)
