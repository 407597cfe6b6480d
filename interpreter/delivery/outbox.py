"""The delivery phase of a tick: intent committed, then delivered, then receipt committed (`engine.md` §5). Pure of SQL and of the clock.

One decision leaves at most once, unless its channel takes the key twice for one message, or the project asked for `at_least_once`.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC
from datetime import datetime
from typing import Any
from typing import Literal

from interpreter.delivery.channels import Announced
from interpreter.delivery.message import Accepted
from interpreter.delivery.message import Outgoing
from interpreter.delivery.message import Receipt
from interpreter.delivery.message import Refused
from interpreter.delivery.message import TryLater
from interpreter.delivery.message import Unknown
from interpreter.delivery.patience import ChannelState
from interpreter.delivery.patience import Gate
from interpreter.delivery.patience import retry_at
from interpreter.delivery.terms import DeliveryReport
from interpreter.delivery.terms import Result
from interpreter.delivery.terms import Route
from interpreter.delivery.terms import Rules
from interpreter.delivery.terms import Store
from interpreter.delivery.terms import may_be_written_to
from interpreter.errors import UserError

#: Messages read at once, and messages whose intent is written through to the disk together.
PAGE = 500
BATCH = 100

#: Which contact of the customer a channel writes to, for hard bounces.
CONTACTS = {"email": "email", "sms": "phone", "viber": "phone", "push": "push", "webpush": "webpush"}


def deliver(store: Store, routes: Mapping[str, Route], now: int, rules: Rules | None = None) -> DeliveryReport:
    """Delivers what is planned, at one logical `now` (seconds since 1970 UTC).

    Errors of the store are raised; those of channels are receipts.
    """
    run = _Delivery(store, routes, now, rules or Rules())
    try:
        run.resume()
        run.go_through()
    finally:
        run.close()
    return run.report


class _Delivery:
    """One delivery phase."""

    def __init__(self, store: Store, routes: Mapping[str, Route], now: int, rules: Rules) -> None:
        self.report = DeliveryReport()
        self._store = store
        self._routes = routes
        self._now = now
        self._rules = rules
        self._states = store.channel_states()
        self._gates = {name: Gate(self._states.get(name, ChannelState()), route.rate, now) for name, route in routes.items()}
        self._opened: set[str] = set()
        #: Channels that can take nothing more in this tick.
        self._closed: set[str] = set()
        self._left = rules.max_sends
        self._stop = False
        self._batch: list[Outgoing] = []
        self._aside: list[Result] = []

    # ------------------------------------------------------------------------------------------- what was left behind

    def resume(self) -> None:
        """Messages a killed process left between intent and receipt."""
        after: tuple[bool, int] | None = None
        while page := self._store.interrupted(PAGE, after):
            after = (page[-1].transactional, page[-1].id)
            self._record([self._resumed(outgoing) for outgoing in page], [])

    def _resumed(self, outgoing: Outgoing) -> Result:
        if not self._store.may_have_left(outgoing.id):
            return Result(outgoing.id, "planned", tried=False)
        route = self._routes.get(outgoing.channel)
        if route is None or not (route.channel.idempotent or route.at_least_once):
            return Result(outgoing.id, "unsure", "the process ended before the receipt", tried=False)
        if outgoing.deadline < self._now:
            return Result(outgoing.id, "unsure", "the process ended before the receipt, and it is too late to send again", tried=False)
        return Result(outgoing.id, "planned", "the process ended before the receipt", retry_at=self._now, tried=False, doubtful=True)

    # ----------------------------------------------------------------------------------------------------- what is due

    def go_through(self) -> None:
        """Everything due, in order."""
        for name, gate in self._gates.items():
            if gate.is_paused:
                # However many messages wait for it, none is looked at.
                self._closed.add(name)
                self._note_next(gate.state.paused_until)
        after: tuple[bool, int] | None = None
        while page := self._store.planned(self._now, PAGE, after, frozenset(self._closed)):
            after = (page[-1].transactional, page[-1].id)
            for outgoing in page:
                if self._left == 0 or self._stop:
                    break
                self._consider(outgoing)
            self._flush()
            self._record(self._aside, [])
            self._aside = []
            if self._left == 0 or self._stop:
                return
        # A channel that can take nothing must not keep what it is too late for.
        while self._closed and (page := self._store.overdue(self._now, PAGE, frozenset(self._closed))):
            self._record([self._too_late(outgoing) for outgoing in page], [])

    def _too_late(self, outgoing: Outgoing) -> Result:
        state: Literal["unsure", "failed"] = "unsure" if outgoing.doubtful else "failed"
        return Result(outgoing.id, state, "it could not be delivered while it was relevant", tried=False)

    def _stopped(self) -> bool:
        self._stop = self._stop or self._rules.stop()
        return self._stop

    def _consider(self, outgoing: Outgoing) -> None:
        if outgoing.channel in self._closed:
            return
        put_aside = self._put_aside(outgoing)
        if put_aside is not None:
            self._aside.append(put_aside)
        elif self._may_go(outgoing.channel):
            self._send(outgoing)

    def _put_aside(self, outgoing: Outgoing) -> Result | None:
        """Why a message is not even tried now."""
        rules = self._rules
        if not may_be_written_to(outgoing.to, rules.only_to):
            self.report.kept_back.append((outgoing.channel, outgoing.template, outgoing.to))
            return Result(outgoing.id, "skipped", "only_to", tried=False)
        if outgoing.deadline < self._now:
            return self._too_late(outgoing)
        if outgoing.channel not in self._routes:
            return self._again(outgoing, TryLater(f"there is no channel `{outgoing.channel}` in scn.toml"))
        # At its decision the engine has seen to quiet hours itself; an attempt that comes later must look again.
        later = rules.quiet_until(outgoing, self._now) if outgoing.at < self._now and not outgoing.transactional else None
        if later is not None and later > self._now:
            self.report.put_off += 1
            self._note_next(later)
            return Result(outgoing.id, "planned", "quiet hours", retry_at=later, tried=False, doubtful=outgoing.doubtful)
        return None

    def _may_go(self, name: str) -> bool:
        """Opens the channel at its first message, and asks its breaker and its rate."""
        gate = self._gates[name]
        wait = gate.closed_until()
        if wait is not None:
            self._note_next(wait)
            self._closed.add(name)
            return False
        if name not in self._opened:
            try:
                self._routes[name].channel.open()
            except UserError as problem:
                self.report.problems.append(f"channel `{name}`: {problem}")
                self._closed.add(name)
                return False
            self._opened.add(name)
        gate.take()
        return True

    def _send(self, outgoing: Outgoing) -> None:
        route = self._routes[outgoing.channel]
        if self._batch and self._batch[0].channel != outgoing.channel:
            self._flush()
        self._batch.append(outgoing)
        if self._left is not None:
            self._left -= 1
        # A channel that knows keys may be offered a whole page again.
        # Of a slow one no more than a second's worth at once: what a power cut puts in doubt.
        most = PAGE if route.channel.idempotent else BATCH
        if len(self._batch) >= (most if route.rate is None else max(1, min(most, int(route.rate)))):
            self._flush()

    def _flush(self) -> None:
        """Intent, delivery, receipts of one batch."""
        batch, self._batch = self._batch, []
        if not batch or self._stopped():
            # What was gathered has no intent yet: it simply stays planned.
            for outgoing in batch:
                self._gates[outgoing.channel].give_back()
            return
        name = batch[0].channel
        route = self._routes[name]
        if route.channel.idempotent:
            self._together(name, route, batch)
        else:
            self._one_by_one(name, route, batch)

    def _intend(self, batch: list[Outgoing], *, one_by_one: bool) -> list[Outgoing]:
        """The intent; without those whose customer was erased since they were read."""
        going = self._store.mark_sending([outgoing.id for outgoing in batch], one_by_one=one_by_one)
        return [outgoing for outgoing in batch if outgoing.id in going]

    def _together(self, name: str, route: Route, batch: list[Outgoing]) -> None:
        """A killed process leaves the whole batch in doubt: it is offered again with the same keys."""
        batch = self._intend(batch, one_by_one=False)
        receipts: list[tuple[Outgoing, Receipt]] = []
        for place, outgoing in enumerate(batch):
            receipt = self._hand_over(name, route, outgoing)
            if receipt is None:
                self._put_back(name, batch[place:])
                break
            receipts.append((outgoing, receipt))
        try:
            route.channel.settle()
        except OSError as problem:
            # What is not known to last is offered again; only idempotent channels have anything to settle.
            reason = f"not yet on the disk: {(problem.strerror or str(problem)).lower()}"
            receipts = [(outgoing, TryLater(reason) if isinstance(receipt, Accepted) else receipt) for outgoing, receipt in receipts]
        facts = [_bounce(outgoing, self._now) for outgoing, receipt in receipts if _is_bounce(outgoing, receipt)]
        self._record([self._result(outgoing, receipt) for outgoing, receipt in receipts], facts)

    def _one_by_one(self, name: str, route: Route, batch: list[Outgoing]) -> None:
        """The intent of all is on the disk before the first leaves. Each receipt is committed with the word whose turn is next.

        So a killed process leaves one message in doubt; a power cut, which may lose the last words, the rest of the batch.
        """
        batch = self._intend(batch, one_by_one=True)
        # Asked once: the question costs as much as a tenth of a letter.
        announced = route.channel if isinstance(route.channel, Announced) else None
        for place, outgoing in enumerate(batch):
            following = batch[place + 1] if place + 1 < len(batch) else None
            if announced is not None and following is not None:
                # Only a hint: what is wrong with that one is said when it is its turn.
                with suppress(Exception):
                    announced.announce(following)
            receipt = self._hand_over(name, route, outgoing)
            if receipt is None:
                self._put_back(name, batch[place:])
                return
            facts = [_bounce(outgoing, self._now)] if _is_bounce(outgoing, receipt) else []
            self._record([self._result(outgoing, receipt)], facts, following.id if following is not None else None)

    def _put_back(self, name: str, rest: list[Outgoing]) -> None:
        """The breaker opened in the middle of a batch, or the run was asked to stop: these stand as they stood before."""
        self._record([Result(outgoing.id, "planned", tried=False) for outgoing in rest], [])
        for _ in rest:
            self._gates[name].give_back()
            if self._left is not None:
                self._left += 1

    def _hand_over(self, name: str, route: Route, outgoing: Outgoing) -> Receipt | None:
        """None: it is not its turn any more."""
        gate = self._gates[name]
        if gate.is_paused or self._stopped():
            return None
        if route.rate:
            self._rules.pause(name, 1 / route.rate)
        try:
            receipt = route.channel.deliver(outgoing)
        except Exception as problem:  # noqa: BLE001 - a channel that breaks must not take the tick with it
            reason = f"{type(problem).__name__}: {problem}"
            receipt = TryLater(reason, perhaps_delivered=True) if route.channel.idempotent else Unknown(reason)
        said = gate.heard(receipt)
        if said:
            self._closed.add(name)
            self.report.problems.append(f"channel `{name}` {said}")
            self._note_next(gate.state.paused_until)
        return receipt

    # -------------------------------------------------------------------------------------------------------- receipts

    def _result(self, outgoing: Outgoing, receipt: Receipt) -> Result:
        match receipt:
            case Accepted(provider_id):
                return Result(outgoing.id, "sent", provider_id=provider_id)
            case Refused(reason):
                if outgoing.doubtful and not self._routes[outgoing.channel].channel.idempotent:
                    # Without a key, what becomes of this attempt says nothing of the one before.
                    return Result(outgoing.id, "unsure", f"perhaps delivered before, then refused: {reason}")
                return Result(outgoing.id, "failed", reason)
            case Unknown(reason):
                if self._routes[outgoing.channel].at_least_once:
                    return self._again(outgoing, TryLater(reason, perhaps_delivered=True))
                return Result(outgoing.id, "unsure", reason)
            case TryLater():
                return self._again(outgoing, receipt)

    def _again(self, outgoing: Outgoing, receipt: TryLater) -> Result:
        """Another attempt, if one fits before the deadline."""
        gate, doubtful = self._gates.get(outgoing.channel), receipt.perhaps_delivered or outgoing.doubtful
        when = retry_at(outgoing, self._now, receipt.after_seconds, gate.state.paused_until if gate else 0)
        if when > outgoing.deadline:
            return Result(outgoing.id, "unsure" if doubtful else "failed", f"given up: {receipt.reason}")
        self._note_next(when)
        return Result(outgoing.id, "planned", receipt.reason, retry_at=when, doubtful=doubtful)

    def _record(self, results: list[Result], facts: list[dict[str, Any]], turn: int | None = None) -> None:
        if not results:
            return
        for result in results:
            match result.state:
                case "sent":
                    self.report.sent += 1
                case "failed":
                    self.report.failed += 1
                case "unsure":
                    self.report.unsure += 1
                case "planned" if result.tried:
                    self.report.retried += 1
        self._store.record(results, facts, self._now, turn)

    def _note_next(self, when: int | None) -> None:
        if when is not None and (self.report.next_at is None or when < self.report.next_at):
            self.report.next_at = when

    def close(self) -> None:
        """Lets go of the channels; remembers breakers and rates."""
        if not self._rules.keep_open:
            for name in self._opened:
                self._routes[name].channel.close()
        used = {name: gate.state for name, gate in self._gates.items() if gate.used}
        if used:
            self._store.save_channel_states({**self._states, **used})


def _is_bounce(outgoing: Outgoing, receipt: Receipt) -> bool:
    return isinstance(receipt, Refused) and receipt.hard_bounce and bool(outgoing.customer_key)


def _bounce(outgoing: Outgoing, now: int) -> dict[str, Any]:
    """The address is bad: the contact is not written to until it changes."""
    return {
        "op": "contact.validity",
        "key": f"bounce:{outgoing.key}",
        "at": datetime.fromtimestamp(now, UTC).isoformat(),
        "actor": "scenario",
        "customer": outgoing.customer_key,
        "kind": CONTACTS.get(outgoing.channel, outgoing.channel),
        "value": outgoing.to,
        "valid": False,
    }
