"""Facts of a busy tick, read and decided ahead by several processes, are handled as by one (`engine.md` §1, §8)."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from contextlib import suppress
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import Phase
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from interpreter import relay
from interpreter import tick
from interpreter.errors import UserError
from interpreter.facts import read
from interpreter.phases.batch import Batch
from interpreter.phases.erasure import erase
from interpreter.phases.intake import Intake
from interpreter.relay import Relay
from interpreter.report import Report
from interpreter.store.sqlite import Store
from interpreter.turns import _END
from interpreter.turns import _TOLD
from interpreter.turns import Board
from tests.engine.house import ZONE
from tests.engine.test_hands import START
from tests.engine.test_hands import Played
from tests.engine.test_hands import due_in_the_morning
from tests.engine.test_hands import people
from tests.engine.test_hands import several
from tests.engine.test_hands import told
from tests.engine.test_shares import NAMES
from tests.engine.test_shares import did
from tests.engine.test_shares import fact
from tests.engine.test_shares import somebody
from tests.engine.test_simulate import SCENARIOS
from tests.engine.test_simulate import stamp


@contextmanager
def relayed(processes: int = 2, facts: int = 3, **more: Any) -> Iterator[list[int]]:
    """However few facts there are; how many batches each relay wrote. Nobody writes before everybody has read behind him."""
    written: list[int] = []
    run, write = Relay.run, Relay._write

    def late(self: Relay, leg: Any, number: int, ahead: Any) -> Report:
        assert self._board is not None
        last = min(number + processes, len(leg.ends))
        self._board._until(_TOLD, last, lambda: self._crew.gone() or self._board._get(_END) < last)  # type: ignore[union-attr]
        return write(self, leg, number, ahead)

    def counted(self: Relay, now: int, depth: int, report: Report) -> int:
        written.append(run(self, now, depth, report))
        return written[-1]

    with (
        patch.multiple(relay, FACTS=facts, FEW=0, cores=lambda: processes, **more),
        # Who ends a relay is followed by the next one.
        patch.object(tick, "FACTS", facts),
        patch.multiple(Relay, run=counted, _write=late),
    ):
        yield written


def same(raw: list[dict[str, Any]], text: str = SCENARIOS, processes: int = 2, facts: int = 3, **more: int) -> int:
    """Whether several processes do what one does with as many facts at a time; how many batches they wrote."""
    with several(1), relayed(1, facts), Played(raw, text, many=None) as one:
        wanted = told(one.to_the_end().house.store)
    with several(1), relayed(processes, facts, **more) as written, Played(raw, text) as other:
        assert told(other.to_the_end().house.store) == wanted
    return sum(written)


@settings(max_examples=10, deadline=None, phases=[Phase.generate])
@given(raw=st.lists(somebody(), min_size=20, max_size=80), processes=st.integers(2, 4), facts=st.sampled_from((3, 9)))
def test_several_processes_do_what_one_does(raw, processes, facts):
    same(people() + raw, processes=processes, facts=facts)


@pytest.mark.parametrize("processes", [2, 3])
@pytest.mark.parametrize(
    "raw",
    [
        [did(name, number) for number, name in enumerate(NAMES * 3)],
        [fact("order.update", name, number, order={"id": number}) for number, name in enumerate(NAMES * 2)],
        # One after the other about the same one, batch by batch.
        [fact("order.update", "c1", number, order={"id": "1", "total": number}) for number in range(24)],
        # One order is said to be everybody's; then news of it name nobody.
        [fact("order.update", name, number, order={"id": "1", "total": number}) for number, name in enumerate(NAMES)]
        + [fact("order.status", None, 20 + number, order={"id": "1", "status": status}) for number, status in enumerate("abcdef")],
        # One address is of three, some have two ids.
        [fact("customer.register", f"new-{number % 5}", number, email=f"{number % 3}@example.com") for number in range(12)],
        [fact("customer.register", f"new-{number}", number, email="c1@example.com") for number in range(6)]
        + [did(f"new-{number}", 50) for number in range(6)],
        # Who had an address gives it up, and another takes it.
        [fact("customer.edit", name, number, email=f"{number % 2}@example.com") for number, name in enumerate(NAMES * 2)],
        # What is not for a relay, in the middle of what is.
        [
            *(did(name, 1) for name in NAMES),
            fact("customer.merge", None, 2, into="c0", **{"from": ["x", "c5"]}),
            *(did(name, 9) for name in NAMES),
            fact("customer.erase", "c1", 60),
            *(did(name, 90) for name in NAMES),
        ],
        [fact("list.add", name, number, list="cart", products=[{"id": str(number % 3)}]) for number, name in enumerate(NAMES * 2)],
        # What they have now becomes points that are available at once.
        [fact("balance.change", name, number, account="bonus", amount=5) for number, name in enumerate(NAMES * 2)],
        # The same fact again.
        [did(name, 5) | {"key": "again"} for name in NAMES] + [did(name, 5) for name in NAMES],
    ],
    ids=["actions", "orders", "one order of one", "one order", "addresses", "two ids", "given up", "merged", "lists", "points", "again"],
)  # fmt: skip
def test_whatever_ties_them_several_processes_do_what_one_does(raw, processes):
    assert same(people() + raw, processes=processes)


STOPPED = """
scenario asked
  on action "go"
  stop on order.status -> "gone"
  wait 3d
  send a by email

