"""Cron down, kills anywhere, two runners, a clock set back: `engine.md` §1 and §5, `domain.md` §6.4."""

from __future__ import annotations

import sqlite3

import pytest

from interpreter import tick
from interpreter.delivery.message import Accepted
from interpreter.delivery.outbox import deliver
from interpreter.delivery.terms import Route
from interpreter.phases.posting import Outbox
from interpreter.store.lock import TickRunningError
from interpreter.store.lock import tick_lock
from interpreter.store.pruning import Pruning
from interpreter.store.sqlite import Store
from tests.engine.house import ZONE
from tests.engine.house import House
from tests.engine.house import Killed
from tests.engine.house import moment
from tests.engine.house import shown

LATE = "scenario s on order created wait 3d send letter by email"
J1 = """
scenario reminder
  on order.status -> "new"
  valid VALID
  wait 5m
  if order.status = "new"
  set order.status "reminded"
"""


def order(shop: House, at: str, received: str | None = None, **fields) -> None:
    shop.fact(at, "order.update", received, customer="ann", order={"id": "1", **fields})


# ------------------------------------------------------------------------------------------------------- cron is down


@pytest.mark.example("T-R12")
@pytest.mark.parametrize(("back", "state"), [("06-10 20:00", "ann finished"), ("06-10 20:01", "ann stopped (expired)")])
def test_after_an_outage_what_is_still_relevant_goes_and_the_rest_expires(back, state):
    shop = House(LATE)
    shop.customer("ann")
    shop.tick("06-01 00:00")
    order(shop, "06-06 20:00", total=1)
    shop.tick("06-06 20:00")
    shop.tick(back)
    assert shop.journeys() == [state]


@pytest.mark.parametrize(("back", "state"), [("06-02 11:00", "ann finished"), ("06-02 11:01", "ann stopped (expired)")])
def test_a_cap_adds_to_validity_what_it_holds_and_not_the_outage_behind_it(back, state):
    shop = House(
        'policy cap 1 messages within 1d else hold 2d\nscenario one on action "one" send one by email\n'
        'scenario two on action "two" valid 1h send two by email'
    )
    shop.customer("ann")
    shop.tick("06-01 00:00")
    shop.go("06-01 10:00", template="one")
    shop.go("06-01 10:00", template="two")
    shop.tick("06-01 10:00")
    shop.tick(back)
    assert shop.journeys() == ["ann finished", state]


@pytest.mark.parametrize(("valid", "state"), [("10h29m", "ann stopped (expired)"), ("10h30m", "ann finished")])
def test_quiet_hours_behind_a_cap_eat_validity_as_any_others(valid, state):
    """A cap holds it from 21:59 to 22:30; the ten and a half hours of night behind that are held by no cap."""
    shop = House(
        'policy cap 1 messages within 1d else hold 2d\nscenario one on action "one" send one by email\n'
        f'scenario two on action "two" valid {valid} quiet 22:00-09:00 send two by email'
    )
    shop.customer("ann")
    shop.tick("05-31 00:00")
    shop.go("05-31 22:30", template="one")
    shop.go("06-01 21:59", template="two")
    shop.run("05-31 22:30", "06-03 12:00")
    assert shop.journeys() == ["ann finished", state]


@pytest.mark.example("S-3")
def test_a_job_is_done_at_the_first_tick_and_a_scenario_only_while_it_is_relevant():
    for valid, journeys in (("1d", ["ann finished"]), ("30m", ["ann stopped (expired)"])):
        shop = House(J1.replace("VALID", valid))
        shop.tick("06-01 11:59")
        order(shop, "06-01 12:00", status="new")
        shop.tick("06-01 12:00")
        shop.tick("06-01 13:00")
        assert shop.journeys() == journeys


def test_a_late_tick_never_sends_into_the_night():
    shop = House("scenario s on order created wait 1d quiet 22:00-09:00 send letter by email")
    shop.customer("ann")
    shop.tick("06-01 00:00")
    order(shop, "06-01 21:00", total=1)
    shop.tick("06-01 21:00")
    shop.tick("06-02 23:10")
    assert shop.messages() == []
    assert shop.journeys() == ["ann held 06-03 09:00"]
    shop.run("06-02 23:11", "06-03 10:00")
    assert shop.messages() == ["06-03 09:00 letter to ann"]


