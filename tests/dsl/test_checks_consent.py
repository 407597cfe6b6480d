"""Consent, law and pressure: what reaches people who said no, at night, or too often."""

from __future__ import annotations

import pytest

from dsl.project import Surroundings
from tests.dsl.example_shop import findings
from tests.dsl.example_shop import names


def ordinary(*steps, start="customer registered", more=""):
    return f"on {start}\n" + "".join(f"  {step}\n" for step in steps) + f"  limit 1 per customer\n{more}"


# ------------------------------------------------------------------------------------------------------------- consent


@pytest.mark.parametrize(
    "steps",
    [
        ["if subscribed email", "send welcome"],
        ["if subscribed email and customer.vip", "send welcome"],
        ["if not (not subscribed email)", "send welcome"],
        ['if subscribed email to "news"', "send welcome"],
        ["if subscribed email { send welcome }"],
        ["if subscribed email or subscribed sms", "send sale by email, sms quiet 22:00-09:00"],
        ["if not subscribed email { end }", "send welcome"],
        ["if customer.vip { if subscribed email } else { if subscribed email }", "send welcome"],
        ["if subscribed email", "set order.note 5", "send welcome", "send new_arrivals"],
        ["if subscribed email", "split s { 50% a { send welcome } 50% b { } }", "send new_arrivals"],
        ['send welcome to "manager@shop.example"'],
        ["if subscribed sms { send alert quiet 22:00-09:00 } else if subscribed email { send welcome }"],
        ["wait up to 1d for order created", "if subscribed email", "send welcome"],
    ],
)
def test_asked_for(steps):
    assert "send-without-consent" not in names(ordinary(*steps))


@pytest.mark.parametrize(
    "steps",
    [
        ["send welcome"],
        ["if subscribed email", "wait 1h", "send welcome"],
        ["if subscribed email", "wait up to 1h for order created", "send welcome"],
        ["if subscribed email", "wait until 10:00", "send welcome"],
        ["if subscribed sms", "send sale by email"],
        ["if not subscribed email", "send welcome by email"],
        ["if subscribed email or customer.vip", "send welcome"],
        ["if subscribed email or subscribed sms", "send sale by email"],
        ["if customer.vip { if subscribed email }", "send welcome"],
        ["if subscribed email { set order.note 5 }", "send welcome"],
        ["if reachable email", "send welcome"],
    ],
)
def test_not_asked_for(steps):
    assert "send-without-consent" in names(ordinary(*steps))


@pytest.mark.parametrize(
    ("steps", "message", "hint"),
    [
        (
            ['if subscribed email to "offers"', "send welcome"],
            '`welcome` has no topic, so it needs `subscribed email`; asked is `subscribed email to "offers"`',
            'write `topic = "offers"` into templates/welcome/meta.toml, or ask `if subscribed email`',
        ),
        (
            ['if customer.vip and subscribed email to "offers"', "send digest"],
            '`digest` has the topic "weekly", so it needs `subscribed email to "weekly"`; asked is `subscribed email to "offers"`',
            'write `topic = "offers"` into templates/digest/meta.toml, or ask `if subscribed email to "weekly"`',
        ),
    ],
)
def test_a_letter_that_goes_by_another_topic_than_asked(steps, message, hint):
    [found] = findings(ordinary(*steps))
    assert (found.check, found.message, found.hint) == ("consent-to-another-topic", message, hint)


@pytest.mark.parametrize(
    "steps",
    [
        ['if subscribed email to "weekly"', "send digest"],
        ["if subscribed email", "send digest"],
        ["if subscribed email", "send welcome"],
        ['if subscribed email to "offers"', "if subscribed email", "send welcome"],
        ['if subscribed email to "offers" or subscribed email to "weekly"', "send digest"],
        ['if subscribed email to "offers"', 'send welcome to "manager@shop.example"'],
        # Asked too early, or of another channel: `send-without-consent` says so.
        ['if subscribed email to "offers"', "wait 1d", "send welcome"],
        ['if subscribed sms to "offers"', "send sale by email"],
        # What a template has that nobody knows is not judged.
        ['if subscribed email to "offers"', "send unheard_of by email"],
    ],
)
def test_a_letter_that_may_go_by_what_was_asked(steps):
    assert "consent-to-another-topic" not in names(ordinary(*steps))


def test_a_misspelt_topic_is_one_mistake():
    assert names('define topic "weekly"\n' + ordinary('if subscribed email to "weekyl"', "send digest")) == ["unknown-topic"]


def test_consent_before_the_wait_is_said_to_be_too_early():
    [found] = findings(ordinary("if subscribed email", "wait 1h", "send welcome"))
    assert found.message == "`welcome` is sent without asking for consent after the last wait"


def test_the_fix_asks_on_a_line_of_its_own():
    text = ordinary("wait 1h", "if customer.vip {", "  send welcome", "}")
    [found] = findings(text)
    assert found.fix
    assert not found.fix.safe
    span = found.fix.span
    assert "    if subscribed email\n    send welcome\n" in text[: span.start] + found.fix.replacement + text[span.end :]


def test_the_fix_asks_within_a_line():
    text = "on customer registered send welcome limit 1 per customer"
    [found] = findings(text)
    assert found.fix
    span = found.fix.span
    fixed = text[: span.start] + found.fix.replacement + text[span.end :]
    assert fixed == "on customer registered if subscribed email send welcome limit 1 per customer"
    assert findings(fixed) == []


