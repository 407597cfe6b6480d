"""Which events the steps of a scenario cause, and which scenarios those start."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from types import MappingProxyType

from dsl import nodes
from dsl.catalog import ResolvedEvent
from dsl.forms import Form
from dsl.meaning.flow import State
from dsl.meaning.logic import truth
from dsl.meaning.moves import Moved
from dsl.meaning.reading import Reading
from dsl.vocabulary import Vocabulary


class Effect(metaclass=Form):
    """A step that makes a fact, and what must be true for a journey to come to it."""

    reading: Reading
    step: nodes.Step
    state: State
    keys: tuple[str, ...]
    """Keys of the events it may cause."""
    name: str = ""
    """The field, status, template, balance, segment, list or pool it is about."""
    value: nodes.Value | None = None
    """What is written, where it is a constant."""

    @property
    def field(self) -> tuple[str, ...]:
        """The field a `set` writes; empty for other steps."""
        return self.step.field.path if isinstance(self.step, nodes.Set) else ()


def effects(reading: Reading, moves: Sequence[Moved] = (), tiers: Mapping[str, str | None] = MappingProxyType({})) -> Iterator[Effect]:
    """Every step of a scenario that may start scenarios. moves: the segments that follow from what is written; tiers: of the others."""
    for place in reading.places:
        if place.reached and isinstance(place.node, nodes.Step):
            step = place.node
            value = step.value.value if isinstance(step, nodes.Set) and isinstance(step.value, nodes.Literal) else None
            keys, name = _caused(step)
            if keys:
                yield Effect(reading, step, place.state, keys, name, value)
            for segment, moved in _segments(step, moves, tiers):
                yield Effect(reading, step, place.state, moved, segment, value)


def _segments(step: nodes.Step, moves: Sequence[Moved], tiers: Mapping[str, str | None]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The segments that a step may move the customer into or out of, beside the one it names."""
    if isinstance(step, nodes.AddTo) and step.kind == "segment" and tiers.get(step.name.text):
        tier = tiers[step.name.text]
        yield from ((other, ("segment.left",)) for other, its in tiers.items() if its == tier and other != step.name.text)
    for moved in moves:
        if keys := moved.by(step):
            yield moved.name, keys


_STATUS = ("order.status", "line.status", "product.bought")


def _caused(step: nodes.Step) -> tuple[tuple[str, ...], str]:
    match step:
        case nodes.Set(field=field) if field.path[0] == "order":
            return ("order.changed", *(_STATUS if field.path[1:] == ("status",) else ())), field.path[-1]
        case nodes.Set(field=field) if field.path[0] == "customer":
            contact = {"email": ("email.changed",), "phone": ("phone.changed",)}.get(field.path[-1], ("customer.field",))
            return ("customer.changed", *contact), field.path[-1]
        case nodes.Award(account=account):
            return ("balance.changed", "balance.available", "balance.negative"), account.text
        case nodes.Deduct(account=account):
            return ("balance.changed", "balance.negative"), account.text
        case nodes.AddTo(kind="segment", name=name):
            return ("segment.entered",), name.text
        case nodes.RemoveFrom(kind="segment", name=name):
            return ("segment.left",), name.text
        case nodes.AddTo(kind="list", name=name):
            return ("list.added", "list.changed"), name.text
        case nodes.RemoveFrom(name=name):
            return ("list.removed",), name.text
        case nodes.IssuePromo(pool=pool):
            return ("promo.issued",), pool.text
        case nodes.Send(template=template, to=None):
            return ("message.formed", "message.sent", "message.delivered"), template.text
        case _:
            return (), ""


def starts(effect: Effect, target: Reading, vocabulary: Vocabulary) -> ResolvedEvent | None:
    """The trigger of `target` that an effect fires; None: none, or its `where` refuses what was written."""
    for clause, event in target.triggers:
        if isinstance(clause, nodes.On) and event.kind.key in effect.keys and _fits(effect, event, vocabulary):
            known = written(effect)
            if clause.where is None or truth(clause.where, known) is not False:
                return event
    return None


def written(effect: Effect) -> tuple[nodes.Expression, ...]:
    """What is true after a `set` of a constant."""
    if isinstance(effect.step, nodes.Set) and isinstance(effect.step.value, nodes.Literal):
        return (nodes.Compare("=", effect.step.field, effect.step.value), nodes.Is(effect.step.field, "set"))
    return ()


def _fits(effect: Effect, event: ResolvedEvent, vocabulary: Vocabulary) -> bool:
    match event.kind.key:
        case "order.status" | "line.status":
            if not isinstance(effect.value, str):
                return effect.value is None
            if event.category:
                return vocabulary.status_category(effect.value) == event.category
            return effect.value in event.to
        case "product.bought":
            return effect.value is None or (isinstance(effect.value, str) and vocabulary.status_category(effect.value) == "delivered")
        case "customer.field":
            return effect.name in event.fields
        case "list.added" | "list.changed":
            return event.list_name in (None, effect.name)
        case _:
            return not event.names or effect.name in event.names
