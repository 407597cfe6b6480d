"""A letter that goes by another consent than the scenario asks for.

## Why

A letter goes by the topic of its template (`topic` in its `meta.toml`); without one, by the consent to the whole channel.
If the scenario asks for another topic, question and letter disagree: a customer who subscribed to `"offers"` alone passes
`subscribed email to "offers"`, and then a letter without a topic is skipped (`no_consent`).
Who left that topic, and would have got the letter, is stopped by the question.
So give the template the topic (`topic = "offers"` in its `meta.toml`), or ask for what the letter goes by.

## Avoid

```scn
on customer registered
  if subscribed email to "offers"
  send welcome
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
from dsl.diagnostic import Diagnostic
from dsl.diagnostic import Label
from dsl.diagnostic import Severity
from dsl.diagnostic import warning
from dsl.meaning.reading import SendPlace
from dsl.meaning.reading import readings
from dsl.project import Project
from dsl.sends import consents

SEVERITY = Severity.WARNING


def check(project: Project) -> Iterator[Diagnostic]:
    """Marketing sends before which every question for consent to their channels names a topic that is not the template's."""
    defined = project.vocabulary.topics
    for reading in readings(project):
        if reading.transactional:
            continue
        for send in reading.sends:
            if send.template is None or not send.marketing or not send.place.reached:
                continue
            asked = _asked(send)
            own = send.template.topic
            topics = {question.topic.text if question.topic else None for question in asked}
            # A topic that nobody defined is a slip, and told as such.
            slip = defined and not (topics | {own} - {None}).issubset(defined)
            if not topics or topics & {None, own} or slip:
                continue
            template, question = send.node.template.text, asked[0]
            channel, other = question.channel.text, question.topic.text if question.topic else ""
            has, needed = (f'the topic "{own}"', f'subscribed {channel} to "{own}"') if own else ("no topic", f"subscribed {channel}")
            message = f'`{template}` has {has}, so it needs `{needed}`; asked is `subscribed {channel} to "{other}"`'
            hint = f'write `topic = "{other}"` into templates/{template}/meta.toml, or ask `if {needed}`'
            label = Label(reading.source, question.span, "asked here")
            yield warning("consent-to-another-topic", reading.source, send.node.template.span, message, hint, labels=(label,))


def _asked(send: SendPlace) -> list[nodes.Subscribed]:
    """The questions about channels of this send that were answered with yes since the last wait."""
    channels = frozenset(send.known_channels)
    each = [consents(condition) for condition in send.place.state.true]
    return [question for questions in each if all(one.channel.text in channels for one in questions) for question in questions]
