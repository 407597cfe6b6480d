"""Words that do not exist: each place where one can be written, with its fix; what is left over."""

from __future__ import annotations

import pytest

from dsl.project import ChannelTable
from dsl.project import Surroundings
from dsl.project import TemplateTable
from dsl.source import Source
from tests.dsl.example_shop import TEMPLATES
from tests.dsl.example_shop import findings
from tests.dsl.example_shop import names
from tests.dsl.example_shop import project

DEFINES = """define status order "new", "paid", "shipped"
define list "cart"
define segment "gold" in "tier"
define topic "news"
define action "quiz_done"
define balance "bonus"
define promo "NEXT10" one_time

"""
LETTER = "  if subscribed email\n  send welcome\n  limit 1 per customer\n"


def told(text):
    """The findings apart from words that nobody uses."""
    return [found for found in findings(DEFINES + text) if not found.check.startswith("unused")]


def test_defined_words_alone_are_fine():
    assert told("on order created\n" + LETTER) == []


@pytest.mark.parametrize(
    ("check", "text"),
    [
        ("unknown-status", 'on order.status "nwe" -> "paid"'),
        ("unknown-status", 'on order.status -> "paid" | "shippd"'),
        ("unknown-status", 'on any line.status -> "shippd"'),
        ("unknown-status", 'on order created\n  stop on order.status -> "shippd"'),
        ("unknown-status", 'on order created\n  if order.status = "shippd"'),
        ("unknown-status", 'on order created\n  if "shippd" != order.status'),
        ("unknown-status", 'on order created\n  if order.status in ("paid", "shippd")'),
        ("unknown-status", 'on order created\n  if any line (line.status = "shippd")'),
        ("unknown-status", 'on order created\n  if any order (this.order.status = "shippd")'),
        ("unknown-status", 'on order created\n  set order.status "shippd"'),
        ("unknown-status", 'test "t" {\n  10:00 order 17 of ann { total: 5, status: "shippd" }\n}\n\non order created'),
        ("unknown-status", 'test "t" {\n  10:00 order 17 of ann { lines: [{ id: "1", status: shippd }] }\n}\n\non order created'),
        ("unknown-word", 'test "t" {\n  10:00 lst.add of ann { list: "cart" }\n}\n\non order created'),
        ("unknown-field", "on customer.emal changed"),
        ("unknown-field", "on customer.bonus_level, customer.emal changed"),
        ("unknown-field", 'on product.prcie, product.badge changed in list "cart"'),
        ("unknown-list", 'on list "crat" changed'),
        ("unknown-list", 'on product added to list "crat"'),
        ("unknown-list", 'on product restocked in list "crat"'),
        ("unknown-list", 'on product viewed\n  if product in list "crat"'),
        ("unknown-list", 'on product viewed\n  add to list "crat"'),
        ("unknown-segment", "on segment gol entered"),
        ("unknown-segment", "on order created\n  if in segment gol"),
        ("unknown-segment", 'on order created\n  add to segment "gol"'),
        ("unknown-segment", 'on order created\n  remove from segment "gol"'),
        ("unknown-segment", "every day at 10:00 for segment gol"),
        ("unknown-topic", 'on subscription email to "nwes" -> subscribed'),
        ("unknown-topic", 'on order created\n  if subscribed email to "nwes"'),
        ("unknown-action", 'on action "quiz_don"'),
        ("unknown-action", 'on product action "quiz_don"'),
        ("unknown-action", 'on order created\n  if any action "quiz_don" within 3d'),
        ("unknown-balance", 'on balance "bonsu" changed'),
        ("unknown-balance", 'on order created\n  if balance "bonsu" > 5'),
        ("unknown-balance", 'on customer changed\n  award 5 to balance "bonsu"'),
        ("unknown-balance", 'on order created\n  deduct 5 from balance "bonsu"'),
        ("unknown-balance", 'test t {\n  2026-01-01 10:00  expect award 5 to balance "bonsu" of ann\n}'),
        ("unknown-balance", 'test t {\n  2026-01-01 10:00  expect deduct 5 from balance "bonsu" of ann\n}'),
        ("unknown-promo", 'on promo "NEXT1" issued'),
        ("unknown-promo", 'on order created\n  issue promo "NEXT1"'),
        ("unknown-channel", "on subscription emial -> subscribed"),
        ("unknown-channel", "on order created\n  if reachable emial"),
        ("unknown-channel", "on order created\n  if no message by emial within 1d"),
        ("unknown-template", "on message welcom opened"),
        ("unknown-template", "on order created\n  if any message welcom opened since start"),
        ("unknown-template", "on order created\n  if any message openend since start"),
        ("unknown-call", "on order created\n  call cmr"),
    ],
)
def test_a_slip_is_found_where_it_stands_and_mended(check, text):
    text += "\n" if "\n" in text else "\n" + LETTER
    [found] = told(text)
    assert found.check == check
    assert found.hint.startswith("did you mean")
    assert found.fix.safe
    whole = DEFINES + text
    assert whole[found.span.start : found.span.end].strip('"') in found.message
    fixed = whole[: found.fix.span.start] + found.fix.replacement + whole[found.fix.span.end :]
    assert check not in names(fixed)


