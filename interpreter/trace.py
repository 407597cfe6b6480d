"""Why a customer got a message, or did not: the ledger told line by line, each step with what it saw (`engine.md` §4)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping

import attrs

from dsl.calendar import iso
from interpreter.store.listing import DecisionRow
from interpreter.store.listing import MessageRow

#: Reasons as a person asks for them.
SENTENCES = {
    "condition": "a condition was not met",
    "limit": "its limit was reached",
    "expired": "it would have come too late (`valid`)",
    "no_date": "the date to wait for has no value",
    "exit": "`stop on` happened",
    "stop_when": "`stop when` was true",
    "end": "`end` was reached",
    "edited": "the scenario was edited",
    "cancelled": "it was cancelled by hand",
    "erased": "the customer was erased",
    "merged": "the customer was merged into another",
    "before_launch": "the fact came before the scenario was launched",
    "paused": "the scenario was paused when the fact came",
    "inactive": "outside `active from … to …`",
    "later_change": "the order has a change with a later date",
    "where": "the filter of the trigger was not met",
    "template": "its template could not be filled in",
    "value": "a value could not be used",
    "cycle": "it started itself again and again",
    "unreachable": "there is no contact for the channel",
    "invalid_contact": "the contact is not valid",
    "no_consent": "there is no consent",
    "cap": "a cap of the project was reached",
    "holdout": "the customer is in the control group",
}


@attrs.frozen(slots=True)
class Place:
    """Where a step stands: `reviews.scn:3:6` and its text."""

    where: str
    text: str


#: (version, step number) -> its place; the file only where the version is today's.
Places = Mapping[tuple[int, int], Place]


def lines(decisions: Iterable[DecisionRow], messages: Iterable[MessageRow], places: Places, zone: str) -> Iterator[str]:
    """The story of one customer, oldest first."""
    sent = {(message.journey, message.step): message for message in messages}
    for decision in decisions:
        at = iso(decision.at, zone)
        if decision.outcome == "merged":
            yield (
                f"{at}  "
                + (f"`{json.loads(decision.detail)}` became one with him" if decision.detail else "another became one with him")
                + (f", `{decision.reason}`")
            )
            continue
        about = (
            f"{decision.scenario}"
            + (f", order {decision.order}" if decision.order else "")
            + (f" (journey {decision.journey})" if decision.journey else "")
        )
        yield f"{at}  {about}: {_headline(decision, zone)}"
        yield from (f"    {line}" for line in _detail(decision, places, sent, zone))


def _headline(decision: DecisionRow, zone: str) -> str:
    reason = decision.reason
    match decision.outcome:
        case "started":
            came = f" dated {iso(decision.fact_at, zone)}" if decision.fact_at is not None else ""
            return f"started by {reason}" + (f", `{decision.op}`{came}" if decision.op else "")
        case "refused":
            return f"not started: {SENTENCES.get(str(reason), reason)} ({reason})" + (f", `{decision.op}`" if decision.op else "")
        case "event":
            return f"the event it waited for came: {reason}"
        case "goal":
            return f"goal reached: {reason}"
        case "stopped" | "failed":
            return f"{decision.outcome}: {SENTENCES.get(str(reason), reason)} ({reason})"
        case outcome:
            return outcome


def _detail(decision: DecisionRow, places: Places, sent: Mapping[tuple[int, int], MessageRow], zone: str) -> Iterator[str]:
    if decision.detail is None:
        return
    found = json.loads(decision.detail)
    if not isinstance(found, list):
        yield _plain(found)
        return
    for entry in found:
        if not isinstance(entry, list) or not entry or not isinstance(entry[0], int):
            yield _values([entry], zone)
            continue
        step, outcome, *seen = entry
        place = places.get((decision.version or 0, step))
        text = f"{place.text}  [{place.where}]" if place else f"step {step}"
        values = _values(seen, zone)
        yield f"{_mark(str(outcome))} {text}: {_readable(str(outcome), zone)}" + (f"; {values}" if values else "")
        message = sent.get((decision.journey or 0, step))
        if message is not None and outcome == "send":
            yield f"    message {message.id} to {message.to}: {message.state}" + (f" ({message.reason})" if message.reason else "")


def _mark(outcome: str) -> str:
    if outcome in {"no", "expired", "limit", "stop when", "no date"} or outcome.startswith("skipped"):
        return "✗"
    return "…" if outcome.startswith(("until", "held")) else "✓"


def _readable(outcome: str, zone: str) -> str:
    """Moments inside a trace entry stand as seconds."""
    words = outcome.split()
    return " ".join(iso(int(word), zone) if word.isdigit() and len(word) >= 9 else word for word in words)


def _values(seen: Iterable[object], zone: str) -> str:
    pairs = [entry for entry in seen if isinstance(entry, list) and len(entry) == 2]
    return ", ".join(f"{name} = {_moment(value, zone) if name == 'valid until' else _plain(value)}" for name, value in pairs)


def _moment(value: object, zone: str) -> str:
    return iso(value, zone) if isinstance(value, int) else str(value)


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
