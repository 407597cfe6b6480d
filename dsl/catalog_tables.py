"""The tables of the catalog: entities and fields, events, operations, nouns, states and reasons. Data only; `catalog.py` reads it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from dsl.forms import Record


class Type(Enum):
    """What kind of value an expression has."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    MOMENT = "moment"
    DURATION = "duration"
    TIME = "time of day"
    PERCENT = "percent"
    BOOLEAN = "boolean"
    COLLECTION = "collection"
    ENTITY = "entity"
    ANY = "any"
    """A custom field without `define field`: it may hold anything."""


class FieldRow(Record):
    """A field that every shop has: `order.total`."""

    name: str
    type: Type
    meaning: str
    of: str = ""
    """The entity a field or a collection holds."""


class Entity(Record):
    """Something facts are about: `order`, with its fields."""

    name: str
    meaning: str
    fields: Mapping[str, FieldRow]
    custom: bool = False
    """May carry fields of the shop's own."""


def _entity(name: str, meaning: str, *rows: FieldRow, custom: bool = False) -> Entity:
    return Entity(name, meaning, {row.name: row for row in rows}, custom)


def _text(name: str, meaning: str) -> FieldRow:
    return FieldRow(name, Type.TEXT, meaning)


def _number(name: str, meaning: str) -> FieldRow:
    return FieldRow(name, Type.NUMBER, meaning)


def _moment(name: str, meaning: str) -> FieldRow:
    return FieldRow(name, Type.MOMENT, meaning)


def _date(name: str, meaning: str) -> FieldRow:
    return FieldRow(name, Type.DATE, meaning)


def _boolean(name: str, meaning: str) -> FieldRow:
    return FieldRow(name, Type.BOOLEAN, meaning)


def _entity_field(name: str, of: str, meaning: str) -> FieldRow:
    return FieldRow(name, Type.ENTITY, meaning, of)


def _collection(name: str, of: str, meaning: str) -> FieldRow:
    return FieldRow(name, Type.COLLECTION, meaning, of)


def _table(*entities: Entity) -> dict[str, Entity]:
    return {entity.name: entity for entity in entities}


