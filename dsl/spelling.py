"""Did you mean: the word nearest to a misspelt one, if one is near enough to be meant."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable


def closest(word: str, words: Iterable[str]) -> str | None:
    """The nearest of `words`, letters of either case being the same; None when nothing is near.

    A slip is a letter wrong, missing, too many, or two swapped. One is forgiven from three letters on, two from six, three from nine:
    `wiat` is `wait`, `banana` is nothing. Among the equally near, one of the same letters wins (`adn` is `and`, not `add`), then the first.
    """
    wanted = word.casefold()
    most = min(3, len(wanted) // 3) + 1
    best: tuple[int, bool, str] | None = None
    for candidate in words:
        other = candidate.casefold()
        slips = distance(wanted, other, most)
        if slips < most:
            found = (slips, sorted(other) != sorted(wanted), candidate)
            best = found if best is None or found[:2] < best[:2] else best
    return best[2] if best else None


def question(word: str, near: str) -> str:
    r"""The hint with the nearest word. Where both look alike, it names the letter of another alphabet that tells them apart.

    >>> question("\u0435mail", "email")
    '`\u0435` in it is a Cyrillic letter; did you mean `email`?'
    """
    pairs = [(mine, right) for mine, right in zip(word, near, strict=False) if mine != right]
    if len(word) == len(near) and pairs and all("" != _alphabet(mine) != _alphabet(right) for mine, right in pairs):
        strange = pairs[0][0]
        return f"`{strange}` in it is a {_alphabet(strange)} letter; did you mean `{near}`?"
    return f"did you mean `{near}`?"


def _alphabet(letter: str) -> str:
    """`Latin`, `Cyrillic`; signs and digits are of none."""
    return unicodedata.name(letter, "").partition(" ")[0].capitalize() if letter.isalpha() else ""


def distance(one: str, other: str, most: int) -> int:
    """How many slips lead from one word to the other (optimal string alignment); `most` when it is that many or more."""
    if abs(len(one) - len(other)) >= most:
        return most
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, left in enumerate(one, 1):
        line = [row]
        for column, right in enumerate(other, 1):
            cost = min(last[column] + 1, line[column - 1] + 1, last[column - 1] + (left != right))
            if row > 1 and column > 1 and left == other[column - 2] and one[row - 2] == right:
                cost = min(cost, before[column - 2] + 1)
            line.append(cost)
        before, last = last, line
    return min(last[-1], most)
