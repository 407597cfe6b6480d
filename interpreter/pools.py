"""Promo codes to give out: loaded ones in their order, or made from a pattern (`domain.md` §2.8, §4.7)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from collections.abc import Iterable
from hashlib import blake2b

from interpreter.belongings import Stock

#: Without signs that are taken for others when read aloud.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
#: Codes looked at before a pool counts as used up.
TRIES = 8


def candidates(salt: str, pool: str, pattern: str, seed: str) -> list[str]:
    """The codes to choose from: the same for the same salt and seed, and not to be guessed without the salt. `#`: a sign."""
    return [_filled(pattern, blake2b(f"{pool}\n{seed}\n{number}".encode(), key=salt.encode()[:64]).digest()) for number in range(TRIES)]


def _filled(pattern: str, chance: bytes) -> str:
    signs = iter(chance)
    return "".join(ALPHABET[next(signs, 0) % len(ALPHABET)] if sign == "#" else sign for sign in pattern)


class Pools:
    """What can be given out in one batch."""

    def __init__(self) -> None:
        """Nothing known yet."""
        self._stock: dict[str, deque[Stock]] = {}
        self._made: dict[tuple[str, str], list[str]] = {}
        self._given: set[str] = set()

    def know(self, pool: str, stock: Iterable[Stock]) -> None:
        """The next codes of a pool: enough for all who may ask."""
        self._stock[pool] = deque(stock)

    def add(self, stock: Stock) -> None:
        """A code comes in while somebody may ask for it."""
        if stock.pool in self._stock:
            self._stock[stock.pool].append(stock)

    def know_made(self, pool: str, seed: str, codes: list[str]) -> None:
        """The codes to choose from for a seed."""
        self._made[pool, seed] = codes

    def take(self, pool: str, seed: str, is_used: Callable[[str], bool]) -> Stock | str | None:
        """The next code: from the stock, or a made one; None: none is left. `is_used`: somebody has it already, or has used it."""
        if (pool, seed) in self._made:
            free = (code for code in self._made[pool, seed] if code not in self._given and not is_used(code))
            code = next(free, None)
            if code is not None:
                self._given.add(code)
            return code
        stock = self._stock.get(pool)
        while stock:
            taken = stock.popleft()
            if not is_used(taken.code):
                return taken
        return None

    def give_back(self, taken: Stock | str) -> None:
        """It was not needed after all."""
        if isinstance(taken, str):
            self._given.discard(taken)
        else:
            self._stock[taken.pool].appendleft(taken)
