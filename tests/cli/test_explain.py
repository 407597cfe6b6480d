"""`scn explain`: everything has a page, and a scenario is told with its defaults."""

from __future__ import annotations

import pytest

from dsl.checker import all_checks
from interpreter.telling.glossary import entries
from interpreter.telling.near_events import near_events

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
        ("back in stock", 'on product restocked in list "wishlist"` or `on product restocked in views`'),
        ("cart abandoned", "on session ended`"),
        ("birthday", "every day at 10:00`"),
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


def test_operations_list_what_they_carry(folder, scn) -> None:
    folder()
    assert "\n- `account`: name of the balance (needed)\n" in scn("explain", "balance.change").out
    assert "\n- `order.lines[].price`: price of one\n" in scn("explain", "order.status").out
    assert [entry.name for entry in entries() if entry.kind == "operation" and "\n- `" not in entry.page] == []
