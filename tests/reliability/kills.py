"""Tells the story of `story.py`, makes one of its processes fail at a place, lets a fresh one go on, and compares."""

from __future__ import annotations

import os
import re
import signal
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from interpreter.project import loading
from interpreter.project.project_folder import open_folder
from tests.reliability.families import wrong_codes
from tests.reliability.story import Story
from tests.reliability.world import KILLED
from tests.reliability.world import KINDS
from tests.reliability.world import Point
from tests.reliability.world import Variant
from tests.reliability.world import World

#: A run says 1 when journeys failed, such as for want of codes; whoever goes on behind them says 0.
ENDED = frozenset({0, 1})


class Baseline:
    """The story without a kill: the world before each line, what each line has of places, and the end."""

    def __init__(self, root: Path, variant: Variant, story: Story) -> None:
        self.variant = variant
        self.story = story
        self.root = root
        world = World.new(root / "told", variant, story)
        loading.one(open_folder(world.shop)).findings()  # what is remembered of it is forked with the process
        self.before: list[World] = []
        self.tallies: list[dict[str, int]] = []
        self.states: list[dict[str, list[Any]]] = []
        self.logs: list[list[str]] = []
        for number, action in enumerate(story.actions):
            world.prepare(action)
            self.before.append(world.copy(root / f"before-{number}"))
            code = world.do(action, measure=True)
            assert code in ENDED, (action.line, code, world.said())
            self.tallies.append(world.tally())
            self.states.append(world.state())
            self.logs.append(world.delivered())
            assert wrong_codes(self.states[-1]) == ""
        assert "Traceback" not in world.said()
        self.end = world

    def points(self, *kinds: str) -> list[tuple[int, Point]]:
        """Every place of every line where these kinds of things can happen."""
        found = []
        for number, tally in enumerate(self.tallies):
            for kind in kinds or KINDS:
                found += [(number, Point(kind, place)) for place in range(1, tally.get(Point(kind, 1).counted_as, 0) + 1)]
        return found

    def check(self, number: int, *points: Point) -> None:
        """Line `number` fails at the first point, each process that goes on at the next one; compare what comes out in the end."""
        world = self.before[number].copy(self.root / "work")
        flying: set[str] = set()
        for point in points:
            code = world.do(self.story.actions[number], point)
            assert code == KILLED or (code in {*ENDED, 2} and _is_a_sentence(world.said())), world.said()
            flying |= world.in_flight()
            self._holds(world)
            if code in ENDED:
                break
        self._ends_well(world, number, flying)

    def check_moment(self, number: int, seconds: float) -> None:
        """The same, killed after so many seconds of it."""
        world = self.before[number].copy(self.root / "work")
        process = world.begin(self.story.actions[number])
        time.sleep(seconds)
        os.kill(process, signal.SIGKILL)
        world.wait(process)
        self._holds(world)
        self._ends_well(world, number, world.in_flight())

    def _holds(self, world: World) -> None:
        """What must be so whenever nobody is at work, however the last one ended."""
        if world.look("SELECT 1 FROM sqlite_master WHERE name = 'belonging'"):
            wrong = wrong_codes({name: world.look(f"SELECT * FROM {name}") for name in ("belonging", "inbox", "fact")})
            assert wrong == "", wrong

    def _ends_well(self, world: World, number: int, flying: set[str]) -> None:
        action = self.story.actions[number]
        code = world.do(action)
        if action.line.startswith("forget") and code == 2:
            assert "there is no customer `bob`" in world.said()
        elif action.line.startswith("backup") and code == 2:
            assert "exists already" in world.said()
        else:
            assert code in ENDED, world.said()
        if not (action.line.startswith("run") and self._has_unsure(world)):
            differs = difference(_without_times(world.state(), flying), _without_times(self.states[number], flying))
            assert differs == "", differs
        else:
            self._goes_on(world, number + 1)
        self._compare(world, flying, number)

    def _has_unsure(self, world: World) -> bool:
        return bool(world.look("SELECT 1 FROM message WHERE state = 'unsure'"))

    def _goes_on(self, world: World, number: int) -> None:
        """To the end, for what follows from a message that is unsure."""
        for action in self.story.actions[number:]:
            world.prepare(action)
            assert world.do(action) in ENDED, world.said()

    def _compare(self, world: World, flying: set[str], number: int) -> None:
        assert "Traceback" not in world.said(), world.said()
        assert "bug in scn" not in world.said(), world.said()
        rows = world.look("SELECT journey || '-' || version || '-' || step, state, channel FROM message WHERE channel IS NOT NULL")
        states = {f"{channel.replace(' ', '_')}:{key}": state for key, state, channel in rows}
        unsure = {key for key, state in states.items() if state == "unsure"}
        once = {key for key in states if key.startswith("email") and not self.variant.takes_keys}
        expected = {key for key in states if key.partition(":")[2] in flying} & once
        assert unsure == expected, f"unsure {unsure}, in flight {expected}"
        log = Counter(world.delivered())
        sent = {key for key, state in states.items() if state == "sent"}
        assert sent <= log.keys() <= sent | unsure | {key for key, state in states.items() if state == "failed"}
        for key, count in log.items():
            assert count == 1 or (key not in once and key.partition(":")[2] in flying), f"{key} was sent {count} times"
        if unsure:
            ends = [_without(_without_times(state, flying), unsure) for state in (world.state(), self.states[-1])]
            differs = difference(*ends)
            assert differs == "", differs
        else:
            assert set(log) == set(self.logs[number])
        copy = world.shop / "copy.db"
        if copy.exists():
            assert difference(world.state("copy.db"), self.end.state("copy.db")) == "" or unsure


def _key(row: Sequence[Any]) -> str:
    """Of a row of `message`."""
    journey, version, step = row[3:6]
    return f"{journey}-{version}-{step}"


def _without(state: dict[str, list[Any]], keys: set[str]) -> dict[str, list[Any]]:
    """What became of some messages left out."""
    ids = {key.partition(":")[2] for key in keys}
    found = dict(state)
    found["message"] = [row for row in state["message"] if _key(row) not in ids]
    return found


def _without_times(state: dict[str, list[Any]], keys: set[str]) -> dict[str, list[Any]]:
    """When these were sent left out: a kill may have cost the attempt that would have been refused."""
    return state | {"message": [row[:-1] if _key(row) in keys else row for row in state["message"]]}


def difference(found: dict[str, list[Any]], expected: dict[str, list[Any]]) -> str:
    lines = [f"table {name}" for name in found.keys() ^ expected.keys()]
    for name in found.keys() & expected.keys():
        for mark, rows in (("-", set(map(repr, expected[name])) - set(map(repr, found[name]))),):
            lines += [f"{mark} {name} {row}" for row in sorted(rows)[:5]]
        lines += [f"+ {name} {row}" for row in sorted(set(map(repr, found[name])) - set(map(repr, expected[name])))[:5]]
        if len(found[name]) != len(expected[name]):
            lines.append(f"  {name}: {len(found[name])} rows, not {len(expected[name])}")
    return "\n".join(lines)


def _is_a_sentence(said: str) -> bool:
    """Whether the last thing that was said is what people can do something with."""
    return re.search(r"^scn: the (database|disk) ", said, re.MULTILINE) is not None or "scn: " not in said
