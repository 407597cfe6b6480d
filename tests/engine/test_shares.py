"""A simulation in shares, by however many processes, counts what one simulation counts."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import attrs
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from interpreter import backtest
from interpreter import stretches
from interpreter.apart import ALONE
from interpreter.apart import apart
from interpreter.backtest import Backtest
from interpreter.crew import Crew
from interpreter.crew import DefectError
from interpreter.errors import UserError
from interpreter.facts import Fact
from interpreter.facts import read
from interpreter.project.loading import one
from interpreter.project.project_folder import Folder
from interpreter.project.project_folder import open_folder
from interpreter.rehearsal import Stage
from interpreter.runner import make_rules
from interpreter.shares import Spool
from interpreter.shares import packed
from interpreter.simulate import Simulation
from interpreter.simulate import span
from interpreter.tally import Summary
from interpreter.telling.simulated import text
from interpreter.turns import Turns
from tests.engine.house import ZONE
from tests.engine.test_simulate import happenings
from tests.engine.test_simulate import shop
from tests.engine.test_simulate import stamp
from tests.engine.test_stretches import people
from tests.engine.test_stretches import visitors

DAY = 86_400
NAMES = tuple(f"c{number}" for number in range(8))


def facts_of(raw: list[dict[str, Any]]) -> list[Fact]:
    found = []
    for number, one_raw in enumerate(raw):
        keyed = {"key": str(number), **one_raw}
        fact = read(keyed, zone=ZONE, received=0, received_each=True, batch=str(number), actor="customer")
        assert isinstance(fact, Fact), fact
        found.append(fact)
    return found


def arrived(raw: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"op": "customer.import", "customer": name, "email": f"{name}@example.com", "subscribed": ["email"], "at": stamp(0)}
        for name in NAMES
    ] + raw


def in_one(stage: Stage, raw: list[dict[str, Any]]) -> str:
    """As rows of a database, read in the end."""
    moments = [fact.received for fact in facts_of(raw)]
    over = attrs.evolve(span(min(moments), max(moments), None, None), end=max(moments) + 6 * DAY)
    simulation = Simulation(stage, facts_of(raw), lambda *_: over)
    try:
        last = [report.now for report in simulation.run()][-1]
        return text(Summary(simulation.facts, over.launch, last, simulation.tally(), 0, []), stage.rules, ZONE)
    finally:
        simulation.store.close()


def in_shares(stage: Stage, raw: list[dict[str, Any]], processes: int = 1) -> tuple[str, int]:
    """By shares of one fact, or of those that are tied to it; how many there were."""

    def over(first: int, last: int) -> Any:
        return attrs.evolve(span(first, last, None, None), end=last + 6 * DAY)

    with dealt(processes), Backtest(stage, lambda *_: pytest.fail("nothing is read"), over) as mine:
        mine.take_facts(facts_of(raw))
        for _ in mine.play()():
            pass
        return text(mine.summary(), stage.rules, ZONE), mine.shares


@contextmanager
def dealt(processes: int) -> Iterator[None]:
    """However few facts there are."""
    with patch.multiple(backtest, SHARE=1, FEW=1000, SMALL=0, CHUNK=3, cores=lambda: processes):
        yield


@st.composite
def somebody(draw: st.DrawFn) -> dict[str, Any]:
    """What happens to one of several, some of whom turn out to be others."""
    found: dict[str, Any] = draw(happenings() | people())
    if "customer" in found:
        found = found | {"customer": draw(st.sampled_from((*NAMES[:4], "new", "newer")))}
    address = draw(st.sampled_from((*(f"{name}@example.com" for name in NAMES[:3]), "x@example.com")))
    if "email" in found:
        found = found | {"email": address}
    if "value" in found:
        found = found | {"value": address}
    if "order" in found:
        found = found | {"order": found["order"] | {"id": draw(st.sampled_from("123"))}}
    return found | {"key": "again"} if draw(st.integers(0, 4)) == 0 else found


def without_gates(found: str) -> str:
    """Rows forget where the journeys of somebody erased had stopped."""
    return re.sub(r"^ +[\d,]+  `.*\n", "", found, flags=re.MULTILINE)


@settings(max_examples=25)
@given(raw=st.lists(somebody(), min_size=6, max_size=24))
def test_shares_count_what_one_simulation_counts(raw):
    with shop() as folder:
        stage = Stage.of(folder, make_rules(folder, one(folder).project))
        whole, (shares, _) = in_one(stage, arrived(raw)), in_shares(stage, arrived(raw))
        if any(fact["op"] == "customer.erase" for fact in raw):
            whole, shares = without_gates(whole), without_gates(shares)
        assert shares == whole


#: Beside those of the shop: what asks for facts of the past, for the fact of the trigger, and for segments.
BESIDE = """
segment awake where any order within 1d or message within 2h

