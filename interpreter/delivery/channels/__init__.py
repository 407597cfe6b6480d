"""The ways out. One file each: `interpreter/delivery/channels/KIND.py` with a function `make(config, folder) -> Channel`."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Protocol
from typing import cast
from typing import runtime_checkable

from interpreter.config import ChannelConfig
from interpreter.delivery.message import Outgoing
from interpreter.delivery.message import Receipt
from interpreter.errors import NotYetError
from interpreter.errors import UserError

KINDS = ("file", "console", "smtp", "http")
LATER = ("apprise", "webpush")


class Channel(Protocol):
    """A way to reach customers. It knows no clock and decides nothing: it hands over one message and says what came of it."""

    idempotent: bool
    """The same key twice is one message: a message may be offered again when its fate is unknown."""

    def open(self) -> None:
        """Gets ready for a batch. Raises UserError: something in scn.toml or the environment keeps it from working."""

    def deliver(self, outgoing: Outgoing) -> Receipt:
        """Hands over one message. Never raises for what happens on the way."""

    def settle(self) -> None:
        """Makes lasting what was accepted since the last call, before the receipts are written down. Raises OSError."""

    def close(self) -> None:
        """Lets go of connections; `open` may follow."""


@runtime_checkable
class Announced(Protocol):
    """A channel that can do something for the next message while it waits for the answer to this one."""

    def announce(self, outgoing: Outgoing) -> None:
        """It is offered next, unless the batch ends before."""


def make(config: ChannelConfig, folder: Path) -> Channel:
    """The channel that a table `[channels.NAME]` asks for, not yet open; `folder` is the project's.

    Raises UserError: there is no such kind.
    """
    if config.kind in LATER:
        raise NotYetError(f"the channel kind `{config.kind}`")
    if config.kind not in KINDS:
        from dsl.spelling import closest

        near = closest(config.kind, KINDS)
        hint = f"did you mean `{near}`?" if near else f"there are {', '.join(f'`{kind}`' for kind in KINDS)}"
        raise UserError(f"there is no channel kind `{config.kind}`", hint)
    module = importlib.import_module(f"interpreter.delivery.channels.{config.kind}")
    return cast("Channel", module.make(config, folder))
