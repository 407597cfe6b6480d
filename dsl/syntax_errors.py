"""What was possible and what was found, as one sentence in the marketer's words, with a hint, and a fix where it is certain."""

from __future__ import annotations

from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Fix
from dsl.diagnostic import Label
from dsl.source import Span
from dsl.syntax.automaton import Leaf
from dsl.syntax.expected import after
from dsl.syntax.expected import example
from dsl.syntax.expected import likely
from dsl.syntax.near_clauses import RULES as NEAR_CLAUSES
from dsl.syntax.near_misses import NEAR_MISSES
from dsl.syntax.near_phrases import is_in
from dsl.syntax.near_phrases import per_period
from dsl.syntax.near_phrases import share
from dsl.syntax.near_phrases import unless
from dsl.syntax.near_words import misspelt
from dsl.syntax.near_words import needless
from dsl.syntax.near_words import not_a_name
from dsl.syntax.near_words import other_words
from dsl.syntax.near_words import span_of
from dsl.syntax.stuck import Stuck
from dsl.words import BY_TERMINAL
from dsl.words import WORDS


def explain(stuck: Stuck) -> Diagnostic:
    """The one finding for a statement that cannot be read."""
    for rule in (*NEAR_MISSES, *_RULES):
        finding = rule(stuck)
        if finding:
            return finding
    return _expected(stuck)


# --------------------------------------------------------------------------------------------------------------- order


def _structure(stuck: Stuck) -> Diagnostic | None:
    """A colon or an `is` forgotten; statements, `else` and `where` out of place; braces that nothing needs or nothing opened."""
    found, before = stuck.found, stuck.previous
    if found is None:
        return None
    if "KEY" in stuck.accepted and (found.type == "NAME" or found.type in BY_TERMINAL):
        return _no_colon(stuck, found)
    if before is not None and before.type == "SET" and "EQUALS" in stuck.accepted_before:
        return _no_is(stuck, before)
    span = span_of(found)
    finding: Diagnostic | None = None
    match found.type:
        case "SCENARIO" | "SEGMENT" | "POLICY" | "DEFINE" | "TEST" if stuck.new_line and {"WAIT", "SEND", "$END"} <= stuck.accepted:
            margin = stuck.source.position(span.start).column - 1
            fix = Fix("take the blanks before it away", Span(span.start - margin, span.start), "")
            finding = stuck.say(span, f"`{found}` starts a statement and stands at the beginning of its line", fix.description, fix)
        case "ELSE":
            hint = "`else` follows the closing brace: `if … { … } else { … }`"
            finding = stuck.say(span, "there is no `if … { … }` right before this `else`", hint)
        case "WHERE":
            hint = "it belongs right after `on`, `every`, `stop on`, `goal` or `wait up to … for`; among the steps write `if`"
            finding = stuck.say(span, "`where` has nothing to filter here", hint)
        case "RBRACE" | "RPAR" | "RSQB" if not _open(stuck, found):
            finding = stuck.replace(span, f"nothing is open here that `{found}` could close", "", "delete it", safe=False)
        case "LBRACE" if stuck.follows(len(stuck.read), "WAIT"):
            hint = "braces stand only after `if`, `else`, `wait up to`, `split`, an arm, and in tests; other lines are just indented"
            finding = stuck.say(span, "no braces are needed here", hint)
        case "EQUALS" if [word.type for word in stuck.read[-2:]] == ["SET", "PATH"]:
            finding = stuck.replace(Span(span.start, stuck.next_start), "`set` takes the value right after the field", "", "leave `=` out")
        case "AND" | "OR" | "COMMA":
            finding = _joined(stuck, found)
        case "AT" if "EXPECT" in stuck.accepted and stuck.ahead and stuck.ahead[0].type in ("TIME", "DATE", "TIMESTAMP"):
            finding = stuck.say(span, "a time stands in front of its line, found `at` behind it", "write `2026-03-09 09:00  expect …`")
        case "SEGMENT" if before is not None and before.type == "IN":
            finding = _in_segment(stuck)
        case "STRING" | "NUMBER" | "NAME" if before is not None and before.type == "IN" and "LPAR" in stuck.accepted:
            hint = "write `in (…, …)`, or `in list NAME`"
            finding = stuck.say(span, f"values after `in` stand in parentheses, found `{found}`", hint)
    return finding


