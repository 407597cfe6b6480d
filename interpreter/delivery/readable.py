"""What templates may read: entities as names to look up, and what they see where there is nothing."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from typing import Any
from typing import Final

from jinja2 import Undefined

from dsl.offers import USUAL_DAYS
from dsl.offers import Offer

#: What `Readable.read` answers for a name it does not know.
MISSING: Final = object()


class Readable:
    """An entity as a template sees it: names to read, nothing to call and nothing to change. Printed, it is its id."""

    __slots__ = ("read", "shown")

    def __init__(self, read: Callable[[str], Any], shown: str) -> None:
        self.read = read
        self.shown = shown

    def __str__(self) -> str:
        """The id."""
        return self.shown


class Popular:
    """`customer.recommendations.popular`, and `popular(days=7, segment="novelties")`: looked up when it is gone through."""

    __slots__ = ("read",)

    def __init__(self, read: Callable[[Offer], list[Readable]]) -> None:
        self.read = read

    def __call__(self, days: int = USUAL_DAYS, segment: str | None = None) -> list[Readable]:
        """Of other days, or of a product segment."""
        return self.read(Offer("popular", days, segment))

    def __iter__(self) -> Iterator[Readable]:
        """The products."""
        return iter(self())

    def __len__(self) -> int:
        """How many there are: none is false."""
        return len(self())


class Expiring:
    """`customer.balances.bonus.expiring`, and `expiring(days=30)`: the accruals of which something will burn, the soonest first."""

    __slots__ = ("read",)

    def __init__(self, read: Callable[[int | None], list[Readable]]) -> None:
        self.read = read

    def __call__(self, days: int | None = None) -> list[Readable]:
        """Within so many days of 24 hours."""
        return self.read(days)

    def __iter__(self) -> Iterator[Readable]:
        """The accruals."""
        return iter(self())

    def __len__(self) -> int:
        """How many there are: none is false."""
        return len(self())


class Blank(Undefined):
    """A field that has no value for this customer: prints as nothing, is false, `default` replaces it, every comparison is false.

    Sums with it are errors: a letter with a wrong amount must not go.
    """

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        return f"`{self._undefined_name}` has no value here; write what to do then: `{{% if {self._undefined_name} %}}` or `| default(…)`"

    def __getattr__(self, name: str) -> Any:
        """A field of nothing is nothing."""
        if name[:2] == "__":
            raise AttributeError(name)
        return self

    def __getitem__(self, name: object) -> Blank:  # type: ignore[override]
        """A field of nothing is nothing."""
        return self

    def __eq__(self, other: object) -> bool:
        """Nothing is equal to nothing only."""
        return other is None or isinstance(other, Blank)

    def __hash__(self) -> int:
        """All the same."""
        return hash(None)

    def __iter__(self) -> Iterator[Any]:
        """Nothing to go through."""
        return iter(())

    def __lt__(self, other: object) -> bool:  # type: ignore[override]
        """Never."""
        return False

    __le__ = __gt__ = __ge__ = __lt__  # type: ignore[assignment]