def test_facts_of_an_outage_are_handled_in_the_order_they_arrived():
    """What ended the wait came before the time ran out, though both were noticed late."""
    shop = House("""
scenario s
  on order created
  wait up to 3d for order.status -> "paid" { send thanks by email } else { send reminder by email }
""")
    shop.customer("ann")
    shop.tick("06-01 00:00")
    order(shop, "06-01 10:00", total=1)
    shop.tick("06-01 10:00")
    order(shop, "06-04 09:00", status="paid")
    shop.tick("06-04 12:00")
    assert shop.messages() == ["06-04 12:00 thanks to ann"]


@pytest.mark.example("S-1", "S-2")
def test_a_condition_is_looked_at_right_before_the_step():
    """The customer pays between the two ticks (`domain.md` §6.4)."""
    shop = House(J1.replace("VALID", "1d"))
    shop.tick("06-01 11:59")
    order(shop, "06-01 12:00", status="new")
    shop.tick("06-01 12:00")
    order(shop, "06-01 12:05", status="paid")
    shop.tick("06-01 12:05")
    assert shop.journeys() == ["ann stopped (condition)"]


@pytest.mark.example("S-6")
def test_three_hundred_orders_from_before_the_launch_get_no_letter():
    shop = House('scenario s on order.status -> "shipped" wait 7d send review by email')
    shop.customer("ann")
    for number in range(300):
        shop.fact("01-05 10:00", "order.update", customer="ann", order={"id": number, "status": "shipped"})
    assert shop.tick("06-01 00:00").refused == {"before_launch": 300}
    shop.run("06-01 00:01", "06-30 00:00")
    assert shop.messages() == []


# -------------------------------------------------------------------------------------------------------------- kills

STORY = """
scenario chain
  on order created
  stop on order.status -> "cancelled"
  goal order.status -> "paid" within 9d
  wait 1d
  send first by email
  set customer.stage "asked"
  wait 1d
  send second by email
  limit 2 per customer
scenario staged
  on customer.stage changed
  send staged by email
scenario daily
  every day at 10:00
  send daily by email
"""


def tell(shop: House) -> None:
    """Three customers and a few orders over five days."""
    shop.customer("ann", "bob", "cat", at="06-01 00:00")
    for number, (customer, at) in enumerate(
        [("ann", "06-01 09:00"), ("bob", "06-01 09:00"), ("cat", "06-01 11:30"), ("ann", "06-02 09:30")]
    ):
        shop.fact(at, "order.update", customer=customer, order={"id": number, "total": 5})
    shop.fact("06-02 12:00", "order.update", order={"id": 2, "status": "cancelled"})
    shop.fact("06-03 12:00", "order.update", order={"id": 0, "status": "paid"})


def outcome(shop: House) -> tuple[object, ...]:
    listing = shop.store.listing
    ledger = sorted((row.at, row.customer, row.scenario, row.outcome, row.reason) for row in listing.decisions())
    return sorted(shop.messages()), sorted(shop.journeys()), ledger


@pytest.fixture(scope="module")
def undisturbed() -> tuple[object, ...]:
    shop = House(STORY)
    shop.tick("06-01 00:00")
    tell(shop)
    shop.run("06-01 00:01", "06-05 12:00")
    return outcome(shop)


@pytest.mark.parametrize("every", [3, 7, 17, 41])
def test_killed_anywhere_and_continued_gives_the_same(tmp_path, undisturbed, every):
    shop = House(STORY, tmp_path / "scn.db")
    shop.tick("06-01 00:00")
    tell(shop)
    kills, finished = 0, False
    while not finished:
        kills += 1
        # Each process makes a few more statements than the one before, so that kills fall everywhere and something gets done.
        with shop.killed_at(every * kills):
            shop.run(shown_now(shop.store.scenarios.get("now") or ""), "06-05 12:00")
            finished = True
    assert kills > 3
    assert outcome(shop) == undisturbed


def shown_now(kept: str) -> str:
    from dsl.calendar import iso

    return iso(int(kept), ZONE)[5:16].replace("T", " ")


