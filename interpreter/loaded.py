"""What is in memory of the shop is asked for by key; what nobody loaded is a defect of the caller, never a guess."""

from __future__ import annotations

from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class NeverLoadedError(LookupError):
    """Somebody asks for what the store was never asked for."""


class Loaded(dict[K, V]):
    """What is known of what was loaded, by key."""

    def __missing__(self, key: K) -> V:
        """Nobody loaded it."""
        raise NeverLoadedError(f"never loaded: {key!r}") from None


class Absent(dict[K, V | None]):
    """What is not in it is known to be nowhere."""

    def __missing__(self, _: K) -> None:
        """Nothing, and nothing is kept of the question."""
