"""What could have followed, in a few friendly words: not everything the grammar knows, but what the author most likely wanted."""

from __future__ import annotations

from dsl.syntax.stuck import Stuck
from dsl.words import BY_TERMINAL
from dsl.words import TERMINALS
from dsl.words import WORDS
from dsl.words import wording

_LITERALS = {"STRING", "NUMBER", "PERCENT", "TRUE", "FALSE", "TIME", "DATE", "TIMESTAMP", "DURATION"}
_CONDITIONS = {"SUBSCRIBED", "REACHABLE", "NO", "ANY", "EVERY", "NOT"}
_VALUES = _LITERALS | {"NAME", "PATH", "LPAR", "MINUS", "CATEGORY", "BALANCE"}
_COMPARISONS = {"EQUALS", "NOT_EQUALS", "LESS", "LESS_EQUAL", "GREATER", "GREATER_EQUAL", "CONTAINS", "IS", "IN", "NOT", "PLUS", "MINUS"}
_SIGNS = {"EQUALS", "NOT_EQUALS", "LESS", "LESS_EQUAL", "GREATER", "GREATER_EQUAL"}
_STEPS = {word.terminal for word in WORDS.values() if word.part == "step"} - {"SEND", "ELSE"}
_STARTING = {word.terminal for word in WORDS.values() if word.part in ("clause", "step")}
_SOFT = {word.terminal for word in WORDS.values() if not word.reserved}
_TEST_LINES = {"EXPECT", "TIMESTAMP", "DATE", "TIME", "PLUS", "NAME", "PATH", "STRING", "NUMBER", "SEGMENT", "LIST", "BALANCE", "PROMO"}
#: How each expectation is written, by the word behind `expect`; whatever else stands there names a customer.
_EXPECTATIONS = {
    "SEND": "expect send review_request to ann by email",
    "SKIP": "expect skip review_request to ann because no_consent",
    "SET": 'expect set order 17 status "paid"',
    "ISSUE": 'expect issue promo "NEXT10" to ann',
    "AWARD": 'expect award 100 to balance "bonus" of ann',
    "DEDUCT": 'expect deduct 100 from balance "bonus" of ann',
    "GOAL": "expect goal of review_request by ann",
    "NOTHING": "expect nothing else",
}
_STOPPED = "expect ann stopped in review_request because condition"
_ORDER = {terminal: place for place, terminal in enumerate([*BY_TERMINAL, *TERMINALS])}
_MOST = 4
_IN_BRACES = 3  # `test`, its title, `{`

#: What the name after a word is the name of.
_NAMED = {
    "SEND": "a template",
    "BY": "a channel",
    "SUBSCRIBED": "a channel",
    "REACHABLE": "a channel",
    "SEGMENT": "the name of a segment",
    "LIST": "the name of a list",
    "BALANCE": "the name of a balance",
    "PROMO": "the name of a promo pool",
    "SCENARIO": "a name for the scenario",
    "TEST": "a title in quotes",
    "SPLIT": "a name for the split",
    "CALL": "the name of a webhook",
    "PER": "what to count by (`customer`, `order`, …)",
    "EACH": "`day`, `week`, `month` or `year`",
    "IS": "what it is (`cancelled`, `set`, `empty`)",
    "CATEGORY": "a category (`placed`, `paid`, `delivered`, `cancelled`, `returned`)",
    "QUIET": "a day like `sat-sun`",
    "ONLY": "a day like `sat-sun`",
    "SINCE": "`start`, `created` or `last send`",
    "EVERY": "`day` or a day of the week",
    "WITHOUT": "`price`",
}


