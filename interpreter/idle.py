"""The tick that finds nothing to do, which is nearly every tick under cron: recognised before anything heavy is imported.

It answers only where it is sure; everything else is left to `commands/run.py`, which says the same and more.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from interpreter.store.schema import VERSION

#: Options it knows; any other one is for the full command.
_PLAIN = frozenset({"--tick", "--silent"})

#: Folders that hold no scenarios of the project; `project_folder.py` skips the same ones.
SKIPPED = frozenset({"node_modules", "__pycache__", "venv"})


def signature(root: str) -> str:
    """What tells whether the project's files are those of the last tick: names, sizes, times.

    Of scenarios, templates, `scn.toml` and `offers/`; and of scn itself: another release may make something else of the same files.
    """
    parts = [str(os.stat(__file__).st_mtime_ns)]  # noqa: PTH116 - pathlib would cost more than the look itself
    for place, folders, files in os.walk(root):
        if place != root and "scn.toml" in files:
            folders.clear()
            continue
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in SKIPPED and name != "outbox")
        inside = os.path.relpath(place, root)
        templates = f"{inside}/".startswith(("templates/", "offers/"))
        for name in sorted(files):
            if not name.startswith(".") and (name.endswith(".scn") or name == "scn.toml" or templates):
                try:
                    found = os.stat(f"{place}/{name}")  # noqa: PTH116 - as above
                except OSError:  # gone in this moment, or a link to nowhere: whoever reads it finds the words
                    continue
                parts.append(f"{inside}/{name} {found.st_size} {found.st_mtime_ns}")
    return "\n".join(parts)


def try_idle(arguments: Sequence[str]) -> bool:
    """Whether this was `scn run --tick` in a project where nothing is due, and is done with that."""
    if not arguments or arguments[0] != "run" or "--tick" not in arguments or not _PLAIN.issuperset(arguments[1:]):
        return False
    root = _root()
    if root is None:
        return False
    path = _database(root)
    if path is None:
        return False
    from interpreter import clock
    from interpreter.store.glance import is_idle
    from interpreter.store.lock import TickRunningError
    from interpreter.store.lock import tick_lock

    if not os.path.exists(path):  # noqa: PTH110 - as above
        return False
    try:
        with tick_lock(path):
            idle = is_idle(path, VERSION, signature(root), clock.now())
    except (TickRunningError, OSError):
        return False
    if idle and "--silent" not in arguments:
        print("nothing to do")  # noqa: T201 - click is not there
    return idle


def _root() -> str | None:
    """The nearest folder with a `scn.toml`, from here upwards."""
    here = os.getcwd()  # noqa: PTH109 - as above
    while not os.path.isfile(f"{here}/scn.toml"):  # noqa: PTH113 - as above
        above = os.path.dirname(here)  # noqa: PTH120 - as above
        if above == here:
            return None
        here = above
    return here


def _database(root: str) -> str | None:
    """The SQLite file, where `scn.toml` names none or writes it as `scn init` does; None: not as simple as that."""
    name = "scn.db"
    with open(f"{root}/scn.toml", encoding="utf-8", errors="replace") as file:  # noqa: PTH123 - pathlib would cost more than the look itself
        for line in file:
            key, _, value = (part.strip() for part in line.partition("#")[0].partition("="))
            if "database" not in f"{key}{value}":
                continue
            if key != "database" or not (value.startswith('"sqlite:') and value.endswith('"')):
                return None
            name = value.removeprefix('"sqlite:').removesuffix('"')
    return None if not name or name.startswith("/") or "\\" in name else f"{root}/{name}"
