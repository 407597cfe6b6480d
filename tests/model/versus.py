"""The engine and the model, driven by one case; what each of them decided, in the same words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from typing import Any
from typing import Protocol

import attrs

from dsl.calendar import iso
from dsl.project import Project
from interpreter.delivery.terms import DeliveryReport
from interpreter.effects import PlanMessage
from interpreter.facts import Fact
from interpreter.facts import read
from interpreter.rules import Rules
from interpreter.store.rehearsal import Rehearsed
from interpreter.store.sqlite import Store
from interpreter.tick import Engine
from interpreter.view import View
from tests.model.cases import Case
from tests.model.engine import Model
from tests.model.happenings import Happening
from tests.model.happenings import Report

SENT_EVENTS = {"message.sent", "message.failed"}


@attrs.frozen
class Decided:
    """Everything that was decided, each in one line of words."""

    messages: list[tuple[Any, ...]]
    """(place in the list, minute, customer, scenario, template, channel, state, reason)"""
    journeys: list[tuple[Any, ...]]
    """(id, scenario, customer, order, state, reason, started, ended, due, goal)"""
    refused: list[tuple[Any, ...]]
    """(minute, customer, scenario, reason)"""


class Machine(Protocol):
    """What can be driven."""

    def edit(self, project: Project) -> None:
        """Other files from the next tick on."""

    def happen(self, fact: Happening) -> None:
        """Something comes in."""

    def report(self, found: Report) -> None:
        """A provider tells."""

    def tick(self, now: int) -> None:
        """One tick."""

    def next_tick(self, now: int) -> int | None:
        """The next whole minute in which something arrives or is due."""

    def decided(self) -> Decided:
        """What came of it."""


def play(case: Case, machine: Machine, *, every_minute: bool = False) -> Decided:
    """The whole case: ticks at the minutes of the grid, and whenever the files have changed."""
    now = case.start
    files = {one.at: one for one in case.files}
    stops = sorted({*files, *(one.received // 60 * 60 for one in case.history if isinstance(one, Report)), case.end})
    waiting = list(case.history)

    def come_in(*, reports: bool, before: int) -> None:
        """Facts up to the next report; the reports of a minute are known only when it has come."""
        while waiting:
            match waiting[0]:
                case Happening() as fact:
                    machine.happen(fact)
                case Report(received=received) as told if reports and received < before:
                    machine.report(told)
                case _:
                    return
            del waiting[0]

    for stop in stops:
        come_in(reports=False, before=stop)
        if stop > now:
            _run(case, machine, now, stop - 60, every_minute=every_minute)
        come_in(reports=True, before=stop + 60)
        if stop in files:
            machine.edit(files[stop].project(case.zone))
            machine.tick(stop)
            now = stop
        else:
            now = stop - 60
    return machine.decided()


def _run(case: Case, machine: Machine, now: int, last: int, *, every_minute: bool) -> None:
    """The ticks behind `now` up to `last`."""
    while True:
        following = now // 60 * 60 + 60 if every_minute else machine.next_tick(now)
        for since, until in case.outages:
            if following is not None and since <= following < until:
                following = -(-until // 60) * 60
        if following is None or following > last:
            return
        machine.tick(following)
        now = following


# --------------------------------------------------------------------------------------------------------------- engine


def blank(effect: PlanMessage, scenario: str, view: View, key: str) -> tuple[str | None, dict[str, Any]]:
    """A letter without a text."""
    return None, {}


def nobody(customer: str) -> str:
    """Who was erased has no id."""
    return "nobody" if customer.startswith("erased-") else customer


def _sent(message: int, now: int) -> Fact:
    data = {"message": message, "status": "sent"}
    return Fact(0, "message.status", f"sent:{message}", None, now, now, f"delivery {now}", "scenario", data)


@lru_cache(maxsize=100)
def rules_of(project: Project, zone: str) -> Rules:
    """Compiled once for all histories of a project."""
    return Rules(project, zone)


class RealEngine:
    """The engine, through its doors: facts in, listings out."""

    def __init__(self, zone: str, store: Store) -> None:
        """Over an empty store in memory."""
        self.zone = zone
        self.store = store
        self.engine: Engine | None = None

    def edit(self, project: Project) -> None:
        """A new process."""
        self.engine = Engine(self.store, rules_of(project, self.zone), blank, self.deliver)

    def deliver(self, now: int) -> DeliveryReport:
        """Everything leaves at once."""
        assert self.engine is not None
        with self.store.transaction():
            sent = Rehearsed(self.store.connection).send_all(now)
            if not SENT_EVENTS.isdisjoint(self.engine.rules.heard):
                self.store.facts.add([_sent(one, now) for one in sent])
        return DeliveryReport(sent=len(sent))

    def happen(self, fact: Happening) -> None:
        """Through the door for facts."""
        raw = {"op": fact.op, "at": iso(fact.at, self.zone), "key": fact.key, "actor": fact.actor, **fact.data}
        if fact.customer is not None:
            raw["customer"] = fact.customer
        self._add(raw, fact.received)

    def _add(self, raw: dict[str, Any], received: int) -> None:
        found = read(raw, zone=self.zone, received=received, batch="b", actor="customer")
        assert isinstance(found, Fact), (raw, found)
        with self.store.transaction():
            self.store.facts.add([found])

    def report(self, found: Report) -> None:
        """Of the last messages that were sent."""
        rows = [row for row in self.store.listing.messages(customer=found.customer) if row.state != "skipped" and row.kind == "message"]
        if len(rows) > found.back:
            message = rows[-1 - found.back].id
            raw = {"op": "message.status", "message": message, "status": found.status, "at": iso(found.received, self.zone)}
            self._add(raw, found.received)

    def tick(self, now: int) -> None:
        """One."""
        assert self.engine is not None
        self.engine.tick(now)

    def next_tick(self, now: int) -> int | None:
        """As a run that goes on has it."""
        assert self.engine is not None
        return self.engine.next_tick(now)

    def decided(self) -> Decided:
        """As it is listed for people."""
        listing = self.store.listing
        decisions = list(listing.decisions())
        ended = {row.journey: row.at for row in decisions if row.outcome in {"finished", "stopped", "failed"}}
        return Decided(
            [
                (place, row.at, nobody(row.customer), row.scenario, row.template, row.channel, row.state, row.reason)
                for place, row in enumerate(row for row in listing.messages() if row.kind == "message")
            ],
            sorted(
                (
                    row.id,
                    row.scenario,
                    nobody(row.customer),
                    row.order,
                    row.state,
                    row.reason,
                    row.started_at,
                    ended.get(row.id),
                    row.due_at,
                    row.goal_at,
                )
                for row in listing.journeys()
            ),
            [(row.at, nobody(row.customer), row.scenario, row.reason) for row in decisions if row.outcome == "refused"],
        )


# ---------------------------------------------------------------------------------------------------------------- model


class ModelEngine:
    """The model in the same hands."""

    def __init__(self, zone: str) -> None:
        """Nothing has happened."""
        self.model = Model(zone)

    def edit(self, project: Project) -> None:
        """Other files."""
        self.model.edit(project)

    def happen(self, fact: Happening) -> None:
        """Something comes in."""
        self.model.add(fact.key, fact.op, fact.customer, fact.at, fact.received, fact.actor, fact.data)

    def report(self, found: Report) -> None:
        """Of the last messages that were sent."""
        whose = self.model.shop.find(found.customer)
        mine = [one for one in self.model.shop.messages if one.customer is whose and one.state != "skipped"]
        if len(mine) > found.back:
            message = mine[-1 - found.back].number
            key = f"{message} {found.status} {found.received}"
            data = {"message": message, "status": found.status}
            self.model.add(key, "message.status", None, found.received, found.received, "customer", data)

    def tick(self, now: int) -> None:
        """One."""
        self.model.tick(now)

    def next_tick(self, now: int) -> int | None:
        """The grid."""
        return self.model.next_tick(now)

    def decided(self) -> Decided:
        """In the words of the listings."""
        return Decided(
            [
                (place, one.at, one.customer.shown, one.scenario.name, one.template, one.channel, one.state, one.reason)
                for place, one in enumerate(self.model.shop.messages)
            ],
            [
                (
                    one.number,
                    one.scenario.name,
                    one.customer.shown,
                    one.order.key if one.order else None,
                    one.state,
                    one.reason,
                    one.started,
                    one.ended,
                    one.due,
                    one.goal_at,
                )
                for one in self.model.journeys
            ],
            [(at, customer.shown, scenario.name, reason) for at, customer, scenario, reason in self.model.refused],
        )


# ------------------------------------------------------------------------------------------------------------ comparing


class Stores:
    """One store for many cases: emptied in between, since making one takes longer than most cases."""

    def __init__(self) -> None:
        """In memory."""
        self._store = Store(":memory:")
        rows = self._store.connection.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        self._tables = [name for (name,) in rows if name != "_sqlite_migrations"]

    def empty(self) -> Store:
        """As if it were new."""
        with self._store.transaction():
            for name in self._tables:
                self._store.connection.execute(f"DELETE FROM {name}")
        return self._store


def difference(case: Case, stores: Stores, real: Callable[[str, Store], Machine] = RealEngine) -> str | None:
    """Where engine and model part ways; None: nowhere."""
    found, meant = play(case, real(case.zone, stores.empty())), play(case, ModelEngine(case.zone))
    return parted(case, found, meant)


def parted(case: Case, found: Decided, meant: Decided, names: tuple[str, str] = ("engine", "model")) -> str | None:
    """The first decisions in which two differ, in words."""
    lines = []
    for kind in ("messages", "journeys", "refused"):
        one, other = Counter(getattr(found, kind)), Counter(getattr(meant, kind))
        for name, rows in ((names[0], one - other), (names[1], other - one)):
            lines += [f"{name:>8} only: {kind} {_shown(case, row)}" for row in sorted(rows, key=repr)]
    return "\n".join(lines) if lines else None


def _shown(case: Case, row: tuple[Any, ...]) -> str:
    return " ".join(case.time(part) if isinstance(part, int) and part > 10**8 else str(part) for part in row)
