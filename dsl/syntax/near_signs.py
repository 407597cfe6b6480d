"""What people write instead of the signs of the language: other quotes, operators and arrows, letters that cannot be seen.

Every function looks at the text where reading stopped and either knows what was meant or returns None.
"""

from __future__ import annotations

import re
import unicodedata

from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Fix
from dsl.source import Span
from dsl.syntax.stuck import Stuck

# -------------------------------------------------------------------------------------------------------------- quotes

_OTHER_QUOTES = "“”„‟«»‹›‘’‚‛'`"


def quotes(stuck: Stuck) -> Diagnostic | None:
    """A text that is not closed on its line, or stands in other quotes than `"`."""
    if stuck.found is not None:
        return _odd_quotes(stuck)
    rest = Span(stuck.offset, stuck.line_end)
    closed = stuck.match(rf'(["{_OTHER_QUOTES}])([^"“”„‟«»\n]*?)([{_OTHER_QUOTES}])(?!\w)')
    if closed:
        span = Span(*closed.span())
        message = f"texts stand in straight double quotes, found `{closed.group()}`"
        if "\\" in closed.group(2):
            return stuck.say(span, message, 'write `"` before and after the text')
        return stuck.replace(span, message, f'"{closed.group(2)}"')
    if stuck.match('"'):
        return stuck.say(rest, "this text is not closed on its line", 'write `"` where the text ends')
    if stuck.match(f"[{_OTHER_QUOTES}]"):
        return stuck.say(rest, f"texts stand in straight double quotes, found `{stuck.word}`", 'write `"` before and after the text')
    return None


def _odd_quotes(stuck: Stuck) -> Diagnostic | None:
    """`"new | "paid"`: what looks like a text is what stands between two."""
    before = stuck.previous
    if before is None or before.type != "STRING" or stuck.new_line:
        return None
    line = stuck.source.line(stuck.source.position(stuck.offset).line)
    if line.replace('\\"', "").count('"') % 2 == 0:
        return None
    return stuck.say(
        Span(before.start_pos, before.end_pos), "a text on this line is not closed", 'every text has a `"` before and after it'
    )


# --------------------------------------------------------------------------------------------------------------- signs

_OPERATORS = {
    "=>": ">=", "=<": "<=", "==": "=", "===": "=", ":=": "=", "~": "=", "≥": ">=", "≤": "<=",
    "=!": "!=", "!==": "!=", "<>": "!=", "≠": "!=",
    "&&": "and", "&": "and", "||": "or", "|": "or", "!": "not",
    "→": "->", "⇒": "->", "➔": "->", "➜": "->", "–>": "->", "—>": "->", "−>": "->", "-->": "->", "->>": "->", "»": "->",
    "–": "-", "—": "-", "−": "-",
}  # fmt: skip
_SIGNS = {
    ">=": "GREATER_EQUAL",
    "<=": "LESS_EQUAL",
    "=": "EQUALS",
    "!=": "NOT_EQUALS",
    "and": "AND",
    "or": "OR",
    "not": "NOT",
    "->": "ARROW",
    "-": "MINUS",
}
_TO_ARROW = frozenset({"=>", "=", "==", ":", ":=", ">", "-", "–", "—", "~>"})


def sign(stuck: Stuck) -> Diagnostic | None:
    """`=>`, `==`, `&&`, `||`, `!`, `→`, a long dash for a minus, `=` for an arrow."""
    before = stuck.previous
    starts = [(stuck.offset, len(stuck.read))]
    if before is not None and before.end_pos == stuck.offset and not before[-1].isalnum() and before[-1] != '"':
        starts.insert(0, (before.start_pos, len(stuck.read) - 1))
    for start, count in starts:
        match = stuck.match(r"[-–—−=<>!&|:~→⇒➔➜≥≤≠»]+", start)
        if not match:
            continue
        written = match.group()
        accepted = stuck.accepted_after(count)
        meant = _OPERATORS.get(written)
        if "ARROW" in accepted and (written in _TO_ARROW or meant == "->"):
            meant = "->"
        elif meant == "->" or written == "->":
            meant = "="
        if meant and meant != written and _SIGNS[meant] in accepted:
            return _instead(stuck, Span(*match.span()), written, meant)
    return None


