"""The most messages one customer can get in any 7 days, and how it comes to that (language.md §5).

Every rounding errs upwards: waits are as short as they can be, of branches and arms the one that sends most is taken, conditions, quiet
hours and the holdout hold nobody back. How often an event happens nobody knows: what a customer does on the site is taken to happen once
a day, everything else once in 7 days, unless a limit lets less through; what more it would bring, the story says.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from math import ceil
from math import inf

from dsl import nodes
from dsl.forms import Form
from dsl.forms import Record
from dsl.forms import evolve
from dsl.meaning.rates import DAY
from dsl.meaning.rates import WEEK
from dsl.meaning.rates import longest
from dsl.meaning.rates import most
from dsl.meaning.rates import runs
from dsl.meaning.rates import shortest
from dsl.meaning.reading import Reading

#: Keys of limits that hold for a customer whatever he does; of orders, products, visits he may have more.
_OF_CUSTOMER = frozenset({"customer", "scenario"})
#: Ways through a scenario that are told apart; beyond, two are taken for one that sends as early and as much as either.
_WAYS = 16


class Hit(Record):
    """A message, and when after the event it comes at the earliest, in seconds."""

    send: nodes.Send
    at: int


class Share(metaclass=Form):
    """What one scenario adds."""

    reading: Reading
    messages: int
    hits: tuple[Hit, ...]
    """Of one journey."""
    repeats: bool
    """The event brings the same again each time it happens more often."""
    on_event: bool
    """Not by a schedule alone."""
    first: float
    """The first and the last day, counted from year 1, on which these 7 days may begin."""
    last: float


Counted = Callable[[nodes.Send], bool]


def heaviest(readings: Iterable[Reading], counted: Counted = lambda _: True) -> list[Share]:
    """What each scenario adds in the 7 days that bring most, the scenarios that add most first. counted: which sends."""
    shares = [share for reading in readings if (share := _share(reading, counted)) is not None]
    start = _heaviest_day(shares)
    return sorted((share for share in shares if share.first < start <= share.last), key=lambda share: -share.messages)


def _share(reading: Reading, counted: Counted) -> Share | None:
    marketing = {id(send.node) for send in reading.sends if send.node.to is None}
    if not marketing or reading.transactional or not reading.triggers or reading.clause(nodes.Paused):
        return None
    scheduled = any(isinstance(clause, nodes.Every) for clause, _ in reading.triggers)
    limited = [limit for limit in reading.clauses(nodes.Limit) if limit.key.text in _OF_CUSTOMER]

    def journeys(window: float) -> float:
        return min(_starts(reading, window), min((most(limit, window) for limit in limited), default=inf))

    walker = _Walker(lambda send: id(send) in marketing and counted(send), journeys, scheduled=scheduled)
    ways = walker.follow(reading.node.steps, [_Way()])
    best = max((way.best for way in (*ways, *walker.ended)), key=len, default=())
    # All journeys there may be at once, each with its best; or each message, once for every journey that comes by in this time.
    messages = min(len(best) * journeys(WEEK + walker.longest), walker.total) if best else 0
    if not messages:
        return None
    active = reading.clause(nodes.Active)
    return Share(
        reading,
        int(messages),
        best,
        repeats=_repeats(reading, limited),
        on_event=any(isinstance(clause, nodes.On) for clause, _ in reading.triggers),
        first=active.first.toordinal() - 7 if active else -inf,
        last=active.last.toordinal() + (ceil(walker.longest / DAY) if walker.longest < inf else inf) if active else inf,
    )


#: What happens to a customer only once.
_ONCE = frozenset({"customer.created", "customer.registered"})
#: What a customer does on the site, and what changes about what he looks for there: it may be every day. By the first word of the event.
_DAILY = frozenset({"session", "list", "views", "action"})
_DAILY_PRODUCT = frozenset({"product.viewed", "product.action"})


def _starts(reading: Reading, window: float) -> float:
    """Journeys that the triggers start within a time."""
    found = 0.0
    for clause, event in reading.triggers:
        key = event.kind.key
        if isinstance(clause, nodes.Every):
            found += runs(clause.schedule, window)
        elif key in _ONCE:
            found += 1
        elif window == inf:
            return inf
        else:
            found += ceil(window / (DAY if key.partition(".")[0] in _DAILY or key in _DAILY_PRODUCT else WEEK))
    return found


def _repeats(reading: Reading, limited: Sequence[nodes.Limit]) -> bool:
    """Whether more of the events would bring more messages: no limit is full before."""
    clauses = [clause for clause, event in reading.triggers if isinstance(clause, nodes.On) and event.kind.key not in _ONCE]
    return len(clauses) == len(reading.triggers) and all(most(limit, WEEK) > _starts(reading, WEEK) for limit in limited)


# ---------------------------------------------------------------------------------------------------- one journey


class _Way(Record):
    """A way through the steps so far."""

    at: int = 0
    recent: tuple[Hit, ...] = ()
    """Messages less than 7 days old."""
    best: tuple[Hit, ...] = ()
    """The most within 7 days so far."""

    def wait(self, seconds: int) -> _Way:
        """After at least so long."""
        at = self.at + seconds
        return evolve(self, at=at, recent=tuple(hit for hit in self.recent if at - hit.at < WEEK))

    def hit(self, send: nodes.Send) -> _Way:
        """With one message more."""
        recent = (*self.recent, Hit(send, self.at))
        return evolve(self, recent=recent, best=recent if len(recent) > len(self.best) else self.best)

    def worse(self, other: _Way) -> bool:
        """Whether whatever comes, the other will have sent at least as much."""
        mine, theirs = self.recent[::-1], other.recent[::-1]
        return (
            len(self.best) <= len(other.best)
            and len(mine) <= len(theirs)
            and all(self.at - hit.at >= other.at - better.at for hit, better in zip(mine, theirs, strict=False))
        )

    def joined(self, other: _Way) -> _Way:
        """One way that sends no less, and no later, than either."""
        fewer, more = sorted((self, other), key=lambda way: len(way.recent))
        ages = [more.at - hit.at for hit in more.recent]
        for number, hit in enumerate(fewer.recent[::-1], 1):
            ages[-number] = min(ages[-number], fewer.at - hit.at)
        recent = tuple(Hit(hit.send, more.at - age) for hit, age in zip(more.recent, ages, strict=True))
        return _Way(more.at, recent, max(self.best, other.best, recent, key=len))


class _Walker:
    """Goes through the steps by all ways at once."""

    def __init__(self, counted: Counted, journeys: Callable[[float], float], *, scheduled: bool) -> None:
        self._counted = counted
        self._journeys = journeys
        """How many there are within a time."""
        self._acted = scheduled
        """From here on, differing waits bring messages of several journeys together."""
        self.total: float = 0
        """Messages in 7 days, of whichever journeys."""
        self.spread: float = 0
        """How far the same message of two journeys may come closer than the journeys are apart."""
        self.longest: float = 0
        """How long a journey may last."""
        self.ended: list[_Way] = []

    def follow(self, steps: Iterable[nodes.Step], ways: list[_Way]) -> list[_Way]:
        """The ways behind the steps; those that ended stand in `ended`."""
        for step in steps:
            if not ways:
                break
            ways = self._step(step, ways)
        return ways

    def _step(self, step: nodes.Step, ways: list[_Way]) -> list[_Way]:
        match step:
            case nodes.Send():
                self._acted = True
                if self._counted(step):
                    self.total += self._journeys(WEEK + self.spread)
                    return [way.hit(step) for way in ways]
            case nodes.Wait(duration=duration, at=at):
                self._waits(longest(duration) + (DAY if at else 0), DAY if at else 0)
                return [way.wait(shortest(duration)) for way in ways]
            case nodes.WaitUntil(weekday=weekday):
                self._waits(WEEK if weekday else DAY, WEEK if weekday else DAY)
            case nodes.WaitUntilDate():
                # The date is taken to lie as far from each event as from the others.
                self._waits(inf, 0)
            case nodes.WaitForEvent(duration=duration, then=then, otherwise=otherwise):
                self._waits(longest(duration), longest(duration))
                late = [way.wait(shortest(duration)) for way in ways]
                return self._one_of([(then or (), ways), (otherwise or (), late)])
            case nodes.If(branches=branches, otherwise=otherwise):
                return self._one_of([*((branch.steps, ways) for branch in branches), (otherwise or (), ways)])
            case nodes.Split(arms=arms) if arms:
                return self._one_of([(arm.steps, ways) for arm in arms])
            case nodes.End():
                self.ended += ways
                return []
            case nodes.Gate():
                pass
            case _:
                self._acted = True
        return ways

    def _waits(self, longest: float, spread: float) -> None:
        self.longest += longest
        self.spread += spread if self._acted else 0

    def _one_of(self, blocks: Sequence[tuple[Iterable[nodes.Step], list[_Way]]]) -> list[_Way]:
        """Each customer takes one of the blocks."""
        before = (self.total, self.spread, self.longest)
        found: list[_Way] = []
        ends = []
        for steps, ways in blocks:
            self.total, self.spread, self.longest = before
            found += self.follow(steps, ways)
            ends.append((self.total, self.spread, self.longest))
        self.total, self.spread, self.longest = (max(values) for values in zip(*ends, strict=True))
        return _few(found)


def _few(ways: list[_Way]) -> list[_Way]:
    kept: list[_Way] = []
    for way in ways:
        if not any(way.worse(other) for other in kept):
            kept = [other for other in kept if not other.worse(way)]
            kept.append(way)
    while len(kept) > _WAYS:
        kept.append(kept.pop().joined(kept.pop()))
    return kept


def _heaviest_day(shares: Sequence[Share]) -> float:
    """When the 7 days that bring most begin: just after a scenario becomes active, for then the most are."""
    days = sorted({share.first for share in shares if share.first > -inf})
    if not days:
        return 0
    changes: dict[float, int] = {}
    for share in shares:
        if share.first > -inf:
            changes[share.first] = changes.get(share.first, 0) + share.messages
            changes[share.last] = changes.get(share.last, 0) - share.messages
    found, sum_, most_of_all = 0.0, 0, 0
    for day in sorted(changes):
        sum_ += changes[day]
        if sum_ > most_of_all:
            found, most_of_all = day + 1, sum_
    return found


# ------------------------------------------------------------------------------------------------------------- caps


def let_through(readings: Sequence[Reading], shares: Sequence[Share], caps: Sequence[nodes.PolicyCap]) -> int:
    """Messages in 7 days beyond the caps: those of one channel alone are held by its cap, all of them by the caps for all."""
    messages = sum(share.messages for share in shares)
    channels = {cap.channel.text for cap in caps if cap.channel is not None}
    if channels:
        only = {id(send.node): send.known_channels[0] for reading in readings for send in reading.sends if len(send.known_channels) == 1}
        parts = [sum(share.messages for share in heaviest(readings, lambda send: only.get(id(send)) not in channels))]
        for channel in sorted(channels):
            alone = sum(share.messages for share in heaviest(readings, lambda send, name=channel: only.get(id(send)) == name))  # type: ignore[misc]
            parts.append(min(alone, *(_lets(cap) for cap in caps if cap.channel is not None and cap.channel.text == channel)))
        messages = min(messages, sum(parts))
    return min([messages, *(_lets(cap) for cap in caps if cap.channel is None)])


def _lets(cap: nodes.PolicyCap) -> int:
    return cap.count * ceil(WEEK / max(shortest(cap.within), 60))
