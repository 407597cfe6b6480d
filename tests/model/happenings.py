"""Random facts about few customers, at moments that meet."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from typing import Any

import attrs

from tests.model import civil
from tests.model.chance import Chance

ZONES = ("Asia/Vladivostok", "Europe/Berlin", "America/New_York", "Africa/Cairo", "Australia/Lord_Howe")
BIRTHDAYS = ("1990-06-07", "1992-02-29", "1985-03-31", "1970-10-27", "1999-06-08", "1988-02-28", "1990-04-26")
CUSTOMERS = ("ann", "bob", "cid")
HOUR = 3600


@attrs.frozen
class Happening:
    """A fact: moments in seconds since 1970 UTC."""

    received: int
    at: int
    op: str
    customer: str | None
    data: dict[str, Any]
    key: str
    actor: str = "customer"


@attrs.frozen
class Report:
    """A provider tells what became of the last message but `back` that a customer was sent."""

    received: int
    customer: str
    back: int
    status: str


class Moments:
    """Moments that meet: few hours, and again and again one that was there before."""

    def __init__(self, chance: Chance, start: int) -> None:
        """From the first day on."""
        self.chance = chance
        self.start = start
        self.used: list[int] = []

    def some(self) -> int:
        """A moment of the first days."""
        pick = self.chance.pick
        if self.used and self.chance.once_in(3):
            return pick(self.used)
        hour = pick((10, 9, 12, 22, 21, 23, 0, 1, 2, 3, 8, 13))
        minute = pick((0, 0, 0, 0, 30, 59, 1))
        at = self.start + pick((0, 0, 1, 1, 2, 3, 4)) * civil.DAY + hour * HOUR + minute * 60
        at += 30 if self.chance.once_in(12) else 0
        self.used.append(at)
        return at

    def arrival(self, at: int) -> int:
        """Mostly at once."""
        if not self.chance.once_in(4):
            return at
        return at + self.chance.pick((30, HOUR, 12 * HOUR, civil.DAY, civil.DAY + 1, 2 * civil.DAY, 3 * civil.DAY))


def beginning(chance: Chance, start: int, zone: str) -> list[Happening]:
    """The customers, some of them before the launch."""
    found = []
    for number, name in enumerate(CUSTOMERS[: chance.pick((1, 2, 2, 3))]):
        at = start - HOUR if not chance.once_in(4) else start + chance.pick((0, 1, 9)) * HOUR
        data: dict[str, Any] = {"email": f"{name}@example.com", "phone": f"+7999000000{number}"}
        data["subscribed"] = chance.pick((["email", "sms"], ["email"], ["email", "sms"], ["email", "email/offers"], ["sms"], []))
        data["city"] = chance.pick(("Kazan", "Perm", "Kazan"))
        if chance.once_in(3):
            data["timezone"] = chance.pick((zone, *ZONES))
        if chance.once_in(2):
            data["birthday"] = chance.pick(
                ("1990-06-07", "1992-02-29", "1985-03-31", "1970-10-27", "1999-06-08", "1988-02-28", "1990-04-26")
            )
        op = chance.pick(("customer.import", "customer.register", "customer.create_and_subscribe"))
        found.append(Happening(at, at, op, name, data, f"c{number}"))
    return found


def happening(chance: Chance, moments: Moments, key: str) -> Happening:
    """Something of somebody."""
    at = moments.some()
    received = moments.arrival(at)
    name = chance.pick(CUSTOMERS[:2] if chance.once_in(2) else CUSTOMERS[:1])
    op, data = chance.pick(KINDS)(chance, name, at)
    actor = chance.pick(("customer", "customer", "staff", "import"))
    customer = None if op == "order.status" and chance.once_in(2) else name
    return Happening(received, at, op, customer, data, key, actor)


Made = tuple[str, dict[str, Any]]


def _action(chance: Chance, _: str, __: int) -> Made:
    return "action.issue", {"template": chance.pick(("go", "go", "go", "pay", "pay", "stop")), "amount": chance.pick((1, 5, 100))}


STATUSES = ("new", "paid", "shipped", "delivered", "received", "cancelled", "refused")


def _order(chance: Chance, name: str, at: int) -> Made:
    order: dict[str, Any] = {"id": f"{name}-{chance.pick((1, 1, 2, 3))}"}
    if not chance.once_in(4):
        order["status"] = chance.pick(STATUSES)
    if chance.once_in(2):
        order["total"] = chance.pick((100, 500, 1500))
    if chance.once_in(3):
        day = civil.wall(at + chance.pick((1, 2, 3, 6)) * civil.DAY, "UTC").date()
        order["delivery_date"] = None if chance.once_in(6) else day.isoformat()
    if chance.once_in(4):
        numbers = chance.pick((("1",), ("2",), ("1", "2")))
        order["lines"] = [{"id": one, "status": chance.pick(STATUSES), "price": chance.pick((10, 900))} for one in numbers]
    return chance.pick(("order.update", "order.update", "order.create")), {"order": order}


def _order_status(chance: Chance, name: str, _: int) -> Made:
    order: dict[str, Any] = {"id": f"{name}-{chance.pick((1, 1, 2))}", "status": chance.pick(STATUSES)}
    if chance.once_in(4):
        order["lines"] = [{"id": chance.pick(("1", "2")), "status": order["status"]}]
    return "order.status", {"order": order}


def _edit(chance: Chance, name: str, _: int) -> Made:
    field, values = chance.pick(
        (
            ("city", ("Perm", "Kazan", None)),
            ("level", (1, 2, 3)),
            ("vip", (True, False)),
            ("email", (f"{name}@example.com", f"{name}@example.org")),
            ("timezone", ZONES),
            ("birthday", ("1990-06-07", "1992-02-29")),
        )
    )
    return chance.pick(("customer.edit", "customer.register_or_enrich")), {field: chance.pick(values)}


def _subscription(chance: Chance, _: str, __: int) -> Made:
    data = {"channel": chance.pick(("email", "email", "sms")), "status": chance.pick(("unsubscribed", "subscribed", "pending"))}
    return "subscription.set", data | ({"topic": "offers"} if chance.once_in(4) else {})


def _validity(chance: Chance, _: str, __: int) -> Made:
    return "contact.validity", {"kind": chance.pick(("email", "phone")), "valid": chance.pick((False, True))}


KINDS: tuple[Callable[[Chance, str, int], Made], ...] = (
    *[_action] * 6,
    *[_order] * 5,
    *[_order_status] * 2,
    *[_edit] * 2,
    *[_subscription] * 2,
    _validity,
)


def again(chance: Chance, happenings: Sequence[Happening | Report]) -> list[Happening]:
    """The same fact twice: by its key."""
    facts = [one for one in happenings if isinstance(one, Happening)]
    return [attrs.evolve(one, received=one.received + chance.pick((0, HOUR, civil.DAY))) for one in facts if chance.once_in(15)]


def erased(chance: Chance, moments: Moments, happenings: Sequence[Happening | Report]) -> list[Happening | Report]:
    """Somebody is erased, and never heard of again."""
    at, name = moments.some() + HOUR, chance.pick(CUSTOMERS[:2])
    kept = [one for one in happenings if one.received < at or (one.customer != name and not of_order(one, name))]
    return sorted([*kept, Happening(at, at, "customer.erase", name, {}, "erase")], key=lambda one: one.received)


def merged(chance: Chance, moments: Moments, happenings: Sequence[Happening | Report]) -> list[Happening | Report]:
    """Two turn out to be one, and are heard of by either id; one of them may never have been there."""
    into, other = chance.pick((CUSTOMERS[:2], CUSTOMERS[1::-1], ("new", CUSTOMERS[0])))
    at = moments.some()
    found = Happening(moments.arrival(at), at, "customer.merge", into, {"from": [other]}, "merge", chance.pick(("customer", "staff")))
    return sorted([*happenings, found], key=lambda one: one.received)


def of_order(one: Happening | Report, name: str) -> bool:
    """Whether it is about an order of a customer."""
    return isinstance(one, Happening) and str(one.data.get("order", {}).get("id")).startswith(name)


def report(chance: Chance, moments: Moments) -> Report:
    """What a provider tells."""
    status = chance.pick(("opened", "delivered", "clicked", "bounced", "unsubscribed", "complained"))
    at = moments.some() + chance.pick((60, HOUR, civil.DAY))
    return Report(-(-at // 60) * 60, chance.pick(CUSTOMERS[:2]), chance.pick((0, 0, 1)), status)
