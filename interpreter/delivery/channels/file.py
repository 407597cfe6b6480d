"""`kind = "file"`, the default: every message becomes a file in `outbox/`, to look at or for another program to take."""

from __future__ import annotations

import hashlib
import json
import os
import re
from pathlib import Path

from interpreter.config import ChannelConfig
from interpreter.delivery.message import Accepted
from interpreter.delivery.message import Outgoing
from interpreter.delivery.message import Receipt
from interpreter.delivery.message import Refused
from interpreter.delivery.message import TryLater
from interpreter.delivery.mime import AddressError
from interpreter.delivery.mime import SenderError
from interpreter.delivery.mime import letter
from interpreter.errors import UserError

_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")


#: Who letters in a folder are from where nobody says it: the default project sends at once.
NOBODY = "scn <scn@localhost>"


def make(config: ChannelConfig, folder: Path) -> FileChannel:
    """The channel of a `[channels.NAME]`; `folder = "outbox"` is meant from the project's folder."""
    return FileChannel(folder / config.settings.text("folder", "outbox"), config.sender or NOBODY)


class FileChannel:
    """Letters as `.eml`, messages of other channels as `.json`. The same key twice is one file with the same bytes."""

    idempotent = True

    def __init__(self, folder: Path, sender: str = "") -> None:
        self.folder = folder
        self.sender = sender
        self._written: list[Path] = []

    def open(self) -> None:
        """Makes the folder. Raises UserError: it cannot be made."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise UserError(f"cannot make the folder `{self.folder}`: {(problem.strerror or str(problem)).lower()}") from problem

    def deliver(self, outgoing: Outgoing) -> Receipt:
        """Writes the whole file or none: under another name first, then renamed."""
        try:
            ending, data = self._content(outgoing)
        except AddressError as problem:
            return Refused(str(problem), hard_bounce=True)
        except SenderError as problem:
            return TryLater(str(problem))
        path = self.folder / (file_name(outgoing.key) + ending)
        unfinished = path.with_name(f".{path.name}")
        try:
            unfinished.write_bytes(data)
            unfinished.replace(path)
        except OSError as problem:
            return TryLater(f"cannot write `{path.name}`: {(problem.strerror or str(problem)).lower()}")
        self._written.append(path)
        return Accepted(path.name)

    def settle(self) -> None:
        """Waits until the disk has the files, and the folder their names."""
        if not self._written:
            return
        for path in (*self._written, self.folder):
            handle = os.open(path, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
        self._written.clear()

    def close(self) -> None:
        """Nothing is held open."""

    def _content(self, outgoing: Outgoing) -> tuple[str, bytes]:
        if outgoing.channel == "email" or outgoing.html is not None:
            return ".eml", letter(outgoing, self.sender)
        given = {
            "channel": outgoing.channel,
            "to": outgoing.to,
            "from": outgoing.from_ or self.sender or None,
            "text": outgoing.text,
            "payload": outgoing.payload,
            "key": outgoing.key,
        }
        return ".json", (json.dumps(given, ensure_ascii=False, indent=2) + "\n").encode()


def file_name(key: str) -> str:
    """A name made of the key: itself where it can stand in any file system, else a part of it and its hash."""
    if _SAFE.fullmatch(key):
        return key
    return f"{re.sub(r'[^A-Za-z0-9]+', '-', key).strip('-')[:40]}-{hashlib.sha256(key.encode()).hexdigest()[:16]}".lstrip("-")