#: events.md §1.1
ENTITIES: Mapping[str, Entity] = _table(
    _entity(
        "customer",
        "the person a journey belongs to",
        _text("id", "the shop's own id of the customer"),
        _text("email", "main e-mail address"),
        _text("phone", "main mobile phone"),
        _boolean("email_confirmed", "whether he confirmed the main e-mail address"),
        _boolean("phone_confirmed", "whether he confirmed the main phone"),
        _text("name", "full name"),
        _text("first_name", "first name"),
        _text("last_name", "last name"),
        _date("birthday", "date of birth"),
        _text("sex", "sex, as the shop writes it"),
        _text("city", "city"),
        _text("zone", "the price zone the customer belongs to"),
        _text("timezone", "name of the customer's time zone"),
        _moment("created_at", "when the customer got into the database"),
        custom=True,
    ),
    _entity(
        "order",
        "an order of the customer",
        _text("id", "the shop's own number of the order"),
        _text("status", "the status every line has, else the latest"),
        _number("total", "sum to pay"),
        _moment("created_at", "when the order was made"),
        _moment("updated_at", "when the order last changed"),
        _text("email", "e-mail address given with this order"),
        _text("phone", "phone given with this order"),
        _date("delivery_date", "promised day of delivery"),
        _collection("lines", "line", "the lines of the order"),
        custom=True,
    ),
    _entity(
        "line",
        "one line of an order",
        _text("id", "number of the line in its order"),
        _entity_field("order", "order", "the order it belongs to"),
        _entity_field("product", "product", "what was bought"),
        _number("quantity", "how many"),
        _number("price", "price of one"),
        _text("status", "status of this line"),
        _moment("delivered_at", "when this line was delivered"),
        custom=True,
    ),
    _entity(
        "product",
        "something the shop sells",
        _text("id", "the shop's own id of the product"),
        _text("name", "name"),
        _text("url", "address of its page"),
        _text("picture", "address of its picture"),
        _text("category", "category"),
        _number("price", "price now"),
        _number("old_price", "price before the discount"),
        _boolean("available", "in stock; no value: not known"),
        FieldRow("expiry", Type.DURATION, "how long it lasts after delivery"),
        _moment("expires", "delivery, or the date of the event, plus `expiry`"),
        _moment("added_at", "when it came into the catalogue"),
        custom=True,
    ),
    _entity(
        "item",
        "a product in a list of the customer",
        _text("list", "name of the list"),
        _entity_field("product", "product", "the product"),
        _number("quantity", "how many"),
        _number("price", "price when it was put into the list"),
        _moment("added_at", "when it was put into the list"),
    ),
    _entity(
        "view",
        "a look at the page of a product",
        _entity_field("product", "product", "the product"),
        _number("price", "price at that time"),
        _moment("at", "when"),
    ),
    _entity(
        "session",
        "a visit to the site",
        _moment("started_at", "first activity"),
        _moment("ended_at", "end of the visit"),
        _collection("added", "item", "what was put into lists"),
        _collection("viewed", "view", "products looked at"),
        _collection("categories", "", "categories looked at"),
    ),
    _entity(
        "action",
        "something that was done, named by its template",
        _text("template", "its template"),
        _moment("at", "when"),
        _text("actor", "`customer`, `staff`, `import` or `scenario`"),
        custom=True,
    ),
    _entity(
        "message",
        "a message to the customer",
        _text("template", "its template"),
        _text("channel", "its channel"),
        _text("state", "what became of it"),
        _moment("at", "when it was decided"),
    ),
    _entity(
        "change",
        "a change of a points balance",
        _text("account", "name of the balance"),
        _text("kind", "`accrual`, `write_off`, `reset` or `expiry`"),
        _number("amount", "points added or, below zero, taken"),
        _number("remaining", "points of this accrual not spent yet"),
        _moment("available_from", "when the points can be spent"),
        _moment("expires_at", "when the points expire"),
    ),
    _entity(
        "promo",
        "a promo code of the customer",
        _text("code", "the code"),
        _text("pool", "the pool it was taken from"),
        _moment("issued_at", "when the customer got it"),
        _moment("valid_until", "last moment of its use"),
        _moment("redeemed_at", "when it was used"),
    ),
    _entity(
        "card",
        "a discount card of the customer",
        _text("number", "number"),
        _text("type", "kind of the card"),
        _text("status", "`activated`, `blocked` or `inactive`"),
        custom=True,
    ),
    _entity(
        "code",
        "an authorisation code that was asked for",
        _text("value", "the code"),
        _text("kind", "what it is for"),
        _moment("expires_at", "last moment of its use"),
    ),
)

#: Types that `define field` knows.
FIELD_TYPES: Mapping[str, Type] = {
    "text": Type.TEXT,
    "number": Type.NUMBER,
    "date": Type.DATE,
    "moment": Type.MOMENT,
    "duration": Type.DURATION,
    "boolean": Type.BOOLEAN,
}

# ------------------------------------------------------------------------------------------------------------- events


class EventKind(Record):
    """One row of events.md §1: something a trigger can wait for."""

    key: str
    """Stable name, used in code and tables: `order.status`."""
    number: str
    """In events.md: `E03a`."""
    spelling: str
    meaning: str
    contexts: tuple[str, ...]
    """Entities whose fields filters, waits and templates may use; `customer` is always the first."""
    tx: bool = False
    """May start a transactional scenario (domain.md §1.0)."""


def _event(key: str, number: str, spelling: str, meaning: str, *contexts: str, tx: bool = False) -> tuple[str, EventKind]:
    return key, EventKind(key, number, spelling, meaning, ("customer", *contexts), tx)


_ORDER = ("order", "action")
_ITEM = ("item", "product")
_VIEW = ("view", "product", "action")
_CHANGE = ("change", "action")

