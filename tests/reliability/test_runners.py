"""Several processes at one database, signals in the middle, clocks that stand behind: real processes, each letter once."""

from __future__ import annotations

import json
import os
import signal
from collections import Counter
from collections.abc import Callable

import pytest

from interpreter import cli
from interpreter.delivery.message import Accepted
from interpreter.delivery.message import TryLater
from tests.reliability.kills import difference
from tests.reliability.story import ACTIONS
from tests.reliability.world import VARIANTS
from tests.reliability.world import Provider
from tests.reliability.world import World

TICK = "run --tick --now 2026-03-01T13:00"


@pytest.fixture(scope="module")
def launched(tmp_path_factory) -> World:
    """Launched; customers and orders have come in, and nothing is handled yet."""
    world = World.new(tmp_path_factory.mktemp("launched") / "world", VARIANTS[0])
    for action in ACTIONS[:2]:
        assert world.do(action) == 0, world.said()
    return world


@pytest.fixture
def world(launched, tmp_path) -> World:
    return launched.copy(tmp_path / "world")


@pytest.fixture
def fresh(tmp_path) -> World:
    """Not even a database."""
    return World.new(tmp_path / "fresh", VARIANTS[0])


def command(line: str) -> Callable[[], int]:
    return lambda: cli.main(line.split())


def facts(count: int) -> str:
    rows = [
        {"op": "customer.register", "at": "2026-03-01T12:00", "customer": f"c{n}", "email": f"c{n}@shop.example", "subscribed": ["email"]}
        for n in range(count)
    ]
    return "".join(json.dumps(row) + "\n" for row in rows)


@pytest.mark.parametrize("runners", [2, 10])
def test_runners_at_once_send_every_letter_once(world, runners):
    (world.shop / "many.jsonl").write_text(facts(40))
    assert world.fork(command("ingest --received each many.jsonl")) == 0
    processes = [world.start(command(TICK)) for _ in range(runners)]
    assert {world.wait(process) for process in processes} == {0}
    assert world.fork(command(TICK)) == 0  # what the one at work left, if it was told to stop: nothing
    assert set(Counter(world.delivered()).values()) == {1}
    assert len([key for key in world.delivered() if key.startswith("email")]) == len(
        world.look("SELECT 1 FROM message WHERE channel = 'email' AND state = 'sent'")
    )
    assert world.look(
        "SELECT count(*) FROM message WHERE template = 'letter' AND scenario = (SELECT id FROM scenario WHERE name = 'welcome')"
    ) == [(43,)]
    assert "Traceback" not in world.said()


def test_facts_come_in_from_all_sides_while_ticks_run(fresh):
    """The first of them makes the database, whichever that is."""
    for number in range(4):
        lines = facts(60).splitlines()[number * 15 : number * 15 + 15]
        (fresh.shop / f"part{number}.jsonl").write_text("\n".join(lines))
    processes = [fresh.start(command(f"ingest --received 2026-03-01T12:00 part{number}.jsonl")) for number in range(4)]
    processes += [fresh.start(command("run --tick --now 2026-03-01T11:00")) for _ in range(3)]
    assert [fresh.wait(process) for process in processes] == [0] * 7, fresh.said()
    assert fresh.fork(command(TICK)) == 0
    assert fresh.look("SELECT count(*) FROM fact WHERE batch LIKE 'ingest%'") == [(60,)]
    assert fresh.look("SELECT count(*) FROM inbox") == [(0,)]
    assert fresh.look("SELECT count(*) FROM customer") == [(60,)]


@pytest.mark.parametrize(("number", "at"), [(signal.SIGTERM, 1), (signal.SIGINT, 4), (signal.SIGTERM, 9)])
def test_told_to_stop_it_ends_behind_the_message_in_hand_and_the_next_one_goes_on(world, number, at):
    undisturbed = world.copy(world.root.with_name("undisturbed"))
    assert undisturbed.do(ACTIONS[2]) == 0

    class Told(Provider):
        def deliver(self, outgoing):
            if len(world.delivered()) == at:
                os.kill(os.getpid(), number)
            return super().deliver(outgoing)

    world.provider = Told
    assert world.do(ACTIONS[2]) == 0, world.said()
    assert "told to stop before the end; the next tick goes on with what is left" in world.said()
    assert len(world.delivered()) == at + 1
    assert world.look("SELECT 1 FROM message WHERE state IN ('sending', 'unsure')") == []
    world.provider = Provider
    assert world.do(ACTIONS[2]) == 0, world.said()
    assert "interrupted" not in world.said()
    assert set(Counter(world.delivered()).values()) == {1}
    assert sorted(world.delivered()) == sorted(undisturbed.delivered())
    assert difference(untimed(world), untimed(undisturbed)) == ""


def untimed(world: World) -> dict[str, list[object]]:
    """What was not delivered before it stopped goes a minute later at the earliest."""
    state = world.state()
    return state | {"message": [row[:-1] for row in state["message"]]}


def test_a_run_that_goes_on_ends_with_0_when_told_to(world):
    class Told(Provider):
        def deliver(self, outgoing):
            os.kill(os.getpid(), signal.SIGTERM)
            return Accepted("")

    world.provider = Told
    assert world.fork(command("run"), "2026-03-01T13:00") == 0, world.said()
    assert world.look("SELECT count(*) FROM message WHERE state = 'sent'") == [(1,)]
    assert world.look("SELECT count(*) FROM message WHERE state = 'planned'")[0][0] > 0


def test_time_only_goes_forward(world):
    assert world.fork(command(TICK)) == 0
    assert world.fork(command("run --tick --now 2026-03-01T12:59")) == 2
    assert "is behind the last tick" in world.said()
    assert world.fork(command("run --tick"), "2026-02-01T10:00") == 0
    assert "the clock stands behind the last tick; 2026-03-01T13:00:00+03:00 is used" in world.said()
    assert world.look("SELECT value FROM meta WHERE name = 'now'") == world.look("SELECT CAST(max(at) AS TEXT) FROM decision")


@pytest.mark.parametrize("later", [True, False])
def test_a_customer_may_be_forgotten_while_letters_leave(world, later):
    """Whatever becomes of the letter to him, it is not tried for ever after."""

    class Forgetful(Provider):
        def deliver(self, outgoing):
            if not (world.root / "forgotten").exists():
                (world.root / "forgotten").touch()
                assert world.wait(world.start(command("forget bob --yes"))) == 0
            return TryLater("busy") if later and outgoing.to == "bob@shop.example" else super().deliver(outgoing)

    world.provider = Forgetful
    assert world.fork(command(TICK)) == 0, world.said()
    assert world.look("SELECT state FROM message WHERE state IN ('planned', 'sending') AND id NOT IN (SELECT message FROM outbox)") == []
    assert "bob@" not in str(world.state())


def test_nobody_is_written_to_who_was_forgotten_before_his_letter_had_its_intent(world):
    """The page of letters was read before; they go in batches, here of one."""

    class Slow(Provider):
        def deliver(self, outgoing):
            if not world.delivered():
                assert world.wait(world.start(command("forget cat --yes"))) == 0
            return super().deliver(outgoing)

    toml = world.shop / "scn.toml"
    toml.write_text(toml.read_text().replace('delivery = "at_most_once"', 'rate = "1/s"'))
    world.provider = Slow
    assert world.fork(command("run --tick --now 2026-03-01T12:30")) == 0, world.said()
    sent = world.look("SELECT customer, state, reason FROM message WHERE template = 'letter'")
    assert sent == [(1, "sent", None), (2, "sent", None), (3, "failed", "erased")]
    assert len(world.delivered()) == 2
