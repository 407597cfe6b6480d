"""What the shop keeps, as the model sees it: customers, orders as lists of news, messages, events (`domain.md` §2)."""

from __future__ import annotations

from typing import Any

import attrs

GONE = {"cancelled", "returned"}
CONTACT = {"email": "email", "sms": "phone", "viber": "phone", "push": "push"}
"""The contact that a channel writes to."""


@attrs.define(eq=False)
class Fact:
    """Something that came in. Moments in seconds since 1970 UTC."""

    number: int
    op: str
    customer: str | None
    at: int
    received: int
    actor: str
    data: dict[str, Any]


@attrs.define(eq=False)
class Consent:
    """What was said of a channel, or of a topic of it."""

    status: str
    at: int
    explicit: bool = True


@attrs.define(eq=False)
class Customer:
    """A person."""

    key: str
    created_at: int
    timezone: str | None = None
    contacts: dict[str, str] = attrs.field(factory=dict)
    invalid: set[str] = attrs.field(factory=set)
    consents: dict[str, Consent] = attrs.field(factory=dict)
    """By `email` or `email/news`."""
    fields: dict[str, Any] = attrs.field(factory=dict)
    erased: bool = False
    merged_into: Customer | None = None

    @property
    def shown(self) -> str:
        """As he is listed."""
        if self.merged_into is not None:
            return self.merged_into.shown
        return "nobody" if self.erased else self.key

    def status(self, channel: str, topic: str | None) -> str | None:
        """The topic's own state, else its channel's."""
        own = self.consents.get(f"{channel}/{topic}") if topic else None
        found = own or self.consents.get(channel)
        return found.status if found else None


@attrs.define(eq=False)
class Order:
    """An order is the list of what was said of it."""

    key: str
    customer: Customer
    news: list[Fact] = attrs.field(factory=list)

    @property
    def created_at(self) -> int:
        """When it began: with its first action, by date."""
        return min(fact.at for fact in self.news)

    @property
    def updated_at(self) -> int:
        """The latest date at which something was said of it."""
        return max(fact.at for fact in self.news)

    def value(self, name: str) -> Any:
        """A field. The order as a whole has one date: a fact older than its latest news fills in only what is not known."""
        return filled([(fact.at, fact.data["order"]) for fact in self.news], name)

    @property
    def given(self) -> str | None:
        """The last status given to the order as a whole."""
        said = [(fact.at, number, whole(fact)) for number, fact in enumerate(self.news) if whole(fact) is not None]
        return max(said)[2] if said else None

    @property
    def lines(self) -> list[str]:
        """The numbers of its lines."""
        return list(dict.fromkeys(row["id"] for fact in self.news for row in fact.data["order"].get("lines", ())))

    @property
    def originals(self) -> list[str]:
        """Those of the first fact that brought any."""
        first = next((fact for fact in self.news if fact.data["order"].get("lines")), None)
        return [row["id"] for row in first.data["order"]["lines"]] if first else []

    def line_status(self, line: str) -> str | None:
        """The latest news of a line."""
        said = [(fact.at, number, status) for number, fact in enumerate(self.news) if (status := said_of_line(fact, line)) is not None]
        return max(said)[2] if said else None

    def line_value(self, line: str, name: str) -> Any:
        """A field of a line, which has a date of its own."""
        rows: list[tuple[int, dict[str, Any]]] = []
        for fact in self.news:
            listed = [row for row in fact.data["order"].get("lines", ()) if row["id"] == line]
            if listed or (rows and whole(fact) is not None):
                rows.append((fact.at, listed[0] if listed else {}))
        return filled(rows, name)

    @property
    def statuses(self) -> set[str | None]:
        """Of the lines that came with it; without any it is as if it were one line."""
        return {self.line_status(line) for line in self.originals} or {self.given}

    @property
    def status(self) -> str | None:
        """The status all lines share, else the last one given to it as a whole."""
        shared = self.statuses
        return next(iter(shared)) if len(shared) == 1 else self.given


def filled(news: list[tuple[int, dict[str, Any]]], name: str) -> Any:
    """What news in the order of their arrival make of a field: late ones fill in only what is not known."""
    found, known, latest = None, False, 0
    for at, said in news:
        if name in said and (at >= latest or not known):
            found, known = said[name], True
        latest = max(latest, at)
    return found


def whole(fact: Fact) -> str | None:
    """The status a fact gives to the order as a whole; `order.status` with lines means those lines only."""
    order = fact.data["order"]
    return None if fact.op == "order.status" and order.get("lines") else order.get("status")


def said_of_line(fact: Fact, line: str) -> str | None:
    """What a fact says of a line, by itself or by the status of the order."""
    rows = [row for row in fact.data["order"].get("lines", ()) if row["id"] == line]
    own = rows[0].get("status") if rows else None
    return own or (fact.data["order"].get("status") if rows else whole(fact))


@attrs.define(eq=False)
class Action:
    """Something the customer did."""

    customer: Customer
    template: str
    at: int
    fields: dict[str, Any]


@attrs.define(eq=False)
class Message:
    """One message to one customer, from the decision on."""

    number: int
    customer: Customer
    scenario: Any
    """It is listed by the name it has today."""
    template: str
    channel: str | None
    at: int
    state: str
    reason: str | None = None
    transactional: bool = False
    staff: bool = False
    topic: str | None = None
    times: dict[str, int] = attrs.field(factory=dict)


@attrs.define(eq=False)
class Event:
    """Something that happened to a customer by a fact."""

    kind: str
    customer: Customer
    at: int
    fact: Fact
    order: Order | None = None
    action: Action | None = None
    message: Message | None = None
    before: set[str | None] = attrs.field(factory=set)
    after: set[str | None] = attrs.field(factory=set)
    moves: list[tuple[str | None, str | None]] = attrs.field(factory=list)
    changed: set[str] = attrs.field(factory=set)
    channel: str | None = None
    topic: str | None = None
    status: str | None = None
    late: bool = False
    """A change of the order with a later date is known."""
