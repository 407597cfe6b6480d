"""The shop of the model: what each fact changes, and which events it is (`domain.md` §1)."""

from __future__ import annotations

from typing import Any

from tests.model.things import CONTACT
from tests.model.things import Action
from tests.model.things import Consent
from tests.model.things import Customer
from tests.model.things import Event
from tests.model.things import Fact
from tests.model.things import Message
from tests.model.things import Order
from tests.model.things import said_of_line
from tests.model.things import whole

REGISTERING = {"customer.register", "customer.register_or_enrich", "customer.import"}
STANDARD = {"name", "first_name", "last_name", "birthday", "sex", "city", "zone", "timezone"}
"""Fields of a customer that have a history; those of the shop's own have none."""
CONTACTS = ("email", "phone", "push", "webpush")
RANK = {state: rank for rank, state in enumerate(("delivered", "opened", "clicked", "bounced", "unsubscribed", "complained"), start=1)}
SAID = {name: f"message.{name}" for name in ("delivered", "opened", "clicked", "unsubscribed")} | {"bounced": "message.failed"}
OWN = {"formed", "sent", "failed"}


class Shop:
    """Everything that is known."""

    def __init__(self, topics: set[str]) -> None:
        """`topics`: those the project names."""
        self.customers: dict[str, Customer] = {}
        """In the order in which they came, by the id they came with."""
        self.further: dict[str, Customer] = {}
        """By ids they got later."""
        self.orders: dict[str, Order] = {}
        self.actions: list[Action] = []
        self.messages: list[Message] = []
        self.topics = topics

    def orders_of(self, customer: Customer) -> list[Order]:
        """His orders."""
        return [order for order in self.orders.values() if order.customer is customer]

    def find(self, key: str | None) -> Customer | None:
        """Whoever has an id."""
        key = key or ""
        return self.customers.get(key) or self.further.get(key)

    def apply(self, fact: Fact) -> list[Event]:
        """Take in one fact: what happened by it."""
        family = fact.op.partition(".")[0]
        return {
            "action": self._action,
            "customer": self._customer,
            "order": self._order,
            "subscription": self._subscription,
            "contact": self._contact,
            "message": self._message,
        }[family](fact)

    def _who(self, fact: Fact) -> tuple[Customer | None, list[Event]]:
        assert fact.customer is not None
        found = self.find(fact.customer)
        if found is None:
            found = self.customers[fact.customer] = Customer(fact.customer, fact.at)
            return found, [Event("customer.created", found, fact.at, fact)]
        return (None, []) if found.erased else (found, [])

    def _action(self, fact: Fact) -> list[Event]:
        customer, events = self._who(fact)
        if customer is None:
            return []
        fields = {name: value for name, value in fact.data.items() if name != "template"}
        action = Action(customer, fact.data["template"], fact.at, fields)
        self.actions.append(action)
        return [*events, Event("action", customer, fact.at, fact, action=action)]

    # ------------------------------------------------------------------------------------------------------- customers

    def _customer(self, fact: Fact) -> list[Event]:
        if fact.op == "customer.erase":
            self._erase(fact)
            return []
        if fact.op == "customer.merge":
            return self._merge(fact)
        customer, events = self._who(fact)
        if customer is None:
            return []
        created = bool(events)
        if created and fact.op in REGISTERING:
            events.append(Event("customer.registered", customer, fact.at, fact))
        names = set()
        for name, value in fact.data.items():
            if name in CONTACTS:
                if customer.contacts.get(name) != value:
                    customer.contacts[name] = value
                    customer.invalid.discard(name)
                    names.add("contact")
            elif name == "timezone":
                if customer.timezone != value:
                    customer.timezone = value
                    names.add(name)
            elif name not in {"subscribed", "unsubscribed", "pending"} and customer.fields.get(name) != value:
                customer.fields[name] = value
                names.add(name)
        news, explicit = [], False
        for status in ("subscribed", "unsubscribed", "pending"):
            for node in sorted(fact.data.get(status, ()), key=lambda name: "/" in name):
                channel, _, topic = node.partition("/")
                more, said = self._consent(fact, customer, channel, topic or None, status)
                news += more
                explicit = explicit or said
        if not created:
            history = names & {*STANDARD, "contact"} | ({"subscription"} if explicit else set())
            events += self._changed(fact, customer, history)
            fields = names - {"contact"}
            if fields:
                events.append(Event("customer.field", customer, fact.at, fact, changed=fields))
        return events + news

    def _changed(self, fact: Fact, customer: Customer, names: set[str]) -> list[Event]:
        kinds = ["customer.changed", "customer.edited"] if fact.actor == "customer" else ["customer.changed"]
        return [Event(kind, customer, fact.at, fact, changed=names) for kind in kinds] if names else []

    def _erase(self, fact: Fact) -> None:
        customer = self.find(fact.customer)
        if customer is not None:
            customer.erased = True
            customer.timezone = None
            customer.contacts, customer.invalid, customer.consents, customer.fields = {}, set(), {}, {}

    def _merge(self, fact: Fact) -> list[Event]:
        """Two records become one (E13): what the survivor has counts, what he lacks comes from the other."""
        assert fact.customer is not None
        keys = [fact.customer, *fact.data["from"]]
        known = list(dict.fromkeys(one for key in keys if (one := self.find(key)) is not None))
        if not known:
            return []
        survivor = known[0]
        for key in keys:
            if self.find(key) is None:
                self.further[key] = survivor
                survivor.key = key if key == fact.customer else survivor.key
        for other in known[1:]:
            self._absorb(survivor, other)
        return [Event("customer.merged", survivor, fact.at, fact)] if known[1:] else []

    def _absorb(self, survivor: Customer, other: Customer) -> None:
        other.merged_into = survivor
        self.customers = {key: one for key, one in self.customers.items() if one is not other}
        self.further |= {key: survivor for key, one in self.further.items() if one is other} | {other.key: survivor}
        things: list[Any] = [*self.orders.values(), *self.actions, *self.messages]
        for thing in things:
            if thing.customer is other:
                thing.customer = survivor
        for kind, value in other.contacts.items():
            mine = survivor.contacts.get(kind)
            if mine is None or (kind in survivor.invalid and kind not in other.invalid):
                survivor.contacts[kind] = value
                survivor.invalid.discard(kind)
                survivor.invalid |= {kind} & other.invalid
        survivor.created_at = min(survivor.created_at, other.created_at)
        survivor.timezone = survivor.timezone or other.timezone
        for name, value in other.fields.items():
            if survivor.fields.get(name) is None:
                survivor.fields[name] = value
        order = ["unsubscribed", "pending", "subscribed"]
        for place, consent in other.consents.items():
            own = survivor.consents.setdefault(place, consent)
            best = max((own.status, consent.status), key=order.index)
            survivor.consents[place] = Consent(best, max(own.at, consent.at))

    def _contact(self, fact: Fact) -> list[Event]:
        customer, events = self._who(fact)
        if customer is None or fact.data["kind"] not in customer.contacts:
            return events
        return events + self._validity(fact, customer, fact.data["kind"], valid=fact.data["valid"])

    def _validity(self, fact: Fact, customer: Customer, kind: str, *, valid: bool) -> list[Event]:
        if valid is (kind not in customer.invalid):
            return []
        (customer.invalid.discard if valid else customer.invalid.add)(kind)
        return self._changed(fact, customer, {"contact"})

    # --------------------------------------------------------------------------------------------------- subscriptions

    def _subscription(self, fact: Fact) -> list[Event]:
        customer, events = self._who(fact)
        if customer is None:
            return []
        created = bool(events)
        news, explicit = self._consent(fact, customer, fact.data["channel"], fact.data.get("topic"), fact.data["status"])
        return [*events, *(self._changed(fact, customer, {"subscription"}) if explicit and not created else []), *news]

    def _consent(self, fact: Fact, customer: Customer, channel: str, topic: str | None, status: str) -> tuple[list[Event], bool]:
        """By date: consent given earlier never undoes what was said later. A channel takes its topics along (`domain.md` §2.6)."""
        if topic is not None:
            self.topics.add(topic)
        place = channel if topic is None else f"{channel}/{topic}"
        known = [customer.consents[name] for name in {place, channel} if name in customer.consents]
        if any(one.at > fact.at for one in known):
            return [], False
        old = customer.consents.get(place)
        same = old is not None and old.status == status
        if same and topic is None and status == "subscribed":
            return [], False
        concerned = [topic] if topic is not None else [None, *sorted(self.topics)]
        before = {one: customer.status(channel, one) for one in concerned}
        customer.consents[place] = Consent(status, min(fact.at, fact.received))
        if topic is None:
            for name in [name for name in customer.consents if name.startswith(f"{channel}/")]:
                if customer.consents[name].at <= fact.at and fact.actor != "staff":
                    del customer.consents[name]
        after = {one: customer.status(channel, one) for one in concerned}
        return [
            Event("subscription", customer, fact.at, fact, channel=channel, topic=one, status=after[one])
            for one in concerned
            if after[one] != before[one]
        ], not same

    # ---------------------------------------------------------------------------------------------------------- orders

    def _order(self, fact: Fact) -> list[Event]:
        data = fact.data["order"]
        order = self.orders.get(data["id"])
        if order is None and (fact.op == "order.status" or fact.customer is None):
            return []
        if fact.customer is None:
            assert order is not None
            found: tuple[Customer | None, list[Event]] = (None if order.customer.erased else order.customer), []
        else:
            found = self._who(fact)
        customer, events = found
        if customer is None:
            return []
        new = order is None
        order = order or Order(data["id"], customer)
        self.orders[order.key] = order
        late = not new and fact.at < order.updated_at
        before = set() if new else order.statuses
        lines = {line: order.line_status(line) for line in order.lines}
        given = order.given
        order.news.append(fact)
        # What has become of it by this fact alone, were nothing newer known.
        now = {line: said_of_line(fact, line) or lines.get(line, given) for line in order.lines}
        after = {now[line] for line in order.originals} if order.lines else {whole(fact) or given}
        moves = [(lines.get(line), now[line]) for line in order.lines if now[line] != lines.get(line)]
        if not order.lines and after != {given}:
            moves = [(given, whole(fact))]

        def event(kind: str, **more: Any) -> Event:
            action = Action(customer, fact.op, fact.at, {})
            return Event(kind, customer, fact.at, fact, order=order, action=action, late=late, **more)

        events += [event("order.created")] if new else []
        events.append(event("order.changed"))
        if after not in (before, {None}):
            events.append(event("order.status", before=before, after=after))
        if moves:
            events.append(event("line.status", moves=moves))
        return events

    # -------------------------------------------------------------------------------------------------------- messages

    def _message(self, fact: Fact) -> list[Event]:
        """A status comes once for each message, and never goes back."""
        message = next((one for one in self.messages if one.number == fact.data["message"]), None)
        status = fact.data["status"]
        if message is not None and fact.actor == "scenario" and status in OWN:
            return [Event(f"message.{status}", message.customer, fact.at, fact, message=message)]
        if message is None or message.state == "skipped" or status in message.times:
            return []
        message.times[status] = fact.at
        if RANK[status] > RANK.get(message.state, 0):
            message.state = status
        customer = message.customer
        if customer.erased:
            return []
        events = [Event(SAID[status], customer, fact.at, fact, message=message)] if status in SAID else []
        if message.staff:
            return events
        kind = CONTACT.get(message.channel or "")
        if status == "bounced" and kind in customer.contacts:
            events += [one for one in self._validity(fact, customer, kind, valid=False) if one.kind != "customer.edited"]
        elif status in {"unsubscribed", "complained"} and message.channel is not None:
            topic = message.topic if status == "unsubscribed" else None
            news, explicit = self._consent(fact, customer, message.channel, topic, "unsubscribed")
            events += (self._changed(fact, customer, {"subscription"}) if explicit else []) + news
        return events
