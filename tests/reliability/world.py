"""A shop in forked processes: real command lines on a real folder, which can be made to fail at one place.

A process is cheap here: it is forked from one that has imported everything. What it runs is the real command line; only the clock, the
channels and SQLite's view of the disk are ours.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import re
import shutil
import signal
import sqlite3
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import attrs

from dsl.calendar import iso
from dsl.calendar import parse_moment
from interpreter import cli
from interpreter import clock
from interpreter.delivery import channels
from interpreter.delivery.message import Accepted
from interpreter.delivery.message import Outgoing
from interpreter.delivery.message import Receipt
from interpreter.delivery.message import TryLater
from interpreter.phases import ids
from interpreter.phases import passes
from interpreter.phases import posting
from interpreter.phases import reach
from interpreter.phases import recalculate
from tests.reliability import disk
from tests.reliability.power import Power
from tests.reliability.story import WEEK
from tests.reliability.story import Action
from tests.reliability.story import Story

ZONE = "Europe/Moscow"
#: The moment of every file of the project, so that a copy of the folder is the same project.
WRITTEN = 1_700_000_000
KILLED = -signal.SIGKILL

for _name in ("run", "ingest", "forget", "backup"):
    importlib.import_module(f"interpreter.commands.{_name}")
importlib.import_module("sqlite_utils.migrations")
importlib.import_module("croniter")


#: What can happen at the n-th place of a process. Before a statement, a call of a channel, a call of the disk: killed;
#: `torn`: killed with half of a write done; `power`: killed, and what was not synced is lost in part;
#: `full`: no byte fits on the disk from here on; `broken`: the disk fails once.
KINDS = ("statement", "channel", "disk", "torn", "power", "full", "broken")


@attrs.frozen
class Point:
    """Where it happens, counted from 1."""

    kind: str
    number: int

    @property
    def counted_as(self) -> str:
        """The kind of place."""
        return self.kind if self.kind in {"statement", "channel"} else "disk"


@attrs.frozen
class Variant:
    """What the channels can do."""

    name: str
    takes_keys: bool
    """Every channel takes idempotency keys; else only the call does, and `sms` asks for at_least_once."""


VARIANTS = (Variant("once", takes_keys=False), Variant("keys", takes_keys=True))


class World:
    """A folder: the project in `shop/`, and what reached the outside in `delivered.log`."""

    def __init__(self, root: Path, variant: Variant, story: Story = WEEK) -> None:
        self.root = root
        self.variant = variant
        self.story = story
        self.shop = root / "shop"
        self.provider: type[Provider] = Provider

    @classmethod
    def new(cls, root: Path, variant: Variant, story: Story = WEEK) -> World:
        """The story before its first line."""
        world = cls(root, variant, story)
        story.lay_out(world.shop, listener=variant.takes_keys)
        world._date()
        return world

    def copy(self, root: Path) -> World:
        """The same at another place."""
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(self.root, root)
        return World(root, self.variant, self.story)

    def _date(self) -> None:
        for path in self.shop.rglob("*"):
            if path.suffix in {".scn", ".toml", ".txt"}:
                os.utime(path, (WRITTEN, WRITTEN))

    # ------------------------------------------------------------------------------------------------------ processes

    def prepare(self, action: Action) -> None:
        """The files that are edited before it."""
        for name, text in action.files.items():
            (self.shop / name).write_text(text)
        if action.files:
            self._date()

    def do(self, action: Action, point: Point | None = None, *, measure: bool = False) -> int:
        """One process. Its exit code; KILLED when it died at the point. `measure`: count the places."""
        meter = Meter(point, self.root / "tally.json") if point or measure else None
        return self.fork(lambda: self._inside(action, meter), action.clock)

    def begin(self, action: Action) -> int:
        """One process that is not waited for: its number."""
        return self.start(lambda: self._inside(action, None), action.clock)

    def fork(self, run: Callable[[], int], shown: str = "2026-03-01T11:00") -> int:
        """One process that runs a function, to its end; `shown`: what its clock shows."""
        code = self.wait(self.start(run, shown))
        if code == KILLED:
            self._lose_power()
        return code

    def start(self, run: Callable[[], int], shown: str = "2026-03-01T11:00") -> int:
        """The same, without waiting for it: its number."""
        gc.freeze()  # else a collection in the child would copy the whole memory
        process = os.fork()
        if process == 0:
            code = 70
            try:
                answer = os.open(self.root / "answer.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
                os.dup2(answer, 1)
                os.dup2(answer, 2)
                sys.stdout = sys.stderr = os.fdopen(os.dup(1), "w", buffering=1)
                os.chdir(self.shop)
                now = parse_moment(shown, ZONE)
                clock.now = lambda: now
                clock.sleep = lambda seconds: None
                posting._boot = self.boot  # type: ignore[assignment]
                ids.token_hex = lambda _: "5a" * 16  # type: ignore[attr-defined, assignment, misc]
                if self.story.portion is not None:
                    reach.OWNERS = reach.PRODUCTS = passes.CHUNK = recalculate.CHUNK = self.story.portion
                channels.make = lambda config, _folder: self.provider(self, config.name)  # type: ignore[assignment]
                code = run()
            except BaseException as problem:  # noqa: BLE001 - told by the file
                os.write(1, f"Traceback: {problem!r}\n".encode())
            finally:
                os._exit(code)
        gc.unfreeze()
        return process

    def wait(self, process: int) -> int:
        """Its exit code."""
        return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])

    def _lose_power(self) -> None:
        """The files as the disk has them after a cut, if it was one."""
        cut = self.root / "cut"
        if cut.exists():
            for path in self.shop.glob("scn.db*"):
                path.unlink()
            for path in cut.iterdir():
                path.rename(self.shop / path.name)
            cut.rmdir()
            (self.root / "boot").write_text("second")

    def _inside(self, action: Action, meter: Meter | None) -> int:
        if meter:
            meter.install()
        line = action.line.split()
        kept = self.kept_now() if action.is_run else None
        if kept is not None and kept > parse_moment(line[3], ZONE):
            line[3] = iso(kept, ZONE)
        code = cli.main(line)
        if meter:
            meter.write()
        return code

    def kept_now(self) -> int | None:
        """The last tick's moment: where a killed run goes on."""
        if not (self.shop / "scn.db").exists():
            return None
        connection = sqlite3.connect(self.shop / "scn.db")
        try:
            row = connection.execute("SELECT value FROM meta WHERE name = 'now'").fetchone()
        except sqlite3.OperationalError:  # not even the tables
            return None
        finally:
            connection.close()
        return int(row[0]) if row else None

    # -------------------------------------------------------------------------------------------------------- looking

    def said(self) -> str:
        """Everything the processes printed."""
        path = self.root / "answer.txt"
        return path.read_text() if path.exists() else ""

    def delivered(self) -> list[str]:
        """The keys that reached the outside, in order."""
        path = self.root / "delivered.log"
        return path.read_text().split() if path.exists() else []

    def tally(self) -> dict[str, int]:
        """How many points of each kind the last process that ended had."""
        found: dict[str, int] = json.loads((self.root / "tally.json").read_text())
        return found

    def look(self, statement: str) -> list[Any]:
        """Rows of a copy of the database, so that looking recovers nothing."""
        copy = self.root / "look"
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir()
        for name in ("scn.db", "scn.db-wal", "scn.db-journal"):
            if (self.shop / name).exists():
                shutil.copy(self.shop / name, copy / name)
        connection = sqlite3.connect(copy / "scn.db")
        try:
            return connection.execute(statement).fetchall()
        except sqlite3.OperationalError:
            return []
        finally:
            connection.close()

    def in_flight(self) -> set[str]:
        """Keys of messages between intent and receipt.

        Not those of a batch whose turn had not come: that is known as long as the power is on.
        """
        kept = self.look("SELECT value FROM meta WHERE name = 'turn'")
        boot, _, turn = (kept[0][0] if kept else "").partition(" ")
        sending = self.look("SELECT id, journey || '-' || version || '-' || step FROM message WHERE state = 'sending'")
        return {key for number, key in sending if boot != self.boot() or turn == str(number)}

    def boot(self) -> str:
        """Changes when the power comes back."""
        path = self.root / "boot"
        return path.read_text() if path.exists() else "first"

    def state(self, file: str = "scn.db") -> dict[str, list[Any]]:
        """Every row of every table that means something, attempts aside: a kill costs one."""
        connection = sqlite3.connect(self.shop / file)
        try:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
            found: dict[str, list[Any]] = {}
            for name in names:
                if name.startswith(("_sqlite", "sqlite_")):
                    continue
                columns = [row[1] for row in connection.execute(f"PRAGMA table_info({name})") if row[1] != "attempts"]
                found[name] = sorted(connection.execute(f"SELECT {', '.join(columns)} FROM {name}"), key=repr)
            # A breaker that has seen no failure is as good as none; whose turn it was means nothing when all have been handed over.
            found["meta"] = [row for row in found["meta"] if row[0] not in {"channels", "turn"}]
            # What no file names is named by its process.
            found["fact"] = [
                tuple(re.sub(r"^ingest-\d+-\d+$", "ingest", str(cell)) if type(cell) is str else cell for cell in row)
                for row in found["fact"]
            ]
            found["format"] = connection.execute("PRAGMA user_version").fetchall()
            return found
        finally:
            connection.close()


