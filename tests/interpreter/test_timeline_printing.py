"""What `scn test` prints is read by marketers: golden files, to be reviewed as a user interface."""

from __future__ import annotations

import pytest

from interpreter.timeline.printing import WIDTH
from interpreter.timeline.printing import width
from tests.interpreter.timelines import REVIEW
from tests.interpreter.timelines import printed

ANN = 'customer ann { email: "ann@example.com", first_name: "Ann", subscribed: [email] }'
BOB = 'customer bob { email: "bob@example.com" }'
SHIPPED = '2026-03-01 23:30  order 17 of {} {{ status: "shipped", total: 1200 }}'

CASES = {
    "passed": (ANN, SHIPPED.format("ann"), "2026-03-09 09:00  expect send letter to ann by email"),
    "other_time": (
        ANN,
        SHIPPED.format("ann"),
        '2026-03-08 23:30  expect send letter to ann by email containing "order 17"',
        "expect nothing else",
    ),
    "no_consent": (BOB, SHIPPED.format("bob"), "2026-03-09 09:00  expect send letter to bob", "expect nothing else"),
    "not_started": (ANN, '2026-03-01 12:00  order 17 of ann { status: "new" }', "+7d  expect send letter to ann"),
    "unexpected": (ANN, SHIPPED.format("ann"), "2026-03-05 10:00  expect nothing", "2026-03-20 10:00  expect nothing"),
    "other_text": (ANN, SHIPPED.format("ann"), '2026-03-09 09:00  expect send letter to ann containing "order 18"'),
    "other_channel_and_reason": (
        ANN,
        BOB,
        SHIPPED.format("ann"),
        '23:31  order 18 of bob { status: "shipped", total: 900 }',
        "2026-03-09 09:00  expect send letter to ann by sms",
        "09:00  expect bob stopped in review because limit",
    ),
    "never": (ANN, SHIPPED.format("ann"), '2026-03-03 12:00  order 17 of ann { status: "cancelled" }', "expect send letter to ann"),
    "mistakes": (
        "customer bob { email: 12 }",
        SHIPPED.format("bob"),
        "09:00  expect nothing",
        "+1d  expect send letter to bobb",
        "+1d  expect bob stopped in revew because forgotten",
    ),
    "wide": (
        (
            'customer "анна" { email: "anna@example.com", first_name: "Анна", city: "Санкт-Петербург", comment: "こんにちは、世界", '
            "subscribed: [email, sms] }"
        ),
        '2026-03-01 12:00  order "заказ-17" of "анна" { status: "shipped", total: 1200 }',
        '2026-03-08 12:00  expect send letter to "анна" by email containing "Дорогая Анна, как вам заказ-17? Расскажите другим"',
        "+1d  expect nothing",
        "+1d  expect nothing",
        "+1d  expect nothing",
        '+1d  expect send letter to "анна" by email',
    ),
    "far_apart": (
        ANN,
        *(f'2026-03-{day:02} 12:00  order {day} of ann {{ status: "new" }}' for day in range(1, 9)),
        "2026-03-08 12:00  expect send letter to ann",
        *(f'2026-03-{day:02} 12:00  order {day} of ann {{ status: "new" }}' for day in range(9, 17)),
        "+1m  expect set order 17 status asked",
    ),
}


def text(name):
    return REVIEW + f'\ntest "{name.replace("_", " ")}" {{\n' + "".join(f"  {line}\n" for line in CASES[name]) + "}\n"


@pytest.mark.parametrize("name", CASES)
def test_both_timelines_side_by_side(folder, golden, name):
    golden(f"timeline/{name}.txt", printed(folder, text(name)))


@pytest.mark.parametrize("name", CASES)
def test_no_line_is_wider_than_a_terminal(folder, name):
    assert not [line for line in printed(folder, text(name)).splitlines() if width(line) > WIDTH]


def test_colours_change_nothing_else(folder, golden):
    coloured = printed(folder, text("other_time"), colour=True)
    golden("timeline/colour.txt", coloured)
    import re

    assert re.sub("\x1b\\[[0-9;]*m", "", coloured) == printed(folder, text("other_time"))


def test_what_customers_wrote_cannot_steer_the_terminal(folder):
    name = "un\x1b[31mexpected"
    found = printed(folder, REVIEW + f'test "{name}" {{\n  {ANN}\n  2026-03-01 10:00 expect send letter to ann containing "\x1b[2J"\n}}\n')
    assert "\x1b" not in found
