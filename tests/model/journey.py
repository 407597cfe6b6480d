"""One passage of a customer: where it stands, and what it can look at (`engine.md` §2 and §3)."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING
from typing import Any

import attrs

from dsl import nodes
from dsl.project import Project
from tests.model import civil
from tests.model.asking import Sight
from tests.model.asking import When
from tests.model.asking import value
from tests.model.reading import Place
from tests.model.reading import Text
from tests.model.shop import Shop
from tests.model.things import Action
from tests.model.things import Customer
from tests.model.things import Fact
from tests.model.things import Message
from tests.model.things import Order

if TYPE_CHECKING:
    from tests.model.launching import Running


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
    sent: set[tuple[str, ...]] = attrs.field(factory=set)
    """Sends that were decided under this text."""
    leave_out: set[tuple[str, ...]] = attrs.field(factory=set)
    """Acts done under earlier texts."""
    heard: list[tuple[Place, int]] = attrs.field(factory=list)
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

    def hold(self, until: int) -> None:
        """Quiet hours or a cap hold it."""
        self.state, self.due = "held", until

    def happened(self, at: int, now: int) -> None:
        """What it waited for came: it stays where it stands until it acts."""
        assert self.place is not None
        self.context_time = at
        self.came, self.inside, self.state, self.due = True, False, "held", now


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
