"""Random projects and histories: few customers, few words, few moments, so that things meet.

One generator for two sources of chance: `random` (the soak) and Hypothesis (the ordinary tests).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from datetime import date
from functools import cached_property
from functools import lru_cache
from typing import Any
from typing import Protocol
from typing import TypeVar

import attrs

from dsl import nodes
from dsl.checker import check
from dsl.diagnostic import Severity
from dsl.printer import print_statement
from dsl.project import Project
from dsl.project import Surroundings
from dsl.project import TemplateTable
from dsl.project import load
from dsl.source import Source
from tests.model import civil
from tests.model.scenarios import edited
from tests.model.scenarios import policies
from tests.model.scenarios import scenario

T = TypeVar("T")

TEMPLATES = (
    {f"t{number}": TemplateTable(("email", "sms")) for number in range(1, 10)}
    | {"news": TemplateTable(("email", "sms"), topic="offers")}
    | {f"x{number}": TemplateTable(("email", "sms"), kind="transactional") for number in range(1, 6)}
)
DEFINES = 'define category delivered "delivered", "received"\ndefine category cancelled "cancelled", "refused"\n'

#: A day on which something is different, and the zones for which it is.
SEASONS = (
    ("2024-06-05", ("Europe/Moscow", "UTC")),
    ("2024-03-29", ("Europe/Berlin", "Europe/Moscow")),
    ("2024-10-25", ("Europe/Berlin", "UTC")),
    ("2024-04-25", ("Africa/Cairo", "Europe/Moscow")),
    ("2024-02-27", ("Europe/Moscow", "America/New_York")),
    ("2024-11-01", ("America/New_York", "UTC")),
    ("2024-04-05", ("Australia/Lord_Howe", "Europe/Moscow")),
)
ZONES = ("Asia/Vladivostok", "Europe/Berlin", "America/New_York", "Africa/Cairo", "Australia/Lord_Howe")
BIRTHDAYS = ("1990-06-07", "1992-02-29", "1985-03-31", "1970-10-27", "1999-06-08", "1988-02-28", "1990-04-26")
CUSTOMERS = ("ann", "bob", "cid")
HOUR = 3600


class Chance(Protocol):
    """Where choices come from."""

    def pick(self, options: Sequence[T]) -> T:
        """One of them; the first is the simplest."""

    def once_in(self, number: int) -> bool:
        """True so often."""


class Dice:
    """`random`, by its seed."""

    def __init__(self, seed: int) -> None:
        """The same seed makes the same choices."""
        self._random = random.Random(seed)

    def pick(self, options: Sequence[T]) -> T:
        """One of them."""
        return options[int(self._random.random() * len(options))]

    def once_in(self, number: int) -> bool:
        """True so often."""
        return self._random.random() * number < 1


@attrs.frozen(slots=False, eq=False)
class Files:
    """The scenario files from a minute on."""

    at: int
    policies: tuple[nodes.Statement, ...]
    scenarios: tuple[nodes.Scenario, ...]

    @cached_property
    def text(self) -> str:
        """As a file."""
        return DEFINES + "\n".join(map(print_statement, (*self.policies, *self.scenarios))) + "\n"

    def project(self, zone: str) -> Project:
        """Loaded."""
        return loaded(self.text, zone)

    def is_right(self, zone: str) -> bool:
        """Whether `scn validate` finds no error."""
        project = self.project(zone)
        return not any(one.severity is Severity.ERROR for one in check(project))


@lru_cache(maxsize=100)
def loaded(text: str, zone: str) -> Project:
    """A project of one file."""
    return load([Source("shop.scn", text)], Surroundings(templates=TEMPLATES, timezone=zone))


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


@attrs.frozen
class Case:
    """A project over time, and what happened."""

    zone: str
    start: int
    end: int
    files: tuple[Files, ...]
    history: tuple[Happening | Report, ...]
    outages: tuple[tuple[int, int], ...] = ()
    """[since, until): no ticks."""

    def shown(self) -> str:
        """To be read, and pasted into a test."""
        lines = [f"zone {self.zone}, from {self.time(self.start)} to {self.time(self.end)}"]
        lines += [f"outage {self.time(since)} - {self.time(until)}" for since, until in self.outages]
        lines += [f"--- files at {self.time(one.at)}\n{one.text}" for one in self.files]
        for one in self.history:
            if isinstance(one, Report):
                lines.append(f"{self.time(one.received)}  the last message but {one.back} to {one.customer} was {one.status}")
            else:
                late = f" (of {self.time(one.at)})" if one.at != one.received else ""
                lines.append(f"{self.time(one.received)}{late}  {one.op} of {one.customer} {one.data} key {one.key} by {one.actor}")
        return "\n".join(lines)

    def time(self, at: int) -> str:
        """In the project's zone."""
        return f"{civil.wall(at, self.zone):%m-%d %H:%M:%S}".removesuffix(":00")