def _in_segment(stuck: Stuck) -> Diagnostic | None:
    """`customer in segment vip`: it is always the customer."""
    whose = next((word for word in reversed(stuck.read) if word.type not in ("IN", "NOT")), None)
    if whose is None or whose.type not in ("NAME", "PATH"):
        return None
    rest = next(word for word in stuck.read if word.start_pos > whose.start_pos)
    message = f"`in segment` asks about the customer and stands alone, found `{whose}` before it"
    return stuck.replace(Span(whose.start_pos, rest.start_pos), message, "")


def _joined(stuck: Stuck, found: Leaf) -> Diagnostic | None:
    """`and`, `or` and commas where something else joins, or nothing."""
    span = span_of(found)
    if found.type == "COMMA":
        return _comma(stuck, found)
    if "WHERE" in stuck.accepted:
        hint = "for a second event write a second `on`" if found.type == "OR" else "write `where`"
        fix = Fix(hint, span, "where", safe=False) if found.type == "AND" else None
        message = f"an event cannot be joined with `{found}`; a condition after it begins with `where`"
        return stuck.say(span, message, hint, fix)
    if found.type == "AND" and "COMMA" in stuck.accepted:
        return stuck.replace(span, "several are separated by commas, found `and`", ",", safe=False)
    return None


def _no_colon(stuck: Stuck, found: Leaf) -> Diagnostic:
    """`{ email "x" }`, `{ email = "x" }`"""
    following = stuck.ahead[0] if stuck.ahead else None
    if following is not None and following.type in ("EQUALS", "ARROW"):
        return stuck.replace(Span(found.end_pos, following.end_pos), f"expected `:` after `{found}`, found `{following}`", ":")
    return stuck.replace(Span(found.end_pos, found.end_pos), f"`:` is missing after `{found}`", ":", f"write `{found}: …`")


def _no_is(stuck: Stuck, word: Leaf) -> Diagnostic:
    """`if order.delivery_date set`"""
    return stuck.replace(span_of(word), f"`is` is missing before `{word}`", f"is {word}")


def _comma(stuck: Stuck, found: Leaf) -> Diagnostic | None:
    if not stuck.ahead:
        return None
    if stuck.follows(len(stuck.read), stuck.ahead[0].type):
        return stuck.replace(span_of(found), "no comma is needed here", "", "leave it out")
    if "AND" in stuck.accepted:
        return stuck.say(span_of(found), "conditions are joined with `and` or `or`, found `,`", "write `and`")
    if stuck.previous is not None and len(stuck.read) > 1 and stuck.read[-2].type == "SEND":
        return stuck.say(span_of(found), "one `send` sends one template", "write another `send` for the next one")
    return None


_PAIRS = {"RBRACE": "LBRACE", "RPAR": "LPAR", "RSQB": "LSQB"}


def _open(stuck: Stuck, closing: Leaf | None = None) -> Leaf | None:
    """The last bracket that is still open; with `closing`: if it is the one that this closes."""
    stack: list[Leaf] = []
    for word in stuck.read:
        if word.type in _PAIRS.values():
            stack.append(word)
        elif word.type in _PAIRS and stack:
            stack.pop()
    if not stack or (closing is not None and _PAIRS[closing.type] != stack[-1].type):
        return None
    return stack[-1]


