"""One passage of a customer: where it stands, and what it does when it is due (`engine.md` §2 and §3, `language.md` §2.2)."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING
from typing import Any

import attrs

from dsl import nodes
from dsl.project import Project
from tests.model import civil
from tests.model.asking import COUNTED
from tests.model.asking import Sight
from tests.model.asking import When
from tests.model.asking import holds
from tests.model.asking import subscribed
from tests.model.asking import value
from tests.model.reading import Place
from tests.model.reading import Text
from tests.model.shop import CONTACT
from tests.model.shop import Action
from tests.model.shop import Customer
from tests.model.shop import Fact
from tests.model.shop import Message
from tests.model.shop import Order
from tests.model.shop import Shop

if TYPE_CHECKING:
    from tests.model.engine import Running

WITHHELD = {"cap", "holdout"}
"""Withheld before it was formed; what cannot reach its customer is formed all the same (`domain.md` X10.2)."""


@attrs.define(eq=False)
class Journey:
    """Where one passage stands. Moments in seconds since 1970 UTC."""

    number: int
    scenario: Running
    text: Text
    customer: Customer
    started: int
    context_time: int
    """T."""
    place: Place | None
    due: int | None
    inside: bool = False
    """The wait it stands at was entered."""
    state: str = "waiting"
    reason: str | None = None
    ended: int | None = None
    fact: Fact | None = None
    order: Order | None = None
    action: Action | None = None
    message: Message | None = None
    applications: dict[str, int] = attrs.field(factory=dict)
    """What limits count it under, and when it acted last; none: it is no application so far."""
    reached_at: int | None = None
    goal_at: int | None = None
    last_send: int | None = None
    held_since: int | None = None
    """When a cap began to hold the group."""
    held: int = 0
    """Time held by caps: added to `valid`."""
    leave_out: set[tuple[str, ...]] = attrs.field(factory=set)
    """Acts done under earlier texts."""
    heard: list[tuple[tuple[str, ...], int]] = attrs.field(factory=list)
    """Events that a `wait up to` further on waits for."""
    came: bool = False
    """The event it waits for at its place has come; quiet hours may still hold it there."""

    @property
    def is_open(self) -> bool:
        """Whether it goes on."""
        return self.state in {"waiting", "held"}

    def end(self, now: int, state: str, reason: str | None = None) -> None:
        """It is over."""
        self.state, self.reason, self.ended, self.due, self.inside = state, reason, now, None, False

    def move(self, place: Place | None, now: int) -> None:
        """Stand before another step."""
        self.place, self.inside, self.state, self.due, self.came = place, False, "waiting", now, False

    def happened(self, at: int, now: int) -> None:
        """What it waited for came."""
        assert self.place is not None
        self.context_time = at
        self.came, self.inside, self.state, self.due = True, False, "waiting", now


class World:
    """What journeys look at: the shop, the project, one another."""

    zone: str
    now: int
    shop: Shop
    journeys: list[Journey]
    project: Project | None
    caps: list[nodes.PolicyCap]
    policy_quiet: list[nodes.PolicyQuiet]
    default_valid: nodes.Duration
    kinds: dict[str, str]
    """Template -> `marketing` or `transactional`."""
    topics: dict[str, str | None]
    categories: dict[str, str]
    listens: set[str]
    """The kinds of event that somebody waits for."""

    def form(self, message: Message, *, formed: bool) -> None:
        """A message was decided on."""
        raise NotImplementedError

    def add(self, key: str | None, op: str, customer: str | None, at: int, received: int, actor: str, data: dict[str, Any]) -> None:
        """Something comes in."""
        raise NotImplementedError

    def zone_of(self, customer: Customer) -> str:
        """The customer's, else the project's."""
        return customer.timezone or self.zone

    def sight_of(self, journey: Journey) -> Sight:
        """What a journey sees now."""
        return Sight(
            self.shop,
            self.categories,
            self.zone,
            self.now,
            journey.context_time,
            journey.started,
            journey.customer,
            order=journey.order,
            action=journey.action,
            message=journey.message,
            last_send=journey.last_send,
            topics=journey.place.topics if journey.place else {},
        )

    def wait_end(self, node: nodes.Step, journey: Journey) -> int | None:
        """When a wait that starts at T ends, in the customer's zone; None: its date has no value."""
        start, zone = journey.context_time, self.zone_of(journey.customer)
        match node:
            case nodes.Wait(duration=duration, at=time):
                end = civil.add(start, duration, zone)
                return end if time is None else civil.next_time(end, time.seconds, zone)
            case nodes.WaitUntil(time=time, weekday=None):
                return civil.next_time(start, time.seconds if time else 0, zone)
            case nodes.WaitUntil(time=time, weekday=weekday):
                return civil.next_weekday(start, str(weekday), time.seconds if time else None, zone)
            case nodes.WaitUntilDate(date=date, at=time):
                found = value(date, self.sight_of(journey))
                if not isinstance(found, When):
                    return None
                return found.at if time is None else civil.next_time(found.at, time.seconds, zone)
        raise NotImplementedError(node)

    # ---------------------------------------------------------------------------------------------------------- limits

    def limit_is_full(self, scenario: Running, text: Text, own: Journey | None, sight: Sight) -> bool:
        """Whether others fill a limit already. Limits per order are decided at the start instead."""
        for limit in text.clauses(nodes.Limit):
            key = limit_key(limit, sight)
            if limit.key.text == "order" or key is None:
                continue
            others = [one for one in self.journeys if one.scenario is scenario and one is not own and key in one.applications]
            if sum(self.in_window(limit, one.applications[key], sight.zone) for one in others) >= limit.count:
                return True
        return False

    def in_window(self, limit: nodes.Limit, at: int, zone: str) -> bool:
        """Windows are (now − D, now], or the calendar day and so on of the project."""
        if limit.within is not None:
            return at > civil.back_exact(self.now, limit.within, zone)
        if limit.each is not None:
            return at >= civil.start_of(limit.each, self.now, self.zone)
        return True