@pytest.mark.parametrize(
    "text",
    [
        'on order.status -> "shippd"',
        'on list "crat" changed',
        'on action "quiz_don"',
        'on balance "bonsu" changed',
        'on promo "NEXT1" issued',
        "on segment gol entered",
        'on subscription email to "nwes" -> subscribed',
    ],
)
def test_without_a_define_any_word_will_do(text):
    assert names(text + "\n" + LETTER) == []


def test_a_word_that_is_near_nothing_lists_what_there_is():
    [found] = told('on order.status -> "zzz"\n' + LETTER)
    assert found.hint == "expected `new`, `paid` or `shipped`; add it to `define status order`"
    assert found.fix is None


def test_a_category_names_statuses_that_are_defined():
    [found] = told('define category paid "payed"')
    assert found.check == "unknown-status"


def test_a_calculated_segment_is_changed_by_no_step():
    [found] = told('segment vip where customer.vip\non order created\n  add to segment "vip"')
    assert found.message == "`vip` is calculated: no step can change who is in it"


def test_a_static_and_a_calculated_segment_can_both_be_asked_for():
    assert told("segment vip where customer.vip\non order created\n  if in segment vip or in segment gold\n" + LETTER) == []


def test_without_a_define_steps_make_static_segments():
    text = 'segment vip where in segment tried\non order created\n  if in segment vip\n  add to segment "tried"'
    assert names(text) == []
    assert names(text.replace("in segment tried", "in segment tired")) == ["unknown-segment"]


def test_the_topic_of_a_template_is_a_topic_too():
    templates = {**TEMPLATES, "daily": TemplateTable(("email",), topic="nwes")}
    around = Surroundings(templates=templates)
    text = 'define topic "news"\non order created\n  if subscribed email to "news"\n  send daily\n  limit 1 per customer within 1d'
    [found] = findings(text, surroundings=around)
    assert found.message == "the template `daily` has the unknown topic `nwes`"


@pytest.mark.parametrize("channel", ["email", "sms", "viber", "push", "webpush", "flash"])
def test_channels_known_by_name(channel):
    assert names(f"on order created\n  if subscribed {channel}\n  call crm") == []


def test_a_channel_of_the_project():
    around = Surroundings(channels={"telegram": ChannelTable("http")})
    assert names("on order created\n  if subscribed telegram\n  call crm", surroundings=around) == []
    assert names("on order created\n  if subscribed telegram\n  call crm") == ["unknown-channel"]


def test_a_cap_names_messages_or_a_channel():
    assert names("policy cap 3 messages within 7d\npolicy cap 1 message within 1d\npolicy cap 1 sms within 1d") == []
    assert names("policy cap 3 mesages within 7d") == ["unknown-channel"]


def test_a_lone_file_is_not_asked_for_its_surroundings():
    text = "on order created\n  if subscribed email\n  send anything\n  call whatever\n  set order.x 1\n  limit 1 per customer within 3d"
    assert names(text, surroundings=Surroundings()) == []


# ---------------------------------------------------------------------------------------------------------------- tests


