"""A shop in any zone with customers in any other: a scenario, what comes in and when, and at what moments letters leave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dsl.calendar import iso
from dsl.calendar import parse_moment
from dsl.project import Surroundings
from dsl.project import load
from dsl.source import Source
from interpreter.delivery.terms import DeliveryReport
from interpreter.facts import Fact
from interpreter.facts import Rejection
from interpreter.facts import read
from interpreter.rules import Rules
from interpreter.store.rehearsal import Rehearsed
from interpreter.store.sqlite import Store
from interpreter.tick import Engine
from tests.engine.house import plain

HOUR = 3600
DAY = 24 * HOUR


class Shop:
    """Moments are ISO 8601, on the clock of the project's zone unless they have an offset."""

    def __init__(self, text: str, zone: str = "Europe/Moscow", *, quiet_by_project: bool = False) -> None:
        project = load([Source("shop.scn", text)], Surroundings(timezone=zone))
        assert not project.diagnostics, project.diagnostics
        self.zone = zone
        self.store = Store(":memory:")
        self.engine = Engine(self.store, Rules(project, zone, quiet_by_project=quiet_by_project), plain, self.deliver)
        self.facts = 0

    def deliver(self, now: int) -> DeliveryReport:
        """Everything leaves at once."""
        with self.store.transaction():
            return DeliveryReport(sent=len(Rehearsed(self.store.connection).send_all(now)))

    def fact(self, at: str, op: str, **data: Any) -> None:
        """Something comes in the minute it happens."""
        self.facts += 1
        found = taken_in({"op": op, "at": at, "key": str(self.facts), **data}, self.zone, parse_moment(at, self.zone))
        assert isinstance(found, Fact), found
        self.store.facts.add([found])

    def customer(self, key: str, zone: str | None = None, at: str = "2000-01-01") -> None:
        """Somebody who can be written to."""
        self.fact(at, "customer.import", customer=key, email=f"{key}@example.com", subscribed=["email"], timezone=zone)

    def go(self, at: str, customer: str = "ann") -> None:
        """What starts the scenario."""
        self.fact(at, "action.issue", customer=customer, template="go")

    def run(self, first: str, last: str) -> None:
        """All ticks of the grid."""
        self.engine.tick(parse_moment(first, self.zone))
        for _ in self.engine.run_until(parse_moment(first, self.zone), parse_moment(last, self.zone)):
            pass

    def letters(self, zone: str) -> list[str]:
        """When they left, on the clock of a zone: `2024-03-10T20:00-04:00`."""
        rows = [row for row in self.store.listing.messages() if row.kind == "message"]
        assert all(row.state == "sent" for row in rows), rows
        return [iso(row.at, zone)[:16] + iso(row.at, zone)[19:] for row in rows]


def taken_in(raw: Mapping[str, Any], zone: str = "Europe/Moscow", received: int = 0) -> Fact | Rejection:
    """What comes of a fact at the door."""
    return read(raw, zone=zone, received=received, batch="1", actor="customer")


def letter(steps: str, at: str, zone: str | None, *, project: str = "Europe/Moscow", quiet_by_project: bool = False) -> str:
    """When the letter leaves whose journey starts at a moment with these steps: on the clock of the customer, else of the project."""
    shop = Shop(f'on action "go"\n  valid 30d\n  {steps}\n  send letter by email\n', project, quiet_by_project=quiet_by_project)
    start = parse_moment(at, project)
    shop.customer("ann", zone)
    shop.engine.tick(start - DAY)
    shop.go(at)
    for _ in shop.engine.run_until(start - DAY, start + 800 * DAY):
        pass
    letters = shop.letters(zone or project)
    assert len(letters) == 1, letters
    return letters[0]