def test_a_transactional_scenario_needs_no_consent():
    assert names("on order created\n  transactional\n  send receipt") == []


def test_nothing_is_said_of_channels_that_cannot_be_told():
    """A lone file: without its templates the channel of a send is not known."""
    assert names(ordinary("send anything"), surroundings=Surroundings()) == []


# --------------------------------------------------------------------------------------------------------- law


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("on order created\n  transactional\n  send sale by email", ["marketing-in-transactional"]),
        ('on order created\n  transactional\n  send sale to "manager@shop.example"', []),
        (ordinary("if subscribed email", "send receipt", start="order created"), ["transactional-in-marketing"]),
        ("on customer edited\n  transactional\n  send notice by email", ["transactional-trigger"]),
        ("every day at 10:00\n  transactional\n  send notice by email", ["transactional-trigger"]),
        ("on customer.phone confirmed\n  transactional\n  send notice by email", []),
        (ordinary("if subscribed email", "send plain"), ["email-without-unsubscribe"]),
        (ordinary('send plain to "manager@shop.example"'), []),
        ("on order created\n  transactional\n  send notice by email", []),
    ],
)
def test_the_law(text, expected):
    assert names(text) == expected


# ---------------------------------------------------------------------------------------------------------- pressure


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("on customer registered\n  if subscribed email\n  send welcome", ["send-without-limit"]),
        ("on customer registered\n  set order.note 5", ["unavailable-field"]),
        ('on customer registered\n  send welcome to "manager@shop.example"', []),
        ("on order created\n  transactional\n  send receipt", []),
        ("on customer registered\n  call crm", []),
    ],
)
def test_no_limit(text, expected):
    assert names(text) == expected


def test_x34_4_a_schedule_without_a_limit_writes_every_day():
    """X34.4: daily, filter "no orders for 30 days", no limit."""
    assert names("every day at 10:00 where no order within 30d\n  if subscribed email\n  send welcome") == ["send-without-limit"]


@pytest.mark.parametrize(
    ("text", "loud"),
    [
        (ordinary("if subscribed sms", "send alert"), True),
        (ordinary("if subscribed sms", "send alert quiet 22:00-09:00"), False),
        (ordinary("quiet 22:00-09:00", "if subscribed sms", "send alert"), False),
        (ordinary("only 10:00-20:00", "if subscribed sms", "send alert"), False),
        (ordinary("wait 1d quiet 22:00-09:00", "if subscribed sms", "send alert"), False),
        (ordinary("wait 1d at 10:00", "if subscribed sms", "send alert"), False),
        (ordinary("wait 1d at 23:00", "if subscribed sms", "send alert"), True),
        (ordinary("wait 1d", "if subscribed sms", "send alert"), True),
        (ordinary("if subscribed sms", "send alert", more="policy quiet 22:00-09:00 for sms"), False),
        (ordinary("if subscribed sms", "send alert", more="policy quiet 22:00-09:00"), False),
        (ordinary("if subscribed sms", "send alert", more="policy quiet 22:00-09:00 for push"), True),
        (ordinary("if subscribed email", "send welcome"), False),
        ("every day at 10:00\n  if subscribed sms\n  send alert\n  limit 1 per customer", False),
        ("every day at 05:00\n  if subscribed sms\n  send alert\n  limit 1 per customer", True),
        ("on order created\n  transactional\n  send notice by sms", False),
        (ordinary("if subscribed sms or subscribed email", "send sale by email, sms"), True),
        # A slip of the hand in the channel is one mistake, `unknown-channel`.
        (ordinary("if subscribed \u0435mail", "send welcome by \u0435mail"), False),
    ],
)
def test_ringing_at_night(text, loud):
    assert ("send-without-quiet" in names(text)) is loud


# ------------------------------------------------------------------------------------------------ channels and values


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (["if subscribed sms", "send sale quiet 22:00-09:00"], []),
        (["if subscribed email", "if subscribed sms", "send sale"], ["unclear-channel"]),
        (["if subscribed email", "if subscribed sms", "send sale by email"], []),
        (["if customer.vip { if subscribed email } else { if subscribed sms }", "send sale"], ["unclear-channel"]),
        (["if subscribed sms", "send welcome quiet 22:00-09:00"], ["template-without-channel"]),
        (["if subscribed email", "send gift"], ["template-value"]),
        (["if subscribed email", "send coupon"], ["template-value"]),
        (["if subscribed email", "send coupon with discount = 10"], []),
        (['issue promo "P"', "if subscribed email", "send gift"], []),
        (["if subscribed email", "send gift", 'issue promo "P"'], ["template-value"]),
        (["if subscribed email", "send broken"], ["template-problem"]),
    ],
)
def test_channels_and_values_of_templates(steps, expected):
    assert names(ordinary(*steps)) == expected


def test_a_template_goes_through_the_lines_of_the_order():
    """The loop `{% for line in order.lines %}` reads `order.lines.prise`; a field of the shop's own may hold anything."""
    [found] = findings(ordinary("if subscribed email", "send letter", start="order changed"))
    assert found.message == "the template `letter` uses `order.lines.prise` (email.html:5), and `line` has no field `prise`"
    assert found.hint == "did you mean `price`?"


def test_a_slip_in_a_channel_is_no_consent_that_was_not_asked():
    assert names(ordinary("if subscribed email", "send welcome by emial")) == ["unknown-channel"]
    assert names(ordinary("send welcome by email")) == ["send-without-consent"]