scenario left
  on session ended
  send a by email

scenario bought
  on order created
  stop on action "asked" where order.total > 100
  wait 3d
  send a by email
"""

#: He has a confirmed address, and another one that waits to be.
AWAITED = [
    fact("customer.edit", "c1", 4, email_confirmed=True),
    fact("customer.edit", "c1", 5, email="x@example.com", email_confirmed="pending"),
]


def in_hand(*batches: list[dict[str, Any]], before: Sequence[dict[str, Any]] = ()) -> list[dict[str, Any]]:
    """Batches of three facts each, filled up with what is about nobody else; each is read while the one before it is not yet written."""
    found = [*people(), *before]
    second = 40_000
    for number, batch in enumerate(batches):
        for place, one in enumerate([*batch, *(did(f"other-{number}-{more}", 0) for more in range(3 - len(batch)))]):
            found.append(one | {"at": stamp(second + number * 60 + place)})
    return found


@pytest.mark.parametrize(
    "raw",
    [
        # The address is his only when the batch before is written; whose it was is changed in the batch behind.
        in_hand(
            [fact("customer.edit", "c1", 0, email="x@example.com")],
            [fact("customer.register", "new", 0, email="x@example.com", phone="+79990000001")],
            [fact("customer.edit", "c1", 0, city="Kazan")],
        ),
        # Whose id it is, is known by the address alone.
        in_hand(
            [fact("customer.edit", "c1", 0, city="Kazan")],
            [fact("customer.register", "new", 0, email="c1@example.com", phone="+79990000001")],
        ),
        # By the first of them the second is about whose address the third names.
        in_hand(
            [fact("customer.edit", "c3", 0, email="x@example.com")],
            [
                fact("customer.register", "new", 0, email="c1@example.com"),
                fact("customer.edit", "new", 0, email="x@example.com"),
                fact("customer.register", "newer", 0, email="c1@example.com"),
            ],
        ),
        # Two ids of one.
        in_hand(
            [fact("customer.edit", "c1", 0, city="Kazan")],
            [fact("customer.edit", "new", 0, first_name="Ann")],
            before=[fact("customer.register", "new", 5, email="c1@example.com")],
        ),
        # The order waits for whom it was, and whose it becomes for the order.
        in_hand(
            [fact("order.update", "c1", 0, order={"id": "1"})],
            [fact("order.update", "new", 0, order={"id": "1"}), fact("customer.register", "new", 0, first_name="Ann")],
        ),
        # News of an order name nobody.
        in_hand(
            [did("c1", 0)],
            [fact("order.status", None, 0, order={"id": "1", "status": "gone"})],
            before=[fact("order.update", "c1", 5, order={"id": "1", "status": "new"})],
        ),
        in_hand(
            [fact("order.status", None, 0, order={"id": "1", "status": "gone"})],
            [did("c1", 0)],
            before=[fact("order.update", "c1", 5, order={"id": "1", "status": "new"})],
        ),
        # An address that waited becomes his by a fact that does not name it.
        in_hand(
            [fact("contact.confirm", "c1", 0, kind="email")],
            [fact("customer.register", "new", 0, email="x@example.com", phone="+79990000001")],
            before=AWAITED,
        ),
        in_hand(
            [fact("customer.edit", "c1", 0, email_confirmed=True)],
            [fact("customer.register", "new", 0, email="x@example.com", phone="+79990000001")],
            before=AWAITED,
        ),
        # What he does is looked at beside an order that was his.
        in_hand(
            [fact("order.update", "c2", 0, order={"id": "1", "total": 900})],
            [did("c1", 0) | {"template": "asked"}],
            before=[fact("order.update", "c1", 5, order={"id": "1", "total": 5}), fact("order.update", "c2", 6, order={"id": "1"})],
        ),
    ],
    ids=[
        "an address given", "an address had", "an id given", "two ids", "whoever waits", "an order's status", "an order's owner",
        "an address confirmed",
        "an address said to be confirmed", "an order that was his",
    ],
)  # fmt: skip
@pytest.mark.parametrize("processes", [2, 3])
def test_whoever_is_in_the_hands_of_others_waits(raw, processes):
    assert same(raw, STOPPED, processes=processes)


def test_who_is_in_every_batch_ends_no_relay():
    everywhere = in_hand(*([did("c1", 0), did(f"n{number}", 0)] for number in range(6)))
    assert same(everywhere, STOPPED) == same(everywhere, STOPPED, processes=3) == 8


@pytest.mark.parametrize(
    "one",
    [
        fact("subscription.set", "n3", 0, channel="email", topic="new", status="subscribed"),
        # By now the visit has ended.
        fact("session.activity", "n3", 0),
    ],
    ids=["a topic that is new", "what has happened by now"],
)
def test_what_others_have_to_know_of_ends_a_relay(one):
    batches = [[did(f"n{number}", 0)] for number in range(6)]
    assert same(in_hand(*batches), STOPPED) == 8
    batches[3] = [one]
    assert same(in_hand(*batches), STOPPED) == 7


def test_orders_with_promo_codes_are_handled_alone():
    bought = [fact("order.update", f"n{number}", 0, order={"id": number, "promo": "X"}) for number in range(6)]
    text = 'define promo "P" multi_use valid 1d\n' + STOPPED
    changed = [fact("order.status", None, 0, order={"id": number, "status": "gone"}) for number in range(6)]
    assert same(in_hand(bought[:3], bought[3:]), text) == same(in_hand(), text)
    assert same(in_hand(changed[:3], changed[3:], before=[one | {"at": stamp(5)} for one in bought]), text) == same(in_hand(), text)


def test_who_needs_more_ids_than_were_kept_is_handled_alone():
    everybody = [*people(), *(did(name, 9) for name in NAMES * 3)]
    assert same(everybody, WIDE=1) < same(everybody)


def test_names_that_have_no_room_are_handled_alone():
    assert same([*people(), *(did(name, 9) for name in NAMES * 3)], NAMES=0) == 0


SEGMENTS = """
segment busy where count(order within 30d) >= 2
segment asked where any action "go" within 1d

