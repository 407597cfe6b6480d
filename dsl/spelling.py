"""Did you mean: the word nearest to a misspelt one, if one is near enough to be meant."""

from __future__ import annotations

from collections.abc import Iterable


def closest(word: str, words: Iterable[str]) -> str | None:
    """The nearest of `words`, letters of either case being the same; None when nothing is near.

    One slip (a letter wrong, missing, too many, or two swapped) for every three letters, at most three: `wiat` is `wait`, but `day` is not `pay`.
    """
    wanted = word.casefold()
    best: str | None = None
    fewest = min(3, len(wanted) // 3 + (len(wanted) > 3)) + 1
    for candidate in words:
        slips = distance(wanted, candidate.casefold(), fewest)
        # Short words differ from each other by little: more than half of the letters must stay.
        if slips < fewest and slips * 2 < max(len(wanted), len(candidate)):
            best, fewest = candidate, slips
    return best


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
