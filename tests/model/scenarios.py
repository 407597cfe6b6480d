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

if TYPE_CHECKING:
    from tests.model.cases import Chance
    from tests.model.cases import Files

ORDER = "order"
ACTION = "action"
MESSAGE = "message"
CUSTOMER = "customer"

TRIGGERS: tuple[tuple[str, str], ...] = (
    *[('action "go"', ACTION)] * 6,
    ('action "go" | "pay"', ACTION),
    *[("order created", ORDER), ("order changed", ORDER), ('order.status -> "paid"', ORDER)] * 2,
    ('order.status -> "paid" | "shipped"', ORDER),
    ('order.status "new" -> "paid" | "shipped"', ORDER),
    ("order.status -> category delivered", ORDER),
    ('any line.status -> "shipped"', ORDER),
    ("any line.status -> category delivered", ORDER),
    ("message t1 sent", MESSAGE),
    ("message formed", MESSAGE),
    ("message opened", MESSAGE),
    ("customer created", CUSTOMER),
    ("customer registered", CUSTOMER),
    ("customer changed", CUSTOMER),
    ("customer edited", CUSTOMER),
    ("customer.level, customer.vip changed", CUSTOMER),
    ("customer.mark changed", CUSTOMER),
    ("subscription email -> subscribed | unsubscribed", CUSTOMER),
    ('subscription email to "offers" -> unsubscribed', CUSTOMER),
)
COMMON = 12
SCHEDULES = (
    "day at 10:00",
    "day at 02:30",
    "day at 00:00",
    "monday, thursday, saturday at 09:00",
    "month on day 31 at 12:00",
    "month on last day at 10:00",
    "year on customer.birthday at 10:00",
    "year on customer.birthday - 1d at 22:00",
)
FILTERS = {
    ORDER: ("order.total >= 500", 'order.status != "new"', "order.total is set", 'no order (order.status = "paid") within 1d'),
    ACTION: ("action.amount > 1", "action.amount in (5, 100)"),
    MESSAGE: ('message.template != "t2"', 'message.channel = "email"'),
    CUSTOMER: (),
}
ANY_FILTERS = ('customer.city = "Kazan"', "customer.city is set", "not customer.vip", "customer.level > 1 or customer.vip")
LISTENED = (
    *['action "stop"', 'action "pay"', "order created", 'order.status -> "paid"', "order changed"] * 2,
    'action "stop"',
    'action "pay"',
    'action "stop" | "pay"',
    "order created",
    'order.status -> "paid"',
    'any order.status -> "shipped"',
    "order.status -> category cancelled",
    "order changed",
    "message t1 opened",
    "message opened",
    "subscription email -> unsubscribed",
    "customer.vip changed",
)
LISTENED_FILTERS = {
    "action": ("action.amount > 1",),
    "order": ("order.total > 100",),
    "any": ("order.total > 100",),
    "message": ('message.channel = "email"',),
    "subscription": (),
    "customer.vip": ("customer.vip",),
}
CONDITIONS = (
    *["subscribed email"] * 6,
    "subscribed sms",
    "subscribed email or subscribed sms",
    'subscribed email to "offers"',
    "reachable sms",
    "no order since start",
    "any order within 1d",
    "no order (order.total > 100) since start",
    "no message within 1d",
    "no message since start",
    "any message t1 within 2d",
    "no message by sms within 1d",
    "any message opened since start",
    *["no message since last send", "no order since last send"] * 2,
    'any action "pay" since start',
    'no action "pay" within 12h',
    "at least 2 orders within 3d",
    "at least 2 orders",
    "count(orders within 3d) <= 2",
    "sum(order.total within 2d) >= 500",
    "last(order.created_at) >= now - 1d",
    "customer.vip",
    'customer.city = "Kazan" and subscribed email',
    'customer.city in ("Perm", "Omsk")',
    "customer.city is not set",
    "customer.level >= 2",
    'customer.mark = "a"',
    "customer.mark is not set",
    'any order (order.status = "paid")',
    "any order (order is cancelled)",
)
OWN_CONDITIONS = {
    ORDER: (
        "order is not cancelled",
        "order is cancelled",
        'order.status = "paid"',
        "order.status = category delivered",
        "order.total >= 500",
        "order.created_at > now - 2d",
        "order.delivery_date is set and order.delivery_date > now",
        "any line (line.price > 100)",
        'every line (line.status = "shipped")',
        "no order (order.total > this.order.total) since start",
    ),
    ACTION: ("action.amount >= 5", "action.amount != 1"),
    MESSAGE: ('message.template = "t1"',),
    CUSTOMER: (),
}
QUIET = (
    "quiet 22:00-09:00",
    "quiet 22:00-09:00",
    "quiet 09:00-10:00, 12:00-12:30",
    "quiet sat, sun",
    "quiet 22:00-09:00 sat-sun",
    "only 10:00-20:00",
    "only 09:00-18:00 mon-fri",
    "quiet 02:00-03:00",
    "quiet 00:00-00:00 fri",
)
WAITS = (
    "1d",
    "12h",
    "1h",
    "24h",
    "2d",
    "30m",
    "1d12h",
    "30s",
    "1w",
    "1mo",
    "1d at 10:00",
    "1d at 02:30",
    "12h at 09:00",
    "2d at 22:00",
    "until 10:00",
    "until 02:30",
    "until monday 10:00",
    "until saturday",
    "until customer.birthday at 10:00",
    "until customer.registered_on + 1d",
)
ORDER_WAITS = (
    "until order.delivery_date",
    "until order.delivery_date - 1d at 10:00",
    "until order.created_at + 1d",
    "until order.delivery_date + 2h",
)
LIMITS = (
    "limit 1 per customer",
    "limit 1 per customer within 1d",
    "limit 2 per customer within 2d",
    "limit 1 per customer each day",
    "limit 1 per customer each week",
    "limit 2 per customer each month",
    "limit 1 per scenario within 12h",
    "limit 2 per scenario each day",
    "limit 1 per customer.city within 1d",
    "limit 2 per customer.city",
)
ORDER_LIMITS = ("limit 1 per order", "limit 2 per order", "limit 1 per order within 1d", "limit 1 per order each day")
SETS = (
    'set customer.mark "a"',
    'set customer.mark "b"',
    "set customer.vip true",
    "set customer.level 3",
    'set customer.city "Perm"',
)
ORDER_SETS = ('set order.status "shipped"', 'set order.status "received"', "set order.total 900", 'set order.note "seen"')


CLAUSES = (
    'stop on action "stop"',
    "valid 6h",
    "limit 1 per customer",
    "quiet 22:00-09:00",
    "priority 7",
    "stop when customer.vip",
)
ACTIVE = ("2024-03-30 to 2024-06-06", "2024-02-28 to 2024-02-28", "2024-10-26 to 2024-11-02")


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


#: What a scenario is mostly made of.
STEPS = {
    "any": ("send", "send", "send", "wait", "wait", "wait", "gate", "set", "if", "up to", "up to", "split", "call", "end"),
    "chain": ("send", "wait", "send", "wait", "send", "wait", "set", "if"),
    "listening": ("up to", "wait", "up to", "send", "up to", "send", "set"),
}


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
