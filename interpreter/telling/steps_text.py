"""A step of a kept version as a person knows it: its line of the text, and where that stands today."""

from __future__ import annotations

from dsl import nodes
from dsl.parser import parse
from dsl.project import Placed
from dsl.project import Project
from dsl.source import Source
from interpreter.phases.launch import canonical
from interpreter.project.project_folder import Folder
from interpreter.rules import Rules
from interpreter.store.sqlite import Store
from interpreter.trace import Place


def step_places(store: Store, folder: Folder, project: Project) -> dict[tuple[int, int], Place]:
    """(version, step number) -> the step as it is written, for every kept version; with its file where that text is today's."""
    rules = Rules(project, timezone=folder.config.timezone)
    today = {canonical(placed.node): placed for placed in project.scenarios.values()}
    found: dict[tuple[int, int], Place] = {}
    for version, (_, _, text) in store.scenarios.versions().items():
        placed = today.get(text) or _kept(text)
        if placed is None:
            continue
        for step in rules.compile(placed).steps:
            start = placed.source.position(step.span.start)
            shown = " ".join(placed.source.text[step.span.start : step.span.end].split("{")[0].split())
            where = f"{placed.source.path}:{start.line}:{start.column}" if text in today else "an earlier text"
            found[version, step.number] = Place(where, shown)
    return found


def _kept(text: str) -> Placed[nodes.Scenario] | None:
    source = Source("an earlier text", text)
    return next((Placed(source, node) for node in parse(source).file.statements if isinstance(node, nodes.Scenario)), None)
