"""Random projects and histories: few customers, few words, few moments, so that things meet.

One generator for two sources of chance: `random` (the soak) and Hypothesis (the ordinary tests).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cached_property
from functools import lru_cache
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
from tests.model.chance import Chance
from tests.model.chance import Dice
from tests.model.happenings import HOUR
from tests.model.happenings import Happening
from tests.model.happenings import Moments
from tests.model.happenings import Report
from tests.model.happenings import again
from tests.model.happenings import beginning
from tests.model.happenings import erased
from tests.model.happenings import happening
from tests.model.happenings import merged
from tests.model.happenings import report
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
    elif chance.once_in(6):
        happenings = merged(chance, moments, happenings)
    outages = []
    if chance.once_in(4):
        since = moments.some()
        outages.append((since, since + chance.pick((HOUR, 5 * HOUR, civil.DAY, 30 * HOUR, 3 * civil.DAY))))
    return Case(zone, start, start + 12 * civil.DAY, versions, tuple(happenings), tuple(outages))