class Provider:
    """Takes letters, and may be the last thing the process does."""

    def __init__(self, *, idempotent: bool = False) -> None:
        self.idempotent = idempotent
        self.taken: list[str] = []
        self.kill_behind: int | None = None

    def open(self) -> None: ...

    def close(self) -> None: ...

    def settle(self) -> None: ...

    def deliver(self, outgoing):
        self.taken.append(outgoing.key)
        if self.kill_behind == len(self.taken):
            raise Killed
        return Accepted("id")


def through(shop: House, provider: Provider) -> None:
    outbox = Outbox(shop.store, ZONE, sent_is_fact=False)
    shop.engine.deliver = lambda now: deliver(outbox, {"email": Route(provider)}, now)


@pytest.mark.parametrize("idempotent", [False, True])
def test_killed_between_intent_and_receipt(tmp_path, idempotent):
    """Not sent again where the channel would send twice, and never in silence (`domain.md` A-25)."""
    shop = House('scenario s on action "go" send letter by email', tmp_path / "scn.db")
    provider = Provider(idempotent=idempotent)
    shop.customer("ann", "bob", "cat")
    through(shop, provider)
    shop.tick("06-01 10:00")
    for customer in ("ann", "bob", "cat"):
        shop.go("06-01 11:00", customer)
    provider.kill_behind = 2
    with pytest.raises(Killed):
        shop.tick("06-01 11:00")
    shop.reopen()
    through(shop, provider)
    report = shop.tick("06-01 11:01")
    states = {message.split()[-2 if "(" in message else -1]: message for message in shop.messages()}
    if idempotent:
        assert set(provider.taken) == {"1-1-0", "2-1-0", "3-1-0"}
        assert report.unsure == 0
        assert len(states) == 3
        assert all("unsure" not in message for message in shop.messages())
    else:
        assert provider.taken == ["1-1-0", "2-1-0", "3-1-0"], "each once"
        assert report.unsure == 1
        assert [row.state for row in shop.store.listing.messages()] == ["sent", "unsure", "sent"]
    shop.tick("06-01 11:02")
    assert len(set(provider.taken)) == 3


def test_an_unsure_message_counts_as_one_for_caps_and_conditions(tmp_path):
    text = 'policy cap 1 message within 1d\nscenario s on action "go" send letter by email'
    shop = House(text, tmp_path / "scn.db")
    provider = Provider()
    provider.kill_behind = 1
    shop.customer("ann")
    through(shop, provider)
    shop.tick("06-01 10:00")
    shop.go("06-01 11:00")
    with pytest.raises(Killed):
        shop.tick("06-01 11:00")
    shop.reopen()
    through(shop, provider)
    shop.go("06-01 12:00")
    shop.run("06-01 11:01", "06-01 13:00")
    assert [(row.state, row.reason) for row in shop.store.listing.messages()][1] == ("skipped", "cap")


# ----------------------------------------------------------------------------------------------------------- two ticks


def test_a_second_tick_at_the_same_time_is_refused_by_the_lock(tmp_path):
    path = str(tmp_path / "scn.db")
    with tick_lock(path), pytest.raises(TickRunningError), tick_lock(path):
        pytest.fail("two ticks at once")
    with tick_lock(path):
        pass


PROJECT = {
    "scn.toml": '[project]\ntimezone = "Europe/Moscow"\n',
    "a.scn": 'on action "go"\n  send letter by email\n',
    "templates/letter/email.txt": "Hello {{ unsubscribe_url }}\n",
    "templates/letter/meta.toml": 'subject = "Hello"\n',
}


def test_the_command_says_so_and_exits_0(folder, scn):
    root = folder(PROJECT)
    assert scn("run", "--tick", "--now", "2024-06-01T10:00").code == 0
    with tick_lock(str(root / "scn.db")):
        answer = scn("run", "--tick", "--now", "2024-06-01T10:01")
    assert answer.code == 0
    assert "another tick is at work" in answer.err


def test_under_cron_another_tick_is_no_news(folder, scn):
    root = folder(PROJECT)
    assert scn("run", "--tick", "--now", "2024-06-01T10:00").code == 0
    with tick_lock(str(root / "scn.db")):
        answer = scn("run", "--tick", "--silent", "--now", "2024-06-01T10:01")
    assert (answer.code, answer.out, answer.err) == (0, "", "")


