"""A shop with an engine, for what a test in the language cannot say: edits between ticks, outages, two runners, kills.

Year 2024, Moscow, as in `domain.md` §0.2.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dsl.calendar import iso
from dsl.calendar import parse_moment
from dsl.project import Project
from dsl.project import Surroundings
from dsl.project import load
from dsl.source import Source
from interpreter.delivery.terms import DeliveryReport
from interpreter.effects import PlanMessage
from interpreter.facts import Fact
from interpreter.facts import read
from interpreter.report import Report
from interpreter.rules import Rules
from interpreter.store.rehearsal import Rehearsed
from interpreter.store.sqlite import Store
from interpreter.tick import Engine
from interpreter.view import View

ZONE = "Europe/Moscow"


def moment(text: str) -> int:
    """`06-05 12:00` of the year 2024 in Moscow."""
    return parse_moment(f"2024-{text}" if text[4:5] != "-" else text, ZONE)


def shown(at: int) -> str:
    """`06-05 12:00`"""
    return iso(at, ZONE)[5:16].replace("T", " ")


def project(text: str) -> Project:
    """A project of one file; parsed without mistakes."""
    loaded = load([Source("shop.scn", text)], Surroundings(timezone=ZONE))
    assert not loaded.diagnostics, loaded.diagnostics
    return loaded


class Killed(BaseException):
    """The process is gone: nothing may catch it."""


def plain(effect: PlanMessage, scenario: str, view: View, key: str) -> tuple[str | None, dict[str, Any]]:
    """A letter without a template."""
    return effect.template, {}


class House:
    """The shop. Its scenarios are what `edit` wrote last; each edit is a new process."""

    def __init__(self, text: str, path: Path | None = None) -> None:
        self.path = ":memory:" if path is None else str(path)
        self.store = Store(self.path)
        self.facts = 0
        self.edit(text)

    def edit(self, text: str) -> None:
        """Other scenario files from the next tick on."""
        self.engine = Engine(self.store, Rules(project(text), ZONE), plain, self.deliver)

    def reopen(self) -> None:
        """Another process: nothing is kept but the file."""
        self.store.close()
        self.store = Store(self.path)
        self.engine = Engine(self.store, self.engine.rules, plain, self.deliver)

    def deliver(self, now: int) -> DeliveryReport:
        """Everything leaves at once."""
        with self.store.transaction():
            return DeliveryReport(sent=len(Rehearsed(self.store.connection).send_all(now)))

    def fact(self, at: str, op: str, received: str | None = None, **data: Any) -> None:
        """Something comes in."""
        self.facts += 1
        raw = {"op": op, "at": f"2024-{at.replace(' ', 'T')}", "key": str(self.facts), **data}
        found = read(raw, zone=ZONE, received=moment(received or at), batch=str(self.facts), actor="customer")
        assert isinstance(found, Fact), found
        self.store.facts.add([found])

    def customer(self, *keys: str, at: str = "01-01 00:00", **fields: Any) -> None:
        """Customers who can be written to."""
        for key in keys:
            self.fact(at, "customer.import", customer=key, **{"email": f"{key}@example.com", "subscribed": ["email"], **fields})

    def go(self, at: str, customer: str = "ann", template: str = "go", received: str | None = None) -> None:
        """An action of a customer."""
        self.fact(at, "action.issue", received, customer=customer, template=template)

    def tick(self, at: str) -> Report:
        """One tick."""
        return self.engine.tick(moment(at))

    def run(self, first: str, last: str) -> None:
        """All ticks of the grid."""
        for _ in self.engine.run_until(moment(first), moment(last)):
            pass

    def messages(self) -> list[str]:
        """`06-05 12:00 letter to ann`, or `… skipped (cap)`; other states than sent are named."""
        rows = self.store.listing.messages()
        return [
            f"{shown(row.at)} {row.template} to {row.customer}" + ("" if row.state == "sent" else f" {row.state} ({row.reason})")
            for row in rows
            if row.kind == "message"
        ]

    def journeys(self) -> list[str]:
        """`ann waiting 06-05 12:00` or `ann stopped (limit)`"""
        return [
            f"{row.customer} {row.state}" + (f" ({row.reason})" if row.reason else f" {shown(row.due_at)}" if row.due_at else "")
            for row in self.store.listing.journeys()
        ]

    def refused(self) -> list[str]:
        """`ann before_launch`: triggers that started nothing."""
        return [f"{row.customer} {row.reason}" for row in self.store.listing.decisions() if row.outcome == "refused"]

    @contextmanager
    def killed_at(self, number: int) -> Iterator[None]:
        """The process dies at its `number`-th statement to the database, counted from 1; what was not committed is gone."""
        connection = self.store.connection
        left = number

        def count(_: str) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                raise Killed

        original = {name: getattr(type(connection), name) for name in ("execute", "executemany", "rows")}

        def counted(name: str) -> Any:
            def call(*arguments: Any, **named: Any) -> Any:
                count(name)
                return original[name](connection, *arguments, **named)

            return call

        for name in original:
            setattr(connection, name, counted(name))
        try:
            yield
        except Killed:
            pass
        finally:
            for name in original:
                delattr(connection, name)
            self.reopen()
