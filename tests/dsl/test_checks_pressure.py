"""The most messages one customer can get in any 7 days: what adds up, what does not, and how it is told."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl import nodes
from dsl.forms import evolve
from dsl.meaning import pressure
from dsl.meaning.reading import readings
from tests.dsl.example_shop import SHOP
from tests.dsl.example_shop import findings
from tests.dsl.example_shop import project
from tests.strategies import MODEST

DAY = 86_400
ASK = "  if subscribed email\n"
LETTER = ASK + "  send welcome\n"


def scenario(body, name="s"):
    return f"scenario {name}\n" + "".join(f"  {line}\n" for line in body.split("; "))


def messages(*texts):
    """The number that would be told, whatever is thought sensible."""
    return sum(share.messages for share in pressure.heaviest(readings(project(*texts))))


def told(*texts, sensible=7):
    around = evolve(SHOP, pressure=sensible)
    return [finding for finding in findings(*texts, surroundings=around) if finding.check == "too-many-messages"]


# ------------------------------------------------------------------------------------------------------- one scenario


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("on order created; send welcome", 1),
        ("on order created; send welcome; send sale", 2),
        ("on order created; send welcome; wait 6d; send sale; wait 6d; send gift; limit 1 per customer", 2),
        ("on order created; send welcome; wait 7d; send sale; wait 7d; send gift; limit 1 per customer", 1),
        ("on order created; send welcome; wait 3d at 10:00; send sale; wait 3d; send gift; wait 3d; send alert", 3),
        ("on order created; send welcome; wait until monday; send sale", 2),
        ("on order created; send welcome; wait until order.delivery_date; send sale", 2),
        ("on order created; send welcome; wait up to 9d for order changed { send sale } else { send gift; send alert }", 2),
        ("on order created; send welcome; wait up to 9d for order changed; send sale", 2),
        ("on order created; if order.total > 5 { send welcome } else { send sale; send gift }; send alert", 3),
        ("on order created; if order.total > 5 { send welcome; end }; send sale; send gift", 2),
        ("on order created; split try { 50% a { send welcome } 50% b { send sale } }", 1),
        ("on order created; send welcome; end; send sale", 1),
        ('on order created; send receipt to "manager@shop.example"', 0),
        ("on order created; send receipt; transactional", 0),
        ("on order created; send welcome; paused", 0),
        ("on order created; send welcome; limit 0 per customer", 0),
        ("on order created; set order.x 1", 0),
    ],
)
def test_one_journey_brings(body, expected):
    once = "" if "limit" in body else "; limit 1 per customer"
    assert messages(scenario(body + once)) == expected


@pytest.mark.parametrize(
    ("clauses", "expected"),
    [
        ("every day at 10:00", 7),
        ("every monday, friday at 10:00", 2),
        ("every month on day 1 at 09:00", 1),
        ("every year on customer.birthday at 10:00", 1),
        ('every "0 10 * * *"', 7),
        ('every "*/20 9-18,20 * * *"', 3 * 11 * 7),
        ('every "@hourly"', 24 * 7),
        ("every day at 10:00; limit 2 per customer", 2),
        ("every day at 10:00; limit 1 per customer within 3d", 3),
        ("every day at 10:00; limit 3 per scenario within 7d", 3),
        ("every day at 10:00; limit 1 per order", 7),
        ("on order created; limit 5 per customer within 7d", 1),
        ("on order created; limit 1 per order", 1),
        ("on session ended", 7),
        ("on product viewed; limit 1 per product", 7),
        ('on product.price drops 10% in list "wishlist"; limit 1 per customer within 12h', 7),
        ('on product added to list "cart"; limit 5 per customer within 7d', 5),
        ('on action "quiz_done"; limit 1 per customer within 3d', 3),
        ("on session ended; limit 1 per customer each day", 7),
        ("on session ended; limit 1 per customer each week", 2),
        ("on session ended; limit 6 per customer within 7d; limit 1 per customer each month", 2),
        ("on customer registered; limit 5 per customer within 7d", 1),
        ("on order created; on customer registered", 2),
    ],
)
def test_journeys_of_one_customer_add_up(clauses, expected):
    assert messages(scenario(f"{clauses}; send welcome")) == expected


def test_messages_of_journeys_that_overlap_meet():
    """Every 7 days somebody starts, and each gets a second letter 10 days later."""
    assert messages(scenario("on session ended; send welcome; wait 10d; send sale; limit 1 per customer within 7d")) == 2
    assert messages(scenario("on session ended; send welcome; wait 10d; send sale; limit 1 per customer within 30d")) == 1


def test_a_wait_of_no_fixed_length_brings_journeys_together():
    """Those of all days of a week come on Monday, and a wait for an event may bring those of the week before too."""
    body = "award 5 to balance b; wait until monday; send sale; limit 1 per customer within 3d"
    assert messages(scenario(f"on session ended; {body}")) == 5


def test_only_what_comes_behind_such_a_wait_comes_together():
    assert messages(scenario("on order changed; send welcome; wait up to 9d for order created; send sale")) == 1 + 3


# ------------------------------------------------------------------------------------------------------ all together


def test_scenarios_add_up_and_what_is_active_at_different_times_does_not():
    seasons = ("2026-03-01 to 2026-03-08", "2026-03-12 to 2026-03-20", "2026-12-20 to 2026-12-31")
    texts = [scenario(f"on order created; active from {season}; send welcome", f"s{number}") for number, season in enumerate(seasons)]
    always = scenario("on customer created; send gift", "always")
    assert messages(*texts) == 2
    assert messages(*texts, always) == 3
    assert messages(*texts, scenario("on order changed; active from 2026-03-09 to 2026-12-20; send welcome; send gift", "long")) == 4


def test_a_journey_begun_in_its_season_may_write_long_after():
    early = scenario("on order created; active from 2026-03-01 to 2026-03-08; wait 20d; send welcome", "early")
    late = scenario("on order created; active from 2026-03-25 to 2026-03-31; send sale", "late")
    assert messages(early, late) == 2


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("", ["14"]),
        ("policy cap 20 messages within 7d", []),
        ("policy cap 3 messages within 1mo", []),
        ("policy cap 1 message within 24h", []),
        ("policy cap 3 messages within 24h", ["14"]),
        ("policy cap 2 messages within 2d", ["8"]),
        ("policy cap 1 sms within 24h", ["14"]),
        ("policy cap 1 email within 24h", []),
        ("policy cap 9 email within 7d", ["9"]),
    ],
)
def test_what_the_caps_let_through(policy, expected):
    text = scenario("every day at 10:00; if subscribed email; send welcome by email; send sale by email")
    assert [finding.message.split()[4] for finding in told(f"{policy}\n{text}")] == expected


def test_a_cap_that_lets_too_much_through_is_where_it_is_told():
    [found] = told("policy cap 3 messages within 24h\n" + scenario("every day at 10:00; if subscribed email; send welcome; send gift"))
    assert found.source.text[found.span.start : found.span.end] == "policy cap 3 messages within 24h"
    assert "policy cap 7 messages within 7d" in found.hint
    assert found.fix is None


def test_the_number_that_is_sensible_is_the_shops_own():
    text = scenario("every day at 10:00; if subscribed email; send welcome")
    assert told(text, sensible=7) == []
    assert len(told(text, sensible=6)) == 1


def test_the_story_names_events_messages_times_and_scenarios():
    one = scenario("every day at 10:00; if subscribed email; send new_arrivals", "digest")
    two = scenario("on customer registered; if subscribed email; send welcome; wait 1d12h; if subscribed email; send gift", "hello")
    three = scenario("on order created; on order changed; if subscribed email; send related_products", "thanks")
    [found] = told(one, two, three)
    assert found.message == (
        "a customer can get 11 messages within 7 days: `every day at 10:00` brings `new_arrivals` 7 times (`digest`); "
        "`customer registered` brings `welcome` at once and `gift` after 1d12h (`hello`); "
        "each `order created` or `order changed` brings `related_products` at once 2 times (`thanks`)"
    )
    assert [label.source.path for label in found.labels] == ["main.scn", "more1.scn", "more2.scn"]
    assert found.fix
    assert found.fix.replacement == "policy cap 7 messages within 7d\n\n"


def test_a_long_story_is_cut():
    [found] = told(*(scenario("on order created; if subscribed email; send welcome", f"s{number}") for number in range(1200)))
    assert found.message.startswith(
        "a customer can get 1,200 messages within 7 days: each `order created` brings `welcome` at once (`s0`); "
    )
    assert found.message.endswith("; and 1,195 more from 1,195 other scenarios")


def test_a_small_project_is_not_looked_at_closely_and_nothing_is_missed():
    """The quick look must never say "small" of a project with too much."""
    for start in ("order created", "session ended", "order created; on session ended"):
        for sends in ("send welcome", "send welcome; wait 8d; send gift"):
            text = scenario(f"on {start}; if subscribed email; {sends}")
            assert bool(told(text)) is (messages(text) > 7)


# ---------------------------------------------------------------------------------------------------- any way at all

STEPS = st.recursive(
    st.one_of(
        st.just(("send",)),
        st.tuples(st.just("wait"), st.integers(0, 8)),
        st.just(("end",)),
    ),
    lambda inner: st.tuples(st.just("if"), st.lists(inner, max_size=4), st.lists(inner, max_size=4)),
    max_leaves=14,
)


def tree(rows):
    found: list[nodes.Step] = []
    for row in rows:
        match row:
            case ("send",):
                found.append(nodes.Send(nodes.Name("welcome")))
            case ("wait", days):
                found.append(nodes.Wait(nodes.Duration(days=days)))
            case ("end",):
                found.append(nodes.End())
            case (_, then, otherwise):
                branch = nodes.Branch(nodes.Literal(value=True), tuple(tree(then)))
                found.append(nodes.If((branch,), tuple(tree(otherwise))))
    return found


def every_way(rows):
    """The days of the messages, for each way a customer may take, and whether it ended."""
    ways: list[tuple[tuple[int, ...], int, bool]] = [((), 0, False)]
    for row in rows:
        after: list[tuple[tuple[int, ...], int, bool]] = []
        for days, now, ended in ways:
            if ended:
                after.append((days, now, ended))
            elif row[0] == "send":
                after.append(((*days, now), now, False))
            elif row[0] == "wait":
                after.append((days, now + row[1], False))
            elif row[0] == "end":
                after.append((days, now, True))
            else:
                for block in row[1:]:
                    after += [(days + tuple(now + day for day in more), now + later, over) for more, later, over in every_way(block)]
        ways = after
    return ways


@MODEST
@given(rows=st.lists(STEPS, max_size=7))
def test_the_way_that_brings_most_is_found(rows):
    walker = pressure._Walker(lambda _: True, lambda _: 1, scheduled=False)
    ends = [*walker.follow(tree(rows), [pressure._Way()]), *walker.ended]
    found = max((way.best for way in ends), key=len)
    expected = max(sum(1 for other in days if day <= other < day + 7) for days, _, _ in every_way(rows) for day in (*days, 0))
    assert len(found) == expected
    assert all(before.at <= after.at for before, after in pairwise(found))
    assert not found or found[-1].at - found[0].at < 7 * DAY