TESTED = """scenario hello
  on customer registered
  if subscribed email
  split letter {{
    50% short {{ send welcome }}
    50% long {{ send new_arrivals }}
  }}
  limit 1 per customer

test "t" {{
  {line}
}}
"""


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("expect send welcome to ann by email", []),
        ("expect send welcom to ann by email", ["unknown-template"]),
        ("expect send welcome to ann by emial", ["unknown-channel"]),
        ("expect skip welcome to ann because no_consent", []),
        ("expect skip welcome to ann because no_consnt", ["unknown-reason"]),
        ("expect skip welcome to ann because condition", ["unknown-reason"]),
        ("expect ann stopped in hello because condition", []),
        ("expect ann stopped in hello because template", []),
        ("expect ann stopped in hello because no_consent", ["unknown-reason"]),
        ("expect ann stopped in helo because condition", ["unknown-scenario"]),
        ("expect goal of hello by ann", []),
        ("expect goal of helo by ann", ["unknown-scenario"]),
        ("ann takes short in letter", []),
        ("ann takes shrt in letter", ["unknown-scenario"]),
        ("ann takes short in leter", ["unknown-scenario"]),
        ("ann in holdout of helo", ["unknown-scenario"]),
    ],
)
def test_words_of_tests(line, expected):
    assert names(TESTED.format(line=line)) == expected


def test_a_template_to_be_written_is_told_where_it_is_sent():
    text = TESTED.format(line="expect send letter_to_come to ann by email").replace("send welcome", "send letter_to_come")
    found = [one for one in findings(text) if one.check == "unknown-template"]
    assert [one.span.start for one in found] == [text.index("letter_to_come")]


# ------------------------------------------------------------------------------------------------------------ left over


def test_words_that_nobody_uses():
    assert [found.message for found in findings(DEFINES) if found.check == "unused-define"] == [
        "the list `cart` is never used",
        "the segment `gold` is never used",
        "the topic `news` is never used",
        "the action `quiz_done` is never used",
        "the balance `bonus` is never used",
        "the promo pool `NEXT10` is never used",
    ]


def test_a_word_of_a_test_is_used():
    text = 'define list "cart"\ntest "t" {\n  2026-03-01 10:00  list.add of ann { list: "cart", products: ["p-9"] }\n}'
    assert names(text) == []


def test_a_word_of_another_file_is_used():
    assert names('define action "quiz_done"', 'on action "quiz_done"\n' + LETTER) == []


def test_of_a_lone_file_nobody_knows_who_uses_its_words():
    assert names('define action "quiz_done"\nsegment vip where customer.vip', surroundings=Surroundings()) == []


def test_a_misspelt_use_is_no_second_finding():
    assert names('define action "quiz_done"\n\non action "quiz_don"\n' + LETTER) == ["unknown-action"]


def test_findings_know_their_file():
    found = project("on order created\n" + LETTER, "on ordr created\n" + LETTER)
    assert isinstance(found.files[1].source, Source)
    [finding] = findings("on order created\n" + LETTER.replace("1 per customer", "1 per customer within 1d"), "on ordr created\n" + LETTER)
    assert finding.source.path == "more1.scn"


def test_a_channel_that_does_not_exist_is_one_mistake():
    assert [found.check for found in told("on order created\n  if subscribed telegram\n  send welcome\n  limit 1 per customer\n")] == [
        "unknown-channel"
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("segment a where in segment a", "the segment `a` asks for itself"),
        ("segment a where in segment b\nsegment b where in segment a", "the segments `a` and `b` ask for each other"),
        (
            "segment a where in segment b\nsegment b where in segment c or customer.vip\nsegment c where not in segment a",
            "the segments `a`, `b` and `c` ask for each other",
        ),
    ],
)
def test_segments_in_a_circle(text, message):
    assert [found.message for found in findings(text) if found.check == "segment-cycle"] == [message]


def test_segments_that_ask_for_others_are_no_circle():
    text = "segment a where in segment b\nsegment b where customer.vip\nsegment c where in segment a and in segment b"
    assert [found for found in findings(text) if found.check == "segment-cycle"] == []
