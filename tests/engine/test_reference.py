"""The engine against an obvious model of it, on random histories (`house.md` §4)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from tests.engine import reference
from tests.engine.house import House
from tests.engine.house import moment
from tests.engine.reference import DAY
from tests.engine.reference import HOUR
from tests.engine.reference import Happening
from tests.engine.reference import Shape

START = moment("06-01 00:00")
LAST = 6 * DAY

waits = st.sampled_from([30, HOUR, 3 * HOUR, DAY, DAY + 90])
shapes = st.builds(
    Shape,
    valid=st.sampled_from([HOUR, 6 * HOUR, DAY]),
    first_wait=st.just(0) | waits,
    second_wait=waits,
    quiet=st.none() | st.sampled_from([(22, 9), (9, 22), (0, 6), (13, 14)]),
    limit=st.none() | st.tuples(st.integers(1, 2), st.sampled_from([HOUR, DAY, 2 * DAY])),
    cap=st.none() | st.tuples(st.integers(1, 3), st.sampled_from([HOUR, DAY, 2 * DAY])),
)


@st.composite
def happenings(draw: st.DrawFn) -> Happening:
    at = draw(st.integers(60, 3 * DAY) | st.integers(1, 72).map(lambda hour: hour * HOUR))
    what = draw(st.sampled_from(["go", "go", "go", "stop", "unsubscribed", "subscribed"]))
    late = draw(st.sampled_from([0, 0, 0, 45, HOUR, DAY])) if what in {"go", "stop"} else 0
    return Happening(what, at, at + late)


@settings(max_examples=80)
@given(shape=shapes, history=st.lists(happenings(), min_size=1, max_size=8))
def test_the_engine_does_what_the_model_does(shape, history):
    shop = House(shape.text())
    shop.customer("ann")
    shop.tick("06-01 00:00")
    # What arrives in one second arrives in the order given.
    for number, one in enumerate(sorted(history, key=lambda one: one.received)):
        more = {"key": f"h{number}", "received": shown(one.received)}
        if one.what in {"go", "stop"}:
            shop.fact(shown(one.at), "action.issue", customer="ann", template=one.what, **more)
        else:
            shop.fact(shown(one.at), "subscription.set", customer="ann", channel="email", status=one.what, **more)
    for _ in shop.engine.run_until(START + 60, START + LAST):
        pass
    found = [(row.at - START, row.template, row.reason or row.state) for row in shop.store.listing.messages()]
    assert sorted(found) == sorted(reference.messages(shape, history, LAST))


def shown(second: int) -> str:
    day, rest = divmod(second, DAY)
    return f"06-{1 + day:02} {rest // HOUR:02}:{rest // 60 % 60:02}:{rest % 60:02}"
