"""A throwaway PostgreSQL for those who need one: default settings, fsync on, a socket and no port; gone at the end."""

from __future__ import annotations

import atexit
import getpass
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import attrs

from bench.launch import BrokenError

#: Whom the server runs as where this is root: it refuses to be root itself.
USERS = ("postgres", "nobody")
#: The name of the database of a folder stands in a file there.
NAME = "database"


@attrs.define
class _Cluster:
    folder: Path
    owner: str
    made: int = 0


_running: list[_Cluster] = []


def missing() -> str:
    """Why there is none; empty: there is."""
    if _tool("initdb") is None:
        return "no PostgreSQL server found (initdb is neither on the PATH nor in /usr/lib/postgresql)"
    if os.geteuid() == 0 and (_owner() is None or shutil.which("setpriv") is None):
        return "PostgreSQL cannot run as root, and there is nobody else to run it as"
    return ""


def create(folder: Path, like: Path | None = None) -> None:
    """A database for a folder, empty or a copy of another folder's."""
    cluster = _cluster()
    cluster.made += 1
    name = f"bench{cluster.made}"
    template = f" TEMPLATE {(like / NAME).read_text().split('dbname=')[1]}" if like else ""
    _sql(cluster, f"CREATE DATABASE {name}{template}")
    (folder / NAME).write_text(f"host={cluster.folder} user={cluster.owner} dbname={name}")


def settle(folder: Path) -> None:
    """What a server does in quiet hours anyway: statistics and dead rows, everything on the disk."""
    cluster = _cluster()
    name = (folder / NAME).read_text().split("dbname=")[1]
    _sql(cluster, "VACUUM ANALYZE", name)
    _sql(cluster, "CHECKPOINT")


def drop(folder: Path) -> None:
    """The database of a folder goes."""
    if (folder / NAME).exists():
        _sql(_cluster(), f"DROP DATABASE {(folder / NAME).read_text().split('dbname=')[1]} WITH (FORCE)")


def version() -> str:
    """Of the server's programs."""
    found = _tool("postgres")
    return subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout.strip() if found else ""


def stop() -> None:
    """The server ends, its files go."""
    while _running:
        cluster = _running.pop()
        _call(cluster, "pg_ctl", "stop", "-D", f"{cluster.folder}/data", "-m", "immediate", "-w")
        shutil.rmtree(cluster.folder, ignore_errors=True)


def _cluster() -> _Cluster:
    if not _running:
        _running.append(_started())
        atexit.register(stop)
    return _running[0]


def _started() -> _Cluster:
    disk = Path("/var/tmp")  # noqa: S108 - a private folder is made in it
    folder = Path(tempfile.mkdtemp(prefix="scn-pg-", dir=disk if disk.is_dir() else None))
    owner = _owner() or getpass.getuser()
    if os.geteuid() == 0:
        shutil.chown(folder, owner)
    cluster = _Cluster(folder, owner)
    _call(cluster, "initdb", "-D", f"{folder}/data", "-U", owner, "--auth=trust", "--encoding=UTF8", "--no-locale")
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}'"
    _call(cluster, "pg_ctl", "start", "-D", f"{folder}/data", "-l", f"{folder}/log", "-w", "-o", options)
    return cluster


def _sql(cluster: _Cluster, statement: str, database: str = "postgres") -> None:
    _call(
        cluster,
        "psql",
        "-X",
        "-q",
        "-v",
        "ON_ERROR_STOP=1",
        "-h",
        str(cluster.folder),
        "-U",
        cluster.owner,
        "-d",
        database,
        "-c",
        statement,
    )


def _call(cluster: _Cluster, tool: str, *arguments: str) -> None:
    """Raises BrokenError."""
    found = _tool(tool)
    if found is None:
        raise BrokenError(f"`{tool}` of PostgreSQL not found")
    changed = ["setpriv", f"--reuid={cluster.owner}", "--regid", str(pwd.getpwnam(cluster.owner).pw_gid), "--clear-groups"]
    command = [*(changed if os.geteuid() == 0 else []), found, *arguments]
    # What pg_ctl starts holds its files open for ever: nothing may wait for their end.
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(command, cwd=cluster.folder, stdout=said, stderr=said, stdin=subprocess.DEVNULL, check=False)
        if done.returncode:
            said.seek(0)
            raise BrokenError(f"{tool}: {said.read().decode(errors='replace').strip()[-300:]}")


def _owner() -> str | None:
    if os.geteuid() != 0:
        return getpass.getuser()
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in USERS if name in known), None)


def _tool(name: str) -> str | None:
    """On the PATH, else where Debian keeps the newest."""
    found = shutil.which(name)
    if found:
        return found
    places = [path for path in Path("/usr/lib/postgresql").glob(f"*/bin/{name}") if path.parts[-3].isdigit()]
    places.sort(key=lambda path: int(path.parts[-3]))
    return str(places[-1]) if places else None
