"""A template that is not in the folder `templates/`.

## Why

The journey would end with an error at night, when its letter is due.

## Avoid

```scn
on customer registered
  if subscribed email
  send welcom
  limit 1 per customer
```

## Prefer

```scn
on customer registered
  if subscribed email
  send welcome
  limit 1 per customer
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dsl import nodes
from dsl.catalog import MESSAGE_VERBS
from dsl.checks._words import event_names
from dsl.checks._words import names_of
from dsl.checks._words import unknown
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Severity
from dsl.meaning.reading import everywhere
from dsl.project import Project
from dsl.source import Source

SEVERITY = Severity.ERROR


def check(project: Project) -> Iterator[Diagnostic]:
    """Templates of sends, of message events, of questions about messages, and of tests."""
    templates = project.surroundings.templates
    if templates is None:
        return
    for source, name in _written(project):
        if name.text not in templates:
            way_out = f"make a folder `templates/{name.text}`"
            yield unknown("unknown-template", source, name, "template", tuple(templates), way_out=way_out)
    for source, selection in everywhere(project, nodes.Selection):
        template = selection.name
        if selection.noun.text in ("message", "messages") and template and template.text not in templates:
            # One word after `message` is its template unless it is a verb: a slip of a verb lands here too.
            known = tuple(templates) if selection.verb else (*templates, *MESSAGE_VERBS)
            yield unknown("unknown-template", source, template, "template", known)


def _written(project: Project) -> Iterator[tuple[Source, nodes.Name]]:
    yield from names_of(project, (nodes.Send, "template"))
    sent = {name.text for _, name in names_of(project, (nodes.Send, "template"))}
    # What a scenario sends is told there, and not once more in each of its tests.
    expected = names_of(project, (nodes.ExpectSend, "template"), (nodes.ExpectSkip, "template"))
    yield from ((source, name) for source, name in expected if name.text not in sent)
    yield from event_names(project, *(f"message.{verb}" for verb in MESSAGE_VERBS))
