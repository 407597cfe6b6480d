"""Phrases that everybody understands and that the language says otherwise: `is in (…)`, `per week`, `holdout 10`, `unless`."""

from __future__ import annotations

from dsl.diagnostic import Diagnostic
from dsl.source import Span
from dsl.syntax.near_words import span_of
from dsl.syntax.stuck import Stuck


def is_in(stuck: Stuck) -> Diagnostic | None:
    """`customer.city is in (…)`, `is not in (…)`, `is one of (…)`, `is any of (…)`"""
    found, ahead = stuck.found, stuck.ahead
    if found is None or found.type not in ("IN", "ANY", "OF"):
        return None
    end, count = found, len(stuck.read)
    if found.type == "OF":  # `one` was taken for the name of a state
        if str(stuck.previous) != "one":
            return None
        count -= 1
    elif found.type == "ANY":
        if not ahead or ahead[0].type != "OF":
            return None
        end, ahead = ahead[0], ahead[1:]
    count, negated = (count - 1, True) if count and stuck.read[count - 1].type == "NOT" else (count, False)
    if count < 2 or stuck.read[count - 1].type != "IS":
        return None
    count -= 1
    span = Span(stuck.read[count].start_pos, end.end_pos)
    meant = ["NOT", "IN"] if negated else ["IN"]
    written = " ".join(meant).lower()
    message = f"expected `{written}`, found `{' '.join(stuck.source.text[span.start : span.end].split())}`"
    if stuck.follows(count, *meant, *(word.type for word in ahead[:1])):
        return stuck.replace(span, message, written)
    return stuck.say(span, message, f"write `{written} (…, …)`, with all that is meant in parentheses")


_PERIODS = ("day", "week", "month", "year")


def per_period(stuck: Stuck) -> Diagnostic | None:
    """`limit 2 per customer per week`, `limit 2 per 7d`"""
    found, before = stuck.found, stuck.previous
    if found is None or before is None:
        return None
    if found.type == "DURATION" and before.type == "PER":
        hint = f"write who is counted, then for how long: `per customer within {found}`"
        return stuck.replace(span_of(found), f"a limit counts somebody, found `per {found}`", f"customer within {found}", hint, safe=False)
    following = stuck.ahead[0] if stuck.ahead else None
    if found.type != "PER" or following is None or not {"EACH", "WITHIN"} <= stuck.accepted:
        return None
    if following.type == "DURATION":
        return stuck.replace(span_of(found), f"expected `within {following}`, found `{found} {following}`", "within")
    if str(following) in _PERIODS:
        hint = f"write `each {following}`, by the calendar, or `within 7d` for any seven days"
        return stuck.replace(span_of(found), f"expected `each {following}`, found `{found} {following}`", "each", hint)
    return None


def share(stuck: Stuck) -> Diagnostic | None:
    """`holdout 10`, `holdout 10 percent`, and an arm of a split"""
    found = stuck.found
    if found is None or found.type != "NUMBER" or "PERCENT" not in stuck.accepted or "NUMBER" in stuck.accepted:
        return None
    end = stuck.ahead[0] if stuck.ahead and str(stuck.ahead[0]).lower() in ("percent", "percents", "pct") else found
    text = stuck.source.text[found.start_pos : end.end_pos]
    return stuck.replace(Span(found.start_pos, end.end_pos), f"a share is written `{found}%`, found `{text}`", f"{found}%")


def unless(stuck: Stuck) -> Diagnostic | None:
    """`send x unless …`, `on order created unless …`: at the beginning of a line `if not` is all it takes."""
    found, before = stuck.found, stuck.previous
    if found is not None and found.type == "NAME" and str(found).lower() == "unless" and not stuck.new_line and "IF" in stuck.accepted:
        message = "a condition stands before the step it holds back, found `unless` behind it"
        return stuck.say(span_of(found), message, "write `if not …` on the line before; with `and` or `or` in it `if not (…)`")
    if before is None or before.type != "NAME" or str(before).lower() != "unless" or "WHERE" not in stuck.accepted_before:
        return None
    if "\n" in stuck.source.text[stuck.read[-2].end_pos : before.start_pos]:
        return None
    return stuck.replace(
        span_of(before),
        "expected `where not`, found `unless`",
        "where not",
        "write `where not …`; with `and` or `or` in it `where not (…)`",
        safe=False,
    )
