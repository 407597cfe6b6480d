"""A small, slow, obvious model of the engine: every minute, look at everything again.

One scenario of a fixed shape, with what differs given as numbers. Moments are seconds since midnight of the first of June, project time.

    on action "go"  stop on action "stop"  valid V  wait W1 quiet Q  if subscribed email  send first by email
    wait W2 quiet Q  if subscribed email  send second by email  limit N per customer within D;  policy cap C messages within E
"""

from __future__ import annotations

import attrs

HOUR = 3600
DAY = 24 * HOUR


@attrs.frozen
class Shape:
    """The numbers of a scenario; seconds, or hours of the day for quiet."""

    valid: int
    first_wait: int
    second_wait: int
    quiet: tuple[int, int] | None
    limit: tuple[int, int] | None
    cap: tuple[int, int] | None

    def text(self) -> str:
        """In the language."""
        quiet = f" quiet {self.quiet[0]:02}:00-{self.quiet[1]:02}:00" if self.quiet else ""
        first = f"  wait {self.first_wait}s{quiet}\n" if self.first_wait else ""
        limit = f"  limit {self.limit[0]} per customer within {self.limit[1]}s\n" if self.limit else ""
        cap = f"policy cap {self.cap[0]} messages within {self.cap[1]}s\n" if self.cap else ""
        return (
            f'{cap}scenario s\n  on action "go"\n  stop on action "stop"\n  valid {self.valid}s\n{first}  if subscribed email\n'
            f"  send first by email\n  wait {self.second_wait}s{quiet}\n  if subscribed email\n  send second by email\n{limit}"
        )


@attrs.frozen
class Happening:
    """Something of one customer: `go`, `stop`, `subscribed` or `unsubscribed`."""

    what: str
    at: int
    received: int


@attrs.define
class Passage:
    """A journey."""

    number: int
    started: int
    context_time: int
    due: int
    letter: str = "first"
    waited: bool = False
    """The wait before the letter is over; it may be held."""
    acted_at: int | None = None
    over: bool = False


def messages(shape: Shape, happenings: list[Happening], last: int) -> list[tuple[int, str, str]]:
    """(minute, letter, `sent` or the reason why not) for one customer, up to the minute `last`."""
    said: list[tuple[int, str, str]] = []
    passages: list[Passage] = []
    consent = True
    waiting = sorted(happenings, key=lambda one: one.received)
    for now in range(0, last + 1, 60):
        while waiting and waiting[0].received <= now:
            found = waiting.pop(0)
            if found.what == "go":
                due = found.at + shape.first_wait
                passages.append(Passage(len(passages), found.at, found.at, due))
            elif found.what == "stop":
                for passage in passages:
                    passage.over = passage.over or passage.started <= found.at
            else:
                consent = found.what == "subscribed"
        for passage in sorted(passages, key=lambda one: (one.due, one.number)):
            while not passage.over and passage.due <= now:
                _go_on(shape, passage, passages, said, now, consent=consent)
    return said


def _go_on(shape: Shape, passage: Passage, passages: list[Passage], said: list[tuple[int, str, str]], now: int, *, consent: bool) -> None:
    if not passage.waited:
        passage.context_time = passage.due
        passage.waited = True
    has_wait = passage.letter == "second" or shape.first_wait > 0
    morning = quiet_until(shape, now) if has_wait else None
    if morning is not None:
        passage.due = morning
        return
    others = [one.acted_at for one in passages if one is not passage and one.acted_at is not None]
    full = shape.limit is not None and sum(at > now - shape.limit[1] for at in others) >= shape.limit[0]
    if not consent or now > passage.context_time + shape.valid or (passage.acted_at is None and full):
        passage.over = True
        return
    if shape.cap is not None and sum(at > now - shape.cap[1] for at, _, state in said if state == "sent") >= shape.cap[0]:
        said.append((now, passage.letter, "cap"))
    else:
        said.append((now, passage.letter, "sent"))
        passage.context_time = passage.acted_at = now
    if passage.letter == "second":
        passage.over = True
        return
    passage.letter, passage.waited = "second", False
    passage.due = passage.context_time + shape.second_wait


def quiet_until(shape: Shape, now: int) -> int | None:
    """When it is not quiet any more."""
    if shape.quiet is None:
        return None
    moment = now
    while _is_quiet(shape.quiet, moment % DAY):
        moment = (moment // HOUR + 1) * HOUR
    return None if moment == now else moment


def _is_quiet(quiet: tuple[int, int], second: int) -> bool:
    start, end = quiet[0] * HOUR, quiet[1] * HOUR
    return start <= second < end if start < end else second >= start or second < end
