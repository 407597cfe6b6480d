"""What the processes of a crew share, if it is made before they are: who may write now, how far all have come.

The locks are those of the system: whoever dies lets go of them.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from mmap import mmap
from select import select
from tempfile import TemporaryFile

#: Seconds between two looks whether others have come far enough.
PAUSE = 0.0005

#: The numbers of a board: how many pieces have been told of, how many are written, before which one the row ends.
_TOLD, _WRITTEN, _END = range(3)


class Lock:
    """Several locks in one file."""

    def __init__(self) -> None:
        """Raises OSError: there is no room."""
        self._file = TemporaryFile()  # noqa: SIM115 - as long as this is there

    @contextmanager
    def alone(self, byte: int = 0) -> Iterator[None]:
        """One process after the other."""
        import fcntl

        fcntl.lockf(self._file, fcntl.LOCK_EX, 1, byte)
        try:
            yield
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN, 1, byte)

    def close(self) -> None:
        """Nobody needs it any more."""
        self._file.close()


class Turns:
    """Whose turn it is, and a number that goes up."""

    def __init__(self) -> None:
        """Raises OSError: there is no room."""
        self._lock = Lock()
        self._number = memoryview(mmap(-1, 8)).cast("q")

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One process after the other."""
        with self._lock.alone(0):
            yield

    def begin(self, number: int) -> None:
        """Go on here. Nobody is at work."""
        self._number[0] = number

    def take(self, count: int) -> int:
        """The first of so many numbers, which nobody else gets."""
        with self._lock.alone(1):
            first = self._number[0]
            self._number[0] += count
        return first

    def close(self) -> None:
        """Nobody needs it any more."""
        self._number.release()
        self._lock.close()


class Board:
    """What is done in a row, piece by piece: what each is about that somebody has in hand, and how far all have come.

    Pieces are told of, and written, in their order.
    """

    def __init__(self, count: int, names: int) -> None:
        """For so many processes, each with a piece of so many names at a time. Raises OSError: there is no room."""
        self._lock = Lock()
        self._count = count
        self._names = names
        self._numbers = memoryview(mmap(-1, 8 * 3)).cast("q")
        # What a piece is about, and what else it came to be about as it was written; before both, how much it is. Places for twice as many
        # pieces as there are processes: nobody can be so far ahead that he takes one that is still read.
        self._told = [memoryview(mmap(-1, 8 * (names + 1))).cast("q") for _ in range(2 * 2 * count)]

    def begin(self, count: int) -> None:
        """So many pieces. Nobody is at work."""
        for word, number in enumerate((0, 0, count)):
            self._set(word, number)

    @property
    def written(self) -> int:
        """How many pieces have been written."""
        return self._get(_WRITTEN)

    def end(self, number: int) -> None:
        """The last piece is the one before this."""
        with self._lock.alone():
            self._numbers[_END] = min(self._numbers[_END], number)

    def tell(self, number: int, names: array[int], gone: Callable[[], bool]) -> bool:
        """What a piece is about, once it is known of all before it; False: it is not to be done."""
        if len(names) > self._names:
            return False
        told, later = self._places(number)
        self._note(told, names)
        self._note(later, ())
        if not self._until(_TOLD, number, gone):
            return False
        self._set(_TOLD, number + 1)
        return True

    def told(self, numbers: Iterable[int]) -> set[int]:
        """What the pieces are about that others have in hand."""
        return {name for number in numbers for name in self._noted(self._places(number)[0])}

    def later(self, numbers: Iterable[int]) -> set[int]:
        """What else they came to be about."""
        return {name for number in numbers for name in self._noted(self._places(number)[1])}

    def turn(self, number: int, gone: Callable[[], bool]) -> bool:
        """Wait until all before it are written; False: it is not to be done."""
        return self._until(_WRITTEN, number, gone)

    def wrote(self, number: int, names: Sequence[int]) -> None:
        """A piece is written; what else it came to be about."""
        if len(names) > self._names:
            self.end(number + 1)
        else:
            self._note(self._places(number)[1], names)
        self._set(_WRITTEN, number + 1)

    def close(self) -> None:
        """Nobody needs it any more."""
        for one in (self._numbers, *self._told):
            one.release()
        self._lock.close()

    def _until(self, word: int, number: int, gone: Callable[[], bool]) -> bool:
        """Wait until a number is reached; False: the row ends before."""
        while True:
            # First this: whoever ends the row ends it before he lets others go on.
            reached = self._get(word) >= number
            if self._get(_END) <= number or gone():
                return False
            if reached:
                return True
            select([], [], [], PAUSE)

    def _places(self, number: int) -> tuple[int, int]:
        place = 2 * (number % (2 * self._count))
        return place, place + 1

    def _note(self, place: int, names: Sequence[int]) -> None:
        self._told[place][1 : 1 + len(names)] = array("q", names)
        self._told[place][0] = len(names)

    def _noted(self, place: int) -> array[int]:
        return array("q", self._told[place][1 : 1 + self._told[place][0]].tobytes())

    def _get(self, word: int) -> int:
        with self._lock.alone():
            return self._numbers[word]

    def _set(self, word: int, number: int) -> None:
        with self._lock.alone():
            self._numbers[word] = number
