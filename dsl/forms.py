"""How a class becomes a form of the language: a fixed set of parts, frozen, with slots, made by position or by name.

As attrs makes it, but attrs writes and compiles the methods of every class at each start, and there are nearly a hundred: that took longer
than all that `scn validate` does for a small file. Here a class gets its constructor with its first instance. What is no node
of a text is a `Record`, which is compared by its parts (a place, a length of time, a finding, a step of a compiled scenario), or `Fixed`.
"""

from __future__ import annotations

from functools import partial
from operator import attrgetter
from typing import Any
from typing import TypeVar
from typing import dataclass_transform

_REQUIRED: Any = object()


class Part:
    """One part of a form."""

    __slots__ = ("default", "factory", "kw_only", "name", "type")

    def __init__(self, default: Any = _REQUIRED, factory: Any = None, *, kw_only: bool = False) -> None:
        self.name = ""
        self.type = ""
        """Its annotation, as it is written."""
        self.default = default
        self.factory = factory
        self.kw_only = kw_only

    def at(self, name: str, kind: str) -> Part:
        """The part with its place in a class."""
        self.name, self.type = name, kind
        return self


def part(*, default: Any = _REQUIRED, factory: Any = None, kw_only: bool = False) -> Any:
    """A part that is more than a name and a default: `factory` makes the default anew each time, `kw_only` is never given by position."""
    return Part(default, factory, kw_only=kw_only)


@dataclass_transform(frozen_default=True, eq_default=False, field_specifiers=(part,))
class Form(type):
    """The class of forms. Parts come in the order of the annotations, those of the form above first."""

    __parts__: tuple[Part, ...]
    __values__: Any
    """Gives what all parts of an instance hold."""

    def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> Form:
        """A form from the body of its class."""
        parts = {one.name: one for base in bases for one in getattr(base, "__parts__", ())}
        own = body.get("__annotations__", {})
        for word, kind in own.items():
            given = body.pop(word, _REQUIRED)
            parts[word] = (given if isinstance(given, Part) else Part(given)).at(word, kind)
        body["__slots__"] = tuple(own)
        body["__parts__"] = tuple(parts.values())
        body["__match_args__"] = tuple(one.name for one in parts.values() if not one.kw_only)
        body["__init__"] = _first
        body["__values__"] = attrgetter(*parts) if parts else None
        return super().__new__(cls, name, bases, body)


def _first(self: Any, *given: Any, **named: Any) -> None:
    kind: Any = type(self)
    kind.__init__ = _constructor(kind)
    kind.__init__(self, *given, **named)


def _constructor(kind: Form) -> Any:
    """`def __init__(self, text, quiet=(), *, span=NOWHERE)`: written out, since the tree of a text is made of many of these."""
    names: dict[str, Any] = {"required": _REQUIRED}
    by_position: list[str] = []
    by_name: list[str] = []
    lines = []
    for one in kind.__parts__:
        word = one.name
        names[f"set_{word}"] = getattr(kind, word).__set__
        value, text = word, word
        if one.factory is not None:
            names[f"make_{word}"] = one.factory
            text, value = f"{word}=required", f"make_{word}() if {word} is required else {word}"
        elif one.default is not _REQUIRED:
            names[f"default_{word}"] = one.default
            text = f"{word}=default_{word}"
        (by_name if one.kw_only else by_position).append(text)
        lines.append(f"    set_{word}(self, {value})")
    head = ", ".join(["self", *by_position, *(["*", *by_name] if by_name else [])])
    exec("\n".join([f"def __init__({head}):", *lines]), names)  # noqa: S102 - of our own names
    return names["__init__"]


class Fixed(metaclass=Form):
    """What is never changed, and equal to itself only."""

    def __setattr__(self, name: str, value: object) -> None:
        """Whoever wants another one makes it, with `evolve`."""
        raise AttributeError(f"`{name}` of a {type(self).__name__} cannot be changed")

    def __delattr__(self, name: str) -> None:
        """Nor is anything taken from it."""
        raise AttributeError(f"`{name}` of a {type(self).__name__} cannot be taken away")

    def __reduce__(self) -> tuple[Any, ...]:
        """As it is handed to another process."""
        return partial(type(self), **{one.name: getattr(self, one.name) for one in type(self).__parts__}), ()

    def __repr__(self) -> str:
        """The class and its parts, for tests and debugging."""
        parts = (f"{one.name}={getattr(self, one.name)!r}" for one in type(self).__parts__)
        return f"{type(self).__name__}({', '.join(parts)})"


class Record(Fixed):
    """A value: the same as any other with the same parts."""

    def __eq__(self, other: object) -> bool:
        """The same class with the same parts."""
        values = type(self).__values__
        return type(self) is type(other) and bool(values(self) == values(other))

    def __hash__(self) -> int:
        """As equality has it."""
        return hash((type(self), type(self).__values__(self)))


F = TypeVar("F", bound=Fixed)


def evolve(found: F, **parts: Any) -> F:
    """The same with other parts."""
    kind: Any = type(found)
    made: F = kind(**{one.name: getattr(found, one.name) for one in kind.__parts__} | parts)
    return made
