"""Whether what happens to one customer depends on others: if not, they can be worked on by several processes."""

from __future__ import annotations

from collections.abc import Iterable

from interpreter.program import BranchStep
from interpreter.program import CallStep
from interpreter.program import EndStep
from interpreter.program import GateStep
from interpreter.program import Operation
from interpreter.program import Scenario
from interpreter.program import SendStep
from interpreter.program import SetStep
from interpreter.program import SplitStep
from interpreter.program import TellStep
from interpreter.program import WaitEventStep
from interpreter.program import WaitStep
from interpreter.rules import Rules
from interpreter.shop import FINDING

#: Operations that speak of nothing but one customer and his orders. Whatever is new is about everybody until it stands here.
ALONE = frozenset(
    {
        "action.issue", "balance.change", "category.view", "code.generate", "contact.confirm", "contact.validity",
        "customer.create_and_subscribe", "customer.edit", "customer.erase", "customer.import", "customer.register",
        "customer.register_or_enrich", "list.add", "list.clear", "list.remove", "list.set", "list.set_count", "order.create",
        "order.status", "order.update", "product.view", "session.activity", "session.close", "subscription.set",
    }
)  # fmt: skip
#: Steps that do nothing to anybody else; what a `TellStep` says is looked at.
QUIET = (WaitStep, WaitEventStep, GateStep, BranchStep, SplitStep, EndStep, SendStep, SetStep, CallStep, TellStep)


def apart(rules: Rules, old: Iterable[Scenario] = ()) -> bool:
    """Whether nothing that happens to one customer depends on another, but for what their facts tell. `old`: texts beside those of today.

    Not where a limit counts by more than the customer or what is his, where a step does something to what others have too or gives somebody
    an address (by which he would be found), where somebody listens for a topic that is only known once a fact has named it, or where one
    is offered what others bought.
    """
    return not rules.counts_orders and all(_apart(scenario, frozenset(rules.topics)) for scenario in (*rules.scenarios.values(), *old))


def _apart(scenario: Scenario, topics: frozenset[str]) -> bool:
    return (
        all(limit.key in {"customer", "order", "product", "session"} for limit in (*scenario.limits, *scenario.counted_by))
        and all(map(_quiet, scenario.steps))
        and _topics_known(scenario, topics)
    )


def _topics_known(scenario: Scenario, topics: frozenset[str]) -> bool:
    """Whether nobody listens for a topic that only a fact may name."""
    listened = [listener.event for listener in (*scenario.triggers, *scenario.listened_for)]
    return all(event.topic is None or event.topic in topics for event in listened)


def _quiet(step: Operation) -> bool:
    """Whether what a step does is nothing to others."""
    match step:
        case SetStep(entity="customer", field=field):
            return field not in FINDING
        case TellStep(op=op):
            return op in ALONE
        case _:
            return isinstance(step, QUIET)
