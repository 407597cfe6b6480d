"""Words that are nearly right: misspelt, of another language, too many, or names that need quotes."""

from __future__ import annotations

import unicodedata

from dsl.diagnostic import Diagnostic
from dsl.source import Span
from dsl.spelling import closest
from dsl.syntax.automaton import Leaf
from dsl.syntax.stuck import Stuck
from dsl.words import BY_TERMINAL
from dsl.words import WORDS


def span_of(word: Leaf) -> Span:
    """Where a word stands."""
    return Span(word.start_pos, word.end_pos)


_LOOKALIKES = str.maketrans("аеорсухіѕјһкмтвнАЕОРСХІЅЈКМТВН", "aeopcyxisjhkmtbhAEOPCXISJKMTBH")


def misspelt(stuck: Stuck) -> Diagnostic | None:
    """A word near to one that fits: the one found, or the one before it that was taken for a name."""
    candidates: list[tuple[Leaf, int | None, frozenset[str]]] = []
    if stuck.found is not None and stuck.found.type in ("NAME", "KEY"):
        candidates.append((stuck.found, None, stuck.accepted))
    before = stuck.previous
    if before is not None and before.type == "NAME" and stuck.found is not None:
        candidates.append((before, len(stuck.read) - 1, stuck.accepted_before))
    for word, count, accepted in candidates:
        written = str(word)
        plain = unicodedata.normalize("NFKC", written).translate(_LOOKALIKES)
        fitting = [BY_TERMINAL[terminal].spelling for terminal in accepted if terminal in BY_TERMINAL]
        fitting = [spelling for spelling in sorted(fitting) if stuck.can_be(spelling.upper(), count)]
        if plain != written and plain.lower() in fitting:
            strange = next(letter for letter in written if not letter.isascii())
            message = f"`{written}` looks like `{plain.lower()}`, but `{strange}` is a letter of another alphabet"
            return stuck.replace(span_of(word), message, plain.lower())
        meant = closest(written, fitting)
        if meant:
            case = meant == written.lower()
            message = f"keywords are written in small letters, found `{written}`" if case else f"`{written}` is not a word that fits here"
            return stuck.replace(span_of(word), message, meant, "" if case else f"did you mean `{meant}`?", safe=case)
    return None


_MEANT = {
    "then": "", "do": "", "please": "", "elif": "else if", "elsif": "else if", "elseif": "else if", "otherwise": "else", "unless": "if not",
    "delay": "wait", "sleep": "wait", "pause": "wait", "after": "wait", "mail": "send", "email": "send", "exit": "end", "quit": "end",
    "finish": "end", "but": "and", "max": "limit", "start": "on", "trigger": "on", "via": "by", "through": "by",
}  # fmt: skip


def other_words(stuck: Stuck) -> Diagnostic | None:
    """Words of other languages: `then`, `elif`, `unless`, `delay`; and what is no step at all."""
    found = stuck.found
    if found is None:
        return None
    if found.type == "IF" and stuck.previous is not None and stuck.previous.type == "STOP":
        return stuck.replace(
            span_of(found),
            "`stop` goes with `on` or `when`, found `if`",
            "when",
            "write `stop when …`, or `end` for a step that ends the journey",
        )
    first = _first_word(stuck)
    word = first or found
    meant = _MEANT.get(word.lower()) if word.type == "NAME" else None
    if meant == "" and word is found and (not stuck.ahead or stuck.follows(len(stuck.read), stuck.ahead[0].type)):
        return stuck.replace(Span(found.start_pos, stuck.next_start), f"`{found}` is not needed", "", f"leave `{found}` out")
    if meant and meant.split()[0].upper() in (stuck.accepted if word is found else stuck.accepted_before):
        hint = "write `if not …`; with `and` or `or` in it `if not (…)`" if meant == "if not" else ""
        return stuck.replace(span_of(word), f"expected `{meant}`, found `{word}`", meant, hint, safe=False)
    return _no_step(stuck, first) if first is not None else None


