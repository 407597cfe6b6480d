"""What parses and is checked, but is not executed by this release: named one by one, so that nothing is silently ignored."""

from __future__ import annotations

from dsl import nodes
from dsl.catalog import LIMIT_KEYS
from dsl.catalog import ResolvedEvent
from dsl.catalog import noun
from dsl.catalog import resolve
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import error
from dsl.project import Project
from dsl.walk import walk

#: Entities that facts of this release can fill.
_ENTITIES = frozenset({"customer", "order", "line", "action", "message", "this", "now"})

_STEPS: dict[type[nodes.Node], str] = {
    nodes.IssuePromo: "issue promo",
    nodes.Award: "award",
    nodes.Deduct: "deduct",
    nodes.AddTo: "add to",
    nodes.RemoveFrom: "remove from",
    nodes.InList: "in list",
    nodes.InSegment: "in segment",
    nodes.BalanceOf: "balance",
}


def unavailable(project: Project) -> list[Diagnostic]:
    """Everything in the scenarios and segments whose execution comes with a later version. Paused scenarios may ask for anything."""
    found: list[Diagnostic] = []
    for placed in project.scenarios.values():
        if any(isinstance(clause, nodes.Paused) for clause in placed.node.clauses):
            continue
        for node in walk(placed.node):
            what = _asks_for(node)
            if what:
                found.append(_later(placed.source, node, what))
    for segment in project.segments.values():
        found.append(_later(segment.source, segment.node, f"segment {segment.node.name.text}"))
    return found


def _later(source: object, node: nodes.Node, what: str) -> Diagnostic:
    return error("later", source, node.span, f"`{what}` comes with a later version of scn")  # type: ignore[arg-type]


def _asks_for(node: nodes.Node) -> str:
    """The words that cannot be executed yet; empty: nothing."""
    match node:
        case nodes.Event():
            event = resolve(node)
            return "" if not isinstance(event, ResolvedEvent) or event.kind.available else event.kind.spelling
        case nodes.Every(segment=nodes.Name(text=name)):
            return f"for segment {name}"
        case nodes.Selection():
            known = noun(node.noun.text)
            return "" if known is None or known.available else node.noun.text
        case nodes.Field(path=(first, _, *_)) if first not in _ENTITIES:
            return node.text
        case nodes.Field(path=("line" | "this", *rest)) if "product" in rest[:-1]:
            return node.text
        case nodes.Limit() if LIMIT_KEYS.get(node.key.text) not in {None, "", "order"}:
            return f"limit per {node.key.text}"
        case _:
            return _STEPS.get(type(node), "")
