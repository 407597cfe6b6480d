"""Visits: held against a slow model, and bounded."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from interpreter.belongings import Session
from interpreter.events.sessions import FULL
from interpreter.events.sessions import KEPT
from interpreter.events.sessions import MOST
from tests.interpreter.conftest import make_history

MINUTE = 60
BEGIN = "06-01 00:00"


def moment(minute: int) -> str:
    return f"06-{1 + minute // 1440:02} {minute // 60 % 24:02}:{minute % 60:02}"


def visits(history: Any) -> list[Session]:
    found = history.shop.holdings.of(history.customer("ann").id, "session").values()
    return sorted(found, key=lambda visit: visit.started_at)


def play(history: Any, op: str, minute: int, **more: Any) -> None:
    """A fact that comes when it happens, after all that was planned until then."""
    pass_time(history, minute, history.facts[0].at if history.facts else None)
    history(op, moment(minute), customer="ann", key=str(len(history.facts)), **more)


def pass_time(history: Any, minute: int, zero: int | None) -> None:
    while zero is not None:
        planned = {fact.key: fact for fact in history.shop.later}
        history.shop.later[:] = planned.values()
        due = [fact for fact in planned.values() if fact.received <= zero + minute * MINUTE]
        if not due:
            return
        first = min(due, key=lambda fact: fact.received)
        history.shop.later.remove(first)
        history.handle(first)


def modelled(happened: list[tuple[int, str]]) -> list[tuple[int, int, list[int]]]:
    """(start, end, minutes of looks) of each visit."""
    found: list[tuple[int, int, list[int]]] = []
    start = last = None
    looks: list[int] = []
    for minute, op in [*happened, (10_000, "session.activity")]:
        if start is not None and last is not None and minute >= last + 30:
            found.append((start, last + 30, looks))
            start = None
        if op == "session.close" and start is not None:
            found.append((start, minute, looks))
            start = None
        elif op == "session.activity":
            start, looks = (minute, []) if start is None else (start, looks)
            last = minute
        elif op == "product.view" and start is not None:
            looks.append(minute)
            last = minute
    return found


OPERATIONS = st.sampled_from(["session.activity", "session.activity", "product.view", "session.close"])
HAPPENED = st.lists(st.tuples(st.sampled_from([0, 1, 5, 14, 15, 29, 30, 31, 60]), OPERATIONS), max_size=12)


@given(HAPPENED)
def test_visits_are_those_of_the_model(steps):
    history = make_history()
    history("customer.import", BEGIN, customer="ann")
    zero, minute, happened = history.facts[0].at, 1, []
    for pause, op in steps:
        minute += pause
        happened.append((minute, op))
        play(history, op, minute, **({"product": str(minute)} if op == "product.view" else {}))
    pass_time(history, 9_000, zero)
    wanted = modelled(happened)
    ended = [event for event in history.events if event.kind == "session.ended"]
    assert [(event.at - zero) // MINUTE for event in ended] == [end for _, end, _ in wanted]
    # A visit that is closed in the minute in which it began, and begun again, has the same beginning.
    if len({start for start, _, _ in wanted}) == len(wanted):
        assert [
            ((visit.started_at - zero) // MINUTE, ((visit.ended_at or 0) - zero) // MINUTE, [int(look.product) for look in visit.viewed])
            for visit in visits(history)
        ] == [(start, end, sorted(set(looks))) for start, end, looks in wanted]
    assert not history.shop.later


def test_what_is_told_in_another_order_makes_no_visit_twice(history):
    for minute in (30, 10, 20, 10, 30):
        history("session.activity", moment(minute), received=moment(40), customer="ann", key=str(len(history.facts)))
    assert [(visit.started_at, visit.last_at) for visit in visits(history)] == [(history.facts[1].at, history.facts[0].at)]
    pass_time(history, 200, history.facts[0].at)
    assert history.fires("session ended") == [6]


def test_a_planned_end_of_somebody_erased_does_nothing(history):
    history("session.activity", moment(0), customer="ann")
    [planned] = history.shop.later
    history("customer.erase", moment(10), customer="ann")
    assert history.handle(planned) == []
    assert history.shop.notes == []


def test_visits_do_not_grow_without_end(history):
    for visit in range(KEPT + 10):
        history("session.activity", moment(visit * 60), customer="ann", key=f"a{visit}")
        for number in range(MOST + 5 if visit > KEPT else 1):
            history("product.view", moment(visit * 60 + 1), customer="ann", product=f"p{number}", key=f"v{visit} {number}")
            history("category.view", moment(visit * 60 + 1), customer="ann", category=f"c{number}", key=f"c{visit} {number}")
    found = visits(history)
    assert len(found) == KEPT
    assert len(found[-1].viewed) == len(found[-1].categories) == MOST
    assert [bool(visit.viewed) for visit in found] == [False] * (KEPT - FULL) + [True] * FULL