def _instead(stuck: Stuck, span: Span, written: str, meant: str) -> Diagnostic:
    text = stuck.source.text
    replacement = meant
    if meant.isalpha():
        replacement = (
            (" " if text[span.start - 1 : span.start].strip() else "") + meant + (" " if text[span.end : span.end + 1].strip() else "")
        )
    what = (
        "what a field becomes is written with `->`"
        if meant == "->" and written in ("=", "==")
        else f"expected `{meant}`, found `{written}`"
    )
    return stuck.replace(span, what, replacement, f"write `{meant}`")


def strange_letters(stuck: Stuck) -> Diagnostic | None:
    """Signs of another width, and what cannot be seen."""
    if stuck.found is not None or stuck.at_end:
        return None
    text = stuck.source.text
    letter = text[stuck.offset]
    if unicodedata.category(letter) in ("Cf", "Cc", "Zs", "Zl", "Zp", "Cn", "Co", "Cs"):
        span = Span(stuck.offset, stuck.offset + 1)
        return stuck.replace(span, f"an invisible sign stands here (U+{ord(letter):04X})", " " if letter.isspace() else "", "delete it")
    if letter.isascii():
        return None
    # All of them up to the next text or comment are mended at once.
    match = stuck.match(r'[^"#\n]*[^\w\s\x00-\x7f]')
    plain = re.sub(
        r"[^\w\s\x00-\x7f]+", lambda signs: unicodedata.normalize("NFKC", signs.group()).replace("。", "."), match.group() if match else ""
    )
    if match and plain.isascii():
        fix = Fix("write the usual signs", Span(*match.span()), plain)
        return stuck.say(Span(stuck.offset, stuck.offset + 1), f"`{letter}` is a sign of another script", f"write `{plain[0]}`", fix)
    return None


def needless_sign(stuck: Stuck) -> Diagnostic | None:
    """`;`, `.` or `:` at the end of a line or before a blank; `if customer.vip:`"""
    start = stuck.offset
    if stuck.found is not None and stuck.found.type == "KEY" and not stuck.follows(len(stuck.read), "COMMA", "KEY"):
        start = stuck.found.end_pos
        if stuck.previous is not None and stuck.previous.type in ("WITH", "COMMA"):
            return stuck.replace(Span(start, start + 1), "values for a template are written with `=`, found `:`", " =", "write `=`")
    match = stuck.match(r"\s*[;.:]+(?=\s|$)", start)
    if match and (stuck.found is None or stuck.found.type in ("COLON", "KEY")):
        return stuck.replace(Span(*match.span()), f"no `{match.group().strip()}` is needed here", "")
    return None


def reckoning(stuck: Stuck) -> Diagnostic | None:
    """`*` and `/`"""
    match = stuck.match(r"[*/^]")
    if not match or "PLUS" not in stuck.accepted:
        return None
    return stuck.say(
        Span(*match.span()),
        f"expected `+` or `-`, found `{match.group()}`",
        "only sums can be reckoned here; let the shop send the number as a field",
    )


def address(stuck: Stuck) -> Diagnostic | None:
    """An e-mail address without quotes."""
    before = stuck.previous
    starts = [stuck.offset]
    if before is not None and before.end_pos == stuck.offset:
        starts.insert(0, before.start_pos)
    for start in starts:
        match = stuck.match(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", start)
        if match:
            return stuck.replace(Span(*match.span()), "an address stands in quotes", f'"{match.group()}"')
    return None


def comment(stuck: Stuck) -> Diagnostic | None:
    """`//` and `/*`, `--`"""
    match = stuck.match(r"//|/\*|--(?!>)")
    if not match:
        return None
    if match.group() == "/*":
        return stuck.say(Span(*match.span()), "comments begin with `#`, found `/*`", "write `#` before every line of the comment")
    return stuck.replace(Span(*match.span()), f"comments begin with `#`, found `{match.group()}`", "#")