def likely(stuck: Stuck) -> str:
    """A list of what was most likely wanted: "a template", "`,` or the end of the statement"."""
    accepted = set(stuck.accepted)
    previous = stuck.previous.type if stuck.previous is not None else ""
    if previous == "EXPECT":
        return _joined([*(f"`{name.lower()}`" for name in _EXPECTATIONS), "the name of a customer"])
    words: list[str] = []
    last: list[str] = []
    if {"EXPECT", "TIMESTAMP"} <= accepted and "TRUE" not in accepted:
        accepted -= _TEST_LINES | _SOFT
        words.append("a fact, a time or `expect`")
    elif {"PATH", "EXPECT", "PROMO"} <= accepted:
        accepted -= _TEST_LINES | _SOFT
        words.append("a fact or `expect`")
    elif {"PATH", "LIST", "SEGMENT", "PROMO"} <= accepted:
        accepted -= {"PATH", "LIST", "SEGMENT", "PROMO", "BALANCE", "ACTION", "NAME", "ANY"}
        words.append("an event like `order created`")
    elif accepted >= _CONDITIONS:
        accepted -= _CONDITIONS | _VALUES | _SOFT | {"AT", "IN"}
        words.append("a condition")
    elif {"STRING", "NUMBER", "TRUE"} <= accepted:
        accepted -= _VALUES | _SOFT
        words.append("a value")
    if "NAME" in accepted:
        accepted -= _SOFT | {"NAME", "STRING"}
        if previous not in ("NAME", "STRING") or not accepted:
            words.append(_NAMED.get(previous, "a name"))
    if {"EQUALS", "LESS"} <= accepted:
        accepted -= _COMPARISONS
        words.append("a comparison like `>= 1000`")
    if {"WAIT", "SEND"} <= accepted:
        accepted -= _STARTING | {"$END", "AS", "COMMA", "PIPE", "PLUS", "MINUS"}
        last += ["a step"] if "RBRACE" in accepted else ["a step", "a clause"]
    words += ["`up to`" if name == "UP" else wording(name) for name in sorted(accepted, key=lambda name: _ORDER.get(name, 0))]
    if not stuck.at_end and len(words) > 1 and TERMINALS["$END"] in words:
        words.remove(TERMINALS["$END"])
        last.append(TERMINALS["$END"])
    return _joined(list(dict.fromkeys(words[: _MOST - len(last)] + last)))


def _joined(words: list[str]) -> str:
    return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]])) if words else "nothing more"


def after(stuck: Stuck) -> str:
    """The end of "expected a template after `send`", where that helps."""
    previous = stuck.previous
    return f" after `{previous}`" if previous is not None and previous.type in BY_TERMINAL else ""


def example(stuck: Stuck) -> str:
    """A hint: how that is written in which reading stopped."""
    in_test = bool(stuck.read) and stuck.read[0].type == "TEST"
    if {"EQUALS", "LESS"} <= stuck.accepted:
        return "for example `order.total >= 1000`"
    if stuck.previous is not None and stuck.previous.type in _SIGNS:
        return "for example `order.total >= 1000`"
    if in_test and stuck.found is not None and stuck.found.type in _STEPS:
        return "steps stand in the scenario; a test says what happened and what is expected, each with its time"
    if in_test and stuck.found is not None and stuck.found.type == "OF" and "NUMBER" in stuck.accepted:
        return "a fact is written `order 17 of ann { … }`, or by its name, as `list.add of ann { … }`"
    if in_test and stuck.accepted == {"HOLDOUT"}:
        return "for example `ann in holdout of review_request`"
    expectation = _expectation(stuck) if in_test else None
    if expectation:
        return f"for example `{expectation}`"
    for word in reversed(stuck.read):
        known = BY_TERMINAL.get(word.type)
        if known and known.part != "joining" and (not in_test or known.part == "test" or len(stuck.read) < _IN_BRACES):
            return f"for example `{known.example}`"
    return ""


def _expectation(stuck: Stuck) -> str | None:
    """The form of the expectation in which reading stopped; None: it stopped in a fact."""
    place = next((place for place in reversed(range(len(stuck.read))) if stuck.read[place].type == "EXPECT"), None)
    if place is None or "\n" in stuck.source.text[stuck.read[place].start_pos : stuck.read[-1].start_pos]:
        return None
    found = stuck.found.type if stuck.found is not None else None
    if place + 1 == len(stuck.read):
        return _EXPECTATIONS["SEND" if found != "NO" else "NOTHING"]
    # `expect letter to ann`
    return _EXPECTATIONS.get(stuck.read[place + 1].type, _EXPECTATIONS["SEND"] if found == "TO" else _STOPPED)