#: events.md §1; the order is the order of that table.
EVENTS: Mapping[str, EventKind] = dict(
    (
        _event("session.ended", "E01", "session ended", "a visit to the site is over", "session"),
        _event("order.created", "E02", "order created", "an order appeared", *_ORDER, tx=True),
        _event("order.changed", "E02", "order changed", "an order appeared or anything came in about it", *_ORDER, tx=True),
        _event(
            "order.status",
            "E03a",
            'order.status -> "shipped"',
            "every line that came with the order has reached the status",
            *_ORDER,
            tx=True,
        ),
        _event("line.status", "E03b", 'any line.status -> "shipped"', "a line of an order has reached the status", *_ORDER, tx=True),
        _event("product.bought", "E04", "product bought", "a line of an order was delivered", "line", "product", "order"),
        _event(
            "list.restocked", "E05a", 'product restocked in list "wishlist"', "a product of the customer's list is back in stock", *_ITEM
        ),
        _event("list.sold_out", "E05b", 'product sold_out in list "wishlist"', "a product of the customer's list is out of stock", *_ITEM),
        _event(
            "list.price_drops", "E05c", 'product.price drops 10% in list "wishlist"', "a product of the customer's list got cheaper", *_ITEM
        ),
        _event(
            "list.price_rises", "E05d", 'product.price rises 10% in list "wishlist"', "a product of the customer's list got dearer", *_ITEM
        ),
        _event(
            "list.field", "E05e", 'product.stock_left changed in list "cart"', "a field of a product of the customer's list changed", *_ITEM
        ),
        _event("list.added", "E06a", 'product added to list "cart"', "the customer put a product into a list", *_ITEM),
        _event("list.changed", "E06b", 'list "cart" changed', "a list of the customer changed", *_ITEM),
        _event("views.restocked", "E07a", "product restocked in views", "a product the customer looked at is back in stock", *_VIEW),
        _event("views.sold_out", "E07b", "product sold_out in views", "a product the customer looked at is out of stock", *_VIEW),
        _event("views.price_drops", "E07c", "product.price drops 10% in views", "a product the customer looked at got cheaper", *_VIEW),
        _event("views.price_rises", "E07d", "product.price rises 10% in views", "a product the customer looked at got dearer", *_VIEW),
        _event("views.field", "E07e", "product.badge changed in views", "a field of a product the customer looked at changed", *_VIEW),
        _event("product.viewed", "E07f", "product viewed", "the customer looked at a product", *_VIEW),
        _event("action", "E08", 'action "quiz_done"', "an action with this template happened", "action"),
        _event(
            "product.action", "E09", 'product action "compared"', "an action with this template happened to a product", "action", "product"
        ),
        _event("message.formed", "E10", "message review_request formed", "a message was decided on", "message"),
        _event("message.sent", "E10", "message review_request sent", "a message was handed over to its channel", "message"),
        _event("message.delivered", "E10", "message review_request delivered", "the provider says the message arrived", "message"),
        _event("message.opened", "E10", "message review_request opened", "the customer opened the message", "message"),
        _event("message.clicked", "E10", "message review_request clicked", "the customer followed a link of the message", "message"),
        _event("message.failed", "E10", "message review_request failed", "the message could not be delivered", "message"),
        _event("message.unsubscribed", "E10", "message review_request unsubscribed", "the customer unsubscribed by the message", "message"),
        _event("customer.created", "E11", "customer created", "a customer got into the database"),
        _event("customer.registered", "E12", "customer registered", "a new customer registered", "action", tx=True),
        _event("customer.merged", "E13", "customer merged", "two records of one customer became one"),
        _event("code.requested", "E14", "code requested", "the customer asked for an authorisation code", "action", "code", tx=True),
        _event("email.changed", "E15", "customer.email changed", "the e-mail address changed from one to another"),
        _event("email.confirmed", "E16", "customer.email confirmed", "the e-mail address was confirmed"),
        _event("phone.changed", "E17", "customer.phone changed", "the phone changed from one to another"),
        _event("phone.confirmed", "E18", "customer.phone confirmed", "the phone was confirmed", tx=True),
        _event("customer.changed", "E19", "customer changed", "something about the customer changed"),
        _event("customer.edited", "E20", "customer edited", "the customer changed something about himself"),
        _event("customer.field", "E21", "customer.bonus_level changed", "a field of the customer changed", tx=True),
        _event("subscription", "E22", "subscription email -> subscribed", "the customer subscribed or unsubscribed", tx=True),
        _event("segment.entered", "E23", "segment vip entered", "the customer entered the segment"),
        _event("segment.left", "E24", "segment vip left", "the customer left the segment"),
        _event("balance.negative", "E25", 'balance "bonus" negative', "a change left the balance below zero", *_CHANGE),
        _event("balance.available", "E26", 'balance "bonus" available', "points became available", *_CHANGE),
        _event("balance.changed", "E27", 'balance "bonus" changed', "points came or went", *_CHANGE),
        _event("promo.issued", "E28", 'promo "POOL" issued', "the customer got a promo code", "promo"),
        _event("promo.redeemed", "E29", 'promo "POOL" redeemed', "the customer used a promo code", "promo", "order"),
        _event("promo.referred", "E30", 'promo "POOL" referred', "somebody used the customer's referral code", "promo"),
        _event("card.status", "E31", "card.status -> activated", "a discount card got the status", "card", "action"),
        _event("card.replaced", "E32", "card replaced", "a discount card was replaced by another", "card", "action"),
        _event("every", "S34", "every day at 10:00", "the schedule came round"),
    )
)

