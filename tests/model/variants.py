"""One case run in other ways, which must decide the same (`engine.md` §1): small batches, every minute, ticks apart, a simulation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import attrs

from dsl import nodes
from dsl.calendar import iso
from interpreter import backtest
from interpreter import tick
from interpreter.backtest import Backtest
from interpreter.config import Config
from interpreter.facts import Fact
from interpreter.facts import read
from interpreter.phases import passes
from interpreter.project.project_folder import Folder
from interpreter.rehearsal import Stage
from interpreter.rules import Rules
from interpreter.simulate import Simulation
from interpreter.simulate import Span
from interpreter.tally import Summary
from interpreter.telling.simulated import text as simulated_text
from interpreter.tick import Engine
from tests.model.cases import Case
from tests.model.happenings import Happening
from tests.model.versus import Decided
from tests.model.versus import RealEngine
from tests.model.versus import Stores
from tests.model.versus import blank
from tests.model.versus import parted
from tests.model.versus import play


@contextmanager
def batches_of(size: int) -> Iterator[None]:
    """Facts, journeys and customers of a pass are taken so many at once."""
    with patch.object(tick, "FACTS", size), patch.object(tick, "JOURNEYS", size), patch.object(passes, "CHUNK", size):
        yield


class Forgetful(RealEngine):
    """Every tick is a process of its own, as cron makes them."""

    def tick(self, now: int) -> None:
        """One, by somebody who knows nothing but the store."""
        assert self.engine is not None
        self.engine = Engine(self.store, Rules(self.engine.rules.project, self.zone), blank, self.deliver)
        super().tick(now)


def real(case: Case, stores: Stores) -> Decided:
    """The engine, as it is."""
    return play(case, RealEngine(case.zone, stores.empty()))


def small_batches(case: Case, stores: Stores, size: int) -> str | None:
    """How the batches are cut is nobody's business."""
    usual = real(case, stores)
    with batches_of(size):
        return parted(case, real(case, stores), usual, (f"by {size}", "usual"))


def ticks_apart(case: Case, stores: Stores) -> str | None:
    """What a process remembers from tick to tick changes nothing."""
    usual = real(case, stores)
    return parted(case, play(case, Forgetful(case.zone, stores.empty())), usual, ("apart", "together"))


def every_minute(case: Case, stores: Stores) -> str | None:
    """A tick in which nothing arrives or is due changes nothing."""
    found = play(case, RealEngine(case.zone, stores.empty()), every_minute=True)
    return parted(case, found, real(case, stores), ("by the minute", "on the grid"))


def somebody_else(case: Case, stores: Stores) -> str | None:
    """What another customer does changes nothing for the rest, but where limits are shared."""
    if any(limit.key.text == "scenario" or "." in limit.key.text for limit in limits(case)):
        return None
    zoe = [
        attrs.evolve(one, customer="zoe", key=f"zoe {one.key}", data=renamed(one))
        for one in case.history
        if isinstance(one, Happening) and one.customer == "ann"
    ]
    more = attrs.evolve(case, history=tuple(sorted([*case.history, *zoe], key=lambda one: one.received)))
    return parted(case, alone(real(more, stores)), alone(real(case, stores)), ("with zoe", "without"))


def limits(case: Case) -> list[nodes.Limit]:
    """Of all scenarios."""
    clauses = [clause for one in case.files for scenario in one.scenarios for clause in scenario.clauses]
    return [clause for clause in clauses if isinstance(clause, nodes.Limit)]


def renamed(one: Happening) -> dict[str, object]:
    """The same of somebody else: her own addresses, ids and orders."""
    found = dict(one.data)
    for kind in ("email", "phone"):
        if kind in found:
            found[kind] = {"email": "zoe@example.com", "phone": "+79990000099"}[kind]
    if "order" in found:
        found["order"] = found["order"] | {"id": f"zoe-{found['order']['id']}"}
    if "from" in found:
        found["from"] = [f"zoe-{key}" for key in found["from"]]
    return found


def alone(found: Decided) -> Decided:
    """Without her, and without numbers that count everybody."""
    return Decided(
        [row[1:] for row in found.messages if row[2] != "zoe"],
        [row[1:] for row in found.journeys if row[2] != "zoe"],
        [row for row in found.refused if row[1] != "zoe"],
    )


def _stage(folder: Path, case: Case) -> Stage:
    """The project of a case, in its zone."""
    return Stage.of(Folder(folder, Config(timezone=case.zone)), Rules(case.files[0].project(case.zone), timezone=case.zone))


def simulated(case: Case, stores: Stores, folder: Path) -> str | None:
    """`scn simulate` gives the messages and journeys of a run. One version of the files, no outages, nothing that a provider tells."""
    plain = attrs.evolve(case, files=case.files[:1], outages=(), history=tuple(one for one in case.history if isinstance(one, Happening)))
    facts = [as_fact(one, case.zone) for one in plain.history if isinstance(one, Happening)]
    over = Span(case.start, case.end - 60, case.end - 60)
    simulation = Simulation(_stage(folder, plain), facts, lambda *_: over)
    for _ in simulation.run():
        pass
    machine = RealEngine(case.zone, simulation.store)
    return parted(case, attrs.evolve(machine.decided(), refused=[]), attrs.evolve(real(plain, stores), refused=[]), ("simulated", "run"))


def in_shares(case: Case, folder: Path, processes: int) -> tuple[int, str | None]:
    """Simulated in shares as small as can be, by several processes or by one: the same numbers, and those of what is written otherwise.

    How many shares there were, and where the reports differ.
    """
    plain = attrs.evolve(case, history=tuple(one for one in case.history if isinstance(one, Happening)))
    stage = _stage(folder, plain)
    over = Span(case.start, case.end - 60, case.end - 60)

    def facts() -> list[Fact]:
        return [as_fact(one, case.zone) for one in plain.history if isinstance(one, Happening)]

    if not facts():
        return 0, None
    whole = Simulation(stage, facts(), lambda *_: over)
    last = [report.now for report in whole.run()][-1]
    shown = simulated_text(Summary(whole.facts, over.launch, last, whole.tally(), 0, []), stage.rules, case.zone)
    with (
        patch.multiple(backtest, SHARE=1, FEW=100, SMALL=0, CHUNK=3, cores=lambda: processes),
        Backtest(stage, never, lambda *_: over) as mine,
    ):
        mine.take_facts(facts())
        for _ in mine.play()():
            pass
        summary = mine.summary()
    found = simulated_text(summary, stage.rules, case.zone)
    if any(one.op == "customer.erase" for one in facts()):
        # Rows forget where the journeys of somebody erased had stopped.
        shown, found = (re.sub(r"^ +[\d,]+  `.*\n", "", one, flags=re.MULTILINE) for one in (shown, found))
    return mine.shares, None if found == shown else f"in one:\n{shown}\nin shares:\n{found}"


def never(name: str, raw: bytes) -> Fact:
    """Nothing is read from files."""
    raise AssertionError


def as_fact(one: Happening, zone: str) -> Fact:
    """Through the door."""
    raw = {"op": one.op, "at": iso(one.at, zone), "key": one.key, "actor": one.actor, **one.data}
    if one.customer is not None:
        raw["customer"] = one.customer
    found = read(raw, zone=zone, received=one.received, batch="b", actor="customer")
    assert isinstance(found, Fact), (raw, found)
    return found
