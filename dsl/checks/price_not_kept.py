"""A trigger on prices in a list that keeps no prices.

## Why

A price drops or rises against the one at which the customer put the product into the list. A list defined `without price` keeps none, so
the event never comes, and nobody ever gets the letter.

## Avoid

```scn
define list "wishlist" without price

on product.price drops 10% in list "wishlist"
  if subscribed email
  send sale by email
  limit 1 per customer within 7d
```

## Prefer

```scn
define list "wishlist"

on product.price drops 10% in list "wishlist"
  if subscribed email
  send sale by email
  limit 1 per customer within 7d
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dsl import nodes
from dsl.catalog import ResolvedEvent
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Label
from dsl.diagnostic import Severity
from dsl.diagnostic import warning
from dsl.meaning.reading import readings
from dsl.project import Project

SEVERITY = Severity.WARNING

_PRICES = frozenset({"list.price_drops", "list.price_rises"})


def check(project: Project) -> Iterator[Diagnostic]:
    """Events of prices in such a list, wherever a scenario waits for one."""
    for reading in readings(project):
        for node, event in reading.events:
            if isinstance(event, ResolvedEvent) and event.kind.key in _PRICES and _keeps_none(event.list_name, project):
                message = f"this never happens: the list `{event.list_name}` is defined without price, and there is nothing to compare with"
                hint = "take `without price` out of the definition, or wait for `in views`"
                yield warning("price-not-kept", reading.source, node.span, message, hint, labels=_defined(event.list_name, project))


def _keeps_none(name: str | None, project: Project) -> bool:
    return name is not None and project.vocabulary.lists.get(name) is False


def _defined(name: str | None, project: Project) -> tuple[Label, ...]:
    for placed in project.defines:
        if isinstance(placed.node, nodes.Define) and placed.node.kind == "list":
            for word in placed.node.names:
                if word.text == name:
                    return (Label(placed.source, word.span, "defined here"),)
    return ()
