"""Which scenarios run, since when, and under which text; what an edit means for those who wait (`engine.md` §2 and §6).

Called by a tick that finds other scenario files than the tick before it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from collections.abc import Sequence
from functools import cache
from functools import lru_cache
from functools import partial

import attrs

from dsl import calendar
from dsl import nodes
from dsl.forms import evolve
from interpreter.facts import Fact
from interpreter.phases.schedules import next_run
from interpreter.program import ActStep
from interpreter.program import BranchStep
from interpreter.program import EndStep
from interpreter.program import Operation
from interpreter.program import Scenario
from interpreter.program import SendStep
from interpreter.program import SplitStep
from interpreter.program import WaitEventStep
from interpreter.rules import Rules
from interpreter.store.scenarios import ScenarioRow
from interpreter.store.sqlite import Store

#: The single value that holds the files of the last tick, as `idle.signature` has them.
FILES = "files"

#: The single value that holds the texts of segments, by name.
_SEGMENTS = "segments"


@attrs.define(slots=True, eq=False)
class Running:
    """The scenarios as a tick finds them, by our own numbers."""

    rows: dict[int, ScenarioRow]
    intervals: dict[int, list[tuple[int, int | None]]]
    versions: dict[int, tuple[int, str, str]]
    """Version -> (scenario, hash, text)."""
    current: dict[int, Scenario]
    """Scenario -> its text of today; paused ones too, gone ones not."""
    rules: Rules
    _programs: dict[int, Scenario] = attrs.field(factory=dict, init=False)

    def received_while_running(self, scenario: int, received: int) -> bool:
        """Whether a fact came in while the scenario ran."""
        return any(since <= received and (until is None or received < until) for since, until in self.intervals.get(scenario, ()))

    def program(self, scenario: int, version: int) -> Scenario:
        """The text a journey goes by."""
        try:
            return self._programs[version]
        except KeyError:
            program = self._programs[version] = self._program(scenario, version)
            return program

    def _program(self, scenario: int, version: int) -> Scenario:
        row = self.rows[scenario]
        if version == row.version and scenario in self.current:
            return self.current[scenario]
        return _drawn(self.rules.compile_text(row.name, self.versions[version][2]), row)


@lru_cache(maxsize=4096)  # a run of tests launches the same texts again and again
def canonical(node: nodes.Scenario) -> str:
    """The text of a scenario without layout and comments: what its hash is made of."""
    from dsl.printer import print_statement

    return print_statement(nodes.changed(node, bare=False))


def sync(store: Store, rules: Rules, now: int) -> Running:
    """Compare the scenarios with what is remembered, and remember what changed. To be called within a transaction."""
    if rules.launched:
        return load(store, rules)
    # Until a tick has come to its end.
    store.scenarios.set(FILES, None)
    rows = {row.name: row for row in store.scenarios.all()}
    versions = store.scenarios.versions()
    for name, scenario in rules.scenarios.items():
        row = rows.get(name) or _renamed(store, scenario, rows)
        if row is None:
            row = store.scenarios.add(name)
        rows[name] = row
        _update(store, rules, row, scenario, versions, now)
    for row in rows.values():
        if row.name not in rules.scenarios and row.state != "gone":
            _set_state(store, row, "gone", now)
            store.scenarios.save(row)
    _review_segments(store, rules, now)
    return load(store, rules)


def _review_segments(store: Store, rules: Rules, now: int) -> None:
    """Of a segment that is new, or has another text, everybody is asked; of one that is gone nobody is a member."""
    known: dict[str, str] = json.loads(store.scenarios.get(_SEGMENTS) or "{}")
    present = {segment.name: segment.digest for segment in rules.segments}
    if known == present:
        return
    for name in known.keys() - present.keys():
        store.belongings.forget("segment", name)
    if any(known.get(name) != digest for name, digest in present.items()):
        store.facts.add([Fact(0, "segment.review", None, None, now, now, f"tick {now}", "scenario", {"after": 0})])
    store.scenarios.set(_SEGMENTS, json.dumps(present))


def load(store: Store, rules: Rules) -> Running:
    """The scenarios as they are remembered."""
    rows = {row.id: row for row in store.scenarios.all()}
    current = {row.id: _drawn(rules.scenarios[row.name], row) for row in rows.values() if row.name in rules.scenarios}
    versions = store.scenarios.versions()
    today = {rows[number].version for number in current}
    rules.hear_too(text for number, (_, _, text) in versions.items() if number not in today)
    return Running(rows, store.scenarios.intervals(), versions, current, rules)


def _drawn(scenario: Scenario, row: ScenarioRow) -> Scenario:
    """Draws go by the first name, so that nobody changes arms or joins the control group by a rename; what is listed by the last."""
    if (scenario.name, scenario.drawn_as) == (row.name, row.drawn_as):
        return scenario
    return evolve(scenario, name=row.name, drawn_as=row.drawn_as)


def _renamed(store: Store, scenario: Scenario, rows: dict[str, ScenarioRow]) -> ScenarioRow | None:
    """The row of the name it had before, taken over."""
    for name in scenario.formerly:
        if name in rows:
            row = rows.pop(name)
            store.scenarios.rename(row, scenario.name)
            return row
    return None


def _update(store: Store, rules: Rules, row: ScenarioRow, scenario: Scenario, versions: dict[int, tuple[int, str, str]], now: int) -> None:
    text = canonical(scenario.node)
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    edited = row.version == 0 or versions[row.version][1] != digest
    if edited:
        number = store.scenarios.add_version(row.id, digest, text, now)
        versions[number] = (row.id, digest, text)
        for old, places in store.journeys.standing(row.id).items():
            _carry(store, rules.compile_text(row.name, versions[old][2]), scenario, (old, number), places)
        _bind(store, row, scenario, number, rules.timezone)
        row.version = number
    state = "paused" if scenario.paused else "running"
    if row.state != state:
        _set_state(store, row, state, now)
    if not scenario.schedules:
        row.next_run = None
    elif row.next_run is None or (edited and row.next_run > now):  # one that is due is still to be made
        row.next_run = next_run(scenario, now, rules.timezone)
    store.scenarios.save(row)


def _set_state(store: Store, row: ScenarioRow, state: str, now: int) -> None:
    if state == "running":
        row.launched = now if row.launched is None else row.launched
        row.next_run = None
        store.scenarios.open_interval(row.id, now)
    elif row.state == "running":
        store.scenarios.close_interval(row.id, now)
        store.scenarios.set(row.place_of_pass, None)  # a pass that was cut short is over
    store.journeys.park(row.id, parked=state != "running")
    row.state = state


# -------------------------------------------------------------------------------------------- waiting over an edit


def _carry(store: Store, old: Scenario, new: Scenario, versions: tuple[int, int], standing: Sequence[tuple[int, tuple[str, ...]]]) -> None:
    """Move those who wait at a step that the new text still has; the others go on under the text they know."""
    places = align(old.steps, new.steps)
    old_version, new_version = versions
    if any(isinstance(at, SendStep) for at in old.steps[: max(step for step, _ in standing)]):
        did = cache(partial(done_before, old.steps))
        for senders in store.journeys.senders(old_version):
            store.journeys.move(
                [(number, (new_version, places[step], did(step, skip, sent))) for number, step, skip, sent in senders if step in places]
            )
    # Those who were sent nothing under this text.
    for step, skip in standing:
        if step in places:
            done = done_before(old.steps, step, skip)
            store.journeys.carry((old_version, step, skip), (new_version, places[step], done))


def _bind(store: Store, row: ScenarioRow, scenario: Scenario, version: int, zone: str) -> None:
    """New clauses hold for what was before them: goals for those who go on in the text, a limit for applications counted elsewhere."""
    if scenario.goals:
        lengths = [goal.within for goal in scenario.goals]
        reached = store.journeys.reached(version)
        store.journeys.set_goals((max(calendar.add_exact(at, length, zone) for length in lengths), number) for number, at in reached)
    if any(limit.key == "scenario" for limit in scenario.limits):
        store.journeys.count_for_scenario(row.id)


def align(old: Sequence[Operation], new: Sequence[Operation]) -> Mapping[int, int]:
    """Old step -> new step, by the longest common subsequence of identities; of several the one that keeps steps early."""
    lengths = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in range(len(old) - 1, -1, -1):
        for j in range(len(new) - 1, -1, -1):
            same = old[i].identity == new[j].identity
            lengths[i][j] = lengths[i + 1][j + 1] + 1 if same else max(lengths[i + 1][j], lengths[i][j + 1])
    places: dict[int, int] = {}
    i = j = 0
    while i < len(old) and j < len(new):
        if old[i].identity == new[j].identity:
            places[i] = j
            i, j = i + 1, j + 1
        elif lengths[i + 1][j] >= lengths[i][j + 1]:
            i += 1
        else:
            j += 1
    return places


def done_before(old: Sequence[Operation], step: int, skip: Sequence[str] = (), sent: Sequence[int] = ()) -> tuple[str, ...]:
    """What a journey at `step` did under a text, and `skip`, what it did under texts before: not to be done twice.

    Of sends their messages tell (`sent`: the steps that made them). Other acts leave none: each on a way to `step` counts as done.
    What lies ahead again is still to be done. Kept also while no text has it: a later one may bring it back.
    """
    done = {
        at.known_as
        for at in old[:step]
        if isinstance(at, ActStep) and (at.number in sent if isinstance(at, SendStep) else step in ahead(old, at.number))
    }
    again = {at.known_as for at in (old[number] for number in ahead(old, step)) if isinstance(at, ActStep)}
    return tuple(sorted((done - again).union(skip)))


def ahead(steps: Sequence[Operation], first: int) -> set[int]:
    """The steps that a journey may come to from one on, this among them."""
    found: set[int] = set()
    ways = [first]
    while ways:
        number = ways.pop()
        if number in found or number >= len(steps):
            continue
        found.add(number)
        match steps[number]:
            case SplitStep(arms=arms):
                ways += [arm for _, _, arm in arms]
            case BranchStep(next=one, otherwise=other) | WaitEventStep(next=one, otherwise=other):
                ways += [one, other]
            case EndStep():
                pass
            case at:
                ways.append(at.next)
    return found