scenario again
  on order changed
  send receipt by email
  limit 1 per order since created

scenario slept
  on segment awake left
  send debt by email

scenario told
  on action "go"
  wait 1h
  if action.place is "shop"
  send quick by email
"""


@settings(max_examples=25)
@given(
    raw=st.lists((somebody() | visitors()).filter(lambda raw: raw["op"] in ALONE), min_size=6, max_size=24),
    bounds=st.sampled_from([{}, {}, {}, {"SIZE": 3}, {"FACTS": 2}]),
)
def test_what_is_alone_counts_in_one_go_what_it_counts_in_rows(raw, bounds):
    with shop(BESIDE, schedules=False) as folder:
        stage = Stage.of(folder, make_rules(folder, one(folder).project))
        whole = in_one(stage, arrived(raw))
        with patch.multiple(stretches, **{"FACTS": stretches.FACTS, **bounds}):
            shares, _ = in_shares(stage, arrived(raw))
        if any(fact["op"] == "customer.erase" for fact in raw):
            whole, shares = without_gates(whole), without_gates(shares)
        assert shares == whole


def test_what_happened_to_an_order_is_told_again_with_its_codes():
    raw = [fact("order.update", "c0", second, order={"id": "1", "promo": code}) for second, code in enumerate(("P-1", "P-1", "P-2"))]
    with shop(BESIDE, schedules=False) as folder:
        stage = Stage.of(folder, make_rules(folder, one(folder).project))
        found = in_one(stage, arrived(raw))
    assert re.search(r"not started +2  limit", found)


def test_processes_count_what_one_counts():
    raw: list[dict[str, Any]] = [
        {"op": "action.issue", "customer": name, "template": "go", "at": stamp(number * 1000)} for number, name in enumerate(NAMES)
    ]
    with shop() as folder:
        stage = Stage.of(folder, make_rules(folder, one(folder).project))
        assert in_shares(stage, arrived(raw), 1) == in_shares(stage, arrived(raw), 3) == (in_one(stage, arrived(raw)), len(NAMES))


@pytest.mark.parametrize("bounds", [{"FACTS": 1}, {"SIZE": 1}, {"SIZE": 3}])
def test_what_is_too_much_for_one_stretch_counts_the_same(bounds):
    raw: list[dict[str, Any]] = [
        {"op": "action.issue", "customer": name, "template": "go", "at": stamp(number * 1000)}
        for number, name in enumerate((*NAMES, *NAMES[:3]))
    ]
    with shop(schedules=False) as folder:
        stage = Stage.of(folder, make_rules(folder, one(folder).project))
        expected = in_one(stage, arrived(raw))
        with patch.multiple(stretches, **bounds):
            assert in_shares(stage, arrived(raw))[0] == expected


def test_a_share_that_is_alone_asks_no_store():
    raw: list[dict[str, Any]] = [{"op": "action.issue", "customer": name, "template": "go", "at": stamp(9 * 3600)} for name in NAMES]
    with shop(schedules=False) as folder:
        stage = Stage.of(folder, make_rules(folder, one(folder).project))
        expected = in_one(stage, arrived(raw))
        with patch.object(backtest, "Simulation", side_effect=AssertionError):
            assert in_shares(stage, arrived(raw)) == (expected, len(NAMES))


def test_what_is_played_in_one_go_leaves_nothing_behind():
    raw: list[dict[str, Any]] = [{"op": "action.issue", "customer": name, "template": "go", "at": stamp(9 * 3600)} for name in NAMES]
    with shop(schedules=False) as folder:
        rehearsal = Stage.of(folder, make_rules(folder, one(folder).project)).rehearsal(keep_letters=False)
        facts = facts_of(arrived(raw))
        rehearsal.engine.tick(min(fact.received for fact in facts) - 60)
        connection = rehearsal.store.connection
        before = connection.sqlite.total_changes
        once, again = (rehearsal.engine.whole(facts, facts[-1].received + 6 * DAY) for _ in range(2))
        assert once is not None
        assert once[2].letters
        assert once == again
        assert connection.sqlite.total_changes == before
        rehearsal.store.close()


# ------------------------------------------------------------------------------------------------------------------- ties


def fact(op: str, customer: str | None, second: int, **more: Any) -> dict[str, Any]:
    return {"op": op, "at": stamp(second)} | ({} if customer is None else {"customer": customer}) | more


def did(customer: str, second: int, **more: Any) -> dict[str, Any]:
    return fact("action.issue", customer, second, template="go", **more)


HOUR = 3600


@pytest.mark.parametrize(
    "raw",
    [
        [fact("customer.edit", "new", HOUR, email="c0@example.com"), did("new", 9 * HOUR), did("c0", 10 * HOUR)],
        [fact("contact.validity", None, HOUR, kind="email", value="c0@example.com", valid=False), did("c0", 10 * HOUR)],
        [fact("order.update", "c0", 10 * HOUR, order={"id": 1}), fact("order.status", None, 11 * HOUR, order=1, status="cancelled")],
        [did("c0", 9 * HOUR, key="k"), did("c1", 9 * HOUR, key="k")],
        [did("c0", 0), did("c1", 0), fact("message.status", None, 9 * HOUR, message=2, status="bounced"), did("c1", 40 * HOUR)],
    ],
    ids=["found by an address", "an address alone", "an order alone", "a key", "a message"],
)  # fmt: skip
def test_what_ties_them_changes_what_is_counted(raw):
    with shop() as folder:
        stage = Stage.of(folder, make_rules(folder, one(folder).project))
        assert in_shares(stage, arrived(raw))[0] == in_one(stage, arrived(raw))


@pytest.mark.parametrize(
    ("raw", "shares"),
    [
        ([did("ann", 0), did("bob", 1)], 2),
        # Products are looked at; only facts of their own change them, and those are about everybody.
        ([did("ann", 0, products=["p-1"]), did("bob", 1, products=["p-1"])], 2),
        ([did("ann", 0), did("bob", 1), fact("product.update", None, 2, product={"id": "p-1", "price": 5})], 1),
        ([did("ann", 0), did("ann", 1)], 1),
        ([fact("customer.edit", "ann", 0, email="a@x.example"), fact("customer.edit", "bob", 1, email="A@x.example ")], 1),
        ([fact("customer.edit", "ann", 0, phone="+7 900 000-00-01"), fact("customer.edit", "bob", 1, phone="89000000001")], 1),
        ([fact("customer.edit", "ann", 0, email="a@x.example"), fact("contact.confirm", None, 1, kind="email", value="a@x.example")], 1),
        ([fact("order.update", "ann", 0, order={"id": 1}), fact("order.status", None, 1, order=1, status="paid")], 1),
        ([fact("order.update", "ann", 0, order={"id": 1}), fact("order.update", "bob", 1, order={"id": "1"})], 1),
        ([did("ann", 0, key="k"), did("bob", 1, key="k")], 1),
        ([did("ann", 0), did("bob", 1), fact("message.status", None, 2, message=1, status="opened")], 1),
        # By way of others, however late it is told.
        (
            [
                fact("customer.edit", "ann", 0, email="a@x.example"), fact("order.update", "bob", 1, order={"id": 7}),
                fact("order.update", "eve", 2, order={"id": 7}), fact("customer.edit", "eve", 3, email="a@x.example"),
            ],
            1,
        ),
    ],
)  # fmt: skip
def test_who_goes_with_whom(raw, shares):
    spool = Spool(together=False)
    spool.add(packed(facts_of(raw)))
    dealt_out = spool.shares(1)
    assert [len(share) for share in dealt_out] == ([len(raw)] if shares == 1 else [1] * shares)
    assert [found.at for share in dealt_out for found in share.facts()] == sorted(found.at for found in facts_of(raw))
    spool.close()


@pytest.mark.parametrize(
    ("scenario", "alone"),
    [
        ('on action "go" send quick limit 1 per customer within 1d', True),
        ("on order created send quick limit 1 per order", True),
        ('on action "go" send quick limit 5 per scenario each day', False),
        ('on action "go" send quick limit 1 per customer.email within 1d', False),
        ('on action "go" set customer.stage "asked"', True),
        ('on action "go" set customer.email "all@example.com"', False),
        ('on action "go" issue promo "POOL" send quick', False),
        ('on subscription email to "news" -> subscribed send quick', False),
        ("on subscription email -> subscribed send quick", True),
        ('define topic "news"\nscenario two on subscription email to "news" -> subscribed send quick', True),
    ],
)
def test_which_projects_may_be_dealt(tmp_path, scenario, alone):
    (tmp_path / "scn.toml").write_text(f'[project]\ntimezone = "{ZONE}"\n[channels.email]\nkind = "console"\n')
    head = "" if scenario.startswith("define") else "scenario one\n  "
    (tmp_path / "all.scn").write_text(head + scenario + "\n")
    (tmp_path / "templates" / "quick").mkdir(parents=True)
    (tmp_path / "templates" / "quick" / "email.txt").write_text("Hello\n")
    (tmp_path / "templates" / "quick" / "meta.toml").write_text('subject = "Hello"\n')
    folder: Folder = open_folder(tmp_path)
    loaded = one(folder)
    assert loaded.project.scenarios
    assert apart(make_rules(folder, loaded.project)) is alone


# --------------------------------------------------------------------------------------------------------------- processes


def test_a_process_that_dies_is_a_sentence_and_leaves_nobody_behind(tmp_path: Path):
    def work(number: int) -> int:
        (tmp_path / str(os.getpid())).touch()
        if number == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    crew = Crew(work, of="simulation")
    crew.start(2)
    with pytest.raises(UserError, match="was ended by SIGKILL"):
        list(crew.answers(work, range(5)))
    crew.close()
    for left in tmp_path.iterdir():
        assert not Path(f"/proc/{left.name}").exists()


def test_what_the_work_raises_is_raised_by_the_master():
    def work(number: int) -> int:
        if number == 3:
            raise UserError("no room", "make some")
        return number

    crew = Crew(work, of="simulation")
    crew.start(2)
    with pytest.raises(UserError) as problem:
        list(crew.in_order(work, range(100)))
    assert (problem.value.message, problem.value.hint) == ("no room", "make some")
    crew.close()


def test_one_job_is_made_ahead_and_no_more():
    made: list[int] = []

    def jobs() -> Iterator[int]:
        for number in range(20):
            made.append(number)
            yield number

    crew = Crew(abs, of="test")
    crew.start(2)
    ahead = [len(made) - answered for answered, _ in enumerate(crew.answers(abs, jobs()), 1)]
    crew.close()
    assert max(ahead) <= 3


def test_a_defect_in_a_process_comes_with_its_traceback():
    class OwnError(Exception):
        def __init__(self, one: int, _two: int) -> None:
            super().__init__(one)

    def work(_: int) -> int:
        raise OwnError(1, 2)

    crew = Crew(work, of="simulation")
    crew.start(2)
    with pytest.raises(DefectError, match=r"in work\n(.*\n)+.*OwnError: 1"):
        list(crew.answers(work, range(3)))
    crew.close()


def test_answers_come_in_order_where_that_is_asked():
    def work(number: int) -> int:
        return number * number

    crew = Crew(work, of="simulation")
    crew.start(3)
    assert list(crew.in_order(work, range(50))) == [number * number for number in range(50)]
    crew.close()


def test_a_process_that_dies_in_its_turn_keeps_nobody_waiting():
    turns = Turns()
    with turns.turn():
        # Whose turn it is does not go over to a copy.
        child = os.fork()
        if child == 0:
            with turns.turn():
                os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    signal.alarm(20)
    with turns.turn():
        signal.alarm(0)


def test_numbers_that_several_processes_take_are_taken_once():
    turns = Turns()
    turns.begin(5)

    def work(_: int) -> int:
        return turns.take(3)

    crew = Crew(work, of="simulation")
    crew.start(3)
    assert sorted(number for _, number in crew.answers(work, range(30))) == list(range(5, 95, 3))
    crew.close()
