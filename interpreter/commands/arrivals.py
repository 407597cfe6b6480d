"""What is said of facts whose arrival is the reason that nothing happens: before any launch, or later than the tick."""

from __future__ import annotations

from dsl.calendar import iso
from interpreter.commands import choices
from interpreter.store.sqlite import Store

#: Facts to come that are looked at.
MANY = 10_000

_FOR_EVER = 1 << 62


def tell_too_early(count: int, *, history: str = "") -> None:
    """Facts that came before any scenario was launched (`engine.md` §2).

    `history`: before the very first launch that is as it should be, and this is from when on scenarios start.
    """
    they_start = "it starts" if count == 1 else "they start"
    choices.tell(f"{choices.facts(count)} came before any scenario was launched; {they_start} nothing (`scn explain before_launch`)")
    if history:
        choices.tell(f"  as it should be for history; scenarios start with what comes {history}")


def launched_now(store: Store, first: int) -> bool:
    """Whether no scenario was launched before the tick at `first`, or none is yet."""
    launched = store.scenarios.first_launch()
    return launched is None or launched >= first


def tell_later(store: Store, now: int, zone: str) -> None:
    """Facts that arrive only after a tick whose `now` was given: whoever plays through the past has mostly not said when they arrived."""
    to_come = store.facts.pending(_FOR_EVER, MANY)
    # What scn itself waits for, such as the end of a visit, is as it should be.
    moments = [fact.received for fact in to_come if fact.received > now and fact.actor != "scenario"]
    if moments:
        many = f"{'more than ' if len(to_come) == MANY else ''}{choices.facts(len(moments))} {'waits' if len(moments) == 1 else 'wait'}"
        choices.tell(f"note: {many} for a later moment than {iso(now, zone)}: {iso(min(moments), zone)} is the first")
        choices.tell("  go on to there, or begin with a new database and say when they arrived: `scn ingest --received ISO`")
