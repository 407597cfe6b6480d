"""The facts of a simulation in shares that know nothing of each other: each is simulated alone, and what was counted is added up.

What ties facts together is what the engine looks up for them: a customer, an order, an address, and the key that makes a second fact
change nothing. Whoever is tied to somebody goes with him.
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterator
from collections.abc import Sequence
from itertools import islice
from tempfile import TemporaryFile
from typing import Any

import attrs
import msgspec

from interpreter.apart import ALONE
from interpreter.errors import UserError
from interpreter.facts import Fact
from interpreter.groups import Groups
from interpreter.needs import needs

#: The first and the last moment of no facts at all.
NEVER = (1 << 62, -(1 << 62))
#: Keys that are compared with each other at once.
KEYS = 200_000

_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(Fact).decode


@attrs.frozen(slots=True)
class Packed:
    """Some facts on their way into the shares."""

    facts: bytes
    """One after the other."""
    lengths: array[int]
    keys: array[int]
    """A number for each key; 0: the fact has none."""
    tied: array[int]
    """By how many ties each fact is tied to others."""
    ties: array[int]
    """One behind the other: a number for everything that a fact asks for."""
    received: tuple[int, int]
    """When the first and the last of them came."""
    together: bool
    """Some speak of more than one customer: of a message, whose id is given out over all of them, of a product."""


def packed(facts: Sequence[Fact]) -> Packed:
    """Facts with what ties them to others. The numbers are those of this process and its children."""
    tied, ties = array("L"), array("q")
    together = False
    for fact in facts:
        asked = needs((fact,))
        # Products are looked at by many and changed by facts of their own alone, which stand for everybody.
        together = together or fact.op not in ALONE or bool(asked.owners)
        tied.append(len(asked.customers) + len(asked.contacts) + len(asked.orders))
        ties.extend([hash(one) for one in (*(("customer", key) for key in asked.customers), *asked.contacts, *asked.orders)])
    parts = [_pack(fact) for fact in facts]
    moments = [fact.received for fact in facts]
    received = (min(moments), max(moments)) if moments else NEVER
    keys = array("q", [0 if fact.key is None else hash(fact.key) for fact in facts])
    return Packed(b"".join(parts), array("L", map(len, parts)), keys, tied, ties, received, together)


@attrs.frozen(slots=True)
class Share:
    """Where the facts of a share stand in the file, in order of arrival."""

    file: int
    places: array[int]
    lengths: array[int]
    alone: bool
    """They speak of customers whom nothing else speaks of, and of nobody else."""

    def __len__(self) -> int:
        """How many facts it has."""
        return len(self.places)

    def facts(self) -> Iterator[Fact]:
        """They themselves."""
        for place, length in zip(self.places, self.lengths, strict=True):
            yield _unpack(os.pread(self.file, length, place))


class Spool:
    """All facts in a file that is gone with the process, and how they are tied."""

    def __init__(self, *, together: bool) -> None:
        """Nothing yet; `together`: it will be one share, whatever comes. Raises UserError: there is no room for it."""
        self._file: Any = _sentence(TemporaryFile)
        self._groups = Groups()
        self._group = array("L")
        """Fact -> its group."""
        self._keys = array("q")
        self._lengths = array("L")
        self._together = together
        self.received = NEVER
        """When the first and the last fact came."""

    def __len__(self) -> int:
        """How many facts there are."""
        return len(self._lengths)

    def add(self, more: Packed) -> None:
        """Further facts, in order of arrival. Raises UserError: there is no room for them."""
        _sentence(lambda: self._file.write(more.facts))
        self._lengths.extend(more.lengths)
        self._keys.extend(more.keys)
        ties = iter(more.ties)
        self._group.extend([self._groups.of(islice(ties, count)) for count in more.tied])
        self._together = self._together or more.together
        self.received = min(self.received[0], more.received[0]), max(self.received[1], more.received[1])

    def shares(self, size: int) -> list[Share]:
        """All of them, with `size` facts or few more, in the order of their first facts. To be called once."""
        _sentence(self._file.flush)
        for one in self._tied():
            self._group[one[1]] = self._groups.join(self._group[one[0]], self._group[one[1]])
        for number, group in enumerate(self._group):
            self._group[number] = self._groups.last(group)
        share_of, count = self._dealt(len(self) if self._together else size)
        self._groups, self._keys = Groups(), array("q")
        places = [array("Q") for _ in range(count)]
        lengths = [array("L") for _ in range(count)]
        place = 0
        for group, length in zip(self._group, self._lengths, strict=True):
            share = share_of[group]
            places[share].append(place)
            lengths[share].append(length)
            place += length
        return [Share(self._file.fileno(), *where, alone=not self._together) for where in zip(places, lengths, strict=True)]

    def _dealt(self, size: int) -> tuple[dict[int, int], int]:
        """Group -> share, and how many shares there are."""
        members = array("L", bytes(self._group.itemsize * (max(self._group, default=0) + 1)))
        for group in self._group:
            members[group] += 1
        share_of: dict[int, int] = {}
        share, filled = 0, 0
        for group in self._group:
            if group not in share_of:
                if filled >= size:
                    share, filled = share + 1, 0
                share_of[group] = share
                filled += members[group]
        return share_of, share + 1

    def _tied(self) -> Iterator[tuple[int, int]]:
        """Pairs of facts with the same key."""
        rounds = 1 + len(self._keys) // KEYS
        for one in range(rounds):
            seen: dict[int, int] = {}
            for number, key in enumerate(self._keys):
                if key and key % rounds == one:
                    first = seen.setdefault(key, number)
                    if first != number:
                        yield first, number

    def close(self) -> None:
        """Away with it."""
        self._file.close()


def _sentence(do: Any) -> Any:
    try:
        return do()
    except OSError as problem:
        raise UserError(f"cannot keep the facts in a passing file: {(problem.strerror or str(problem)).lower()}", "make room") from problem