def test_the_clock_never_goes_back(folder, scn):
    folder(PROJECT)
    assert scn("run", "--tick", "--now", "2124-06-01T10:00").code == 0
    answer = scn("run", "--tick", "--now", "2124-06-01T09:59")
    assert answer.code == 2
    assert "behind the last tick" in answer.err
    answer = scn("run", "--tick")
    assert answer.code == 0
    assert "2124-06-01T10:00" in answer.err, "the clock stands behind it: the last one is used, and said"


def test_ingest_while_a_tick_writes_loses_nothing(tmp_path):
    """Facts come in through another connection between the batches of a tick."""
    shop = House('scenario s on action "go" send letter by email', tmp_path / "scn.db")
    shop.customer("ann")
    shop.tick("06-01 10:00")
    other = House('scenario s on action "go" send letter by email', tmp_path / "scn.db")
    other.facts = 100
    for minute in range(5):
        shop.go(f"06-01 11:0{minute}")
        other.go(f"06-01 11:0{minute}")
        shop.tick(f"06-01 11:0{minute}")
    assert len(shop.messages()) == 10


def test_the_same_file_twice_changes_nothing():
    shop = House('scenario s on action "go" send letter by email')
    shop.customer("ann")
    shop.tick("06-01 10:00")
    for _ in range(2):
        shop.fact("06-01 11:00", "action.issue", customer="ann", template="go", key=None)
    shop.tick("06-01 11:00")
    assert shop.messages() == ["06-01 11:00 letter to ann"]


