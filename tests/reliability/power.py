"""What a disk still has after a power cut: what was synced, and of what was written since then nobody knows which part."""

from __future__ import annotations

import shutil
from pathlib import Path
from random import Random

from tests.reliability.disk import Call

SECTOR = 512


class Power:
    """Follows the database and its log; what other files lose is not the database's concern."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        """Where the files are put as they are after the cut."""
        self._synced: dict[str, bytes | None] = {}
        """None: nobody waited until the disk knew of the file."""
        self._since: dict[str, list[Call]] = {}

    def see(self, call: Call) -> None:
        """One call, before it happens."""
        path = Path(call.path)
        if not path.name.startswith("scn.db"):
            return
        if call.path not in self._synced:
            there = path.exists() and path.stat().st_size > 0
            self._synced[call.path] = path.read_bytes() if there else None
            self._since[call.path] = []
        if call.kind == "sync":
            self._synced[call.path] = path.read_bytes()
            self._since[call.path].clear()
        else:
            self._since[call.path].append(call)

    def cut(self, random: Random) -> None:
        """Write the files as they may be found afterwards."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir()
        for path in Path.cwd().glob("scn.db*"):
            if str(path) not in self._synced and not path.name.endswith("-shm"):
                shutil.copy(path, self._folder / path.name)
        for name, synced in self._synced.items():
            found = self._found(name, synced, random)
            if found is not None:
                (self._folder / Path(name).name).write_bytes(found)

    def _found(self, name: str, synced: bytes | None, random: Random) -> bytes | None:
        """One file. Writes since the last sync may have reached the disk or not, in any order, each by whole sectors."""
        since = self._since[name]
        if synced is None and (not since or random.random() < 0.3):
            return None
        content = bytearray(synced or b"")
        share = random.choice((0.0, 0.5, 0.9, 1.0))
        for call in since:
            if random.random() >= share:
                continue
            match call.kind:
                case "write":
                    size = len(call.data) if random.random() < 0.7 else random.randrange(len(call.data)) // SECTOR * SECTOR
                    content.extend(bytes(max(0, call.offset + size - len(content))))
                    content[call.offset : call.offset + size] = call.data[:size]
                case "truncate":
                    del content[call.offset :]
                case _:
                    return None
        return bytes(content)
