"""`kind = "console"`: messages are shown, not sent."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TextIO

from interpreter.config import ChannelConfig
from interpreter.delivery.message import Accepted
from interpreter.delivery.message import Outgoing
from interpreter.delivery.message import Receipt


def make(config: ChannelConfig, _folder: Path) -> ConsoleChannel:
    """The channel of a `[channels.NAME]`."""
    return ConsoleChannel(config.sender)


class ConsoleChannel:
    """Writes to stderr: stdout carries the result of the command."""

    idempotent = False

    def __init__(self, sender: str = "", stream: TextIO | None = None) -> None:
        self.sender = sender
        self._stream = stream

    def open(self) -> None:
        """Nothing to get ready."""

    def deliver(self, outgoing: Outgoing) -> Receipt:
        """Shows who gets what."""
        body = json.dumps(outgoing.payload, ensure_ascii=False) if outgoing.payload is not None else outgoing.text or ""
        lines = [
            f"{outgoing.channel} {outgoing.template} to {outgoing.to} from {outgoing.from_ or self.sender or 'nobody'}",
            *([f"subject: {outgoing.subject}"] if outgoing.subject else []),
            *(f"  {line}" for line in body.strip().splitlines()),
        ]
        stream = self._stream or sys.stderr
        stream.write("\n".join(lines) + "\n")
        stream.flush()
        return Accepted()

    def settle(self) -> None:
        """Shown is shown."""

    def close(self) -> None:
        """Nothing is held open."""