scenario entered
  on segment busy entered
  send a by email

scenario again
  on segment asked entered
  wait 2h
  if in segment busy
  send b by email
"""


@settings(max_examples=6, deadline=None, phases=[Phase.generate])
@given(raw=st.lists(somebody(), min_size=9, max_size=30))
def test_what_segments_find_is_handled_behind_all_others(raw):
    assert same(people() + raw, SEGMENTS)


def test_what_may_be_taken_back_is_the_work_of_one_process():
    with relayed() as written, Played([*people(), *(did(name, 9) for name in NAMES)]) as played:
        engine, store = played.house.engine, played.house.store
        before = told(store)
        with suppress(KeyboardInterrupt), store.transaction():
            engine.tick(START + 36_000)
            raise KeyboardInterrupt
        assert told(store) == before
    assert not any(written)


def test_a_topic_that_came_in_between_is_known_to_all_processes():
    text = 'scenario left\n  on subscription email to "new" -> unsubscribed\n  send a by email transactional\n'
    told_of = [fact("subscription.set", "c1", 0, channel="email", topic="new", status="subscribed")]
    batches = [[fact("subscription.set", f"c{number}", 0, channel="email", status="unsubscribed")] for number in range(2, 7)]
    assert same(in_hand([], [], told_of, *batches, []), text) > 5


def test_whose_turn_comes_just_as_the_row_ends_has_none():
    board = Board(2, 1)
    board.begin(3)

    def meanwhile() -> bool:
        if board.written == 0:
            # More than there is room for: nobody behind it may go on.
            board.wrote(0, [1, 2])
        return False

    try:
        assert not board.turn(1, meanwhile)
    finally:
        board.close()


# ---------------------------------------------------------------------------------------------------------------- mishaps


@pytest.mark.parametrize("call", [1, 2, 5])
def test_a_process_that_is_killed_is_a_sentence_and_the_next_tick_goes_on(call):
    raw = due_in_the_morning()
    with Played(raw, many=None) as one:
        wanted = told(one.to_the_end().house.store)
    write, calls, master = Batch.write, [], os.getpid()

    def killed(batch: Batch) -> None:
        write(batch)
        calls.append(batch)
        if os.getpid() != master and len(calls) >= call:
            os.kill(os.getpid(), signal.SIGKILL)

    with several(1), relayed(), Played(raw) as played:
        with patch.object(Batch, "write", killed), pytest.raises(UserError, match="one of the processes of this tick was ended by SIGKILL"):
            played.to_the_end()
        played.house.reopen()
        played.house.engine.many = 0
        assert told(played.to_the_end().house.store) == wanted


def elsewhere(path: Any, what: Any) -> None:
    """Another program has its turn at the database."""
    other = Store(str(path))
    try:
        with other.transaction():
            what(other)
    finally:
        other.close()


def once_decided(what: Any, path: Any, name: str = "n7") -> Any:
    """Something happens while the first facts are decided, ahead of their turn."""
    take, master, done = Intake.take, os.getpid(), Path(f"{path}-done")

    def taken(intake: Intake, facts: Any) -> None:
        take(intake, facts)
        if os.getpid() != master and not done.exists() and any(fact.customer == name for fact in facts):
            done.touch()
            elsewhere(path, what)

    return patch.object(Intake, "take", taken)


def test_who_is_erased_while_others_decide_is_left_alone():
    def forget(other: Store) -> None:
        found = other.entities.called("n7")
        if found is not None:
            erase(other, found, START + 120, inbox=True)

    with several(1), relayed(), Played(due_in_the_morning()) as played:
        played.house.engine.tick(START + 30)
        with once_decided(forget, played.house.path):
            played.to_the_end()
        assert Path(f"{played.house.path}-done").exists()
        store = played.house.store
        assert "n7@example.com" not in str(store.connection.rows("SELECT CAST(document AS TEXT) FROM customer"))
        assert store.connection.rows("SELECT count(*) FROM journey j JOIN customer c ON c.id = j.customer WHERE c.key = 'n7'") == [(0,)]
        assert len(told(store)["customers"]) == 40


def test_who_is_found_by_his_address_and_erased_meanwhile_stays_erased():
    batches = [[did(f"n{number}", 0)] for number in range(3)]
    known = fact("customer.register", "n7", 5, email="n7@example.com")
    raw = in_hand(*batches, [fact("customer.register", "new", 0, email="n7@example.com", city="Kazan")], before=[known])

    def forget(other: Store) -> None:
        found = other.entities.called("n7")
        assert found is not None
        erase(other, found, START + 120, inbox=True)

    with several(1), relayed(), Played(raw, STOPPED) as played:
        played.house.engine.tick(START + 30)
        with once_decided(forget, played.house.path, "new"):
            played.to_the_end()
        assert Path(f"{played.house.path}-done").exists()
        rows = played.house.store.connection.rows("SELECT key FROM customer WHERE CAST(document AS TEXT) LIKE '%Kazan%'")
        assert rows == [("new",)]


def test_facts_that_come_in_between_are_handled_too():
    raw = due_in_the_morning()
    extra = [did(f"n{number}", 45) | {"key": f"extra {number}"} for number in range(40)]
    with Played([*raw, *extra], many=None) as one:
        wanted = told(one.to_the_end().house.store)

    def come(other: Store) -> None:
        found = [read(one, zone=ZONE, received=0, received_each=True, batch="b", actor="customer") for one in extra]
        other.facts.add(found, durable=False)  # type: ignore[arg-type]

    with several(1), relayed(), Played(raw) as played:
        with once_decided(come, played.house.path, "n39"):
            played.to_the_end()
        assert Path(f"{played.house.path}-done").exists()
        found = told(played.house.store)
    assert found["inbox"] == []
    assert {name: len(rows) for name, rows in found.items()} == {name: len(rows) for name, rows in wanted.items()}


def test_told_to_stop_everybody_ends_with_what_was_begun(tmp_path):
    raw, told_to = due_in_the_morning(), tmp_path / "told"
    write, master, written = Batch.write, os.getpid(), []

    def last(batch: Batch) -> None:
        if os.getpid() != master:
            # As systemd does, to the whole group.
            os.kill(os.getpid(), signal.SIGTERM)
            told_to.touch()
            written.append(batch)
            assert len(written) == 1
        write(batch)

    with several(1), relayed() as batches, Played(raw) as played:
        played.house.engine.stopping = told_to.exists
        with patch.object(Batch, "write", last):
            played.house.engine.tick(START + 36_000)
        assert 0 < batches[0] <= 2
        played.house.reopen()
        played.house.engine.many = 0
        played.to_the_end()
        assert told(played.house.store)["inbox"] == []
        rows = played.house.store.connection.rows("SELECT count(*), count(DISTINCT customer) FROM message WHERE template = 'quick'")
        assert rows == [(40, 40)]


def test_the_first_day_of_a_shop_needs_no_more_than_its_start():
    assert stamp(0)
    raw = [fact("order.update", f"n{number}", number, order={"id": number, "status": "new"}) for number in range(60)]
    assert same(raw, processes=4) >= 19
