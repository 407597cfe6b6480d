"""Segments that follow from what steps write: which step may move a customer into one, or out of it."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping

from dsl import nodes
from dsl.forms import Form
from dsl.meaning.logic import truth
from dsl.project import Project
from dsl.walk import walk

ENTERED, LEFT = "segment.entered", "segment.left"

#: What a condition looks at, and what a step writes: `("customer", "level")`, `("balance", "bonus")`.
Word = tuple[str, str]


class Moved(metaclass=Form):
    """A `segment … where`."""

    name: str
    parts: tuple[tuple[nodes.Expression, bool, frozenset[Word]], ...]
    """The questions its condition is put together from, whether each must be true, and what each looks at."""

    def by(self, step: nodes.Step) -> tuple[str, ...]:
        """The events that a step may cause here; empty: it writes nothing that this segment looks at."""
        words, true, false = _written(step)
        ways: set[str] = set()
        for question, wanted, looked_at in self.parts:
            if looked_at & words:
                found = truth(question, true, false)
                ways |= {ENTERED, LEFT} if found is None else {ENTERED if found is wanted else LEFT}
        return tuple(sorted(ways))


def moves(project: Project) -> list[Moved]:
    """Every segment of a project that is recalculated."""
    parts = {name: [*_parts(placed.node.where, wanted=True)] for name, placed in project.segments.items()}
    own = {name: {id(question): frozenset(_words(question)) for question, _ in found} for name, found in parts.items()}
    all_words: dict[str, frozenset[Word]] = {name: frozenset().union(*words.values()) for name, words in own.items()}
    return [
        Moved(name, tuple((question, wanted, _with_asked(own[name][id(question)], all_words)) for question, wanted in found))
        for name, found in parts.items()
    ]


def _with_asked(words: frozenset[Word], of_segments: Mapping[str, frozenset[Word]]) -> frozenset[Word]:
    """With what the segments look at that it asks for, and those they ask for."""
    found = set(words)
    waiting = [*words]
    while waiting:
        kind, name = waiting.pop()
        if kind == "segment":
            more = of_segments.get(name, frozenset()) - found
            found |= more
            waiting += more
    return frozenset(found)


def _parts(condition: nodes.Expression, *, wanted: bool) -> Iterator[tuple[nodes.Expression, bool]]:
    match condition:
        case nodes.And(parts=parts) | nodes.Or(parts=parts):
            for part in parts:
                yield from _parts(part, wanted=wanted)
        case nodes.Not(operand=operand):
            yield from _parts(operand, wanted=not wanted)
        case _:
            yield condition, wanted


def _words(condition: nodes.Expression) -> Iterator[Word]:
    for node in walk(condition):
        match node:
            case nodes.Field(path=("customer" | "order" as entity, *_, field)):
                yield entity, field
            case nodes.BalanceOf(account=account):
                yield "balance", account.text
            case nodes.InSegment(name=name):
                yield "segment", name.text
            case nodes.InList(name=name):
                yield "list", name.text
            case nodes.Selection(noun=noun) if noun.text in {"order", "orders", "line", "lines"}:
                # Cancelled orders do not count.
                yield "order", "status"
            case nodes.Selection(noun=noun) if noun.text in {"item", "items"}:
                yield "list", ""
            case nodes.Selection(noun=noun) if noun.text in {"change", "changes"}:
                yield "balance", ""


def _written(step: nodes.Step) -> tuple[frozenset[Word], tuple[nodes.Expression, ...], tuple[nodes.Expression, ...]]:
    """What a step writes, what is true after it, and what is false."""
    match step:
        case nodes.Set(field=nodes.Field(path=("customer" | "order" as entity, *_, name)) as field, value=value):
            # An order of a history question is any of his; only the field of the customer is this one.
            known = isinstance(value, nodes.Literal) and entity == "customer"
            true = (nodes.Compare("=", field, value), nodes.Is(field, "set")) if known else ()
            return frozenset({(entity, name)}), true, ()
        case nodes.Award(account=account) | nodes.Deduct(account=account):
            return frozenset({("balance", account.text), ("balance", "")}), (), ()
        case nodes.AddTo(kind="segment", name=name):
            return frozenset({("segment", name.text)}), (nodes.InSegment(name),), ()
        case nodes.RemoveFrom(kind="segment", name=name):
            return frozenset({("segment", name.text)}), (), (nodes.InSegment(name),)
        case nodes.AddTo(name=name) | nodes.RemoveFrom(name=name):
            return frozenset({("list", name.text), ("list", "")}), (), ()
        case _:
            return frozenset(), (), ()
