"""What a condition may read at its place: the entities the trigger provides, the candidate of a filter, the codes issued so far."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping

from dsl import nodes
from dsl.catalog import ENTITIES
from dsl.catalog import EVENTS
from dsl.catalog import Noun
from dsl.catalog import ResolvedEvent
from dsl.catalog import resolve_trigger
from dsl.forms import Record
from dsl.forms import evolve
from dsl.forms import part
from dsl.source import Source
from dsl.vocabulary import Vocabulary


class Scope(Record):
    """The words that may start a field here, and what they mean."""

    source: Source
    """To quote the user's text."""
    vocabulary: Vocabulary
    roots: Mapping[str, str]
    """`order` -> the entity `order`; `gift` (of `issue promo … as gift`) -> `promo`"""
    lacking: Mapping[str, str] = part(factory=dict)
    """Entity -> the trigger that does not provide it, as written."""
    outer: Scope | None = None
    """Inside `( )` of a noun, and after `where` of `stop on`, `goal`, `wait up to`: the scope around it."""

    @property
    def journey(self) -> Scope | None:
        """What `this.` means; None outside filters."""
        scope = self.outer
        while scope and scope.outer:
            scope = scope.outer
        return scope

    def quote(self, node: nodes.Node) -> str:
        """The node as the user wrote it, on one line."""
        return " ".join(self.source.text[node.span.start : node.span.end].split())

    def inside(self, noun: Noun) -> Scope:
        """Within `( )` after a noun: the noun is the candidate, and so is its product."""
        roots = {**self.roots, noun.singular: noun.singular}
        product = ENTITIES[noun.singular].fields.get("product")
        if product:
            roots["product"] = product.of
        return evolve(self, roots=roots, outer=self)

    def at(self, event: ResolvedEvent | None) -> Scope:
        """After `where` of `stop on`, `goal`, `wait up to`: the event's own entities stand before the journey's."""
        contexts = event.kind.contexts if event else ENTITIES
        return evolve(self, roots={**self.roots, **{entity: entity for entity in contexts}}, outer=self)

    def issued(self, name: str) -> Scope:
        """After `issue promo`: its code can be used."""
        return evolve(self, roots={**self.roots, "promo": "promo", name: "promo"})


def customer_scope(source: Source, vocabulary: Vocabulary, who: str) -> Scope:
    """Only the customer is known: `every`, `segment`."""
    return Scope(source, vocabulary, {"customer": "customer"}, dict.fromkeys(ENTITIES, who))


def scenario_scope(source: Source, vocabulary: Vocabulary, triggers: Iterable[nodes.On | nodes.Every]) -> Scope:
    """What every one of the triggers provides. A trigger that is not understood provides everything: one mistake is enough."""
    roots = set(ENTITIES)
    lacking: dict[str, str] = {}
    for clause in triggers:
        event = resolve_trigger(clause)
        if isinstance(event, ResolvedEvent):
            written = "every" if isinstance(clause, nodes.Every) else f"on {written_event(source, clause.event)}"
            for entity in sorted(roots - set(event.kind.contexts)):
                lacking.setdefault(entity, written)
            roots &= set(event.kind.contexts)
    return Scope(source, vocabulary, {entity: entity for entity in sorted(roots)}, lacking)


def written_event(source: Source, event: nodes.Event) -> str:
    """An event as written, on one line."""
    return " ".join(source.text[event.span.start : event.span.end].split())


def providers(entity: str) -> list[str]:
    """How the events that provide an entity are spelled."""
    return [kind.spelling for kind in EVENTS.values() if entity in kind.contexts]
