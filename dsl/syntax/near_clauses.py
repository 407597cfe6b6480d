"""Clauses, steps and definitions with a part forgotten or in the wrong place, each told with how the whole of it is written."""

from __future__ import annotations

from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Fix
from dsl.source import Span
from dsl.syntax.near_words import span_of
from dsl.syntax.stuck import Stuck
from dsl.words import BY_TERMINAL

_CHANNELS = frozenset({"email", "sms", "push", "webpush", "viber"})
_HOURS = frozenset({"hours", "hour", "time", "times"})
_CONSENT = frozenset({"consent", "consents", "consented", "agreed", "permission"})
_TIMES = {"once": "1", "one": "1", "twice": "2", "two": "2"}


def begun_with_a_channel(stuck: Stuck) -> Diagnostic | None:
    """`email welcome` for `send welcome by email`"""
    found, before = stuck.found, stuck.previous
    if found is None or before is None or before.type != "NAME" or str(before).lower() not in _CHANNELS:
        return None
    if found.type not in ("NAME", "STRING") or not {"WAIT", "SEND"} <= stuck.accepted_before:
        return None
    written = f"send {found} by {str(before).lower()}"
    return stuck.replace(Span(before.start_pos, found.end_pos), f"expected `send`, found `{before}`", written, safe=False)


def whose_status(stuck: Stuck) -> Diagnostic | None:
    """`define status "new", "paid"`: of an order or of a line is not said."""
    if [word.type for word in stuck.read] not in (["DEFINE", "STATUS", "STRING"], ["DEFINE", "STATUS", "NAME"]):
        return None
    if str(stuck.previous) in ("order", "line"):
        return None
    place = stuck.read[-1].start_pos
    fix = Fix("write `order` before it", Span(place, place), "order ", safe=False)
    return stuck.say(
        span_of(stuck.read[-1]), "`define status` says first whose status it is", 'write `define status order "new", "paid"`', fix
    )


def what_a_cap_counts(stuck: Stuck) -> Diagnostic | None:
    """`policy cap 3 within 7d`"""
    found = stuck.found
    if found is None or found.type != "WITHIN" or [word.type for word in stuck.read] != ["POLICY", "CAP", "NUMBER"]:
        return None
    hint = f"write `policy cap {stuck.read[-1]} messages within …`, or a channel instead of `messages`"
    return stuck.replace(
        Span(found.start_pos, found.start_pos), "what is counted is missing before `within`", "messages ", hint, safe=False
    )


def share_behind(stuck: Stuck) -> Diagnostic | None:
    """`split letter { new 50% { … } }`"""
    found = stuck.found
    if found is None or found.type != "NAME" or "PERCENT" not in stuck.accepted or not stuck.ahead or stuck.ahead[0].type != "PERCENT":
        return None
    written = f"{stuck.ahead[0]} {found}"
    span = Span(found.start_pos, stuck.ahead[0].end_pos)
    return stuck.replace(span, f"the share of an arm stands before its name, found `{found} {stuck.ahead[0]}`", written)


def wait_before(stuck: Stuck) -> Diagnostic | None:
    """`wait -1d`"""
    if stuck.found is None or stuck.found.type != "MINUS" or stuck.previous is None or stuck.previous.type != "WAIT":
        return None
    hint = "to act before a date write `wait until order.delivery_date - 1d`"
    return stuck.say(span_of(stuck.found), "a wait goes forward only", hint)


def goal_without_time(stuck: Stuck) -> Diagnostic | None:
    """`goal order created`"""
    known = BY_TERMINAL.get(stuck.found.type) if stuck.found is not None else None
    ended = stuck.at_end or stuck.new_line or (known is not None and known.part in ("clause", "step"))
    if stuck.previous is None or "WITHIN" not in stuck.accepted or not ended:
        return None
    begun = next((word for word in reversed(stuck.read) if word.type in BY_TERMINAL and BY_TERMINAL[word.type].part == "clause"), None)
    if begun is None or begun.type != "GOAL":
        return None
    end = stuck.previous.end_pos
    text = " ".join(stuck.source.text[begun.start_pos : end].split())
    return stuck.say(Span(end, end), "the time within which the goal counts is missing", f"write `{text} within 30d`")


def hours_of_quiet(stuck: Stuck) -> Diagnostic | None:
    """`quiet hours 22:00-09:00`"""
    found, before = stuck.found, stuck.previous
    if found is None or before is None or str(before).lower() not in _HOURS or stuck.read[-2].type != "QUIET":
        return None
    span, fits = Span(before.start_pos, found.start_pos), stuck.follows(len(stuck.read) - 1, found.type)
    return stuck.replace(span, f"no `{before}` is needed after `quiet`", "", f"leave `{before}` out", safe=fits)


def not_before_a_state(stuck: Stuck) -> Diagnostic | None:
    """`if order not cancelled`"""
    found, before = stuck.found, stuck.previous
    if found is None or before is None or before.type != "NOT" or stuck.read[-2].type not in ("NAME", "PATH"):
        return None
    if not stuck.follows(len(stuck.read) - 1, "IS", "NOT", found.type):
        return None
    message = f"`is` is missing before `not {found}`"
    return stuck.replace(span_of(before), message, "is not", f"write `{stuck.read[-2]} is not {found}`")


def asked_for_consent(stuck: Stuck) -> Diagnostic | None:
    """`if has consent email`"""
    found, before = stuck.found, stuck.previous
    if found is None or before is None or before.type != "NAME" or stuck.new_line:
        return None
    has = str(before).lower() == "has" and str(found).lower() in _CONSENT
    if not has and str(before).lower() not in _CONSENT:
        return None
    span = Span(before.start_pos, found.end_pos if has else before.end_pos)
    written = stuck.source.text[span.start : span.end]
    return stuck.say(span, f"whether a customer takes letters is asked with `subscribed`, found `{written}`", "write `subscribed email`")


def part_of_a_letter(stuck: Stuck) -> Diagnostic | None:
    """`send x topic "offers"`"""
    found = stuck.found
    if found is None or str(found).lower() not in ("topic", "subject") or not stuck.ahead or stuck.ahead[0].type not in ("STRING", "NAME"):
        return None
    sends = [place for place, word in enumerate(stuck.read[:-1]) if word.type == "SEND"]
    if not sends or stuck.new_line or "\n" in stuck.source.text[stuck.read[sends[-1]].start_pos : found.start_pos]:
        return None
    template, value = str(stuck.read[sends[-1] + 1]).strip('"'), str(stuck.ahead[0]).strip('"')
    hint = f'write `{str(found).lower()} = "{value}"` into templates/{template}/meta.toml, and leave it out here'
    return stuck.say(Span(found.start_pos, stuck.ahead[0].end_pos), f"the {str(found).lower()} of a letter stands in its template", hint)


def how_often(stuck: Stuck) -> Diagnostic | None:
    """`limit once per customer`"""
    found, before = stuck.found, stuck.previous
    if found is None or before is None or before.type != "LIMIT" or str(found).lower() not in _TIMES:
        return None
    return stuck.replace(span_of(found), f"expected a number, found `{found}`", _TIMES[str(found).lower()])


RULES = (
    *(begun_with_a_channel, whose_status, what_a_cap_counts, share_behind, wait_before, goal_without_time),
    *(hours_of_quiet, not_before_a_state, asked_for_consent, part_of_a_letter, how_often),
)
