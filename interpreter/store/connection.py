"""One SQLite connection: WAL, one writer at a time, and the two strengths of a commit.

A commit survives a killed process. A *durable* one survives a power cut as well, with everything committed before it;
it costs a wait for the disk. Work that a power cut may undo is only work that is simply done again: nothing has left the machine for it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any
from typing import TypeVar

from interpreter.errors import UserError
from interpreter.store import schema

#: How long to wait for another writer, in milliseconds.
BUSY_TIMEOUT = 10_000

#: Pages kept in memory, in KiB: enough for the inner pages of every index of a large database.
CACHE = 32_768

#: Rows of one `INSERT`.
TOGETHER = 25

#: Parameters of one statement: SQLite allows 32,766, older builds 999.
PARAMETERS = 900

#: A database that is gone with the process: in memory as long as it is small, else in a file that nobody else sees.
PASSING = ""

#: Statements kept prepared.
PREPARED = 512


T = TypeVar("T")

# Of what is no plain number or text, Python looks for a way to adapt it to SQLite, value by value, in several places. To find one here
# takes half of that time, and most rows have such values. `{}.get` is the quickest there is that gives None for None.
sqlite3.register_adapter(type(None), {}.get)  # type: ignore[arg-type]
sqlite3.register_adapter(bool, int)


class DatabaseError(UserError):
    """The database cannot do its part: locked, full, read-only, damaged, or of another release."""


class LockedError(DatabaseError):
    """Another program has been writing for longer than one waits."""


def chunks(values: Sequence[T], size: int = PARAMETERS) -> Iterator[Sequence[T]]:
    """The values in runs of at most `size`."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def explain(problem: sqlite3.Error, path: str) -> DatabaseError:
    """The sentence for what SQLite says."""
    text = str(problem)
    if "locked" in text or "busy" in text:
        return LockedError(f"the database `{path}` is locked by another program", "wait for it to finish, then try again; nothing was lost")
    if "readonly" in text or "read-only" in text:
        return DatabaseError(f"the database `{path}` may not be written", "run scn as the user who owns the file")
    if "full" in text:
        return DatabaseError(f"the disk of `{path}` is full", "make room, then run the same command again; nothing was lost")
    if "I/O error" in text:
        return DatabaseError(
            f"the disk of `{path}` does not do its part: {text}", "see whether it is full or broken, then run the same command again"
        )
    if "unable to open" in text:
        return DatabaseError(f"the database `{path}` cannot be opened", "check that the folder exists and belongs to this user")
    if any(word in text for word in ("not a database", "malformed", "corrupt", "Could not decode")):
        return damaged(path, text)
    return DatabaseError(f"the database `{path}` says: {text}")


def damaged(path: str, why: str) -> DatabaseError:
    """The sentence for a file that is no sound database; SQLite may give its reason in lines, under a heading."""
    reason = "; ".join(line for line in why.splitlines() if not line.startswith("*** in database")) or why
    return DatabaseError(
        f"the database `{path}` is damaged: {reason}", "restore it from a copy, as `scn backup --help` says; `scn doctor` checks a file"
    )


