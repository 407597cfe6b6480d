"""`scn explain`: everything has a page, and a scenario is told with its defaults."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsl.checker import all_checks
from interpreter.telling.glossary import entries
from interpreter.telling.near_events import near_events
from interpreter.telling.trade_words import TOPICS
from interpreter.telling.trade_words import Topic
from interpreter.telling.trade_words import statements

LIBRARY = Path(__file__).parent.parent.parent / "scenarios"

FULL = """\
scenario repeat_order "Bring them back for a second order"
  on order.status -> category delivered where order.total >= 1000
  every month on last day at 12:00 for segment vip
  valid 12h
  quiet 22:00-09:00, sun
  stop on order created
  stop when order is cancelled
  goal order created within 30d
  holdout 10%
  priority 5
  active from 2026-05-01 to 2026-06-01
  formerly again

  wait 14d as pause
  if order is not cancelled
  if subscribed email {
    send related_products by email, sms with discount = 10
  } else if reachable sms {
    send short by sms quiet 20:00-10:00 sat-sun
  } else {
    end
  }
  wait up to 3d for message clicked {
    set order.status "done"
  } else {
    send note to "boss@shop.example"
  }
  wait until order.delivery_date - 3d at 10:00
  wait until monday 09:30
  wait 3d at 10:00 only 10:00-20:00
  split letter {
    50% new { send fresh by email }
    50% old { send stale by email }
  }

  limit 1 per customer within 90d
  limit 2 per order since created
  limit 5 per "scenario" each day

segment vip where customer.vip

