"""Several processes that do the same work: as many as the machine has cores for us.

Each is a copy of this one at the moment it is made, so whatever the work needs is there; but no copy may use, or even close, a database
that was open. Who gives out the work waits for answers only: a process that dies is noticed at once, and processes whose master is gone
end by themselves.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from traceback import format_exc
from typing import Any
from typing import TypeVar

from interpreter.errors import UserError

#: Seconds between two looks whether to stop.
LOOK = 0.2

Job = TypeVar("Job")
Answer = TypeVar("Answer")


def cores() -> int:
    """How many processes can work at the same time; one where copies of a process cannot be made safely."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1


class DefectError(Exception):
    """What a process stumbled over; with its traceback, which does not come along by itself."""


class Crew:
    """Does jobs; alone until it is started."""

    def __init__(self, *works: Callable[[Any], Any], of: str, leaves_off: bool = False) -> None:
        """`works`: all that will be asked for; `of`: whose processes they are, for messages.

        `leaves_off`: by SIGTERM a process is not ended; the work asks whether it is `gone`, and brings to its end what is begun.
        """
        self._works = works
        self._of = of
        self._leaves_off = leaves_off
        self._told_to_end = False
        self._master = 0
        self._workers: dict[Any, Any] = {}
        """Connection -> process."""

    def __bool__(self) -> bool:
        """Whether there are processes beside this one."""
        return bool(self._workers)

    def gone(self) -> bool:
        """In a process of its own: whether there is nobody to work for any more."""
        return self._told_to_end or os.getppid() != self._master

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

        self._master = os.getpid()
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
        signal.signal(signal.SIGTERM, self._end if self._leaves_off else signal.SIG_DFL)
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

    def _end(self, *_: object) -> None:
        self._told_to_end = True

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