def test_a_locked_database_is_a_sentence_and_nothing_is_lost(tmp_path, monkeypatch):
    monkeypatch.setattr("interpreter.store.connection.BUSY_TIMEOUT", 1)
    shop = House('scenario s on action "go" send letter by email', tmp_path / "scn.db")
    shop.customer("ann")
    shop.tick("06-01 10:00")
    shop.go("06-01 11:00")
    holder = sqlite3.connect(tmp_path / "scn.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    from interpreter.store.connection import DatabaseError

    with pytest.raises(DatabaseError, match="locked by another program"):
        shop.tick("06-01 11:00")
    holder.execute("ROLLBACK")
    shop.tick("06-01 11:01")
    assert shop.messages() == ["06-01 11:01 letter to ann"]


def test_a_store_knows_when_it_is_somebody_elses(tmp_path):
    (tmp_path / "scn.db").write_text("this is no database, but long enough to look like something else entirely\n" * 20)
    with pytest.raises(Exception, match="damaged"):
        Store(str(tmp_path / "scn.db"))


def test_one_bad_journey_does_not_stop_the_tick():
    from interpreter.journey import Failure
    from interpreter.phases.writer import UnwritableError

    shop = House('scenario s on action "go" send letter by email')
    shop.customer("ann", "bob")
    shop.tick("06-01 10:00")
    whole = shop.engine.render

    def broken(effect, scenario, view, key):
        if view.customer.key == "ann":
            raise UnwritableError(Failure.TEMPLATE, "no such value")
        return whole(effect, scenario, view, key)

    shop.engine.render = broken
    shop.go("06-01 11:00", "ann")
    shop.go("06-01 11:00", "bob")
    report = shop.tick("06-01 11:00")
    assert shop.journeys() == ["ann failed (template)", "bob finished"]
    assert report.failed_journeys == 1
    assert moment("06-01 11:00") == report.now


WAITS = """
scenario s
  on order created
  wait up to 3d for order.status -> "paid" { send thanks by email } else { send reminder by email }
"""


@pytest.mark.parametrize(
    ("paid", "messages", "journey"),
    [
        ("06-01 10:00", [], "ann stopped (expired)"),
        ("06-04 10:00", ["06-04 12:00 thanks to ann"], "ann finished"),
        ("06-04 10:01", ["06-04 12:00 reminder to ann"], "ann finished"),
    ],
)
def test_an_outage_changes_nothing_in_what_happened_in_time(paid, messages, journey):
    """Everything comes to light in one tick: the start, what was waited for, and that time ran out."""
    shop = House(WAITS)
    shop.customer("ann")
    shop.tick("06-01 00:00")
    order(shop, "06-01 10:00", total=1)
    order(shop, paid, status="paid")
    shop.tick("06-04 12:00")
    shop.run("06-04 12:01", "06-10 00:00")
    assert shop.messages() == messages
    assert shop.journeys() == [journey]


@pytest.mark.parametrize(("created", "reached"), [("06-02 09:59", False), ("06-02 10:00", True)])
def test_a_goal_counts_from_the_first_step_group_though_it_is_heard_of_later(created, reached):
    shop = House('scenario s on action "go" goal order created within 2d wait 1d send letter by email')
    shop.customer("ann")
    shop.tick("06-01 00:00")
    shop.go("06-01 10:00")
    shop.run("06-01 10:00", "06-02 10:00")
    order(shop, created, "06-02 11:00", total=1)
    shop.run("06-02 11:00", "06-03 00:00")
    assert [row.goal_at is not None for row in shop.store.listing.journeys()] == [reached]


def test_whoever_is_told_to_stop_lets_nobody_act_before_all_facts_are_handled(monkeypatch):
    """The exit is in the second batch of facts: the letter that is due must not go before it is heard of."""
    monkeypatch.setattr(tick, "FACTS", 2)
    shop = House('scenario s on action "go" stop on action "buy" wait 1d send letter by email')
    shop.customer("ann")
    shop.tick("06-01 00:00")
    shop.go("06-01 10:00")
    shop.tick("06-01 10:00")
    for template in ("look", "look", "buy"):
        shop.go("06-01 12:00", template=template)
    shop.engine.stopping = lambda: True
    shop.tick("06-02 10:00")
    shop.engine.stopping = bool
    shop.run("06-02 10:00", "06-02 10:05")
    assert shop.messages() == []
    assert shop.journeys() == ["ann stopped (exit)"]


def test_a_payment_in_the_minute_of_the_order_is_heard_behind_a_gate():
    shop = House(WAITS.replace("  wait up", "  if subscribed email\n  wait up"))
    shop.customer("ann")
    shop.tick("06-01 00:00")
    order(shop, "06-01 10:00:10", total=1)
    order(shop, "06-01 10:00:40", status="paid")
    shop.run("06-01 00:01", "06-10 00:00")
    assert shop.messages() == ["06-01 10:01 thanks to ann"]


def paid_too_late() -> House:
    """Ann's journey has ended, and so has the day for its goal: at 10:00 of 06-02."""
    shop = House('scenario s on action "go" goal action "pay" within 1d send letter by email')
    shop.customer("ann")
    shop.tick("06-01 00:00")
    shop.go("06-01 10:00")
    shop.run("06-01 10:00", "06-09 00:00")
    return shop


def goals(shop: House) -> list[str]:
    return [shown(row.goal_at) for row in shop.store.listing.journeys() if row.goal_at]


def test_a_goal_is_reached_by_what_is_told_of_it_days_later():
    shop = paid_too_late()
    shop.go("06-09 10:00", template="pay")
    shop.go("06-02 10:00", template="pay", received="06-09 10:00")
    shop.run("06-09 09:00", "06-10 00:00")
    assert goals(shop) == ["06-02 10:00"]


def test_whose_goal_is_over_is_looked_for_only_when_something_as_old_comes():
    shop = paid_too_late()
    assert [journey.id for journey in shop.store.journeys.watching([1], moment("06-02 10:00"))] == [1]
    assert shop.store.journeys.watching([1], moment("06-02 10:01")) == []


@pytest.mark.parametrize(("before", "reached"), [("06-02 10:00", ["06-02 10:00"]), ("06-02 10:01", [])])
def test_pruning_ends_the_watch_for_goals_that_were_over_before(before, reached):
    shop = paid_too_late()
    for _ in Pruning(shop.store.connection, moment(before)).steps():
        pass
    assert len(shop.store.journeys.watching([1])) == len(reached)
    shop.go("06-02 10:00", template="pay", received="06-09 10:00")
    shop.run("06-09 09:00", "06-10 00:00")
    assert goals(shop) == reached


def test_pruning_waits_with_goals_for_what_has_come_in_already():
    shop = paid_too_late()
    shop.go("06-02 10:00", template="pay", received="06-09 10:00")
    for _ in Pruning(shop.store.connection, moment("06-08 00:00")).steps():
        pass
    shop.run("06-09 09:00", "06-10 00:00")
    assert goals(shop) == ["06-02 10:00"]