def _no_step(stuck: Stuck, word: Leaf) -> Diagnostic:
    """A line that begins with no word of the language."""
    steps = ", ".join(f"`{known.spelling}`" for known in WORDS.values() if known.part == "step" and known.spelling != "else")
    return stuck.say(span_of(word), f"expected a step or a clause, found `{word}`", f"steps are {steps}")


def _first_word(stuck: Stuck) -> Leaf | None:
    """The word that begins a line where a step could begin: the one found, or the one before it that an event took for its own."""
    found, before = stuck.found, stuck.previous
    if found is not None and found.type in ("NAME", "PATH") and stuck.new_line and {"WAIT", "SEND"} <= stuck.accepted:
        return found
    if before is None or before.type != "NAME" or len(stuck.read) < 2 or not {"WAIT", "SEND"} <= stuck.accepted_before:
        return None
    return before if "\n" in stuck.source.text[stuck.read[-2].end_pos : before.start_pos] else None


def not_a_name(stuck: Stuck) -> Diagnostic | None:
    """Where a name is expected: a reserved word, a word with a dash or a dot, one that begins with a digit."""
    before = stuck.previous
    if before is not None and before.type in ("NAME", "NUMBER") and before.end_pos == stuck.offset:
        match = stuck.match(r"[\w.]+(?:[-./\\][\w.]+)+", before.start_pos)
        if match and match.end() > stuck.offset and "STRING" in stuck.accepted_before:
            return stuck.replace(Span(*match.span()), f"a name with `{stuck.word[0]}` stands in quotes", f'"{match.group()}"')
    if "STRING" not in stuck.accepted or stuck.new_line:
        return None
    found = stuck.found
    if found is None:
        match = stuck.match(r"\d[\w.-]*[^\W\d][\w.-]*")
        return (
            stuck.replace(Span(*match.span()), "a name that begins with a digit stands in quotes", f'"{match.group()}"') if match else None
        )
    if "NAME" not in stuck.accepted and "KEY" not in stuck.accepted:
        match = stuck.match(r"[\w@.+-]+")
        if match and found.type in ("NAME", "PATH"):
            return stuck.replace(Span(*match.span()), f"expected a text in quotes, found `{match.group()}`", f'"{match.group()}"')
    if "NAME" not in stuck.accepted:
        return None
    if found.type in ("TRUE", "FALSE") and before is not None and before.type == "IS":
        span = Span(before.start_pos, found.end_pos)
        return stuck.replace(span, f"expected `= {found}`, found `is {found}`", f"= {found}", f"write `= {found}`, or the field alone")
    if found.type == "PATH":
        return stuck.replace(span_of(found), "a name with a dot stands in quotes", f'"{found}"')
    if found.type not in BY_TERMINAL or not stuck.follows(len(stuck.read), "STRING", *(word.type for word in stuck.ahead[:2])):
        return None
    hint = "put it in quotes to use it as a name"
    return stuck.replace(span_of(found), f"`{found}` is a word of the language", f'"{found}"', hint, safe=False)


def needless(stuck: Stuck) -> Diagnostic | None:
    """One word too many: `valid for 1d`, `subscribed to email`, `goal on order created within 1d`, `drops by 10%`."""
    found, before = stuck.found, stuck.previous
    if found is None or before is None or not stuck.ahead or before.type == "SEND":
        return None
    amount = found.type == "BY" and stuck.ahead[0].type in ("NUMBER", "PERCENT")
    if before.type not in BY_TERMINAL and not amount:
        return None
    if found.type not in _LITTLE or not stuck.follows(len(stuck.read), *(word.type for word in stuck.ahead[:2])):
        return None
    hint = f"leave `{found}` out"
    return stuck.replace(Span(found.start_pos, stuck.next_start), f"no `{found}` is needed after `{before}`", "", hint, safe=False)


_LITTLE = frozenset({"ON", "AS", "AT", "BY", "FOR", "FROM", "PER", "TO", "WITH", "WITHIN", "IS", "IN", "OF", "EACH"})