policy quiet 21:00-10:00 for sms, push
policy cap 3 messages within 7d
policy cap 1 sms within 24h else hold 2d
"""


def test_a_scenario_in_plain_words(folder, scn, golden) -> None:
    folder({"repeat.scn": FULL})
    answer = scn("explain", "repeat.scn")
    assert answer.code == 0
    golden("explain/full.txt", answer.out)


def test_the_defaults_of_one_line_are_spelled_out(folder, scn, golden) -> None:
    folder({"scn.toml": '[project]\ntimezone = "Europe/Moscow"\nvalid = "2h"\n', "hello.scn": "on customer created send hello by email\n"})
    golden("explain/defaults.txt", scn("explain", "hello").out)
    assert scn("explain", "hello").out == scn("explain", "hello.scn").out


def test_a_folder_tells_all_its_scenarios(folder, scn) -> None:
    folder(
        {
            "a/x.scn": "on customer created send hello\n",
            "a/y.scn": "on customer created send hello\n",
            "a/z.scn": "on order.status -> x\n  wiat\n",
        }
    )
    answer = scn("explain", "a/x.scn", "a/y.scn")
    assert [line for line in answer.out.splitlines() if ".scn:" in line] == ["x: a/x.scn:1", "y: a/y.scn:1"]
    assert scn("explain", "a/z.scn").code == 1


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("wait", "wait (keyword)"),
        ("order.status", "order.status (event)"),
        ("E03a", 'on order.status -> "shipped"'),
        ("e10", "message"),
        ("order.update", "order.update (operation)"),
        ("order.total", "order.total (field)"),
        ("held", "held (state of a journey)"),
        ("cap", "cap (reason why a message was skipped)"),
        ("later_change", "reason why no journey started"),
        ("pool_empty", "error of a journey"),
        ("email", "email (channel)"),
        ("delivered", "delivered (category of statuses)"),
        ("config", "config (check)"),
        ("encoding", "encoding (check)"),
        ("send-without-limit", "Severity: warning."),
    ],
)
def test_every_kind_of_thing_has_a_page(name: str, said: str, folder, scn) -> None:
    folder()
    answer = scn("explain", name)
    assert answer.code == 0
    assert said in answer.out


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("message opened", "message.opened (event)"),
        ("promo issued", "promo.issued (event)"),
        ("segment entered", "segment.entered (event)"),
        ('list "cart" changed', "list.changed (event)"),
        ('on order.status "new" -> "paid"', "order.status (event)"),
        ("stop on", "stop (keyword)"),
        ("wait up to", "wait (keyword)"),
    ],
)
def test_events_and_clauses_are_known_as_a_scenario_writes_them(written: str, said: str, folder, scn) -> None:
    folder()
    answer = scn("explain", written)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith(said)


def test_a_word_with_several_meanings_has_all_of_them(folder, scn) -> None:
    folder()
    answer = scn("explain", "limit")
    assert answer.out.count("limit (") == 3


def test_every_check_is_listed_and_every_entry_says_something(folder, scn) -> None:
    folder()
    listed = scn("explain", "--all").out
    assert [name for name in all_checks() if f"  {name} " not in listed] == []
    assert [entry.name for entry in entries() if not entry.summary.strip()] == []


def test_an_unknown_name_is_guessed(folder, scn) -> None:
    folder()
    assert "did you mean `wait`?" in scn("explain", "wiat").err
    assert "--all" in scn("explain", "qqqqqq").err


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("drops", 'on product.price drops 10% in list "wishlist"` or `on product.price drops 10% in views`'),
        ("on price drops", 'on product.price drops 10% in list "wishlist"` or `on product.price drops 10% in views`'),
        ('on balance "b" expiring', 'on balance "bonus" changed`, then `wait until change.expires_at - 7d`'),
        ('on balance "b" chaged', 'on balance "bonus" negative` or `on balance "bonus" available` or `on balance "bonus" changed`'),
        ('on list "x" added', 'on product added to list "cart"`'),
        ("restock in list", 'on product restocked in list "wishlist"`'),
        ("viewed", "on product viewed`"),
    ],
)
def test_events_in_other_words_are_told_as_a_scenario_writes_them(written: str, hint: str, folder, scn) -> None:
    folder()
    answer = scn("explain", written)
    assert (answer.code, answer.err) == (2, f"scn: nothing is called `{written}`\n  an event is written `{hint}\n")


def test_what_is_offered_instead_can_be_explained(folder, scn) -> None:
    """Every hint leads to a page: it is an event by itself."""
    folder()
    for word in ("drops", "rises", "added", "sold", "paid", "points", "opened", "signup", "birthday"):
        for event in near_events(word, whole=True):
            assert scn("explain", event.strip("`")).code == 0, event


@pytest.mark.parametrize(
    ("asked", "written", "library"),
    [
        ("abandoned cart", "on session ended", "abandoned_session"),
        ("Carts abandoned", "on session ended", "abandoned_session"),
        ("birthday", "every year on customer.birthday - 7d at 10:00", None),
        ("wishlist", 'define list "wishlist"', "price_drop"),
        ("win-back campaign", "every day at 10:00 for segment sleeping", "comeback"),
        ("reactivation", "every day at 10:00 for segment sleeping", "comeback"),
        ("welcome series", "on customer registered", "welcome"),
        ("price drop", "on product.price drops 10% in views", "viewed_price_drop"),
        ("back in stock", 'on product restocked in list "waitlist"', "back_in_stock"),
        ("review request", "on order.status -> category delivered", "review_request"),
        ("promo code", 'issue promo "NEXT10"', "next_order"),
        ("promocode", 'issue promo "NEXT10"', "next_order"),
        ("cart", "on session ended", "abandoned_session"),
        ("inactive customers", "every day at 10:00 for segment sleeping", "comeback"),
        ("coupons", 'issue promo "NEXT10"', "next_order"),
        ("quiet hours", "policy quiet 22:00-09:00 for sms, push", "policies"),
        ("double opt-in", "on customer.email changed", "email_confirmed"),
        ("unsubscribe", "on subscription email -> unsubscribed", None),
        ("A/B test", "split subject {", "repeat_order"),
    ],
)
def test_what_a_marketer_calls_it_leads_to_how_it_is_written(asked: str, written: str, library: str | None, folder, scn) -> None:
    folder()
    answer = scn("explain", asked)
    assert (answer.code, answer.err) == (0, "")
    assert "(in the words of the trade)\n" in answer.out
    assert written in answer.out
    assert ("In the library" in answer.out) == (library is not None)
    assert library is None or f"`scenarios/{library}.scn`" in answer.out


def test_words_of_scn_mean_what_they_mean_there(folder, scn) -> None:
    folder()
    for word in ("limit", "unsubscribed", "order status", "stop on", "segment", "holdout"):
        assert "words of the trade" not in scn("explain", word).out, word


def test_a_scenario_of_this_project_is_told_rather_than_the_word_of_the_trade(folder, scn) -> None:
    folder({"scn.toml": "", "welcome.scn": "on customer created send hello by email\n"})
    assert scn("explain", "welcome").out.startswith("welcome: welcome.scn:1\n")
    assert scn("explain", "birthday").out.startswith("birthday (in the words of the trade)\n")


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_each_word_of_the_trade_is_written_without_a_finding_and_leads_to_what_exists(topic: Topic, folder, scn) -> None:
    folder()
    text = statements(topic)
    assert scn("validate", "-", stdin=text) == scn("validate", "-", stdin="")
    assert scn("fmt", "-", stdin=text).out == text
    assert [name for name in topic.see if scn("explain", name).code != 0] == []
    assert [name for name in topic.library if not (LIBRARY / f"{name}.scn").exists()] == []
    for name in (topic.name, *topic.also):
        assert f"\n\n{topic.meaning}\n" in scn("explain", name).out, name


def test_operations_list_what_they_carry(folder, scn) -> None:
    folder()
    assert "\n- `account`: name of the balance (needed)\n" in scn("explain", "balance.change").out
    assert "\n- `order.lines[].price`: price of one\n" in scn("explain", "order.status").out
    assert [entry.name for entry in entries() if entry.kind == "operation" and "\n- `" not in entry.page] == []