class Provider:
    """The outside: every letter that reaches it is a line of a file, whatever becomes of the process that sent it."""

    reports: frozenset[str] = frozenset()

    def __init__(self, world: World, name: str) -> None:
        self.world = world
        self.idempotent = world.variant.takes_keys or name.startswith("call")
        self._log = world.root / "delivered.log"
        self.point: Callable[[], None] = lambda: Meter.now.count("channel") if Meter.now else None

    def open(self) -> None:
        """Always there."""

    def deliver(self, outgoing: Outgoing) -> Receipt:
        """Takes it; some texts not at once, where a kill may cost an attempt without anybody noticing it later."""
        self.point()
        if outgoing.template == "text" and outgoing.attempts == 0 and outgoing.at % 3600 == 0 and not self.world.variant.takes_keys:
            return TryLater("busy", recipient_only=True)
        handle = os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.write(handle, f"{outgoing.channel.replace(' ', '_')}:{outgoing.key}\n".encode())
        os.close(handle)
        self.point()
        return Accepted("id")

    def settle(self) -> None:
        """All of it lasts."""
        self.point()

    def close(self) -> None:
        """Nothing is open."""


class Meter:
    """Counts the places of this process, and kills it at one."""

    now: Meter | None = None

    def __init__(self, point: Point | None, tally: Path) -> None:
        self.point = point
        self.counted: Counter[str] = Counter()
        self._tally = tally
        self._power = Power(tally.with_name("cut"))

    def install(self) -> None:
        """Every database that is opened from now on is watched."""
        Meter.now = self
        connect = sqlite3.connect

        def watched(*arguments: Any, **named: Any) -> sqlite3.Connection:
            connection = connect(*arguments, **named)
            connection.set_trace_callback(lambda _: self.count("statement"))
            return connection

        sqlite3.connect = watched  # type: ignore[assignment]
        if self.point is None or self.point.counted_as == "disk":
            disk.install(self._called)

    def _called(self, call: disk.Call) -> int:
        point = self.point
        here = self.counted["disk"] + 1
        if point is None or point.counted_as != "disk" or here < point.number:
            self.counted["disk"] = here
            self._power.see(call)
            return 0
        match point.kind:
            case "full":
                return disk.FULL if call.kind == "write" else 0
            case "broken":
                self.counted["disk"] = here
                return disk.IO_ERROR if here == point.number and call.kind != "delete" else 0
            case "torn" if call.kind == "write":
                call.carry_out(call.data[: len(call.data) // 2])
            case "power":
                self._power.cut(Random(point.number))
        os.kill(os.getpid(), signal.SIGKILL)
        return 0

    def count(self, kind: str) -> None:
        """One more place; perhaps the last."""
        self.counted[kind] += 1
        if self.point == Point(kind, self.counted[kind]):
            os.kill(os.getpid(), signal.SIGKILL)

    def write(self) -> None:
        """What was counted, for the one who chooses the points."""
        self._tally.write_text(json.dumps(self.counted))
