"""What delivery needs, what it is told and what it gives back: the store's side of the outbox, routes, rules, report."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING
from typing import Any
from typing import Literal
from typing import Protocol

import attrs

from dsl.forms import Record

if TYPE_CHECKING:
    from interpreter.delivery.channels import Channel
    from interpreter.delivery.message import Outgoing
    from interpreter.delivery.patience import ChannelState


class Result(Record):
    """What became of one message, to be written down."""

    id: int
    state: Literal["sent", "failed", "unsure", "skipped", "planned"]
    """`planned`: to be tried again at `retry_at`; without one it stands as it stood before."""
    reason: str = ""
    provider_id: str = ""
    retry_at: int | None = None
    tried: bool = True
    """False: put off or put aside without an attempt."""
    doubtful: bool = False
    """It is tried again, and may have been delivered already."""


class Store(Protocol):
    """What delivery needs of the store. Each call is one transaction, on disk when it returns."""

    def planned(self, now: int, limit: int, after: tuple[bool, int] | None, without: Collection[str]) -> Sequence[Outgoing]:
        """Messages `planned` whose `retry_at` is none or not after `now`, of all channels but those in `without`.

        In the order of `engine.md` §1.3: transactional ones first, then as decided; `after`: (transactional, id) of the last one seen.
        """

    def overdue(self, now: int, limit: int, channels: Collection[str]) -> Sequence[Outgoing]:
        """Messages `planned` for these channels whose deadline is before `now`."""

    def interrupted(self, limit: int, after: tuple[bool, int] | None) -> Sequence[Outgoing]:
        """Messages left in `sending` by a process that was killed."""

    def may_have_left(self, number: int) -> bool:
        """Whether a message that was left in `sending` may have been handed over: false only where its turn is known not to have come."""

    def mark_sending(self, ids: Sequence[int], *, one_by_one: bool) -> Collection[int]:
        """The intent, through to the disk: these are about to leave, together or one after the other; gives back those that still may."""

    def record(self, results: Sequence[Result], facts: Sequence[Mapping[str, Any]], now: int, turn: int | None = None) -> None:
        """The receipts, and the facts they make (hard bounces), which the next tick handles; an attempt is counted for each that was tried.

        `turn`: the message whose turn it is now.
        """

    def channel_states(self) -> dict[str, ChannelState]:
        """Breakers and rates as the last delivery left them."""

    def save_channel_states(self, states: Mapping[str, ChannelState]) -> None:
        """Keeps them for the next process."""


class Route(Record):
    """A channel of the project and how it is to be used."""

    channel: Channel
    at_least_once: bool = False
    rate: float | None = None
    """Messages a second."""


class Rules(Record):
    """What the project and the command line ask of delivery."""

    only_to: tuple[str, ...] = ()
    """Patterns of addresses, `*@shop.example`; empty: everybody."""
    max_sends: int | None = None
    keep_open: bool = False
    """Leave connections open behind the delivery: another one follows in this process, and the caller closes the channels."""
    quiet_until: Callable[[Outgoing, int], int | None] = lambda _outgoing, _now: None
    """When a message that is late may go; None: now."""
    pause: Callable[[str, float], None] = lambda _channel, _seconds: None
    """Called before each message of a channel with a rate: waits until that many seconds have passed since the last one."""
    stop: Callable[[], bool] = lambda: False
    """Asked before each message: whether to leave the rest for the next tick, a minute later at the earliest."""


@attrs.define(slots=True)
class DeliveryReport:
    """What one delivery did; counts of messages."""

    sent: int = 0
    failed: int = 0
    unsure: int = 0
    retried: int = 0
    """To be tried again later."""
    put_off: int = 0
    """Waiting for quiet hours to end."""
    kept_back: list[tuple[str, str, str]] = attrs.field(factory=list)
    """(channel, template, address) that `only_to` does not allow."""
    problems: list[str] = attrs.field(factory=list)
    """Sentences: channels that could not be opened or were paused."""
    next_at: int | None = None
    """The earliest moment known at which more can be done."""


def may_be_written_to(address: str, only_to: Sequence[str]) -> bool:
    """Whether one of the patterns allows an address, large and small letters alike; without patterns all are."""
    return not only_to or any(fnmatchcase(address.lower(), pattern.lower()) for pattern in only_to)
