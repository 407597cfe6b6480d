"""One batch of work in memory: what was decided over what it has loaded, and how that is written, all in one transaction."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from interpreter.belongings import Awaited
from interpreter.facts import Fact
from interpreter.journey import Journey
from interpreter.journey import Key
from interpreter.limits import application_keys
from interpreter.phases.ids import Ids
from interpreter.phases.launch import Running
from interpreter.phases.loading import Loading
from interpreter.program import Scenario
from interpreter.store.messages import NewMessage
from interpreter.store.sqlite import Store
from interpreter.view import View

_encode = msgspec.json.Encoder(enc_hook=str).encode

#: In the ledger: what concerns a customer and no scenario.
NO_SCENARIO = 0


class Batch(Loading):
    """What one batch reads and decides."""

    def __init__(self, store: Store, running: Running, ids: Ids, now: int) -> None:
        """Nothing loaded yet, nothing decided."""
        super().__init__(store, running, ids, now)
        self.new_journeys: dict[int, Journey] = {}
        self.changed_journeys: dict[int, Journey] = {}
        self.messages: list[NewMessage] = []
        self.facts: list[Fact] = []
        """Made by steps, to be handled next."""
        self._decisions: list[tuple[object, ...]] = []
        self._counted: list[tuple[int, Key, int, int]] = []
        self._moved: list[tuple[int, Key, int, int]] = []
        """Counted before: with a later moment."""

    # ------------------------------------------------------------------------------------------------------- deciding

    def changed(self, journey: Journey) -> None:
        """To be written."""
        if journey.id not in self.new_journeys:
            self.changed_journeys[journey.id] = journey
        else:
            self.new_journeys[journey.id] = journey

    def awaits(self, journey: Journey, program: Scenario, *, waited: bool, waits: bool) -> None:
        """A journey began or ended to wait for a date of its product, which may change: it is to be found by that."""
        product = (journey.about or {}).get("product")
        if product is not None and waited is not waits and Awaited.kind in program.reads:
            thing = Awaited(journey.id, product, journey.context_time)
            (self.shop.holdings.put if waits else self.shop.holdings.drop)(journey.customer, thing)

    def count(self, scenario: int, keys: Iterable[Key], unit: int, at: int) -> None:
        """An application, or an occurrence of a trigger."""
        for key in keys:
            dict_of = self.applications(scenario, key)
            (self._moved if unit in dict_of else self._counted).append((scenario, key, unit, at))
            dict_of[unit] = at  # type: ignore[index]

    def count_application(self, journey: Journey, scenario: Scenario, view: View) -> None:
        """The journey's step group acted: it is an application, from now on or again."""
        self.count(journey.scenario, application_keys(scenario, view), journey.id, self.now)

    def record(
        self,
        customer: int,
        scenario: int,
        outcome: str,
        reason: str | None = None,
        *,
        journey: Journey | None = None,
        fact: int | None = None,
        detail: object = None,
    ) -> None:
        """A line of the ledger."""
        text = None if detail is None else _encode(detail).decode()
        if journey is None:
            self._decisions.append((self.now, customer, scenario, self.running.rows[scenario].version, None, fact, outcome, reason, text))
        else:
            self._decisions.append((self.now, customer, scenario, journey.version, journey.id, fact, outcome, reason, text))

    def record_merged(self, customer: int, fact: int, op: str, key: str) -> None:
        """A line of the ledger: the record of an id became part of a customer."""
        self._decisions.append((self.now, customer, NO_SCENARIO, None, None, fact, "merged", op, _encode(key).decode()))

    def absorbed(self, absorbed: int, survivor: int) -> None:
        """One customer became part of another, in the store."""

    # -------------------------------------------------------------------------------------------------------- writing

    def write(self) -> None:
        """Write everything. To be called within a transaction."""
        store, shop = self.store, self.shop
        self.count_orders()
        # The ids still stand where they stood before this batch.
        store.entities.save_customers(shop.changed_customers.values(), new_from=self.ids.next("customer"))
        store.entities.save_orders(shop.changed_orders.values(), new_from=self.ids.next("orders"))
        store.entities.add_actions(shop.new_actions)
        store.entities.add_aliases(shop.new_keys.items())
        store.entities.add_topics(shop.new_topics)
        store.journeys.save(self.new_journeys.values(), self.changed_journeys.values())
        # A fact that came in while the scenario still ran starts a journey that has to wait until it runs again.
        for scenario in {journey.scenario for journey in self.new_journeys.values()}:
            if self.running.rows[scenario].state != "running":
                store.journeys.park(scenario, parked=True)
        store.journeys.save_applications(self._counted, self._moved)
        store.messages.add(self.messages)
        store.messages.save(shop.changed_messages.values())
        store.journeys.record(self._decisions)
        store.belongings.save(shop.holdings.changed)
        store.belongings.save_products(shop.holdings.changed_products.values())
        if self.facts or shop.later:
            store.facts.add([*self.facts, *shop.later])
        self.ids.follow(shop)
