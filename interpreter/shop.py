"""The part of the shop that is in memory while one batch of facts is handled, and what of it changed.

The store says what it looked for and what it found (`know_…`); what was looked for and not found is known to be absent.
Asking for anything else is a defect of the caller and raises `NeverLoadedError`: the engine never guesses.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from interpreter.entities import Action
from interpreter.entities import Contact
from interpreter.entities import Customer
from interpreter.entities import Message
from interpreter.entities import Order
from interpreter.facts import Fact
from interpreter.facts import contact_key
from interpreter.holdings import Holdings
from interpreter.loaded import Absent
from interpreter.loaded import Loaded
from interpreter.loaded import NeverLoadedError
from interpreter.pools import Pools

__all__ = ["FINDING", "NeverLoadedError", "Shop"]

#: Contacts by which a customer is found.
FINDING = ("email", "phone")


_number = attrgetter("id")


def _has(customer: Customer, place: tuple[str, str]) -> bool:
    contact = customer.contacts.get(place[0])
    return contact is not None and contact_key(place[0], contact.value) == place[1]


class Shop:
    """Customers, orders, messages, actions of one batch. Entities are shared: whoever gets one sees its changes."""

    def __init__(self, *, next_customer: int, next_order: int, next_action: int, topics: Iterable[str] = ()) -> None:
        """`next_…`: the first free ids. `topics`: those of `define topic` and those ever seen."""
        self.topics = set(topics)
        self.holdings = Holdings()
        """Products, and what customers have beside orders."""
        self.pools = Pools()
        """Promo codes to give out."""
        self.later: list[Fact] = []
        """What will have happened when its time comes, if nothing else does: the end of a visit, points that become available."""
        self._next_customer = next_customer
        self._next_order = next_order
        self._next_action = next_action
        self._keys: dict[str, Customer | None] = Loaded()
        self._customers: dict[int, Customer] = Loaded()
        self._contacts: dict[tuple[str, str], Customer | None] = Loaded()
        self._rivals: dict[tuple[str, str], list[Customer]] = {}
        """All who have or had a contact that more than one claimed."""
        self._orders: dict[str, Order | None] = Loaded()
        self._messages: dict[int, Message | None] = Loaded()
        self._orders_of: dict[int, list[Order]] = Loaded()
        self._messages_of: dict[int, list[Message]] = Loaded()
        self._actions_of: dict[int, list[Action]] = Loaded()
        self._is_all = False
        self._keeps_messages = True
        self.changed_customers: dict[int, Customer] = {}
        """New ones too, by id; to be written."""
        self.changed_orders: dict[int, Order] = {}
        self.uncounted: dict[int, Order] = {}
        """Of those, the ones that offers have not counted as they are now."""
        self.changed_messages: dict[int, Message] = {}
        self.new_actions: list[Action] = []
        self.new_keys: dict[str, int] = {}
        """External ids under which a known customer came for the first time, with his id."""
        self.new_topics: set[str] = set()
        self.followed: set[int] = set()
        """Customers who wait for a date that may have changed without an event of theirs."""
        self.absorbed: list[str] = []
        """The ids of records that became one with another before the fact of this batch is handled."""
        self.merged: list[tuple[int, int, str, str]] = []
        """Records that became one with somebody: (customer, fact, its operation, the id)."""
        self.notes: list[tuple[int, str]] = []
        """Facts that changed nothing though something was meant: (fact, why)."""

    # ---------------------------------------------------------------------------------------------- what the store found

    def know_all(self, *, messages: bool) -> None:
        """There is no store: who is not in memory is nowhere. `messages`: somebody looks at what customers were sent."""
        self._is_all, self._keeps_messages = True, messages
        self._keys, self._contacts, self._orders, self._messages = Absent(), Absent(), Absent(), Absent()
        self.holdings.know_all()

    def know_customers(self, customers: Iterable[Customer], *, keys: Iterable[str] = (), contacts: Iterable[tuple[str, str]] = ()) -> None:
        """Customers found for these external ids and contacts. Of several who share a contact the first one owns it."""
        for key in keys:
            self._keys.setdefault(key, None)
        for contact in contacts:
            self._contacts.setdefault(contact, None)
        for customer in sorted(customers, key=_number):
            if customer.id in self._customers:
                continue
            self._customers[customer.id] = customer
            self._keys[customer.key] = customer
            if self._contacts:
                for kind in FINDING:
                    self._claim(customer, kind)

    def know_alias(self, key: str, customer: int) -> None:
        """A further external id of a customer who is loaded."""
        self._keys[key] = self.customer_by_id(customer)

    def know_orders(self, orders: Iterable[Order], *, keys: Iterable[str] = ()) -> None:
        """Orders found for these ids."""
        for key in keys:
            self._orders.setdefault(key, None)
        for order in orders:
            if self._orders.get(order.key) is None:
                self._orders[order.key] = order

    def know_messages(self, messages: Iterable[Message], *, ids: Iterable[int] = ()) -> None:
        """Messages found for these ids."""
        for number in ids:
            self._messages.setdefault(number, None)
        for message in messages:
            if self._messages.get(message.id) is None:
                self._messages[message.id] = message

    def know_history(
        self,
        customer: int,
        *,
        orders: Sequence[Order] | None = None,
        messages: Sequence[Message] | None = None,
        actions: Sequence[Action] | None = None,
    ) -> None:
        """All orders, messages or actions of a customer. What is in memory already counts, with what changed of it."""
        if orders is not None:
            self.know_orders(orders)
            stored = [self.order(order.key) for order in orders]
            listed = {order.key for order in orders}
            fresh = [order for order in self.changed_orders.values() if order.key not in listed]
            self._orders_of[customer] = [order for order in (*stored, *fresh) if order is not None and order.customer == customer]
        if messages is not None:
            self.know_messages(messages)
            self._messages_of[customer] = [message for message in map(self.message, (one.id for one in messages)) if message is not None]
        if actions is not None:
            self._actions_of[customer] = [*actions, *(action for action in self.new_actions if action.customer == customer)]

    # ------------------------------------------------------------------------------------------------------------ asking

    def customer(self, key: str) -> Customer | None:
        """By external id."""
        return self._keys[key]

    def customer_by_id(self, number: int) -> Customer:
        """By our own id."""
        return self._customers[number]

    def owner(self, kind: str, value: str) -> Customer | None:
        """Whose contact it is; of several customers with the same one: the first."""
        return self._contacts[kind, contact_key(kind, value)]

    def claimants(self, place: tuple[str, str]) -> list[Customer]:
        """All who have, or had in this batch, a contact: (kind, value as by `contact_key`)."""
        owner = self._contacts[place]
        return [*([] if owner is None else [owner]), *self._rivals.get(place, ())]

    def customers(self) -> list[Customer]:
        """Everybody in memory."""
        return list(self._customers.values())

    def orders(self) -> list[Order]:
        """Every order in memory."""
        return [order for order in self._orders.values() if order is not None]

    def order(self, key: str) -> Order | None:
        """By its own id."""
        return self._orders[key]

    def message(self, number: int) -> Message | None:
        """By its id."""
        return self._messages[number]

    def orders_of(self, customer: int) -> list[Order]:
        """All orders of a customer, oldest first."""
        return self._orders_of[customer]

    def messages_of(self, customer: int) -> list[Message]:
        """All messages to a customer, oldest first."""
        return self._messages_of[customer]

    def actions_of(self, customer: int) -> list[Action]:
        """All actions of a customer, oldest first."""
        return self._actions_of[customer]

    def has_history(self, customer: int, family: str) -> bool:
        """Whether the `orders`, `messages`, `actions`, or what he has of a kind, are in memory."""
        known = {"orders": self._orders_of.keys(), "messages": self._messages_of.keys(), "actions": self._actions_of.keys()}.get(family)
        return self.holdings.knows(customer, family) if known is None else customer in known

    def products_named(self) -> set[str]:
        """The products of every line, list, look and visit in memory."""
        lines = (line.product for order in self._orders.values() if order is not None for line in order.lines.values())
        return {product for product in (*lines, *self.holdings.products_named()) if product is not None}

    @property
    def next_ids(self) -> tuple[int, int, int]:
        """The first free ids of customers, orders and actions: where the next batch goes on."""
        return self._next_customer, self._next_order, self._next_action

    # ---------------------------------------------------------------------------------------------------------- changing

    def new_customer(self, key: str, created_at: int) -> Customer:
        """A customer who was not there; with him an empty history."""
        customer = Customer(self._next_customer, key, created_at)
        self._next_customer += 1
        self._customers[customer.id] = customer
        self._keys[key] = customer
        self._orders_of[customer.id] = []
        if self._keeps_messages:
            self._messages_of[customer.id] = []
        self._actions_of[customer.id] = []
        self.holdings.begin(customer.id)
        self.customer_changed(customer)
        return customer

    def customer_changed(self, customer: Customer) -> None:
        """To be written."""
        self.changed_customers[customer.id] = customer
        self.holdings.touched.add(customer.id)

    def found_under(self, key: str, customer: Customer) -> None:
        """A customer came under an external id that was not his so far; it is from now on."""
        self._keys[key] = customer
        self.new_keys[key] = customer.id

    def set_contact(self, customer: Customer, kind: str, contact: Contact | None) -> None:
        """Gives, replaces or takes away a contact, and finds him by it from now on."""
        before = customer.contacts.get(kind)
        if before is not None and kind in FINDING:
            place = (kind, contact_key(kind, before.value))
            if self._contacts.get(place) is customer:
                others = (other for other in self._rivals.get(place, ()) if other is not customer and _has(other, place))
                self._contacts[place] = min(others, key=lambda other: other.id, default=None)
        if contact is None:
            customer.contacts.pop(kind, None)
        else:
            customer.contacts[kind] = contact
            self._claim(customer, kind)
        self.customer_changed(customer)

    def _claim(self, customer: Customer, kind: str) -> None:
        """He is found by his contact, if anybody asks for it in this batch."""
        contact = customer.contacts.get(kind)
        if contact is not None and kind in FINDING:
            place = (kind, contact_key(kind, contact.value))
            if place not in self._contacts and not self._is_all:
                return
            owner = self._contacts.get(place)
            if owner is not None and owner is not customer:
                self._rivals.setdefault(place, []).extend((owner, customer))
            if owner is None or customer.id < owner.id:
                self._contacts[place] = customer

    def new_order(self, key: str, customer: Customer, at: int) -> Order:
        """An order that was not there."""
        order = Order(self._next_order, key, customer.id, created_at=at, updated_at=at)
        self._next_order += 1
        self._orders[key] = order
        if customer.id in self._orders_of:
            self._orders_of[customer.id].append(order)
        self.order_changed(order)
        return order

    def order_changed(self, order: Order) -> None:
        """To be written."""
        self.changed_orders[order.id] = self.uncounted[order.id] = order
        self.holdings.touched.add(order.customer)

    def give_order(self, order: Order, customer: Customer) -> None:
        """An order turns out to be somebody else's."""
        self.holdings.touched.update((order.customer, customer.id))
        if order.customer in self._orders_of:
            self._orders_of[order.customer].remove(order)
        order.customer = customer.id
        if customer.id in self._orders_of:
            self._orders_of[customer.id].append(order)
            self._orders_of[customer.id].sort(key=lambda one: one.id)

    def new_action(self, customer: Customer, template: str, at: int, actor: str) -> Action:
        """Something was done."""
        action = Action(self._next_action, customer.id, template, at, actor)
        self._next_action += 1
        self.new_actions.append(action)
        self.holdings.touched.add(customer.id)
        if customer.id in self._actions_of:
            self._actions_of[customer.id].append(action)
        return action

    def knows_messages_of(self, customer: int) -> bool:
        """Whether the messages to a customer are looked at in this batch, so that new ones are to be added."""
        return customer in self._messages_of

    def add_message(self, message: Message) -> None:
        """A message was decided on in this batch; the caller writes it."""
        self._messages[message.id] = message
        if message.customer in self._messages_of:
            self._messages_of[message.customer].append(message)

    def message_changed(self, message: Message) -> None:
        """To be written."""
        self.changed_messages[message.id] = message
        self.holdings.touched.add(message.customer)

    def seen_topic(self, topic: str) -> None:
        """A topic that follows its channel from now on."""
        if topic not in self.topics:
            self.topics.add(topic)
            self.new_topics.add(topic)

    def happens_later(self, fact: Fact, op: str, key: str, at: int, customer: str, **data: Any) -> None:
        """A fact of our own, handled at `at`, or in this tick where that is past. `key`: the same one again changes nothing."""
        received = max(fact.received, at)
        self.later.append(Fact(0, op, key, customer, at, received, f"tick {received}", "scenario", data))

    def note(self, fact: int, text: str) -> None:
        """A fact changed nothing: say why."""
        self.notes.append((fact, text))
