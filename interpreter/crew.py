"""Several processes that do the same work: as many as the machine has cores for us.

Each is a copy of this one at the moment it is made, so whatever the work needs is there; but no copy may use, or even close, a database
that was open. Who gives out the work waits for answers only: a process that dies is noticed at once, and processes whose master is gone
end by themselves.
"""

from __future__ import annotations

import os
import signal
import sys
from array import array
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from mmap import mmap
from select import select
from tempfile import TemporaryFile
from traceback import format_exc
from typing import Any
from typing import TypeVar

from interpreter.errors import UserError

#: Seconds between two looks whether to stop.
LOOK = 0.2

#: Seconds between two looks whether others have come far enough.
PAUSE = 0.0005

#: The numbers of a board: how many pieces have been told of, how many are written, before which one the row ends.
_TOLD, _WRITTEN, _END = range(3)

Job = TypeVar("Job")
Answer = TypeVar("Answer")


def cores() -> int:
    """How many processes can work at the same time; one where copies of a process cannot be made safely."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1


class DefectError(Exception):
    """What a process stumbled over; with its traceback, which does not come along by itself."""


class Turns:
    """What the processes of a crew share, if it is made before they are: whose turn it is, and a number that goes up.

    The locks are those of the system: whoever dies lets go of them.
    """

    def __init__(self) -> None:
        """Raises OSError: there is no room."""
        self._file = TemporaryFile()  # noqa: SIM115 - as long as this is there
        self._number = memoryview(mmap(-1, 8)).cast("q")

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One process after the other."""
        with self._alone(0):
            yield

    def begin(self, number: int) -> None:
        """Go on here. Nobody is at work."""
        self._number[0] = number

    def take(self, count: int) -> int:
        """The first of so many numbers, which nobody else gets."""
        with self._alone(1):
            first = self._number[0]
            self._number[0] += count
        return first

    def close(self) -> None:
        """Nobody needs it any more."""
        self._number.release()
        self._file.close()

    @contextmanager
    def _alone(self, byte: int) -> Iterator[None]:
        import fcntl

        fcntl.lockf(self._file, fcntl.LOCK_EX, 1, byte)
        try:
            yield
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN, 1, byte)


class Board:
    """What the processes of a relay tell each other, if it is made before they are: what each piece of work in a row is about, and how far
    they have come. Pieces are told of, and written, in their order.
    """

    def __init__(self, count: int, names: int) -> None:
        """For so many processes, each with a piece of so many names at a time. Raises OSError: there is no room."""
        self._file = TemporaryFile()  # noqa: SIM115 - as long as this is there
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
        with self._alone():
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
        self._file.close()

    def _until(self, word: int, number: int, gone: Callable[[], bool]) -> bool:
        """Wait until a number is reached; False: the row ends before."""
        while True:
            if self._get(_END) <= number or gone():
                return False
            if self._get(word) >= number:
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
        with self._alone():
            return self._numbers[word]

    def _set(self, word: int, number: int) -> None:
        with self._alone():
            self._numbers[word] = number

    @contextmanager
    def _alone(self) -> Iterator[None]:
        import fcntl

        fcntl.lockf(self._file, fcntl.LOCK_EX, 1)
        try:
            yield
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN, 1)


class Crew:
    """Does jobs; alone until it is started."""

    def __init__(self, *works: Callable[[Any], Any], of: str, told_to_end: Callable[[], None] | None = None) -> None:
        """`works`: all that will be asked for; `of`: whose processes they are, for messages; `told_to_end`: what SIGTERM does in each."""
        self._works = works
        self._of = of
        self._told_to_end = told_to_end
        self._workers: dict[Any, Any] = {}
        """Connection -> process."""

    def __bool__(self) -> bool:
        """Whether there are processes beside this one."""
        return bool(self._workers)

    def close(self) -> None:
        """Send everybody home, whatever they are doing."""
        for connection, process in self._workers.items():
            connection.close()
            # Nothing that they might wait for, each for the other, keeps them.
            process.kill()
        for process in self._workers.values():
            process.join()
        self._workers = {}

    def start(self, count: int) -> None:
        """So many processes. Threads of this one are not copied: none may hold what they need."""
        if count < 2 or self._workers:
            return
        from multiprocessing import get_context

        context = get_context("fork")
        for _ in range(count):
            mine, theirs = context.Pipe()
            process = context.Process(target=self._serve, args=(theirs, [mine, *self._workers]), daemon=True)
            process.start()
            theirs.close()
            self._workers[mine] = process

    def _serve(self, connection: Any, others: list[Any]) -> None:
        """In a process of its own: one job after the other, until nobody gives any."""
        # An interrupt is for the master, who sends us home.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        told_to_end = self._told_to_end
        signal.signal(signal.SIGTERM, signal.SIG_DFL if told_to_end is None else lambda *_: told_to_end())
        for other in others:
            # Else the master's end would stay open when he is gone.
            other.close()
        try:
            while True:
                number, job = connection.recv()
                try:
                    answer: tuple[bool, Any] = True, self._works[number](job)
                except UserError as problem:
                    answer = False, problem
                except Exception:  # noqa: BLE001 - the master raises it
                    answer = False, DefectError(format_exc())
                connection.send(answer)
        except (EOFError, OSError):
            return

    def answers(
        self, work: Callable[[Job], Answer], jobs: Iterable[Job], stopping: Callable[[], bool] = bool
    ) -> Iterator[tuple[int, Answer]]:
        """The number of each job, from 0, with its answer, as they come. Raises what the work raises, UserError when a process died.

        The first jobs go to the processes in their order. `stopping`: asked from time to time; they get SIGTERM when it is so.
        """
        if not self._workers:
            for number, job in enumerate(jobs):
                yield number, work(job)
            return
        from multiprocessing.connection import wait

        waiting = enumerate((self._works.index(work), job) for job in jobs)
        busy: dict[Any, int] = {}
        for connection in self._workers:
            self._give(connection, next(waiting, None), busy)
        following = next(waiting, None)
        while busy:
            ready: list[Any] = wait(list(busy), LOOK)
            if not ready and stopping():
                for connection in busy:
                    self._workers[connection].terminate()
            for connection in ready:
                number = busy.pop(connection)
                try:
                    done, answer = connection.recv()
                except (EOFError, OSError):
                    raise self._died(self._workers[connection]) from None
                if not done:
                    raise answer
                # The next job has been made while everybody worked, so that nobody waits for it.
                self._give(connection, following, busy)
                following = next(waiting, None)
                yield number, answer

    def in_order(self, work: Callable[[Job], Answer], jobs: Iterable[Job]) -> Iterator[Answer]:
        """The answers in the order of the jobs."""
        early: dict[int, Answer] = {}
        following = 0
        for number, answer in self.answers(work, jobs):
            early[number] = answer
            while following in early:
                yield early.pop(following)
                following += 1

    def _give(self, connection: Any, numbered: tuple[int, Any] | None, busy: dict[Any, int]) -> None:
        if numbered is None:
            return
        try:
            connection.send(numbered[1])
        except OSError:
            raise self._died(self._workers[connection]) from None
        busy[connection] = numbered[0]

    def _died(self, process: Any) -> UserError:
        process.join(1)
        how = "" if process.exitcode is None or process.exitcode >= 0 else f" by {signal.Signals(-process.exitcode).name}"
        return UserError(f"one of the processes of this {self._of} was ended{how}", "run it again; is there enough memory?")
