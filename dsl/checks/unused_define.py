"""A word that is defined and never used.

## Why

Either it is left over, or the scenario that should use it is misspelt or missing.

## Avoid

```scn
define balance "bonus"

on customer registered
  if subscribed email
  send welcome
  limit 1 per customer
```

## Prefer

```scn
define balance "bonus"

on customer registered
  if balance "bonus" > 0
  if subscribed email
  send welcome
  limit 1 per customer
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dsl import nodes
from dsl.catalog import CHANNELS
from dsl.checks._words import slip_of
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Severity
from dsl.diagnostic import warning
from dsl.meaning.reading import everywhere
from dsl.project import Placed
from dsl.project import Project

SEVERITY = Severity.WARNING


#: The statuses of a shop are a list of what can be; nobody must use them all. Fields also say how facts are read.
_LISTED = ("list", "segment", "topic", "action", "balance")
#: These words also stand in facts, which nobody sees here: where one of a kind is used, the others may well come in.
_IN_FACTS = frozenset({"list", "topic", "action", "balance"})


def check(project: Project) -> Iterator[Diagnostic]:
    """Words of `define`, other than statuses and fields, that no scenario, segment, test or template names."""
    if project.surroundings.templates is None:
        # A lone file: who uses its words is not known.
        return
    used = _used(project)
    # A word that is right in another place is no slip of this one.
    strange = used - {*project.vocabulary.statuses, *project.scenarios, *CHANNELS}
    alive = {kind for placed in project.defines for kind, name in _defined(placed) if name.text in used} & _IN_FACTS
    for placed in project.defines:
        for kind, name in _defined(placed):
            if name.text not in used and kind not in alive and not slip_of(name.text, strange):
                message = f"the {kind} `{name.text}` is never used"
                yield warning("unused-define", placed.source, name.span, message, "use it, or take it out")


def _defined(placed: Placed[nodes.Statement]) -> Iterator[tuple[str, nodes.Name]]:
    match placed.node:
        case nodes.Define(kind=kind, names=names) if kind in _LISTED:
            yield from ((kind, name) for name in names)
        case nodes.DefinePromo(pool=name):
            yield "promo pool", name
        case nodes.DefineProducts(name=name):
            yield "product segment", name


def _used(project: Project) -> set[str]:
    """Every name and every text outside `define`; by which kind it is meant does not matter here."""
    defined = {id(name) for placed in project.defines for _kind, name in _defined(placed)}
    found = {name.text for _source, name in everywhere(project, nodes.Name) if id(name) not in defined}
    for _source, literal in everywhere(project, nodes.Literal):
        if isinstance(literal.value, str):
            found.add(literal.value)
    for _source, line in everywhere(project, nodes.FactLine):
        _collect(line.data, found)
    templates = project.surroundings.templates or {}
    for template in templates.values():
        found.update([template.topic] if template.topic else [])
        # `products.novelties` in a text
        found.update(part for uses in template.uses.values() for used, _place in uses for part in used.split("."))
        found.update(use.offer.segment for uses in template.offers.values() for use in uses if use.offer.segment)
    return found


def _collect(data: nodes.Data, found: set[str]) -> None:
    match data:
        case str():
            found.add(data)
        case list():
            for part in data:
                _collect(part, found)
        case dict():
            for part in data.values():
                _collect(part, found)
