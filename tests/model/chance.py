"""Where the choices of a random case come from."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Protocol
from typing import TypeVar

T = TypeVar("T")


class Chance(Protocol):
    """Where choices come from."""

    def pick(self, options: Sequence[T]) -> T:
        """One of them; the first is the simplest."""

    def once_in(self, number: int) -> bool:
        """True so often."""


class Dice:
    """`random`, by its seed."""

    def __init__(self, seed: int) -> None:
        """The same seed makes the same choices."""
        self._random = random.Random(seed)

    def pick(self, options: Sequence[T]) -> T:
        """One of them."""
        return options[int(self._random.random() * len(options))]

    def once_in(self, number: int) -> bool:
        """True so often."""
        return self._random.random() * number < 1
