"""The delivery promise (`engine.md` §5): intent, attempt, receipt; nothing twice, nothing lost, what cannot be known is listed."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

import attrs
import pytest

from interpreter.delivery.message import Accepted
from interpreter.delivery.message import Outgoing
from interpreter.delivery.message import Receipt
from interpreter.delivery.message import Refused
from interpreter.delivery.message import TryLater
from interpreter.delivery.message import Unknown
from interpreter.delivery.outbox import deliver
from interpreter.delivery.patience import ChannelState
from interpreter.delivery.terms import DeliveryReport
from interpreter.delivery.terms import Result
from interpreter.delivery.terms import Route
from interpreter.delivery.terms import Rules
from interpreter.errors import UserError

#: 2026-03-01 09:00:00 UTC, the decision moment of every message here.
T = 1772355600


class Killed(BaseException):
    """kill -9, as far as a test can."""


@attrs.define
class Row:
    outgoing: Outgoing
    state: str = "planned"
    reason: str = ""
    retry_at: int | None = None
    provider_id: str = ""


class Memory:
    """A store that keeps what a database would; `tick` counts its operations and kills the process at one."""

    def __init__(self, messages: Iterable[Outgoing], tick: Callable[[], None] = lambda: None) -> None:
        self.rows = {outgoing.id: Row(outgoing) for outgoing in messages}
        self.facts: list[Mapping[str, Any]] = []
        self.states: dict[str, ChannelState] = {}
        self.saves = 0
        self.commits = 0
        self.intents = 0
        self.turn: int | None = None
        self.power_cut = False
        self.tick = tick

    def _found(self, state, limit, after, now=None, without=()):
        rows = sorted(self.rows.values(), key=lambda row: (not row.outgoing.transactional, row.outgoing.id))
        return [
            row.outgoing
            for row in rows
            if row.state == state
            and row.outgoing.channel not in without
            and (now is None or row.retry_at is None or row.retry_at <= now)
            and (after is None or (not row.outgoing.transactional, row.outgoing.id) > (not after[0], after[1]))
        ][:limit]

    def planned(self, now, limit, after, without):
        return self._found("planned", limit, after, now, without)

    def overdue(self, now, limit, channels):
        return [one for one in self._found("planned", 1 << 30, None) if one.channel in channels and one.deadline < now][:limit]

    def interrupted(self, limit, after):
        return self._found("sending", limit, after)

    def may_have_left(self, number):
        return self.power_cut or self.turn in (None, number)

    def mark_sending(self, ids, *, one_by_one):
        self.tick()
        self.commits += 1
        self.intents += 1
        for number in ids:
            assert self.rows[number].state == "planned"
            self.rows[number].state = "sending"
        self.turn = ids[0] if one_by_one else None
        self.tick()
        return ids

    def record(self, results: Iterable[Result], facts, now, turn=None):
        self.tick()
        self.commits += 1
        for result in results:
            row = self.rows[result.id]
            row.state = result.state
            row.outgoing = attrs.evolve(row.outgoing, attempts=row.outgoing.attempts + result.tried)
            if result.state != "planned" or result.retry_at is not None:
                row.outgoing = attrs.evolve(row.outgoing, doubtful=result.doubtful)
                row.reason, row.retry_at, row.provider_id = result.reason, result.retry_at, result.provider_id
        self.turn = self.turn if turn is None else turn
        self.facts.extend(facts)
        self.tick()

    def channel_states(self):
        return dict(self.states)

    def save_channel_states(self, states):
        self.saves += 1
        self.states = dict(states)

    def seen(self) -> dict[int, str]:
        return {number: row.state for number, row in self.rows.items()}


class Scripted:
    """A channel that answers as told; it remembers what arrived, once for each key if it is idempotent."""

    def __init__(
        self, answer: Callable[[Outgoing], Receipt] | Receipt | None = None, *, idempotent: bool = False, tick=lambda: None
    ) -> None:
        self.answer = answer or Accepted("p")
        self.idempotent = idempotent
        self.tried: list[int] = []
        self.arrived: list[str] = []
        self.opened = 0
        self.closed = 0
        self.settled = 0
        self.tick = tick

    def open(self):
        self.opened += 1

    def deliver(self, outgoing):
        self.tick()
        self.tried.append(outgoing.id)
        receipt = self.answer(outgoing) if callable(self.answer) else self.answer
        if isinstance(receipt, (Accepted, Unknown)) and not (self.idempotent and outgoing.key in self.arrived):
            self.arrived.append(outgoing.key)
        self.tick()
        return receipt

    def settle(self):
        self.settled += 1

    def close(self):
        self.closed += 1


@pytest.fixture
def messages(outgoing):
    return lambda count, **changes: [outgoing(number, **changes) for number in range(1, count + 1)]


def run(store: Memory, channel: Scripted | None = None, now: int = T, rules: Rules | None = None, **route: Any) -> DeliveryReport:
    return deliver(store, {"email": Route(channel or Scripted(), **route)}, now, rules)


# ------------------------------------------------------------------------------------------------------------ the good


def test_what_is_planned_is_sent_and_the_receipt_kept(messages):
    store, channel = Memory(messages(3)), Scripted()
    report = run(store, channel)
    assert (report.sent, report.failed, report.unsure, report.retried) == (3, 0, 0, 0)
    assert set(store.seen().values()) == {"sent"}
    assert store.rows[1].provider_id == "p"
    assert (channel.opened, channel.closed) == (1, 1)


def test_transactional_messages_go_first_then_as_decided(outgoing):
    store, channel = Memory([outgoing(1), outgoing(2), outgoing(3, transactional=True)]), Scripted()
    run(store, channel)
    assert channel.tried == [3, 1, 2]


def test_a_channel_nobody_needs_is_never_opened(messages):
    channel = Scripted()
    run(Memory([]), channel)
    assert (channel.opened, channel.closed) == (0, 0)


@pytest.mark.parametrize(("idempotent", "intents", "commits"), [(False, 3, 253), (True, 1, 2)])
def test_intents_are_committed_in_batches_and_receipts_too_where_a_second_message_can_be_told_from_the_first(
    messages, idempotent, intents, commits
):
    store = Memory(messages(250))
    run(store, Scripted(idempotent=idempotent))
    assert set(store.seen().values()) == {"sent"}
    assert (store.intents, store.commits) == (intents, commits)


def test_many_pages_are_gone_through_once(messages):
    store, channel = Memory(messages(1201)), Scripted(idempotent=True)
    assert run(store, channel).sent == 1201
    assert channel.tried == list(range(1, 1202))


# --------------------------------------------------------------------------------------------------------------- kills


@pytest.mark.parametrize("idempotent", [False, True])
@pytest.mark.parametrize("moment", range(1, 30))
def test_killed_anywhere_nothing_is_lost_and_nothing_arrives_twice(messages, idempotent, moment):
    left = moment

    def tick():
        nonlocal left
        left -= 1
        if left == 0:
            raise Killed

    store = Memory(messages(4), tick)
    channel = Scripted(idempotent=idempotent, tick=tick)
    try:
        run(store, channel)
    except Killed:
        left = 0
        run(store, channel, now=T + 60)
    assert len(channel.arrived) == len(set(channel.arrived))
    states = store.seen()
    assert set(states.values()) <= ({"sent"} if idempotent else {"sent", "unsure"})
    # Whatever is not known to be sent is listed, and at most one message was in doubt.
    assert list(states.values()).count("unsure") <= 1
    sent = {store.rows[number].outgoing.key for number, state in states.items() if state == "sent"}
    assert sent <= set(channel.arrived)


class Dies(Scripted):
    """Its third message kills the process after it has left."""

    def deliver(self, outgoing):
        receipt = super().deliver(outgoing)
        if len(self.tried) == 3:
            raise Killed
        return receipt


@pytest.mark.parametrize(("power_cut", "doubtful"), [(False, [3]), (True, [3, 4, 5, 6])])
def test_a_killed_process_leaves_one_message_in_doubt_and_a_power_cut_its_batch(messages, power_cut, doubtful):
    store, channel = Memory(messages(6)), Dies()
    with pytest.raises(Killed):
        run(store, channel)
    store.power_cut = power_cut
    report = run(store, channel, now=T + 60)
    states = store.seen()
    assert [number for number in states if states[number] == "unsure"] == doubtful
    assert (report.unsure, report.sent) == (len(doubtful), 4 - len(doubtful))
    assert len(channel.arrived) == len(set(channel.arrived))


def test_of_a_channel_with_a_rate_no_more_than_a_second_is_in_doubt(messages):
    store = Memory(messages(6))
    run(store, rate=2)
    assert store.intents == 3


def test_a_project_may_ask_for_at_least_once(messages):
    store, channel = Memory(messages(1)), Scripted()
    store.rows[1].state = "sending"
    assert run(store, channel, now=T + 60, at_least_once=True).sent == 1
    assert channel.tried == [1]


def test_what_was_interrupted_too_long_ago_is_listed_not_sent(messages):
    store, channel = Memory(messages(1)), Scripted(idempotent=True)
    store.rows[1].state = "sending"
    assert run(store, channel, now=T + 86401).unsure == 1
    assert (channel.tried, store.seen()) == ([], {1: "unsure"})


def test_an_interrupted_message_of_a_channel_that_is_gone_is_listed(messages):
    store = Memory(messages(1, channel="sms"))
    store.rows[1].state = "sending"
    run(store)
    assert store.seen() == {1: "unsure"}


# ------------------------------------------------------------------------------------------------------------ failures


def test_a_refusal_is_final_and_a_hard_bounce_marks_the_contact(messages):
    store = Memory(messages(2))
    report = run(store, Scripted(lambda outgoing: Refused("no such user", hard_bounce=outgoing.id == 1)))
    assert report.failed == 2
    assert store.seen() == {1: "failed", 2: "failed"}
    assert store.facts == [
        {"op": "contact.validity", "key": "bounce:j1-s2", "at": "2026-03-01T09:00:00+00:00", "actor": "scenario", "customer": "ann",
         "kind": "email", "value": "ann@example.com", "valid": False}
    ]  # fmt: skip


def test_a_notice_to_staff_that_bounces_is_nobodys_contact(messages):
    store = Memory(messages(1, customer_key=""))
    run(store, Scripted(Refused("no", hard_bounce=True)))
    assert store.facts == []


def test_the_bounce_of_an_sms_marks_the_phone(messages):
    store = Memory(messages(1, channel="sms", to="+79001234567"))
    deliver(store, {"sms": Route(Scripted(Refused("no", hard_bounce=True)))}, T)
    assert (store.facts[0]["kind"], store.facts[0]["value"]) == ("phone", "+79001234567")


def test_a_bounce_is_a_fact_that_the_door_takes(messages):
    from interpreter.facts import Fact
    from interpreter.facts import read

    store = Memory(messages(1))
    run(store, Scripted(Refused("no", hard_bounce=True)))
    found = read(store.facts[0], zone="UTC", received=T, batch="delivery", actor="scenario")
    assert isinstance(found, Fact)
    assert (found.op, found.customer, found.at) == ("contact.validity", "ann", T)


def test_a_lost_answer_is_unsure_and_never_tried_again(messages):
    store, channel = Memory(messages(1)), Scripted(Unknown("cut"))
    assert run(store, channel).unsure == 1
    run(store, channel, now=T + 7200)
    assert (channel.tried, store.seen(), store.rows[1].reason) == ([1], {1: "unsure"}, "cut")


def test_temporary_failures_are_tried_again_later_and_later_until_the_deadline(messages):
    store, channel = Memory(messages(1)), Scripted(TryLater("greylisted", recipient_only=True))
    now, moments = T, []
    while store.seen() == {1: "planned"}:
        moments.append(now)
        report = run(store, channel, now=now)
        if store.rows[1].retry_at is not None:
            assert report.next_at == store.rows[1].retry_at
            assert run(store, channel, now=now).retried == 0
            now = store.rows[1].retry_at
    waits = [later - earlier for earlier, later in itertools.pairwise(moments)]
    assert 48 <= waits[0] <= 72
    assert all(1.3 < later / earlier < 3.1 for earlier, later in itertools.pairwise(waits[:6]))
    assert max(waits) <= 4320
    assert moments[-1] <= T + 86400
    assert len(channel.tried) == len(moments) > 20
    assert (store.seen(), store.rows[1].reason) == ({1: "failed"}, "given up: greylisted")


def test_the_same_key_waits_the_same_and_another_waits_differently(messages):
    def waits():
        store = Memory(messages(4))
        run(store, Scripted(TryLater("no", recipient_only=True)))
        return [row.retry_at for row in store.rows.values()]

    assert waits() == waits()
    assert len(set(waits())) > 1


def test_the_channels_own_wish_is_kept_to(messages):
    store = Memory(messages(1))
    run(store, Scripted(TryLater("slow down", after_seconds=1800, recipient_only=True)))
    assert store.rows[1].retry_at == T + 1800


def test_given_up_in_doubt_is_unsure(messages):
    store = Memory(messages(1, deadline=T + 10))
    run(store, Scripted(TryLater("cut", perhaps_delivered=True), idempotent=True))
    assert store.seen() == {1: "unsure"}


def test_a_channel_that_breaks_does_not_take_the_tick_with_it(messages):
    def breaks(outgoing):
        raise RuntimeError("oops")

    store = Memory(messages(1))
    assert run(store, Scripted(breaks)).unsure == 1
    assert store.rows[1].reason == "RuntimeError: oops"
    store = Memory(messages(1))
    assert run(store, Scripted(breaks, idempotent=True)).retried == 1


def test_letters_that_are_not_yet_on_the_disk_are_offered_again(messages):
    class Full(Scripted):
        def settle(self):
            raise OSError(28, "No space left on device")

    store = Memory(messages(2))
    assert run(store, Full(idempotent=True)).retried == 2
    assert store.rows[1].reason == "not yet on the disk: no space left on device"


def test_a_channel_that_cannot_be_opened_stops_only_itself(outgoing):
    class Closed(Scripted):
        def open(self):
            raise UserError("the environment variable `SMS` is not set")

    store = Memory([outgoing(1, channel="sms"), outgoing(2), outgoing(3, channel="sms")])
    report = deliver(store, {"sms": Route(Closed()), "email": Route(Scripted())}, T)
    assert store.seen() == {1: "planned", 2: "sent", 3: "planned"}
    assert report.problems == ["channel `sms`: the environment variable `SMS` is not set"]


def test_a_channel_missing_from_scn_toml_may_come_back(messages):
    store = Memory(messages(1, channel="sms"))
    run(store)
    assert (store.seen(), store.rows[1].reason) == ({1: "planned"}, "there is no channel `sms` in scn.toml")
    assert deliver(store, {"sms": Route(Scripted())}, T + 120).sent == 1


# ------------------------------------------------------------------------------------------------------------- breaker


def test_five_failures_in_a_row_pause_the_channel_for_all_processes(outgoing):
    letters = [outgoing(number) for number in range(1, 11)]
    store, channel, other = Memory([*letters, outgoing(11, channel="sms")]), Scripted(TryLater("down")), Scripted()
    routes = {"email": Route(channel), "sms": Route(other)}
    report = deliver(store, routes, T)
    assert (channel.tried, other.tried) == ([1, 2, 3, 4, 5], [11])
    assert report.problems == ["channel `email` failed 5 times in a row, paused for 300 s: down"]
    # The next process knows, and tries again one message when the pause is over; that failing, it waits twice as long.
    deliver(store, routes, T + 299)
    assert len(channel.tried) == 5
    deliver(store, routes, T + 300)
    assert len(channel.tried) == 6
    assert store.states["email"].paused_until == T + 300 + 600
    # Working again, it works for all.
    channel.answer = Accepted()
    deliver(store, routes, T + 900)
    assert store.states["email"].failures == 0
    deliver(store, routes, T + 2000)
    assert set(store.seen().values()) == {"sent"}


def test_recipients_that_refuse_say_nothing_about_the_channel(messages):
    store = Memory(messages(20))
    answers: list[Receipt] = [TryLater("greylisted", recipient_only=True), Refused("no"), Accepted()]
    report = run(store, Scripted(lambda outgoing: answers[outgoing.id % 3]))
    assert (report.sent + report.failed + report.retried, report.problems) == (20, [])


def test_four_failures_and_a_success_start_the_count_anew(messages):
    store = Memory(messages(20))
    assert run(store, Scripted(lambda outgoing: Accepted() if outgoing.id % 5 == 0 else TryLater("down"))).problems == []


def test_a_provider_that_asks_to_wait_is_left_alone_until_then(messages):
    store, channel = Memory(messages(3)), Scripted(TryLater("429", after_seconds=600))
    report = run(store, channel)
    assert (channel.tried, report.next_at) == ([1], T + 600)
    channel.answer = Accepted()
    run(store, channel, now=T + 599)
    assert channel.tried == [1]
    assert run(store, channel, now=T + 660).sent == 3


def test_a_paused_channel_keeps_nothing_that_it_is_too_late_for(messages):
    store, channel = Memory(messages(700, deadline=T + 400)), Scripted(TryLater("down"))
    run(store, channel)
    run(store, channel, now=T + 300)
    run(store, channel, now=T + 401)
    assert store.states["email"].paused_until > T + 401
    assert set(store.seen().values()) == {"failed"}
    assert len(channel.tried) == 6


def test_what_may_have_been_delivered_never_ends_as_failed(messages):
    store = Memory(messages(3, deadline=T + 400))
    answers = {
        1: TryLater("cut", perhaps_delivered=True),
        2: TryLater("cut", perhaps_delivered=True),
        3: TryLater("no", recipient_only=True),
    }
    run(store, Scripted(lambda outgoing: answers[outgoing.id], idempotent=True))
    # The second attempt is refused for now, and then it is too late.
    run(store, Scripted(TryLater("busy", recipient_only=True), idempotent=True), now=T + 100)
    run(store, Scripted(idempotent=True), now=T + 401)
    assert store.seen() == {1: "unsure", 2: "unsure", 3: "failed"}


@pytest.mark.parametrize(("idempotent", "state"), [(False, "unsure"), (True, "failed")])
def test_a_refusal_of_the_second_attempt_says_nothing_of_the_first_unless_a_key_joins_them(messages, idempotent, state):
    store = Memory(messages(1))
    cut = TryLater("cut", perhaps_delivered=True) if idempotent else Unknown("cut")
    run(store, Scripted(cut, idempotent=idempotent), at_least_once=True)
    report = run(store, Scripted(Refused("550 spam"), idempotent=idempotent), now=T + 100, at_least_once=True)
    assert store.seen() == {1: state}
    assert (report.unsure, report.failed) == (state == "unsure", state == "failed")
    assert "550 spam" in store.rows[1].reason


@pytest.mark.parametrize("seconds", [10**12, -5])
def test_an_absurd_wish_of_a_provider_holds_nobody_up_for_longer_than_an_hour(messages, seconds):
    store, channel = Memory(messages(2)), Scripted(TryLater("429", after_seconds=seconds))
    run(store, channel)
    channel.answer = Accepted()
    run(store, channel, now=T + 3600)
    assert set(store.seen().values()) == {"sent"}


def test_what_nobody_can_send_before_it_is_put_right_pauses_a_channel_at_once(messages):
    store, channel = Memory(messages(9)), Scripted(TryLater("535 wrong password", misconfigured=True))
    report = run(store, channel)
    assert report.problems == ["channel `email` cannot work, paused for 300 s: 535 wrong password"]
    assert channel.tried == [1]
    run(store, channel, now=T + 300)
    assert (len(channel.tried), store.states["email"].paused_until) == (2, T + 300 + 600)
    channel.answer = Accepted()
    run(store, channel, now=T + 900)
    assert set(store.seen().values()) == {"sent"}


def test_a_breaker_that_opens_within_a_batch_leaves_the_rest_of_it(messages):
    store, channel = Memory(messages(50)), Scripted(TryLater("down"), idempotent=True)
    run(store, channel)
    assert channel.tried == [1, 2, 3, 4, 5]
    assert set(store.seen().values()) == {"planned"}


# ---------------------------------------------------------------------------------------------------------------- rate


def test_what_does_not_fit_the_rate_waits_for_the_next_tick(messages):
    store, channel = Memory(messages(100)), Scripted(idempotent=True)
    assert run(store, channel, rate=0.5).sent == 30
    assert run(store, channel, now=T + 60, rate=0.5).sent == 30
    assert run(store, channel, now=T + 70, rate=0.5).sent == 5
    assert run(store, channel, now=T + 70, rate=0.5).sent == 0
    assert channel.tried == list(range(1, 66))


def test_however_long_it_was_idle_five_minutes_worth_goes_at_once(messages):
    store, channel = Memory(messages(900, deadline=T + 10**6)), Scripted(idempotent=True)
    run(store, channel, rate=1)
    assert run(store, channel, now=T + 90000, rate=1).sent == 300


def test_a_slow_rate_still_lets_one_message_go(messages):
    store, channel = Memory(messages(3, deadline=T + 10**6)), Scripted()
    report = run(store, channel, rate=1 / 3600)
    assert (report.sent, report.next_at) == (1, T + 3600)
    assert run(store, channel, now=T + 3599, rate=1 / 3600).sent == 0
    assert run(store, channel, now=T + 3600, rate=1 / 3600).sent == 1


def test_a_clock_set_back_gives_no_more(messages):
    store, channel = Memory(messages(100)), Scripted(idempotent=True)
    run(store, channel, rate=0.5)
    assert run(store, channel, now=T - 10000, rate=0.5).sent == 0


def test_messages_of_a_rate_are_spaced(messages):
    paused = []
    run(Memory(messages(3)), rules=Rules(pause=lambda name, seconds: paused.append((name, seconds))), rate=50)
    assert paused == [("email", 0.02)] * 3


def test_a_rate_that_is_used_up_holds_up_no_other_channel(outgoing):
    store = Memory([outgoing(number, channel="email" if number % 2 else "sms") for number in range(1, 2001)])
    deliver(store, {"email": Route(Scripted(), rate=1 / 3600), "sms": Route(Scripted(idempotent=True))}, T)
    states = store.seen()
    assert [states[number] for number in range(2, 2001, 2)] == ["sent"] * 1000
    assert [states[number] for number in range(1, 2000, 2)] == ["sent"] + ["planned"] * 999


def test_a_channel_without_a_rate_or_a_failure_leaves_nothing_to_remember(messages):
    store = Memory([])
    run(store, rate=5)
    assert store.saves == 0


# --------------------------------------------------------------------------------------------------------------- rules


def test_quiet_hours_hold_what_comes_late_but_not_what_was_decided_now(outgoing):
    store = Memory([outgoing(1, at=T - 60), outgoing(2), outgoing(3, at=T - 60, transactional=True)])
    report = run(store, rules=Rules(quiet_until=lambda _outgoing, now: now + 3600))
    assert store.seen() == {1: "planned", 2: "sent", 3: "sent"}
    assert (report.put_off, report.next_at, store.rows[1].retry_at) == (1, T + 3600, T + 3600)
    assert store.rows[1].outgoing.attempts == 0
    assert run(store, now=T + 3600).sent == 1


def test_what_is_too_late_fails(messages):
    store, channel = Memory(messages(1)), Scripted()
    run(store, channel, now=T + 86401)
    assert (channel.tried, store.seen(), store.rows[1].reason) == ([], {1: "failed"}, "it could not be delivered while it was relevant")


def test_staging_writes_to_its_own_people_only(outgoing):
    store, channel = Memory([outgoing(1), outgoing(2, to="QA@Shop.example"), outgoing(3, to="qa@shop.example.evil.example")]), Scripted()
    report = run(store, channel, rules=Rules(only_to=("*@shop.example",)))
    assert channel.tried == [2]
    assert store.seen() == {1: "skipped", 2: "sent", 3: "skipped"}
    assert report.kept_back == [
        ("email", "review_request", "ann@example.com"),
        ("email", "review_request", "qa@shop.example.evil.example"),
    ]


@pytest.mark.parametrize(("idempotent", "most"), [(False, 7), (True, 7), (True, 0)])
def test_no_more_than_asked_for_is_sent(messages, idempotent, most):
    store = Memory(messages(20))
    assert run(store, Scripted(idempotent=idempotent), rules=Rules(max_sends=most)).sent == most
    assert list(store.seen().values()).count("planned") == 20 - most


@pytest.mark.parametrize("idempotent", [False, True])
def test_asked_to_stop_the_rest_stays_planned(messages, idempotent):
    store, channel = Memory(messages(1200)), Scripted(idempotent=idempotent)
    assert run(store, channel, rules=Rules(stop=lambda: len(channel.tried) >= 5)).sent == 5
    assert list(store.seen().values()).count("planned") == 1195
    assert {row.outgoing.attempts for row in store.rows.values() if row.state == "planned"} == {0}
    assert store.intents == 1