def _unclosed(stuck: Stuck) -> Diagnostic | None:
    """A bracket still open at the end, or where something stands that can only come after it is closed."""
    bracket = _open(stuck)
    if bracket is None:
        return None
    closing = {"{": "}", "(": ")", "[": "]"}[str(bracket)]
    terminal = next(name for name, opening in _PAIRS.items() if opening == bracket.type)
    if terminal not in stuck.accepted:
        return None
    if not stuck.at_end and not (stuck.found is not None and bracket.type != "LBRACE" and stuck.can_be_before(terminal)):
        return None
    place = _end_of_read(stuck)
    label = Label(stuck.source, span_of(bracket), "opened here")
    fix = Fix(f"write `{closing}`", place, f"\n{closing}" if closing == "}" else closing, safe=False)
    return stuck.say(place, f"`{bracket}` is not closed", f"write `{closing}` where it ends", fix, label)


def _end_of_read(stuck: Stuck) -> Span:
    """The place right after the last word read."""
    end = stuck.previous.end_pos if stuck.previous is not None else stuck.span.start
    return Span(end, end)


# ------------------------------------------------------------------------------------------------------ something missing


def _missing(stuck: Stuck) -> Diagnostic | None:
    """One word too few: `limit 1 customer`, `goal order created 30d`, `order 17 ann { … }`."""
    found, before = stuck.found, stuck.previous
    if found is None or before is None or stuck.new_line:
        return None
    place = found
    # What merely starts the next step or line is not missing but new.
    new = _STARTING if {"WAIT", "SEND"} <= stuck.accepted else _LINES if stuck.read[0].type == "TEST" else frozenset()
    words = [word for word in _JOINTS if word in stuck.accepted - new and stuck.can_be_before(word)]
    if not words and len(stuck.read) > 1 and before.type in ("NAME", "STRING"):
        place = before
        count = len(stuck.read) - 1
        words = [word for word in _JOINTS if word in stuck.accepted_before - new and stuck.follows(count, word, before.type, found.type)]
    if len(words) != 1:
        return None
    spelling = _JOINTS[words[0]]
    if place is found and not stuck.follows(len(stuck.read), words[0], *(word.type for word in stuck.rest[:3])):
        return None
    # `to` and `until` would make something of nearly everything: `email hello`, `wait -1d`.
    safe = spelling != "until" and not (spelling == "to" and place.type == "NAME" and stuck.read[0].type != "TEST")
    fix = Fix(f"write `{spelling}` before it", Span(place.start_pos, place.start_pos), f"{spelling} ", safe=safe)
    return stuck.say(span_of(place), f"`{spelling}` is missing before `{place}`", f"write `{spelling} {place}`", fix)


_JOINTS = {word.terminal: word.spelling for word in WORDS.values() if word.spelling not in ("as", "not")} | {"COMMA": ","}
_LINES = frozenset({"EXPECT", "SEGMENT", "LIST", "BALANCE", "PROMO", "ACTION"})
_STARTING = frozenset(word.terminal for word in WORDS.values() if word.part in ("statement", "clause", "step"))


def _unfinished(stuck: Stuck) -> Diagnostic | None:
    """The statement or the step ends although more is needed; the caret stands after the last word."""
    before, found = stuck.previous, stuck.found
    if before is None:
        return None
    if stuck.at_end:
        if before.type == "SET" and "EQUALS" in stuck.accepted_before:
            return _no_is(stuck, before)
        return stuck.say(_end_of_read(stuck), f"expected {likely(stuck)} after `{before}`, found the end of the statement", example(stuck))
    if found is None or {"WAIT", "SEND"} <= stuck.accepted:
        return None
    if (stuck.new_line and found.type in _STARTING) or found.type == "RBRACE":
        return stuck.say(_end_of_read(stuck), f"expected {likely(stuck)} after `{before}`, found `{found}`", example(stuck))
    return None


def _expected(stuck: Stuck) -> Diagnostic:
    """What always fits: expected this, found that."""
    span = span_of(stuck.found) if stuck.found is not None else Span(stuck.offset, max(stuck.offset + len(stuck.word), stuck.offset + 1))
    return stuck.say(span, f"expected {likely(stuck)}{after(stuck)}, found `{stuck.word}`", example(stuck))


_RULES = (
    *(is_in, per_period, share, unless, *NEAR_CLAUSES),
    *(_unclosed, misspelt, other_words, needless, not_a_name, _structure, _missing, _unfinished),
)
