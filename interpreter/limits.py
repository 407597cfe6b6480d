"""How often: limits of a scenario, caps of the project, and the two draws that are the same for a customer every time.

Limits count applications (for `order`: occurrences of the trigger), `engine.md` §3. A window `within D` is (now − D, now], D exact.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence

from dsl import calendar
from interpreter.entities import Message
from interpreter.journey import COUNTED
from interpreter.journey import Key
from interpreter.program import LimitClause
from interpreter.program import Scenario
from interpreter.view import Cap
from interpreter.view import View

# ------------------------------------------------------------------------------------------------------------ limits


#: Occurrences of one trigger by one fact: there is one for each line at most.
MOST = 100_000


def key(limit: LimitClause, view: View) -> Key | None:
    """What a limit counts under, for this journey; None: there is nothing to count by, so it does not bind."""
    if limit.key == "customer":
        return view.customer.id
    if limit.value is not None:
        value = limit.value.value(view)
        return None if value is None else f"{limit.key}={value}"
    match limit.key:
        case "order":
            return f"order {view.order.key}" if view.order else None
        case "scenario":
            return "scenario"
        case "line":
            return f"line {view.order.key} {view.line.id}" if view.order and view.line else None
        case word:
            thing = view.things.get(word)
            return None if thing is None else f"{word} {view.customer.id} {thing.key}"


def occurrence(fact: int, number: int) -> int:
    """What an occurrence of a trigger is counted as, by its fact; `number`: how many of them that fact was before this one."""
    return fact if not number else -(fact * MOST + number)


def application_keys(scenario: Scenario, view: View) -> list[Key]:
    """Every key under which an application of this journey is counted. The customer always: a limit may be written later."""
    if not scenario.counted_by:
        return [view.customer.id]
    named = [key(limit, view) for limit in scenario.counted_by]
    return [view.customer.id, *dict.fromkeys(name for name in named if name)]


def window_start(limit: LimitClause, view: View) -> int | None:
    """The first second that counts; None: since ever."""
    if limit.within is not None:
        return calendar.subtract_exact(view.now, limit.within, view.zone) + 1
    if limit.each is not None:
        return calendar.start_of(limit.each, view.now, view.project.timezone)
    return None


def is_full(limit: LimitClause, counted: Mapping[int, int], own: int, view: View) -> bool:
    """Whether others fill the limit already; `counted` is unit -> moment."""
    if len(counted) < limit.count:
        return False
    since = window_start(limit, view)
    used = sum(1 for unit, at in counted.items() if unit != own and (since is None or at >= since))
    return used >= limit.count


def full_limit(scenario: Scenario, view: View, own: int) -> LimitClause | None:
    """The first limit that lets no further application through. Limits per order are decided at the start instead."""
    for limit in scenario.limits:
        if limit.key == "order":
            continue
        name = key(limit, view)
        if name is not None and is_full(limit, view.applications(name), own, view):
            return limit
    return None


# -------------------------------------------------------------------------------------------------------------- caps


def cap_reached(
    caps: Iterable[Cap], channel: str, messages: Sequence[Message], granted: Sequence[str], view: View
) -> tuple[Cap, int] | None:
    """The first cap that refuses one more message by `channel`, and when it will let one through.

    `granted` are the channels of messages the same step group has been granted.
    """
    for cap in caps:
        if cap.channel not in {None, channel}:
            continue
        since = calendar.subtract_exact(view.now, cap.within, view.zone) + 1
        counted = [message.at for message in messages if message.at >= since and _counts(message, cap.channel)]
        same = [other for other in granted if cap.channel in {None, other}]
        if len(counted) + len(same) >= cap.count:
            times = sorted([*counted, *([view.now] * len(same))])
            # The newest `count - 1` may stay in the window; the one before them has to leave it.
            leaves = times[len(times) - cap.count]
            return cap, leaves + (view.now - since + 1)
    return None


def _counts(message: Message, channel: str | None) -> bool:
    return not message.transactional and not message.staff and message.state in COUNTED and channel in {None, message.channel}


# ------------------------------------------------------------------------------------------------------------- draws


def draw(*parts: str) -> float:
    """A number in [0, 100) that is always the same for the same words."""
    digest = hashlib.blake2b("\n".join(parts).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64 * 100


def in_holdout(scenario: Scenario, view: View) -> bool:
    """Whether the customer is in the control group of the scenario."""
    fixed = view.project.fixed_holdout(scenario.name, view.customer.key)
    if fixed is not None:
        return fixed
    return scenario.holdout > 0 and draw("holdout", scenario.drawn_as, view.customer.key) < scenario.holdout


def arm(scenario: Scenario, split: str, arms: Sequence[tuple[str, float, int]], view: View) -> tuple[str, int]:
    """The arm a customer takes, and its first step."""
    fixed = view.project.fixed_arm(split, view.customer.key)
    if fixed is not None:
        return next((name, first) for name, _, first in arms if name == fixed)
    point, passed = draw("split", scenario.drawn_as, split, view.customer.key), 0.0
    for name, share, first in arms:
        passed += share
        if point < passed:
            return name, first
    return arms[-1][0], arms[-1][2]
