"""What `too-many-messages` reckons, beside what the engine sends a busy customer: never less, and not much more."""

from __future__ import annotations

from datetime import datetime
from datetime import timedelta

import pytest

from dsl.meaning import pressure
from dsl.meaning.reading import readings
from tests.engine.house import House
from tests.engine.house import project


@pytest.mark.parametrize(
    ("scenarios", "reckoned", "sent"),
    [
        (["every day at 10:00; send daily by email"], 7, 7),
        (["every day at 10:00; send daily by email; limit 1 per customer within 2d"], 4, 4),
        (['on action "quiz"; send a by email; wait 3d; send b by email; limit 1 per customer within 7d'], 2, 2),
        (['on action "quiz"; send a by email; wait 10d; send b by email; limit 1 per customer within 7d'], 2, 2),
        (['on action "quiz"; award 1 to balance b; wait until monday 10:00; send a by email; limit 1 per customer within 3d'], 5, 2),
        (['on action "quiz"; send a by email; limit 1 per customer each day', "every monday, friday at 12:00; send b by email"], 9, 9),
        (['on action "quiz"; split arms { 50% x { send a by email } 50% y { send a by email; send b by email } }'], 14, 14),
    ],
)
def test_a_busy_customer_gets_no_more_than_was_reckoned(scenarios, reckoned, sent):
    text = "".join(f"scenario s{number}\n  " + body.replace("; ", "\n  ") + "\n" for number, body in enumerate(scenarios))
    shop = House(text)
    assert sum(share.messages for share in pressure.heaviest(readings(project(text)))) == reckoned
    shop.customer("ann", "bob", "eve")
    for day in range(1, 29):
        for who in ("ann", "bob", "eve"):
            shop.fact(f"06-{day:02} 08:00", "action.issue", customer=who, template="quiz")
    shop.run("06-01 00:00", "07-01 00:00")
    assert max(most_in_a_week(shop.messages(), who) for who in ("ann", "bob", "eve")) == sent <= reckoned


def most_in_a_week(messages, who):
    times = sorted(datetime.strptime(f"2024-{line[:11]}", "%Y-%m-%d %H:%M") for line in messages if line.endswith(f" to {who}"))
    return max(sum(1 for other in times if at <= other < at + timedelta(days=7)) for at in times)
