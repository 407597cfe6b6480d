"""Random scenarios, put together from pieces that the checks take, and random edits of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from typing import Any

import attrs

from dsl import nodes
from tests.model.fragments import clause
from tests.model.fragments import condition
from tests.model.fragments import statement
from tests.model.fragments import step
from tests.model.pools import ACTIVE
from tests.model.pools import ANY_FILTERS
from tests.model.pools import CLAUSES
from tests.model.pools import COMMON
from tests.model.pools import CONDITIONS
from tests.model.pools import CUSTOMER
from tests.model.pools import FILTERS
from tests.model.pools import LIMITS
from tests.model.pools import LISTENED
from tests.model.pools import LISTENED_FILTERS
from tests.model.pools import ORDER
from tests.model.pools import ORDER_LIMITS
from tests.model.pools import ORDER_SETS
from tests.model.pools import ORDER_WAITS
from tests.model.pools import OWN_CONDITIONS
from tests.model.pools import QUIET
from tests.model.pools import SCHEDULES
from tests.model.pools import SETS
from tests.model.pools import STEPS
from tests.model.pools import TRIGGERS
from tests.model.pools import WAITS

if TYPE_CHECKING:
    from tests.model.cases import Files
    from tests.model.chance import Chance


def policies(chance: Chance) -> tuple[nodes.Statement, ...]:
    """Caps and quiet hours of the project."""
    found = []
    if chance.once_in(3):
        found.append(
            chance.pick(
                (
                    "policy cap 1 message within 1d",
                    "policy cap 2 messages within 2d",
                    "policy cap 1 message within 12h else hold 1d",
                    "policy cap 1 message within 1d else hold 2h",
                    "policy cap 1 sms within 1d",
                    "policy cap 1 email within 2d else hold 3d",
                )
            )
        )
    if chance.once_in(8):
        found.append(chance.pick(("policy cap 1 sms within 12h", "policy cap 3 messages within 3d else hold 1d")))
    if chance.once_in(5):
        found.append(chance.pick(("policy quiet 22:00-09:00", "policy quiet 13:00-14:00 for sms", "policy quiet 21:00-10:00 for email")))
    return tuple(map(statement, found))


def scenario(chance: Chance, name: str) -> nodes.Scenario:
    """One scenario."""
    contexts, clauses = triggers(chance, common=name == "alpha")
    context = contexts if len(set(contexts)) == 1 else [CUSTOMER]
    maker = Maker(chance, context[0], name, transactional=context[0] == ORDER and chance.once_in(8))
    clauses += maker.clauses()
    return nodes.Scenario(nodes.Name(name), "", tuple(clauses), tuple(maker.block(chance.pick((1, 2, 3, 4, 5)), 2, first=True)))


def triggers(chance: Chance, *, common: bool) -> tuple[list[str], list[nodes.Clause]]:
    """One or two `on`, or `every`; common ones happen in most histories."""
    if not common and chance.once_in(7):
        where = f" where {chance.pick(ANY_FILTERS)}" if chance.once_in(3) else ""
        return [CUSTOMER], [clause(f"every {chance.pick(SCHEDULES)}{where}")]
    found: list[nodes.Clause] = []
    contexts = []
    for _ in range(2 if chance.once_in(5) else 1):
        event, context = chance.pick(TRIGGERS[:COMMON] if common else TRIGGERS)
        where = ""
        if chance.once_in(4):
            where = f" where {chance.pick((*FILTERS[context], *ANY_FILTERS))}"
        found.append(clause(f"on {event}{where}"))
        contexts.append(context)
    return contexts, found


class Maker:
    """Makes the parts of one scenario; every send has a template of its own."""

    def __init__(self, chance: Chance, context: str, name: str, *, transactional: bool) -> None:
        """Of a scenario with such a trigger."""
        self.chance = chance
        self.context = context
        self.kinds = STEPS[chance.pick(("any", "chain", "listening", "chain"))]
        self.transactional = transactional
        self.sends = {"alpha": 0, "beta": 2, "gamma": 4}.get(name, 0)
        self.splits = 0

    def clauses(self) -> list[nodes.Clause]:
        """All but triggers."""
        chance, pick = self.chance, self.chance.pick
        found = []
        if chance.once_in(3):
            found.append(f"valid {pick(('1d', '1h', '12h', '2d', '6h', '1mo'))}")
        if chance.once_in(4):
            found.append(pick(QUIET))
        if chance.once_in(3):
            found.append(f"stop on {self.listened()}")
        if chance.once_in(14):
            found.append(f"stop when {pick((*OWN_CONDITIONS[self.context], *CONDITIONS))}")
        if chance.once_in(5):
            event, _, where = self.listened().partition(" where ")
            found.append(f"goal {event} within {pick(('1d', '12h', '3d'))}" + (f" where {where}" if where else ""))
        if self.transactional:
            found.append("transactional")
        elif chance.once_in(14):
            found.append(f"holdout {pick((50, 20))}%")
        if chance.once_in(2):
            found.append(pick((*LIMITS, *(ORDER_LIMITS * 2 if self.context == ORDER else ()))))
        if chance.once_in(8):
            found.append(pick(LIMITS))
        if chance.once_in(4):
            found.append(f"priority {pick((1, 5, 10))}")
        if chance.once_in(20):
            found.append(f"active from {pick(ACTIVE)}")
        if chance.once_in(25):
            found.append("paused")
        return [clause(text) for text in found]

    def listened(self) -> str:
        """An event to stop or go on by."""
        event = self.chance.pick(LISTENED)
        where = LISTENED_FILTERS[event.split()[0].partition(".")[0] if not event.startswith("customer") else "customer.vip"]
        return f"{event} where {self.chance.pick(where)}" if where and self.chance.once_in(4) else event

    def block(self, length: int, depth: int, *, first: bool = False) -> list[nodes.Step]:
        """Some steps; there is a send among those of the whole."""
        found: list[nodes.Step] = []
        for number in range(length):
            found += self.step(depth)
            last = number == length - 1
            if isinstance(found[-1], nodes.End):
                return found
            if first and last and not any(isinstance(one, nodes.Send | nodes.If | nodes.Split | nodes.WaitForEvent) for one in found):
                found += self.send()
        return found

    def step(self, depth: int) -> list[nodes.Step]:
        """One step, or a gate with what it is for."""
        chance, pick = self.chance, self.chance.pick
        kind = pick(self.kinds)
        if depth == 0 and kind in {"if", "up to", "split"}:
            kind = "send"
        if kind == "wait":
            return [self.wait()]
        if kind == "gate":
            return [step(f"if {self.condition()}")]
        if kind == "set":
            return [step(pick((*SETS, *(ORDER_SETS if self.context == ORDER else ()))))]
        if kind == "call":
            return [step("call crm")]
        if kind == "end" and chance.once_in(3):
            return [step("end")]
        if kind == "if":
            branches = tuple(
                nodes.Branch(condition(self.condition()), tuple(self.block(pick((1, 1, 2)), depth - 1))) for _ in range(pick((1, 1, 2)))
            )
            return [nodes.If(branches, tuple(self.block(1, depth - 1)) if chance.once_in(2) else None)]
        if kind == "up to":
            found: Any = step(f"wait up to {pick(('1d', '12h', '2d', '3h'))} for {self.listened()}" + self.some_quiet())
            then = tuple(self.block(pick((1, 2)), depth - 1)) if not chance.once_in(4) else None
            return [nodes.changed(found, then=then, otherwise=tuple(self.block(1, depth - 1)) if chance.once_in(2) else None)]
        if kind == "split":
            self.splits += 1
            arms = (("a", 50), ("b", 50)) if chance.once_in(2) else (("a", 20), ("b", 30), ("c", 50))
            return [
                nodes.Split(
                    nodes.Name(f"s{self.splits}"),
                    tuple(nodes.Arm(nodes.Percent(share), nodes.Name(arm), tuple(self.block(1, depth - 1))) for arm, share in arms),
                )
            ]
        return self.send()

    def condition(self) -> str:
        """Something to ask."""
        own = OWN_CONDITIONS[self.context]
        return self.chance.pick(own) if own and self.chance.once_in(3) else self.chance.pick(CONDITIONS)

    def some_quiet(self) -> str:
        """Of a wait or a send."""
        return f" {self.chance.pick(QUIET)}" if self.chance.once_in(4) else ""

    def wait(self) -> nodes.Step:
        """For a time."""
        waits = ORDER_WAITS if self.context == ORDER and self.chance.once_in(3) else WAITS
        return step(f"wait {self.chance.pick(waits)}{self.some_quiet()}")

    def send(self) -> list[nodes.Step]:
        """A letter, perhaps behind its gate."""
        chance = self.chance
        self.sends += 1
        template = f"x{min(self.sends, 5)}" if self.transactional else "news" if chance.once_in(12) else f"t{1 + (self.sends - 1) % 7}"
        if chance.once_in(4) and not self.transactional:
            return [step("if subscribed email"), step(f"send {template}{self.some_quiet()}")]
        channels = chance.pick(("email", "email", "email", "sms", "email, sms", "sms, email"))
        staff = ' to "boss@shop.example"' if chance.once_in(20) and "sms" not in channels else ""
        return [step(f"send {template} by {channels}{staff}{self.some_quiet()}")]


# ---------------------------------------------------------------------------------------------------------------- edits


def edited(chance: Chance, versions: Sequence[Files]) -> Files:
    """The files after an edit."""
    last = versions[-1]
    kind = chance.pick(("steps", "steps", "steps", "clauses", "clauses", "pause", "pause", "rename", "delete", "back", "policies", "new"))
    scenarios = list(last.scenarios)
    if kind == "back":
        return versions[0] if len(versions) > 1 else last
    if kind == "policies":
        return attrs.evolve(last, policies=policies(chance))
    if kind == "new" or not scenarios:
        names = [name for name in ("delta", "epsilon", "zeta") if name not in {one.name.text for one in scenarios}]
        return attrs.evolve(last, scenarios=(*scenarios, scenario(chance, names[0])))
    number = chance.pick(range(len(scenarios)))
    if kind == "delete":
        return attrs.evolve(last, scenarios=(*scenarios[:number], *scenarios[number + 1 :]))
    scenarios[number] = {"steps": _steps, "clauses": _clauses, "pause": _pause, "rename": _rename}[kind](chance, scenarios[number])
    return attrs.evolve(last, scenarios=tuple(scenarios))


def _steps(chance: Chance, found: nodes.Scenario) -> nodes.Scenario:
    steps = list(found.steps)
    number = chance.pick(range(len(steps)))
    kind = chance.pick(("insert", "remove", "swap", "length", "label"))
    if kind == "remove" and len(steps) > 1:
        del steps[number]
    elif kind == "swap":
        steps[number], steps[0] = steps[0], steps[number]
    elif kind == "length" and isinstance(steps[number], nodes.Wait):
        steps[number] = step(f"wait {chance.pick(('3d', '1h', '1d at 12:00'))}")
    elif kind == "label" and not isinstance(steps[number], nodes.End):
        steps[number] = nodes.changed(steps[number], label=nodes.Name(f"step_{number}"))
    else:
        more = chance.pick(("wait 1d", "if subscribed email", "send t8 by email", "wait 1h", "send t9 by sms"))
        steps.insert(number, step(more))
    return nodes.changed(found, steps=tuple(steps))


def _clauses(chance: Chance, found: nodes.Scenario) -> nodes.Scenario:
    kept = [one for one in found.clauses if isinstance(one, nodes.On | nodes.Every | nodes.Transactional) or not chance.once_in(2)]
    more = chance.pick(CLAUSES)
    new = clause(more)
    return nodes.changed(found, clauses=(*(one for one in kept if type(one) is not type(new)), new))


def _pause(chance: Chance, found: nodes.Scenario) -> nodes.Scenario:
    kept = tuple(one for one in found.clauses if not isinstance(one, nodes.Paused))
    return nodes.changed(found, clauses=kept if len(kept) < len(found.clauses) else (*kept, clause("paused")))


def _rename(chance: Chance, found: nodes.Scenario) -> nodes.Scenario:
    name = found.name.text + chance.pick(("_again", "_new"))
    kept = tuple(one for one in found.clauses if not isinstance(one, nodes.Formerly))
    clauses = (*kept, nodes.Formerly((found.name,))) if not chance.once_in(5) else kept
    return nodes.changed(found, name=nodes.Name(name), clauses=clauses)
