"""Facts become events; events end waits, stop journeys, reach goals, and start journeys (`engine.md` §1, phase 1)."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence

import msgspec

from dsl import calendar
from interpreter import events
from interpreter import limits
from interpreter.events.event import UNHEARD
from interpreter.events.event import Event
from interpreter.facts import Fact
from interpreter.journey import Journey
from interpreter.journey import Refusal
from interpreter.journey import State
from interpreter.journey import StopReason
from interpreter.needs import Needs
from interpreter.needs import needs
from interpreter.phases import recalculate
from interpreter.phases.batch import Batch
from interpreter.phases.begin import begin
from interpreter.phases.openings import Openings
from interpreter.phases.openings import Starter
from interpreter.phases.replay import occurrences_before
from interpreter.phases.schedules import is_active
from interpreter.program import Listener
from interpreter.program import Scenario
from interpreter.program import WaitEventStep
from interpreter.program import WaitStep
from interpreter.report import Report
from interpreter.step import wait_end
from interpreter.view import View

#: Asked for with each event.
WAITING, HELD = State.WAITING, State.HELD

#: What a journey that is about one listens for of that one alone; visits, codes and changes are always others.
_SAME = frozenset({"product", "promo", "card"})


class Intake:
    """Handles facts of one batch, one after the other."""

    def __init__(self, batch: Batch, report: Report, openings: Openings) -> None:
        """Over what the batch has loaded."""
        self.batch = batch
        self.report = report
        self.rules = batch.rules
        self.now = batch.now
        self.openings = openings
        self.starters = openings.starters
        self.matchers = openings.matchers
        self.watched = openings.watched
        self.watching: dict[int, list[Journey]] = {}
        self.started: set[tuple[int, int, object]] = set()
        """(scenario, fact, what it is about): of several `on` that it meets, the first that passes its filter starts the one journey."""
        self.occurred: dict[tuple[int, int], int] = {}
        """(scenario, fact) -> how many lines of the order it was about so far."""
        self.first_launch = openings.first_launch
        self.too_early: set[int] = set()
        """Facts that start nothing, because no scenario was launched when they came."""

    def handle(self, facts: Sequence[Fact], *, through: bool = True) -> None:
        """Handle facts in order of arrival. `through`: everybody whom they concern; else they stay for those who are left."""
        self.load(facts)
        self.take(facts)
        self.tell()
        if through:
            store = self.batch.store
            store.facts.handled(facts)
            if self.rules.segments and store.connection.outlives:
                store.facts.drop([fact.id for fact in facts if fact.op == recalculate.LOOK])
        else:
            self.report.facts -= len(facts)

    def load(self, facts: Sequence[Fact], needed: Needs | None = None) -> None:
        """All that handling them may read. `needed`: what they ask for, where that has been asked before."""
        batch = self.batch
        needed = needed or needs(facts, self.rules.asked)
        batch.load_for_facts(needed)
        orders = [f"order {key}" for key in needed.orders]
        batch.load_applications((number, orders) for number in self.openings.per_order)
        customers = [customer.id for customer in batch.shop.customers()]
        if self.watched:
            self.load_watching(customers, min((fact.at for fact in facts), default=self.now))
        batch.load_history(customers, self.openings.reads)
        recalculate.load(batch, customers)

    def take(self, facts: Sequence[Fact]) -> None:
        """Handle facts for which everything is loaded."""
        batch, report, watching, dated = self.batch, self.report, self.watching, self.openings.dated
        report.facts += len(facts)
        shop, rules, starters, heard = batch.shop, self.rules, self.starters, self.openings.heard
        touched, segmented = shop.holdings.touched, bool(rules.segments)
        for fact in facts:
            if fact.op in recalculate.FOUND and not recalculate.still_holds(batch, fact):
                continue
            found = events.apply(fact, shop, rules, heard)
            report.events += len(found)
            if shop.merged:
                self.tell_merged()
            for event in found:
                if event is UNHEARD:
                    continue
                if event.customer.id in watching:
                    self.notice(event)
                opened = starters.get(event.kind)
                if opened is not None:
                    for starter in opened.by(event):
                        self.start(starter, event, fact)
            if dated and watching:
                for customer in {*(event.customer.id for event in found), *shop.followed}:
                    self.follow_dates(customer)
                shop.followed.clear()
            # Of a message it is known whose it was.
            named = shop.customer(fact.customer) if segmented and fact.customer is not None and fact.op != "message.status" else None
            if named is not None:
                touched.add(named.id)

        if segmented:
            recalculate.review(batch, [fact for fact in facts if fact.op == "segment.review"])
            recalculate.recalculate(batch, touched)
        touched.clear()

    def tell_merged(self) -> None:
        """The ledger knows who became part of whom: also of whom only a further id is left."""
        shop = self.batch.shop
        for customer, fact, op, key in shop.merged:
            self.batch.record_merged(customer, fact, op, key)
        shop.merged = []

    def tell(self) -> None:
        """What came of all facts goes into the report."""
        self.report.too_early += len(self.too_early)
        self.report.notes.update({f"fact {number}": sentence for number, sentence in self.batch.shop.notes})

    # -------------------------------------------------------------------------------------------------------- noticing

    def load_watching(self, customers: Sequence[int], since: int) -> None:
        """The journeys that an event of these customers may concern; `since`: the oldest date among the facts."""
        journeys = self.batch.store.journeys.watching(customers, since)
        journeys = [journey for journey in journeys if self.batch.program(journey).watches]
        self.batch.load_for_journeys(journeys)
        for journey in journeys:
            self.watching.setdefault(journey.customer, []).append(journey)

    def notice(self, event: Event) -> None:
        """`stop on`, `goal`, `wait up to … for`, for journeys that started before."""
        for journey in self.watching.get(event.customer.id, ()):
            scenario = self.batch.program(journey)
            if event.kind not in scenario.hears:
                continue
            if journey.goal_until is not None and journey.goal_at is None:
                self.goal(journey, scenario, event)
            if not journey.state.is_open:
                continue
            if any(self.concerns(listener, journey, event) for listener in scenario.stop_on):
                self.stop(journey, StopReason.EXIT, event)
                continue
            at = scenario.steps[journey.step] if journey.step < len(scenario.steps) else None
            if (
                isinstance(at, WaitEventStep)
                and journey.inside
                and journey.state is WAITING
                # After its time it is too late, however late the tick that notices both.
                and (journey.due_at is None or event.at <= journey.due_at)
                and self.concerns(at.listener, journey, event)
            ):
                # It stays put until it acts, perhaps under another text: quiet hours are looked at then, and a pause may hold it here.
                journey.context_time = event.at
                journey.state, journey.inside, journey.due_at = HELD, False, self.now
                self.batch.changed(journey)
                self.batch.record(journey.customer, journey.scenario, "event", event.kind, journey=journey, fact=event.fact)
            else:
                self.hear(journey, scenario, event)

    def hear(self, journey: Journey, scenario: Scenario, event: Event) -> None:
        """Keep that an event came for which the journey will wait only further on."""
        for step in scenario.steps[journey.step :]:
            if isinstance(step, WaitEventStep) and self.concerns(step.listener, journey, event):
                came = (step.heard_as, event.at)
                if came not in journey.heard:
                    journey.heard = (*journey.heard, came)
                    self.batch.changed(journey)

    def concerns(self, listener: Listener, journey: Journey, event: Event) -> bool:
        """Whether an event is one that a journey listens for: not before its start, about its own order if it has one."""
        if event.at < journey.started or event.fact == journey.fact or not self.matches(listener, event):
            return False
        if event.order is not None and journey.order is not None and not listener.event.any_of:
            same = event.order.key == journey.order
            if same is (listener.event.kind.key == "order.created"):
                return False
        if journey.about is not None and not listener.event.any_of and _another(event, journey.about):
            return False
        if listener.where is None:
            return True
        own = self.batch.journey_view(journey)
        view = msgspec.structs.replace(own, this=own)
        put_event(view, event, action="action" in listener.where.reads)
        return listener.where.test(view)

    def matches(self, listener: Listener, event: Event) -> bool:
        """Whether an event is of the kind that is listened for."""
        matcher = self.matchers.get(id(listener))
        if matcher is None:
            matcher = self.matchers[id(listener)] = events.matcher(listener.event, self.rules)
        return matcher(event)

    def goal(self, journey: Journey, scenario: Scenario, event: Event) -> None:
        """Once for each journey, within its time from the first step group."""
        for goal in scenario.goals:
            reached = journey.reached_at
            if reached is None or event.at < reached or event.at > calendar.add_exact(reached, goal.within, self.rules.timezone):
                continue
            if self.concerns(goal.listener, journey, event):
                journey.goal_at, journey.goal_until = event.at, None
                self.batch.changed(journey)
                self.batch.record(journey.customer, journey.scenario, "goal", event.kind, journey=journey, fact=event.fact)
                return

    def stop(self, journey: Journey, reason: StopReason, event: Event | None = None) -> None:
        """End a journey from outside."""
        self.batch.awaits(journey, self.batch.program(journey), waited=True, waits=False)
        journey.state, journey.reason = State.STOPPED, reason
        journey.inside, journey.due_at, journey.finished_at = False, None, self.now
        self.batch.changed(journey)
        self.report.stopped += 1
        kind = {"event": event.kind} if event else None
        self.batch.record(
            journey.customer, journey.scenario, "stopped", reason, journey=journey, fact=event.fact if event else None, detail=kind
        )

    def follow_dates(self, customer: int) -> None:
        """The date that a journey waits for may have changed: the wake time follows."""
        for journey in self.watching.get(customer, ()):
            scenario = self.batch.program(journey)
            if not scenario.dated:
                continue
            at = scenario.steps[journey.step] if journey.step < len(scenario.steps) else None
            if journey.state is WAITING and journey.inside and isinstance(at, WaitStep) and at.date is not None:
                due = wait_end(at, self.batch.journey_view(journey))
                due = self.now if due is None else due
                if due != journey.due_at:
                    journey.due_at = due
                    self.batch.changed(journey)

    # -------------------------------------------------------------------------------------------------------- starting

    def start(self, starter: Starter, event: Event, fact: Fact) -> None:
        """Start a journey by this event, through the gates in their order."""
        found = [listener for listener, means in starter.triggers if means is None or means(event)]
        if not found:
            return
        once = (starter.number, fact.id, event.subject)
        if once in self.started:
            return
        # The filter of a trigger sees T as the event's own date.
        view = self.batch.view(starter.number, event.customer, at=event.at, started=event.at)
        put_event(view, event, action=starter.reads_action)
        refused = self.refusal(starter, found, event, fact, view)
        if refused is None:
            self.started.add(once)
            self.begin(starter, event, fact, view)
            return
        reason, detail = refused
        if reason is Refusal.BEFORE_LAUNCH and (self.first_launch is None or fact.received < self.first_launch):
            self.too_early.add(fact.id)
        self.report.refused[reason] = self.report.refused.get(reason, 0) + 1
        self.batch.record(event.customer.id, starter.number, "refused", reason, fact=event.fact, detail=detail)

    def refusal(self, starter: Starter, found: Sequence[Listener], event: Event, fact: Fact, view: View) -> tuple[Refusal, object] | None:
        """The first gate that refuses, with what it saw."""
        for received in (fact.received,) if event.promised_at is None else (event.promised_at, fact.received):
            if starter.running_since is None or received < starter.running_since:
                closed = self.closed(starter, received)
                if closed is not None:
                    return closed, None
        if event.later_change:
            return Refusal.LATER_CHANGE, None
        passed = [trigger for trigger in found if trigger.where is None or trigger.where.test(view)]
        if not passed:
            return Refusal.WHERE, [seen for trigger in found if trigger.where is not None for seen in trigger.where.seen(view)]
        return self.limit_refusal(starter, event, view) if starter.per_order else None

    def closed(self, starter: Starter, received: int) -> Refusal | None:
        """Why a scenario was not open for facts at a moment; None: it was."""
        running, number, active = self.batch.running, starter.number, starter.scenario.active
        if not running.received_while_running(number, received):
            launched = running.rows[number].launched
            return Refusal.BEFORE_LAUNCH if launched is None or received < launched else Refusal.PAUSED
        if active is not None and not is_active(active, received, self.rules.timezone):
            return Refusal.INACTIVE
        return None

    def limit_refusal(self, starter: Starter, event: Event, view: View) -> tuple[Refusal, object] | None:
        """Limits per order are decided here; the others at the first step group."""
        batch, number, scenario = self.batch, starter.number, starter.scenario
        for limit in scenario.limits:
            if limit.key != "order":
                continue
            key = limits.key(limit, view)
            if key is None or event.fact is None:
                continue
            counted = dict(batch.applications(number, key))
            if limit.since_created:
                counted.update(dict.fromkeys(occurrences_before(batch, starter.scenario, event), event.at))
            unit = event.fact
            if event.line is not None:
                before = self.occurred.get((number, event.fact), 0)
                self.occurred[number, event.fact] = before + 1
                unit = limits.occurrence(event.fact, before)
            batch.count(number, [key], unit, self.now)
            if limits.is_full(limit, counted, unit, view):
                return Refusal.LIMIT, f"limit {limit.count} per order"
        return None

    def begin(self, starter: Starter, event: Event, fact: Fact, view: View) -> None:
        """The journey starts, and hears what comes after, also in this batch."""
        self.batch.know_trigger(fact)
        journey = begin(self.batch, starter.number, starter.scenario, view, event)
        if starter.watches:
            self.watching.setdefault(journey.customer, []).append(journey)
        self.report.started += 1


def _another(event: Event, about: Mapping[str, str]) -> bool:
    """Whether an event is about another product, code or card than a journey is."""
    replaced = event.previous.key if event.kind == "card.replaced" and event.previous is not None else None
    return any(about.get(word, thing.key) not in (thing.key, replaced) for word, thing in event.things.items() if word in _SAME)


def put_event(view: View, event: Event, *, action: bool) -> None:
    """The entities of the event; its action where it is asked for."""
    view.order = event.order if event.order is not None else view.order
    view.line, view.message, view.things = event.line, event.message, event.things
    view.action = event.action if action else None
