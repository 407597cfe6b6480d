"""A long file of JSON lines, taken in by several processes: each reads and checks pieces of it, and stores them when it is their turn.

The facts are stored in the order of the file, as one process would; a mistake is told with its line in the whole file.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from collections.abc import Sequence
from io import BytesIO
from itertools import accumulate
from itertools import chain
from itertools import compress

import attrs

from interpreter.collection import no_collection
from interpreter.commands.taking import BATCH
from interpreter.commands.taking import Advance
from interpreter.commands.taking import Outcome
from interpreter.commands.taking import Streams
from interpreter.commands.taking import count
from interpreter.commands.taking import progress
from interpreter.crew import Board
from interpreter.crew import Crew
from interpreter.crew import cores
from interpreter.facts import Fact
from interpreter.ingest.json_lines import BadLine
from interpreter.ingest.json_lines import Reader
from interpreter.ingest.json_lines import between
from interpreter.ingest.json_lines import first_line
from interpreter.ingest.json_lines import read_lines
from interpreter.store.connection import chunks
from interpreter.store.sqlite import Store

#: Bytes of a piece, and of what is worth the start of further processes.
PIECE = 1 << 20
LONG = 8 << 20
#: More processes would only wait, each for its turn to write.
MOST = 4


@attrs.frozen(slots=True)
class _Piece:
    """The lines of a file that begin between two places."""

    file: int
    start: int
    end: int | None
    """None: to the end of the file, wherever that is by then."""


@attrs.define(slots=True)
class _Taken:
    """What one process did."""

    outcome: Outcome
    lines: dict[int, int] = attrs.field(factory=dict)
    """Piece -> its lines."""
    rejected: dict[int, list[BadLine]] = attrs.field(factory=dict)
    """Piece -> what is wrong, with the line in the piece."""


def take_in_pieces(store: Store, streams: Streams, read: Reader, outcome: Outcome) -> bool:
    """All facts of all files, by several processes; False: nothing was done, it is the work of one. Raises UserError."""
    processes = min(cores(), MOST)
    pieces = list(_pieces(streams)) if processes > 1 else []
    if not pieces or not store.connection.outlives or store.connection.in_transaction():
        return False
    takers = _Takers(store, streams, read, pieces, outcome, processes)
    return takers.take_in()


def _pieces(streams: Streams) -> Iterator[_Piece]:
    """Files as pieces; none where they are short, or no files of lines."""
    if any(name == "<stdin>" for name, _ in streams):
        return
    sizes = [os.fstat(stream.fileno()).st_size for _, stream in streams]
    starts = [first_line(stream) for _, stream in streams]
    if sum(sizes) < LONG or None in starts:
        return
    for file, (first, size) in enumerate(zip(starts, sizes, strict=True)):
        assert first is not None
        places = [first, *range(max(PIECE, first + 1), size, PIECE)]
        yield from (_Piece(file, *place) for place in zip(places, [*places[1:], None], strict=True))


class _Takers:
    def __init__(self, store: Store, streams: Streams, read: Reader, pieces: Sequence[_Piece], outcome: Outcome, processes: int) -> None:
        self._store, self._streams, self._read = store, streams, read
        self._pieces, self._outcome, self._count = pieces, outcome, processes
        self._master = os.getpid()
        self._told_to_end = False

    def take_in(self) -> bool:
        """Whether there was room for several processes."""
        crew = Crew(self._take, of="ingest", told_to_end=self._end)
        with self._store.connection.closed():
            try:
                self._board = Board(self._count, 0)
                crew.start(self._count)
            except OSError:
                crew.close()
                return False
        self._board.begin(len(self._pieces))
        before = self._store.next_id("fact")
        outcome, taken = self._outcome, []
        try:
            with progress(self._streams) as advance:
                for _, done in crew.answers(self._take, range(self._count), lambda: self._show(advance)):
                    taken.append(done)
                    outcome.add(done.outcome)
        except BaseException:
            crew.close()
            outcome.accepted = self._store.next_id("fact") - before
            raise
        finally:
            crew.close()
            self._board.close()
        lines = {number: count for one in taken for number, count in one.lines.items()}
        rejected = {number: bad for one in taken for number, bad in one.rejected.items()}
        for file, (name, _) in enumerate(self._streams):
            numbers = [number for number, piece in enumerate(self._pieces) if piece.file == file]
            before_each = accumulate((lines.get(number, 0) for number in numbers), initial=0)
            for number, above in zip(numbers, before_each, strict=False):
                for bad in rejected.get(number, ()):
                    outcome.reject(name, attrs.evolve(bad, line=above + bad.line))
        return True

    def _show(self, advance: Advance) -> bool:
        """How far they are; nobody is told to stop."""
        written = self._pieces[max(0, self._board.written - 1)]
        for file, (name, stream) in enumerate(self._streams[: written.file + 1]):
            stream.seek(written.start if file == written.file else 0, os.SEEK_SET if file == written.file else os.SEEK_END)
            advance(name, stream)
        return False

    # ------------------------------------------------------------------------------------- in a process of its own

    def _take(self, first: int) -> _Taken:
        """Every so manyth piece, from one on."""
        self._store = Store(self._store.connection.path, create=False)
        taken = _Taken(Outcome(self._outcome.launched))
        with no_collection():
            for number in range(first, len(self._pieces), self._count):
                if not self._take_piece(number, taken):
                    self._board.end(number)
                    break
        return taken

    def _take_piece(self, number: int, taken: _Taken) -> bool:
        at = self._pieces[number]
        text = between(self._streams[at.file][1].fileno(), at.start, at.end)
        facts: list[Fact] = []
        bad: list[BadLine] = []
        for found in read_lines(BytesIO(text), self._read, begun=True):
            (bad if isinstance(found, BadLine) else facts).append(found)  # type: ignore[arg-type]
        if not self._board.turn(number, self._gone):
            return False
        try:
            new = list(chain.from_iterable(self._store.facts.add(some) for some in chunks(facts, BATCH)))
        except BaseException:
            self._board.end(number)
            raise
        self._board.wrote(number, ())
        count(taken.outcome, facts, new)
        taken.lines[number] = text.count(b"\n") + (not text.endswith(b"\n"))
        if bad:
            taken.rejected[number] = bad
        return True

    def _gone(self) -> bool:
        return self._told_to_end or os.getppid() != self._master

    def _end(self) -> None:
        self._told_to_end = True
