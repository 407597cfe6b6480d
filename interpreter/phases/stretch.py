"""One batch for many ticks: what a rehearsal loads once for some hundred minutes, decides minute by minute, and writes at once.

Whoever a fact of these minutes is about, and whoever is due in them, is in memory from the beginning; so nothing is looked for in between.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from heapq import heappop
from heapq import heappush
from typing import Any

from interpreter.facts import Fact
from interpreter.journey import Journey
from interpreter.journey import Key
from interpreter.needs import Needs
from interpreter.needs import needs
from interpreter.phases.batch import Batch
from interpreter.phases.ids import Ids
from interpreter.phases.launch import Running
from interpreter.store.messages import NewMessage
from interpreter.store.sqlite import Store
from interpreter.tally import Tally


class Counted:
    """For whom nothing has been counted yet, of a store that was empty at the beginning: most customers meet a scenario once."""

    def __init__(self) -> None:
        self._marks: dict[int, bytearray] = {}

    def mark(self, scenario: int, key: Key) -> None:
        """Something is counted under a key."""
        if isinstance(key, int):
            marks = self._marks.setdefault(scenario, bytearray())
            if key >= len(marks):
                marks.extend(bytes(key + 1 - len(marks) + len(marks) // 4))
            marks[key] = 1

    def move(self, absorbed: int, survivor: int) -> None:
        """What was counted for one customer counts for another."""
        for scenario, marks in self._marks.items():
            if absorbed < len(marks) and marks[absorbed]:
                self.mark(scenario, survivor)

    def never(self, scenario: int, key: Key) -> bool:
        """Whether nothing can be counted under a key."""
        if not isinstance(key, int):
            return False
        marks = self._marks.get(scenario)
        return marks is None or key >= len(marks) or not marks[key]


class CountingBatch(Batch):
    """A batch that keeps in mind for whom something was counted."""

    def __init__(self, store: Store, running: Running, ids: Ids, now: int, counted: Counted) -> None:
        """`counted`: what all batches of a store keep in mind."""
        super().__init__(store, running, ids, now)
        self.counted = counted

    def count(self, scenario: int, keys: Iterable[Key], unit: int, at: int) -> None:
        """An application, or an occurrence of a trigger."""
        found = list(keys)
        super().count(scenario, found, unit, at)
        for key in found:
            self.counted.mark(scenario, key)

    def absorbed(self, absorbed: int, survivor: int) -> None:
        """One customer became part of another."""
        self.counted.move(absorbed, survivor)


class Stretch(CountingBatch):
    """What many ticks read and decide. `now` is set by each."""

    knows_all = False
    """Whether it has loaded what the store has of anybody, whoever acts."""

    def __init__(
        self, store: Store, running: Running, ids: Ids, times: tuple[int, int], counted: Counted, *, tally: Tally | None = None
    ) -> None:
        """Nothing loaded yet; `times`: of its first tick, and the moment behind which it has none.

        `tally`: decisions are counted there instead of being written.
        """
        super().__init__(store, running, ids, times[0], counted)
        self.end = times[1]
        self.tally = tally
        self.standing: dict[int, list[Journey]] = {}
        """Customer -> his journeys that an event may concern."""
        self._journeys: dict[int, Journey] = {}
        """By id, as they stand now."""
        self._acting = frozenset(number for number, row in running.rows.items() if row.state == "running")
        """The scenarios in which anybody becomes due."""
        self._due: list[tuple[int, int]] = []
        """A heap of (due_at, id); what has changed since is passed over."""
        self._followed = ids.next("journey")
        self._asked = 0
        """How many of the messages have been asked for."""
        self._loaded = False

    # -------------------------------------------------------------------------------------------------------- loading

    def load(self, facts: Sequence[Fact], due: Sequence[Journey], families: frozenset[str], per_order: Iterable[int]) -> None:
        """All that handling these facts and acting for these journeys may read.

        `families`: of history, for everybody; `per_order`: the scenarios that count what happens to an order.
        """
        needed = needs(facts, self.rules.asked)
        self.load_for_facts(needed)
        orders = [f"order {key}" for key in needed.orders]
        super().load_applications((number, orders) for number in per_order)
        self.load_customers({journey.customer for journey in due})
        customers = [customer.id for customer in self.shop.customers()]
        for journey in due:
            self._journeys[journey.id] = journey
            self._plan(journey)
        # What ticks of the stretch make themselves is dated from the first of them on.
        for journey in self.store.journeys.watching(customers, min((self.now, *(fact.at for fact in facts)))):
            known = self._journeys.setdefault(journey.id, journey)
            if self.program(known).watches:
                self.standing.setdefault(known.customer, []).append(known)
        self.load_for_journeys(list(self._journeys.values()))
        self.load_history(customers, families)
        self._loaded = True

    def load_for_facts(self, needs: Needs) -> None:
        """Is there already."""
        if not self._loaded:
            super().load_for_facts(needs)

    def load_history(self, customers: Sequence[int], reads: Collection[str]) -> None:
        """Is there already."""
        if not self._loaded:
            super().load_history(customers, reads)

    def load_for_journeys(self, journeys: Sequence[Journey]) -> None:
        """Is there already."""
        if not self._loaded:
            super().load_for_journeys(journeys)

    def load_applications(self, wanted: Iterable[tuple[int, Sequence[Key]]]) -> None:
        """What limits count, for (scenario, keys)."""
        asked: dict[int, list[Key]] = {}
        for scenario, keys in wanted:
            known = self._applications.setdefault(scenario, {})
            for key in keys:
                if key in known:
                    continue
                if self.counted.never(scenario, key):
                    known[key] = {}
                else:
                    asked.setdefault(scenario, []).append(key)
        for scenario, missing in asked.items():
            self._applications[scenario].update(self.store.journeys.applications(scenario, missing))

    def applications(self, scenario: int, key: Key) -> Mapping[int, int]:
        """What counts under a key of a scenario."""
        known = self._applications.get(scenario)
        counted = None if known is None else known.get(key)
        if counted is None:
            self.load_applications([(scenario, [key])])
            counted = self._applications[scenario][key]
        return counted

    # ------------------------------------------------------------------------------------------------------- deciding

    def trigger(self, journey: Journey) -> Fact | None:
        """The fact by which it started, where its text asks for it: as if it had been looked up for it."""
        return super().trigger(journey) if "action" in self.program(journey).reads else None

    def changed(self, journey: Journey) -> None:
        """To be written; seen like this from now on."""
        before = self._journeys.get(journey.id)
        super().changed(journey)
        self._journeys[journey.id] = journey
        self._plan(journey)
        if before is not None and before is not journey and (standing := self.standing.get(journey.customer)):
            # The one object stands for the other, at its place.
            standing[:] = [journey if one is before else one for one in standing]

    def record(
        self,
        customer: int,
        scenario: int,
        outcome: str,
        reason: str | None = None,
        *,
        journey: Journey | None = None,
        fact: int | None = None,
        detail: Any = None,
    ) -> None:
        """A line of the ledger, or one more of its kind."""
        tally = self.tally
        if tally is None:
            super().record(customer, scenario, outcome, reason, journey=journey, fact=fact, detail=detail)
            return
        name = self.running.rows[scenario].name
        tally.outcomes[name, outcome, reason] += 1
        if outcome == "stopped" and reason == "condition":
            tally.gates[name, detail[-1][0]] += 1

    def add_facts(self, facts: Sequence[Fact]) -> list[Fact]:
        """Facts that come in between: the new ones, as they will be handled."""
        store = self.store.facts
        new = store.add(facts)
        return [*store.by_id([fact.id for fact, is_new in zip(facts, new, strict=True) if is_new]).values()]

    def decided(self) -> Sequence[NewMessage]:
        """The messages that were decided on since the last call."""
        found = self.messages[self._asked :]
        self._asked = len(self.messages)
        return found

    @property
    def size(self) -> int:
        """How many journeys, decisions and messages are kept."""
        return len(self.new_journeys) + len(self._decisions) + len(self.messages)

    def follow(self) -> None:
        """Those who began since the last call become due like all others."""
        following = self.ids.next("journey")
        for number in range(self._followed, following):
            journey = self._journeys[number] = self.new_journeys[number]
            self._plan(journey)
        self._followed = following

    def _plan(self, journey: Journey) -> None:
        due = journey.due_at
        if due is not None and due <= self.end and journey.scenario in self._acting:
            heappush(self._due, (due, journey.id))

    def next_due(self) -> int | None:
        """When the next journey is due; None: none up to the end."""
        due = self._due
        while due:
            at, number = due[0]
            if self._journeys[number].due_at == at:
                return at
            heappop(due)
        return None

    def take_due(self) -> list[Journey]:
        """Those due at or before `now`, by due time and id."""
        found: list[Journey] = []
        due, now = self._due, self.now
        while due and due[0][0] <= now:
            at, number = heappop(due)
            journey = self._journeys[number]
            if journey.due_at == at and (not found or found[-1] is not journey):
                found.append(journey)
        return found
