"""One tick at a time: a lock of the operating system beside the database, gone with the process that holds it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager


class TickRunningError(Exception):
    """Another tick is at work on this database."""


@contextmanager
def tick_lock(database: str) -> Iterator[None]:
    """Hold the right to run ticks on a database file. Raises TickRunningError when somebody else has it."""
    if database == ":memory:":
        yield
        return
    import fcntl

    path = database + "-tick"
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as problem:
        raise _unusable("write", path, problem) from problem
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as problem:
            raise TickRunningError from problem
        except OSError as problem:
            # Some network file systems know no locks: to call that another tick would be to do nothing for ever, in silence.
            raise _unusable("lock", path, problem) from problem
        yield
    finally:
        os.close(handle)


def _unusable(what: str, path: str, problem: OSError) -> Exception:
    import errno

    from interpreter.store.connection import DatabaseError

    if isinstance(problem, FileNotFoundError | NotADirectoryError):
        hint = "make the folder first, or name another `database` in scn.toml"
    elif problem.errno in (errno.ENOSPC, errno.EDQUOT):
        hint = "make room, then run the same command again; nothing was lost"
    else:
        hint = "run scn as the user who owns the database" if what == "write" else "keep the database on a disk of this machine"
    return DatabaseError(f"cannot {what} `{path}`: {(problem.strerror or str(problem)).lower()}", hint)