#: E33: what the source system no longer has, and what to write instead.
OBSOLETE: Mapping[str, str] = {
    "fmcg.order.created": "order changed",
    "fmcg.order.status": 'order.status -> "…"',
    "prize.received": 'action "…"',
}

# --------------------------------------------------------------------------------------------------------- operations


class Operation(Record):
    """A kind of fact that comes in (events.md §2.1)."""

    name: str
    meaning: str
    causes: tuple[str, ...]
    """Keys of the events it may cause."""


def _operation(name: str, meaning: str, *causes: str) -> tuple[str, Operation]:
    return name, Operation(name, meaning, causes)


_PROFILE = ("customer.changed", "customer.edited", "customer.field", "subscription")
_CONTACT = ("email.changed", "email.confirmed", "phone.changed", "phone.confirmed")
_POINTS = ("balance.negative", "balance.available", "balance.changed")
_STATUS = ("order.status", "line.status", "product.bought")
_LIST = ("list.added", "list.changed", "action", "product.action")
_FEED = tuple(key for key in EVENTS if EVENTS[key].number[:3] in {"E05", "E07"} and key != "product.viewed")
_ORDERS = ("order.changed", *_STATUS, *_POINTS, "promo.issued", "promo.redeemed", "promo.referred")
_MESSAGES = tuple(key for key in EVENTS if EVENTS[key].number == "E10")

