"""A step group: the run of acting steps between two waits or conditions, decided whole (`engine.md` §2 and §3)."""

from __future__ import annotations

from typing import Any

import attrs

from dsl import nodes
from tests.model import civil
from tests.model.asking import COUNTED
from tests.model.asking import Sight
from tests.model.asking import holds
from tests.model.asking import subscribed
from tests.model.asking import value
from tests.model.journey import Journey
from tests.model.journey import World
from tests.model.journey import draw
from tests.model.journey import limit_key
from tests.model.reading import Place
from tests.model.reading import Text
from tests.model.things import CONTACT
from tests.model.things import Message

WITHHELD = {"cap", "holdout"}
"""Withheld before it was formed; what cannot reach its customer is formed all the same (`domain.md` X10.2)."""


@attrs.define
class Sending:
    """A send with the channel it takes, or why it cannot go."""

    place: Place
    channel: str | None
    reason: str | None
    free: bool
    """Transactional: no consent, no cap, no control group, no policy."""

    @property
    def staff(self) -> bool:
        """A notice to staff."""
        return self.place.node.to is not None

    @property
    def counts(self) -> bool:
        """For caps."""
        return self.channel is not None and not self.free and not self.staff


def group(world: World, journey: Journey, first: Place, *, deep: bool) -> None:
    """The run of acting steps that begins here: whole or not at all."""
    now, text, sight = world.now, journey.text, world.sight_of(journey)
    if any(holds(clause.condition, sight) for clause in text.clauses(nodes.StopWhen)):
        journey.end(now, "stopped", "stop_when")
        return
    acts: list[Place] = []
    after: Place | None = first
    while after is not None and after.acts:
        acts.append(after)
        after = after.following
    acts = [act for act in acts if act.identity not in journey.leave_out]
    if not acts:
        journey.move(after, now)
        return
    valid = next((clause.duration for clause in text.clauses(nodes.Valid)), world.default_valid)
    if now > civil.add_exact(journey.context_time, valid, sight.zone) + journey.held:
        journey.end(now, "stopped", "expired")
        return
    sends = {act.number: resolve(world, journey, act) for act in acts if isinstance(act.node, nodes.Send)}
    until = civil.quiet_until(now, tuple(quiet for send in sends.values() for quiet in quiet_of(world, text, send)), sight.zone)
    if until is not None:
        journey.hold(until)
        return
    if not journey.applications and world.limit_is_full(journey.scenario, text, journey, sight):
        journey.end(now, "stopped", "limit")
        return
    transactional = text.has(nodes.Transactional)
    share = sum(clause.share.value for clause in text.clauses(nodes.Holdout))
    holdout = not transactional and draw("holdout", journey.scenario.first_name, journey.customer.key) < share
    if holdout:
        for send in sends.values():
            if not send.free:
                send.channel, send.reason = None, "holdout"
    else:
        until = apply_caps(world, journey, list(sends.values()), sight)
        if until is not None:
            journey.held += until - now
            journey.hold(until)
            return
    perform(world, journey, acts, sends, holdout=holdout, deep=deep, sight=sight)
    if journey.is_open:
        journey.move(after, now)
        if after is None:
            journey.end(now, "finished")


def resolve(world: World, journey: Journey, act: Place) -> Sending:
    """The first listed channel in which the customer may be reached, else the reason of the first."""
    node = act.node
    free = journey.text.has(nodes.Transactional) and world.kinds.get(node.template.text, "transactional") == "transactional"
    if node.to is not None:
        return Sending(act, act.channels[0], None, free)
    reasons = []
    for channel in act.channels:
        topic = world.topics.get(node.template.text)
        if free:
            reason = None if journey.customer.contacts.get(CONTACT[channel]) else "unreachable"
        else:
            reason = subscribed(journey.customer, channel, topic)
        if reason is None:
            return Sending(act, channel, None, free)
        reasons.append(reason)
    return Sending(act, None, reasons[0] if reasons else None, free)


def quiet_of(world: World, text: Text, send: Sending) -> tuple[nodes.Quiet, ...]:
    """Its own quiet hours, else the scenario's; a policy adds its own to marketing."""
    if send.channel is None:
        return ()
    own = send.place.node.quiet or text.quiet
    if send.free or send.staff:
        return tuple(own)
    policies = [one for one in world.policy_quiet if not one.channels or send.channel in [name.text for name in one.channels]]
    return (*own, *(one.quiet for one in policies))


