"""What one batch has loaded and may read: by family for the whole batch, never by customer; and what one journey sees of it."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from dsl.offers import Offer
from interpreter.belongings import KINDS
from interpreter.belongings import NOBODY
from interpreter.belongings import Belonging
from interpreter.belongings import Stock
from interpreter.entities import Action
from interpreter.entities import Customer
from interpreter.entities import Message
from interpreter.entities import Order
from interpreter.entities import Product
from interpreter.events import trigger_action
from interpreter.events.products import look
from interpreter.events.products import reached
from interpreter.facts import Fact
from interpreter.journey import Journey
from interpreter.journey import Key
from interpreter.needs import Needs
from interpreter.offers.counting import counted
from interpreter.offers.offered import Offered
from interpreter.operations.products import CHANGING
from interpreter.phases.ids import Ids
from interpreter.phases.launch import Running
from interpreter.pools import candidates
from interpreter.program import Scenario
from interpreter.store.sqlite import Store
from interpreter.view import View

#: What conditions look through of a customer's past.
FAMILIES = frozenset({"orders", "messages", "actions", *KINDS})

#: What journeys are about that is found without its customer.
_KNOWN_BY_KEY = frozenset({"product", "promo", "card"})


class Loading:
    """The part of the store that one batch works on."""

    def __init__(self, store: Store, running: Running, ids: Ids, now: int) -> None:
        """Nothing loaded yet."""
        self.store = store
        self.running = running
        self.rules = running.rules
        self.ids = ids
        self.now = now
        self.shop = ids.shop()
        self.portion: Mapping[tuple[str, str], Sequence[int]] | None = None
        """(kind, product) -> its owners whose turn it is, of a changed product that too many have; None: everybody's."""
        self._applications: dict[int, dict[Key, dict[int, int]]] = {}
        self._triggers: dict[int, Fact] = {}
        """Facts by which journeys started: what `action.…` means in them."""

    # -------------------------------------------------------------------------------------------------------- loading

    def load_for_facts(self, needs: Needs) -> None:
        """Customers, orders and messages that the handling of facts asks for."""
        entities, shop = self.store.entities, self.shop
        orders = entities.orders(needs.orders)
        messages = self.store.messages.by_id(needs.messages)
        customers = entities.customers(keys=needs.customers)
        missing = needs.customers.difference([customer.key for customer in customers])
        aliases = entities.aliases(missing)
        owners = {*(order.customer for order in orders), *(message.customer for message in messages), *aliases.values()}
        owners.difference_update([customer.id for customer in customers])
        customers += entities.customers(ids=owners)
        customers += entities.customers_by_contact(
            emails=[value for kind, value in needs.contacts if kind == "email"],
            phones=[value for kind, value in needs.contacts if kind == "phone"],
        )
        shop.know_customers(customers, keys=needs.customers, contacts=needs.contacts)
        for key, number in aliases.items():
            shop.know_alias(key, number)
        shop.know_orders(orders, keys=needs.orders)
        shop.know_messages(messages, ids=needs.messages)
        if needs.products:
            self.know_products(needs.products)
        if needs.lines:
            self.load_products()
        if needs.changing:
            pairs = reached(needs.changing, shop.holdings.product, self.rules)
            self._load_owners(pairs if self.portion is None else ())
            if self.portion is not None:
                self._know_portion(pairs, self.portion)
        owned = needs.owners | {("promo", code) for order in orders for code in order.promos}
        if owned:
            self._load_owners(owned)
        if needs.issues:
            self.load_pools(needs.issues, spare=len(needs.owners))
        for kind in sorted(needs.kinds):
            self.load_history([customer.id for customer in shop.customers()], {kind})
        if needs.products_of:
            self.load_products()

    def _load_owners(self, owners: Iterable[tuple[str, str]]) -> None:
        """Who has something of a kind about this: they, and all they have of that kind."""
        by_kind: dict[str, list[str]] = {}
        for kind, about in sorted(owners):
            by_kind.setdefault(kind, []).append(about)
        for kind, abouts in by_kind.items():
            found = list(self.store.belongings.owners(kind, abouts))
            self.shop.holdings.know_owners(kind, abouts, found)
            customers = sorted({customer for _, customer in found})
            if customers[:1] == [NOBODY]:
                del customers[0]
                self.shop.holdings.know_public(kind, self.store.belongings.public(kind, abouts))
            self.load_customers(customers)
            self.load_history(customers, {kind})

    def load_pools(self, asked: Iterable[tuple[str, str]], *, spare: int = 0) -> None:
        """Codes for those who may take one: (pool, what a made one is drawn by). `spare`: so many may be gone before their turn."""
        by_pool: dict[str, list[str]] = {}
        for pool, seed in asked:
            by_pool.setdefault(pool, []).append(seed)
        holdings, pools = self.shop.holdings, self.shop.pools
        for pool, seeds in by_pool.items():
            defined = self.rules.pool(pool)
            if defined is not None and defined.generate is not None:
                made = {seed: candidates(self.ids.salt, pool, defined.generate, seed) for seed in seeds}
                self._load_owners(("promo", code) for codes in made.values() for code in codes)
                for seed, codes in made.items():
                    pools.know_made(pool, seed, codes)
                continue
            fresh = {key: thing for (_, kind, key), thing in holdings.changed.items() if kind == "stock"}
            stored = self.store.belongings.first(NOBODY, "stock", pool, len(seeds) + len(fresh) + spare)
            stock = {thing.key: thing for thing in stored} | fresh
            self._load_owners(("promo", code) for code in stock)
            pools.know(pool, [thing for _, thing in sorted(stock.items()) if isinstance(thing, Stock) and thing.pool == pool])

    def _know_portion(self, pairs: Iterable[tuple[str, str]], portion: Mapping[tuple[str, str], Sequence[int]]) -> None:
        """Of those who have something of a changed product only a portion: the others have their turn."""
        kinds: dict[str, list[int]] = {}
        for kind, about in pairs:
            customers = portion.get((kind, about), ())
            self.shop.holdings.know_owners(kind, [about], ((about, customer) for customer in customers))
            kinds.setdefault(kind, []).extend(customers)
        self.load_customers({customer for customers in kinds.values() for customer in customers})
        for kind, customers in kinds.items():
            self.load_history(customers, {kind})

    def know_products(self, keys: Iterable[str]) -> None:
        """These products, where they are not in memory yet."""
        holdings = self.shop.holdings
        missing = {key for key in keys if not holdings.knows_product(key)}
        if missing:
            holdings.know_products(missing, self.store.belongings.products(missing))

    def load_customers(self, ids: Iterable[int]) -> None:
        """Customers by our own ids."""
        self.shop.know_customers(self.store.entities.customers(ids=ids))

    def load_history(self, customers: Sequence[int], reads: Collection[str]) -> None:
        """What conditions read, for these customers, where it is not in memory yet: families of history, and the products named there."""
        for family in FAMILIES.intersection(reads):
            missing = [number for number in dict.fromkeys(customers) if not self.shop.has_history(number, family)]
            if missing:
                self._load_family(family, missing)
        if "products" in reads:
            self.load_products()

    def _load_family(self, family: str, customers: list[int]) -> None:
        orders: dict[int, list[Order]] = {number: [] for number in customers}
        messages: dict[int, list[Message]] = {number: [] for number in customers}
        actions: dict[int, list[Action]] = {number: [] for number in customers}
        match family:
            case "orders":
                for order in self.store.entities.orders_of(customers):
                    orders[order.customer].append(order)
                for number, found in orders.items():
                    self.shop.know_history(number, orders=found)
            case "messages":
                for message in self.store.messages.of(customers):
                    messages[message.customer].append(message)
                for number, sent in messages.items():
                    self.shop.know_history(number, messages=sent)
            case "actions":
                for action in self.store.entities.actions_of(customers):
                    actions[action.customer].append(action)
                for number, done in actions.items():
                    self.shop.know_history(number, actions=done)
            case kind:
                self.shop.holdings.know(customers, {kind}, self.store.belongings.of(customers, {kind}))

    def load_for_journeys(self, journeys: Sequence[Journey]) -> None:
        """All that these journeys may read, by the texts they go by."""
        entities = self.store.entities
        self.load_customers({journey.customer for journey in journeys})
        order_keys = {journey.order for journey in journeys if journey.order is not None}
        self.shop.know_orders(entities.orders(order_keys), keys=order_keys)
        message_ids = [journey.message for journey in journeys if journey.message is not None]
        self.shop.know_messages(self.store.messages.by_id(message_ids), ids=message_ids)
        by_text: dict[int, list[Journey]] = {}
        for journey in journeys:
            by_text.setdefault(journey.version, []).append(journey)
        for those in by_text.values():
            reads = self.program(those[0]).reads
            if "action" in reads:
                self._triggers.update(self.store.facts.by_id([journey.fact for journey in those if journey.fact is not None]))
            self._load_about(those)
            families = (FAMILIES | {"products"}) & (reads | {"messages"} if self.rules.caps else reads)
            self.load_history([journey.customer for journey in those] if families else (), families)

    def _load_about(self, journeys: Sequence[Journey]) -> None:
        """What these journeys are about beside orders and messages."""
        customers: dict[str, list[int]] = {}
        abouts: dict[str, set[str]] = {}
        for journey in journeys:
            for name, key in (journey.about or {}).items():
                word = name.partition(" ")[0]
                if word in _KNOWN_BY_KEY:
                    abouts.setdefault(word, set()).add(key)
                elif word != "line":
                    customers.setdefault(word, []).append(journey.customer)
        for kind, those in customers.items():
            self.load_history(those, {kind})
        products = abouts.pop("product", set())
        self._load_owners((kind, key) for kind, keys in abouts.items() for key in keys)
        self.know_products(products)

    def load_products(self) -> None:
        """The products of all lines, lists, looks and visits in memory."""
        self.know_products(self.shop.products_named())

    def load_offers(self, journeys: Iterable[Journey]) -> None:
        """What the templates of these journeys may offer."""
        asked: dict[Offer, list[View]] = {}
        for journey in journeys:
            offers = self.program(journey).offers
            if offers:
                view = self.journey_view(journey)
                for offer in offers:
                    asked.setdefault(offer, []).append(view)
        if asked:
            self.count_orders()
            self._offers.load(asked, self.now, self._write_for_lists)

    def show_offers(self, offers: Iterable[Offer], view: View) -> None:
        """What may be offered to one customer, for a look: nothing is written."""
        self._offers.load({offer: [view] for offer in offers}, self.now, None)

    @cached_property
    def _offers(self) -> Offered:
        return Offered(self.store, self.rules, self.shop.holdings, self.know_products)

    def _write_for_lists(self) -> None:
        """What lists are made of: in a stretch it may be in memory only."""
        self.store.belongings.save(self.shop.holdings.changed)
        self.store.belongings.save_products(self.shop.holdings.changed_products.values())

    def count_orders(self) -> None:
        """What changed of orders, for offers."""
        shop = self.shop
        if shop.uncounted:
            if self.rules.counts_orders:
                orders = [order for order in shop.uncounted.values() if order.id <= self.ids.counted_to]
                self.store.offers.count(counted(orders, self.rules))
            shop.uncounted = {}

    def facts_of(self, ids: Iterable[int]) -> Mapping[int, Fact]:
        """Facts by their ids."""
        return self.store.facts.by_id(ids)

    def know_trigger(self, fact: Fact) -> None:
        """A fact of this batch by which a journey starts."""
        self._triggers[fact.id] = fact

    def load_applications(self, wanted: Iterable[tuple[int, Sequence[Key]]]) -> None:
        """What limits count, for (scenario, keys)."""
        asked: dict[int, set[Key]] = {}
        for scenario, keys in wanted:
            asked.setdefault(scenario, set()).update(keys)
        for scenario, names in asked.items():
            known = self._applications.setdefault(scenario, {})
            missing = [name for name in names if name not in known]
            if missing:
                known.update(self.store.journeys.applications(scenario, missing))

    def applications(self, scenario: int, key: Key) -> Mapping[int, int]:
        """What counts under a key of a scenario."""
        known = self._applications.setdefault(scenario, {})
        if key not in known:
            known.update(self.store.journeys.applications(scenario, [key]))
        return known[key]

    # --------------------------------------------------------------------------------------------------------- views

    def program(self, journey: Journey) -> Scenario:
        """The text a journey goes by."""
        return self.running.program(journey.scenario, journey.version)

    def orders_of(self, customer: int) -> Sequence[Order]:
        """All orders of a customer."""
        return self.shop.orders_of(customer)

    def messages_of(self, customer: int) -> Sequence[Message]:
        """All messages to a customer."""
        return self.shop.messages_of(customer)

    def actions_of(self, customer: int) -> Sequence[Action]:
        """All actions of a customer."""
        return self.shop.actions_of(customer)

    def view(self, scenario: int, customer: Customer, *, at: int, started: int) -> View:
        """What is to be seen of a customer."""
        rules = self.rules
        zone = customer.timezone or rules.timezone
        return View(rules, self.now, at, started, zone, customer, history=self, scenario=scenario)

    def journey_view(self, journey: Journey) -> View:
        """What a journey sees."""
        customer = self.shop.customer_by_id(journey.customer)
        rules, order, message = self.rules, journey.order, journey.message
        view = View(
            rules,
            self.now,
            journey.context_time,
            journey.started,
            customer.timezone or rules.timezone,
            customer,
            None if order is None else self.shop.order(order),
            message=None if message is None else self.shop.message(message),
            last_send=journey.last_send,
            history=self,
            scenario=journey.scenario,
        )
        trigger = self.trigger(journey)
        if trigger is not None:
            view.action = trigger_action(trigger, customer, journey.order)
        if journey.about is not None:
            self._put_things(view, journey.about)
        return view

    def trigger(self, journey: Journey) -> Fact | None:
        """The fact by which it started, where that is known."""
        return None if journey.fact is None else self._triggers.get(journey.fact)

    def _put_things(self, view: View, about: Mapping[str, str]) -> None:
        """What triggered, as it is now; what is gone is missing."""
        holdings = self.shop.holdings
        things: dict[str, Any] = {}
        for name, key in about.items():
            # A code that a step issued goes by its own name too: `promo gift`.
            word, _, own = name.partition(" ")
            if own:
                things[own] = self._by_key(word, key)
            elif word == "line":
                view.line = view.order.lines.get(key) if view.order is not None else None
            elif word == "product":
                things[word] = view.product(key)
            elif word in _KNOWN_BY_KEY:
                things[word] = self._by_key(word, key)
            else:
                things[word] = holdings.of(view.customer.id, word).get(key)
        view.things = things
        if "view" in about and view.action is not None and view.action.template in CHANGING:
            view.action = None if things["view"] is None else look(things["view"], view.customer)

    def _by_key(self, kind: str, key: str) -> Belonging | None:
        holdings = self.shop.holdings
        owner = next(iter(holdings.owners(kind, key)), None)
        return None if owner is None else holdings.of(owner, kind).get(key)

    def of(self, customer: int, kind: str) -> Mapping[str, Belonging]:
        """What a customer has of a kind, by key."""
        return self.shop.holdings.of(customer, kind)

    def product(self, key: str) -> Product | None:
        """By the shop's own id."""
        return self.shop.holdings.product(key)

    def offered(self, offer: Offer, view: View) -> Sequence[Product]:
        """What a template may offer to the customer of a view."""
        return self._offers.of(offer, view)
