"""A stretch that is everything: customers whom nobody knew before, from their first fact to the last moment.

Nothing is looked for, because there is nothing but what came of these facts; and nothing is written, because only numbers are asked for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from functools import cache
from functools import partial

from dsl import calendar
from interpreter.facts import Fact
from interpreter.journey import Journey
from interpreter.journey import Key
from interpreter.needs import Needs
from interpreter.phases.ids import Ids
from interpreter.phases.launch import Running
from interpreter.phases.stretch import Counted
from interpreter.phases.stretch import Stretch
from interpreter.program import Scenario
from interpreter.store.facts import decode
from interpreter.store.facts import encode
from interpreter.store.messages import NewMessage
from interpreter.store.sqlite import Store
from interpreter.tally import Tally


class Whole(Stretch):
    """Over a store in which nothing is but the launch."""

    knows_all = True

    def __init__(self, store: Store, running: Running, ids: Ids, last: int, tally: Tally, *, messages: bool) -> None:
        """`last`: no tick behind it; `messages`: somebody looks at what customers were sent."""
        super().__init__(store, running, ids, (0, last), Counted(), tally=tally)
        self._tally = tally
        zone = running.rules.timezone
        # No day begins within a quarter of an hour.
        self._day = cache(lambda quarter: calendar.local(quarter * 900, zone)[0])
        self._names = {number: row.name for number, row in running.rows.items()}
        self._programs = dict(running.current)
        self._asks_for_action = any("action" in program.reads for program in running.current.values())
        self.shop.know_all(messages=messages)
        self._journeys = self.new_journeys
        self._applications = defaultdict(partial(defaultdict, dict))
        self._facts: dict[int, Fact] = {}
        self._keys: set[str] = set()

    # ------------------------------------------------------------------------------------------------ nothing to load

    def load_for_facts(self, needs: Needs) -> None:
        """There is nothing else."""

    def load_history(self, customers: Sequence[int], reads: Iterable[str]) -> None:
        """There is nothing else."""

    def load_for_journeys(self, journeys: Sequence[Journey]) -> None:
        """There is nothing else."""

    def load_applications(self, wanted: Iterable[tuple[int, Sequence[Key]]]) -> None:
        """There is nothing else."""

    def applications(self, scenario: int, key: Key) -> Mapping[int, int]:
        """What counts under a key of a scenario."""
        return self._applications[scenario][key]

    def _write_for_lists(self) -> None:
        """Lists are of products, and there are none."""

    def program(self, journey: Journey) -> Scenario:
        """The text a journey goes by: there is one of each."""
        return self._programs[journey.scenario]

    def trigger(self, journey: Journey) -> Fact | None:
        """The fact by which it started, where anybody asks for it."""
        return super().trigger(journey) if self._asks_for_action else None

    # ---------------------------------------------------------------------------------------------------------- facts

    def arrive(self, facts: Iterable[Fact]) -> list[Fact]:
        """The facts in the order of arrival. Of those with the same key only the first one counts."""
        found = [fact for fact in facts if self._is_new(fact)]
        found.sort(key=lambda fact: fact.received)
        return found

    def add_facts(self, facts: Sequence[Fact]) -> list[Fact]:
        """Facts that come in between: the new ones, as a store would give them back."""
        found = [fact for fact in facts if self._is_new(fact)]
        for fact in found:
            fact.data = decode(encode(fact.data))
        return found

    def _is_new(self, fact: Fact) -> bool:
        if fact.key is not None:
            if fact.key in self._keys:
                return False
            self._keys.add(fact.key)
        fact.id = len(self._facts) + 1
        self._facts[fact.id] = fact
        return True

    def facts_of(self, ids: Iterable[int]) -> Mapping[int, Fact]:
        """Facts by their ids."""
        return {number: self._facts[number] for number in ids}

    # ------------------------------------------------------------------------------------------------------- counting

    def count(self, scenario: int, keys: Iterable[Key], unit: int, at: int) -> None:
        """An application, or an occurrence of a trigger."""
        known = self._applications[scenario]
        for key in keys:
            known[key][unit] = at

    def decided(self) -> Sequence[NewMessage]:
        """The messages that were decided on since the last call, counted."""
        found = self.messages
        if found:
            self.messages = []
            tally, names = self._tally, self._names
            for message in found:
                if message.kind == "message":
                    name, state = names[message.scenario], "sent" if message.state == "planned" else message.state
                    tally.letters[name, message.template, message.channel, state, message.reason] += 1
                    if state == "sent":
                        tally.sent[name, self._day(message.at // 900)] += 1
        return found

    def count_journeys(self) -> None:
        """In the end."""
        tally = self._tally
        for journey in self.new_journeys.values():
            name = self._names[journey.scenario]
            tally.started[name] += 1
            if journey.due_at is not None:
                tally.waiting[name] += 1
