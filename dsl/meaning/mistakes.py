"""What is wrong with expressions, collected, and how types are called in messages."""

from __future__ import annotations

from collections.abc import Collection

import attrs

from dsl import nodes
from dsl.catalog import Type
from dsl.catalog import written_list
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Fix
from dsl.diagnostic import error
from dsl.forms import Record
from dsl.meaning.scopes import Scope
from dsl.spelling import closest
from dsl.spelling import question

#: How a type is called in a message.
CALLED = {
    Type.TEXT: "text",
    Type.NUMBER: "a number",
    Type.DATE: "a date",
    Type.MOMENT: "a moment",
    Type.DURATION: "a duration",
    Type.TIME: "a time of day",
    Type.PERCENT: "a percentage",
    Type.BOOLEAN: "true or false",
    Type.COLLECTION: "a collection",
    Type.ENTITY: "a whole",
    Type.ANY: "anything",
}


class Kind(Record):
    """The type of a value, and which entity it is or holds."""

    type: Type
    of: str = ""

    @property
    def called(self) -> str:
        """In a message: `a number`, `the order as a whole`."""
        return f"the {self.of} as a whole" if self.type is Type.ENTITY else CALLED[self.type]


@attrs.define(slots=True)
class Mistakes:
    """Collects what is wrong with expressions."""

    found: list[Diagnostic] = attrs.field(factory=list)

    def add(self, check: str, place: tuple[Scope, nodes.Node], message: str, hint: str = "", fix: Fix | None = None) -> None:
        """One more finding."""
        scope, node = place
        self.found.append(error(check, scope.source, node.span, message, hint, fix=fix))

    def unknown(self, place: tuple[Scope, nodes.Node], message: str, word: str, known: Collection[str], written: str = "{}") -> None:
        """A word of a condition outside a closed list. written: how the right word stands at the place."""
        near = closest(word, known)
        hint = question(word, near) if near else f"expected {written_list(known)}"
        fix = Fix(f"write `{near}`", place[1].span, written.format(near)) if near else None
        self.add("unknown-word", place, message, hint, fix)
