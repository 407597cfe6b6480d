"""Going through a tree: every node below one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeVar

from dsl import nodes

T = TypeVar("T", bound=nodes.Node)

#: Of each class the fields that can hold nodes.
_NAMES: dict[type, tuple[str, ...]] = {}
#: Type names in `nodes.py` that stand for nodes without being one of its classes.
_ALIASES = {"Window"}


def children(node: nodes.Node) -> list[nodes.Node]:
    """The nodes directly below one, by the order of its fields."""
    kind = type(node)
    names = _NAMES.get(kind)
    if names is None:
        names = _NAMES[kind] = tuple(field.name for field in nodes.attributes(kind) if _may_hold_nodes(str(field.type)))
    found: list[nodes.Node] = []
    for name in names:
        value = getattr(node, name)
        if type(value) is tuple:
            for part in value:
                # The words of an event are tuples of names.
                found.extend(part if type(part) is tuple else (part,))
        elif value is not None:
            found.append(value)
    return found


def _may_hold_nodes(annotation: str) -> bool:
    """`tuple[Step, ...] | None` may, `str` and `Span` may not."""
    words = re.findall(r"\w+", annotation)
    return any(
        word in _ALIASES or (isinstance(known := getattr(nodes, word, None), type) and issubclass(known, nodes.Node)) for word in words
    )


def walk(node: nodes.Node) -> Iterator[nodes.Node]:
    """A node and everything below it, in the order written."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed(children(current)))


def find(node: nodes.Node, kind: type[T]) -> Iterator[T]:
    """Everything of one kind in a tree, the node itself included."""
    return (found for found in walk(node) if isinstance(found, kind))