OPERATIONS: Mapping[str, Operation] = dict(
    (
        _operation("customer.register", "a customer registers", "customer.created", "customer.registered", *_CONTACT, *_PROFILE),
        _operation(
            "customer.register_or_enrich",
            "a customer registers, or tells more about himself",
            "customer.created",
            "customer.registered",
            *_CONTACT,
            *_PROFILE,
        ),
        _operation("customer.import", "customers come from elsewhere", "customer.created", "customer.registered", *_CONTACT, *_PROFILE),
        _operation("customer.create_and_subscribe", "a subscription form", "customer.created", *_CONTACT, *_PROFILE),
        _operation("customer.edit", "data of a customer change", "customer.created", *_CONTACT, *_PROFILE),
        _operation("contact.confirm", "a contact is confirmed", "email.confirmed", "phone.confirmed", "customer.changed"),
        _operation("contact.validity", "a contact turns out valid or not", "customer.changed"),
        _operation("subscription.set", "a subscription changes", "subscription", "customer.changed"),
        _operation("customer.merge", "two records of one customer become one", "customer.merged"),
        _operation("customer.erase", "personal data go, statistics stay"),
        _operation("order.create", "an order is made", "customer.created", "order.created", *_ORDERS),
        _operation("order.update", "an order changes, or is made when unknown", "customer.created", "order.created", *_ORDERS),
        _operation("order.status", "lines of an order get a status", *_ORDERS),
        _operation("product.update", "a product changes", *_FEED),
        _operation("product.feed", "the products of the shop", *_FEED),
        _operation("list.add", "products go into a list", *_LIST),
        _operation("list.remove", "products leave a list", *_LIST),
        _operation("list.set", "a list as a whole", *_LIST),
        _operation("list.set_count", "how many of a product in a list", *_LIST),
        _operation("list.clear", "a list is emptied", *_LIST),
        _operation("product.view", "the customer looks at a product", "product.viewed", "action", "product.action"),
        _operation("category.view", "the customer looks at a category", "action"),
        _operation("session.activity", "the customer is on the site", "session.ended"),
        _operation("session.close", "the customer leaves the site", "session.ended"),
        _operation("action.issue", "something was done", "action", "product.action"),
        _operation("code.generate", "an authorisation code is asked for", "code.requested"),
        _operation("segment.add", "a customer is put into a static segment", "segment.entered", "segment.left"),
        _operation("segment.remove", "a customer leaves a static segment", "segment.left"),
        _operation("balance.change", "points come or go", *_POINTS),
        _operation("promo.load", "codes come into a pool"),
        _operation("promo.issue", "a code is given to the customer", "promo.issued"),
        _operation("promo.redeem", "a code is used", "promo.redeemed", "promo.referred"),
        _operation("card.issue", "a card is given out", "card.status"),
        _operation("card.status", "a card gets a status", "card.status"),
        _operation("card.replace", "a card is replaced by another", "card.replaced", "card.status"),
        _operation("message.status", "the provider says what became of a message", *_MESSAGES, "customer.changed", "subscription"),
    )
)

#: Words that stand for an operation in a test (language.md §4).
SHORT_OPERATIONS: Mapping[str, str] = {"customer": "customer.register_or_enrich", "order": "order.update", "product": "product.update"}

# --------------------------------------------------------------------------------------------------- words of history


class Noun(Record):
    """What a history question is about: `no order since start`."""

    singular: str
    plural: str
    meaning: str
    source: bool = False
    """May be looked through inside a collection: `any item in session.added`."""


NOUNS: tuple[Noun, ...] = (
    Noun("order", "orders", "orders of the customer"),
    Noun("line", "lines", "lines of the order, or of the customer's orders"),
    Noun("message", "messages", "messages to the customer"),
    Noun("action", "actions", "actions of the customer"),
    Noun("view", "views", "looks at products", source=True),
    Noun("item", "items", "products in lists", source=True),
    Noun("session", "sessions", "visits to the site"),
    Noun("promo", "promos", "promo codes of the customer"),
    Noun("change", "changes", "changes of the points balance"),
)

#: What can be asked about a message: `any message review_request opened since start`.
MESSAGE_VERBS: Mapping[str, str] = {kind.key.partition(".")[2]: kind.meaning for kind in EVENTS.values() if kind.number == "E10"}

#: Functions over history: name, meaning.
AGGREGATES: Mapping[str, str] = {
    "count": "how many",
    "sum": "the sum of a number",
    "last": "the value in the latest of them",
}

#: `order is cancelled`, `customer.city is set`
IS_WORDS: Mapping[str, str] = {
    "set": "has a value",
    "empty": "has no value, or nothing in it",
    "cancelled": "every line is cancelled or returned",
}

# ------------------------------------------------------------------------------------------------------- closed lists

CATEGORIES: Mapping[str, str] = {
    "placed": "made, not paid",
    "paid": "paid",
    "delivered": "in the customer's hands",
    "cancelled": "cancelled before delivery",
    "returned": "brought back",
}

SUBSCRIPTION_STATUSES: Mapping[str, str] = {
    "subscribed": "may be written to",
    "unsubscribed": "must not be written to",
    "pending": "has been asked to confirm",
}

CARD_STATUSES: Mapping[str, str] = {"activated": "in use", "blocked": "blocked", "inactive": "not activated yet"}

#: `limit N per KEY`: the key and the entity the trigger must provide ("": none).
LIMIT_KEYS: Mapping[str, str] = {
    "customer": "",
    "order": "order",
    "line": "line",
    "product": "product",
    "session": "session",
    "promo": "promo",
    "card": "card",
    "scenario": "",
}

