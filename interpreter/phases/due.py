"""Due journeys act: each runs until its next wait or its end (`engine.md` §1, phase 3). Decisions become rows of the batch."""

from __future__ import annotations

from collections.abc import Sequence

from interpreter.belongings import NOBODY
from interpreter.belongings import Promo
from interpreter.belongings import Stock
from interpreter.effects import CallOut
from interpreter.effects import IssueCode
from interpreter.effects import PlanMessage
from interpreter.effects import SetField
from interpreter.effects import SkipMessage
from interpreter.effects import Tell
from interpreter.entities import Message
from interpreter.events.promos import valid_until
from interpreter.facts import Fact
from interpreter.journey import Failure
from interpreter.journey import Journey
from interpreter.journey import Key
from interpreter.journey import SkipReason
from interpreter.journey import State
from interpreter.limits import application_keys
from interpreter.phases import recalculate
from interpreter.phases.batch import Batch
from interpreter.phases.writer import Letters
from interpreter.phases.writer import UnwritableError
from interpreter.program import BadValueError
from interpreter.program import Scenario
from interpreter.program import WaitStep
from interpreter.report import Report
from interpreter.step import FINISHED
from interpreter.step import HELD
from interpreter.step import STOPPED
from interpreter.step import Decision
from interpreter.step import step
from interpreter.store.messages import NewMessage
from interpreter.view import View

#: Messages that were withheld before they were formed; one that cannot reach its customer is formed all the same (`domain.md` X10.2).
WITHHELD = frozenset({SkipReason.CAP, SkipReason.HOLDOUT})