class Connection:
    """An open database. Reading needs no transaction; every change stands in `transaction()`."""

    def __init__(self, path: str, *, create: bool = True) -> None:
        """Open `path` (`PASSING` for a database that is gone with the process), migrate it if it is of an older release.

        Raises DatabaseError with a sentence for every way this can fail.
        """
        self.path = path
        self.older: int | None = None
        """The format it had until it was opened here, where that was an older one."""
        self._durable = False
        if path not in {PASSING, ":memory:"} and not create and not Path(path).exists():
            raise DatabaseError(f"there is no database at `{path}`", "run `scn ingest` or `scn run --tick` first, or give `--database`")
        self._open()

    def _open(self) -> None:
        with self._sentences():
            self.sqlite = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, cached_statements=PREPARED)
            try:
                self._prepare()
            except UnicodeDecodeError as problem:  # SQLite quotes what it cannot read
                self.sqlite.close()
                raise damaged(self.path, str(problem)) from problem
            except BaseException:
                self.sqlite.close()
                raise

    @contextmanager
    def closed(self) -> Iterator[None]:
        """Not open for a while: a process must not be copied with a database open.

        Raises DatabaseError when it cannot be opened again, or is another file by then.
        """
        before = self._file()
        self.sqlite.close()
        self._durable = False
        try:
            yield
        finally:
            if self._file() != before:
                raise DatabaseError(f"the database `{self.path}` was replaced while it was in use", "run the same command again")
            self._open()

    def _file(self) -> tuple[int, int] | None:
        """Which file it is; None: there is none."""
        try:
            found = Path(self.path).stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Whatever is read sees one moment. Nothing may be written."""
        with self._sentences():
            self.sqlite.execute("BEGIN")
            try:
                yield
            finally:
                self.sqlite.execute("ROLLBACK")

    def _prepare(self) -> None:
        """Whatever is refused is refused before anything is written."""
        self.sqlite.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT}")
        found = self.sqlite.execute("PRAGMA user_version").fetchone()[0]
        if schema.is_foreign(self.sqlite):
            raise DatabaseError(
                f"the database `{self.path}` belongs to another program; nothing in it was changed",
                "give scn a file of its own: `database` in scn.toml, or `--database`",
            )
        if found > schema.VERSION:
            raise DatabaseError(
                f"the database `{self.path}` was written by a newer scn (format {found}, this one knows {schema.VERSION})",
                "update scn on this machine",
            )
        self.sqlite.execute(f"PRAGMA cache_size = -{CACHE}")
        # What nobody goes on with needs no log on the disk.
        self.sqlite.execute(f"PRAGMA journal_mode = {'WAL' if self.outlives else 'MEMORY'}")
        self.sqlite.execute("PRAGMA synchronous = NORMAL")
        if found < schema.VERSION:
            schema.migrate(self.sqlite)
            self.older = found or None

    @property
    def outlives(self) -> bool:
        """Whether what is written here is there when the process has ended."""
        return self.path not in {PASSING, ":memory:"}

    def close(self) -> None:
        """Close the file."""
        self.sqlite.close()

    @contextmanager
    def _sentences(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as problem:
            raise explain(problem, self.path) from problem

    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        return self.sqlite.in_transaction

    @contextmanager
    def transaction(self, *, durable: bool = False) -> Iterator[None]:
        """All or nothing; inside another one: part of it. Raises DatabaseError; then nothing of it happened."""
        if self.in_transaction():
            yield
            return
        with self._sentences():
            if durable is not self._durable:
                self.sqlite.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
                self._durable = durable
            self.sqlite.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.sqlite.execute("COMMIT")
            finally:
                # Still open: the block or the commit failed.
                if self.in_transaction():
                    self.sqlite.execute("ROLLBACK")

    def rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[Any]:
        """All rows of a query."""
        try:
            return self.sqlite.execute(statement, parameters).fetchall()
        except sqlite3.Error as problem:
            raise explain(problem, self.path) from problem

    def row(self, statement: str, parameters: Sequence[Any] = ()) -> Any:
        """The first row of a query, or None."""
        try:
            return self.sqlite.execute(statement, parameters).fetchone()
        except sqlite3.Error as problem:
            raise explain(problem, self.path) from problem

    def value(self, statement: str, parameters: Sequence[Any] = ()) -> Any:
        """The first column of the first row, or None."""
        row = self.row(statement, parameters)
        return row[0] if row else None

    def rows_in(self, statement: str, values: Sequence[Any], before: Sequence[Any] = (), after: Sequence[Any] = ()) -> Iterator[Any]:
        """The rows of a query with `IN (?)`, asked in as many pieces as the number of values needs."""
        for part in chunks(values):
            # A few lengths only, each prepared once: what is too many says the last value again.
            length = min(1 << (len(part) - 1).bit_length(), PARAMETERS)
            places, more = f"({','.join('?' * length)})", [part[-1]] * (length - len(part))
            yield from self.rows(statement.replace("(?)", places, 1), [*before, *part, *more, *after])

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> int:
        """Change something; how many rows."""
        try:
            return self.sqlite.execute(statement, parameters).rowcount
        except sqlite3.Error as problem:
            raise explain(problem, self.path) from problem

    def executemany(self, statement: str, rows: Iterable[Sequence[Any]]) -> int:
        """The same change for many rows; how many there are. For none, nothing is asked of the database."""
        try:
            found = rows if isinstance(rows, list) else list(rows)
            return self.sqlite.executemany(statement, found).rowcount if found else 0
        except sqlite3.Error as problem:
            raise explain(problem, self.path) from problem

    def insert(self, statement: str, rows: Sequence[Sequence[Any]]) -> int:
        """`INSERT OR FAIL … VALUES (?)` for new rows of one width, several with each statement; how many were written.

        `OR FAIL`, for it is the transaction that takes everything back: to undo one statement alone, SQLite copies every page that it
        touches into a file.
        """
        if not rows:
            return 0
        width = len(rows[0])
        one = f"({','.join('?' * width)})"
        whole, written = min(TOGETHER, PARAMETERS // width), 0
        full = len(rows) - len(rows) % whole
        try:
            if full:
                several = statement.replace("(?)", ",".join([one] * whole), 1)
                together = [list(chain.from_iterable(rows[start : start + whole])) for start in range(0, full, whole)]
                written += self.sqlite.executemany(several, together).rowcount
            if full < len(rows):
                written += self.sqlite.executemany(statement.replace("(?)", one, 1), rows[full:]).rowcount
        except sqlite3.Error as problem:
            raise explain(problem, self.path) from problem
        return written

    def backup(self, path: str) -> None:
        """Copy the whole database while others use it, and look whether the copy is sound. Raises DatabaseError."""
        try:
            copy = sqlite3.connect(path, isolation_level=None)
            try:
                self.sqlite.backup(copy)
                # A file of its own, with no log beside it that could be forgotten when it is copied on.
                copy.execute("PRAGMA journal_mode = DELETE")
                broken = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
            finally:
                copy.close()
        except sqlite3.Error as problem:
            raise explain(problem, path if "malformed" not in str(problem) else self.path) from problem
        if broken != "ok":
            raise damaged(self.path, str(broken))

    def integrity(self) -> list[str]:
        """What SQLite finds wrong with the file; empty: nothing. Raises DatabaseError for what it cannot even read."""
        found = [str(row[0]) for row in self.rows("PRAGMA integrity_check(20)") if row[0] != "ok"]
        if not found:
            with self._sentences():
                for (table,) in self.rows("SELECT name FROM sqlite_master WHERE type = 'table'"):
                    # The check does not look into texts.
                    for _ in self.sqlite.execute(f'SELECT * FROM "{table}"'):
                        pass
        return found

    def next_id(self, table: str) -> int:
        """The first free id of a table; ids are never used again within one writer's turn."""
        return int(self.value(f"SELECT coalesce(max(id), 0) + 1 FROM {table}"))