#: What `define` can name.
DEFINE_KINDS: Mapping[str, str] = {
    "status": "the statuses an order or a card can have",
    "category": "which statuses belong to a category",
    "field": "the type of a field of your own",
    "list": "product lists",
    "segment": "static segments",
    "topic": "topics a customer can subscribe to",
    "action": "templates of actions",
    "balance": "points balances",
    "promo": "pools of promo codes",
    "products": "segments of products",
}

PROMO_KINDS: Mapping[str, str] = {
    "one_time": "each code is used once, by the one who got it",
    "multi_use": "one public code for all",
    "referral": "belongs to a customer, used by others",
}


class Channel(Record):
    """A way to reach a customer that scn knows by name."""

    name: str
    meaning: str
    contact: str
    """What a customer needs to be reached: `email`, `phone` or `device`."""
    rings: bool
    """Can wake somebody at night."""
    reports_opens: bool
    """Providers of this channel can say that a message was opened (domain.md §5.1)."""


CHANNELS: Mapping[str, Channel] = {
    channel.name: channel
    for channel in (
        Channel("email", "an e-mail", "email", rings=False, reports_opens=True),
        Channel("sms", "a text message", "phone", rings=True, reports_opens=False),
        Channel("viber", "a Viber message", "phone", rings=True, reports_opens=False),
        Channel("push", "a notice of the mobile app", "device", rings=True, reports_opens=False),
        Channel("webpush", "a notice of the browser", "device", rings=True, reports_opens=True),
        Channel("flash", "a call whose number is the code", "phone", rings=True, reports_opens=False),
    )
}

# --------------------------------------------------------------------------------- what happened (engine.md §4), closed

JOURNEY_STATES: Mapping[str, str] = {
    "waiting": "the journey stands at a wait",
    "held": "the wait is over, but quiet hours, a cap or a pause hold the next step",
    "finished": "every step was taken",
    "stopped": "the journey ended early; the reason says why",
    "failed": "the journey ended by an error",
}

JOURNEY_REASONS: Mapping[str, str] = {
    "condition": "an `if` without braces was false",
    "limit": "a `limit` was full",
    "expired": "the act came later than `valid` allows",
    "no_date": "the date to wait for has no value",
    "exit": "an event of `stop on` happened",
    "stop_when": "the condition of `stop when` became true",
    "end": "the step `end` was reached",
    "edited": "the step it stood at is gone",
    "cancelled": "somebody ended it with `scn cancel`",
    "erased": "the customer was erased",
    "merged": "the customer was merged into another",
}

JOURNEY_ERRORS: Mapping[str, str] = {
    "pool_empty": "the promo pool had no code left",
    "template": "the template could not be filled in",
    "value": "a value had the wrong type",
    "cycle": "facts of steps caused each other without end",
}

REFUSALS: Mapping[str, str] = {
    "before_launch": "the fact came before the scenario was launched",
    "paused": "the scenario is paused",
    "inactive": "the day is outside `active from … to …`",
    "later_change": "a change with a later date is already known",
    "where": "the condition after `where` was false",
    "limit": "a `limit` was already full",
}

MESSAGE_STATES: Mapping[str, str] = {
    "planned": "decided, not handed over yet",
    "sending": "being handed over to the channel",
    "sent": "the channel took it",
    "failed": "could not be delivered",
    "unsure": "the program was stopped while handing it over",
    "skipped": "was not sent; the reason says why",
    "delivered": "the provider says it arrived",
    "opened": "the customer opened it",
    "clicked": "the customer followed a link",
    "bounced": "the provider could not deliver it",
    "complained": "the customer called it spam",
    "unsubscribed": "the customer unsubscribed by it",
}

SKIP_REASONS: Mapping[str, str] = {
    "unreachable": "the customer has no contact for the channel",
    "invalid_contact": "the contact is known not to work",
    "no_consent": "the customer has not subscribed",
    "cap": "a `policy cap` was full",
    "holdout": "the customer belongs to the control group",
    "only_to": "`only_to` in scn.toml allows no message to this address",
}