def apply_caps(world: World, journey: Journey, sends: list[Sending], sight: Sight) -> int | None:
    """Skip what a cap cuts, or until when the group is held for it."""
    granted: list[Message | Sending] = []
    for send in sends:
        if not send.counts:
            continue
        cap = full_cap(world, journey, send, granted, sight)
        if cap is None:
            granted.append(send)
            continue
        if cap.hold is not None:
            since = journey.held_since if journey.held_since is not None else world.now
            last = civil.add_exact(since, cap.hold, sight.zone)
            if world.now < last:
                journey.held_since = since
                return min(last, when_it_fits(world, journey, cap, granted, sight))
        send.channel, send.reason = None, "cap"
    return None


def counted(world: World, journey: Journey, cap: nodes.PolicyCap, granted: list[Any], sight: Sight, now: int) -> int:
    """The messages in (now − D, now], those of this very group among them."""
    channel = cap.channel.text if cap.channel else None
    since = civil.back_exact(now, cap.within, sight.zone)
    sent = [
        message
        for message in world.shop.messages
        if message.customer is journey.customer
        and not message.transactional
        and not message.staff
        and message.state in COUNTED
        and channel in {None, message.channel}
        and message.at > since
    ]
    beside = [send for send in granted if channel in {None, send.channel}] if world.now > since else []
    return len(sent) + len(beside)


def full_cap(world: World, journey: Journey, send: Sending, granted: list[Any], sight: Sight) -> nodes.PolicyCap | None:
    """The first cap that lets no further message of this channel through."""
    for cap in world.caps:
        mine = cap.channel is None or cap.channel.text == send.channel
        if mine and counted(world, journey, cap, granted, sight, world.now) >= cap.count:
            return cap
    return None


def when_it_fits(world: World, journey: Journey, cap: nodes.PolicyCap, granted: list[Any], sight: Sight) -> int:
    """The first moment at which the window has room again."""
    length = world.now - civil.back_exact(world.now, cap.within, sight.zone)
    leaving = sorted({message.at + length for message in world.shop.messages if message.at + length > world.now} | {world.now + length})
    exact = nodes.PolicyCap(cap.count, cap.channel, nodes.Duration(seconds=length), cap.hold)
    return next(at for at in leaving if counted(world, journey, exact, granted, sight, at) < cap.count)


def perform(
    world: World, journey: Journey, acts: list[Place], sends: dict[int, Sending], *, holdout: bool, deep: bool, sight: Sight
) -> None:
    """Do the group: messages, facts, T, what counts."""
    now = world.now
    done = is_application = sent = False
    messages: list[tuple[Message, bool]] = []
    facts: list[tuple[str, dict[str, Any]]] = []
    for act in acts:
        match act.node:
            case nodes.Send(template=template):
                send = sends[act.number]
                state = "planned" if send.channel is not None else "skipped"
                message = Message(
                    len(world.shop.messages) + len(messages) + 1,
                    journey.customer,
                    journey.scenario,
                    template.text,
                    send.channel or act.channels[0],
                    now,
                    state,
                    send.reason,
                    transactional=send.free,
                    staff=send.staff and send.channel is not None,
                    topic=world.topics.get(template.text),
                )
                messages.append((message, send.reason not in WITHHELD))
                journey.sent.add(act.identity)
                done = done or send.channel is not None
                sent = sent or (send.channel is not None and not send.staff)
                is_application = is_application or send.reason not in {None, "cap"}
            case nodes.Set() if not holdout:
                facts.append(made(act.node, journey, sight))
                done = True
            case nodes.Call() if not holdout:
                done = True
            case _:
                is_application = True
    formed = "message.formed" in world.listens and any(formed for _, formed in messages)
    if deep and (facts or formed):
        journey.end(now, "failed", "cycle")
        return
    if journey.reached_at is None:
        journey.reached_at = now
    if done or is_application:
        journey.context_time = sight.context_time = now
        keys = [limit_key(limit, sight) for limit in journey.text.clauses(nodes.Limit) if limit.key.text != "order"]
        for key in (f"customer {id(journey.customer)}", "scenario", *keys):
            if key is not None:
                journey.applications[key] = now
    if sent:
        journey.last_send = now
    journey.held, journey.held_since = 0, None
    for op, data in facts:
        world.add(None, op, journey.customer.key, now, now, "scenario", data)
    for message, was_formed in messages:
        world.form(message, formed=was_formed)


def made(node: nodes.Set, journey: Journey, sight: Sight) -> tuple[str, dict[str, Any]]:
    """`set` is a fact like any other."""
    entity, name = node.field.path
    found = value(node.value, sight)
    if entity == "customer":
        return "customer.edit", {name: found}
    assert journey.order is not None
    return ("order.status" if name == "status" else "order.update"), {"order": {"id": journey.order.key, name: found}}
