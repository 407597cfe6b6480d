"""Who is tied to whom, as more and more becomes known of it."""

from __future__ import annotations

from array import array
from collections.abc import Iterable


class Groups:
    """Who is tied to whom."""

    def __init__(self) -> None:
        """Nobody."""
        self._above = array("L")
        """Group -> one that it belongs to; the last one: itself."""
        self._of: dict[int, int] = {}

    def of(self, names: Iterable[int]) -> int:
        """The group of all these, from now on one."""
        found = None
        for name in names:
            group = self._of.get(name)
            if group is None:
                if found is None:
                    found = self._new()
                self._of[name] = found
            else:
                found = self.last(group) if found is None else self.join(found, group)
        return self._new() if found is None else found

    def _new(self) -> int:
        self._above.append(len(self._above))
        return len(self._above) - 1

    def last(self, group: int) -> int:
        """The group that it belongs to now."""
        above = self._above
        while above[group] != group:
            above[group] = above[above[group]]
            group = above[group]
        return group

    def join(self, one: int, other: int) -> int:
        """Two groups become one: the older."""
        older, newer = sorted((self.last(one), self.last(other)))
        self._above[newer] = older
        return older
