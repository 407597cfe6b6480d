"""Going through a tree: every node below one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import attrs

from dsl import nodes

T = TypeVar("T", bound=nodes.Node)

_NAMES: dict[type, tuple[str, ...]] = {}


def children(node: nodes.Node) -> Iterator[nodes.Node]:
    """The nodes directly below one, by the order of its fields."""
    kind = type(node)
    names = _NAMES.get(kind)
    if names is None:
        names = _NAMES[kind] = tuple(field.name for field in attrs.fields(kind) if field.name != "span")
    for name in names:
        value = getattr(node, name)
        if isinstance(value, nodes.Node):
            yield value
        elif type(value) is tuple:
            for part in value:
                if isinstance(part, nodes.Node):
                    yield part
                elif type(part) is tuple:
                    yield from (inner for inner in part if isinstance(inner, nodes.Node))


def walk(node: nodes.Node) -> Iterator[nodes.Node]:
    """A node and everything below it, in the order written."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed([*children(current)]))


def find(node: nodes.Node, kind: type[T]) -> Iterator[T]:
    """Everything of one kind in a tree, the node itself included."""
    return (found for found in walk(node) if isinstance(found, kind))