class Due:
    """Acts for one batch of due journeys, in the order given."""

    def __init__(self, batch: Batch, report: Report, letters: Letters, *, deep: bool) -> None:
        """`deep`: so many rounds of facts made by steps came before in this tick that another one is a cycle."""
        self.batch = batch
        self.report = report
        self.letters = letters
        self.deep = deep
        self.hears_formed = "message.formed" in batch.rules.heard

    def run(self, journeys: Sequence[Journey]) -> None:
        """Each journey until its next wait or its end."""
        batch = self.batch
        batch.load_for_journeys(journeys)
        written_to = [journey.customer for journey in journeys] if "messages" in batch.rules.segment_reads else []
        recalculate.load(batch, written_to)
        wanted: dict[int, list[Key]] = {}
        issuing: list[tuple[str, str]] = []
        offering: list[Journey] = []
        for journey in journeys:
            keys = wanted.setdefault(journey.scenario, [])
            keys.append(journey.customer)
            program = batch.program(journey)
            if program.offers:
                offering.append(journey)
            issuing += [(step.pool, step.seed(journey.id)) for step in program.issues]
            if program.counted_by:
                keys += application_keys(program, batch.journey_view(journey))
        batch.load_applications(wanted.items())
        if issuing:
            batch.load_pools(issuing)
        if offering:
            batch.load_offers(offering)
        for journey in journeys:
            self.advance(journey, batch.program(journey), batch.journey_view(journey))
        if written_to:
            recalculate.recalculate(batch, written_to)

    def advance(self, journey: Journey, program: Scenario, view: View) -> None:
        """Decide until it waits or has ended; what one decision does is seen by the next."""
        while journey.due_at is not None and journey.due_at <= self.batch.now:
            decision = self.decide(journey, program, view)
            if decision is None:
                return
            journey = decision.journey

    def decide(self, journey: Journey, program: Scenario, view: View) -> Decision | None:
        """One decision, carried out in memory; None: the journey failed."""
        try:
            decision = step(program, journey, view)
        except BadValueError as problem:
            self.fail(journey, Failure.VALUE, str(problem))
            return None
        after = decision.journey
        messages: list[NewMessage] = []
        facts: list[Fact] = []
        taken: list[Stock | str] = []
        batch = self.batch
        try:
            for effect in decision.effects:
                match effect:
                    case PlanMessage():
                        messages.append(self.letters.write(effect, after, program, view))
                    case SkipMessage():
                        messages.append(self.letters.skipped(effect, after, view))
                    case CallOut():
                        messages.append(self.letters.call(effect, after, view))
                    case IssueCode():
                        facts.append(self.issue(effect, after, view, taken))
                    case Tell():
                        facts.append(self.tell(effect, view))
                    case SetField():
                        facts.append(self.write_field(effect, view))
                        messages.extend(self.letters.write_back(effect, after, view))
        except UnwritableError as problem:
            self.give_back(taken)
            self.fail(journey, problem.failure, str(problem))
            return None
        if self.hears_formed:
            facts += [self.formed(message) for message in messages if message.kind == "message" and message.reason not in WITHHELD]
        if facts and self.deep:
            self.give_back(taken)
            self.fail(journey, Failure.CYCLE, "what it does starts it again and again")
            return None
        for code in taken:
            if isinstance(code, Stock):
                batch.shop.holdings.drop(NOBODY, code)
        self.keep(decision, program, view, messages, facts)
        if journey.about is not None:
            batch = self.batch
            batch.awaits(after, program, waited=waits_for_product(program, journey), waits=waits_for_product(program, after))
        return decision

    def keep(self, decision: Decision, program: Scenario, view: View, messages: list[NewMessage], facts: list[Fact]) -> None:
        """The decision stands: into the batch with all of it."""
        batch, after = self.batch, decision.journey
        batch.changed(after)
        batch.facts.extend(facts)
        for message in messages:
            batch.messages.append(message)
            if message.state == "planned":
                self.report.planned += message.kind == "message"
            else:
                self.report.skipped += 1
            if message.kind == "message" and batch.shop.knows_messages_of(message.customer):
                batch.shop.add_message(_entity(message))
        if decision.applied:
            batch.count_application(after, program, view)
        state = after.state
        if state is FINISHED:
            self.report.finished += 1
        elif state is STOPPED:
            self.report.stopped += 1
        elif state is HELD:
            self.report.held += 1
        batch.record(after.customer, after.scenario, state.text, after.reason, journey=after, detail=decision.trace)

    def fail(self, journey: Journey, failure: Failure, sentence: str) -> None:
        """Nothing of the step group happened; the tick goes on."""
        journey.state, journey.reason = State.FAILED, failure
        journey.inside, journey.due_at, journey.finished_at = False, None, self.batch.now
        self.batch.changed(journey)
        self.report.failed_journeys += 1
        name = self.batch.running.rows[journey.scenario].name
        self.report.notes[f"{name} {failure}"] = f"{name}: {sentence}"
        self.batch.record(journey.customer, journey.scenario, "failed", failure, journey=journey, detail=sentence)

    def formed(self, message: NewMessage) -> Fact:
        """`on message … formed` hears of it in the next round of the same tick."""
        data = {"message": message.id, "status": "formed"}
        now = self.batch.now
        return Fact(0, "message.status", f"formed:{message.id}", None, now, now, f"tick {now}", "scenario", data)

    def issue(self, effect: IssueCode, journey: Journey, view: View, taken: list[Stock | str]) -> Fact:
        """A code for the customer, seen by the steps behind; his own with the next round of the same tick. Raises UnwritableError."""
        shop, now = self.batch.shop, self.batch.now
        # The same draw as when the codes to choose from were looked for.
        code = shop.pools.take(effect.pool, f"journey {journey.id} {effect.step}", lambda one: bool(shop.holdings.owners("promo", one)))
        if code is None:
            raise UnwritableError(Failure.POOL_EMPTY, f"the promo pool `{effect.pool}` has no code left")
        taken.append(code)
        text = code if isinstance(code, str) else code.code
        promo = Promo(text, effect.pool, now, valid_until(now, effect.pool, view.zone, self.batch.rules))
        names = {"promo": "promo", **({effect.name: f"promo {effect.name}"} if effect.name else {})}
        view.things = {**view.things, **dict.fromkeys(names, promo)}
        journey.about = {**(journey.about or {}), **dict.fromkeys(names.values(), text)}
        data = {"pool": effect.pool, "code": text, "valid_until": promo.valid_until}
        return Fact(0, "promo.issue", None, view.customer.key, now, now, f"tick {now}", "scenario", data)

    def give_back(self, taken: Sequence[Stock | str]) -> None:
        """Nothing of the step group happened: its codes stay in their pools."""
        for code in reversed(taken):
            self.batch.shop.pools.give_back(code)

    def tell(self, effect: Tell, view: View) -> Fact:
        """What a step did in the shop; handled in the next round of the same tick."""
        now = self.batch.now
        return Fact(0, effect.op, None, view.customer.key, now, now, f"tick {now}", "scenario", dict(effect.data))

    def write_field(self, effect: SetField, view: View) -> Fact:
        """`set` is a fact like any other; it is handled in the next round of the same tick."""
        now, key = self.batch.now, view.customer.key
        if effect.entity == "customer":
            return Fact(0, "customer.edit", None, key, now, now, f"tick {now}", "scenario", {effect.field: effect.value})
        if view.order is None:
            raise UnwritableError(Failure.VALUE, f"there is no {effect.entity} to set `{effect.field}` on")
        if effect.field == "status":
            return Fact(
                0, "order.status", None, key, now, now, f"tick {now}", "scenario", {"order": {"id": view.order.key, "status": effect.value}}
            )
        return Fact(
            0, "order.update", None, key, now, now, f"tick {now}", "scenario", {"order": {"id": view.order.key, effect.field: effect.value}}
        )


def waits_for_product(program: Scenario, journey: Journey) -> bool:
    """Whether a journey is inside a wait whose date is one of a product."""
    at = program.steps[journey.step] if journey.inside and journey.due_at is not None and journey.step < len(program.steps) else None
    return isinstance(at, WaitStep) and at.date is not None and "products" in at.date.reads


def _entity(message: NewMessage) -> Message:
    return Message(
        message.id,
        message.customer,
        message.template,
        message.channel,
        message.at,
        message.state,
        message.transactional,
        message.staff,
        message.journey,
        message.order,
    )
