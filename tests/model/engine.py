"""The model: every tick, look at everything again. Lists and loops; no database, no batches (`engine.md` §1 to §6)."""

from __future__ import annotations

from datetime import date
from typing import Any

from dsl import nodes
from dsl.project import Project
from tests.model import civil
from tests.model.asking import Sight
from tests.model.asking import holds
from tests.model.journey import Journey
from tests.model.launching import Launching
from tests.model.launching import Running
from tests.model.listening import Listening
from tests.model.reading import Text
from tests.model.reading import wanted
from tests.model.shop import Shop
from tests.model.things import Customer
from tests.model.things import Event
from tests.model.things import Fact
from tests.model.things import Message
from tests.model.walking import go_on

ROUNDS = 100


class Model(Launching, Listening):
    """A shop with its scenarios."""

    def __init__(self, zone: str) -> None:
        """Nothing has happened."""
        self.zone = zone
        self.now = 0
        self.shop = Shop(set())
        self.scenarios: list[Running] = []
        self.journeys: list[Journey] = []
        self.inbox: list[Fact] = []
        self.keys: set[str] = set()
        self.numbers = 0
        self.handled: list[Fact] = []
        self.refused: list[tuple[int, Customer, Running, str]] = []
        """(now, customer, scenario, reason)"""
        self.project: Project | None = None
        self.files: list[nodes.Scenario] | None = None
        self.listens: set[str] = set()
        self.awaited: dict[int, Fact] = {}

    # ---------------------------------------------------------------------------------------------------------- doors

    def edit(self, project: Project) -> None:
        """Other files from the next tick on."""
        self.project = project
        self.files = [placed.node for placed in project.scenarios.values()]
        policies = [placed.node for placed in project.policies]
        self.caps = [one for one in policies if isinstance(one, nodes.PolicyCap)]
        self.policy_quiet = [one for one in policies if isinstance(one, nodes.PolicyQuiet)]
        self.default_valid = project.surroundings.valid
        templates = project.surroundings.templates or {}
        self.kinds = {name: table.kind for name, table in templates.items()}
        self.topics = {name: table.topic for name, table in templates.items()}
        defined = [placed.node for placed in project.defines]
        self.categories = {
            status.text: one.category.text for one in defined if isinstance(one, nodes.DefineCategory) for status in one.statuses
        }
        self.shop.topics |= {topic for topic in self.topics.values() if topic}
        self.shop.topics |= {name.text for one in defined if isinstance(one, nodes.Define) and one.kind == "topic" for name in one.names}

    def add(self, key: str | None, op: str, customer: str | None, at: int, received: int, actor: str, data: dict[str, Any]) -> None:
        """Something comes in; what has come in already changes nothing."""
        if key is not None:
            if key in self.keys:
                return
            self.keys.add(key)
        self.numbers += 1
        self.inbox.append(Fact(self.numbers, op, customer, at, received, actor, data))

    def next_tick(self, now: int) -> int | None:
        """The next whole minute in which something arrives or is due."""
        moments = [fact.received for fact in self.inbox]
        running = {scenario.name for scenario in self.scenarios if scenario.state == "running"}
        moments += [journey.due for journey in self.journeys if journey.due is not None and journey.scenario.name in running]
        moments += [at for scenario in self.scenarios if (at := self.next_pass(scenario)) is not None]
        if not moments:
            return None
        minute = civil.MINUTE
        return max(-(-min(moments) // minute) * minute, (now // minute + 1) * minute)

    def tick(self, now: int) -> None:
        """One tick."""
        self.now = now
        if self.files is not None:
            self.launch(self.files)
            self.files = None
        self.take_facts()
        self.pass_over()
        self.act(deep=False)
        for depth in range(1, ROUNDS + 2):
            if not any(fact.received <= now for fact in self.inbox):
                break
            self.take_facts()
            self.act(deep=depth >= ROUNDS)
        self.deliver()

    def deliver(self) -> None:
        """Everything leaves at once; that it did is known to the next tick."""
        planned = [message for message in self.shop.messages if message.state == "planned"]
        for message in sorted(planned, key=lambda one: not one.transactional):
            message.state = "sent"
            message.times["sent"] = self.now
            if self.listens & {"message.sent", "message.failed"}:
                data = {"message": message.number, "status": "sent"}
                self.add(f"sent:{message.number}", "message.status", None, self.now, self.now, "scenario", data)

    # ---------------------------------------------------------------------------------------------------------- facts

    def take_facts(self) -> None:
        """Everything that has arrived, in the order in which it did."""
        while ready := sorted((fact for fact in self.inbox if fact.received <= self.now), key=lambda fact: (fact.received, fact.number)):
            fact = ready[0]
            self.inbox.remove(fact)
            self.handled.append(fact)
            started: set[str] = set()
            events = self.shop.apply(fact)
            if fact.op == "customer.merge":
                self.merge()
            for event in events:
                self.notice(event)
                self.start(event, started)
            self.follow_dates([event.customer for event in events])
            if fact.op == "customer.erase":
                self.erase()

    def merge(self) -> None:
        """Whoever was absorbed: his journeys and what counted for him are the survivor's (A-17)."""
        for journey in self.journeys:
            while (into := journey.customer.merged_into) is not None:
                old, new = f"customer {id(journey.customer)}", f"customer {id(into)}"
                journey.applications = {new if key == old else key: at for key, at in journey.applications.items()}
                journey.customer = into

    def erase(self) -> None:
        """Who is erased is written to no more; what was counted by a field of his is forgotten with the field."""
        for journey in self.journeys:
            if journey.customer.erased:
                journey.applications = {key: at for key, at in journey.applications.items() if not key.startswith("customer.")}
            if journey.customer.erased and journey.is_open:
                journey.end(self.now, "stopped", "erased")

    def start(self, event: Event, started: set[str]) -> None:
        """The journeys that start by an event, through the gates in their order."""
        for scenario in list(self.scenarios):
            if scenario.state == "gone" or scenario.first_name in started:
                continue
            found = [clause for clause in scenario.text.clauses(nodes.On) if self.matches(wanted(clause.event), event)]
            if not found:
                continue
            refused = self.gates(scenario, found, event)
            if refused is not None:
                self.refused.append((self.now, event.customer, scenario, refused))
            else:
                started.add(scenario.first_name)
                self.begin(scenario, event.customer, event.at, event)

    def gates(self, scenario: Running, found: list[nodes.On], event: Event) -> str | None:
        """Launched, active, no later change, `where`, and a limit per order."""
        received = event.fact.received
        if not scenario.was_running(received):
            return "before_launch" if scenario.launched is None or received < scenario.launched else "paused"
        if not self.is_active(scenario, received):
            return "inactive"
        if event.late:
            return "later_change"
        sight = self.sight(event)
        if not any(clause.where is None or holds(clause.where, sight) for clause in found):
            return "where"
        full = False
        for limit in scenario.text.clauses(nodes.Limit):
            if limit.key.text == "order" and event.order is not None and not full:
                full = self.order_is_full(scenario, limit, event)
        return "limit" if full else None

    def order_is_full(self, scenario: Running, limit: nodes.Limit, event: Event) -> bool:
        """Occurrences of the trigger for this order, this one among them from now on."""
        assert event.order is not None
        key, zone = event.order.key, event.customer.timezone or self.zone
        others = {fact: at for order, fact, at in scenario.occurrences if order == key and fact != event.fact.number}
        scenario.occurrences.append((key, event.fact.number, self.now))
        return sum(self.in_window(limit, at, zone) for at in others.values()) >= limit.count

    def is_active(self, scenario: Running, at: int) -> bool:
        """Whether `active from … to …` lets journeys start."""
        day = civil.wall(at, self.zone).date()
        return all(clause.first <= day <= clause.last for clause in scenario.text.clauses(nodes.Active))

    def begin(self, scenario: Running, customer: Any, at: int, event: Event | None = None) -> None:
        """A journey starts, standing before its first step; a wait that comes first is entered at once."""
        text = scenario.text
        journey = Journey(len(self.journeys) + 1, scenario, text, customer, at, at, text.first, at)
        if event is not None:
            journey.fact, journey.order, journey.action, journey.message = event.fact, event.order, event.action, event.message
        self.journeys.append(journey)
        first = text.first.node if text.first else None
        if isinstance(first, nodes.Wait | nodes.WaitUntil):
            journey.inside, journey.due = True, self.wait_end(first, journey)
        elif isinstance(first, nodes.WaitForEvent):
            journey.inside, journey.due = True, civil.add(at, first.duration, self.zone_of(customer))

    def follow_dates(self, customers: list[Customer]) -> None:
        """The date that a journey waits for may have moved, by what happened to its customer; an edit alone moves no wake time."""
        for journey in self.journeys:
            node = journey.place.node if journey.place else None
            mine = any(customer is journey.customer for customer in customers)
            if mine and journey.is_open and journey.state == "waiting" and journey.inside and isinstance(node, nodes.WaitUntilDate):
                end = self.wait_end(node, journey)
                journey.due = self.now if end is None else end

    # ------------------------------------------------------------------------------------------------------ schedules

    def next_pass(self, scenario: Running) -> int | None:
        """When a running scenario passes over the customers next."""
        return scenario.next_run if scenario.state == "running" else None

    def pass_over(self) -> None:
        """`every`: passes that were missed collapse into one."""
        for scenario in self.scenarios:
            due = self.next_pass(scenario)
            if due is None or due > self.now:
                continue
            for customer in list(self.shop.customers.values()):
                if not customer.erased:
                    self.pass_to(scenario, customer, due - 1)
            scenario.next_run = self.run_after(scenario, self.now)

    def pass_to(self, scenario: Running, customer: Any, since: int) -> None:
        """One customer; of several `every` the first that lets him in."""
        for clause in scenario.text.clauses(nodes.Every):
            at = self.moment_of(clause.schedule, customer, since)
            if at is None:
                continue
            sight = Sight(self.shop, self.categories, self.zone, self.now, at, at, customer)
            if clause.where is not None and not holds(clause.where, sight):
                continue
            if not self.is_active(scenario, at):
                self.refused.append((self.now, customer, scenario, "inactive"))
            elif self.limit_is_full(scenario, scenario.text, None, sight):
                self.refused.append((self.now, customer, scenario, "limit"))
            else:
                self.begin(scenario, customer, at)
                return

    def moment_of(self, schedule: nodes.Schedule, customer: Any, since: int) -> int | None:
        """The last moment in (since, now] that is his."""
        if schedule.unit != "year":
            return max(civil.runs(schedule, since, self.now, self.zone), default=None)
        assert schedule.field is not None
        name = schedule.field.path[-1]
        born = customer.fields.get(name)
        if born is None:
            return None
        return max(civil.yearly_runs(date.fromisoformat(born), schedule, since, self.now, self.zone), default=None)

    # ------------------------------------------------------------------------------------------------------------ acts

    def act(self, *, deep: bool) -> None:
        """Who is due, by (transactional, priority, due time, id)."""
        ranks = sorted({rank(scenario.text) for scenario in self.scenarios if scenario.state == "running"})
        for one in ranks:
            while due := [
                journey
                for journey in self.journeys
                if journey.due is not None
                and journey.due <= self.now
                and journey.scenario.state == "running"
                and rank(journey.scenario.text) == one
            ]:
                go_on(self, min(due, key=lambda journey: (journey.due, journey.number)), deep=deep)

    def form(self, message: Message, *, formed: bool) -> None:
        """A message was decided on."""
        self.shop.messages.append(message)
        if formed and "message.formed" in self.listens:
            data = {"message": message.number, "status": "formed"}
            self.add(f"formed:{message.number}", "message.status", None, self.now, self.now, "scenario", data)


def rank(text: Text) -> tuple[bool, int]:
    """Transactional scenarios first, then by priority."""
    return (not text.has(nodes.Transactional), -sum(clause.value for clause in text.clauses(nodes.Priority)))