def limit_key(limit: nodes.Limit, sight: Sight) -> str | None:
    """What it counts under; None: there is nothing to count by, so it does not bind."""
    name = limit.key.text
    if name == "customer":
        return f"customer {id(sight.customer)}"
    if name in {"scenario", "order"}:
        return name
    found = value(nodes.Field(tuple(name.split("."))), sight)
    return None if found is None else f"{name}={found}"


def draw(*words: str) -> float:
    """A number in [0, 100) that is always the same for the same words."""
    return int.from_bytes(blake2b("\n".join(words).encode(), digest_size=8).digest(), "big") / 2**64 * 100


# -------------------------------------------------------------------------------------------------------------- walking


def go_on(world: World, journey: Journey, *, deep: bool) -> None:
    """Until the next wait or the end."""
    while journey.due is not None and journey.due <= world.now:
        try:
            one_step(world, journey, deep=deep)
        except civil.EndlessQuietError:
            journey.end(world.now, "stopped", "expired")


def one_step(world: World, journey: Journey, *, deep: bool) -> None:
    """The next step, or a whole step group."""
    place, now = journey.place, world.now
    if place is None:
        journey.end(now, "finished")
        return
    match place.node:
        case nodes.Wait() | nodes.WaitUntil() | nodes.WaitUntilDate():
            wait(world, journey, place)
        case nodes.WaitForEvent():
            wait_for_event(world, journey, place)
        case nodes.Gate(condition=condition):
            if holds(condition, world.sight_of(journey)):
                journey.move(place.following, now)
            else:
                journey.end(now, "stopped", "condition")
        case nodes.Branch(condition=condition):
            journey.move(place.inner if holds(condition, world.sight_of(journey)) else place.otherwise, now)
        case nodes.Split(name=name):
            point, passed = draw("split", journey.scenario.first_name, name.text, journey.customer.key), 0.0
            for _, share, first in place.arms:
                passed += share
                if point < passed:
                    journey.move(first, now)
                    return
        case nodes.End():
            journey.end(now, "stopped", "end")
        case _:
            group(world, journey, place, deep=deep)


def hold(journey: Journey, until: int) -> None:
    """Quiet hours or a cap hold it. What is held since a cap held it counts as held by the cap."""
    journey.state, journey.due = "held", until
    if journey.held_since is not None:
        journey.held = until - journey.held_since


def wait(world: World, journey: Journey, place: Place) -> None:
    """Enter a wait, or leave it: T is its end, and quiet hours delay only what comes behind it."""
    node = place.node
    if journey.state != "held":
        end = journey.due
        if not journey.inside or isinstance(node, nodes.WaitUntilDate):
            end = world.wait_end(node, journey)
        if end is None:
            journey.end(world.now, "stopped", "no_date")
            return
        journey.inside, journey.due = True, end
        if end > world.now:
            return
        journey.context_time = end
    leave(world, journey, place, place.following)


def wait_for_event(world: World, journey: Journey, place: Place) -> None:
    """Enter `wait up to`, or see its time run out. What happened since T counts, also if it was told before the wait was entered."""
    node = place.node
    if journey.came:
        leave(world, journey, place, place.inner)
        return
    if journey.state != "held":
        if not journey.inside:
            end = civil.add(journey.context_time, node.duration, world.zone_of(journey.customer))
            for identity, at in journey.heard:
                if identity == place.identity and journey.context_time <= at <= end:
                    journey.happened(at, world.now)
                    leave(world, journey, place, place.inner)
                    return
            journey.inside, journey.due = True, end
            if end > world.now:
                return
        journey.context_time = journey.due or 0
    leave(world, journey, place, place.otherwise)


def leave(world: World, journey: Journey, place: Place, to: Place | None) -> None:
    """Go on behind a wait that is over, unless it is quiet now."""
    quiet = place.node.quiet or journey.text.quiet
    until = civil.quiet_until(world.now, quiet, world.zone_of(journey.customer))
    if until is None:
        journey.move(to, world.now)
    else:
        hold(journey, until)


# ----------------------------------------------------------------------------------------------------------- step group


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
        hold(journey, until)
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
            hold(journey, until)
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