def case(chance: Chance) -> Case:
    """A project with its history."""
    zone, start, first = beginning_of(chance)
    return history_of(chance, zone, start, edits_of(chance, zone, first) if chance.once_in(3) else (first,))


def beginning_of(chance: Chance) -> tuple[str, int, Files]:
    """A zone, a day in it, and the first files."""
    day, zones = chance.pick(SEASONS)
    zone = chance.pick(zones)
    start = civil.midnight(date.fromisoformat(day), zone)
    return zone, start, files(chance, start, zone)


def cases(seed: int, number: int) -> Iterator[Case]:
    """Several histories of one project and of a few ways to edit it: to make and check a text takes longer than most histories."""
    dice = Dice(seed)
    zone, start, first = beginning_of(dice)
    edits = [edits_of(dice, zone, first) for _ in range(min(4, number // 4))]
    for history in range(number):
        chance = Dice(seed * 1000 + history)
        yield history_of(chance, zone, start, chance.pick(edits) if edits and chance.once_in(2) else (first,))


def files(chance: Chance, at: int, zone: str) -> Files:
    """A project without errors."""
    for _ in range(20):
        names = ("alpha", "beta", "gamma")[: chance.pick((1, 2, 2, 3))]
        found = Files(at, policies(chance), tuple(scenario(chance, name) for name in names))
        if found.is_right(zone):
            return found
    return Files(at, (), (scenario(Dice(0), "alpha"),))


def edits_of(chance: Chance, zone: str, first: Files) -> tuple[Files, ...]:
    """A project and what becomes of its files in the days after."""
    everything = [first]
    for _ in range(chance.pick((1, 2, 3, 4))):
        at = everything[-1].at + chance.pick((HOUR, 10 * HOUR, civil.DAY, 33 * HOUR, 2 * civil.DAY))
        found = attrs.evolve(edited(chance, everything), at=at)
        if found.is_right(zone):
            everything.append(found)
    return tuple(everything)


def history_of(chance: Chance, zone: str, start: int, versions: tuple[Files, ...]) -> Case:
    """What happens to a project."""
    moments = Moments(chance, start)
    happenings: list[Happening | Report] = list(beginning(chance, start, zone))
    facts = chance.pick((4, 8, 12, 20))
    happenings += [happening(chance, moments, f"f{number}") for number in range(facts)]
    happenings += again(chance, happenings)
    if chance.once_in(2):
        happenings += [report(chance, moments) for _ in range(chance.pick((1, 2, 4)))]
    happenings.sort(key=lambda one: one.received)
    if chance.once_in(20):
        happenings = erased(chance, moments, happenings)
    outages = []
    if chance.once_in(4):
        since = moments.some()
        outages.append((since, since + chance.pick((HOUR, 5 * HOUR, civil.DAY, 30 * HOUR, 3 * civil.DAY))))
    return Case(zone, start, start + 12 * civil.DAY, versions, tuple(happenings), tuple(outages))


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


def of_order(one: Happening | Report, name: str) -> bool:
    """Whether it is about an order of a customer."""
    return isinstance(one, Happening) and str(one.data.get("order", {}).get("id")).startswith(name)


def report(chance: Chance, moments: Moments) -> Report:
    """What a provider tells."""
    status = chance.pick(("opened", "delivered", "clicked", "bounced", "unsubscribed", "complained"))
    at = moments.some() + chance.pick((60, HOUR, civil.DAY))
    return Report(-(-at // 60) * 60, chance.pick(CUSTOMERS[:2]), chance.pick((0, 0, 1)), status)
