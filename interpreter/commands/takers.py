"""Long files of JSON lines, taken in by several processes: each reads and checks pieces of them, and stores them when it is their turn.

The facts are stored in the order of the files, as one process would; a mistake is told with its line in the whole file.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from collections.abc import Sequence
from io import BytesIO
from itertools import accumulate
from itertools import chain

import attrs

from interpreter.collection import no_collection
from interpreter.commands.taking import BATCH
from interpreter.commands.taking import TOO_MANY
from interpreter.commands.taking import Advance
from interpreter.commands.taking import Outcome
from interpreter.commands.taking import Streams
from interpreter.commands.taking import count
from interpreter.commands.taking import progress
from interpreter.commands.taking import what_stands
from interpreter.crew import Crew
from interpreter.crew import cores
from interpreter.facts import Fact
from interpreter.ingest.json_lines import BadLine
from interpreter.ingest.json_lines import Reader
from interpreter.ingest.json_lines import between
from interpreter.ingest.json_lines import is_lines
from interpreter.ingest.json_lines import read_lines
from interpreter.store.connection import chunks
from interpreter.store.sqlite import Store
from interpreter.turns import Board

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
    """Piece -> how many lines it has."""
    rejected: dict[int, list[BadLine]] = attrs.field(factory=dict)
    """Piece -> what is wrong, with the line in the piece."""


def take_in_pieces(store: Store, streams: Streams, read: Reader, outcome: Outcome) -> bool:
    """All facts of all files, by several processes; False: nothing was done, it is the work of one. Raises UserError."""
    processes = min(cores(), MOST)
    pieces = list(_pieces(streams)) if processes > 1 else []
    return bool(pieces) and _Takers(store, streams, read, pieces, outcome).take_in(processes)


def _pieces(streams: Streams) -> Iterator[_Piece]:
    """Files as pieces; none where they are short, or may be anything but lines in files."""
    found = [os.fstat(stream.fileno()) for _, stream in streams]
    if sum(one.st_size for one in found) < LONG or not all(stat.S_ISREG(one.st_mode) for one in found):
        return
    if not all(is_lines(stream) for _, stream in streams):
        return
    for file, one in enumerate(found):
        places = [0, *range(PIECE, one.st_size, PIECE)]
        yield from (_Piece(file, *place) for place in zip(places, [*places[1:], None], strict=True))


class _Takers:
    def __init__(self, store: Store, streams: Streams, read: Reader, pieces: Sequence[_Piece], outcome: Outcome) -> None:
        self._store, self._streams, self._read = store, streams, read
        self._pieces, self._outcome = pieces, outcome

    def take_in(self, processes: int) -> bool:
        """Whether there was room for several processes."""
        # SIGTERM to one of them ends it: where it only left off, nobody would hear that the rest of the file is not stored.
        crew = self._crew = Crew(self._take, of="ingest")
        self._count = processes
        with self._store.connection.closed():
            try:
                self._board = Board(processes, 0)
                crew.start(processes)
            except OSError:
                crew.close()
                return False
        self._board.begin(len(self._pieces))
        first = self._store.next_id("fact")
        outcome, taken = self._outcome, list[_Taken]()
        with what_stands(outcome, strict=False):
            try:
                with progress(self._streams) as advance:
                    taken += (done for _, done in crew.answers(self._take, range(processes), lambda: self._show(advance)))
            except BaseException:
                crew.close()
                outcome.accepted = self._store.facts.count_from(first)
                raise
            finally:
                crew.close()
                self._board.close()
            for one in taken:
                outcome.add(one.outcome)
            self._tell_rejected(taken)
        return True

    def _tell_rejected(self, taken: Sequence[_Taken]) -> None:
        """With the line in the whole file. Raises UserError for what is no file of facts."""
        lines = {number: count for one in taken for number, count in one.lines.items()}
        rejected = {number: bad for one in taken for number, bad in one.rejected.items()}
        for file, (name, _) in enumerate(self._streams):
            numbers = [number for number, piece in enumerate(self._pieces) if piece.file == file]
            above = accumulate((lines.get(number, 0) for number in numbers), initial=0)
            for number, before in zip(numbers, above, strict=False):
                for bad in rejected.get(number, ()):
                    self._outcome.reject(name, BadLine(before + bad.line, bad.path, bad.message))

    def _show(self, advance: Advance) -> bool:
        """How far they are; nobody is told to stop."""
        at = self._pieces[max(0, self._board.written - 1)]
        for name, stream in self._streams[: at.file]:
            advance(name, lambda stream=stream: os.fstat(stream.fileno()).st_size)  # type: ignore[misc]
        advance(self._streams[at.file][0], lambda: at.start)
        return False

    # ------------------------------------------------------------------------------------- in a process of its own

    def _take(self, first: int) -> _Taken:
        """Every so manyth piece, from one on."""
        self._store = Store(self._store.connection.path, create=False)
        taken = _Taken(Outcome(self._outcome.launched))
        with no_collection():
            for number in range(first, len(self._pieces), self._count):
                if not self._take_piece(number, taken):
                    # Nothing behind it is stored.
                    self._board.end(number)
                    break
        return taken

    def _take_piece(self, number: int, taken: _Taken) -> bool:
        """Whether it is stored."""
        at = self._pieces[number]
        text = between(self._streams[at.file][1].fileno(), at.start, at.end)
        facts: list[Fact] = []
        bad = taken.rejected[number] = []
        known = sum(map(len, taken.rejected.values()))
        for found in read_lines(BytesIO(text), self._read, begun=True):
            if not isinstance(found, BadLine):
                facts.append(found)
                continue
            bad.append(found)
            if known + len(bad) > TOO_MANY:
                return False
        if not self._board.turn(number, self._crew.gone):
            return False
        try:
            new = list(chain.from_iterable(self._store.facts.add(some) for some in chunks(facts, BATCH)))
        except BaseException:
            self._board.end(number)
            raise
        self._board.wrote(number, ())
        count(taken.outcome, facts, new)
        taken.lines[number] = text.count(b"\n") + (not text.endswith(b"\n") and text != b"")
        return True
