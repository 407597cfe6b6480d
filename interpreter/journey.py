"""One passage of a customer through a scenario: where it stands and the closed lists of what can become of it (`engine.md` §4)."""

from __future__ import annotations

from enum import StrEnum

import msgspec

#: What a limit counts by: a customer's own number, or the text of any other key.
Key = int | str


class State(StrEnum):
    """What a journey is doing."""

    WAITING = "waiting"
    HELD = "held"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"

    def __init__(self, text: str) -> None:
        """`text`: the plain word; `value` is a function that looks for it each time."""
        self.text = text
        self.is_open = text in {"waiting", "held"}
        """Whether it still stands at a step."""


class StopReason(StrEnum):
    """Why a journey stopped before its end."""

    CONDITION = "condition"
    LIMIT = "limit"
    EXPIRED = "expired"
    NO_DATE = "no_date"
    EXIT = "exit"
    STOP_WHEN = "stop_when"
    END = "end"
    EDITED = "edited"
    CANCELLED = "cancelled"
    ERASED = "erased"
    MERGED = "merged"


class Failure(StrEnum):
    """Why a journey failed."""

    POOL_EMPTY = "pool_empty"
    TEMPLATE = "template"
    VALUE = "value"
    CYCLE = "cycle"


class Refusal(StrEnum):
    """Why a trigger started no journey."""

    BEFORE_LAUNCH = "before_launch"
    PAUSED = "paused"
    INACTIVE = "inactive"
    LATER_CHANGE = "later_change"
    WHERE = "where"
    LIMIT = "limit"


class SkipReason(StrEnum):
    """Why a message was not made."""

    UNREACHABLE = "unreachable"
    INVALID_CONTACT = "invalid_contact"
    NO_CONSENT = "no_consent"
    CAP = "cap"
    HOLDOUT = "holdout"


#: Message states that count as a message for conditions and caps.
COUNTED = frozenset({"planned", "sending", "sent", "unsure", "delivered", "opened", "clicked", "bounced", "complained", "unsubscribed"})


class Journey(msgspec.Struct):
    """Where one passage stands. Moments in seconds since 1970 UTC."""

    id: int
    scenario: int
    version: int
    customer: int
    order: str | None
    """The triggering order's own id."""
    fact: int | None
    """The fact that triggered; its payload holds the `action` of the trigger."""
    message: int | None
    """The message that triggered."""
    started: int
    """The event's own date."""
    context_time: int
    """T: moves only by waits and by executed step groups (`domain.md` §0.3)."""
    step: int
    inside: bool
    """The wait at `step` was entered: `due_at` is its end. Else `step` is still to be done."""
    state: State
    reason: str | None
    due_at: int | None
    held_since: int | None = None
    """When a cap began to hold the step group at `step`."""
    held: int = 0
    """Seconds held by caps since then, without quiet hours in between: added to `valid`."""
    acted: bool = False
    """A step group was reached and counted: the limit was checked and this is an application."""
    reached_at: int | None = None
    """When the first step group was reached, acting or withheld: the clock of the goal runs from then."""
    last_send: int | None = None
    goal_until: int | None = None
    goal_at: int | None = None
    skip: tuple[str, ...] = ()
    """What this journey did under texts before the present one, by `Operation.known_as`: not to be done again, wherever it stands now."""
    finished_at: int | None = None
    heard: tuple[tuple[str, int], ...] = ()
    """Events that a `wait up to` further on waits for, with their dates: one that comes in the tick that enters the wait is not missed."""
    about: dict[str, str] | None = None
    """What triggered beside an order and a message: the word of the entity -> its key."""
    begun_at: int = 0
    """The tick in which it started."""
    begun_by: str | None = None
    """The kind of event, or `every`."""

    def copy(self) -> Journey:
        """The same once more."""
        return self.__copy__()  # type: ignore[attr-defined,no-any-return]  # msgspec has it, its stubs do not
